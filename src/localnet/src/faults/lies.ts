import type { IngressMessage, Occasion, Outcome } from '../contracts.ts'
import type { Faults } from './index.ts'

type Query = Pick<IngressMessage, 'canisterId' | 'method' | 'arg'>

/** One node that answers queries falsely: what it says is signed all the same, so only certified data shows the lie. */
export interface Lies {
  /** @param at the query. @param truth what the network answers. @returns what the node says. */
  tell(at: Occasion, query: Query, truth: Outcome): Outcome
}

const REMEMBERED_MAX = 1_000

/** @param faults rules of kind `lieInQuery`. */
export function createLies(faults: Pick<Faults, 'firing'>): Lies {
  /** The reply to each query when it was first asked. */
  const first = new Map<string, Uint8Array>()
  return {
    tell(at, query, truth) {
      if (truth.kind === 'reject') return truth
      const { reply } = truth
      const key = `${at.canister} ${query.method} ${Buffer.from(query.arg).toString('hex')}`
      const before = first.get(key)
      if (before === undefined && first.size < REMEMBERED_MAX) first.set(key, reply)
      switch (faults.firing('lieInQuery', at)?.how) {
        case 'change':
          return { kind: 'reply', reply: withChange(reply) }
        case 'cut':
          return { kind: 'reply', reply: reply.slice(0, Math.floor(reply.length / 2)) }
        case 'empty':
          return { kind: 'reply', reply: new Uint8Array() }
        case 'stale':
          return { kind: 'reply', reply: before ?? reply }
        case undefined:
          return truth
      }
    },
  }
}

/** The last byte lies in the values, behind what only describes them. */
function withChange(reply: Uint8Array): Uint8Array {
  const changed = reply.slice()
  const last = changed.length - 1
  if (last >= 0) changed[last] = (changed[last] ?? 0) ^ 1
  return changed
}
