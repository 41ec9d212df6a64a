import { augmentedHashToG1, DerivedPublicKey } from '@dfinity/vetkeys'
import { bls12_381 } from '@noble/curves/bls12-381'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { capsuleClear, chainStart } from '../src/capsule.ts'
import {
  type CapsuleChain,
  type CompartmentEpoch,
  compartmentKeyInput,
  decodeCapsule,
  decodeWrap,
  deriveCompartmentKeys,
  expectDecoded,
  forgetVetKey,
  newCapsule,
  newRecordSecret,
  nextStep,
  openChainStart,
  openCapsule,
  openHead,
  type RecordSecret,
  rewrapRecord,
  sealChainStart,
  walkFrom,
  unwrapHeaderSecret,
  unwrapRecordKey,
  type VetKeyBytes,
  wrapRecord,
} from '../src/index.ts'
import { openCommitmentOf } from '../src/secrets.ts'
import { sealWrap } from '../src/wrap.ts'
import {
  compartment,
  expectFault,
  flipped,
  hex,
  keysOf,
  place,
  readVectors,
  run,
  storeRecord,
  unhex,
} from './fixture.ts'

const vectors = readVectors('capsule.json') as Record<
  'clear' | 'c0' | 'c1' | 'c2' | 'w0' | 'w2' | 'openWrap' | 'chainWrap',
  string
>
const capsuleId = run(0x60, 16)
const shredSalt = run(0xc0, 32)

/** A key service of one number: its key for an identity is what the network would derive. */
const secretScalar = 123_456_789n
const publicKey = bls12_381.G2.ProjectivePoint.BASE.multiply(secretScalar).toRawBytes(true)
function vetKeyOf(at: CompartmentEpoch): VetKeyBytes {
  const hashed = augmentedHashToG1(DerivedPublicKey.deserialize(publicKey), compartmentKeyInput(at))
  const point = bls12_381.G1.ProjectivePoint.fromHex(hashed.toRawBytes(true)).multiply(secretScalar)
  return point.toRawBytes(true) as VetKeyBytes
}
const readerOf = (changes: Partial<CompartmentEpoch> = {}) => {
  const at = { ...compartment, ...changes }
  return deriveCompartmentKeys(vetKeyOf(at), shredSalt, at)
}

async function steps(chain: CapsuleChain, count: number) {
  const keys = []
  let at = chain
  for (let i = 0; i < count; i++) {
    const taken = await nextStep(at)
    keys.push(taken.key)
    at = taken.chain
  }
  return { keys, chain: at }
}

describe('the vectors of capsules', () => {
  test('the clear part and the chain', async () => {
    const clear = capsuleClear(capsuleId, compartmentKeyInput(compartment), 1024)
    expect(hex(clear)).toBe(vectors.clear)
    const secret = await chainStart(run(0, 32), clear)
    expect(hex(secret)).toBe(vectors.c0)
    const first = await nextStep({ capsuleId, place: compartment, stepsMax: 1024, step: 0, secret })
    expect(hex(secret), 'the state before is wiped').toBe('00'.repeat(32))
    expect(hex(first.chain.secret)).toBe(vectors.c1)
    const second = await nextStep(first.chain)
    expect(hex(second.chain.secret)).toBe(vectors.c2)
  })

  test('a walk comes by each step in whatever order, and by none that no capsule has', async () => {
    const { capsule, chain } = await newCapsule(publicKey, compartment)
    const start = {
      capsuleId: chain.capsuleId,
      place: compartment,
      secret: await openCapsule(await readerOf(), capsule),
    }
    const walk = await walkFrom(start)
    start.secret.fill(0)
    const { keys } = await steps(chain, 70)
    const wraps = await Promise.all(
      keys.map((key) => sealWrap(key, place, 'open', run(0, 32) as RecordSecret, run(0xe0, 12))),
    )
    const opened = async (step: number) =>
      unwrapRecordKey(await walk.keyOf(step), place, wraps[step] ?? new Uint8Array())
    // All at once, the last first, beside what stays of the chain, and one again.
    await Promise.all([69, 0, 31, 32, 33, 5, 64, 63, 69].map(opened))
    await expect(walk.keyOf(1024)).rejects.toThrow(RangeError)
    await expect(walk.keyOf(-1)).rejects.toThrow(RangeError)
  })

  test('a wrap under a step, made and opened', async () => {
    const start = { capsuleId, place: compartment, secret: unhex(vectors.c0) }
    const step = await (await walkFrom(start)).keyOf(2)
    const secret = run(0, 32) as RecordSecret
    expect(hex(await sealWrap(step, place, 'open', secret, run(0xe0, 12)))).toBe(vectors.openWrap)
    const key = await unwrapRecordKey(step, place, unhex(vectors.openWrap))
    expect(hex(await openCommitmentOf(key, place))).toBe(
      (readVectors('keys-section-23.json') as { openCommitment: string }).openCommitment,
    )
  })

  test('the start of a chain under the compartment’s key', async () => {
    const keys = await keysOf()
    const at = { patientId: keys.place.patientId, recordId: capsuleId, version: 0 }
    const wrap = await sealWrap(keys, at, 'chain', unhex(vectors.c0) as RecordSecret, run(0xe0, 12))
    expect(hex(wrap)).toBe(vectors.chainWrap)
    expect(hex(await openChainStart(keys, capsuleId, wrap))).toBe(vectors.c0)
  })
})

describe('a capsule', () => {
  test('lets who cannot read seal records for who can', async () => {
    const { capsule, chain } = await newCapsule(publicKey, compartment, 8)
    const { keys } = await steps(chain, 3)
    const reader = await readerOf()
    const stored = await storeRecord(reader, run(0, 50))
    const third = keys[2]!
    const wraps = await wrapRecord(third, place, stored.secret)
    const { capsule: named } = expectDecoded(decodeWrap(wraps.openWrap))
    expect(named).toEqual({ capsuleId: chain.capsuleId, step: 2 })
    const secret = await openCapsule(reader, capsule)
    const step = await (await walkFrom({ capsuleId: chain.capsuleId, place: compartment, secret })).keyOf(2)
    const head = await openHead(await unwrapHeaderSecret(step, place, wraps.listWrap), place, stored.head)
    expect(head.header.title).toBe('Blood count')
    // In the end it is wrapped like any other, and no longer under the capsule.
    const { manifest } = head
    const plain = await rewrapRecord({ from: step, to: reader, place, manifest, openWrap: wraps.openWrap })
    expect(expectDecoded(decodeWrap(plain.listWrap)).capsule).toBeNull()
    await unwrapRecordKey(reader, place, plain.openWrap)
  })

  test('opens for no other epoch, compartment or key, and not after any byte was changed', async () => {
    const { capsule, chain } = await newCapsule(publicKey, compartment)
    await expectFault('WrongKey', async () => openCapsule(await readerOf({ epoch: 8 }), capsule))
    await expectFault('WrongPlace', async () => openCapsule(await readerOf({ compartmentId: run(1, 16) }), capsule))
    await expectFault('Tampered', async () => {
      const other = vetKeyOf({ ...compartment, epoch: 9 })
      return openCapsule(await deriveCompartmentKeys(other, shredSalt, compartment), capsule)
    })
    const reader = await readerOf()
    const start = hex(await openCapsule(reader, capsule))
    // The clear part is bound through the chain: another id or length is another chain.
    expect(hex(await openCapsule(reader, flipped(capsule, 5)))).not.toBe(start)
    for (const at of [64 + 2, 64 + 100, 231])
      await expectFault('Tampered', () => openCapsule(reader, flipped(capsule, at)))
    expect(chain.step).toBe(0)
    forgetVetKey(reader)
    await expectFault('WrongKey', () => openCapsule(reader, capsule))
  })

  test('a sender’s state opens nothing of the steps before it, and no step is used twice', async () => {
    const { chain } = await newCapsule(publicKey, compartment, 2)
    const first = await nextStep(chain)
    const secret = newRecordSecret()
    const sent = await wrapRecord(first.key, place, secret)
    const { capsuleId: id } = chain
    // All that a thief finds: they walk on from it, as if it were the start and as what it is.
    const stolen = first.chain.secret.slice()
    const asStart = await (await walkFrom({ capsuleId: id, place: compartment, secret: stolen })).keyOf(0)
    await expectFault('Tampered', () => unwrapRecordKey(asStart, place, sent.openWrap))
    const second = await nextStep(first.chain)
    await expectFault('WrongKey', () => unwrapRecordKey(second.key, place, sent.openWrap))
    await expect(nextStep(second.chain)).rejects.toThrow('used up')
  })

  test('a wrap under it opens at no other step, place or tier, nor under the compartment’s own key', async () => {
    const { chain } = await newCapsule(publicKey, compartment, 8)
    const { keys } = await steps(chain, 2)
    const [zero, one] = [keys[0]!, keys[1]!]
    const wraps = await wrapRecord(one, place, newRecordSecret())
    await expectFault('WrongKey', () => unwrapRecordKey(zero, place, wraps.openWrap))
    await expectFault('WrongKey', async () => unwrapRecordKey(await keysOf(), place, wraps.openWrap))
    await expectFault('WrongPlace', () => unwrapRecordKey(one, place, wraps.listWrap))
    const elsewhere = { ...one, place: { ...compartment, compartmentId: run(1, 16) } }
    await expectFault('Tampered', () => unwrapRecordKey(elsewhere, place, wraps.openWrap))
    await expectFault('Tampered', () => unwrapRecordKey(one, { ...place, version: 4 }, wraps.openWrap))
    for (let at = 12; at < 72; at += 5)
      await expectFault('Tampered', () => unwrapRecordKey(one, place, flipped(wraps.openWrap, at)))
    for (let at = 72; at < 92; at += 3)
      await expectFault('WrongKey', () => unwrapRecordKey(one, place, flipped(wraps.openWrap, at)))
  })

  test('the start of its chain is kept for readers who have no vetKey, under their key and its own id', async () => {
    const reader = await readerOf()
    const { capsule, chain } = await newCapsule(publicKey, compartment)
    const start = await openCapsule(reader, capsule)
    const wrap = await sealChainStart(reader, chain.capsuleId, start)
    expect(wrap).toHaveLength(72)
    forgetVetKey(reader)
    expect(hex(await openChainStart(reader, chain.capsuleId, wrap))).toBe(hex(start))
    await expectFault('Tampered', () => openChainStart(reader, run(1, 16), wrap))
    await expectFault('WrongPlace', () => unwrapRecordKey(reader, place, wrap))
  })

  test('other bytes are no capsule, and reading them never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 240 }), (bytes) => {
        expect(decodeCapsule(bytes).ok).toBe(false)
      }),
    )
    const clear = capsuleClear(capsuleId, compartmentKeyInput(compartment), 7)
    const whole = new Uint8Array([...clear, ...new Uint8Array(168)])
    expect(decodeCapsule(whole)).toEqual({ ok: true, value: { capsuleId, place: compartment, stepsMax: 7 } })
    const wrong: [number, number][] = [
      [0, 0],
      [20, 0],
      [61, 2],
      [62, 0xff],
      [63, 0],
      [60, 0],
    ]
    for (const [at, byte] of wrong) {
      const bytes = whole.slice()
      bytes[at] = byte
      expect(decodeCapsule(bytes).ok, `byte ${at}`).toBe(false)
    }
    expect(decodeCapsule(whole.subarray(1)).ok).toBe(false)
  })
})
