import { IDL, update } from 'azle'
import { openMap } from '@medguard/shared'

const Bytes = IDL.Vec(IDL.Nat8)
const rows = openMap(0)

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

  @update([Bytes])
  erase(key: Uint8Array): void {
    rows.delete(key)
  }
}
