import type { AlertWords, Category, DeviceInfo, MedGuardClient, RecordSummary } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import type { LoadableStore } from '../app/loadable.ts'
import type { Problem } from '../app/problem.ts'
import { createTask } from '../app/task.ts'
import type { OwnNews, Wanted } from '../records/own-news.ts'
import type { KindAlerts } from './look.ts'

/** After the first screen: nobody waits for it. */
const FIRST_MS = 2_000
/** What joined a list is asked of one node, and is not in the log. Time alone brings alerts, too: somebody put one off. */
const EVERY_MS = 5_000

export interface AlertsView {
  /** Null before the records were looked through. */
  readonly kinds: readonly KindAlerts[] | null
  /** When this page last knew that nothing newer had come. */
  readonly lookedMs: number | null
  /** Why the last look failed, or null. */
  readonly problem: Problem | null
}
export const NO_ALERTS: AlertsView = { kinds: null, lookedMs: null, problem: null }

/** Keeps up with alerts: works them out of the list of records, and has what comes added to it while the page is in sight. */
export function createAlertStore(parts: {
  readonly client: MedGuardClient
  readonly records: LoadableStore<readonly RecordSummary[]>
  readonly devices: LoadableStore<readonly DeviceInfo[]>
  readonly news: OwnNews
  readonly onSaid: () => void
}) {
  const { client, records, devices, news, onSaid } = parts
  const view = createStore<AlertsView>()(() => NO_ALERTS)
  let workedMs = 0

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
    const { listedMs, heardMs } = news.view.getState()
    const now = {
      nowMs: Date.now(),
      listedMs: Math.max(listedMs, heardMs ?? 0),
      sending,
      readingsOf: code.openedReadings(client),
    }
    workedMs = now.nowMs
    view.setState({ kinds: code.lookThrough(list.value, now) })
  }
  /** Kinds that somebody set a limit for, or that devices send. A list is a line in the log: made where somebody relies on it, or asks. */
  const watched = (isAsked: boolean): Wanted => {
    const kinds = view.getState().kinds ?? []
    const limited = kinds.filter(({ state }) => state.thresholds.length > 0)
    const all = kinds.filter((kind) => kind.devices.length > 0 || limited.includes(kind))
    const categories = all.map(({ category }) => category)
    return {
      categories: categories.length === 0 && isAsked ? ['vitals'] : categories,
      mayList: limited.length > 0,
    }
  }
  return {
    view,
    /** Now, because somebody asked. */
    async look() {
      await news.look()
      await workOut()
    },
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
      const ends = [
        records.subscribe(() => void workOut()),
        devices.subscribe(() => void workOut()),
        news.view.subscribe(({ heardMs: lookedMs, problem }) => view.setState({ lookedMs, problem })),
        news.watch({
          firstMs: FIRST_MS,
          everyMs: EVERY_MS,
          async wanted(isAsked) {
            if (Date.now() >= workedMs + EVERY_MS) await workOut()
            return watched(isAsked)
          },
        }),
      ]
      return () => {
        for (const end of ends) end()
      }
    },
  }
}
export type AlertStore = ReturnType<typeof createAlertStore>
