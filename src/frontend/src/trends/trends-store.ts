import type { MedGuardClient, RecordSummary } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { settle } from '../app/loadable.ts'
import { holdsReadings, type ReadingsReader, readingsReaderOf } from '../devices/readings-reader.ts'
import type { Problem } from '../app/problem.ts'
import type { Json } from '../records/json-paths.ts'
import { type Series, seriesOf } from './series.ts'

/** At most so much of one record, and so many records at a time. */
const BYTES_MAX = 5_000_000
const AT_ONCE = 4

export type TrendsView =
  | { readonly status: 'idle' }
  | { readonly status: 'reading'; readonly done: number; readonly total: number }
  | {
      readonly status: 'ready'
      readonly series: readonly Series[]
      readonly notOpened: number
      readonly problem: Problem | null
    }

export const hasValues = (record: RecordSummary): boolean =>
  holdsReadings(record) ||
  (record.mediaType === 'application/fhir+json' && record.sizeBytes <= BYTES_MAX && record.isDamaged !== true)

const nameOf = ({ recordId, version }: RecordSummary) => `${recordId} ${version}`

/**
 * Values out of records, which have to be opened for it: each opening is in the access log, so nothing is opened before the reader asks, and
 * nothing twice. In memory only.
 */
export function createTrendsStore(client: Pick<MedGuardClient, 'open'>, readings: ReadingsReader) {
  const read = new Map<string, Json>()
  const isRead = (record: RecordSummary) => (holdsReadings(record) ? readings.isRead(record) : read.has(nameOf(record)))
  const openOne = async (record: RecordSummary): Promise<Problem | null> => {
    if (holdsReadings(record)) return readings.open(record)
    const answer = await settle(() => client.open(record))
    if (answer.kind === 'failed') return answer.problem
    read.set(nameOf(record), parsed(answer.value.bytes))
    return null
  }
  return createStore<{
    view: TrendsView
    readonly unread: (records: readonly RecordSummary[]) => number
    readonly open: (records: readonly RecordSummary[]) => Promise<void>
  }>()((set, get) => ({
    view: { status: 'idle' },
    unread: (records) => records.filter((record) => hasValues(record) && !isRead(record)).length,
    async open(records) {
      if (get().view.status === 'reading') return
      const wanted = records.filter(hasValues)
      const queue = wanted.filter((record) => !isRead(record))
      const total = queue.length
      let done = 0
      let problem: Problem | null = null
      set({ view: { status: 'reading', done, total } })
      const work = async () => {
        for (let record = queue.pop(); record !== undefined && problem === null; record = queue.pop()) {
          problem = (await openOne(record)) ?? problem // offline or locked: the others would fail alike
          done++
          set({ view: { status: 'reading', done, total } })
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
      const contents = wanted.flatMap((record) => read.get(nameOf(record)) ?? [])
      const series = seriesOf(contents, readings.of(wanted))
      set({ view: { status: 'ready', series, notOpened: get().unread(records), problem } })
    },
  }))
}
export type TrendsStore = ReturnType<typeof createTrendsStore>

/** One per signed-in client: what was read is forgotten with it. */
const stores = new WeakMap<MedGuardClient, TrendsStore>()
export function trendsStoreOf(client: MedGuardClient): TrendsStore {
  const known = stores.get(client)
  if (known !== undefined) return known
  const made = createTrendsStore(client, readingsReaderOf(client))
  stores.set(client, made)
  return made
}

function parsed(bytes: Uint8Array): Json {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return json ?? false
  } catch {
    return false // says that it is JSON and is none: it has no values
  }
}
