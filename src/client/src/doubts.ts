import { refusalOf, refuse } from '@medguard/protocol'
import { DOUBT_WHYS, type DoubtedEntry, type DoubtMethods } from './doubts-api.ts'
import { Refused } from './outcome.ts'
import type { SealedMemory } from './search-api.ts'
import { type BookOf, createSealedBook } from './sealed-book.ts'
import type { Session } from './session.ts'

export const DOUBTS_MAX = 1_000

interface DoubtBook {
  readonly doubts: readonly DoubtedEntry[]
}

const isSound = (value: unknown): value is DoubtedEntry =>
  typeof value === 'object' &&
  value !== null &&
  'entry' in value &&
  typeof value.entry === 'string' &&
  /^\d{1,20}$/.test(value.entry) &&
  'why' in value &&
  DOUBT_WHYS.some((why) => why === value.why) &&
  'isStopped' in value &&
  typeof value.isStopped === 'boolean' &&
  'isBlocked' in value &&
  typeof value.isBlocked === 'boolean' &&
  'atMs' in value &&
  Number.isSafeInteger(value.atMs)

/** Asking again about an entry, later and with less to end, takes nothing back of what was ended. */
export function withDoubt(doubts: readonly DoubtedEntry[], doubt: DoubtedEntry): readonly DoubtedEntry[] {
  const { entry, why, isStopped, isBlocked, atMs } = doubt
  const before = doubts.find((each) => each.entry === entry)
  const noted = {
    entry,
    why,
    isStopped: isStopped || before?.isStopped === true,
    isBlocked: isBlocked || before?.isBlocked === true,
    atMs,
  }
  return [noted, ...doubts.filter((each) => each !== before)].slice(0, DOUBTS_MAX)
}

/** Exported for tests of the format. */
export const DOUBT_BOOK: BookOf<DoubtBook> = {
  name: 'doubts',
  empty: { doubts: [] },
  encode: ({ doubts }) => new TextEncoder().encode(JSON.stringify({ format: 1, doubts })),
  decode(bytes) {
    try {
      const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
      if (typeof value !== 'object' || value === null || !('doubts' in value) || !Array.isArray(value.doubts))
        return null
      return { doubts: value.doubts.filter(isSound).slice(0, DOUBTS_MAX) }
    } catch {
      return null
    }
  },
  // Another tab's is the later one: nothing is known here that was not kept.
  together: (kept, known) => (kept.doubts.length === 0 ? known : kept),
}

export function createDoubts(
  session: Session,
  memory: SealedMemory | null,
): { readonly methods: DoubtMethods; readonly erased: () => Promise<void> } {
  const book = createSealedBook(session, memory, DOUBT_BOOK)
  const all = async () => {
    await book.change((before) => before)
    return book.now().doubts
  }
  return {
    methods: {
      doubts: () => session.unlocked(all),
      noteDoubt: (doubt) =>
        session.unlocked(async () => {
          if (!isSound(doubt)) throw new Refused(refusalOf(refuse.badInput('doubt', 'format')))
          await book.change(({ doubts }) => ({ doubts: withDoubt(doubts, doubt) }))
          return book.now().doubts
        }),
    },
    erased: book.erased,
  }
}
