import type { Hosting, LogItem } from '@medguard/client'
import { msOf } from '../app/dates.ts'

export const PARTS = ['consent', 'records', 'audit'] as const
export type Part = (typeof PARTS)[number]

/** Something that was done to a part of MedGuard, as the log has it. */
export interface CodeEntry {
  readonly key: string
  /** Null for one that names no part: settings. */
  readonly part: Part | null
  /** `began`: that its code was changed; `runs`: what the network said of the code after that; `settings`: what it was told of the others. */
  readonly what: 'began' | 'runs' | 'settings'
  readonly moduleHash: string | null
  /** Principals that may change its code. */
  readonly controllers: readonly string[]
  readonly atMs: number
}

/**
 * Whether the code that runs is the last that the log names: `same`, `other`, or `notTold` where the log names none. The log cannot speak for its own code:
 * it writes that it was changed, and not what to.
 */
export interface RunningCode {
  readonly part: Part
  readonly moduleHash: string
  readonly isTold: 'same' | 'other' | 'notTold'
  /** When the log was told of it; null unless `same`. */
  readonly sinceMs: number | null
}

export const partOf = (name: unknown): Part | null => PARTS.find((part) => part === name) ?? null

/** Entries of the system's log, newest first. */
export function codeEntries(items: readonly LogItem[]): CodeEntry[] {
  return items.toReversed().flatMap(({ shard, leafIndex, event, timeNs, details }): CodeEntry[] => {
    if (event !== 'upgrade' && event !== 'configuration') return []
    const { moduleHash, controllers, canister } = details
    const hash = event === 'upgrade' && typeof moduleHash === 'string' ? moduleHash : null
    return [
      {
        key: `${shard}/${leafIndex}`,
        part: partOf(canister),
        what: event === 'configuration' ? 'settings' : hash === null ? 'began' : 'runs',
        moduleHash: hash,
        controllers: typeof controllers === 'string' ? controllers.split(' ').filter((each) => each !== '') : [],
        atMs: msOf(timeNs),
      },
    ]
  })
}

/** @param entries newest first. */
export function runningCode(hosting: readonly Hosting[], entries: readonly CodeEntry[]): RunningCode[] {
  return hosting.flatMap(({ name, moduleHash }): RunningCode[] => {
    const part = partOf(name)
    if (part === null) return []
    const last = entries.find((entry) => entry.part === part && entry.what === 'runs')
    if (last === undefined) return [{ part, moduleHash, isTold: 'notTold', sinceMs: null }]
    const isSame = last.moduleHash === moduleHash
    return [{ part, moduleHash, isTold: isSame ? 'same' : 'other', sinceMs: isSame ? last.atMs : null }]
  })
}
