import { setTimeout as delay } from 'node:timers/promises'

// How often a person waits for the network: what a client sends is looked at on its way, and changes nothing.

/** What went over the line while some work was done. */
export interface Trips {
  /** Updates one after the other: those that were sent together are waited for once. */
  readonly updateRounds: number
  readonly queryRounds: number
  readonly updates: number
  readonly queries: number
}

const FAR_MS = 150

interface Sent {
  readonly kind: string
  readonly startMs: number
  readonly endMs: number
}

/**
 * @param work does nothing else with this process' `fetch` meanwhile.
 * @param farMs how long an answer is on its way back. A network in this process answers one call before the next is signed, which looks as if it had waited.
 */
export async function countTrips<T>(
  work: () => Promise<T>,
  farMs = FAR_MS,
): Promise<{ readonly value: T; readonly trips: Trips }> {
  const { fetch } = globalThis
  const sent: Sent[] = []
  globalThis.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : input.toString()
    const startMs = performance.now()
    const response = await fetch(input, init)
    // Answered once all of it is there.
    const body = await response.clone().arrayBuffer()
    await delay(farMs)
    const kind = body.byteLength === 0 ? '' : (/\/(call|query)$/.exec(new URL(url).pathname)?.[1] ?? '')
    sent.push({ kind, startMs, endMs: performance.now() })
    return response
  }
  try {
    const value = await work()
    const [calls, queries] = ['call', 'query'].map((kind) => sent.filter((each) => each.kind === kind))
    const trips = {
      updateRounds: roundsOf(calls ?? []),
      queryRounds: roundsOf(queries ?? []),
      updates: calls?.length ?? 0,
      queries: queries?.length ?? 0,
    }
    return { value, trips }
  } finally {
    globalThis.fetch = fetch
  }
}

/** The most of them that came one after the other. */
function roundsOf(sent: readonly Sent[]): number {
  let [rounds, overMs] = [0, Number.NEGATIVE_INFINITY]
  for (const { startMs, endMs } of sent.toSorted((a, b) => a.endMs - b.endMs)) {
    if (startMs < overMs) continue
    rounds++
    overMs = endMs
  }
  return rounds
}
