/**
 * Capsules `MGC1` (docs/crypto.md, "Capsule"): who cannot read a compartment seals records to it. One encapsulation to the compartment's public identity,
 * then a one-way chain: each record has a key of its own, and who takes the sender's state learns nothing of the records before.
 */
import { DerivedPublicKey, IbeCiphertext, IbeIdentity, IbeSeed, VetKey } from '@dfinity/vetkeys'
import { concatBytes, equalBytes, expectLength, expectUint, u32 } from './bytes.ts'
import { CAPSULE_CLEAR_BYTES, decodeCapsule } from './capsule-format.ts'
import type { CompartmentKeys } from './compartment-keys.ts'
import { CAPSULE_STEPS_MAX, ID_BYTES, SECRET_BYTES, SUITE_1, TAG } from './constants.ts'
import { CryptoFault, expectDecoded } from './fault.ts'
import { type CompartmentEpoch, compartmentKeyInput } from './key-input.ts'
import { infoOf } from './labels.ts'
import { type OwnedBytes, ZERO_SALT, hkdfAesKey, hkdfBytes, importHkdf, randomBytes, wipe } from './webcrypto.ts'

/** What a sender keeps of a capsule, and nothing else: it opens the records of `step` and later, and none before. */
export interface CapsuleChain {
  readonly capsuleId: Uint8Array
  readonly place: CompartmentEpoch
  readonly stepsMax: number
  /** The next step that was not used. */
  readonly step: number
  /** 32 bytes: C(step). */
  readonly secret: OwnedBytes
}

/** The key of one step: wraps one record version, once. */
export interface StepKey {
  readonly place: CompartmentEpoch
  readonly capsuleId: Uint8Array
  readonly step: number
  readonly stepKey: CryptoKey
}

/**
 * A new capsule for a compartment's readers; a public-key operation, which asks nobody.
 *
 * @param publicKey 96 bytes from `derivedPublicKey`, never from an answer: who controls it reads what is sealed.
 * @returns 232 bytes to be stored, and the chain to be used from step 0.
 */
export async function newCapsule(
  publicKey: Uint8Array,
  place: CompartmentEpoch,
  stepsMax = CAPSULE_STEPS_MAX,
): Promise<{ readonly capsule: OwnedBytes; readonly chain: CapsuleChain }> {
  if (!Number.isInteger(stepsMax) || stepsMax < 1 || stepsMax > CAPSULE_STEPS_MAX)
    throw new RangeError('a capsule has 1 to 1024 steps')
  const root = randomBytes(SECRET_BYTES)
  try {
    const capsuleId = randomBytes(ID_BYTES)
    const identity = compartmentKeyInput(place)
    const key = DerivedPublicKey.deserialize(publicKey)
    const sealed = IbeCiphertext.encrypt(key, IbeIdentity.fromBytes(identity), root, IbeSeed.random()).serialize()
    const clear = capsuleClear(capsuleId, identity, stepsMax)
    const chain = { capsuleId, place, stepsMax, step: 0, secret: await chainStart(root, clear) }
    return { capsule: concatBytes(clear, sealed), chain }
  } finally {
    wipe(root)
  }
}

/** `MGC1 || capsuleId(16) || key input(41) || suite || steps u16`, 64 bytes. */
export function capsuleClear(capsuleId: Uint8Array, identity: Uint8Array, stepsMax: number): OwnedBytes {
  const steps = Uint8Array.of(stepsMax >>> 8, stepsMax & 0xff)
  return concatBytes(TAG.capsule, capsuleId, identity, Uint8Array.of(SUITE_1), steps)
}

/** C(0), from the root that the capsule seals and its first 64 bytes. */
export async function chainStart(root: Uint8Array, clear: Uint8Array): Promise<OwnedBytes> {
  const key = await importHkdf(root)
  const info = infoOf('capsuleInit', clear.subarray(0, CAPSULE_CLEAR_BYTES))
  return hkdfBytes({ key, salt: ZERO_SALT, info }, SECRET_BYTES)
}

/**
 * The key of the next step and the chain after it. The chain that was given is wiped: keep the new one before anything is sent, and skip a step rather than
 * use one twice.
 *
 * @throws RangeError for a chain that is used up.
 */
export async function nextStep(chain: CapsuleChain): Promise<{ readonly key: StepKey; readonly chain: CapsuleChain }> {
  const { capsuleId, place, step, stepsMax, secret } = chain
  if (step >= stepsMax) throw new RangeError('the capsule is used up')
  const from = await importHkdf(secret)
  const [stepKey, next] = await Promise.all([stepKeyFrom(from, step), nextSecret(from, step)])
  wipe(secret)
  return { key: { place, capsuleId, step, stepKey }, chain: { ...chain, step: step + 1, secret: next } }
}

/**
 * Opens a capsule.
 *
 * @param keys of its compartment and epoch, with the vetKey still in memory.
 * @returns C(0), for `walkFrom` and `sealChainStart`; the caller wipes it.
 * @throws CryptoFault BadFormat, UnknownSuite, WrongPlace, WrongKey (another epoch, or keys that forgot their vetKey), Tampered.
 */
export async function openCapsule(keys: CompartmentKeys, capsule: Uint8Array): Promise<OwnedBytes> {
  const { place } = expectDecoded(decodeCapsule(capsule))
  if (place.epoch !== keys.place.epoch) throw new CryptoFault('WrongKey', 'the capsule needs the key of another epoch')
  if (!equalBytes(compartmentKeyInput(place), compartmentKeyInput(keys.place)))
    throw new CryptoFault('WrongPlace', 'the capsule is of another compartment')
  if (keys.vetKey.every((byte) => byte === 0)) throw new CryptoFault('WrongKey', 'the key was forgotten')
  const root = decrypted(keys, capsule.subarray(CAPSULE_CLEAR_BYTES))
  try {
    return await chainStart(root, capsule)
  } finally {
    wipe(root)
  }
}

function decrypted(keys: CompartmentKeys, sealed: Uint8Array): Uint8Array {
  try {
    const root = IbeCiphertext.deserialize(sealed).decrypt(VetKey.deserialize(keys.vetKey))
    if (root.length === SECRET_BYTES) return root
  } catch (cause) {
    throw new CryptoFault('Tampered', 'the capsule does not authenticate', { cause })
  }
  throw new CryptoFault('BadFormat', 'a capsule seals 32 bytes')
}

/** Of a chain that was walked one secret in so many stays: whoever may write may have a reader walk all of it. */
const MARK_EVERY = 32

/** A chain for whoever opens many of its steps: in their order each is walked to once, in another order from the mark before it. */
export interface ChainWalk {
  /** @throws RangeError for a step that no capsule has. */
  keyOf(step: number): Promise<StepKey>
}

/** A chain from its start; 0.13 ms a step that was not come by before. What it remembers can only derive and cannot be read back: the caller wipes the secret. */
export async function walkFrom(start: {
  readonly capsuleId: Uint8Array
  readonly place: CompartmentEpoch
  readonly secret: Uint8Array
}): Promise<ChainWalk> {
  const { capsuleId, place } = start
  expectLength('capsuleId', capsuleId, ID_BYTES)
  const first = Promise.resolve(await importHkdf(start.secret))
  /** The secrets of steps 0, 32, 64…: that of a step derives its key and the secret after it. */
  const marks = [first]
  let last = { step: 0, secret: first }
  const secretAfter = async (before: Promise<CryptoKey>, step: number): Promise<CryptoKey> => {
    const secret = await nextSecret(await before, step)
    try {
      return await importHkdf(secret)
    } finally {
      wipe(secret)
    }
  }
  const secretOf = (step: number): Promise<CryptoKey> => {
    const mark = Math.floor(step / MARK_EVERY)
    let at = last.step <= step ? last : { step: mark * MARK_EVERY, secret: marks[mark] ?? first }
    while (at.step < step) {
      at = { step: at.step + 1, secret: secretAfter(at.secret, at.step) }
      if (at.step === marks.length * MARK_EVERY) marks.push(at.secret)
    }
    if (last.step < step) last = at
    return at.secret
  }
  return {
    async keyOf(step) {
      expectUint('step', step, 32)
      if (step >= CAPSULE_STEPS_MAX) throw new RangeError('a capsule has no such step')
      return { place, capsuleId, step, stepKey: await stepKeyFrom(await secretOf(step), step) }
    },
  }
}

const nextSecret = (from: CryptoKey, step: number): Promise<OwnedBytes> =>
  hkdfBytes({ key: from, salt: ZERO_SALT, info: infoOf('capsuleStep', u32(step)) }, SECRET_BYTES)

const stepKeyFrom = (from: CryptoKey, step: number): Promise<CryptoKey> =>
  hkdfAesKey({ key: from, salt: ZERO_SALT, info: infoOf('capsuleWrap', u32(step)) }, [
    'encrypt',
    'decrypt',
    'unwrapKey',
  ])
