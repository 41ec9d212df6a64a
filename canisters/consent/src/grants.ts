import {
  AGREEMENT_BYTES_MAX,
  type ArgOf,
  COMPARTMENT_KIND,
  type ConsentService,
  detailFields,
  encodeGrant,
  equalBytes,
  EVENT,
  type Grant,
  type GrantView,
  ID_BYTES,
  POWER,
  orgPrincipal,
  Principal,
  refuse,
  type RetOf,
  RIGHT,
} from '@medguard/protocol'
import {
  changesOf,
  grantOf,
  type GrantState,
  grantTermsView,
  NOBODYS,
  nowNs,
  pauseGivenBy,
  payerOf,
  type PeopleHost,
  positionOfId,
  powersToGive,
  sha256,
  type Standing,
  vaultNamed,
} from '@medguard/shared'
import { answerRequest, refuseAnswer } from './access-requests.ts'
import type { Context } from './context.ts'
import { bumpEpoch } from './epochs.ts'
import { granteeStanding } from './facts.ts'
import { noticeExpiries } from './expiries.ts'
import { derivedUnder, wrongIds } from './rules.ts'
import type { ConsentStore } from './store.ts'

const ZERO_ID = new Uint8Array(16)

/** Writes this canister's copy of a grant. It gives nothing until records has the same one. */
export function grant(
  context: Context,
  arg: ArgOf<ConsentService['grant']>,
  caller: Uint8Array,
): RetOf<ConsentService['grant']> {
  const { store, outbox, facts } = context
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
  if (!isAgreement(arg)) return { Err: refuse.badInput('agreement', 'differs') }
  const unverified = isKnown ? null : store.trust.refuseGrantee(checked.grant, nowNs())
  if (unverified !== null) return { Err: unverified }
  const [askId = null] = arg.answering
  if (askId !== null && askId.length !== ID_BYTES) return { Err: refuse.badInput('answering', 'length') }
  if (askId !== null && !isKnown) {
    const refusal = refuseAnswer(context, askId, checked.grant, cids)
    if (refusal !== null) return { Err: refusal }
  }
  if (store.people.outlasts(patientId, caller, arg.endNs)) return { Err: refuse.badInput('endNs', 'range') }
  const changes = changesOf(context.budgets, payerOf(arg.patientId[0], account, caller, facts), nowNs())
  const wait = isKnown ? null : changes.take()
  if (wait !== null) return { Err: wait }
  noticeExpiries(context, patientId)
  const stored = store.grants.add(checked.grant, nowNs())
  if ('refusal' in stored) {
    if (!isKnown) changes.giveBack()
    return { Err: stored.refusal }
  }
  if (!stored.added) return { Ok: null }
  if (!equalBytes(giver.patientId, patientId)) store.grants.noteGiver(checked.grant, giver.patientId, nowNs())
  store.requests.noteKnown(patientId, checked.grant.grantee)
  const [text] = arg.agreement
  if (text !== undefined) store.agreements.set(arg.grantId, text)
  outbox.queue({
    event: EVENT.grant,
    actor: caller,
    patientId,
    objectId: arg.grantId,
    requestId: arg.requestId,
    purpose: arg.purpose,
    fields: detailFields.grant({ grant: encodeGrant(checked.grant) }),
  })
  if (askId !== null) answerRequest(context, { askId, grant: checked.grant, cids, caller, requestId: arg.requestId })
  store.noteChangeOf(patientId)
  store.noteChange(checked.grant.grantee)
  return { Ok: null }
}

/** Whether the text is the one whose hash both canisters keep. */
const isAgreement = ({ agreement: [text], agreementHash }: ArgOf<ConsentService['grant']>): boolean =>
  text === undefined ||
  (text.length > 0 && text.length <= AGREEMENT_BYTES_MAX && equalBytes(sha256(text), agreementHash))

export function agreement(
  context: Context,
  { grantId }: ArgOf<ConsentService['agreement']>,
  caller: Uint8Array,
): RetOf<ConsentService['agreement']> {
  const wrong = wrongIds({ grantId })
  if (wrong !== null) return { Err: wrong }
  const { store, facts } = context
  const account = store.account(caller)
  if (account === undefined) return { Err: refuse.notPermitted }
  const { grant } = store.grants.get(grantId) ?? NOBODYS
  const standing = facts.standing(grant, account, caller, nowNs())
  const isParty =
    vaultNamed(grant.patientId, caller, facts, POWER.read, nowNs()) !== null ||
    (standing !== 'nobody' && standing !== 'blocked')
  // Read for nobody else: it would be most of what a refusal costs (I7).
  const text = isParty ? store.agreements.get(grantId) : undefined
  // Grants of before texts were kept have none to give.
  return text !== undefined ? { Ok: text } : { Err: refuse.notPermitted }
}

/**
 * Ends a grant in this message: no later one derives or opens under it. Where the grantee derived the current key, the compartment moves on.
 * Taken even when the log is full: ending access never waits.
 */
export function revoke(
  context: Context,
  { grantId, requestId }: ArgOf<ConsentService['revoke']>,
  caller: Uint8Array,
): RetOf<ConsentService['revoke']> {
  const { store, facts } = context
  const wrong = wrongIds({ grantId, requestId })
  if (wrong !== null) return { Err: wrong }
  // Before the grant is looked at: for whoever has no account that would be most of what a refusal costs (I7).
  if (store.account(caller) === undefined) return { Err: refuse.notPermitted }
  const state = store.grants.get(grantId)
  const giver = vaultNamed(state?.grant.patientId ?? ZERO_ID, caller, facts, POWER.share, nowNs())
  if (giver === null || state === undefined) return { Err: refuse.notPermitted }
  if (state.endedNs !== null) return { Ok: { endNs: state.endedNs } }
  noticeExpiries(context, state.grant.patientId)
  const endNs = store.grants.end(state, nowNs())
  const { patientId, compartments } = state.grant
  tellEnd(context, state.grant, { endNs, actor: caller, requestId })
  for (const compartment of compartments) {
    if (compartment.compartmentKind === COMPARTMENT_KIND.share) continue // its one epoch dies with it
    const { currentEpoch } = store.epochs(patientId, compartment)
    if (derivedUnder(store.derivers(patientId, compartment, currentEpoch), grantId))
      bumpEpoch(context, { patientId, compartment, grantId, actor: caller })
  }
  return { Ok: { endNs } }
}

function tellEnd(
  { store, outbox }: Pick<Context, 'store' | 'outbox'>,
  { grantId, patientId, purpose, grantee }: Grant,
  { endNs, ...by }: { endNs: bigint; actor: Uint8Array; requestId: Uint8Array },
): void {
  const fields = detailFields.revoke({ grantId, endNs })
  outbox.queue({ event: EVENT.revoke, patientId, objectId: grantId, purpose, fields, ...by })
  store.noteChangeOf(patientId)
  store.noteChange(grantee)
}

/** Ends what somebody gave in a patient's place. The sweep that follows moves on the compartments whose key its grantees have. */
export function endGiven(
  context: Pick<Context, 'store' | 'outbox' | 'deviceHost'>,
  { patientId, giverId, ...by }: Parameters<PeopleHost['endGiven']>[0],
): void {
  const endNs = nowNs()
  for (const each of context.store.grants.endGivenBy(patientId, giverId, endNs))
    tellEnd(context, each, { endNs, ...by })
  pauseGivenBy(context.deviceHost, { patientId, giverId, ...by })
}

export function grantsGiven(
  context: Context,
  { patientId, from, count }: ArgOf<ConsentService['grantsGiven']>,
  caller: Uint8Array,
): RetOf<ConsentService['grantsGiven']> {
  const { store, facts } = context
  const account = vaultNamed(patientId[0], caller, facts, POWER.share, nowNs())
  if (account === null) return { Err: refuse.notPermitted }
  noticeExpiries(context, account.patientId)
  const standing = (given: Grant) => granteeStanding(store, given, nowNs())
  return { Ok: pageView(store, store.grants.givenBy(account.patientId, from, count), standing, 'patient') }
}

export function grantsReceived(
  { store, facts }: Context,
  { from, count }: ArgOf<ConsentService['grantsReceived']>,
  caller: Uint8Array,
): RetOf<ConsentService['grantsReceived']> {
  const account = store.account(caller)
  if (account === undefined) return { Err: refuse.notPermitted }
  const principals = store.people.principalsOf(account, caller)
  const standing = (received: Grant) => closed(facts.standing(received, account, caller, nowNs()))
  return { Ok: pageView(store, store.grants.receivedBy(principals, from, count), standing) }
}

export function organisationGrants(
  { store, facts }: Context,
  { orgId, from, count }: ArgOf<ConsentService['organisationGrants']>,
  caller: Uint8Array,
): RetOf<ConsentService['organisationGrants']> {
  const wrong = wrongIds({ orgId })
  if (wrong !== null) return { Err: wrong }
  const account = store.account(caller)
  const now = nowNs()
  const isThere =
    account !== undefined && store.trust.rolesOfAny(orgId, store.people.principalsOf(account, caller), now) !== 0
  if (!isThere) return { Err: refuse.notPermitted }
  const { total, states } = store.grants.receivedBy([orgPrincipal(orgId)], from, count)
  const standing = (given: Grant) => closed(facts.standing(given, account, caller, now))
  const reaching = states.filter(({ grant }) => standing(grant) !== 'nobody')
  const { grants } = pageView(store, { total, states: reaching }, standing)
  return { Ok: { total, next: from + states.length, grants } }
}

/** To whoever is blocked a grant says what it says to strangers. */
const closed = (standing: Standing): Standing => (standing === 'blocked' ? 'nobody' : standing)
/** What a grant that is in force says of each standing. */
const BAR_OF: Readonly<Record<Standing, GrantView['bar']>> = {
  grantee: [],
  paused: [{ paused: null }],
  unverified: [{ unverified: null }],
  blocked: [{ blocked: null }],
  nobody: [{ closed: null }],
}

/**
 * @param standing how whoever reads this, or whom the patient reads of, stands to a grant that is in force.
 * @param to a recipient is told which kinds are in use, of a grant that opens something to them.
 */
function pageView(
  store: ConsentStore,
  { total, states }: { total: number; states: GrantState[] },
  standing: (grant: Grant) => Standing,
  to: 'patient' | 'recipient' = 'recipient',
) {
  const now = nowNs()
  const bars = new Map<string, Standing>()
  let patient: Patient | null = null // most grants of a page are of one patient
  const grants: GrantView[] = []
  for (const state of states) {
    const { patientId, rights, startNs, endNs } = state.grant
    if (patient === null || !equalBytes(patient.patientId, patientId)) patient = patientOf(store, patientId)
    const isInForce = state.endedNs === null && now < endNs
    const bar: GrantView['bar'] = isInForce ? BAR_OF[once(bars, state.grant, standing)] : []
    const opens = (rights & (RIGHT.list | RIGHT.open)) !== 0 && bar.length === 0
    const isOpen = to === 'recipient' && isInForce && startNs <= now && opens
    grants.push({ ...grantView(store, state, patient, isOpen), bar })
  }
  return { total, grants }
}

/** Most grants of a page are between the same two, and what was asked in this message has its answer. */
function once(known: Map<string, Standing>, grant: Grant, standing: (grant: Grant) => Standing): Standing {
  const { patientId, grantee, purpose, rights, terms } = grant
  if (terms !== null && terms.excluded.length > 0) return standing(grant)
  const ids = String.fromCharCode(...patientId, ...grantee)
  const key = `${purpose} ${rights} ${terms?.roles ?? 0} ${ids}`
  const found = known.get(key) ?? standing(grant)
  known.set(key, found)
  return found
}

interface Patient {
  readonly patientId: Uint8Array
  readonly principal: Principal
  /** Of the categories, in the order of their numbers. */
  readonly cids: Uint8Array
}
function patientOf(store: ConsentStore, patientId: Uint8Array): Patient {
  const owner = store.ownerOf(patientId)
  // Of a vault that was erased nothing says any more whose it was.
  if (owner === undefined) return { patientId, principal: Principal.anonymous(), cids: new Uint8Array(0) }
  return {
    patientId,
    principal: Principal.fromUint8Array(owner),
    cids: store.anyAccount(owner)?.cids ?? new Uint8Array(0),
  }
}

function grantView(
  store: ConsentStore,
  { grant, endedNs }: GrantState,
  { principal, cids }: Patient,
  isOpen: boolean,
): Omit<GrantView, 'bar'> {
  const { grantId, patientId, grantee, rights, purpose, startNs, endNs, agreementHash, compartments } = grant
  return {
    grantId,
    patientId,
    patient: principal,
    grantee: Principal.fromUint8Array(grantee),
    rights,
    purpose,
    startNs,
    endNs,
    agreementHash,
    status: endedNs === null ? { active: null } : { inactive: null },
    endedNs: endedNs === null ? [] : [endedNs],
    compartments: compartments.map((compartment) => {
      const { compartmentKind, cid } = compartment
      const epochs = store.epochs(patientId, compartment)
      const isDerived: [] | [boolean] = isOpen ? [store.isDerived(patientId, compartment, epochs.currentEpoch)] : []
      return { compartmentKind, cid, category: positionOfId(cids, cid) + 1, ...epochs, isDerived }
    }),
    terms: grantTermsView(grant),
  }
}
