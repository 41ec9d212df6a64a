import { type Decision, nowNs } from '@medguard/shared'
import { type Asked, decide } from './rules.ts'
import type { ConsentStore } from './store.ts'

/** Decides on the facts as they are in this very message. */
export function decideNow(store: ConsentStore, asked: Asked): Decision {
  const account = store.account(asked.caller)
  const state = asked.grantId === null ? undefined : store.grants.get(asked.grantId)
  return decide(asked, { account, state, nowNs: nowNs() })
}

/** The purpose that leaves name: the grant's, or 0 for the owner. */
export function purposeOf(store: ConsentStore, grantId: Uint8Array | null): number {
  return grantId === null ? 0 : (store.grants.get(grantId)?.grant.purpose ?? 0)
}
