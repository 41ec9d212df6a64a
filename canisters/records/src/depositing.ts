import { type CapsuleHead, decodeCapsule, decodeWrap } from '@medguard/crypto/verify'
import {
  type ArgOf,
  CAPSULES_PER_CALL_MAX,
  DEPOSITS_IN_ALL_PER_HOUR,
  DEPOSITS_OF_CALLER_PER_HOUR,
  DEPOSITS_OF_PATIENT_PER_HOUR,
  DEPOSITS_UNDER_GRANT_PER_HOUR,
  encodeFields,
  equalBytes,
  EVENT,
  ID_BYTES,
  type RecordsService,
  refuse,
  type RefusalArm,
  type RetOf,
  RIGHT,
} from '@medguard/protocol'
import {
  type Asked,
  authoriseWriteCall,
  type Budget,
  BUDGET_TAG,
  budgetKey,
  budgetsOfWork,
  isHomeKind,
  nowNs,
  takeFromAll,
} from '@medguard/shared'
import { askConsent, askedOf, type Context, orgOf, placeOf, purposeOf, viaOrganisation, ZERO_ID } from './context.ts'
import { decideNow } from './facts.ts'
import type { Place } from './lists.ts'
import { onBehalf } from './reading.ts'
import { refuseKeeper } from './rewrapping.ts'
import { isCapsuleOf, wrongIds } from './rules.ts'

/** Capsules: how those deposit who may write and not read (keys.md, section 7; D05). */

export async function postCapsule(
  context: Context,
  arg: ArgOf<RecordsService['postCapsule']>,
  caller: Uint8Array,
): Promise<RetOf<RecordsService['postCapsule']>> {
  const { store, outbox } = context
  const { capsule, requestId } = arg
  const asking = askedOf(arg, caller, RIGHT.write)
  if ('refusal' in asking) return { Err: asking.refusal }
  const { asked } = asking
  const wrong = wrongIds({ requestId })
  if (wrong !== null) return { Err: wrong }
  const refusal = refuseDepositor(context, asked)
  if (refusal !== null) return { Err: refusal }
  const place = placeOf(asked)
  const head = readCapsule(capsule, place)
  if ('refusal' in head) return { Err: head.refusal }
  if (outbox.isFull(asked.patientId)) return { Err: refuse.logUnavailable }
  const earlier = posted(context, place, head, { capsule, caller })
  if (earlier !== null) return earlier
  const waitMs = takeFromAll(context.budgets, depositBudgets(asked), nowNs())
  if (waitMs > 0) return { Err: refuse.busy(waitMs) }
  const { epoch } = head.place
  const permit = await askConsent(context, authoriseWriteCall, {
    ...onBehalf(asked, requestId),
    epoch,
    authorKeyId: [],
    deviceId: [],
  })
  if ('refusal' in permit) return { Err: permit.refusal }

  const late = refuseDepositor(context, asked)
  if (late !== null) return { Err: late }
  const { floor } = store.keyStates.of(place)
  if (epoch < floor) return { Err: refuse.staleEpoch(floor) }
  const meanwhile = posted(context, place, head, { capsule, caller })
  if (meanwhile !== null) return meanwhile
  store.capsules.post(place, head, { depositor: caller, postedNs: nowNs(), capsule })
  const orgId = orgOf(context, asked.grantId)
  outbox.queue({
    event: EVENT.capsule,
    flags: viaOrganisation(orgId),
    compartmentKind: asked.compartmentKind,
    actor: caller,
    patientId: asked.patientId,
    objectId: head.capsuleId,
    versionOrEpoch: epoch,
    requestId,
    purpose: purposeOf(context, asked.grantId),
    fields: encodeFields('capsule', { cid: asked.cid, grantId: asked.grantId ?? ZERO_ID, orgId }),
  })
  return { Ok: null }
}

/** Of who deposits, of the patient and of all; and before these of the grant, so that none takes all that a patient has from the others. */
function depositBudgets(asked: Asked): readonly Budget[] {
  const ofWork = budgetsOfWork(BUDGET_TAG.deposit, asked, {
    ofCaller: DEPOSITS_OF_CALLER_PER_HOUR,
    ofPatient: DEPOSITS_OF_PATIENT_PER_HOUR,
    inAll: DEPOSITS_IN_ALL_PER_HOUR,
  })
  if (asked.grantId === null) return ofWork
  const key = budgetKey(BUDGET_TAG.depositUnder, asked.grantId)
  return [{ key, perHour: DEPOSITS_UNDER_GRANT_PER_HOUR }, ...ofWork]
}

/** The answer to one that is there already, or null. */
function posted(
  { store }: Context,
  place: Place,
  { capsuleId }: CapsuleHead,
  by: { readonly capsule: Uint8Array; readonly caller: Uint8Array },
): RetOf<RecordsService['postCapsule']> | null {
  const present = store.capsules.get(place, capsuleId)
  if (present === undefined) return null
  const isSame = equalBytes(present.capsule, by.capsule) && equalBytes(present.depositor, by.caller)
  return isSame ? { Ok: null } : { Err: refuse.idConflict }
}

/** What a capsule says of itself, if it is to the compartment where it is to be kept. */
export function readCapsule(capsule: Uint8Array, to: Place): CapsuleHead | { readonly refusal: RefusalArm } {
  const decoded = decodeCapsule(capsule)
  if (!decoded.ok) return { refusal: refuse.badInput('capsule', 'format') }
  return isCapsuleOf(decoded.value, to) ? decoded.value : { refusal: refuse.badInput('capsule', 'differs') }
}

/** Sealed capsules by their ids, inside the window that `beginList` opened; each is noise without the compartment's key. */
export function capsules(
  context: Context,
  arg: ArgOf<RecordsService['capsules']>,
  caller: Uint8Array,
): RetOf<RecordsService['capsules']> {
  const { store } = context
  const asking = askedOf(arg, caller, RIGHT.list)
  if ('refusal' in asking) return { Err: asking.refusal }
  const { asked } = asking
  const decision = decideNow(context, asked)
  if (decision.kind === 'refuse') return { Err: decision.refusal }
  const place = placeOf(asked)
  if (nowNs() >= store.listWindow(caller, place, asked.grantId)) return { Err: refuse.notPermitted }
  const { capsuleIds } = arg
  if (capsuleIds.length < 1 || capsuleIds.length > CAPSULES_PER_CALL_MAX)
    return { Err: refuse.badInput('capsuleIds', 'range') }
  if (capsuleIds.some(({ length }) => length !== ID_BYTES)) return { Err: refuse.badInput('capsuleIds', 'length') }
  if (new Set(capsuleIds.map((capsuleId) => String.fromCharCode(...capsuleId))).size < capsuleIds.length)
    return { Err: refuse.badInput('capsuleIds', 'duplicate') }
  const found = capsuleIds.map((capsuleId): [] | [Uint8Array] => {
    const stored = store.capsules.get(place, capsuleId)
    if (stored === undefined) return []
    const [chainWrap] = arg.chainWraps[0] === true ? store.capsules.chainWrap(place, capsuleId) : []
    return [chainWrap ?? stored.capsule]
  })
  return { Ok: found }
}

/** Quick normalisation (keys.md, section 7): who holds the vault seals the start of a chain once more, so that readers need no vetKey for what is under it. */
export function putChainWrap(
  context: Context,
  arg: ArgOf<RecordsService['putChainWrap']>,
  caller: Uint8Array,
): RetOf<RecordsService['putChainWrap']> {
  const { capsules: book } = context.store
  const { capsuleId, chainWrap, requestId } = arg
  const asking = askedOf(arg, caller, RIGHT.rewrap)
  if ('refusal' in asking) return { Err: asking.refusal }
  const refusal = wrongIds({ capsuleId, requestId }) ?? refuseKeeper(context, asking.asked)
  if (refusal !== null) return { Err: refusal }
  const head = decodeWrap(chainWrap)
  if (!head.ok || head.value.tier !== 'chain') return { Err: refuse.badInput('chainWrap', 'format') }
  const place = placeOf(asking.asked)
  const stored = book.get(place, capsuleId)
  if (stored === undefined) return { Err: refuse.badInput('capsuleId', 'unknown') }
  if (head.value.epoch !== stored.epoch) return { Err: refuse.badInput('chainWrap', 'differs') }
  const [present] = book.chainWrap(place, capsuleId)
  if (present !== undefined) return equalBytes(present, chainWrap) ? { Ok: null } : { Err: refuse.idConflict }
  book.keepChainWrap(place, capsuleId, chainWrap)
  return { Ok: null }
}

function refuseDepositor(context: Context, asked: Asked): RefusalArm | null {
  const decision = decideNow(context, asked)
  if (decision.kind === 'refuse') return decision.refusal
  return isHomeKind(asked.compartmentKind) ? null : refuse.notPermitted
}
