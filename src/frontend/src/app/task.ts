import type { Outcome, Progress, ProgressStep } from '@medguard/client'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { settle } from './loadable.ts'
import type { Problem } from './problem.ts'

/** Something the reader asked to be done: honest about not being done yet. */
export type Task<T> =
  | { readonly status: 'idle' }
  | { readonly status: 'working'; readonly step: ProgressStep | null }
  | { readonly status: 'done'; readonly value: T; readonly atMs: number }
  | { readonly status: 'failed'; readonly problem: Problem }

export interface TaskState<A, T> {
  readonly task: Task<T>
  /** Ignored while one is under way: a second press of a button does nothing twice. */
  readonly run: (argument: A) => Promise<void>
  readonly reset: () => void
}
export type TaskStore<A, T> = StoreApi<TaskState<A, T>>

export function createTask<A, T>(
  work: (argument: A, progress: Progress) => Promise<Outcome<T>>,
  now: () => number = Date.now,
): TaskStore<A, T> {
  return createStore<TaskState<A, T>>()((set, get) => {
    let latest = 0
    return {
      task: { status: 'idle' },
      async run(argument) {
        if (get().task.status === 'working') return
        const asked = ++latest
        set({ task: { status: 'working', step: null } })
        const progress: Progress = (step) => {
          if (asked === latest) set({ task: { status: 'working', step } })
        }
        const answer = await settle(() => work(argument, progress))
        if (asked !== latest) return
        if (answer.kind === 'done') set({ task: { status: 'done', value: answer.value, atMs: now() } })
        else set({ task: { status: 'failed', problem: answer.problem } })
      },
      reset() {
        latest++
        set({ task: { status: 'idle' } })
      },
    }
  })
}
