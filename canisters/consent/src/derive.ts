import { isAcceptableTransportKey } from '@medguard/crypto/verify'
import {
  type ArgOf,
  COMPARTMENT_KIND,
  type ConsentService,
  detailFields,
  EVENT,
  LEAF_FLAG,
  refuse,
  type RefusalArm,
  type RetOf,
} from '@medguard/protocol'
import { type LeafDraft, nowNs, REFUSED_METHOD, sha256 } from '@medguard/shared'
import type { Context } from './context.ts'
import { bumpEpoch } from './epochs.ts'
import { decideNow, purposeOf } from './facts.ts'
import { type Asked, refuseEpoch, RIGHTS_TO_DERIVE, wrongIds } from './rules.ts'
import { deriveVetKey } from './vetkd.ts'

type Arg = ArgOf<ConsentService['deriveKey']>
type Ret = RetOf<ConsentService['deriveKey']>

const ZERO_ID = new Uint8Array(16)
/** Stands where a leaf's index is not known because the log never acknowledged it. */
const UNKNOWN_INDEX = (1n << 64n) - 1n
/** Derivations of all compartments together, as a multiple of those of one. */
const ACCOUNT_FACTOR = 16

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
  if (outbox.isFull()) return { Err: refuse.logUnavailable }
  const repeated = requests.begin(caller, requestId, nowNs())
  if (repeated !== null) return { Err: repeated }
  const waitMs = spend(context, asked)
  if (waitMs > 0) {
    requests.forget(caller, requestId)
    return { Err: refuse.busy(waitMs) }
  }

  const leaf = leafOf(arg, caller, purposeOf(store, grantId))
  const acknowledged = await outbox.appendAcknowledged([leaf])
  const finish = (answer: Ret): Ret => {
    requests.done(caller, requestId)
    return answer
  }
  if (acknowledged === 'unavailable') {
    outbox.queue(outcomeOf(leaf, { event: EVENT.keyFailed, leafIndex: UNKNOWN_INDEX, grantId, reason: 0 }))
    return finish({ Err: refuse.logUnavailable })
  }
  const leafIndex = acknowledged[0] ?? UNKNOWN_INDEX
  const withhold = (reason: RefusalArm): Ret => {
    outbox.queue(outcomeOf(leaf, { event: EVENT.keyWithheld, leafIndex, grantId, reason: 0 }))
    return finish({ Err: reason })
  }

  const ended = refuseNow(context, asked, epoch) ?? noteDeriver(context, asked, epoch)
  if (ended !== null) return withhold(ended)
  const configuration = context.configuration.get()
  if (configuration === null) return withhold(refuse.notReady)
  const place = { patientId, compartmentKind, compartmentId: cid, epoch }
  const derived = await deriveVetKey(place, transportKey, configuration.keyName)

  if ('rejectCode' in derived) {
    const reason = derived.rejectCode
    outbox.queue(outcomeOf(leaf, { event: EVENT.keyFailed, leafIndex, grantId, reason }))
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

function refuseNow({ store }: Context, asked: Asked, epoch: number): RefusalArm | null {
  const decision = decideNow(store, asked)
  if (decision.kind === 'refuse') return decision.refusal
  return refuseEpoch(epoch, store.epochs(asked.patientId, asked))
}

/** Takes one derivation of the caller's budgets. @returns milliseconds to wait, or 0. */
function spend({ budgets, configuration }: Context, { caller, patientId, cid }: Asked): number {
  const perHour = configuration.get()?.derivationsPerHour ?? 1
  const now = nowNs()
  const ofAccount = budgets.take(keyOf(1, caller, patientId.subarray(0, 0)), perHour * ACCOUNT_FACTOR, now)
  return ofAccount > 0 ? ofAccount : budgets.take(keyOf(2, caller, cid), perHour, now)
}

function keyOf(kind: number, caller: Uint8Array, cid: Uint8Array): Uint8Array {
  const key = new Uint8Array(2 + caller.length + cid.length)
  key[0] = kind
  key[1] = caller.length
  key.set(caller, 2)
  key.set(cid, 2 + caller.length)
  return key
}

/**
 * In the same message as the call to key derivation, so that a revoke in between finds whom to shut out. Only of the current epoch: nothing is
 * stored under an older one any more.
 */
function noteDeriver(context: Context, asked: Asked, epoch: number): RefusalArm | null {
  const { store } = context
  const { patientId, compartmentKind, caller, grantId } = asked
  const { currentEpoch } = store.epochs(patientId, asked)
  if (epoch !== currentEpoch) return null
  const deriver = { principal: caller, grantId: grantId ?? ZERO_ID }
  const isFull = !store.noteDeriver(patientId, asked, epoch, deriver)
  if (!isFull || compartmentKind === COMPARTMENT_KIND.share) return null
  // The list cannot grow for ever: the next epoch begins with an empty one.
  return refuse.staleEpoch(bumpEpoch(context, { patientId, compartment: asked, grantId: ZERO_ID, actor: caller }))
}

function leafOf(arg: Arg, actor: Uint8Array, purpose: number): LeafDraft {
  const { patientId, compartmentKind, cid, epoch, transportKey, requestId } = arg
  return {
    event: EVENT.keyDerive,
    compartmentKind,
    actor,
    patientId,
    objectId: cid,
    versionOrEpoch: epoch,
    requestId,
    purpose,
    fields: detailFields.keyDerive({
      grantId: arg.grantId[0] ?? ZERO_ID,
      orgId: ZERO_ID,
      transportKeyHash: sha256(transportKey),
      cid,
    }),
  }
}

function outcomeOf(
  leaf: LeafDraft,
  outcome: { event: number; leafIndex: bigint; grantId: Uint8Array | null; reason: number },
): LeafDraft {
  const { event, leafIndex, grantId, reason } = outcome
  const fields = detailFields.outcome({ leafIndex, grantId: grantId ?? ZERO_ID, reason })
  return { ...leaf, event, flags: LEAF_FLAG.failedOrWithheld, fields }
}
