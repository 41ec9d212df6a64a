// Keys that the network holds for canisters: interface specification, `ecdsa_public_key`, `sign_with_ecdsa`, `schnorr_public_key`,
// `sign_with_schnorr`, `vetkd_public_key`, `vetkd_derive_key`; checked with Node's and @noble's own verifiers and @dfinity/vetkeys.
import { createPublicKey, verify } from 'node:crypto'
import { DerivedPublicKey, EncryptedVetKey, TransportSecretKey } from '@dfinity/vetkeys'
import { universalWasm } from '@medguard/localnet/universal-canister'
import { schnorr, secp256k1 } from '@noble/curves/secp256k1'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeResult, idOf, type Method } from './management.fixture.ts'
import { openReplica, type Outcome, type Replica, replyOf } from './replica.fixture.ts'
import { concat, fromHex, sha256, utf8 } from './request.fixture.ts'
import { manageThrough } from './through-canister.fixture.ts'

let ic: Replica
let first: Uint8Array
let second: Uint8Array
beforeAll(async () => {
  ic = await openReplica()
  first = await ic.deploy(universalWasm())
  second = await ic.deploy(universalWasm())
})
afterAll(() => ic.close())

const FEE = 30_000_000_000n
const name = 'dfx_test_key'
const message = utf8('a message')
const path = [utf8('a'), utf8('path')]
const ask = (id: Uint8Array, method: Method, arg: object, cycles = 0n): Promise<Outcome> =>
  manageThrough(ic, id, method, arg, cycles)
const publicKey = async (id: Uint8Array, method: Method, arg: object) =>
  (decodeResult(method, replyOf(await ask(id, method, arg))) as { public_key: Uint8Array }).public_key
const signature = async (id: Uint8Array, method: Method, arg: object) =>
  (decodeResult(method, replyOf(await ask(id, method, arg, FEE))) as { signature: Uint8Array }).signature

interface Scheme {
  readonly title: string
  readonly keyMethod: Method
  readonly signMethod: Method
  readonly keyId: object
  readonly signed: object
  readonly accepts: (key: Uint8Array, signed: Uint8Array) => boolean
}
const SCHEMES: readonly Scheme[] = [
  {
    title: 'ECDSA on secp256k1',
    keyMethod: 'ecdsa_public_key',
    signMethod: 'sign_with_ecdsa',
    keyId: { curve: { secp256k1: null }, name },
    signed: { message_hash: sha256(message) },
    accepts: (key, signed) => secp256k1.verify(signed, sha256(message), key, { lowS: false }),
  },
  {
    title: 'Schnorr on secp256k1, BIP-340',
    keyMethod: 'schnorr_public_key',
    signMethod: 'sign_with_schnorr',
    keyId: { algorithm: { bip340secp256k1: null }, name },
    signed: { message },
    accepts: (key, signed) => schnorr.verify(signed, message, key.subarray(1)),
  },
  {
    title: 'Ed25519',
    keyMethod: 'schnorr_public_key',
    signMethod: 'sign_with_schnorr',
    keyId: { algorithm: { ed25519: null }, name },
    signed: { message },
    accepts: (key, signed) => {
      const der = Buffer.from(concat(fromHex('302a300506032b6570032100'), key))
      return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signed)
    },
  },
]

describe.each(SCHEMES)('$title', ({ keyMethod, signMethod, keyId, signed, accepts }) => {
  const keyOf = (id: Uint8Array, derivation_path: readonly Uint8Array[], of: [] | [Uint8Array] = []) =>
    publicKey(id, keyMethod, { canister_id: of.map((owner) => idOf(owner)), derivation_path, key_id: keyId })

  test('signs with the key that it shows, for the canister and path that ask', async () => {
    const made = await signature(first, signMethod, { ...signed, derivation_path: path, key_id: keyId })
    expect(made).toHaveLength(64)
    expect(accepts(await keyOf(first, path), made)).toBe(true)
    expect(accepts(await keyOf(first, []), made)).toBe(false)
    expect(accepts(await keyOf(second, path), made)).toBe(false)
    // Anybody may ask for the key of another.
    expect(accepts(await keyOf(second, path, [first]), made)).toBe(true)
  })

  test('needs its fee, a key that exists, and a path of at most 255 parts', async () => {
    const arg = { ...signed, derivation_path: path, key_id: keyId }
    expect(await ask(first, signMethod, arg)).toMatchObject({ kind: 'reject', code: 4 })
    const unknown = { ...arg, key_id: { ...keyId, name: 'no such key' } }
    expect((await ask(first, signMethod, unknown, FEE)).kind).toBe('reject')
    expect((await ask(first, keyMethod, { canister_id: [], derivation_path: [], key_id: unknown.key_id })).kind).toBe(
      'reject',
    )
    const long = { ...arg, derivation_path: Array.from({ length: 256 }, () => utf8('x')) }
    expect((await ask(first, signMethod, long, FEE)).kind).toBe('reject')
  })
})

describe('vetKD', () => {
  const key_id = { curve: { bls12_381_g2: null }, name }
  const context = utf8('a context')
  const input = utf8('an input')

  test('derives for canister, context and input, encrypted for one transport key', async () => {
    const transport = TransportSecretKey.random()
    const arg = { input, context, transport_public_key: transport.publicKeyBytes(), key_id }
    const derived = decodeResult('vetkd_derive_key', replyOf(await ask(first, 'vetkd_derive_key', arg, FEE)))
    const { encrypted_key } = derived as { encrypted_key: Uint8Array }
    const keyOf = async (of: Uint8Array, within = context) =>
      DerivedPublicKey.deserialize(
        await publicKey(second, 'vetkd_public_key', { canister_id: [idOf(of)], context: within, key_id }),
      )
    const encrypted = EncryptedVetKey.deserialize(encrypted_key)
    expect(encrypted.decryptAndVerify(transport, await keyOf(first), input).serialize()).toHaveLength(48)
    const wrong = [
      async () => encrypted.decryptAndVerify(transport, await keyOf(second), input),
      async () => encrypted.decryptAndVerify(transport, await keyOf(first, utf8('another')), input),
      async () => encrypted.decryptAndVerify(transport, await keyOf(first), utf8('another')),
      async () => encrypted.decryptAndVerify(TransportSecretKey.random(), await keyOf(first), input),
    ]
    for (const attempt of wrong) await expect(attempt()).rejects.toThrow(/[Ii]nvalid/)
  })

  test('needs its fee, a key that exists and a transport key that is one', async () => {
    const transport_public_key = TransportSecretKey.random().publicKeyBytes()
    const arg = { input, context, transport_public_key, key_id }
    expect((await ask(first, 'vetkd_derive_key', arg)).kind).toBe('reject')
    expect((await ask(first, 'vetkd_derive_key', { ...arg, key_id: { ...key_id, name: 'none' } }, FEE)).kind).toBe(
      'reject',
    )
    expect((await ask(first, 'vetkd_derive_key', { ...arg, transport_public_key: new Uint8Array(48) }, FEE)).kind).toBe(
      'reject',
    )
  })
})
