import { equalBytes } from '@medguard/protocol'
import { type Asked, type Decision, decideAgain, type FactSource, nowNs, standingOf } from '@medguard/shared'
import type { StoredAccount } from './codec.ts'
import type { Context } from './context.ts'
import { type RecordsStore, SECTION } from './store.ts'

/** What no decision looks at: records, uploads, the bookkeeping of flows and of the log. Any other section counts as a fact. */
const BOOKKEEPING: readonly number[] = [
  SECTION.outbox,
  SECTION.requests,
  SECTION.budgets,
  SECTION.uploads,
  SECTION.openUploads,
  SECTION.records,
  SECTION.versions,
  SECTION.lists,
  SECTION.counters,
  SECTION.windows,
  SECTION.usages,
  SECTION.unfinished,
  SECTION.blobs,
  SECTION.devicePosts,
  SECTION.pendings,
  SECTION.repeats,
  SECTION.shardOutboxes,
]
/** Whether a permit may rest on what a section says. */
export const decides = (section: number): boolean => !BOOKKEEPING.includes(section)

/** What this canister knows, by its own rows: its half of the two-key rule (keys.md, section 10). */
export function createFacts(store: RecordsStore, written: () => number): FactSource<StoredAccount> {
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
    written,
    standing: (grant, account, caller, nowNs) =>
      standingOf(store, grant, store.people.principalsOf(account, caller), nowNs),
  }
}

/** Decides on the facts as they are in this very message. */
export const decideNow = ({ facts }: Pick<Context, 'facts'>, asked: Asked): Decision =>
  decideAgain(asked, facts, nowNs())
