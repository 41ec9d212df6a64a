import { createHash, createPublicKey, verify } from 'node:crypto'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { Principal } from '@dfinity/principal'
import { beforeEach, describe, expect, test } from 'vitest'
import { fromHex, utf8 } from '../certificates/index.ts'
import { decoded, MANAGEMENT, messageOf, openNetwork, type TestNetwork } from '../state-machine/network.fixture.ts'
import * as uc from '../state-machine/universal-canister.fixture.ts'
import { ARGUMENTS, RESULTS } from './candid.ts'
import { encode, throughCanister } from './through-canister.fixture.ts'

const wasm = uc.universalWasm()
const FEE = 26_153_846_153n
const SPKI_ED25519 = fromHex('302a300506032b6570032100')
let network: TestNetwork
let id: Uint8Array

beforeEach(() => {
  network = openNetwork()
  id = network.install(wasm)
})

interface Key {
  readonly public_key: Uint8Array
  readonly chain_code: Uint8Array
}
const schnorr = (algorithm: string, name = 'key_1') => ({ algorithm: { [algorithm]: null }, name })
const keyOf = (method: string, keyId: object, canister: [] | [Principal] = [], path: Uint8Array[] = []): Key => {
  const type = method === 'ecdsa_public_key' ? ARGUMENTS.EcdsaPublicKey : ARGUMENTS.SchnorrPublicKey
  const arg = encode(type, { canister_id: canister, derivation_path: path, key_id: keyId })
  return decoded(RESULTS.DerivedKey, throughCanister(network, id, method, arg)) as Key
}
const sign = (
  message: Uint8Array,
  keyId: object,
  { aux = [] as object[], path = [] as Uint8Array[], cycles = FEE } = {},
) =>
  throughCanister(
    network,
    id,
    'sign_with_schnorr',
    encode(ARGUMENTS.SignWithSchnorr, { message, derivation_path: path, key_id: keyId, aux }),
    cycles,
  )
const signatureOf = (outcome: ReturnType<typeof sign>): Uint8Array =>
  (decoded(RESULTS.Signature, outcome) as { signature: Uint8Array }).signature

describe('sign_with_schnorr', () => {
  test('signs for the calling canister, under the key anybody can ask for', () => {
    const path = [utf8('records'), new Uint8Array(0)]
    const message = utf8('a checkpoint')
    const { public_key: key } = keyOf('schnorr_public_key', schnorr('ed25519'), [Principal.fromUint8Array(id)], path)
    expect(keyOf('schnorr_public_key', schnorr('ed25519'), [], path).public_key).toEqual(key)
    const der = Buffer.from([...SPKI_ED25519, ...key])
    const verifies = (signature: Uint8Array) =>
      verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature)
    expect(verifies(signatureOf(sign(message, schnorr('ed25519'), { path })))).toBe(true)
    expect(verifies(signatureOf(sign(message, schnorr('ed25519'))))).toBe(false)
    expect(verifies(signatureOf(sign(message, schnorr('ed25519', 'test_key_1'), { path })))).toBe(false)
  })

  test('takes its fee and gives the rest back', () => {
    const cyclesOf = () => network.statusOf(id).cycles
    const before = cyclesOf()
    signatureOf(sign(utf8('x'), schnorr('ed25519'), { cycles: 10n ** 12n }))
    const spent = before - cyclesOf()
    expect(spent).toBeGreaterThan(FEE)
    expect(spent).toBeLessThan(FEE + 1_000_000_000n)
    expect(messageOf(sign(utf8('x'), schnorr('ed25519'), { cycles: FEE - 1n }))).toContain(
      `sent with ${FEE - 1n} cycles, but ${FEE} cycles are required`,
    )
  })

  test('refuses unknown keys, Merkle roots where they do not belong, and users', () => {
    const root = [{ bip341: { merkle_root_hash: new Uint8Array(0) } }]
    expect(messageOf(sign(utf8('x'), schnorr('ed25519', 'key_2')))).toContain('unknown threshold key')
    expect(messageOf(sign(utf8('x'), schnorr('ed25519'), { aux: root }))).toContain('bip340secp256k1 only')
    expect(signatureOf(sign(utf8('x'), schnorr('bip340secp256k1'), { aux: root }))).toHaveLength(64)
    const long = Array.from({ length: 256 }, () => new Uint8Array(1))
    expect(messageOf(sign(utf8('x'), schnorr('ed25519'), { path: long }))).toContain('more than 255')
    const arg = encode(ARGUMENTS.SignWithSchnorr, {
      message: [],
      derivation_path: [],
      key_id: schnorr('ed25519'),
      aux: [],
    })
    expect(() => network.send(MANAGEMENT, arg, { method: 'sign_with_schnorr' })).toThrow('IC0406')
  })
})

describe('sign_with_ecdsa', () => {
  const keyId = { curve: { secp256k1: null }, name: 'dfx_test_key' }
  const signHash = (hash: Uint8Array) =>
    throughCanister(
      network,
      id,
      'sign_with_ecdsa',
      encode(ARGUMENTS.SignWithEcdsa, { message_hash: hash, derivation_path: [utf8('a')], key_id: keyId }),
      FEE,
    )

  test('signs a hash of 32 bytes and nothing else', () => {
    const hash = createHash('sha256').update('so be it').digest()
    const { public_key: key } = keyOf('ecdsa_public_key', keyId, [], [utf8('a')])
    expect(secp256k1.verify(signatureOf(signHash(hash)), hash, key, { prehash: false })).toBe(true)
    expect(messageOf(signHash(hash.subarray(1)))).toContain('must be 32 bytes')
  })
})
