import { ByteReader, ByteWriter, equalBytes } from '@medguard/protocol'
import { assert, type Rows } from '@medguard/shared'
import type { VersionId } from './lists.ts'

/** Short lists of versions, one row for each person: `n × (recordId || version(4))`. */
export function createIdLists(rows: Rows) {
  return {
    of(principal: Uint8Array): VersionId[] {
      const reader = new ByteReader(rows.get(principal) ?? new Uint8Array())
      const ids: VersionId[] = []
      while (reader.offset < reader.bytes.length) ids.push({ recordId: reader.raw(16), version: reader.u32() })
      assert(reader.ok, 'a stored list of ids decodes')
      return ids
    },
    set(principal: Uint8Array, ids: readonly VersionId[]): void {
      const writer = new ByteWriter(20 * ids.length)
      for (const { recordId, version } of ids) writer.raw(recordId).u32(version)
      rows.set(principal, writer.done())
    },
    forget: (principal: Uint8Array): void => rows.delete(principal),
  }
}

export const isSameId = (a: VersionId, b: VersionId) => a.version === b.version && equalBytes(a.recordId, b.recordId)
