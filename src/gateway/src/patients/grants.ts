import { Fault, type MedGuardClient, type Share } from '@medguard/client'
import { valueOf } from './outcomes.ts'

type Asks = Pick<MedGuardClient, 'changes' | 'sharesReceived'>

/**
 * How long the word of a single node may stand in for an answer that the network agreed on. The counter of changes (decision 36) is a query: who answers it alone could say that nothing
 * changed. What it could hide for this long is that the institution may not look again at what it has opened already: nothing new opens without the canisters.
 */
const AGREED_EVERY_MS = 30_000
const NS_PER_MS = 1_000_000n

/** What is taken in gives nothing out: it may go by an answer this old, and the canisters decide when it is stored. */
const LATELY_MS = 30_000

export interface Grants {
  /**
   * What is shared with the gateway right now, asked for anew each time. Somebody who asks after a revocation was answered never gets what was known before it: a question
   * counts only for those who asked before it was sent.
   *
   * @throws Fault where nobody answers: then nothing may be given out.
   */
  readonly now: () => Promise<readonly Share[]>
  /** The last answer, where it is of this half minute or nobody gave another one within it. @throws Fault where there never was one. */
  lately(): Promise<readonly Share[]>
  /** The last answer; empty before there was one. */
  known(): readonly Share[]
  /** Calls back when others are live than before, with the patients of those that came or went. @returns stops that. */
  readonly onChange: (call: (patientIds: ReadonlySet<string>) => void) => () => void
}

export function createGrants(client: Asks, nowMs: () => number): Grants {
  let last: { readonly counter: bigint; readonly askedMs: number; readonly shares: readonly Share[] } | null = null
  /** When somebody answered, or was last waited for in vain by who can do without. */
  let triedMs = 0
  /** Patients, by grant. */
  let liveOnes: ReadonlyMap<string, string> = new Map()
  const callbacks = new Set<(patientIds: ReadonlySet<string>) => void>()
  const known = () => (last?.shares ?? []).filter((share) => isLive(share, BigInt(nowMs()) * NS_PER_MS))
  const now = startedAfter(async () => {
    // Before the list: what changes in between is noticed next time.
    const counter = await client.changes()
    if (last === null || counter !== last.counter || nowMs() - last.askedMs >= AGREED_EVERY_MS)
      last = { counter, askedMs: nowMs(), shares: valueOf(await client.sharesReceived()) }
    triedMs = nowMs()
    const live = known()
    const before = liveOnes
    const ones = new Map(live.map(({ grantId, patientId }) => [grantId, patientId]))
    liveOnes = ones
    const others = [...before, ...ones].filter(([grantId]) => !before.has(grantId) || !ones.has(grantId))
    if (others.length > 0) {
      const patientIds = new Set(others.map(([, patientId]) => patientId))
      for (const call of callbacks) call(patientIds)
    }
    return live
  })
  return {
    now,
    async lately() {
      if (last !== null && nowMs() - triedMs < LATELY_MS) return known()
      try {
        return await now()
      } catch (error) {
        if (last === null || !(error instanceof Fault)) throw error
        triedMs = nowMs()
        return known()
      }
    },
    known,
    onChange(call) {
      callbacks.add(call)
      return () => void callbacks.delete(call)
    },
  }
}

/** By the own clock, whenever it was asked. */
export const isLive = ({ startNs, endNs, endedNs, bar, state }: Share, nowNs: bigint): boolean =>
  bar === null && endedNs === null && state !== 'notFinished' && startNs <= nowNs && nowNs < endNs

/** Calls that come while one runs share the next one: each gets an answer to a question that was asked after it came. */
export function startedAfter<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  let next: Promise<T> | null = null
  const start = (): Promise<T> => {
    next = null
    const one = work()
    running = one
    const ended = () => void (running === one && (running = null))
    one.then(ended, ended)
    return one
  }
  return () => {
    if (running === null) return start()
    return (next ??= running.then(start, start))
  }
}
