import type { MedGuardClient, Share } from '@medguard/client'
import { valueOf } from './outcomes.ts'

type Asks = Pick<MedGuardClient, 'changes' | 'sharesReceived'>

/**
 * How long the word of a single node may stand in for an answer that the network agreed on. The counter of changes (decision 36) is a query: who answers it alone could say that nothing
 * changed. What it could hide for this long is that the institution may not look again at what it has opened already: nothing new opens without the canisters.
 */
const AGREED_EVERY_MS = 30_000
const NS_PER_MS = 1_000_000n

/**
 * What is shared with the gateway right now, asked for anew each time. Somebody who asks after a revocation was answered never gets what was known before it: a question
 * counts only for those who asked before it was sent.
 *
 * @throws Fault where nobody answers: then nothing may be given out.
 */
export function createGrants(client: Asks, nowMs: () => number): () => Promise<readonly Share[]> {
  let known: { readonly counter: bigint; readonly askedMs: number; readonly shares: readonly Share[] } | null = null
  return startedAfter(async () => {
    // Before the list: what changes in between is noticed next time.
    const counter = await client.changes()
    const isOld = known === null || counter !== known.counter || nowMs() - known.askedMs >= AGREED_EVERY_MS
    if (isOld) known = { counter, askedMs: nowMs(), shares: valueOf(await client.sharesReceived()) }
    return (known?.shares ?? []).filter((share) => isLive(share, BigInt(nowMs()) * NS_PER_MS))
  })
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
