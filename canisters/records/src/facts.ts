import { equalBytes } from '@medguard/protocol'
import { type Asked, type Decision, decide, type FactSource, nowNs, standingOf } from '@medguard/shared'
import type { StoredAccount } from './codec.ts'
import type { Context } from './context.ts'
import type { RecordsStore } from './store.ts'

/** What this canister knows, by its own rows: its half of the two-key rule (keys.md, section 10). */
export function createFacts(store: RecordsStore): FactSource<StoredAccount> {
  return {
    account: (principal) => store.account(principal),
    vault: (patientId) => store.vaultOf(patientId),
    powers: (patientId, account, nowNs) => store.people.powers(patientId, account, nowNs),
    grant(grantId) {
      const state = store.grants.get(grantId)
      return state !== undefined && store.erasures.has(state.grant.patientId) ? undefined : state
    },
    ownsShare(patientId, cid) {
      const state = store.grants.get(cid)
      return state !== undefined && equalBytes(state.grant.patientId, patientId)
    },
    device(deviceId) {
      const device = store.devices.get(deviceId)
      // Asked for what is not there, too: it takes as long (I7).
      return store.erasures.has(device?.patientId ?? deviceId) ? undefined : device
    },
    isPaused: (patientId) => store.rules.isPaused(patientId),
    standing: (grant, account, caller, nowNs) =>
      standingOf(store, grant, store.people.principalsOf(account, caller), nowNs),
  }
}

/** Decides on the facts as they are in this very message. */
export const decideNow = ({ facts }: Pick<Context, 'facts'>, asked: Asked): Decision => decide(asked, facts, nowNs())
