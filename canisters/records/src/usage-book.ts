import { asIs, createRows, type Rows } from '@medguard/shared'
import { type Upload, USAGE, type Usage } from './codec.ts'

const NOTHING_USED: Usage = { versions: 0, sizeBytes: 0n }

export interface UsageRows {
  /** By patient id: versions that were ever stored, and the bytes of what is there and of what was announced. */
  readonly ofPatients: Rows
  /** By grant id. What is deleted counts on: else adding and deleting in turn would fill the vault, where it counts on too. */
  readonly underGrants: Rows
}

/** How much room is taken, in a vault and under a grant: an upload counts from its beginning, and no more once it was given up. */
export function createUsageBook(rows: UsageRows, isErased: (patientId: Uint8Array) => boolean) {
  const ofPatients = createRows(rows.ofPatients, { key: asIs, row: USAGE })
  const underGrants = createRows(rows.underGrants, { key: asIs, row: USAGE })
  const book = {
    of: (patientId: Uint8Array): Usage => ofPatients.get(patientId) ?? NOTHING_USED,
    under: (grantId: Uint8Array): Usage => underGrants.get(grantId) ?? NOTHING_USED,
    count(patientId: Uint8Array, more: Usage): void {
      if (isErased(patientId)) return // what others began there ends by itself
      const { versions, sizeBytes } = book.of(patientId)
      ofPatients.set(patientId, { versions: versions + more.versions, sizeBytes: sizeBytes + more.sizeBytes })
    },
    begin({ patientId, grantId, sizeBytes }: Upload): void {
      book.count(patientId, { versions: 0, sizeBytes })
      if (grantId === null || isErased(patientId)) return
      const used = book.under(grantId)
      underGrants.set(grantId, { versions: used.versions + 1, sizeBytes: used.sizeBytes + sizeBytes })
    },
    /** Of one that came whole. @param before what the vault had, of which this message knows that it is not erased. */
    addWhole: (patientId: Uint8Array, before: Usage, sizeBytes: bigint): void =>
      ofPatients.set(patientId, { versions: before.versions + 1, sizeBytes: before.sizeBytes + sizeBytes }),
    /** Of one that was given up. Those that had begun before grants were counted take nothing away. */
    giveUp({ patientId, grantId, sizeBytes }: Upload): void {
      book.count(patientId, { versions: 0, sizeBytes: -sizeBytes })
      const used = grantId === null ? undefined : underGrants.get(grantId)
      if (grantId === null || used === undefined || used.versions === 0 || used.sizeBytes < sizeBytes) return
      underGrants.set(grantId, { versions: used.versions - 1, sizeBytes: used.sizeBytes - sizeBytes })
    },
    forget: (patientId: Uint8Array): void => ofPatients.delete(patientId),
    forgetUnder: (grantId: Uint8Array): void => underGrants.delete(grantId),
  }
  return book
}
