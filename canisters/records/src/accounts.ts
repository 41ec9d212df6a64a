import {
  type ArgOf,
  COMPARTMENT_KIND,
  detailFields,
  equalBytes,
  EVENT,
  type Grant,
  type GrantView,
  ID_BYTES,
  POWER,
  Principal,
  type RecordsService,
  refuse,
  type RetOf,
} from '@medguard/protocol'
import {
  changesOf,
  grantOf,
  type GrantState,
  grantTermsView,
  idsIn,
  nowNs,
  pauseGivenBy,
  payerOf,
  type PeopleHost,
  positionOfId,
  powersToGive,
  vaultNamed,
} from '@medguard/shared'
import { type Context, ZERO_ID } from './context.ts'
import { endLinksGivenBy } from './links.ts'
import { wrongIds } from './rules.ts'
import type { RecordsStore } from './store.ts'

/** This canister's own word on a vault, for its holder and whoever may do anything in their place. */
export function vault(
  { store, facts }: Context,
  arg: ArgOf<RecordsService['vault']>,
  caller: Uint8Array,
): RetOf<RecordsService['vault']> {
  const named = arg.patientId[0]
  const wrong = named === undefined ? null : wrongIds({ patientId: named })
  if (wrong !== null) return { Err: wrong }
  const account = store.account(caller)
  if (account === undefined) return { Err: refuse.notPermitted }
  const patientId = named ?? account.patientId
  const isOwn = equalBytes(account.patientId, patientId)
  if (!isOwn && facts.powers(patientId, account, nowNs()) === 0) return { Err: refuse.notPermitted }
  const found = isOwn ? account : store.vaultOf(patientId)
  if (found === undefined) return { Err: refuse.notPermitted }
  return { Ok: { patientId, compartments: idsIn(found.cids).map((cid, i) => ({ category: i + 1, cid })) } }
}

/** Writes this canister's copy of a grant. It gives nothing until consent has the same one. */
export function grant(
  { store, outbox, facts, budgets }: Context,
  arg: ArgOf<RecordsService['grant']>,
  caller: Uint8Array,
): RetOf<RecordsService['grant']> {
  const account = vaultNamed(arg.patientId[0], caller, facts, powersToGive(arg.rights), nowNs())
  const giver = store.account(caller)
  if (account === null || giver === undefined) return { Err: refuse.notPermitted }
  if (outbox.isFull(account.patientId)) return { Err: refuse.logUnavailable }
  const { patientId, cids } = account
  const isKnown = arg.grantId.length === ID_BYTES && store.grants.has(arg.grantId)
  const checked = grantOf(arg, {
    givers: store.people.principalsOf(giver, caller),
    patientId,
    cids,
    sensitive: store.rules.sensitive(patientId),
    isKnown,
    nowNs: nowNs(),
  })
  if ('refusal' in checked) return { Err: checked.refusal }
  const refusal = isKnown ? null : store.trust.refuseGrantee(checked.grant, nowNs())
  if (refusal !== null) return { Err: refusal }
  if (store.people.outlasts(patientId, caller, arg.endNs)) return { Err: refuse.badInput('endNs', 'range') }
  const changes = changesOf(budgets, payerOf(arg.patientId[0], account, caller, facts), nowNs())
  const wait = isKnown ? null : changes.take()
  if (wait !== null) return { Err: wait }
  const stored = store.grants.add(checked.grant, nowNs())
  if ('refusal' in stored) {
    if (!isKnown) changes.giveBack()
    return { Err: stored.refusal }
  }
  if (stored.added && !equalBytes(giver.patientId, patientId))
    store.grants.noteGiver(checked.grant, giver.patientId, nowNs())
  return { Ok: null }
}

/** Withdraws this canister's copy, and the wraps of a share with it. Taken even when the log is full: ending access never waits. */
export function revoke(
  { store, outbox, facts }: Context,
  { grantId, requestId }: ArgOf<RecordsService['revoke']>,
  caller: Uint8Array,
): RetOf<RecordsService['revoke']> {
  const wrong = wrongIds({ grantId, requestId })
  if (wrong !== null) return { Err: wrong }
  // Before the grant is looked at: for whoever has no account that would be most of what a refusal costs (I7).
  if (store.account(caller) === undefined) return { Err: refuse.notPermitted }
  const state = store.grants.get(grantId)
  const giver = vaultNamed(state?.grant.patientId ?? ZERO_ID, caller, facts, POWER.share, nowNs())
  if (giver === null || state === undefined) return { Err: refuse.notPermitted }
  if (state.endedNs !== null) return { Ok: { endNs: state.endedNs } }
  const endNs = store.grants.end(state, nowNs())
  clearShare(store, state.grant)
  tellEnd(outbox, state.grant, { endNs, actor: caller, requestId })
  return { Ok: { endNs } }
}

/** Removes the wraps of a share by record. @returns whether there were any. */
function clearShare(store: RecordsStore, { patientId, compartments }: Grant): boolean {
  const share = compartments.find(({ compartmentKind }) => compartmentKind === COMPARTMENT_KIND.share)
  if (share === undefined) return false
  const place = { patientId, compartmentKind: share.compartmentKind, cid: share.cid }
  if (store.lists.count(place) === 0) return false
  store.lists.clear(place, store.capsules.release)
  return true
}

function tellEnd(
  outbox: Context['outbox'],
  { grantId, patientId, purpose }: Grant,
  { endNs, ...by }: { endNs: bigint; actor: Uint8Array; requestId: Uint8Array },
): void {
  const fields = detailFields.copyWithdrawn({ grantId, endNs })
  outbox.queue({ event: EVENT.copyWithdrawn, patientId, objectId: grantId, purpose, fields, ...by })
}

/** Ends what somebody gave in a patient's place. Of the wraps of more shares than one message clears the rest goes with later looks at them. */
export function endGiven(
  { store, outbox, deviceHost, collect }: Pick<Context, 'store' | 'outbox' | 'deviceHost' | 'collect'>,
  { patientId, giverId, ...by }: Parameters<PeopleHost['endGiven']>[0],
): void {
  const endNs = nowNs()
  const ended = store.grants.endGivenBy(patientId, giverId, endNs)
  for (const each of ended) tellEnd(outbox, each, { endNs, ...by })
  clearShares(store, ended)
  pauseGivenBy(deviceHost, { patientId, giverId, ...by })
  endLinksGivenBy({ store, outbox, collect }, { patientId, giverId, ...by })
}

export function grantsGiven(
  { store, facts }: Context,
  { patientId, from, count }: ArgOf<RecordsService['grantsGiven']>,
  caller: Uint8Array,
): RetOf<RecordsService['grantsGiven']> {
  const account = vaultNamed(patientId[0], caller, facts, POWER.share, nowNs())
  if (account === null) return { Err: refuse.notPermitted }
  const { total, states } = store.grants.givenBy(account.patientId, from, count)
  const over = states.filter(({ grant: { endNs }, endedNs }) => endedNs !== null || nowNs() >= endNs)
  clearShares(
    store,
    over.map(({ grant }) => grant),
  )
  const patient = { principal: store.ownerOf(account.patientId) ?? caller, cids: account.cids }
  return { Ok: { total, grants: states.map((state) => grantView(state, patient)) } }
}

/** Shares that one message gives up. */
const CLEARED_MAX = 4

/** Wraps of a share that is over serve nobody. The patient's own look at their shares is when those are met whose period ended. */
function clearShares(store: RecordsStore, over: readonly Grant[]): void {
  let cleared = 0
  for (const each of over) if (clearShare(store, each) && ++cleared >= CLEARED_MAX) return
}

/** Epochs are consent's: here each is 1. */
function grantView(
  { grant: stored, endedNs }: GrantState,
  patient: { principal: Uint8Array; cids: Uint8Array },
): GrantView {
  const { compartments, grantee, ...rest } = stored
  return {
    ...rest,
    patient: Principal.fromUint8Array(patient.principal),
    grantee: Principal.fromUint8Array(grantee),
    status: endedNs === null ? { active: null } : { inactive: null },
    endedNs: endedNs === null ? [] : [endedNs],
    compartments: compartments.map(({ compartmentKind, cid }) => ({
      compartmentKind,
      cid,
      category: positionOfId(patient.cids, cid) + 1,
      minEpoch: 1,
      currentEpoch: 1,
      isDerived: [],
    })),
    terms: grantTermsView(stored),
    bar: [],
  }
}
