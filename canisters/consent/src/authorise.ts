import {
  type ArgOf,
  type ConsentService,
  detailFields,
  encodeFields,
  equalBytes,
  EVENT,
  HASH_BYTES,
  ID_BYTES,
  LEAF_FLAG,
  LEAF_INDEX_UNKNOWN,
  OPEN_RECORDS_PER_CALL_MAX,
  refuse,
  type RefusalArm,
  type RetOf,
  RIGHT,
} from '@medguard/protocol'
import { type Asked, holdsVault, isHomeKind, type LeafDraft, nowNs, REFUSED_METHOD, takeLines } from '@medguard/shared'
import { refuseAuthorKey } from './author-keys.ts'
import type { Context } from './context.ts'
import { sweep } from './epochs.ts'
import { decideNow, type Footing, footingOf } from './facts.ts'
import { wrongIds } from './rules.ts'

const ZERO_ID = new Uint8Array(16)
const ZERO_HASH = new Uint8Array(32)

/** What records asks about the person who called it. Only the configured records canister is admitted: it is believed about who that is. */
type OnBehalf = ArgOf<ConsentService['authoriseList']>
/** Given at once where it is a refusal: a promise around that would cost as much as the rest of it. */
type Answer<M extends keyof ConsentService> = RetOf<ConsentService[M]> | Promise<RetOf<ConsentService[M]>>

export function authoriseList(context: Context, arg: OnBehalf): Answer<'authoriseList'> {
  const asked = askedOf(arg, RIGHT.list)
  const refusal = wrongAsk(arg) ?? refuseNow(context, arg, asked, REFUSED_METHOD.list) ?? spend(context, asked, 1)
  if (refusal !== null) return { Err: refusal }
  const footing = footingOf(context.store, asked)
  const fields = scopeFields(arg, footing.orgId, ZERO_HASH)
  const leaf = { ...leafOf(arg, EVENT.listSession, footing, fields), objectId: arg.cid }
  return logThenDecide(context, asked, footing.orgId, [leaf], (leafIndex) => ({ leafIndex }))
}

export function authoriseOpen(context: Context, arg: ArgOf<ConsentService['authoriseOpen']>): Answer<'authoriseOpen'> {
  const asked = askedOf(arg, RIGHT.open)
  const refusal =
    wrongAsk(arg) ??
    wrongRecords(arg) ??
    refuseNow(context, arg, asked, REFUSED_METHOD.open) ??
    spend(context, asked, arg.records.length)
  if (refusal !== null) return { Err: refusal }
  const footing = footingOf(context.store, asked)
  const leaves = arg.records.map(({ recordId, version, manifestHash }) => ({
    ...leafOf(arg, EVENT.open, footing, scopeFields(arg, footing.orgId, manifestHash)),
    objectId: recordId,
    versionOrEpoch: version,
  }))
  return logThenDecide(context, asked, footing.orgId, leaves, (firstLeafIndex) => ({ firstLeafIndex }))
}

/** Confirms the epoch a writer used, after shutting out whoever lost the right to its key. Writes no leaf (decision 16). */
export const authoriseWrite = (
  context: Context,
  arg: ArgOf<ConsentService['authoriseWrite']>,
): RetOf<ConsentService['authoriseWrite']> => {
  const confirmed = confirmEpoch(context, arg, RIGHT.write)
  const [keyId] = arg.authorKeyId
  const refusal =
    'Ok' in confirmed && keyId !== undefined ? refuseAuthorKey(context.store, arg.caller.toUint8Array(), keyId) : null
  if (refusal !== null) return { Err: refusal }
  // Somebody else adds to it: the patient's page looks again, and puts what came into the shares it belongs to.
  const owner = context.store.ownerOf(arg.patientId)
  if ('Ok' in confirmed && owner !== undefined && !equalBytes(owner, arg.caller.toUint8Array()))
    context.store.noteChange(owner)
  return confirmed
}

function confirmEpoch(
  context: Context,
  arg: ArgOf<ConsentService['authoriseRewrap']> & { readonly deviceId?: [] | [Uint8Array] },
  right: number,
): RetOf<ConsentService['authoriseWrite']> {
  const asked = askedOf(arg, right)
  const refusal = wrongAsk(arg) ?? wrongIds({ deviceId: asked.deviceId ?? null })
  if (refusal !== null) return { Err: refusal }
  const decision = decideNow(context, asked)
  if (decision.kind === 'refuse') return { Err: decision.refusal }
  if (context.outbox.isFull(arg.patientId)) return { Err: refuse.logUnavailable }
  const current = sweep(context, { patientId: arg.patientId, compartment: arg, actor: asked.caller })
  return arg.epoch === current ? { Ok: null } : { Err: refuse.staleEpoch(current) }
}

/** A range of wraps that are to be made anew: whoever does that opens them. One leaf for all, before they are released (keys.md, section 9). */
export function authoriseReadWraps(
  context: Context,
  arg: ArgOf<ConsentService['authoriseReadWraps']>,
): Answer<'authoriseReadWraps'> {
  const { cid, fromSeq, count, epoch } = arg
  const asked = askedOf(arg, RIGHT.rewrap)
  const refusal = wrongAsk(arg) ?? refuseNow(context, arg, asked, REFUSED_METHOD.rewrap)
  if (refusal !== null) return { Err: refusal }
  const fields = encodeFields('rewrapBatch', { cid, fromSeq, count, grantId: asked.grantId ?? ZERO_ID })
  const footing = footingOf(context.store, asked)
  const leaf = {
    ...leafOf(arg, EVENT.rewrapBatch, footing, fields),
    objectId: cid,
    versionOrEpoch: epoch,
  }
  return logThenDecide(context, asked, footing.orgId, [leaf], (leafIndex) => ({ leafIndex }))
}

export const authoriseRewrap = (
  context: Context,
  arg: ArgOf<ConsentService['authoriseRewrap']>,
): RetOf<ConsentService['authoriseRewrap']> => confirmEpoch(context, arg, RIGHT.rewrap)

/** Records has nothing under an epoch below this one any more, and takes nothing. Twice is once. Nobody ends keys under a grant. */
export function authoriseRetire(
  context: Context,
  arg: ArgOf<ConsentService['authoriseRetire']>,
): RetOf<ConsentService['authoriseRetire']> {
  const asked = askedOf(arg, RIGHT.rewrap)
  const confirmed = confirmEpoch(context, arg, RIGHT.rewrap)
  if ('Err' in confirmed) return confirmed
  if (!holdsVault(asked, context.facts, nowNs())) return { Err: refuse.notPermitted }
  const { caller, patientId, compartmentKind, cid, epoch, requestId } = arg
  const { store, outbox } = context
  if (store.epochs(patientId, arg).minEpoch === epoch) return confirmed
  store.retireEpochs(patientId, arg, epoch)
  outbox.queue({
    event: EVENT.epochRetire,
    compartmentKind,
    actor: caller.toUint8Array(),
    patientId,
    objectId: cid,
    versionOrEpoch: epoch,
    requestId,
    fields: encodeFields('epochRetire', { cid }),
  })
  return confirmed
}

/** For writers who cannot derive, and for who wraps anew: the epoch to be used, after whoever lost the right to its key was shut out. */
export function depositInfo(
  context: Context,
  arg: ArgOf<ConsentService['depositInfo']>,
  caller: Uint8Array,
): RetOf<ConsentService['depositInfo']> {
  const { patientId, compartmentKind, cid } = arg
  const grantId = arg.grantId[0] ?? null
  const wrong = wrongIds({ patientId, cid, grantId })
  if (wrong !== null) return { Err: wrong }
  const anyOf = RIGHT.write | RIGHT.rewrap
  const decision = decideNow(context, { caller, patientId, compartmentKind, cid, grantId, anyOf })
  if (decision.kind === 'refuse') return { Err: decision.refusal }
  if (!isHomeKind(compartmentKind)) return { Err: refuse.notPermitted }
  if (!context.outbox.isFull(patientId)) sweep(context, { patientId, compartment: arg, actor: caller })
  return { Ok: context.store.epochs(patientId, arg) }
}

const askedOf = (arg: OnBehalf & { readonly deviceId?: [] | [Uint8Array] }, anyOf: number): Asked => ({
  deviceId: arg.deviceId?.[0],
  caller: arg.caller.toUint8Array(),
  patientId: arg.patientId,
  compartmentKind: arg.compartmentKind,
  cid: arg.cid,
  grantId: arg.grantId[0] ?? null,
  anyOf,
})

function wrongAsk(arg: OnBehalf): RefusalArm | null {
  const { patientId, cid, requestId } = arg
  return wrongIds({ patientId, cid, requestId, grantId: arg.grantId[0] ?? null })
}

function wrongRecords({ records }: ArgOf<ConsentService['authoriseOpen']>): RefusalArm | null {
  if (records.length < 1 || records.length > OPEN_RECORDS_PER_CALL_MAX) return refuse.badInput('records', 'range')
  const isSound = records.every(
    ({ recordId, manifestHash }) => recordId.length === ID_BYTES && manifestHash.length === HASH_BYTES,
  )
  return isSound ? null : refuse.badInput('records', 'length')
}

function refuseNow(context: Context, arg: OnBehalf, asked: Asked, method: number): RefusalArm | null {
  const decision = decideNow(context, asked)
  if (decision.kind === 'refuse') {
    context.refusals.note({ ...asked, method, refusal: decision.refusal, requestId: arg.requestId })
    return decision.refusal
  }
  return context.outbox.isFull(arg.patientId) ? refuse.logUnavailable : null
}

/** Of whoever reads, be it their own: nobody fills a log by reading. Also where the log then does not answer, since that is said there later. */
const spend = ({ facts, budgets }: Context, { caller }: Asked, lines: number): RefusalArm | null =>
  takeLines(budgets, facts.account(caller)?.patientId ?? caller, lines, nowNs())

/** Log, acknowledged, then decide again on what is true after the wait. A permit that was withdrawn meanwhile gets its outcome leaf. */
async function logThenDecide<T>(
  context: Context,
  asked: Asked,
  orgId: Uint8Array,
  leaves: readonly LeafDraft[],
  told: (firstLeafIndex: bigint) => T,
): Promise<{ Ok: T } | { Err: RefusalArm }> {
  const { outbox } = context
  const acknowledged = await outbox.appendAcknowledged(leaves)
  const queueOutcomes = (event: number, indexOf: (i: number) => bigint | undefined) => {
    for (const [i, leaf] of leaves.entries()) {
      const leafIndex = indexOf(i) ?? LEAF_INDEX_UNKNOWN
      const fields = detailFields.outcome({ leafIndex, grantId: asked.grantId ?? ZERO_ID, reason: 0, orgId })
      outbox.queue({ ...leaf, event, flags: (leaf.flags ?? 0) | LEAF_FLAG.failedOrWithheld, fields })
    }
  }
  if (acknowledged === 'unavailable') {
    queueOutcomes(EVENT.keyFailed, () => undefined)
    return { Err: refuse.logUnavailable }
  }
  const decision = decideNow(context, asked)
  if (decision.kind === 'permit') return { Ok: told(acknowledged[0] ?? LEAF_INDEX_UNKNOWN) }
  queueOutcomes(EVENT.keyWithheld, (i) => acknowledged[i])
  return { Err: decision.refusal }
}

function leafOf(arg: OnBehalf, event: number, { purpose, flags }: Footing, fields: Uint8Array): LeafDraft {
  return {
    event,
    flags,
    compartmentKind: arg.compartmentKind,
    actor: arg.caller.toUint8Array(),
    patientId: arg.patientId,
    requestId: arg.requestId,
    purpose,
    fields,
  }
}

function scopeFields(arg: OnBehalf, orgId: Uint8Array, manifestHash: Uint8Array): Uint8Array {
  return detailFields.listOrOpen({ manifestHash, grantId: arg.grantId[0] ?? ZERO_ID, orgId, cid: arg.cid })
}
