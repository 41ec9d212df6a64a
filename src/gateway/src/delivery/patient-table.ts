import type { SentIdentifier } from '@medguard/fhir/hl7v2'
import type { Disk } from '../spool/disk.ts'
import { openStore } from '../spool/sealed-store.ts'

/** One number of a patient, as staff of the institution keep it. */
export interface PatientRow {
  /** Who gave the number: the universal id where messages have one, else the local name; of messages that name nobody, the sending facility. */
  readonly authority: string
  /** The patient's number there. */
  readonly value: string
  /** Grant under which what comes for them is stored. */
  readonly grantId: string
  /** Full date: what comes with another one is not theirs. Null where it is not known. */
  readonly birthDate: string | null
}

export type Match =
  | { readonly kind: 'matched'; readonly grantId: string }
  | { readonly kind: 'unmatched' | 'ambiguous' | 'mismatch' }

/** Whose number a number is. Exact, and nothing beside the number: a name that sounds alike is nobody's. */
export interface Matcher {
  match(identifiers: readonly SentIdentifier[], birthDate: string | null): Match
  /** Calls back after a change, with which entries it may mean, by id; all of them unless told. @returns stops that. */
  onChange(call: (isMeant?: (id: string) => boolean) => void): () => void
}

export interface PatientTable extends Matcher {
  rows(): readonly PatientRow[]
  /** Resolves once it is on the disk. @throws RangeError for what is no row. */
  set(row: PatientRow): Promise<void>
  /** False for what was not there. */
  remove(row: Pick<PatientRow, 'authority' | 'value'>): Promise<boolean>
  close(): Promise<void>
}

const GRANT_ID = /^[\da-f]{32}$/
const DATE = /^\d{4}-\d{2}-\d{2}$/

/** In the spool's folder, which its process has. */
export async function openPatientTable(folder: string, key: Uint8Array, disk?: Disk): Promise<PatientTable> {
  const store = await openStore<PatientRow>({ folder, name: 'patients', key, ...(disk === undefined ? {} : { disk }) })
  const callbacks = new Set<() => void>()
  // Changed in the same moment in which it is told: nothing is matched by a row of which delivery has not heard.
  const rows = new Map([...store.entries()].map(([name, { meta }]) => [name, meta]))
  const changed = (name: string, row: PatientRow | null): void => {
    if (row === null) rows.delete(name)
    else rows.set(name, row)
    for (const call of callbacks) call()
  }
  return {
    rows: () => [...rows.values()],
    async set(row) {
      const isRow =
        row.value !== '' && GRANT_ID.test(row.grantId) && (row.birthDate === null || DATE.test(row.birthDate))
      if (!isRow) throw new RangeError('a number, a grant of 32 hexadecimal digits, and a full date or none')
      await store.put(nameOf(row), row)
      changed(nameOf(row), row)
    },
    async remove(row) {
      const isThere = rows.has(nameOf(row))
      await store.remove(nameOf(row))
      changed(nameOf(row), null)
      return isThere
    },
    match(identifiers, birthDate) {
      const found = identifiers.flatMap((each) => rows.get(nameOf(each)) ?? [])
      const [first] = found
      if (first === undefined) return { kind: 'unmatched' }
      if (found.some(({ grantId }) => grantId !== first.grantId)) return { kind: 'ambiguous' }
      const isOther = found.some((row) => row.birthDate !== null && birthDate !== null && row.birthDate !== birthDate)
      return isOther ? { kind: 'mismatch' } : { kind: 'matched', grantId: first.grantId }
    },
    onChange(call) {
      callbacks.add(call)
      return () => void callbacks.delete(call)
    },
    close: () => store.close(),
  }
}

const nameOf = ({ authority, value }: Pick<PatientRow, 'authority' | 'value'>): string =>
  JSON.stringify([authority, value])
