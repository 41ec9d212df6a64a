import type { Category, MedGuardClient, RecordSummary } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { type LoadableStore, settle } from '../app/loadable.ts'
import type { Problem } from '../app/problem.ts'

// What joins one's own lists while the page is in sight. The client tells each record once, whoever asks: so one asks for all who want to know, and puts it where all of them look.

/** Where somebody watches what a device sends: a page of one's own, the board of a care team. */
export const NEWS_EVERY_MS = 1_500
/** Whatever a node says, no list is made more often: each is a line in the log. */
export const LIST_AGAIN_MS = 60_000

export interface Wanted {
  readonly categories: readonly Category[]
  /** Whether their lists may be made anew where it is not known what is missing. */
  readonly mayList: boolean
}
export interface Listener {
  readonly firstMs: number
  readonly everyMs: number
  /** Asked before each question. @param isAsked a person asked: lists are made anew where that is needed. */
  readonly wanted: (isAsked: boolean) => Promise<Wanted>
}
export interface OwnNewsView {
  /** When lists were last made. */
  readonly listedMs: number
  /** When nothing was missing, as far as anybody said; null before somebody did. */
  readonly heardMs: number | null
  /** Why the last question failed, or null. */
  readonly problem: Problem | null
}
const MINE = { of: 'me' } as const

export function createOwnNews(parts: {
  readonly client: Pick<MedGuardClient, 'list' | 'news'>
  readonly records: LoadableStore<readonly RecordSummary[]>
  readonly isVisible: () => boolean
  readonly setTimer: (work: () => void, ms: number) => () => void
}) {
  const { client, records, isVisible, setTimer } = parts
  const listeners = new Set<Listener>()
  let came: readonly RecordSummary[] = []
  let last: Promise<void> = Promise.resolve()
  let dueMs = Number.POSITIVE_INFINITY
  let cancel = () => {}

  const known = () => {
    const { view } = records.getState()
    return view.status === 'ready' ? view : null
  }
  const view = createStore<OwnNewsView>()(() => ({ listedMs: known()?.atMs ?? 0, heardMs: null, problem: null }))

  /** What came, beside what is there; not while all is being read anew, whose answer would be lost. */
  const takeIn = () => {
    const list = known()
    if (list === null || list.refreshing || came.length === 0) return
    const all = newest([...list.value, ...came])
    came = []
    records.getState().put(all)
  }
  records.subscribe(({ view: now }, { view: before }) => {
    const isListed = before.status !== 'ready' || (before.refreshing && now.status === 'ready' && !now.refreshing)
    if (now.status === 'ready' && now.problem === null && isListed) view.setState({ listedMs: now.atMs })
    takeIn()
  })

  /** What is asked for in one question: what may be listed anew, and what may not. */
  const questions = (all: readonly Wanted[]): Wanted[] => {
    const listed = new Set(all.flatMap(({ categories, mayList }) => (mayList ? categories : [])))
    const others = new Set(all.flatMap(({ categories }) => categories.filter((category) => !listed.has(category))))
    return [
      { categories: [...listed], mayList: true },
      { categories: [...others], mayList: false },
    ].filter(({ categories }) => categories.length > 0)
  }
  /** @returns what joined those lists, or all of them where they had to be made anew; null where nobody knows; why it failed. */
  const newOf = async ({ categories, mayList }: Wanted) => {
    const news = await settle(() => client.news([MINE], categories))
    if (news.kind === 'failed') return news
    const [some = null] = news.value
    if (some !== null || !mayList) return { kind: 'done', value: some } as const
    view.setState({ listedMs: Date.now() })
    return settle(() => client.list(MINE, categories))
  }
  const ask = async (isAsked: boolean): Promise<void> => {
    const list = known()
    if (list === null) return // all is being listed
    const isDue = isAsked || (!list.refreshing && Date.now() >= view.getState().listedMs + LIST_AGAIN_MS)
    const wanted = await Promise.all([...listeners].map((listener) => listener.wanted(isAsked)))
    const asked = questions(wanted)
    if (asked.length === 0) return
    const answers = await Promise.all(
      asked.map(({ categories, mayList }) => newOf({ categories, mayList: isAsked || (mayList && isDue) })),
    )
    const failed = answers.find((answer) => answer.kind === 'failed')
    came = [...came, ...answers.flatMap((answer) => (answer.kind === 'done' ? (answer.value ?? []) : []))]
    takeIn()
    if (failed !== undefined) view.setState({ problem: failed.problem })
    else if (answers.every((answer) => answer.kind === 'done' && answer.value !== null))
      view.setState({ heardMs: Date.now(), problem: null })
  }
  /** One question after the other: what the second tells is then new to the first. */
  const look = (isAsked: boolean): Promise<void> => {
    const asking = () => ask(isAsked)
    last = last.then(asking, asking)
    return last
  }

  const turn = async () => {
    dueMs = Number.POSITIVE_INFINITY
    try {
      if (isVisible()) await look(false)
    } finally {
      come(Math.min(...[...listeners].map(({ everyMs }) => everyMs)))
    }
  }
  /** The next turn in so long, unless there is an earlier one. */
  const come = (ms: number) => {
    const atMs = Date.now() + ms
    if (atMs >= dueMs) return
    cancel()
    dueMs = atMs
    cancel = setTimer(() => void turn(), ms)
  }

  return {
    view,
    /** Now, because somebody asked. */
    look: () => look(true),
    /** Keeps up with some kinds, as often as the quickest of all who do. @returns what ends it. */
    watch(listener: Listener): () => void {
      listeners.add(listener)
      come(listener.firstMs)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        cancel()
        dueMs = Number.POSITIVE_INFINITY
      }
    },
  }
}
export type OwnNews = ReturnType<typeof createOwnNews>

/** Of each record the newest version, where it was first. */
function newest(records: readonly RecordSummary[]): readonly RecordSummary[] {
  const found = new Map<string, RecordSummary>()
  for (const record of records) {
    const { recordId, version } = record
    if (version >= (found.get(recordId)?.version ?? 0)) found.set(recordId, record)
  }
  return [...found.values()]
}
