import { LISTS_WATCHED_MAX, type MedGuardClient, type RecordSummary, type Share } from '@medguard/client'
import { watchedShares } from '@medguard/client/alert-report'
import { createStore } from 'zustand/vanilla'
import { settle } from '../app/loadable.ts'
import type { Problem } from '../app/problem.ts'
import { LIST_AGAIN_MS, NEWS_EVERY_MS } from '../records/own-news.ts'

// The board of a care team: what patients' devices sent, kept up while it is on the screen. A patient is listed once, which is in their log, and again before the quarter of an
// hour is over for which that counts; in between one query for twenty patients asks whether there is more.

/** Each costs the network a key and several seconds. */
const LISTED_AT_ONCE = 3
/** After so many failed questions in a row the page says that it does not know what came. */
export const FAILED_MAX = 3

export type Look =
  | { readonly status: 'looking' }
  /** @param listedMs when it was last checked that nothing is missing. */
  | { readonly status: 'ready'; readonly records: readonly RecordSummary[]; readonly listedMs: number }
  | { readonly status: 'failed'; readonly problem: Problem }
export interface BoardRow {
  readonly share: Share
  readonly look: Look
}
export interface BoardState {
  readonly rows: readonly BoardRow[]
  /** When this page last heard what is new. */
  readonly heardMs: number | null
  readonly failures: number
}

/** Devices' readings go there unless their owner chose otherwise. */
export const onBoard = (shares: readonly Share[], nowMs: number): Share[] => watchedShares(shares, 'vitals', nowMs)

interface BoardParts {
  readonly client: Pick<MedGuardClient, 'list' | 'news'>
  readonly now: () => number
  readonly isVisible: () => boolean
  readonly setTimer: (work: () => void, ms: number) => () => void
}

export function createBoard({ client, now, isVisible, setTimer }: BoardParts) {
  const store = createStore<BoardState>()(() => ({ rows: [], heardMs: null, failures: 0 }))
  /** When each was listed last, or is being listed. */
  const askedMs = new Map<string, number>()
  const underWay = new Set<string>()
  let shares: readonly Share[] = []
  let next = 0
  let running = 0
  /** One question at a time, and none about what is being listed: what it told is told once. */
  let hearing: Promise<void> | null = null
  let cancel = () => {}

  const rowOf = (grantId: string) => store.getState().rows.find(({ share }) => share.grantId === grantId)
  const put = (grantId: string, look: Look) =>
    store.setState(({ rows }) => ({
      rows: rows.map((row) => (row.share.grantId === grantId ? { ...row, look } : row)),
    }))

  /** What may not be shown any more goes at once, with all that was known of it. */
  const sift = () => {
    const wanted = onBoard(shares, now())
    const { rows } = store.getState()
    const isSame = wanted.length === rows.length && wanted.every((share, i) => rows[i]?.share === share)
    if (isSame) return
    store.setState({
      rows: wanted.map((share) => ({ share, look: rowOf(share.grantId)?.look ?? { status: 'looking' } })),
    })
    for (const grantId of askedMs.keys()) if (rowOf(grantId) === undefined) askedMs.delete(grantId)
  }

  const list = async (grantId: string): Promise<void> => {
    underWay.add(grantId)
    askedMs.set(grantId, now())
    const answer = await settle(() => client.list({ of: 'grant', grantId }, ['vitals']))
    underWay.delete(grantId)
    put(
      grantId,
      answer.kind === 'done'
        ? { status: 'ready', records: answer.value, listedMs: now() }
        : { status: 'failed', problem: answer.problem },
    )
  }
  const listSome = (due: readonly string[]) => {
    for (const grantId of due) if (underWay.size < LISTED_AT_ONCE && !underWay.has(grantId)) void list(grantId)
  }

  const hear = async (): Promise<void> => {
    const ready = store
      .getState()
      .rows.flatMap(({ share: { grantId }, look }) =>
        look.status === 'ready' && !underWay.has(grantId) ? [grantId] : [],
      )
    if (next >= ready.length) next = 0
    const asked = ready.slice(next, next + LISTS_WATCHED_MAX)
    next += LISTS_WATCHED_MAX
    if (asked.length === 0) return
    const answer = await settle(() =>
      client.news(
        asked.map((grantId) => ({ of: 'grant', grantId })),
        ['vitals'],
      ),
    )
    if (answer.kind === 'failed') return store.setState(({ failures }) => ({ failures: failures + 1 }))
    const over: string[] = []
    for (const [i, grantId] of asked.entries()) {
      const news = answer.value[i] ?? null
      const look = rowOf(grantId)?.look
      if (news === null) over.push(grantId)
      else if (news.length > 0 && look?.status === 'ready')
        put(grantId, { ...look, records: [...look.records.filter((one) => !isAmong(news, one)), ...news] })
    }
    store.setState({ heardMs: now(), failures: 0 })
    listSome(over.filter((grantId) => now() >= (askedMs.get(grantId) ?? 0) + LIST_AGAIN_MS))
  }

  const tick = async (run: number): Promise<void> => {
    if (run !== running) return
    sift()
    if (isVisible()) {
      listSome(store.getState().rows.flatMap(({ share, look }) => (look.status === 'looking' ? [share.grantId] : [])))
      hearing ??= hear().finally(() => (hearing = null))
      await hearing
    }
    if (run === running) cancel = setTimer(() => void tick(run), NEWS_EVERY_MS)
  }

  return {
    store,
    /** What is shared now. */
    follow(now: readonly Share[]) {
      shares = now
      sift()
    },
    /** Starts, or asks at once when it runs already (the page came back into sight). */
    start() {
      cancel()
      void tick(++running)
    },
    stop() {
      running++
      cancel()
    },
    again: (grantId: string) => put(grantId, { status: 'looking' }),
  }
}
export type Board = ReturnType<typeof createBoard>

const isAmong = (news: readonly RecordSummary[], { recordId }: RecordSummary): boolean =>
  news.some((one) => one.recordId === recordId)
