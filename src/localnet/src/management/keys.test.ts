import { Principal } from '@dfinity/principal'
import { DerivedPublicKey, EncryptedVetKey, TransportSecretKey } from '@dfinity/vetkeys'
import { beforeEach, describe, expect, test } from 'vitest'
import { decoded, messageOf, openNetwork, replyOf, type TestNetwork } from '../state-machine/network.fixture.ts'
import * as uc from '../state-machine/universal-canister.fixture.ts'
import { ARGUMENTS, RESULTS } from './candid.ts'
import { encode, throughCanister as askThroughCanister } from './through-canister.fixture.ts'

const wasm = uc.universalWasm()
let network: TestNetwork

beforeEach(() => {
  network = openNetwork()
})

const throughCanister = (canister: Uint8Array, method: string, arg: Uint8Array, cycles = 0n) =>
  askThroughCanister(network, canister, method, arg, cycles)
describe('vetKD', () => {
  const context = new Uint8Array([1, 2, 3])
  const input = new Uint8Array([9])
  const keyId = (name: string) => ({ curve: { bls12_381_g2: null }, name })
  const FEE = 10_000_000_000n
  let canister: Uint8Array
  beforeEach(() => {
    canister = network.install(wasm)
  })

  const publicKey = (name = 'dfx_test_key', of?: Uint8Array) => {
    const arg = { canister_id: of === undefined ? [] : [Principal.fromUint8Array(of)], context, key_id: keyId(name) }
    return throughCanister(canister, 'vetkd_public_key', encode(ARGUMENTS.VetKdPublicKey, arg))
  }
  const derive = (transport: Uint8Array, cycles = FEE, name = 'dfx_test_key') => {
    const arg = { input, context, transport_public_key: transport, key_id: keyId(name) }
    return throughCanister(canister, 'vetkd_derive_key', encode(ARGUMENTS.VetKdDeriveKey, arg), cycles)
  }

  test('derives a key that the released client accepts under the public key', () => {
    const secret = TransportSecretKey.random()
    const key = decoded(RESULTS.EncryptedKey, derive(secret.publicKeyBytes())) as { encrypted_key: Uint8Array }
    const verification = decoded(RESULTS.PublicKey, publicKey()) as { public_key: Uint8Array }
    const derived = DerivedPublicKey.deserialize(verification.public_key)
    expect(() => EncryptedVetKey.deserialize(key.encrypted_key).decryptAndVerify(secret, derived, input)).not.toThrow()
  })

  test('tells a canister the public key of another', () => {
    const other = network.install(wasm)
    expect(replyOf(publicKey('dfx_test_key', other))).not.toEqual(replyOf(publicKey()))
    expect(replyOf(publicKey('dfx_test_key', canister))).toEqual(replyOf(publicKey()))
  })

  test('takes its fee, gives the rest back, and wants enough', () => {
    const transport = TransportSecretKey.random().publicKeyBytes()
    expect(messageOf(derive(transport, FEE - 1n))).toContain(
      `vetkd_derive_key request sent with ${FEE - 1n} cycles, but ${FEE} cycles are required.`,
    )
    const before = network.statusOf(canister).cycles
    replyOf(derive(transport, 5n * FEE))
    const spent = before - network.statusOf(canister).cycles
    expect(spent).toBeGreaterThan(FEE)
    expect(spent).toBeLessThan(2n * FEE)
  })

  test('refuses unknown keys and transport keys that are none, and keeps no fee for them', () => {
    expect(messageOf(publicKey('nobody_has_this'))).toContain('Requested unknown threshold key')
    const before = network.statusOf(canister).cycles
    expect(numberOfReject(derive(new Uint8Array(48)))).toBe(4)
    expect(before - network.statusOf(canister).cycles).toBeLessThan(FEE)
  })

  const numberOfReject = (outcome: ReturnType<typeof derive>) => Buffer.from(messageOf(outcome), 'utf8').readUInt32LE(0)
})
