import { assert } from '../assert.ts'
import { runNative, scratch } from '../native.ts'
import { BLOCK_AT, DATA_AT, DATA_BYTES, OPERATION } from '../native-layout.ts'

/** SHA-512 of up to 64 KiB, by the native function of a spliced module; 64 fresh bytes. */
export function sha512(bytes: Uint8Array): Uint8Array {
  assert(bytes.length <= DATA_BYTES, 'a message that is hashed fits')
  scratch.set(bytes, DATA_AT)
  runNative(OPERATION.hash512, bytes.length)
  return scratch.slice(BLOCK_AT, BLOCK_AT + 64)
}
