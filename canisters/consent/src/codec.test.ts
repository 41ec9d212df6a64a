import { CATEGORIES } from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  ACCOUNT,
  decodeDerivers,
  type Deriver,
  encodeDerivers,
  EPOCHS,
  type Epochs,
  type StoredAccount,
  SWEPT,
} from './codec.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })

const account: fc.Arbitrary<StoredAccount> = fc.record({
  accountId: bytes(16),
  patientId: bytes(16),
  enrolledNs: u64,
  isConfirmed: fc.boolean(),
  leafSeq: u64,
  cids: bytes(16 * CATEGORIES.length),
  people: fc.constant(0),
})
const epochs: fc.Arbitrary<Epochs> = fc.record({ minEpoch: u32, currentEpoch: u32 })
const derivers: fc.Arbitrary<Deriver[]> = fc.array(
  fc.record({
    principal: fc.uint8Array({ minLength: 1, maxLength: 29 }),
    grantId: bytes(16),
  }),
  { maxLength: 6 },
)

/** What every codec of stored rows owes: nothing is lost, and other bytes are nothing, or a value like any other. */
function isSound<T>(
  values: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
  decode: (bytes: Uint8Array) => T | null,
) {
  fc.assert(
    fc.property(values, fc.infiniteStream(fc.nat(255)), (value, noise) => {
      const encoded = encode(value)
      expect(encoded[0]).toBe(1)
      expect(decode(encoded)).toEqual(value)
      expect(decode(new Uint8Array([2, ...encoded.subarray(1)])), 'another layout').toBeNull()
      expect(decode(new Uint8Array([...encoded, 0])), 'a byte too many').toBeNull()
      expect(decode(encoded.subarray(0, encoded.length - 1)), 'a byte too few').toBeNull()
      const junk = decode(encoded.map((byte, i) => (i === 0 ? byte : (noise.next().value as number))))
      if (junk !== null) expect(decode(encode(junk))).toEqual(junk)
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 240 }), (junk) => {
      const decoded = decode(new Uint8Array([1, ...junk]))
      if (decoded !== null) expect(decode(encode(decoded))).toEqual(decoded)
    }),
  )
}

describe('stored rows', () => {
  test('an account', () => isSound(account, ACCOUNT.encode, ACCOUNT.decode))
  test('epochs', () => isSound(epochs, EPOCHS.encode, EPOCHS.decode))
  test('derivers', () => isSound(derivers, encodeDerivers, decodeDerivers))

  test('when a compartment was swept', () =>
    isSound(fc.record({ epoch: u32, sweptNs: u64, untilNs: u64 }), SWEPT.encode, SWEPT.decode))

  test('an account is confirmed by a one and by nothing else', () => {
    const [sample] = fc.sample(account, 1)
    if (sample === undefined) throw new Error('there is a sample')
    const encoded = ACCOUNT.encode({ ...sample, isConfirmed: true })
    for (const byte of [2, 128, 255]) {
      encoded[1] = byte
      expect(ACCOUNT.decode(encoded)).toBeNull()
    }
  })
})
