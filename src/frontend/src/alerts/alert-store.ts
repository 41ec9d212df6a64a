import type { AlertWords, Category, DeviceInfo, MedGuardClient, RecordSummary } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { type LoadableStore, settle } from '../app/loadable.ts'
import type { Problem } from '../app/problem.ts'
import { createTask } from '../app/task.ts'
import type { KindAlerts } from './look.ts'

/** After the first screen: nobody waits for it. */
const FIRST_MS = 2_000
/** What joined a list is asked of one node, and is not in the log. */
const EVERY_MS = 5_000
/** Whatever a node says, no list is made more often: each is a line in the log. */
const LIST_AGAIN_MS = 60_000

export interface AlertsView {
  /** Null before the records were looked through. */
  readonly kinds: readonly KindAlerts[] | null
  /** When this page last knew that nothing newer had come. */
  readonly lookedMs: number | null
  /** Why the last look failed, or null. */
  readonly problem: Problem | null
}
const MINE = { of: 'me' } as const
export const NO_ALERTS: AlertsView = { kinds: null, lookedMs: null, problem: null }

/** Keeps up with alerts while the page is in sight: works them out of the list of records, and adds to it what comes. */
export function createAlertStore(parts: {
  readonly client: MedGuardClient
  readonly records: LoadableStore<readonly RecordSummary[]>
  readonly devices: LoadableStore<readonly DeviceInfo[]>
  readonly isVisible: () => boolean
  readonly setTimer: (work: () => void, ms: number) => () => void
  readonly onSaid: () => void
}) {
  const { client, records, devices, isVisible, setTimer, onSaid } = parts
  const view = createStore<AlertsView>()(() => NO_ALERTS)
  let listedMs = 0
  /** When nothing was missing, as far as anybody said. */
  let heardMs = 0
  let came: readonly RecordSummary[] = []

  const known = () => {
    const now = records.getState().view
    return now.status === 'ready' ? now : null
  }
  const workOut = async (): Promise<void> => {
    const list = known()
    if (list === null) return
    const code = await import('./look.ts').catch(() => null) // no network: fetched with the next look
    if (code === null) return
    const { view: named } = devices.getState()
    const sending =
      named.status === 'ready'
        ? new Set(named.value.filter(({ state }) => state === 'active').map(({ deviceId }) => deviceId))
        : null
    const now = {
      nowMs: Date.now(),
      listedMs: Math.max(listedMs, heardMs),
      sending,
      readingsOf: code.openedReadings(client),
    }
    view.setState({ kinds: code.lookThrough(list.value, now) })
  }
  /** Kinds that somebody set a limit for, or that devices send. */
  const watched = () => {
    const kinds = view.getState().kinds ?? []
    const limited = kinds.filter(({ state }) => state.thresholds.length > 0)
    const all = kinds.filter((kind) => kind.devices.length > 0 || limited.includes(kind))
    return { categories: all.map(({ category }) => category), hasLimits: limited.length > 0 }
  }
  /** What came, beside what is there; not while all is being read anew, whose answer would be lost. */
  const takeIn = () => {
    const list = known()
    if (list === null || list.refreshing || came.length === 0) return
    const ids = new Set(came.map(({ recordId }) => recordId))
    const all = [...list.value.filter(({ recordId }) => !ids.has(recordId)), ...came]
    came = []
    records.getState().put(all)
  }
  /** @returns what joined those lists, or all of them where they had to be read anew; why that failed. */
  const newOf = async (categories: readonly Category[], mayList: () => boolean) => {
    const news = await settle(() => client.news([MINE], categories))
    if (news.kind === 'failed') return news
    const [some = null] = news.value
    if (some !== null || !mayList()) return { kind: 'done', value: some } as const
    listedMs = Date.now()
    return settle(() => client.list(MINE, categories))
  }
  const look = async (isAsked: boolean): Promise<void> => {
    await workOut()
    const { categories, hasLimits } = watched()
    if (categories.length === 0 && !isAsked) return
    // A list is a line in the log: made where somebody relies on it, or asks.
    const mayList = () => isAsked || (hasLimits && Date.now() >= listedMs + LIST_AGAIN_MS)
    const found = await newOf(categories.length === 0 ? ['vitals'] : categories, mayList)
    if (found.kind === 'failed') return view.setState({ problem: found.problem })
    if (found.value === null) return
    came = [...came, ...found.value]
    takeIn()
    heardMs = Date.now()
    view.setState({ lookedMs: heardMs, problem: null })
    await workOut()
  }

  return {
    view,
    /** Now, because somebody asked. */
    look: () => look(true),
    /** Each is a record of its own, in the list at once: others see it with their next look. */
    saying: createTask<{ category: Category; words: AlertWords }, RecordSummary>(async ({ category, words }) => {
      const outcome = await client.sayAlert({ of: 'me' }, category, words)
      if (outcome.kind === 'refused') return outcome
      const list = known()
      if (list !== null) records.getState().put([...list.value, outcome.value])
      await workOut()
      onSaid()
      return outcome
    }),
    /** @returns what ends it. */
    start(): () => void {
      let isOver = false
      let cancel = () => {}
      const turn = async () => {
        if (isVisible()) await look(false)
        if (!isOver) cancel = setTimer(() => void turn(), EVERY_MS)
      }
      const ends = [
        records.subscribe(({ view: now }, { view: before }) => {
          const isListed = before.status !== 'ready' || (before.refreshing && now.status === 'ready' && !now.refreshing)
          if (now.status === 'ready' && now.problem === null && isListed) listedMs = now.atMs
          takeIn()
          void workOut()
        }),
        devices.subscribe(() => void workOut()),
      ]
      listedMs = known()?.atMs ?? 0
      cancel = setTimer(() => void turn(), FIRST_MS)
      return () => {
        isOver = true
        cancel()
        for (const end of ends) end()
      }
    },
  }
}
export type AlertStore = ReturnType<typeof createAlertStore>
