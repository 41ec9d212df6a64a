import { type Asked, type Decision, decide, type FactSource, nowNs, standingOf } from '@medguard/shared'
import type { StoredAccount } from './codec.ts'
import type { Context } from './context.ts'
import type { ConsentStore } from './store.ts'

/** What this canister knows, by its own rows. */
export function createFacts(store: ConsentStore): FactSource<StoredAccount> {
  return {
    account: (principal) => store.account(principal),
    vault(patientId) {
      const owner = store.ownerOf(patientId)
      return owner === undefined ? undefined : store.account(owner)
    },
    powers: () => 0,
    grant: (grantId) => store.grants.get(grantId),
    // A patient fills a share before its grant reaches this canister; its key opens nothing that is not the patient's.
    ownsShare: () => true,
    standing: (grant, _, caller) => standingOf(store, grant, [caller]),
  }
}

/** Decides on the facts as they are in this very message. */
export const decideNow = ({ facts }: Pick<Context, 'facts'>, asked: Asked): Decision => decide(asked, facts, nowNs())

/** The purpose that leaves name: the grant's, or 0 for the owner. */
export function purposeOf(store: ConsentStore, grantId: Uint8Array | null): number {
  return grantId === null ? 0 : (store.grants.get(grantId)?.grant.purpose ?? 0)
}
