import type { AlertWords, Category, DeviceInfo, MedGuardClient, RecordSummary } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { type LoadableStore, settle } from '../app/loadable.ts'
import type { Problem } from '../app/problem.ts'
import { createTask } from '../app/task.ts'
import type { KindAlerts } from './look.ts'

/** After the first screen: nobody waits for it. */
const FIRST_MS = 2_000
/** Whether a list has grown is one question, and not in the log. */
const EVERY_MS = 10_000
/** A canister answers that question for a quarter of an hour after a list. */
const LIST_EVERY_MS = 14 * 60_000
/** Something else may have grown than what is watched: each list that brings nothing waits longer for the next. */
const WAIT_MAX_MS = 8 * 60_000

export interface AlertsView {
  /** Null before the records were looked through. */
  readonly kinds: readonly KindAlerts[] | null
  /** When this page last knew that nothing newer had come. */
  readonly lookedMs: number | null
  /** Why the last look failed, or null. */
  readonly problem: Problem | null
}
export const NO_ALERTS: AlertsView = { kinds: null, lookedMs: null, problem: null }

/** Keeps up with alerts while the page is in sight: works them out of the list of records, and lists anew what has limits once there is more of it. */
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
  let waitMs = EVERY_MS
  /** What has grown is not listed before. */
  let notBeforeMs = 0

  const known = () => {
    const now = records.getState().view
    return now.status === 'ready' ? now : null
  }
  const workOut = async (): Promise<void> => {
    const list = known()
    if (list === null) return
    const { lookThrough, openedReadings } = await import('./look.ts')
    const { view: named } = devices.getState()
    const sending =
      named.status === 'ready'
        ? new Set(named.value.filter(({ state }) => state === 'active').map(({ deviceId }) => deviceId))
        : null
    const now = { nowMs: Date.now(), listedMs, sending, readingsOf: openedReadings(client) }
    view.setState({ kinds: lookThrough(list.value, now) })
  }
  const watched = (): readonly Category[] =>
    (view.getState().kinds ?? []).filter(({ state }) => state.thresholds.length > 0).map(({ category }) => category)
  const listAnew = async (categories: readonly Category[]): Promise<Problem | null> => {
    const before = known()
    const answer = await settle(() => client.list({ of: 'me' }, categories))
    if (answer.kind === 'failed') return answer.problem
    const isNew = answer.value.some((one) => before?.value.every(({ recordId }) => recordId !== one.recordId) ?? true)
    waitMs = isNew ? EVERY_MS : Math.min(2 * waitMs, WAIT_MAX_MS)
    notBeforeMs = isNew ? 0 : Date.now() + waitMs
    listedMs = Date.now()
    const list = known()
    const wanted: ReadonlySet<string> = new Set(categories)
    if (list !== null)
      records.getState().put([...list.value.filter(({ category }) => !wanted.has(category)), ...answer.value])
    return null
  }
  const look = async (isAsked: boolean): Promise<void> => {
    await workOut()
    const categories = watched()
    if (categories.length === 0 && !isAsked) return
    let problem: Problem | null = null
    if (isAsked || Date.now() > listedMs + LIST_EVERY_MS)
      problem = await listAnew(categories.length === 0 ? ['vitals'] : categories)
    else {
      const grown = await settle(() => client.hasGrown({ of: 'me' }))
      if (grown.kind === 'failed') problem = grown.problem
      else if (!grown.value) waitMs = EVERY_MS
      else if (Date.now() < notBeforeMs) return
      else problem = await listAnew(categories)
    }
    view.setState(problem === null ? { lookedMs: Date.now(), problem: null } : { problem })
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
