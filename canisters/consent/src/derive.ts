import { isAcceptableTransportKey } from '@medguard/crypto/verify'
import {
  type ArgOf,
  COMPARTMENT_KIND,
  type ConsentService,
  DERIVATIONS_IN_ALL_FACTOR,
  DERIVATIONS_OF_ACCOUNT_FACTOR,
  DERIVATIONS_OF_PATIENT_FACTOR,
  detailFields,
  EVENT,
  LEAF_FLAG,
  LEAF_INDEX_UNKNOWN,
  refuse,
  type RefusalArm,
  type RetOf,
} from '@medguard/protocol'
import {
  type Asked,
  type Budget,
  BUDGET_TAG,
  budgetKey,
  deriveOfReaderKey,
  deriveOneKey,
  giveBackToAll,
  type LeafDraft,
  nowNs,
  takeFromAll,
  REFUSED_METHOD,
  sha256,
} from '@medguard/shared'
import type { Epochs } from './codec.ts'
import type { Context } from './context.ts'
import { bumpEpoch } from './epochs.ts'
import { decideNow, type Footing, footingOf } from './facts.ts'
import { refuseEpoch, RIGHTS_TO_DERIVE, wrongIds } from './rules.ts'
import { deriveVetKey } from './vetkd.ts'

type Arg = ArgOf<ConsentService['deriveKey']>
type Ret = RetOf<ConsentService['deriveKey']>

const ZERO_ID = new Uint8Array(16)
/** Reject code of what may work later. Those up to it are nothing the caller did; a bad transport key gets a higher one and costs its budget. */
const SYS_TRANSIENT = 2

/**
 * Releases the key of one compartment epoch, in the order of decision 15: check, log, check again and note the deriver, derive, check again,
 * answer. A leaf without a key is possible; a key without a leaf is not.
 */
export async function deriveKey(context: Context, arg: Arg, caller: Uint8Array): Promise<Ret> {
  const { store, outbox, requests } = context
  const { patientId, compartmentKind, cid, epoch, transportKey, requestId } = arg
  const grantId = arg.grantId[0] ?? null
  const wrong = wrongIds({ patientId, cid, requestId, grantId })
  if (wrong !== null) return { Err: wrong }
  if (!isAcceptableTransportKey(transportKey)) return { Err: refuse.badInput('transportKey', 'point') }
  const asked: Asked = { caller, patientId, compartmentKind, cid, grantId, anyOf: RIGHTS_TO_DERIVE }

  const refusal = refuseNow(context, asked, epoch)
  if (refusal !== null) {
    context.refusals.note({ ...asked, method: REFUSED_METHOD.derive, refusal, requestId })
    return { Err: refusal }
  }
  if (outbox.isFull(asked.patientId)) return { Err: refuse.logUnavailable }
  const repeated = requests.begin(caller, requestId, nowNs())
  if (repeated !== null) return { Err: repeated }
  const spent = budgetsOf(context, asked)
  const waitMs = takeFromAll(context.budgets, spent, nowNs())
  if (waitMs > 0) {
    requests.forget(caller, requestId)
    return { Err: refuse.busy(waitMs) }
  }

  const footing = footingOf(store, asked)
  const { orgId } = footing
  const leaf = leafOf(arg, caller, footing)
  const acknowledged = await outbox.appendAcknowledged([leaf])
  const finish = (answer: Ret): Ret => {
    requests.done(caller, requestId)
    return answer
  }
  if (acknowledged === 'unavailable') {
    giveBackToAll(context.budgets, spent)
    outbox.queue(outcomeOf(leaf, { event: EVENT.keyFailed, leafIndex: LEAF_INDEX_UNKNOWN, grantId, orgId, reason: 0 }))
    return finish({ Err: refuse.logUnavailable })
  }
  const leafIndex = acknowledged[0] ?? LEAF_INDEX_UNKNOWN
  const withhold = (reason: RefusalArm): Ret => {
    outbox.queue(outcomeOf(leaf, { event: EVENT.keyWithheld, leafIndex, grantId, orgId, reason: 0 }))
    return finish({ Err: reason })
  }

  const epochs = store.epochs(patientId, asked)
  const ended = refuseNow(context, asked, epoch, epochs) ?? noteDeriver(context, asked, epoch, epochs)
  if (ended !== null) return withhold(ended)
  const configuration = context.configuration.get()
  if (configuration === null) return withhold(refuse.notReady)
  const place = { patientId, compartmentKind, compartmentId: cid, epoch }
  const derived = await deriveVetKey(place, transportKey, configuration.keyName)

  if ('rejectCode' in derived) {
    const reason = derived.rejectCode
    if (reason <= SYS_TRANSIENT) giveBackToAll(context.budgets, spent)
    outbox.queue(outcomeOf(leaf, { event: EVENT.keyFailed, leafIndex, grantId, orgId, reason }))
    return finish({ Err: refuse.keysUnavailable(reason) })
  }
  const endedMeanwhile = refuseNow(context, asked, epoch)
  if (endedMeanwhile !== null) return withhold(endedMeanwhile)
  const check = store.keyCheck(patientId, asked, epoch)
  return finish({
    Ok: {
      encryptedKey: derived.encryptedKey,
      epoch,
      shredSalt: store.shredSalt(patientId),
      keyCheckValue: check === undefined ? [] : [check],
      leafIndex,
    },
  })
}

/** @param epochs as they are in this very message. */
function refuseNow(context: Context, asked: Asked, epoch: number, epochs?: Epochs): RefusalArm | null {
  const decision = decideNow(context, asked)
  if (decision.kind === 'refuse') return decision.refusal
  return refuseEpoch(epoch, epochs ?? context.store.epochs(asked.patientId, asked))
}

/** Budgets that a derivation takes from, narrowest first: this reader here, this reader, this patient, everybody (I36). */
function budgetsOf({ configuration }: Context, { caller, patientId, cid }: Asked): readonly Budget[] {
  const perHour = configuration.get()?.derivationsPerHour ?? 1
  return [
    { key: deriveOneKey(caller, cid), perHour },
    { key: deriveOfReaderKey(caller), perHour: perHour * DERIVATIONS_OF_ACCOUNT_FACTOR },
    { key: budgetKey(BUDGET_TAG.deriveOfPatient, patientId), perHour: perHour * DERIVATIONS_OF_PATIENT_FACTOR },
    { key: Uint8Array.of(BUDGET_TAG.deriveInAll), perHour: perHour * DERIVATIONS_IN_ALL_FACTOR },
  ]
}
/**
 * In the same message as the call to key derivation, so that a revoke in between finds whom to shut out. Only of the current epoch: nothing is
 * stored under an older one any more.
 */
function noteDeriver(context: Context, asked: Asked, epoch: number, { currentEpoch }: Epochs): RefusalArm | null {
  const { store, facts } = context
  const { patientId, compartmentKind, caller, grantId } = asked
  if (epoch !== currentEpoch) return null
  if (facts.account(caller) === undefined) return refuse.notPermitted
  const deriver = { principal: caller, grantId: grantId ?? ZERO_ID }
  const isFull = !store.noteDeriver(patientId, asked, epoch, deriver)
  if (!isFull || compartmentKind === COMPARTMENT_KIND.share) return null
  // The list cannot grow for ever: the next epoch begins with an empty one.
  return refuse.staleEpoch(bumpEpoch(context, { patientId, compartment: asked, grantId: ZERO_ID, actor: caller }))
}

function leafOf(arg: Arg, actor: Uint8Array, { purpose, orgId, flags }: Footing): LeafDraft {
  const { patientId, compartmentKind, cid, epoch, transportKey, requestId } = arg
  return {
    event: EVENT.keyDerive,
    flags,
    compartmentKind,
    actor,
    patientId,
    objectId: cid,
    versionOrEpoch: epoch,
    requestId,
    purpose,
    fields: detailFields.keyDerive({
      grantId: arg.grantId[0] ?? ZERO_ID,
      orgId,
      transportKeyHash: sha256(transportKey),
      cid,
    }),
  }
}

function outcomeOf(
  leaf: LeafDraft,
  outcome: { event: number; leafIndex: bigint; grantId: Uint8Array | null; orgId: Uint8Array; reason: number },
): LeafDraft {
  const { event, leafIndex, grantId, orgId, reason } = outcome
  const fields = detailFields.outcome({ leafIndex, grantId: grantId ?? ZERO_ID, reason, orgId })
  return { ...leaf, event, flags: (leaf.flags ?? 0) | LEAF_FLAG.failedOrWithheld, fields }
}
