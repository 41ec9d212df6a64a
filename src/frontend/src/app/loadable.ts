import type { Outcome, Progress, ProgressStep } from '@medguard/client'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { type Problem, problemOf } from './problem.ts'

/** Something the page asks for and shows. A failed refresh keeps what was there and says so. */
export type Loadable<T> =
  | { readonly status: 'loading'; readonly step: ProgressStep | null }
  | {
      readonly status: 'ready'
      readonly value: T
      readonly atMs: number
      readonly refreshing: boolean
      readonly problem: Problem | null
    }
  | { readonly status: 'failed'; readonly problem: Problem }

export interface LoadableState<T> {
  readonly view: Loadable<T>
  /** Asks anew. */
  readonly load: () => Promise<void>
  /** Asks unless an answer is there or under way: pages call it when they appear. */
  readonly ensure: () => void
  /** Puts a value there that another answer brought. */
  readonly put: (value: T) => void
  /** Drops the value and every answer still under way. */
  readonly forget: () => void
}
export type LoadableStore<T> = StoreApi<LoadableState<T>>

const LOADING = { status: 'loading', step: null } as const

export function createLoadable<T>(
  ask: (progress: Progress) => Promise<Outcome<T>>,
  now: () => number = Date.now,
): LoadableStore<T> {
  return createStore<LoadableState<T>>()((set, get) => {
    let latest = 0 // an answer counts only if no newer question was asked
    let asking = false
    return {
      view: LOADING,
      async load() {
        const asked = ++latest
        asking = true
        const before = get().view
        set({ view: before.status === 'ready' ? { ...before, refreshing: true } : LOADING })
        const progress: Progress = (step) => {
          if (asked === latest && get().view.status === 'loading') set({ view: { status: 'loading', step } })
        }
        const answer = await settle(() => ask(progress))
        if (asked !== latest) return
        asking = false
        const shown = get().view
        if (answer.kind === 'done') {
          set({ view: { status: 'ready', value: answer.value, atMs: now(), refreshing: false, problem: null } })
        } else if (shown.status === 'ready') {
          set({ view: { ...shown, refreshing: false, problem: ofAsking(answer.problem) } })
        } else {
          set({ view: { status: 'failed', problem: ofAsking(answer.problem) } })
        }
      },
      ensure() {
        if (!asking && get().view.status !== 'ready') void get().load()
      },
      put(value) {
        latest++
        asking = false
        set({ view: { status: 'ready', value, atMs: now(), refreshing: false, problem: null } })
      },
      forget() {
        latest++
        asking = false
        set({ view: LOADING })
      },
    }
  })
}

/** Whether a question got through without an answer makes no difference to whoever asked it: nothing may have been done. */
const ofAsking = (problem: Problem): Problem =>
  problem.kind === 'fault' && problem.code === 'Uncertain' ? { kind: 'fault', code: 'Unreachable' } : problem

/** Refusals and whatever was thrown become one kind of answer. */
export async function settle<T>(
  work: () => Promise<Outcome<T>>,
): Promise<{ kind: 'done'; value: T } | { kind: 'failed'; problem: Problem }> {
  try {
    const outcome = await work()
    if (outcome.kind === 'done') return outcome
    return { kind: 'failed', problem: { kind: 'refused', refusal: outcome.refusal } }
  } catch (error) {
    return { kind: 'failed', problem: problemOf(error) }
  }
}
