import { ByteWriter } from './byte-writer.ts'
import { ByteReader } from './byte-reader.ts'
import { SECTION } from './sections.ts'

const HEADER_BYTES = 8
const HAS_MAXIMUM = 1

/**
 * The same module with another maximum of its memory, so that growing beyond it is refused. A module without memory stays as it is.
 *
 * @param wasm a valid module with at most one memory, which it defines.
 * @param pages of 64 KiB; not below what the module begins with, or it no longer instantiates.
 */
export function withMemoryMaximum(wasm: Uint8Array, pages: number): Uint8Array<ArrayBuffer> {
  const reader = new ByteReader(wasm, HEADER_BYTES, wasm.length)
  const out = new ByteWriter(wasm.length + 16)
  out.copy(wasm, 0, HEADER_BYTES)
  while (!reader.atEnd) {
    const from = reader.position
    const id = reader.byte()
    const size = reader.u32()
    const content = reader.position
    reader.skip(size)
    if (id !== SECTION.memory || size === 0) {
      out.copy(wasm, from, reader.position)
      continue
    }
    const memory = new ByteReader(wasm, content, reader.position)
    const count = memory.u32()
    const flags = memory.byte()
    const minimum = memory.u32()
    const section = new ByteWriter(16)
    section.u32(count)
    section.byte(flags | HAS_MAXIMUM)
    section.u32(minimum)
    section.u32(pages)
    const bytes = section.finish()
    out.byte(id)
    out.u32(bytes.length)
    out.copy(bytes)
  }
  return out.finish()
}
