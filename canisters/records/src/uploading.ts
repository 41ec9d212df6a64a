import {
  type ArgOf,
  BYTES_STORED_MAX,
  decodeHeaderRow,
  detailFields,
  encodeFields,
  equalBytes,
  EVENT,
  Principal,
  RECORDS_UNDER_GRANT_MAX,
  type RecordsService,
  refuse,
  type RefusalArm,
  type RetOf,
  RIGHT,
} from '@medguard/protocol'
import {
  type Asked,
  assert,
  authoriseWriteCall,
  chunkLength,
  homeOf,
  isHomeKind,
  nowNs,
  positionOfId,
  sha256,
} from '@medguard/shared'
import { blobOf, type Upload } from './codec.ts'
import { askConsent, askedOf, type Context, orgOf, purposeOf, viaOrganisation, ZERO_ID } from './context.ts'
import { decideNow } from './facts.ts'
import { noteAdded } from './key-states.ts'
import type { VersionId } from './lists.ts'
import { isSamePending, readCommit, refusePending, refuseRoom, type WrapsHead, wrongBody, wrongIds } from './rules.ts'
import type { RecordsStore } from './store.ts'
import { announcedUnder, collectIdle } from './unfinished.ts'

/** A record version comes in chunks, in any order and as often as needed, and becomes visible whole or not at all (I15, I16). */

export function begin(
  context: Context,
  arg: ArgOf<RecordsService['begin']>,
  caller: Uint8Array,
): RetOf<RecordsService['begin']> {
  const { store, outbox } = context
  const { recordId, version, chunkCount, chunkLog2, sizeBytes, requestId } = arg
  const read = askedOf(arg, caller, RIGHT.write)
  if ('refusal' in read) return { Err: read.refusal }
  const wrong = wrongIds({ recordId, requestId }) ?? wrongBody(arg)
  if (wrong !== null) return { Err: wrong }
  const { asked } = read
  const pending = arg.pending[0] ?? null
  const wrongPending = pending === null ? null : refusePending(pending)
  if (wrongPending !== null) return { Err: wrongPending }
  const refusal = refuseWriter(context, asked)
  if (refusal !== null) return { Err: refusal }
  if (outbox.isFull(asked.patientId)) return { Err: refuse.logUnavailable }
  if (isMeantElsewhere(context, asked, arg.category[0])) return { Err: refuse.idConflict }
  const id = { recordId, version }
  const outOfTurn = refuseVersion(store, asked, id)
  if (outOfTurn !== null) return { Err: outOfTurn }

  const present = store.upload(caller, id)
  if (present !== undefined) {
    const { cid, grantId } = asked
    const isSame =
      present.chunkCount === chunkCount &&
      present.chunkLog2 === chunkLog2 &&
      present.sizeBytes === sizeBytes &&
      (present.uploadId === null || equalBytes(present.uploadId, requestId)) &&
      equalBytes(present.patientId, asked.patientId) &&
      equalBytes(present.cid, cid) &&
      equalBytes(present.grantId ?? ZERO_ID, grantId ?? ZERO_ID) &&
      (pending === null || isSamePending(pending, store.pending(caller, id)))
    if (isSame) return { Ok: { received: store.blobs.received(blobOf(present)) } }
    if (arg.anew[0] !== true) return { Err: refuse.idConflict }
    store.abandonUpload(caller, id, present)
    context.collect()
  }
  collectIdle(context, caller)
  const full = refuseRoom(sizeBytes, {
    openUploads: store.openUploads(caller).length,
    ofPatient: store.usage(asked.patientId),
    storedBytes: store.blobs.storedBytes(),
    underGrant:
      asked.grantId === null
        ? null
        : {
            stored: store.usages.under(asked.grantId),
            announcedBytes: announcedUnder(store, caller, asked.grantId),
            versionsMax: RECORDS_UNDER_GRANT_MAX,
          },
  })
  if (full !== null) return { Err: full }
  const { patientId, compartmentKind, cid, grantId } = asked
  const body = { chunkCount, chunkLog2, sizeBytes }
  const wanted = { ...body, patientId, compartmentKind, cid, grantId, touchedNs: nowNs(), uploadId: requestId }
  return { Ok: { received: store.blobs.received(blobOf(store.openUpload(caller, id, wanted, pending))) } }
}

/** To who stored this version themselves, from another device, it is said; to all others nothing. */
function refuseLate(store: RecordsStore, id: VersionId, caller: Uint8Array): RefusalArm {
  const stored = store.version(id)
  const isOwn = stored !== undefined && equalBytes(stored.author, caller)
  return isOwn ? refuse.stale(store.record(id.recordId)?.newest ?? id.version) : refuse.notPermitted
}

/**
 * Two devices of one person may store the same version at the same moment: the later one gives up what the earlier began. The earlier one's pieces, and its
 * commit, must not come among the later one's: sealed under two secrets, nobody could open them.
 */
function refuseOther(
  store: RecordsStore,
  { uploadId }: Upload,
  { recordId, version, uploadId: [named] }: VersionId & { readonly uploadId: [] | [Uint8Array] },
): RefusalArm | null {
  if (named === undefined) return null
  const wrong = wrongIds({ uploadId: named })
  if (wrong !== null) return wrong
  const isOther = uploadId !== null && !equalBytes(uploadId, named)
  return isOther ? refuse.stale(store.record(recordId)?.newest ?? version - 1) : null
}

/** Where a compartment has another category here than its writer was told, a canister lied: the record would be in others' reach. */
function isMeantElsewhere({ store }: Context, { patientId, cid }: Asked, category: number | undefined): boolean {
  const cids = store.vaultOf(patientId)?.cids
  return category !== undefined && cids !== undefined && positionOfId(cids, cid) + 1 !== category
}

export function putChunk(
  context: Context,
  arg: ArgOf<RecordsService['putChunk']>,
  caller: Uint8Array,
): RetOf<RecordsService['putChunk']> {
  const { recordId, version, index, bytes } = arg
  const wrong = wrongIds({ recordId })
  if (wrong !== null) return { Err: wrong }
  const { store } = context
  const id = { recordId, version }
  const upload = store.upload(caller, id)
  if (upload === undefined) return { Err: refuseLate(store, id, caller) }
  const refusal = refuseWriter(context, writerOf(upload, caller)) ?? refuseOther(store, upload, arg)
  if (refusal !== null) return { Err: refusal }
  const blob = blobOf(upload)
  if (index >= upload.chunkCount) return { Err: refuse.badInput('index', 'range') }
  if (bytes.length !== chunkLength(blob, index)) return { Err: refuse.badInput('bytes', 'length') }
  if (store.blobs.has(blob, index))
    return store.blobs.equals(blob, index, bytes) ? { Ok: null } : { Err: refuse.idConflict }
  if (store.blobs.storedBytes() + BigInt(bytes.length) > BYTES_STORED_MAX) return { Err: refuse.full }
  store.blobs.put(blob, index, bytes)
  store.touchUpload(caller, id, upload, nowNs())
  return { Ok: null }
}

export function abandon(
  { store, collect }: Context,
  arg: ArgOf<RecordsService['abandon']>,
  caller: Uint8Array,
): RetOf<RecordsService['abandon']> {
  const { recordId, version } = arg
  const wrong = wrongIds({ recordId })
  if (wrong !== null) return { Err: wrong }
  const id = { recordId, version }
  const upload = store.upload(caller, id)
  if (upload === undefined || refuseOther(store, upload, arg) !== null) return { Ok: null } // nothing to give up is what the caller wanted
  store.abandonUpload(caller, id, upload)
  collect()
  return { Ok: null }
}

/** Consent confirms the epoch first; what it was asked about is checked again after the wait, and then everything is written at once. */
export async function commit(
  context: Context,
  arg: ArgOf<RecordsService['commit']>,
  caller: Uint8Array,
): Promise<RetOf<RecordsService['commit']>> {
  const { store, outbox } = context
  const { recordId, version, requestId } = arg
  const wrong = wrongIds({ recordId, requestId })
  if (wrong !== null) return { Err: wrong }
  const id = { recordId, version }
  const upload = store.upload(caller, id)
  const earlier = repeated(store, id, arg, caller)
  if (earlier !== null) return earlier
  if (upload === undefined) return { Err: refuse.notPermitted }
  const early = refuseCommit(context, id, upload, caller) ?? refuseOther(store, upload, arg)
  if (early !== null) return { Err: early }
  const previous = version === 1 ? undefined : store.version({ recordId, version: version - 1 })
  const read = readCommit(arg, { id, upload, previous: previous?.manifestHash ?? null })
  if ('refusal' in read) return { Err: read.refusal }
  const { patientId, compartmentKind, cid, grantId } = upload
  const [author] = arg.author
  const place = { patientId, compartmentKind, cid }
  const unusable = refuseKeys(context, upload, read, caller)
  if (unusable !== null) return { Err: unusable }
  const permit = await askConsent(context, authoriseWriteCall, {
    caller: Principal.fromUint8Array(caller),
    patientId,
    compartmentKind,
    cid,
    grantId: grantId === null ? [] : [grantId],
    requestId,
    epoch: read.epoch,
    authorKeyId: author === undefined ? [] : [author.keyId],
    deviceId: [],
  })
  if ('refusal' in permit) return { Err: permit.refusal }

  const meanwhile = repeated(store, id, arg, caller)
  if (meanwhile !== null) return meanwhile
  const still = store.upload(caller, id)
  if (still === undefined || still.bodyNo !== upload.bodyNo) return { Err: refuse.notPermitted }
  const late = refuseCommit(context, id, upload, caller)
  if (late !== null) return { Err: late }
  const { manifest, header, listWrap, openWrap } = arg
  const manifestHash = sha256(manifest)
  const isUnusable = refuseKeys(context, upload, read, caller)
  if (isUnusable !== null) return { Err: isUnusable }
  const orgId = orgOf(context, grantId)
  const deposit = {
    depositor: caller,
    depositedNs: nowNs(),
    isUnderGrant: grantId !== null,
    orgId,
    ...(author === undefined ? {} : { signed: author }),
  }
  const isTold = grantId !== null || author !== undefined
  const sealed = { recordId, version, manifest, manifestHash, header, listWrap, openWrap }
  const entry = isTold ? { ...sealed, deposit } : sealed
  // Authorised before a bump and stored after the retirement, it could be read by nobody (keys.md, section 9).
  const state = store.keyStates.of(place)
  if (read.epoch < state.floor) return { Err: refuse.staleEpoch(state.floor) }
  const seq = store.lists.append(place, [entry])
  if (read.capsule !== null) store.capsules.use(place, read.capsule)
  noteAdded(store.keyStates, place, state, { seq, epoch: read.epoch, isUnderCapsule: read.capsule !== null })
  store.addVersion(id, { ...upload, homeCid: cid, seq, author: caller, manifestHash })
  store.finishUpload(caller, id, upload)
  outbox.queue({
    event: read.capsule === null ? EVENT.recordAdd : EVENT.deposit,
    flags: viaOrganisation(orgId),
    compartmentKind,
    actor: caller,
    patientId,
    objectId: recordId,
    versionOrEpoch: version,
    requestId,
    purpose: purposeOf(context, grantId),
    fields:
      grantId === null
        ? detailFields.recordAdd({ manifestHash, cid, seq })
        : encodeFields('deposit', { manifestHash, cid, seq, grantId, orgId }),
  })
  return { Ok: { seq, manifestHash } }
}

/**
 * The answer to a commit of a version that its caller stored before: the first answer for the same bytes (decision 25). Null when there is no
 * such version, or it is somebody else's: then the next check finds that a newer one is there.
 */
export function repeated(
  store: RecordsStore,
  id: VersionId,
  arg: Omit<ArgOf<RecordsService['commit']>, 'uploadId'>,
  caller: Uint8Array,
): RetOf<RecordsService['commit']> | null {
  const stored = store.version(id)
  if (stored === undefined || !equalBytes(stored.author, caller)) return null
  const { patientId, homeCid, seq, manifestHash } = stored
  const home = { patientId, ...homeOf(patientId, homeCid) }
  const row = decodeHeaderRow(store.lists.row(home, seq))
  assert(row !== null, 'a list holds header rows')
  const isSame =
    equalBytes(row.manifest, arg.manifest) &&
    equalBytes(row.header, arg.header) &&
    equalBytes(row.deposit?.signed?.signature ?? UNSIGNED, arg.author[0]?.signature ?? UNSIGNED) &&
    store.lists.sameWraps(home, arg, arg)
  return isSame ? { Ok: { seq, manifestHash } } : { Err: refuse.idConflict }
}

/**
 * Under what a writer may wrap: who may not derive the compartment's key has no right one, and stores under a step of a capsule of their own that was never
 * used.
 */
function refuseKeys(
  context: Context,
  { patientId, compartmentKind, cid, grantId }: Upload,
  { capsule, epoch }: WrapsHead,
  caller: Uint8Array,
): RefusalArm | null {
  const place = { patientId, compartmentKind, cid }
  if (capsule !== null)
    return context.store.capsules.refuseStep(place, capsule, { depositor: caller, epoch, nowNs: nowNs() })
  const asked = { ...place, caller, grantId, anyOf: RIGHT.list | RIGHT.open }
  const mayRead = decideNow(context, asked).kind === 'permit'
  return mayRead ? null : refuse.badInput('wraps', 'capsule')
}

const UNSIGNED = new Uint8Array(0)

/** What may change while consent is asked, checked before and after. */
function refuseCommit(context: Context, id: VersionId, upload: Upload, caller: Uint8Array): RefusalArm | null {
  const { store, outbox } = context
  const asked = writerOf(upload, caller)
  const refusal = refuseWriter(context, asked) ?? refuseVersion(store, asked, id)
  if (refusal !== null) return refusal
  if (outbox.isFull(asked.patientId)) return refuse.logUnavailable
  return store.blobs.isComplete(blobOf(upload)) ? null : refuse.badInput('chunks', 'missing')
}

export function writerOf({ patientId, compartmentKind, cid, grantId }: Upload, caller: Uint8Array): Asked {
  return { caller, patientId, compartmentKind, cid, grantId, anyOf: RIGHT.write }
}

/** Records are stored in categories and in the inbox; a share holds further wraps of them and nothing else. */
export function refuseWriter(context: Context, asked: Asked): RefusalArm | null {
  const decision = decideNow(context, asked)
  if (decision.kind === 'refuse') return decision.refusal
  return isHomeKind(asked.compartmentKind) ? null : refuse.notPermitted
}

/** Versions are dense from 1, and a record stays the patient's and where it is. */
function refuseVersion(
  store: RecordsStore,
  { patientId, cid }: Asked,
  { recordId, version }: VersionId,
): RefusalArm | null {
  const record = store.record(recordId)
  if (store.deletion(recordId) !== undefined) return refuse.notPermitted
  if (record !== undefined && !(equalBytes(record.patientId, patientId) && equalBytes(record.cid, cid)))
    return refuse.idConflict
  const newest = record?.newest ?? 0
  return version === newest + 1 ? null : refuse.stale(newest)
}
