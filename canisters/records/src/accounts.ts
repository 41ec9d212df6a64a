import {
  type ArgOf,
  CATEGORIES,
  COMPARTMENT_KIND,
  concatBytes,
  detailFields,
  equalBytes,
  EVENT,
  type GrantView,
  ID_BYTES,
  POWER,
  Principal,
  type RecordsService,
  refuse,
  type RetOf,
} from '@medguard/protocol'
import {
  grantOf,
  type GrantState,
  grantTermsView,
  nowNs,
  positionOfId,
  powersToGive,
  vaultNamed,
} from '@medguard/shared'
import { type Context, ZERO_ID } from './context.ts'
import { wrongIds } from './rules.ts'

/** Binds the caller to the patient id that consent gave them. Nobody else can know it yet, and the first writer owns it (decision 26). */
export function enrol(
  { store }: Context,
  { patientId, compartments, requestId }: ArgOf<RecordsService['enrol']>,
  caller: Uint8Array,
): RetOf<RecordsService['enrol']> {
  const wrong = wrongIds({ patientId, requestId })
  if (wrong !== null) return { Err: wrong }
  const isWhole =
    compartments.length === CATEGORIES.length &&
    compartments.every(({ category, cid }, i) => category === i + 1 && cid.length === ID_BYTES) &&
    new Set(compartments.map(({ cid }) => String.fromCharCode(...cid))).size === CATEGORIES.length
  if (!isWhole) return { Err: refuse.badInput('compartments', 'range') }
  const cids = concatBytes(...compartments.map(({ cid }) => cid))
  const present = store.account(caller)
  if (present !== undefined) {
    const isSame = equalBytes(present.patientId, patientId) && equalBytes(present.cids, cids)
    return isSame ? { Ok: null } : { Err: refuse.idConflict }
  }
  if (store.ownerOf(patientId) !== undefined) return { Err: refuse.notPermitted }
  store.openAccount(caller, { patientId, cids })
  return { Ok: null }
}

/** Writes this canister's copy of a grant. It gives nothing until consent has the same one. */
export function grant(
  { store, outbox, facts }: Context,
  arg: ArgOf<RecordsService['grant']>,
  caller: Uint8Array,
): RetOf<RecordsService['grant']> {
  const account = vaultNamed(arg.patientId[0], caller, facts, powersToGive(arg.rights), nowNs())
  if (account === null) return { Err: refuse.notPermitted }
  if (outbox.isFull()) return { Err: refuse.logUnavailable }
  const { patientId, cids } = account
  const isKnown = arg.grantId.length === ID_BYTES && store.grants.has(arg.grantId)
  const checked = grantOf(arg, {
    caller,
    patientId,
    cids,
    sensitive: store.rules.sensitive(patientId),
    isKnown,
    nowNs: nowNs(),
  })
  if ('refusal' in checked) return { Err: checked.refusal }
  const refusal = isKnown ? null : store.trust.refuseGrantee(checked.grant, nowNs())
  if (refusal !== null) return { Err: refusal }
  const stored = store.grants.add(checked.grant, nowNs())
  return 'refusal' in stored ? { Err: stored.refusal } : { Ok: null }
}

/** Withdraws this canister's copy, and the wraps of a share with it. Taken even when the log is full: ending access never waits. */
export function revoke(
  { store, outbox, facts }: Context,
  { grantId, requestId }: ArgOf<RecordsService['revoke']>,
  caller: Uint8Array,
): RetOf<RecordsService['revoke']> {
  const wrong = wrongIds({ grantId, requestId })
  if (wrong !== null) return { Err: wrong }
  const state = store.grants.get(grantId)
  const giver = vaultNamed(state?.grant.patientId ?? ZERO_ID, caller, facts, POWER.share, nowNs())
  if (giver === null || state === undefined) return { Err: refuse.notPermitted }
  if (state.endedNs !== null) return { Ok: { endNs: state.endedNs } }
  const endNs = store.grants.end(state, nowNs())
  const { patientId, purpose, compartments } = state.grant
  for (const { compartmentKind, cid } of compartments)
    if (compartmentKind === COMPARTMENT_KIND.share) store.lists.clear({ patientId, compartmentKind, cid })
  outbox.queue({
    event: EVENT.copyWithdrawn,
    actor: caller,
    patientId,
    objectId: grantId,
    requestId,
    purpose,
    fields: detailFields.copyWithdrawn({ grantId, endNs }),
  })
  return { Ok: { endNs } }
}

export function grantsGiven(
  { store, facts }: Context,
  { patientId, from, count }: ArgOf<RecordsService['grantsGiven']>,
  caller: Uint8Array,
): RetOf<RecordsService['grantsGiven']> {
  const account = vaultNamed(patientId[0], caller, facts, POWER.share, nowNs())
  if (account === null) return { Err: refuse.notPermitted }
  const { total, states } = store.grants.givenBy(account.patientId, from, count)
  const patient = { principal: store.ownerOf(account.patientId) ?? caller, cids: account.cids }
  return { Ok: { total, grants: states.map((state) => grantView(state, patient)) } }
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
    })),
    terms: grantTermsView(stored),
  }
}
