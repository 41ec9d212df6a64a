import type { MedGuardClient, RecordSummary } from '@medguard/client'
import { decodeSegment, type Reading, SEGMENT_MEDIA_TYPE, SegmentFault } from '@medguard/readings'
import { createStore } from 'zustand/vanilla'
import { settle } from '../app/loadable.ts'
import type { Problem } from '../app/problem.ts'

// Readings out of the records that devices post. Each has to be opened for it, which is in the access log: nothing is opened before the reader asks, and nothing twice.

/** Records opened at a time. */
const AT_ONCE = 4

export const holdsReadings = ({ mediaType, isDamaged }: RecordSummary): boolean =>
  mediaType === SEGMENT_MEDIA_TYPE && isDamaged !== true

/** Null for what calls itself readings and is none. */
export function readingsIn(bytes: Uint8Array): readonly Reading[] | null {
  try {
    return decodeSegment(bytes)
  } catch (fault) {
    if (fault instanceof SegmentFault) return null
    throw fault
  }
}

const nameOf = ({ recordId, version }: RecordSummary) => `${recordId} ${version}`

/** What was opened since the sign-in, in memory only. */
export function createReadingsReader(client: Pick<MedGuardClient, 'open'>) {
  const read = new Map<string, readonly Reading[] | null>()
  return {
    isRead: (record: RecordSummary): boolean => read.has(nameOf(record)),
    /** Nothing for what was not opened, or holds none. */
    of: (records: readonly RecordSummary[]): readonly Reading[] =>
      records.flatMap((record) => read.get(nameOf(record)) ?? []),
    unreadable: (records: readonly RecordSummary[]): number =>
      records.filter((record) => read.get(nameOf(record)) === null).length,
    /** @returns why it was not opened, or null. */
    async open(record: RecordSummary): Promise<Problem | null> {
      if (read.has(nameOf(record))) return null
      const answer = await settle(() => client.open(record))
      if (answer.kind === 'failed') return answer.problem
      read.set(nameOf(record), readingsIn(answer.value.bytes))
      return null
    },
  }
}
export type ReadingsReader = ReturnType<typeof createReadingsReader>

/** One per signed-in client: what was read is forgotten with it. */
const readers = new WeakMap<MedGuardClient, ReadingsReader>()
export function readingsReaderOf(client: MedGuardClient): ReadingsReader {
  const known = readers.get(client)
  if (known !== undefined) return known
  const made = createReadingsReader(client)
  readers.set(client, made)
  return made
}

export type OpeningView =
  | { readonly status: 'idle' }
  | { readonly status: 'opening'; readonly done: number; readonly total: number }
  | { readonly status: 'ready'; readonly problem: Problem | null }

/** Opens some records of readings, a few at a time, and says how far it is. */
export function createReadingsOpening(reader: ReadingsReader) {
  return createStore<{ view: OpeningView; readonly open: (records: readonly RecordSummary[]) => Promise<void> }>()(
    (set, get) => ({
      view: { status: 'idle' },
      async open(records) {
        if (get().view.status === 'opening') return
        const queue = records.filter((record) => holdsReadings(record) && !reader.isRead(record))
        const total = queue.length
        let done = 0
        let problem: Problem | null = null
        set({ view: { status: 'opening', done, total } })
        const work = async () => {
          for (let record = queue.pop(); record !== undefined && problem === null; record = queue.pop()) {
            problem = (await reader.open(record)) ?? problem // offline or locked: the others would fail alike
            set({ view: { status: 'opening', done: ++done, total } })
          }
        }
        await Promise.all(Array.from({ length: AT_ONCE }, work))
        set({ view: { status: 'ready', problem } })
      },
    }),
  )
}
