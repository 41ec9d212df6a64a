import { type Grant, LEAF_FLAG, orgIdOf } from '@medguard/protocol'
import {
  type Asked,
  type Decision,
  decideAgain,
  type FactSource,
  nowNs,
  permittedUnder,
  type Standing,
  standingOf,
} from '@medguard/shared'
import type { StoredAccount } from './codec.ts'
import type { Context } from './context.ts'
import type { ConsentStore } from './store.ts'

/** What this canister knows, by its own rows. */
export function createFacts(store: ConsentStore, written: () => number): FactSource<StoredAccount> {
  return {
    account: (principal) => store.account(principal),
    vault: (patientId) => store.vaultOf(patientId),
    powers: (patientId, account, nowNs) => store.people.powers(patientId, account, nowNs),
    grant(grantId) {
      const state = store.grants.get(grantId)
      return state !== undefined && store.erasures.has(state.grant.patientId) ? undefined : state
    },
    // A patient fills a share before its grant reaches this canister; its key opens nothing that is not the patient's.
    ownsShare: () => true,
    device(deviceId) {
      const device = store.devices.get(deviceId)
      // Asked for what is not there, too: it takes as long (I7).
      return store.erasures.has(device?.patientId ?? deviceId) ? undefined : device
    },
    isPaused: (patientId) => store.rules.isPaused(patientId),
    written,
    standing: (grant, account, caller, nowNs) =>
      standingOf(store, grant, store.people.principalsOf(account, caller), nowNs),
  }
}

/** Decides on the facts as they are in this very message. */
export const decideNow = ({ facts }: Pick<Context, 'facts'>, asked: Asked): Decision =>
  decideAgain(asked, facts, nowNs())

/** The principals of the person who has this one, also where it was unlinked since: the others may still open. */
export function allOf(store: ConsentStore, principal: Uint8Array): readonly Uint8Array[] {
  const account = store.anyAccount(store.people.homeOf(principal) ?? principal)
  return account === undefined ? [principal] : store.people.principalsOf(account, principal)
}

/** How whoever a grant names stands, as the patient is told it. */
export function granteeStanding(store: ConsentStore, grant: Grant, nowNs: bigint): Standing {
  const orgId = orgIdOf(grant.grantee)
  if (orgId === null) return standingOf(store, grant, allOf(store, grant.grantee), nowNs)
  const bar = store.rules.bar(grant.patientId, [grant.grantee])
  return bar ?? (store.trust.isInForce(orgId, nowNs) ? 'grantee' : 'unverified')
}

export interface Footing {
  /** The grant's, or 0 for the owner. */
  readonly purpose: number
  /** The organisation through which somebody acts; zeros for who acts by themselves. */
  readonly orgId: Uint8Array
  /** Of `LEAF_FLAG`. */
  readonly flags: number
}
const BY_THEMSELVES: Footing = { purpose: 0, orgId: new Uint8Array(16), flags: 0 }

/** What leaves say of that under which somebody acts. */
export function footingOf(store: ConsentStore, asked: Asked): Footing {
  const { grantId } = asked
  const grant = grantId === null ? undefined : (permittedUnder(asked) ?? store.grants.get(grantId)?.grant)
  if (grant === undefined) return BY_THEMSELVES
  const orgId = orgIdOf(grant.grantee)
  const { purpose } = grant
  return orgId === null ? { ...BY_THEMSELVES, purpose } : { purpose, orgId, flags: LEAF_FLAG.viaOrganisation }
}
