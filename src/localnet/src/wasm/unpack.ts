import { gunzipSync } from 'node:zlib'
import { InvalidModule } from '../contracts.ts'
import { MODULE_BYTES_MAX } from './limits.ts'

/**
 * The Wasm binary inside an upload, which is raw (`00 61 73 6d`) or gzip (`1f 8b 08`).
 * Unpacking stops at 100 MiB, so a small upload cannot fill the memory of the host.
 *
 * @throws InvalidModule for anything else, and for what is too large or damaged.
 */
export function unpackModule(uploaded: Uint8Array): Uint8Array {
  if (uploaded.length > MODULE_BYTES_MAX) throw tooLarge()
  if (startsWith(uploaded, [0x00, 0x61, 0x73, 0x6d])) return uploaded
  if (!startsWith(uploaded, [0x1f, 0x8b, 0x08])) {
    throw new InvalidModule('it starts neither as Wasm (00 61 73 6d) nor as gzip (1f 8b 08)')
  }
  let unpacked: Uint8Array
  try {
    unpacked = gunzipSync(uploaded, { maxOutputLength: MODULE_BYTES_MAX })
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge()
    throw new InvalidModule(`the gzip data is damaged: ${error instanceof Error ? error.message : 'unknown cause'}`)
  }
  if (!startsWith(unpacked, [0x00, 0x61, 0x73, 0x6d])) {
    throw new InvalidModule('the gzip data holds no Wasm (00 61 73 6d)')
  }
  return unpacked
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte)
}

function tooLarge(): InvalidModule {
  return new InvalidModule(`it is larger than ${MODULE_BYTES_MAX} bytes`)
}
