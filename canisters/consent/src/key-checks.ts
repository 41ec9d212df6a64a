import {
  type ArgOf,
  COMPARTMENT_KIND,
  type ConsentService,
  encodeFields,
  equalBytes,
  EVENT,
  POWER,
  refuse,
  type RetOf,
} from '@medguard/protocol'
import { isHome, nowNs, vaultNamed } from '@medguard/shared'
import type { Context } from './context.ts'
import { bumpEpoch } from './epochs.ts'
import { derivedAsOwner, refuseEpoch, wrongIds } from './rules.ts'

/** Whether all devices of a holder find the same key (keys.md, section 4). */

const ZERO_ID = new Uint8Array(16)

/**
 * The first value stays, so it is the holder's word or that of who manages the vault: with a false one whoever helps for a while would shut everybody
 * out for good. A share's key is checked before its grant is here, so what shows that the share is meant is that the
 * owner derived its key a moment ago.
 */
export function postKeyCheck(
  context: Context,
  arg: ArgOf<ConsentService['postKeyCheck']>,
  caller: Uint8Array,
): RetOf<ConsentService['postKeyCheck']> {
  const { store, facts } = context
  const { compartmentKind, cid, epoch, keyCheckValue, requestId } = arg
  const wrong = wrongIds({ cid, keyCheckValue, requestId })
  if (wrong !== null) return { Err: wrong }
  const account = vaultNamed(arg.patientId[0], caller, facts, POWER.read | POWER.manage, nowNs())
  if (account === null) return { Err: refuse.notPermitted }
  const isOwn = isHome(account, { compartmentKind, cid })
  const isShare =
    compartmentKind === COMPARTMENT_KIND.share && derivedAsOwner(store.derivers(account.patientId, arg, 1), caller)
  if (!isOwn && !isShare) return { Err: refuse.notPermitted }
  const wrongEpoch = refuseEpoch(epoch, store.epochs(account.patientId, arg))
  if (wrongEpoch !== null) return { Err: wrongEpoch }
  const present = store.keyCheck(account.patientId, arg, epoch)
  if (present === undefined) store.setKeyCheck(account.patientId, arg, epoch, keyCheckValue)
  else if (!equalBytes(present, keyCheckValue)) {
    if (isOwn) endDisputed(context, arg, { patientId: account.patientId, actor: caller })
    return { Err: refuse.idConflict }
  }
  return { Ok: null }
}

/**
 * Two devices of the holder found different keys for one epoch: one of them is wrong, and which cannot be told from here. Nothing more is stored under it, and
 * everybody who reads the log is told. Once: afterwards the epoch is an old one.
 */
function endDisputed(
  context: Context,
  { compartmentKind, cid, epoch, requestId }: ArgOf<ConsentService['postKeyCheck']>,
  { patientId, actor }: { readonly patientId: Uint8Array; readonly actor: Uint8Array },
): void {
  const { store, outbox } = context
  const compartment = { compartmentKind, cid }
  if (store.epochs(patientId, compartment).currentEpoch !== epoch) return
  outbox.queue({
    event: EVENT.keyCheckDiffers,
    compartmentKind,
    actor,
    patientId,
    objectId: cid,
    versionOrEpoch: epoch,
    requestId,
    fields: encodeFields('keyCheckDiffers', { cid }),
  })
  bumpEpoch(context, { patientId, compartment, grantId: ZERO_ID, actor })
  store.noteChangeOf(patientId)
}
