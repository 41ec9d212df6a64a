// The network as its HTTP interface sees it, over a machine that somebody else moves: an answer comes when its message has run.
import type { Host, IngressMessage, Machine, Meters, StoredRequest } from '../contracts.ts'

type CallAnswer = Awaited<ReturnType<Host['call']>>

export interface InProcessHost extends Host {
  /** To be told after everything that may have ended a request. */
  answerFinished(): void
}

const isOver = ({ state }: StoredRequest): boolean => state.status !== 'received' && state.status !== 'processing'

/** @param machineNow the machine at this moment: a restarted one is another object. */
export function createInProcessHost(machineNow: () => Machine, meters: () => Meters['parts']): InProcessHost {
  const waiting = new Set<{ readonly message: IngressMessage; readonly answer: (answer: CallAnswer) => void }>()
  return {
    // oxlint-disable-next-line require-await
    async call(message, waitMs) {
      const verdict = machineNow().submit(message)
      if (verdict.kind === 'refused') return verdict
      const request = machineNow().request(message.requestId)
      if (request === undefined) throw new Error('what was accepted is known')
      if (waitMs <= 0 || isOver(request)) return { kind: 'status', request }
      return new Promise((answer) => waiting.add({ message, answer }))
    },
    answerFinished() {
      for (const waiter of waiting) {
        const request = machineNow().request(waiter.message.requestId)
        if (request !== undefined && !isOver(request)) continue
        waiting.delete(waiter)
        if (request !== undefined) waiter.answer({ kind: 'status', request })
      }
    },
    query: (message) => resolved(() => machineNow().query(message)),
    request: (requestId) => resolved(() => machineNow().request(requestId)),
    canister: (canisterId) => resolved(() => machineNow().canister(canisterId)),
    canisterIds: () => resolved(() => machineNow().canisterIds()),
    timeNs: () => resolved(() => machineNow().timeNs()),
    advance: (byNs) => resolved(() => machineNow().setTime(machineNow().timeNs() + byNs)),
    meters: () => resolved(meters),
    dump: (canisterId) => resolved(() => machineNow().dump(canisterId)),
    close: () => Promise.resolve(),
  }
}

const resolved = <T>(work: () => T): Promise<T> => Promise.resolve().then(work)
