import { epochOfSearchWords, openSearchWords, sealSearchWords } from '@medguard/crypto'
import { CATEGORIES, type Category, toHex } from '@medguard/protocol'
import MiniSearch from 'minisearch'
import type { RecordSummary, Vault } from './api.ts'
import type { ListedRecord } from './listing.ts'
import { MEASURED } from './measured.ts'
import type { SealedMemory, SearchAnswer, SearchHit, SearchMethods } from './search-api.ts'
import { termsOf, wordsOf } from './search-terms.ts'
import type { Session } from './session.ts'

// Search on the device, over what only the device can read. The index is in memory and made from the list; what a list does not give, the words of contents
// that were opened, is kept on the device as well, sealed.

/** What is looked through of one record, by where it stands. */
interface Entry {
  readonly id: string
  readonly version: number
  /** Hexadecimal, of the compartment it lives in. */
  readonly cid: string
  readonly title: string
  readonly about: string
  readonly inside: string
  readonly words: string
}
interface Words {
  readonly version: number
  readonly text: string
}

const FIELDS = ['title', 'about', 'inside', 'words'] as const
const HITS_MAX = 1_000
/** From so many letters on, a word may be misspelt, by a fifth of its letters. */
const FUZZY_FROM = 4

const newIndex = () =>
  new MiniSearch<Entry>({
    fields: [...FIELDS],
    tokenize: termsOf,
    processTerm: (term) => term, // folded already
    searchOptions: {
      boost: { title: 3, about: 1.5 },
      prefix: true,
      fuzzy: (term) => (term.length >= FUZZY_FROM ? 0.2 : false),
      combineWith: 'AND',
    },
  })

export interface Searching extends SearchMethods {
  /** What a list of one's own vault showed. @param categories that were listed whole. */
  listed(
    records: readonly ListedRecord[],
    summaries: readonly RecordSummary[],
    categories: readonly Category[],
  ): Promise<void>
  /** A record whose content is here, opened or just stored. */
  learn(summary: RecordSummary, cid: Uint8Array, bytes: Uint8Array): Promise<void>
  stored(summary: RecordSummary, cid: Uint8Array): void
  deleted(recordId: string): Promise<void>
  /** The vault is gone: nothing of it stays on the device. */
  erased(): Promise<void>
}

/** @param memory null: nothing stays on this device, and only what was opened since the sign-in is looked through inside. */
export function createSearching(options: {
  readonly session: Session
  readonly memory: SealedMemory | null
  readonly list: (vault: Vault, categories: readonly Category[]) => Promise<unknown>
}): Searching {
  const { session, memory, list } = options
  const entries = new Map<string, Entry>()
  const words = new Map<string, Words>()
  /** Entries that the index does not have as they are now. Nothing is indexed before somebody searches. */
  const changed = new Set<string>()
  const loaded = new Set<string>()
  let index = newIndex()
  let isListed = false
  session.onLock(() => {
    entries.clear()
    words.clear()
    changed.clear()
    loaded.clear()
    index = newIndex()
    isListed = false
  })

  const put = (entry: Omit<Entry, 'words'>) => {
    const known = words.get(entry.id)
    const next = { ...entry, words: known?.version === entry.version ? known.text : '' }
    const before = entries.get(entry.id)
    if (before !== undefined && Object.entries(next).every(([name, value]) => before[name as keyof Entry] === value))
      return
    entries.set(entry.id, next)
    changed.add(entry.id)
  }
  /** @returns the compartment whose kept words have it. */
  const drop = (id: string): string | null => {
    const cid = entries.get(id)?.cid ?? null
    if (entries.delete(id)) changed.add(id)
    return words.delete(id) ? cid : null
  }

  /** What the device keeps of one compartment; null where no key that is here anyway opens it. */
  const kept = async (cid: string): Promise<Map<string, Words> | null> => {
    const sealed = (await memory?.read(cid)) ?? null
    if (sealed === null) return new Map()
    const epoch = epochOfSearchWords(sealed)
    const keys = (await session.keyRing.ownHeld(cid)).find((each) => each.place.epoch === epoch)
    if (keys === undefined) return null
    try {
      return wordsFrom(await openSearchWords(keys, sealed))
    } catch {
      return new Map() // rubbish: the next words take its place
    }
  }
  const load = async (cid: string): Promise<void> => {
    const found = memory === null || loaded.has(cid) ? null : await kept(cid)
    if (found === null) return
    loaded.add(cid)
    for (const [id, each] of found) if (each.version > (words.get(id)?.version ?? 0)) words.set(id, each)
  }
  let turn: Promise<unknown> = Promise.resolve()
  /** One after the other, each with what other tabs have kept meanwhile. */
  const keep = (cid: string): Promise<void> => {
    const work = async () => {
      const [keys] = memory === null ? [] : await session.keyRing.ownHeld(cid)
      if (memory === null || keys === undefined) return
      const all = (await kept(cid)) ?? new Map<string, Words>()
      for (const [id, entry] of entries) {
        const known = words.get(id)
        if (entry.cid === cid && known !== undefined) all.set(id, known)
      }
      for (const id of all.keys()) if (entries.get(id)?.cid !== cid) all.delete(id)
      session.expectOpen()
      if (all.size === 0) await memory.remove(cid)
      else await memory.write(cid, await sealSearchWords(keys, bytesOf(all)))
    }
    const next = turn.then(work)
    turn = next.catch(() => {}) // a full disk: what is in memory is searched all the same
    return next.catch(() => {})
  }

  const catchUp = () => {
    const start = performance.now()
    const gone = [...changed].filter((id) => index.has(id))
    index.discardAll(gone)
    index.addAll([...changed].flatMap((id) => entries.get(id) ?? []))
    changed.clear()
    performance.measure(MEASURED.index, { start, end: performance.now() })
  }

  return {
    async listed(records, summaries, categories) {
      const cids = new Map(records.map(({ reach, row }) => [toHex(row.recordId), toHex(reach.compartment.cid)]))
      const heads = new Map(records.map(({ row, head }) => [`${toHex(row.recordId)} ${row.version}`, head?.header]))
      for (const cid of new Set(cids.values())) await load(cid)
      const present = new Set(summaries.map(({ recordId }) => recordId))
      for (const summary of summaries) {
        const { recordId, version } = summary
        const header = heads.get(`${recordId} ${version}`)
        const codes = (header?.codes ?? []).flatMap(({ code, display = '' }) => [code, display])
        put({ ...entryOf(summary, cids.get(recordId) ?? ''), inside: codes.join(' ') })
      }
      if (categories.length < CATEGORIES.length) return
      isListed = true
      const gone = [...entries.keys()].filter((id) => !present.has(id))
      for (const cid of new Set(gone.map(drop))) if (cid !== null) await keep(cid)
    },
    async learn(summary, cid, bytes) {
      const text = wordsOf(summary.mediaType, bytes)
      const { recordId, version } = summary
      const known = words.get(recordId)
      if (text === null || (known?.version === version && known.text === text)) return
      words.set(recordId, { version, text })
      put({ ...(entries.get(recordId) ?? { inside: '' }), ...entryOf(summary, toHex(cid)) })
      await keep(toHex(cid))
    },
    stored: (summary, cid) => put({ ...entryOf(summary, toHex(cid)), inside: '' }),
    async deleted(recordId) {
      const cid = drop(recordId)
      if (cid !== null) await keep(cid)
    },
    async erased() {
      for (const id of entries.keys()) drop(id)
      await memory?.clear()
    },

    search: (wanted) =>
      session.unlocked(async () => {
        if (!isListed) await list({ of: 'me' }, CATEGORIES)
        catchUp()
        const found = index.search(wanted).slice(0, HITS_MAX)
        const hits = found.map(({ id, score, match }): SearchHit => {
          const fields = new Set(Object.values(match).flat())
          const version = entries.get(id as string)?.version ?? 0
          return { recordId: id as string, version, score, isInside: !fields.has('title') && !fields.has('about') }
        })
        const withContent = [...entries.values()].filter((entry) => entry.words !== '').length
        return { hits, records: entries.size, withContent } satisfies SearchAnswer
      }),
  }
}

const entryOf = (summary: RecordSummary, cid: string) => ({
  id: summary.recordId,
  version: summary.version,
  cid,
  title: summary.title,
  about: [summary.author, summary.subject, summary.fileName, summary.category, summary.clinicalDate]
    .filter((text) => text !== null)
    .join(' '),
})

type KeptRow = readonly [id: string, version: number, text: string]

const bytesOf = (all: ReadonlyMap<string, Words>): Uint8Array =>
  new TextEncoder().encode(JSON.stringify([...all].map(([id, { version, text }]): KeptRow => [id, version, text])))

/** Sealed by this person's own client, so of this shape; a newer one's may be another. */
function wordsFrom(bytes: Uint8Array): Map<string, Words> {
  const rows: unknown = JSON.parse(new TextDecoder().decode(bytes))
  const sound = (Array.isArray(rows) ? (rows as unknown[]) : []).filter(isKeptRow)
  return new Map(sound.map(([id, version, text]) => [id, { version, text }]))
}

const isKeptRow = (row: unknown): row is KeptRow =>
  Array.isArray(row) && typeof row[0] === 'string' && typeof row[1] === 'number' && typeof row[2] === 'string'
