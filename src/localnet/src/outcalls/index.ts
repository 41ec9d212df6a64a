import { setMaxListeners } from 'node:events'
import type { Machine, OutcallRequest, OutcallResult } from '../contracts.ts'
import { fetchOutcall, type FetchOptions } from './fetch.ts'

export { headerBytes, OUTCALL_BYTES_MAX, requestHeadersProblem, urlProblem } from './rules.ts'

export interface OutcallOptions {
  /** Also `http:` addresses of this computer; for tests. The network itself makes HTTPS outcalls only. */
  readonly loopback?: boolean
  /** Certificates in PEM to trust instead of the usual ones; for tests against a server with one of its own. */
  readonly certificateAuthorities?: readonly string[]
  /** How many nodes make each outcall and have to agree on its answer, as on a subnet of that many; 1 unless told. */
  readonly replication?: number
}

/** The settings cannot work. */
export class OutcallsProblem extends Error {
  override readonly name = 'OutcallsProblem'
}

const REPLICATION_MAX = 40
/** At once, give or take those of one outcall; further ones wait. A canister can have hundreds of outcalls open. */
const CONNECTIONS_MAX = 128

/** What the machine has to know of the settings. @throws OutcallsProblem */
export function outcallRules({ loopback = false, replication = 1 }: OutcallOptions): {
  readonly allowsLoopback: boolean
  readonly replication: number
} {
  if (!Number.isInteger(replication) || replication < 1 || replication > REPLICATION_MAX) {
    throw new OutcallsProblem(
      `the replication of outcalls is a number from 1 to ${REPLICATION_MAX}, not ${replication}`,
    )
  }
  return { allowsLoopback: loopback, replication }
}

export interface Outcalls {
  /** Makes what the machine wants made and has stored; to be called after every commit. */
  start(): void
  /** Gives the machine what has come back since. @returns whether anything had. */
  answer(): boolean
  close(): void
}

/**
 * Makes a machine's outcalls, off its thread of messages.
 *
 * @param arrived told whenever something can be given to the machine.
 */
export function createOutcalls(
  machine: Pick<Machine, 'takeOutcalls' | 'answerOutcall'>,
  options: OutcallOptions,
  arrived: () => void,
): Outcalls {
  const fetching: FetchOptions = { certificateAuthorities: options.certificateAuthorities ?? [] }
  const closing = new AbortController()
  // Each connection listens; Node's warning about a leak does not fit.
  setMaxListeners(0, closing.signal)
  const queue: OutcallRequest[] = []
  let connections = 0
  let done: { readonly id: number; readonly results: readonly OutcallResult[] }[] = []
  const make = async (outcall: OutcallRequest): Promise<void> => {
    const copies = Array.from({ length: outcall.copies }, () => fetchOutcall(outcall, fetching, closing.signal))
    const results = await Promise.all(copies)
    connections -= outcall.copies
    if (closing.signal.aborted) return
    startNext()
    done.push({ id: outcall.id, results })
    arrived()
  }
  const startNext = (): void => {
    while (connections < CONNECTIONS_MAX) {
      const next = queue.shift()
      if (next === undefined) return
      connections += next.copies
      void make(next)
    }
  }
  return {
    start() {
      queue.push(...machine.takeOutcalls())
      startNext()
    },
    answer() {
      const ready = done
      done = []
      for (const { id, results } of ready) machine.answerOutcall(id, results)
      return ready.length > 0
    },
    close: () => closing.abort(),
  }
}
