import {
  type ArgOf,
  COMPARTMENT_KIND,
  DEVICE_POSTS_IN_ALL_PER_HOUR,
  DEVICE_POSTS_OF_PATIENT_PER_HOUR,
  DEVICE_POSTS_PER_HOUR,
  DEVICE_STATE,
  type DeviceInfo,
  encodeFields,
  EVENT,
  Principal,
  type RecordsService,
  RECORDS_UNDER_DEVICE_MAX,
  refuse,
  type RefusalArm,
  type RetOf,
  RIGHT,
} from '@medguard/protocol'
import {
  type Asked,
  assert,
  authoriseWriteCall,
  BUDGET_TAG,
  budgetsOfWork,
  deviceStateOf,
  nowNs,
  sameBytes,
  samePrincipal,
  sameShort,
  takeFromAll,
  writesSoFar,
} from '@medguard/shared'
import { type Posting, readBatch } from './batch.ts'
import { askConsent, type Context, ZERO_ID } from './context.ts'
import { decideNow } from './facts.ts'
import type { StoredCapsule } from './capsules.ts'
import type { Usage } from './codec.ts'
import { isSameRecord, type Looked } from './device-posts.ts'
import { type KeyState, noteAdded } from './key-states.ts'
import { refuseRoom } from './rules.ts'
import type { RecordsStore } from './store.ts'

/**
 * Readings that a device posts by itself, by call or over HTTPS (keys.md, section 7; I23). A batch is kept at most once, however often and in whatever order it comes: its
 * record is known by its id for as long as it is there, its number for the device's next 1,024, and after that a number is over.
 */

type Posted = RetOf<RecordsService['depositReadings']>
/** A number that was not used. */
interface New {
  readonly number: Looked
}
interface Room {
  readonly present: StoredCapsule | undefined
  readonly state: KeyState
}

export const depositReadings = (
  context: Context,
  { batch }: ArgOf<RecordsService['depositReadings']>,
  caller: Uint8Array,
): Promise<Posted> => postBatch(context, batch, caller)

/** @param caller raw principal of the key that the batch came with: that of the call, or of the signature that was checked. */
export async function postBatch(context: Context, bytes: Uint8Array, caller: Uint8Array): Promise<Posted> {
  const posting = readBatch(bytes)
  if ('refusal' in posting) return { Err: posting.refusal }
  const asked = askedOf(posting, caller)
  const decision = decideNow(context, asked)
  if (decision.kind === 'refuse') return { Err: decision.refusal }
  const earlier = answered(context, posting)
  if ('answer' in earlier) return earlier.answer
  const early = roomFor(context, posting, caller)
  if ('refusal' in early) return { Err: early.refusal }
  const waitMs = takePost(context, posting.deviceId, posting.place.patientId)
  if (waitMs > 0) return { Err: refuse.busy(waitMs) }
  const writes = writesSoFar()
  const permit = await askConsent(context, authoriseWriteCall, onBehalf(asked, posting.epoch))
  if ('refusal' in permit) return { Err: permit.refusal }

  // Where nothing at all was written meanwhile, all of it would be found again: no part of it hangs on the time.
  const isAsBefore = writesSoFar() === writes
  const late = isAsBefore ? { ...early, ...earlier } : lookAgain(context, posting, asked)
  if ('answer' in late) return late.answer
  const full = refuseFull(context, posting, late.number)
  return 'refusal' in full ? { Err: full.refusal } : store(context, posting, { caller, ...full, ...late })
}

/** The same, after consent was asked. */
function lookAgain(context: Context, posting: Posting, asked: Asked): { readonly answer: Posted } | (Room & New) {
  const decision = decideNow(context, asked)
  if (decision.kind === 'refuse') return { answer: { Err: decision.refusal } }
  const meanwhile = answered(context, posting)
  if ('answer' in meanwhile) return meanwhile
  const room = roomFor(context, posting, asked.caller)
  return 'refusal' in room ? { answer: { Err: room.refusal } } : { ...room, ...meanwhile }
}

/** For a device, and over HTTPS for who signs as it: how it stands, and what it needs for its next batch. Asked of consent too, which keeps the epochs. */
export async function deviceInfo(
  context: Context,
  { deviceId }: ArgOf<RecordsService['deviceInfo']>,
  caller: Uint8Array,
): Promise<RetOf<RecordsService['deviceInfo']>> {
  if (deviceId.length !== ZERO_ID.length) return { Err: refuse.badInput('deviceId', 'length') }
  const known = ownState(context, deviceId, caller)
  if (known === null) return { Err: refuse.notPermitted }
  const waitMs = takePost(context, deviceId, known.patientId)
  if (waitMs > 0) return { Err: refuse.busy(waitMs) }
  const asked = {
    caller,
    patientId: known.patientId,
    compartmentKind: COMPARTMENT_KIND.category,
    cid: known.cid,
    grantId: null,
    anyOf: RIGHT.write,
    deviceId,
  }
  const answer = known.isActive ? await askConsent(context, authoriseWriteCall, onBehalf(asked, NO_EPOCH)) : null
  const epoch = answer === null || 'ok' in answer ? null : currentOf(answer.refusal)
  const isPaused = answer === null || ('refusal' in answer && 'Paused' in answer.refusal)
  if (answer !== null && 'refusal' in answer && epoch === null && !isPaused) return { Err: answer.refusal }

  const { store } = context
  const now = ownState(context, deviceId, caller)
  if (now === null) return { Err: refuse.notPermitted }
  const nowIs = nowNs()
  store.devicePosts.noteSeen(deviceId, nowIs)
  const isActive = now.isActive && !isPaused && epoch !== null
  const info: DeviceInfo = {
    state: deviceStateOf(isActive ? DEVICE_STATE.active : DEVICE_STATE.paused),
    patientId: now.patientId,
    cid: now.cid,
    epoch: isActive ? [epoch] : [],
    nextSeq: store.devicePosts.use(deviceId).nextSeq,
    nowNs: nowIs,
  }
  return { Ok: info }
}

/** Epochs count from 1: consent's answer to this one names the current. */
const NO_EPOCH = 0
const currentOf = (refusal: RefusalArm): number | null => ('StaleEpoch' in refusal ? refusal.StaleEpoch.current : null)

const NOBODY = new Uint8Array(29)

/** A device that is the caller's own, by this canister's rows. */
function ownState({ facts }: Context, deviceId: Uint8Array, caller: Uint8Array) {
  const device = facts.device(deviceId)
  // Compared where there is none, too: a refusal costs the same (I7).
  const isTheirs = samePrincipal(device?.principal ?? NOBODY, caller)
  if (device === undefined || device.state === DEVICE_STATE.removed || !isTheirs) return null
  const { patientId, cid, state } = device
  return { patientId, cid, isActive: state === DEVICE_STATE.active && !facts.isPaused(patientId) }
}

const askedOf = ({ deviceId, place }: Posting, caller: Uint8Array): Asked => ({
  ...place,
  caller,
  grantId: null,
  anyOf: RIGHT.write,
  deviceId,
})

/** Nothing but the record's own id stands for the request: it is one batch's, for ever. */
const onBehalf = (asked: Asked, epoch: number) => ({
  caller: Principal.fromUint8Array(asked.caller),
  patientId: asked.patientId,
  compartmentKind: asked.compartmentKind,
  cid: asked.cid,
  grantId: [] as [],
  requestId: ZERO_ID,
  epoch,
  authorKeyId: [] as [],
  deviceId: [asked.deviceId ?? ZERO_ID] as [Uint8Array],
})

/**
 * The answer to what came before, be it wrapped anew since; null for what is new. By the record first: one that is there is not stored again under whatever number. Then by the
 * number: the record may have been deleted since.
 */
function answered(
  { store }: Context,
  { deviceId, seq, recordId, manifestHash, place }: Posting,
): { readonly answer: Posted } | New {
  const known = (isSame: boolean, position: number): { readonly answer: Posted } => ({
    answer: isSame ? { Ok: { position, manifestHash } } : { Err: refuse.idConflict },
  })
  const present = store.version({ recordId, version: 1 })
  if (present !== undefined) {
    const isSame = sameShort(present.manifestHash, manifestHash) && sameShort(present.patientId, place.patientId)
    return known(isSame, present.seq)
  }
  const number = store.devicePosts.look(deviceId, seq)
  if (number.is === 'used') return known(isSameRecord(number, manifestHash), number.position)
  if (number.is === 'over') return { answer: { Err: refuse.expired } }
  if (number.is === 'ahead') return { answer: { Err: refuse.badInput('seq', 'range') } }
  return store.record(recordId) === undefined ? { number } : known(false, 0)
}

/** The capsule and the keys that a new batch goes under, or what else keeps it out, looked at before and after consent is asked. */
function roomFor(
  { store, outbox }: Context,
  { place, epoch, step, capsule, capsuleHead }: Posting,
  caller: Uint8Array,
): Room | { readonly refusal: RefusalArm } {
  if (outbox.isFull(place.patientId)) return { refusal: refuse.logUnavailable }
  const state = store.keyStates.of(place)
  if (epoch < state.floor) return { refusal: refuse.staleEpoch(state.floor) }
  const present = store.capsules.get(place, step.capsuleId)
  if (present === undefined && capsuleHead === null) return { refusal: refuse.badInput('capsule', 'unknown') }
  if (present !== undefined && capsule !== null && !sameBytes(present.capsule, capsule))
    return { refusal: refuse.idConflict }
  const { depositor, stepsMax } = present ?? { depositor: caller, stepsMax: capsuleHead?.stepsMax ?? 0 }
  if (!samePrincipal(depositor, caller) || (present !== undefined && present.epoch !== epoch))
    return { refusal: refuse.badInput('capsule', 'unknown') }
  // In whatever order: batches overtake each other. What the capsule is worth ends with its epoch, not with a day: a device may have been away.
  return step.step < stepsMax ? { present, state } : { refusal: refuse.badInput('capsule', 'range') }
}

/** Whether the vault has room, for devices as for other senders. */
function refuseFull(
  { store }: Context,
  { place, shape: { sizeBytes } }: Posting,
  { use }: Looked,
): { readonly usage: Usage } | { readonly refusal: RefusalArm } {
  const usage = store.usage(place.patientId)
  const refusal = refuseRoom(sizeBytes, {
    openUploads: 0,
    ofPatient: usage,
    storedBytes: store.blobs.storedBytes(),
    underGrant: { stored: use, announcedBytes: 0n, versionsMax: RECORDS_UNDER_DEVICE_MAX },
  })
  return refusal === null ? { usage } : { refusal }
}

/** @returns 0, or the milliseconds to wait. */
const takePost = ({ budgets }: Context, deviceId: Uint8Array, patientId: Uint8Array): number =>
  takeFromAll(
    budgets,
    budgetsOfWork(
      BUDGET_TAG.devicePost,
      { caller: deviceId, patientId },
      {
        ofCaller: DEVICE_POSTS_PER_HOUR,
        ofPatient: DEVICE_POSTS_OF_PATIENT_PER_HOUR,
        inAll: DEVICE_POSTS_IN_ALL_PER_HOUR,
      },
    ),
    nowNs(),
  )

/** What this very message found. */
interface Found extends Room, New {
  readonly caller: Uint8Array
  readonly usage: Usage
}

/** Everything at once: capsule, body, list, counts, number and lines. */
function store({ store, outbox }: Context, posting: Posting, found: Found): Posted {
  const { deviceId, seq, recordId, manifest, manifestHash, header, body, listWrap, openWrap, place } = posting
  const { epoch, step, shape } = posting
  const { caller, state, number } = found
  const { patientId, compartmentKind, cid } = place
  const now = nowNs()
  const common = { compartmentKind, actor: caller, patientId, requestId: recordId }
  const capsule = found.present ?? postCapsule(store, posting, caller)
  if (found.present === undefined)
    outbox.queue({
      ...common,
      event: EVENT.capsule,
      objectId: step.capsuleId,
      versionOrEpoch: epoch,
      fields: encodeFields('capsule', { cid, deviceId }),
    })
  const deposit = { depositor: caller, depositedNs: now, isUnderGrant: true, orgId: ZERO_ID, deviceId }
  const entry = { recordId, version: 1, manifest, manifestHash, header, listWrap, openWrap, deposit }
  const position = store.lists.append(place, [entry])
  store.capsules.useAnyOrder(place, step, capsule)
  noteAdded(store.keyStates, place, state, { seq: position, epoch, isUnderCapsule: true })
  const version = { ...shape, patientId, homeCid: cid, seq: position, author: caller, manifestHash }
  store.addWholeVersion({ recordId, version: 1 }, version, body, found.usage)
  const { sizeBytes } = shape
  store.devicePosts.note(deviceId, seq, number, { manifestHash, position, sizeBytes, nowNs: now })
  outbox.queue({
    ...common,
    event: EVENT.deposit,
    objectId: recordId,
    versionOrEpoch: 1,
    fields: encodeFields('deposit', { manifestHash, cid, seq: position, deviceId }),
  })
  return { Ok: { position, manifestHash } }
}

function postCapsule(store: RecordsStore, { place, capsule, capsuleHead }: Posting, caller: Uint8Array): StoredCapsule {
  assert(capsule !== null && capsuleHead !== null, 'a capsule that is not there came with its batch')
  return store.capsules.post(place, capsuleHead, { depositor: caller, postedNs: nowNs(), capsule })
}
