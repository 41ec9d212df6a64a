import { IDL, update } from 'azle'
import { type ByteMap, openMap } from '@medguard/shared'

/** Less than a reply may have. */
const REPLY_BYTES = 1_500_000
const maps = new Map<number, ByteMap>()

/** In the place of another module: every row that it stored. */
export default class RowLister {
  /** Rows from the one on that has `from` before it, each `key length u16 || key || value length u32 || value`; empty behind the last. */
  @update([IDL.Nat8, IDL.Nat32], IDL.Vec(IDL.Nat8))
  list(memoryId: number, from: number): Uint8Array {
    const map = maps.get(memoryId) ?? openMap(memoryId)
    maps.set(memoryId, map)
    const parts: Uint8Array[] = []
    let size = 0
    for (let at = from; size < REPLY_BYTES; at++) {
      const [row] = map.items(at, 1)
      if (row === undefined) break
      const [key, value] = row
      const part = new Uint8Array(6 + key.length + value.length)
      const view = new DataView(part.buffer)
      view.setUint16(0, key.length)
      part.set(key, 2)
      view.setUint32(2 + key.length, value.length)
      part.set(value, 6 + key.length)
      if (parts.length > 0 && size + part.length > REPLY_BYTES) break
      parts.push(part)
      size += part.length
    }
    const all = new Uint8Array(size)
    let end = 0
    for (const part of parts) {
      all.set(part, end)
      end += part.length
    }
    return all
  }
}
