import { IDL, msgArgData, msgReply, update } from 'azle'
import { openMap, walkRows } from '@medguard/shared'

const Bytes = IDL.Vec(IDL.Nat8)
const NOTHING = new Uint8Array(IDL.encode([], []))
const rows = openMap(0)
let pages: ReturnType<typeof openMap> | undefined

/** A module of somebody's future: finds the rows that another module stored, and writes one of them as that one never would. */
export default class RowWriter {
  @update([Bytes, Bytes])
  write(key: Uint8Array, value: Uint8Array): void {
    rows.set(key, value)
  }

  /** Empty for a row that is not there. */
  @update([Bytes], Bytes)
  read(key: Uint8Array): Uint8Array {
    return rows.get(key) ?? new Uint8Array()
  }

  /** Many rows in one message, each `key length u8 || key || value length u16 || value`. */
  @update([], undefined, { manual: true })
  writeAll(): void {
    writeInto(rows)
  }

  /** The same into the map that records keeps its lists in, which is opened by the first of these. */
  @update([], undefined, { manual: true })
  writePages(): void {
    writeInto((pages ??= openMap(2)))
  }

  /** The sections that hold something: first bytes of keys, each once. */
  @update([], Bytes)
  sections(): Uint8Array {
    const found = new Set<number>()
    walkRows(rows, ([prefix = 0]) => {
      found.add(prefix)
      return 'kept'
    })
    return Uint8Array.from(found)
  }

  @update([Bytes])
  erase(key: Uint8Array): void {
    rows.delete(key)
  }
}

function writeInto(map: ReturnType<typeof openMap>): void {
  const bytes = msgArgData()
  for (let at = 0; at < bytes.length;) {
    const valueAt = at + 3 + (bytes[at] ?? 0)
    const end = valueAt + (bytes[valueAt - 2] ?? 0) * 256 + (bytes[valueAt - 1] ?? 0)
    map.set(bytes.subarray(at + 1, valueAt - 2), bytes.subarray(valueAt, end))
    at = end
  }
  msgReply(NOTHING)
}
