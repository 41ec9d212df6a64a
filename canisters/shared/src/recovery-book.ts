import { GUARDIANS_MAX, ID_BYTES } from '@medguard/protocol'
import { bytes, flag, list, nullable, principal, u64, u8 } from './collections/fields.ts'
import { asIs, createRows, rowOf } from './collections/rows.ts'
import { type Rows, section } from './maps.ts'
import { listOf, namedKey, PEOPLE_SECTION } from './people-book.ts'
import { type Approval, NO_SETTINGS, type Settings, type SettingsState, type Waiting } from './recovery-rules.ts'

const LAYOUT = 1
const CURRENT = 0
const COMING = 1
/** `atNs`: when what counts was laid down, or from when on what comes will count. */
const SETTINGS = listOf(
  rowOf(LAYOUT, {
    slot: u8,
    atNs: u64,
    threshold: u8,
    kit: nullable(principal),
    guardians: list(nullable(principal), GUARDIANS_MAX),
  }),
  1 + 1 + 8 + 1 + 31 + GUARDIANS_MAX * 31,
)
const WAITING = rowOf(LAYOUT, {
  newPrincipal: principal,
  startedNs: u64,
  readyNs: u64,
  byKit: flag,
  byGuardians: flag,
})
const APPROVALS = listOf<Approval>(
  rowOf(LAYOUT, { guardianId: bytes(ID_BYTES), guardian: principal, newPrincipal: principal, atNs: u64 }),
  1 + ID_BYTES + 30 + 30 + 8,
)

/** One canister's knowledge of how accounts can be brought back. Whoever helps finds the account by what they were told, and by nothing less. */
export function createRecoveryBook(rows: Rows) {
  const settings = createRows(section(rows, PEOPLE_SECTION.recoverySettings), { key: asIs, row: SETTINGS })
  const recoveries = section(rows, PEOPLE_SECTION.recoveries)
  const waiting = createRows(section(recoveries, 0), { key: asIs, row: WAITING })
  const approvals = createRows(section(recoveries, 1), { key: asIs, row: APPROVALS })
  const index = section(rows, PEOPLE_SECTION.recoveryIndex)
  const kits = section(index, 0)
  const guardians = section(index, 1)
  const candidates = section(index, 2)

  const book = {
    settings(patientId: Uint8Array): SettingsState {
      const stored = settings.get(patientId) ?? []
      const current = stored.find(({ slot }) => slot === CURRENT)
      const coming = stored.find(({ slot }) => slot === COMING)
      const plain = (entry: typeof current): Settings | null =>
        entry === undefined
          ? null
          : {
              kit: entry.kit,
              threshold: entry.threshold,
              guardians: entry.guardians.filter((each) => each !== null),
            }
      return stored.length === 0
        ? NO_SETTINGS
        : { current: plain(current), sinceNs: current?.atNs ?? 0n, coming: plain(coming), fromNs: coming?.atNs ?? 0n }
    },
    /** @param home the patient's principal, by which guardians find them. */
    setSettings(patientId: Uint8Array, home: Uint8Array, next: SettingsState): void {
      const before = book.settings(patientId)
      for (const each of [before.current, before.coming]) {
        if (each === null) continue
        if (each.kit !== null) kits.delete(each.kit)
        for (const guardian of each.guardians) guardians.delete(namedKey(home, guardian))
      }
      const entryOf = (slot: number, each: Settings | null, atNs: bigint) => {
        if (each === null) return []
        if (each.kit !== null) kits.set(each.kit, patientId)
        for (const guardian of each.guardians) guardians.set(namedKey(home, guardian), patientId)
        const padded = Array.from({ length: GUARDIANS_MAX }, (_, i) => each.guardians[i] ?? null)
        return [{ slot, atNs, threshold: each.threshold, kit: each.kit, guardians: padded }]
      }
      settings.set(patientId, [
        ...entryOf(CURRENT, next.current, next.sinceNs),
        ...entryOf(COMING, next.coming, next.fromNs),
      ])
    },
    patientOfKit: (kit: Uint8Array): Uint8Array | undefined => kits.get(kit),
    wardOf: (home: Uint8Array, guardian: Uint8Array): Uint8Array | undefined => guardians.get(namedKey(home, guardian)),

    waiting: (patientId: Uint8Array): Waiting | null => waiting.get(patientId) ?? null,
    setWaiting(patientId: Uint8Array, home: Uint8Array, next: Waiting): void {
      book.endWaiting(patientId, home)
      waiting.set(patientId, next)
      candidates.set(namedKey(home, next.newPrincipal), patientId)
    },
    endWaiting(patientId: Uint8Array, home: Uint8Array): void {
      const before = waiting.get(patientId)
      if (before === undefined) return
      candidates.delete(namedKey(home, before.newPrincipal))
      waiting.delete(patientId)
    },
    patientOfCandidate: (home: Uint8Array, candidate: Uint8Array): Uint8Array | undefined =>
      candidates.get(namedKey(home, candidate)),

    /** Of a patient whose vault is erased: nobody brings that back. */
    forget(patientId: Uint8Array, home: Uint8Array): void {
      book.endWaiting(patientId, home)
      book.setSettings(patientId, home, NO_SETTINGS)
      settings.delete(patientId)
      approvals.delete(patientId)
    },
    approvals: (patientId: Uint8Array): readonly Approval[] => approvals.get(patientId) ?? [],
    setApprovals: (patientId: Uint8Array, all: readonly Approval[]): void => approvals.set(patientId, all),
  }
  return book
}
export type RecoveryBook = ReturnType<typeof createRecoveryBook>
