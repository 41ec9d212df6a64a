import {
  type AccessRequest,
  type ArgOf,
  CLINICAL_ROLES,
  COMPARTMENT_KIND,
  type ConsentService,
  encodeFields,
  equalBytes,
  EVENT,
  type Grant,
  GRANT_PERIOD_MAX_NS,
  orgPrincipal,
  POWER,
  Principal,
  PURPOSES,
  refuse,
  type RefusalArm,
  REQUEST_EXPIRY_MAX_NS,
  REQUEST_PAGE_MAX,
  REQUESTS_OF_UNKNOWN_OPEN_MAX,
  REQUESTS_FROM,
  REQUESTS_PER_HOUR,
  REQUESTS_RECEIVED_OPEN_MAX,
  REQUESTS_SENT_OPEN_MAX,
  REQUESTS_TO_ONE_OPEN_MAX,
  type RetOf,
  RIGHT,
} from '@medguard/protocol'
import {
  BUDGET_TAG,
  budgetKey,
  categoriesCovered,
  exceeding,
  isAnonymous,
  nowNs,
  samePrincipal,
  vaultNamed,
} from '@medguard/shared'
import type { Context } from './context.ts'
import { REQUEST_STATE, type StoredRequest } from './request-book.ts'
import { wrongIds } from './rules.ts'

// Who asks a patient for access, and what comes of it. Which of it the patient sees at all, the requester cannot tell.

const ZERO_ID = new Uint8Array(16)
const NOBODY = new Uint8Array(0)
const RIGHTS_ASKED = RIGHT.list | RIGHT.open | RIGHT.write

type AskArg = ArgOf<ConsentService['requestAccess']>

export function requestAccess(
  context: Context,
  arg: AskArg,
  caller: Uint8Array,
): RetOf<ConsentService['requestAccess']> {
  const { store, outbox, facts } = context
  const account = facts.account(caller)
  if (account === undefined) return { Err: refuse.notPermitted }
  const now = nowNs()
  const wrong = wrongAsk(arg, caller, now)
  if (wrong !== null) return { Err: wrong }
  const { askId, requestId, categories, rights, purpose, periodNs, expiresNs } = arg
  const patient = arg.patient.toUint8Array()
  const [orgId = null] = arg.forOrg
  const grantee = orgId === null ? caller : orgPrincipal(orgId)
  const unfit = refuseRequester(context, { caller, orgId, rights, purpose, now })
  if (unfit !== null) return { Err: unfit }
  const present = store.requests.get(askId)
  if (present !== undefined) return isSame(present, arg, caller) ? { Ok: null } : { Err: refuse.idConflict }
  // By the asker's own part of the log: the answer tells nothing of the patient, not even where their lines are.
  if (outbox.isFull(account.patientId)) return { Err: refuse.logUnavailable }
  // Counted by the code that was asked, whoever has it or nobody: the answer tells nothing of the patient.
  const isFull =
    store.requests.openSentBy(account.patientId, now) >= REQUESTS_SENT_OPEN_MAX ||
    store.requests.openFrom(account.patientId, patient, now) >= REQUESTS_TO_ONE_OPEN_MAX
  if (isFull) return { Err: refuse.full }
  const budget = budgetKey(BUDGET_TAG.accessRequest, account.patientId)
  const waitMs = context.budgets.take(budget, REQUESTS_PER_HOUR, now)
  if (waitMs > 0) return { Err: refuse.busy(waitMs) }

  const patientId = facts.account(patient)?.patientId ?? null
  const principals = store.people.principalsOf(account, caller)
  const isReached =
    patientId !== null &&
    isWelcome(context, patientId, { requesterId: account.patientId, principals, grantee, rights, now })
  const request: StoredRequest = {
    state: REQUEST_STATE.pending,
    requester: caller,
    requesterId: account.patientId,
    grantee,
    patient,
    patientId: isReached ? patientId : ZERO_ID,
    categories,
    rights,
    purpose,
    periodNs,
    askedNs: now,
    expiresNs,
    grantId: ZERO_ID,
    decidedNs: 0n,
  }
  store.requests.add(askId, request, isReached)
  if (!isReached) return { Ok: null }
  // Without an actor: in the requester's own log it would tell them that it reached somebody.
  outbox.queue({ ...leafOf(request, askId), event: EVENT.requestMade, actor: NOBODY, requestId })
  store.noteChange(patient)
  return { Ok: null }
}

function wrongAsk(arg: AskArg, caller: Uint8Array, now: bigint): RefusalArm | null {
  const { askId, requestId, categories, rights, purpose, periodNs, expiresNs } = arg
  const wrong = wrongIds({ askId, requestId, forOrg: arg.forOrg[0] ?? null })
  if (wrong !== null) return wrong
  const patient = arg.patient.toUint8Array()
  if (patient.length === 0 || isAnonymous(patient)) return refuse.badInput('patient', 'nobody')
  if (samePrincipal(patient, caller)) return refuse.badInput('patient', 'self')
  if (categories === 0) return refuse.badInput('categories', 'range')
  if (rights === 0 || (rights & ~RIGHTS_ASKED) !== 0) return refuse.badInput('rights', 'range')
  if (purpose >= PURPOSES.length) return refuse.badInput('purpose', 'range')
  if (periodNs === 0n || periodNs > GRANT_PERIOD_MAX_NS) return refuse.badInput('periodNs', 'range')
  return expiresNs <= now || expiresNs > now + REQUEST_EXPIRY_MAX_NS ? refuse.badInput('expiresNs', 'range') : null
}

/** Whoever asks for an organisation works there in a clinical role; and where the purpose wants somebody who is verified, they or it are. */
function refuseRequester(
  { store }: Context,
  asking: { caller: Uint8Array; orgId: Uint8Array | null; rights: number; purpose: number; now: bigint },
): RefusalArm | null {
  const { caller, orgId, rights, purpose, now } = asking
  if (orgId !== null && (store.trust.rolesOf(orgId, caller, now) & CLINICAL_ROLES) === 0) return refuse.notPermitted
  const grantee = orgId === null ? caller : orgPrincipal(orgId)
  return store.trust.refuseGrantee({ grantee, purpose, rights }, now)
}

interface Asking {
  /** Patient id of the requester's own account. */
  readonly requesterId: Uint8Array
  /** All of that account's. */
  readonly principals: readonly Uint8Array[]
  readonly grantee: Uint8Array
  readonly rights: number
  readonly now: bigint
}
/**
 * Whether a patient wants to hear of it: not blocked, let in by who may ask, and not more than anybody reads. Strangers leave room for whom the patient shared with
 * before, and nobody who asks under several of a patient's codes reaches them more often.
 */
function isWelcome({ store }: Context, patientId: Uint8Array, asking: Asking): boolean {
  const { requesterId, principals, grantee, rights, now } = asking
  const everybody = [...principals, grantee]
  const from = REQUESTS_FROM[store.rules.of(patientId).requestsFrom] ?? 'nobody'
  const isKnown = everybody.some((each) => store.requests.isKnown(patientId, each))
  const isLetIn = isKnown ? from !== 'nobody' : from === 'verified' && store.trust.isVouchedFor(grantee, rights, now)
  const most = isKnown ? REQUESTS_RECEIVED_OPEN_MAX : REQUESTS_OF_UNKNOWN_OPEN_MAX
  return (
    isLetIn &&
    store.rules.bar(patientId, everybody) !== 'blocked' &&
    store.requests.openReceivedBy(patientId, now) < most &&
    store.requests.openFrom(requesterId, patientId, now) < REQUESTS_TO_ONE_OPEN_MAX
  )
}

/** The same request again: an answer that was lost on the way. */
const isSame = (stored: StoredRequest, arg: AskArg, caller: Uint8Array): boolean =>
  samePrincipal(stored.requester, caller) &&
  samePrincipal(stored.grantee, arg.forOrg[0] === undefined ? caller : orgPrincipal(arg.forOrg[0])) &&
  samePrincipal(stored.patient, arg.patient.toUint8Array()) &&
  stored.categories === arg.categories &&
  stored.rights === arg.rights &&
  stored.purpose === arg.purpose &&
  stored.periodNs === arg.periodNs &&
  stored.expiresNs === arg.expiresNs

export function withdrawRequest(
  context: Context,
  { askId, requestId }: ArgOf<ConsentService['withdrawRequest']>,
  caller: Uint8Array,
): RetOf<ConsentService['withdrawRequest']> {
  const wrong = wrongIds({ askId, requestId })
  if (wrong !== null) return { Err: wrong }
  const { store, outbox, facts } = context
  const request = store.requests.get(askId)
  const account = facts.account(caller)
  if (request === undefined || account === undefined || !equalBytes(request.requesterId, account.patientId))
    return { Err: refuse.notPermitted }
  if (request.state === REQUEST_STATE.withdrawn) return { Ok: null }
  if (!isOpen(request)) return { Err: refuse.alreadyDone }
  store.requests.close(askId, request, { state: REQUEST_STATE.withdrawn, grantId: ZERO_ID, decidedNs: nowNs() })
  if (equalBytes(request.patientId, ZERO_ID)) return { Ok: null }
  outbox.queue({
    ...leafOf(request, askId, { reason: 1 }),
    event: EVENT.requestEnded,
    actor: NOBODY,
    requestId,
  })
  store.noteChange(request.patient)
  return { Ok: null }
}

/** Of a vault that is erased: whom they asked sees that they ask no more, and whom they were asked by does not see them any longer. */
export function forgetRequests({ store, outbox }: Context, patientId: Uint8Array, requestId: Uint8Array): void {
  for (const { askId, request } of store.requests.forget(patientId, nowNs())) {
    if (equalBytes(request.patientId, ZERO_ID)) continue
    outbox.queue({ ...leafOf(request, askId, { reason: 1 }), event: EVENT.requestEnded, actor: NOBODY, requestId })
    store.noteChange(request.patient)
  }
}

export function denyRequest(
  context: Context,
  { askId, requestId }: ArgOf<ConsentService['denyRequest']>,
  caller: Uint8Array,
): RetOf<ConsentService['denyRequest']> {
  const wrong = wrongIds({ askId, requestId })
  if (wrong !== null) return { Err: wrong }
  const { store, outbox, facts } = context
  const request = store.requests.get(askId)
  const vault = vaultNamed(request?.patientId ?? ZERO_ID, caller, facts, POWER.share, nowNs())
  if (request === undefined || vault === null) return { Err: refuse.notPermitted }
  if (request.state === REQUEST_STATE.denied) return { Ok: null }
  if (!isOpen(request)) return { Err: refuse.alreadyDone }
  store.requests.close(askId, request, { state: REQUEST_STATE.denied, grantId: ZERO_ID, decidedNs: nowNs() })
  outbox.queue({ ...leafOf(request, askId), event: EVENT.requestDenied, actor: caller, requestId })
  store.noteChange(request.requester)
  return { Ok: null }
}

/** Why a grant does not answer a request: it is another patient's, over, or asks for less (I4). Null when it does. */
export function refuseAnswer({ store }: Context, askId: Uint8Array, grant: Grant, cids: Uint8Array): RefusalArm | null {
  const request = store.requests.get(askId)
  if (request === undefined || !equalBytes(request.patientId, grant.patientId)) return refuse.notPermitted
  return isOpen(request) ? exceeding(request, grant, cids) : refuse.alreadyDone
}

/** Marks a request as answered by a grant that was just stored. */
export function answerRequest(
  { store, outbox }: Context,
  answer: { askId: Uint8Array; grant: Grant; cids: Uint8Array; caller: Uint8Array; requestId: Uint8Array },
): void {
  const { askId, grant, cids, caller, requestId } = answer
  const request = store.requests.get(askId)
  if (request === undefined) return
  const { grantId, rights, endNs, terms } = grant
  const isWhole =
    categoriesCovered(grant, cids) === request.categories &&
    grant.compartments.every(({ compartmentKind }) => compartmentKind === COMPARTMENT_KIND.category) &&
    rights === request.rights &&
    endNs - grant.startNs === request.periodNs &&
    (terms === null || (terms.excluded.length === 0 && terms.roles === 0))
  const state = isWhole ? REQUEST_STATE.approved : REQUEST_STATE.narrowed
  store.requests.close(askId, request, { state, grantId, decidedNs: nowNs() })
  outbox.queue({
    ...leafOf(request, askId, { grantId, rights, endNs }),
    event: isWhole ? EVENT.requestApproved : EVENT.requestNarrowed,
    actor: caller,
    requestId,
  })
  store.noteChange(request.requester)
}

export function requestsSent(
  { store, facts }: Context,
  { from, count }: ArgOf<ConsentService['requestsSent']>,
  caller: Uint8Array,
): RetOf<ConsentService['requestsSent']> {
  const account = facts.account(caller)
  if (account === undefined) return { Err: refuse.notPermitted }
  return { Ok: pageView(store.requests.sentBy(account.patientId, from, Math.min(count, REQUEST_PAGE_MAX))) }
}

export function requestsReceived(
  { store, facts }: Context,
  { patientId, from, count }: ArgOf<ConsentService['requestsReceived']>,
  caller: Uint8Array,
): RetOf<ConsentService['requestsReceived']> {
  const wrong = wrongIds({ patientId: patientId[0] ?? null })
  if (wrong !== null) return { Err: wrong }
  const vault = vaultNamed(patientId[0], caller, facts, POWER.share, nowNs())
  if (vault === null) return { Err: refuse.notPermitted }
  return { Ok: pageView(store.requests.receivedBy(vault.patientId, from, Math.min(count, REQUEST_PAGE_MAX))) }
}

const isOpen = ({ state, expiresNs }: StoredRequest): boolean => state === REQUEST_STATE.pending && nowNs() < expiresNs

function pageView({ total, page }: { total: number; page: readonly { askId: Uint8Array; request: StoredRequest }[] }) {
  return { total, requests: page.map(({ askId, request }) => requestView(askId, request)) }
}

function requestView(askId: Uint8Array, request: StoredRequest): AccessRequest {
  const { requester, grantee, patient, grantId, decidedNs, categories, rights, purpose } = request
  const { periodNs, askedNs, expiresNs } = request
  return {
    askId,
    categories,
    rights,
    purpose,
    periodNs,
    askedNs,
    expiresNs,
    requester: Principal.fromUint8Array(requester),
    grantee: Principal.fromUint8Array(grantee),
    patient: Principal.fromUint8Array(patient),
    state: stateOf(request),
    grantId: equalBytes(grantId, ZERO_ID) ? [] : [grantId],
    decidedNs: decidedNs === 0n ? [] : [decidedNs],
  }
}
function stateOf(request: StoredRequest): AccessRequest['state'] {
  const { state } = request
  if (state === REQUEST_STATE.approved) return { approved: null }
  if (state === REQUEST_STATE.narrowed) return { narrowed: null }
  if (state === REQUEST_STATE.denied) return { denied: null }
  if (state === REQUEST_STATE.withdrawn) return { withdrawn: null }
  return isOpen(request) ? { pending: null } : { expired: null }
}

function leafOf(
  { patientId, requester, rights, purpose }: StoredRequest,
  askId: Uint8Array,
  outcome: { grantId?: Uint8Array; rights?: number; endNs?: bigint; reason?: number } = {},
) {
  const fields = encodeFields('requestMade', { principal: requester, rights, ...outcome })
  return { patientId, objectId: askId, purpose, fields }
}
