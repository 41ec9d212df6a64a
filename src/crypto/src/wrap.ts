/** Wraps `MGW1`: a header or record secret under a compartment key. Table: docs/crypto.md, "Wrap". */
import { concatBytes, equalBytes, expectLength, expectUint, u32 } from './bytes.ts'
import type { StepKey } from './capsule.ts'
import type { CompartmentKeys } from './compartment-keys.ts'
import { ID_BYTES, NONCE_BYTES, SECRET_BYTES, TAG } from './constants.ts'
import { CryptoFault, expectDecoded } from './fault.ts'
import type { Manifest } from './manifest.ts'
import {
  type HeaderSecret,
  type RecordKey,
  type RecordPlace,
  type RecordSecret,
  headerSecretOf,
  listCommitmentOf,
  openCommitmentOf,
  recordFields,
  recordKeyOf,
} from './secrets.ts'
import {
  type AeadInput,
  type OwnedBytes,
  aesGcmOpen,
  aesGcmOpenHkdf,
  aesGcmSeal,
  randomBytes,
  wipe,
} from './webcrypto.ts'
import { type Tier, WRAP_ALGORITHM, WRAP_TYPE, type WrapHead, decodeWrap } from './wrap-format.ts'

/** What wraps are under: the keys of a compartment epoch, or one step of a capsule to it. */
export type WrapKeys = CompartmentKeys | StepKey

/** Both wraps of one record version under one compartment epoch: 72 bytes each, 92 under a capsule. */
export interface RecordWraps {
  readonly listWrap: OwnedBytes
  readonly openWrap: OwnedBytes
}

/**
 * Wraps a record secret, and the header secret derived from it, for everybody who holds the compartment's keys.
 *
 * @throws RangeError if the place is another patient's than the keys', or a length is wrong.
 */
export async function wrapRecord(keys: WrapKeys, place: RecordPlace, secret: RecordSecret): Promise<RecordWraps> {
  const headerSecret = await headerSecretOf(await recordKeyOf(secret), place)
  try {
    const [listWrap, openWrap] = await Promise.all([
      sealWrap(keys, place, 'list', headerSecret, randomBytes(NONCE_BYTES)),
      sealWrap(keys, place, 'open', secret, randomBytes(NONCE_BYTES)),
    ])
    return { listWrap, openWrap }
  } finally {
    wipe(headerSecret)
  }
}

/**
 * Opens a list wrap into what opens the record's header: to be wiped after use.
 *
 * @param place the record asked for, from the reader's own request and not from the answer.
 * @throws CryptoFault BadFormat, UnsupportedAlgorithm, WrongPlace (an open wrap), WrongKey (another epoch), Tampered.
 */
export async function unwrapHeaderSecret(keys: WrapKeys, place: RecordPlace, wrap: Uint8Array): Promise<HeaderSecret> {
  const { input, sealed } = prepare(keys, place, 'list', wrap)
  return (await aesGcmOpen(input, sealed, 'the list wrap')) as HeaderSecret
}

/** Opens an open wrap into a key that opens the record's body. Arguments and faults as for `unwrapHeaderSecret`. */
export async function unwrapRecordKey(keys: WrapKeys, place: RecordPlace, wrap: Uint8Array): Promise<RecordKey> {
  const { input, sealed } = prepare(keys, place, 'open', wrap)
  return (await aesGcmOpenHkdf(input, sealed, 'the open wrap')) as RecordKey
}

/**
 * Opens an open wrap into the secret itself: for a writer who goes on with a record that is not stored yet. Wipe it after use.
 * Arguments and faults as for `unwrapHeaderSecret`.
 */
export async function unwrapRecordSecret(keys: WrapKeys, place: RecordPlace, wrap: Uint8Array): Promise<RecordSecret> {
  const { input, sealed } = prepare(keys, place, 'open', wrap)
  return (await aesGcmOpen(input, sealed, 'the open wrap')) as RecordSecret
}

/**
 * Wraps a record again: for a share's compartment, or for the next epoch of its own. The raw secret exists only here and
 * is wiped.
 *
 * @param manifest of the record, whose commitments the secret must fit, lest a bad wrap be spread.
 * @throws CryptoFault as `unwrapRecordKey`, WrongPlace for another record's manifest, CommitmentMismatch.
 */
export async function rewrapRecord(options: {
  readonly from: WrapKeys
  readonly to: WrapKeys
  readonly place: RecordPlace
  readonly manifest: Manifest
  readonly openWrap: Uint8Array
}): Promise<RecordWraps> {
  const { from, to, place, manifest } = options
  expectManifestOf(place, manifest)
  const { input, sealed } = prepare(from, place, 'open', options.openWrap)
  const secret = (await aesGcmOpen(input, sealed, 'the open wrap')) as RecordSecret
  try {
    const recordKey = await recordKeyOf(secret)
    await expectOpenCommitment(recordKey, place, manifest)
    expectListed(await headerSecretOf(recordKey, place), place, manifest)
    return await wrapRecord(to, place, secret)
  } finally {
    wipe(secret)
  }
}

/**
 * Opens both wraps of a record with keys at hand and compares what they hold with what its author committed to: whether a rewrap went well.
 *
 * @throws CryptoFault as `unwrapRecordKey`, WrongPlace, CommitmentMismatch.
 */
export async function expectSoundWraps(
  keys: WrapKeys,
  place: RecordPlace,
  stored: { readonly manifest: Manifest; readonly listWrap: Uint8Array; readonly openWrap: Uint8Array },
): Promise<void> {
  const { manifest, listWrap, openWrap } = stored
  expectManifestOf(place, manifest)
  await expectOpenCommitment(await unwrapRecordKey(keys, place, openWrap), place, manifest)
  expectListed(await unwrapHeaderSecret(keys, place, listWrap), place, manifest)
}

/** Wipes the secret, whether it fits or not. */
function expectListed(secret: HeaderSecret, place: RecordPlace, manifest: Manifest): void {
  try {
    expectListCommitment(secret, place, manifest)
  } finally {
    wipe(secret)
  }
}

/** @throws CryptoFault WrongPlace unless the manifest is that of this very record version. */
export function expectManifestOf(place: RecordPlace, manifest: Manifest): void {
  const isSame =
    equalBytes(manifest.patientId, place.patientId) &&
    equalBytes(manifest.recordId, place.recordId) &&
    manifest.version === place.version
  if (!isSame) throw new CryptoFault('WrongPlace', 'the manifest is that of another record')
}

/** @throws CryptoFault CommitmentMismatch unless the author committed to this record key. */
export async function expectOpenCommitment(key: RecordKey, place: RecordPlace, manifest: Manifest): Promise<void> {
  if (!equalBytes(await openCommitmentOf(key, place), manifest.openCommitment)) {
    throw new CryptoFault('CommitmentMismatch', 'the record key is not the one the manifest commits to')
  }
}

/** @throws CryptoFault CommitmentMismatch unless the author committed to this header secret. */
export function expectListCommitment(secret: HeaderSecret, place: RecordPlace, manifest: Manifest): void {
  if (!equalBytes(listCommitmentOf(secret, place), manifest.listCommitment)) {
    throw new CryptoFault('CommitmentMismatch', 'the header secret is not the one the manifest commits to')
  }
}

/** One wrap with a given nonce. Outside tests the nonce is random: a repeated one would reveal both secrets. */
export async function sealWrap(
  keys: WrapKeys,
  place: RecordPlace,
  tier: Tier,
  secret: RecordSecret | HeaderSecret,
  nonce: Uint8Array,
): Promise<OwnedBytes> {
  expectLength('the secret', secret, SECRET_BYTES)
  if (!equalBytes(keys.place.patientId, place.patientId)) throw new RangeError('the keys are another patient’s')
  expectUint('epoch', keys.place.epoch, 32)
  const algorithm = 'stepKey' in keys ? WRAP_ALGORITHM.capsule : WRAP_ALGORITHM.kek
  const head = concatBytes(TAG.wrap, Uint8Array.of(WRAP_TYPE[tier], algorithm, 0, 0), u32(keys.place.epoch))
  const input = { key: keyOf(keys, tier), nonce, associatedData: associatedData(head, keys, place) }
  return concatBytes(head, nonce, await aesGcmSeal(input, secret), stepFields(keys))
}

/** Everything that can be refused before a key is used. */
function prepare(
  keys: WrapKeys,
  place: RecordPlace,
  tier: Tier,
  wrap: Uint8Array,
): { input: AeadInput; sealed: OwnedBytes } {
  const head = expectDecoded(decodeWrap(wrap))
  if (head.tier !== tier) throw new CryptoFault('WrongPlace', 'the wrap is of the other tier')
  if (head.epoch !== keys.place.epoch) throw new CryptoFault('WrongKey', 'the wrap needs the key of another epoch')
  if (!equalBytes(keys.place.patientId, place.patientId)) {
    throw new CryptoFault('WrongPlace', 'the record is of another patient than the keys')
  }
  expectStep(keys, head)
  const input = {
    key: keyOf(keys, tier),
    nonce: head.nonce,
    associatedData: associatedData(wrap.subarray(0, 12), keys, place),
  }
  return { input, sealed: head.sealed }
}

/** Where the wrap belongs, as the reader knows it: it is authenticated and not stored. */
function associatedData(head: Uint8Array, keys: WrapKeys, place: RecordPlace): OwnedBytes {
  const { compartmentKind, compartmentId } = keys.place
  expectLength('patientId', place.patientId, ID_BYTES)
  expectLength('compartmentId', compartmentId, ID_BYTES)
  return concatBytes(
    head,
    place.patientId,
    Uint8Array.of(compartmentKind),
    compartmentId,
    recordFields(place),
    stepFields(keys),
  )
}

const NO_FIELDS = new Uint8Array(0)
const stepFields = (keys: WrapKeys): Uint8Array =>
  'stepKey' in keys ? concatBytes(keys.capsuleId, u32(keys.step)) : NO_FIELDS

/** @throws CryptoFault WrongKey unless the wrap is under these very keys: the compartment's, or that step of that capsule. */
function expectStep(keys: WrapKeys, { capsule }: WrapHead): void {
  const isRight =
    'stepKey' in keys
      ? capsule !== null && capsule.step === keys.step && equalBytes(capsule.capsuleId, keys.capsuleId)
      : capsule === null
  if (!isRight) throw new CryptoFault('WrongKey', 'the wrap is under another key of the compartment')
}

function keyOf(keys: WrapKeys, tier: Tier): CryptoKey {
  if ('stepKey' in keys) return keys.stepKey
  return tier === 'list' ? keys.listKek : tier === 'open' ? keys.openKek : keys.capsuleKek
}

/**
 * Wraps the start of a capsule's chain for everybody who holds the compartment's keys: from then on nobody needs the vetKey to open what came under it.
 *
 * @param start 32 bytes from `openCapsule`.
 */
export function sealChainStart(keys: CompartmentKeys, capsuleId: Uint8Array, start: Uint8Array): Promise<OwnedBytes> {
  const place = { patientId: keys.place.patientId, recordId: capsuleId, version: 0 }
  return sealWrap(keys, place, 'chain', start as RecordSecret, randomBytes(NONCE_BYTES))
}

/** @returns C(0) for the caller to wipe. @throws CryptoFault as for `unwrapHeaderSecret`. */
export function openChainStart(keys: CompartmentKeys, capsuleId: Uint8Array, wrap: Uint8Array): Promise<OwnedBytes> {
  const place = { patientId: keys.place.patientId, recordId: capsuleId, version: 0 }
  const { input, sealed } = prepare(keys, place, 'chain', wrap)
  return aesGcmOpen(input, sealed, 'the start of a chain')
}
