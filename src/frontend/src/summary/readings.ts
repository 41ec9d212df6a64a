import { decodeProfile, isProfile, type MedGuardClient, type RecordSummary } from '@medguard/client'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { type Reading as Measured, summaryFromJson } from '@medguard/readings'
import { settle } from '../app/loadable.ts'
import { holdsReadings, readingsIn } from '../devices/readings-reader.ts'
import type { Problem } from '../app/problem.ts'
import type { Json } from '../records/json-paths.ts'
import { newestFirst, recordMs } from '../records/record-list.ts'

// What a patient's structured records say, for whoever treats them. Each opening is in the patient's log. In memory, for as long as the page is
// shown and the access lasts.

/** A record's content, read as JSON. */
export interface Reading {
  readonly record: RecordSummary
  readonly json: Json
  /** Of a posting of a device, in place of JSON. */
  readonly measured?: readonly Measured[]
}

export interface ReadingsView {
  readonly status: 'idle' | 'reading' | 'ready'
  /** Of what is being opened. */
  readonly done: number
  readonly total: number
  readonly readings: readonly Reading[]
  /** Name and day of birth by the patient's own profile, where that is shared. */
  readonly person: { readonly name: string | null; readonly birthDate: string | null } | null
  readonly problem: Problem | null
}

/** One record larger than this is looked at by itself. */
const BYTES_MAX = 5_000_000
/** Opened by themselves when somebody looks at a patient: so many, and so much together, that a slow line carries it within a minute. */
export const FIRST_RECORDS_MAX = 40
export const FIRST_BYTES_MAX = 500_000
const AT_ONCE = 4

/** Postings of devices that are read, the newest, and so much together: some send every minute, for years. */
export const POSTINGS_MAX = 100
export const POSTINGS_BYTES_MAX = 500_000

const isRead = (record: RecordSummary): boolean =>
  (record.mediaType === 'application/fhir+json' || isProfile(record)) &&
  record.sizeBytes <= BYTES_MAX &&
  record.isDamaged !== true

/** The last moment that a posting speaks of: its day is that of its first reading. */
export function lastMsOf(record: RecordSummary): number {
  const toMs = summaryFromJson(record.readings)?.toMs
  return toMs ?? recordMs(record) ?? Number.NEGATIVE_INFINITY
}

/** The newest of what devices sent, and how many older postings are left out. */
export function newestPostings(records: readonly RecordSummary[]): { taken: RecordSummary[]; left: number } {
  const held = records
    .filter(holdsReadings)
    .map((record) => ({ record, ms: lastMsOf(record) }))
    .toSorted((a, b) => (a.ms === b.ms ? 0 : b.ms > a.ms ? 1 : -1))
  let bytes = 0
  const end = held.findIndex(
    ({ record }, at) => at === POSTINGS_MAX || (bytes += record.sizeBytes) > POSTINGS_BYTES_MAX,
  )
  const taken = (end === -1 ? held : held.slice(0, end)).map(({ record }) => record)
  return { taken, left: held.length - taken.length }
}

/** What matters first: what must not be overlooked, then what is taken, then what was measured last. */
const ORDER: readonly RecordSummary['category'][] = ['summary', 'medicines', 'labs', 'vitals', 'shared']

/** Records to be read, the most important first, newest first within a kind; what devices sent stands last. */
export function readable(records: readonly RecordSummary[]): RecordSummary[] {
  const rank = ({ category }: RecordSummary) => (ORDER.includes(category) ? ORDER.indexOf(category) : ORDER.length)
  const structured = newestFirst(records.filter(isRead)).toSorted((a, b) => rank(a) - rank(b))
  return [...structured, ...newestPostings(records).taken]
}

/** The beginning of them that is opened without asking. */
export function firstOf(records: readonly RecordSummary[]): RecordSummary[] {
  let bytes = 0
  const first: RecordSummary[] = []
  for (const record of readable(records)) {
    if (first.length === FIRST_RECORDS_MAX) break
    if (bytes + record.sizeBytes > FIRST_BYTES_MAX) continue
    bytes += record.sizeBytes
    first.push(record)
  }
  return first
}

export interface ReadingsState {
  readonly view: ReadingsView
  /** Opens what is not open yet, one after the other. */
  readonly open: (records: readonly RecordSummary[]) => Promise<void>
  /** Drops what is not in a newer list: versions that others took the place of, and what was deleted. */
  readonly keep: (records: readonly RecordSummary[]) => void
  readonly unread: (records: readonly RecordSummary[]) => RecordSummary[]
  readonly forget: () => void
}
export type ReadingsStore = StoreApi<ReadingsState>

const IDLE: ReadingsView = { status: 'idle', done: 0, total: 0, readings: [], person: null, problem: null }
const nameOf = ({ recordId, version }: RecordSummary) => `${recordId} ${version}`

export function createReadings(client: Pick<MedGuardClient, 'open'>): ReadingsStore {
  const read = new Map<string, Reading>()
  let turn = 0 // what was forgotten meanwhile is not shown
  return createStore<ReadingsState>()((set, get) => ({
    view: IDLE,
    unread: (records) => readable(records).filter((record) => !read.has(nameOf(record))),
    keep(records) {
      const names = new Set(records.map(nameOf))
      for (const name of read.keys()) if (!names.has(name)) read.delete(name)
      set({ view: { ...get().view, readings: [...read.values()] } })
    },
    async open(records) {
      if (get().view.status === 'reading') return
      const mine = ++turn
      const queue = get().unread(records)
      const total = queue.length
      let done = 0
      let problem: Problem | null = null
      let { person } = get().view
      const show = (status: ReadingsView['status']) => {
        if (mine !== turn) return
        set({ view: { status, done, total, readings: [...read.values()], person, problem } })
      }
      show('reading')
      const work = async () => {
        for (let record = queue.shift(); record !== undefined && problem === null; record = queue.shift()) {
          const next = record
          const answer = await settle(() => client.open(next))
          if (mine !== turn) return
          done++
          if (answer.kind === 'failed') problem = answer.problem // refused or offline: the others would fail alike
          else if (isProfile(next)) {
            person = personOf(answer.value.bytes)
            read.set(nameOf(next), { record: next, json: null })
          } else if (holdsReadings(next)) {
            read.set(nameOf(next), { record: next, json: null, measured: readingsIn(answer.value.bytes) ?? [] })
          } else read.set(nameOf(next), { record: next, json: parsed(answer.value.bytes) })
          show('reading')
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
      show('ready')
    },
    forget() {
      turn++
      read.clear()
      set({ view: IDLE })
    },
  }))
}

/** All that devices sent, of what is open. */
export const measuredIn = (readings: readonly Reading[]): Measured[] =>
  readings.flatMap(({ measured = [] }) => measured)

function parsed(bytes: Uint8Array): Json {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return json
  } catch {
    return null // says that it is JSON and is none
  }
}

function personOf(bytes: Uint8Array): ReadingsView['person'] {
  try {
    const { name = null, birthDate = null } = decodeProfile(bytes)
    return { name, birthDate }
  } catch {
    return null // of a newer version, or no profile
  }
}
