import {
  type ArgOf,
  COMPARTMENT_KIND,
  DELETION_STEPS_PER_CALL,
  encodeFields,
  EVENT,
  NO_END_NS,
  type RecordsService,
  refuse,
  type RetOf,
} from '@medguard/protocol'
import { ALL_POWERS, assert, homeOf, nowNs, vaultNamed } from '@medguard/shared'
import type { Deletion } from './codec.ts'
import { type Context, ZERO_ID } from './context.ts'
import { wrongIds } from './rules.ts'
import type { RecordsStore } from './store.ts'

/**
 * Deletes a record with all its versions, the patient's own to do, or whoever has every power over a dependant's vault without an end. The first message shuts it for everybody; that one and the next take the wraps out of
 * the shares and out of the list, version by version, the newest first, and give the chunks up.
 */
export function deleteRecord(
  { store, outbox, collect, facts }: Context,
  { recordId, requestId }: ArgOf<RecordsService['deleteRecord']>,
  caller: Uint8Array,
): RetOf<RecordsService['deleteRecord']> {
  const wrong = wrongIds({ recordId, requestId })
  if (wrong !== null) return { Err: wrong }
  const record = store.record(recordId)
  const vault = vaultNamed(record?.patientId ?? ZERO_ID, caller, facts, ALL_POWERS, nowNs())
  if (record === undefined || vault === null || store.people.outlasts(vault.patientId, caller, NO_END_NS))
    return { Err: refuse.notPermitted }
  let deletion = store.deletion(recordId)
  if (deletion === undefined) {
    if (outbox.isFull(vault.patientId)) return { Err: refuse.logUnavailable }
    const { patientId, cid, newest } = record
    const version = store.version({ recordId, version: newest })
    assert(version !== undefined, 'a record has its newest version')
    deletion = { deletedNs: nowNs(), left: newest, sharesDone: 0 }
    outbox.queue({
      event: EVENT.recordDelete,
      compartmentKind: homeOf(patientId, cid).compartmentKind,
      actor: caller,
      patientId,
      objectId: recordId,
      versionOrEpoch: newest,
      requestId,
      fields: encodeFields('recordDelete', { manifestHash: version.manifestHash, cid, seq: version.seq }),
    })
  }
  const next = continued(store, recordId, deletion)
  store.setDeletion(recordId, next)
  collect()
  return { Ok: { left: next.left } }
}

/** As much of a deletion as one message can do. */
function continued(store: RecordsStore, recordId: Uint8Array, { deletedNs, ...from }: Deletion): Deletion {
  let { left, sharesDone } = from
  for (let steps = DELETION_STEPS_PER_CALL; left > 0 && steps > 0;) {
    const id = { recordId, version: left }
    const version = store.deletedVersion(id)
    assert(version !== undefined, 'versions are dense')
    const { patientId, homeCid, manifestHash } = version
    const { total, states } = store.grants.givenBy(patientId, sharesDone, steps)
    for (const { grant } of states) {
      const share = { patientId, compartmentKind: COMPARTMENT_KIND.share, cid: grant.grantId }
      const shared = store.lists.find(share, id)
      if (shared !== undefined) store.capsules.release(share, shared.openWrap)
      store.lists.remove(share, id, manifestHash, deletedNs)
    }
    sharesDone += states.length
    steps -= states.length + 1
    if (sharesDone < total) continue
    const home = { patientId, ...homeOf(patientId, homeCid) }
    const listed = store.lists.find(home, id)
    if (listed !== undefined) store.keyStates.forget(home, listed.seq, listed.openWrap)
    store.lists.remove(home, id, manifestHash, deletedNs)
    store.dropVersion(id, version)
    left--
    sharesDone = 0
  }
  return { deletedNs, left, sharesDone }
}
