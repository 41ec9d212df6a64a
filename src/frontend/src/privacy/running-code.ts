import type { Hosting, LogItem } from '@medguard/client'
import { msOf } from '../app/dates.ts'

export const PARTS = ['consent', 'records', 'audit'] as const
export type Part = (typeof PARTS)[number]

/** Something that was done to a part of MedGuard, as the log has it. */
export interface CodeEntry {
  readonly key: string
  /** Null for one that names no part: settings. */
  readonly part: Part | null
  /** Which part of the log it is about, 0 for the first. */
  readonly shard: number
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
  readonly shard: number
  readonly moduleHash: string
  readonly isTold: 'same' | 'other' | 'notTold'
  /** When the log was told of it; null unless `same`. */
  readonly sinceMs: number | null
}

const partOf = (name: unknown): Part | null => PARTS.find((part) => part === name) ?? null

/** What a canister's name stands for: `audit 2` is the second further part of the log. */
export function partNamed(name: string): Pick<RunningCode, 'part' | 'shard'> {
  const [, shard = '0'] = /^audit (\d+)$/.exec(name) ?? []
  return { part: partOf(name) ?? 'audit', shard: Number(shard) }
}

/** Entries of the system's log, newest first. */
export function codeEntries(items: readonly LogItem[]): CodeEntry[] {
  return items.toReversed().flatMap(({ shard, leafIndex, event, timeNs, details }): CodeEntry[] => {
    if (event !== 'upgrade' && event !== 'configuration') return []
    const { moduleHash, controllers, canister } = details
    const hash = event === 'upgrade' && typeof moduleHash === 'string' ? moduleHash : null
    const part = partOf(canister)
    return [
      {
        key: `${shard}/${leafIndex}`,
        part,
        shard: part === 'audit' ? shard : 0,
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
  return hosting.map(({ name, moduleHash }): RunningCode => {
    const named = partNamed(name)
    const last = entries.find(
      ({ part, shard, what }) => part === named.part && shard === named.shard && what === 'runs',
    )
    if (last === undefined) return { ...named, moduleHash, isTold: 'notTold', sinceMs: null }
    const isSame = last.moduleHash === moduleHash
    return { ...named, moduleHash, isTold: isSame ? 'same' : 'other', sinceMs: isSame ? last.atMs : null }
  })
}
