import { TransportSecretKey } from '@dfinity/vetkeys'
import { bls12_381 } from '@noble/curves/bls12-381'
import { describe, expect, test } from 'vitest'
import {
  VETKD_CONTEXT,
  compartmentKeyInput,
  derivedPublicKey,
  deriveCompartmentKeys,
  developmentMasterKey,
  isAcceptableTransportKey,
  newTransportKey,
  productionMasterKey,
  receiveCompartmentKeys,
  receiveVetKey,
  type VetKeyBytes,
} from '../src/index.ts'
import { compartment, expectFault, flipped, hex, readVectors, run, shredSalt, unhex } from './fixture.ts'

interface EndToEnd {
  key_name: string
  master_secret_key_be: string
  master_public_key: string
  canister_id: string
  context: string
  derived_public_key: string
  input: string
  transport_secret_key_be: string
  transport_public_key: string
  encrypted_key: string
  vetkey: string
}
interface Derivation {
  source: string
  master_public_key?: string
  canister_id?: string
  context: string
  derived_key: string
}
const vectors = readVectors('vetkd-vectors.json') as {
  public_key_derivation: Derivation[]
  mainnet_master_public_keys: Record<'key_1' | 'test_key_1', string>
  pocketic_end_to_end: EndToEnd[]
  protocol_flow: (Omit<EndToEnd, 'context'> & { derived_public_key: string })[]
}
const transportOf = (vector: { transport_secret_key_be: string; transport_public_key: string }) => {
  const secret = TransportSecretKey.deserialize(unhex(vector.transport_secret_key_be))
  return { publicKey: unhex(vector.transport_public_key), secret }
}

describe('public keys are computed offline', () => {
  test.each(vectors.public_key_derivation.filter((v) => v.master_public_key !== undefined))('$source', (vector) => {
    const key = derivedPublicKey(
      unhex(vector.master_public_key ?? ''),
      unhex(vector.canister_id ?? ''),
      unhex(vector.context),
    )
    expect(hex(key)).toBe(vector.derived_key)
  })

  test('production keys are the published ones', () => {
    for (const name of ['key_1', 'test_key_1'] as const) {
      expect(hex(productionMasterKey(name))).toBe(vectors.mainnet_master_public_keys[name])
    }
  })

  test('the development key is the public one of dfx_test_key', () => {
    const vector = vectors.pocketic_end_to_end.find((v) => v.key_name === 'dfx_test_key')!
    expect(hex(developmentMasterKey())).toBe(vector.master_public_key)
    const point = bls12_381.G2.ProjectivePoint.BASE.multiply(BigInt(`0x${vector.master_secret_key_be}`))
    expect(point.toHex(true)).toBe(vector.master_public_key)
  })

  test('an empty context and bytes that are no point are refused', async () => {
    expect(() => derivedPublicKey(developmentMasterKey(), run(0, 10), new Uint8Array(0))).toThrow(RangeError)
    await expectFault('BadFormat', () => derivedPublicKey(new Uint8Array(96), run(0, 10), VETKD_CONTEXT.vault()))
  })
})

describe('receiving a key', () => {
  const all = [...vectors.pocketic_end_to_end, ...vectors.protocol_flow]

  test.each(all)('a published encrypted key decrypts ($#)', (vector) => {
    const key = receiveVetKey(
      unhex(vector.encrypted_key),
      transportOf(vector),
      unhex(vector.derived_public_key),
      unhex(vector.input),
    )
    expect(hex(key)).toBe(vector.vetkey)
  })

  test('a key of another input, public key or transport key is a wrong key', async () => {
    const [a, b] = vectors.pocketic_end_to_end as [EndToEnd, EndToEnd]
    const [encrypted, publicKey, input] = [unhex(a.encrypted_key), unhex(a.derived_public_key), unhex(a.input)]
    await expectFault('WrongKey', () => receiveVetKey(encrypted, transportOf(a), publicKey, unhex(b.input)))
    await expectFault('WrongKey', () => receiveVetKey(encrypted, transportOf(a), unhex(b.derived_public_key), input))
    await expectFault('WrongKey', () => receiveVetKey(encrypted, newTransportKey(), publicKey, input))
    await expectFault('WrongKey', () => receiveVetKey(unhex(b.encrypted_key), transportOf(a), publicKey, input))
  })

  test('bytes that are no encrypted key are refused, wherever they are wrong', async () => {
    const [a] = vectors.pocketic_end_to_end as [EndToEnd]
    const attempt = (bytes: Uint8Array) => () =>
      receiveVetKey(bytes, transportOf(a), unhex(a.derived_public_key), unhex(a.input))
    const good = unhex(a.encrypted_key)
    await expectFault('BadFormat', attempt(good.subarray(1)))
    await expectFault('BadFormat', attempt(new Uint8Array(192)))
    for (const at of [0, 47, 48, 143, 144, 191]) expect(attempt(flipped(good, at))).toThrow(/key/)
  })

  test('a derivation made here with the development secret gives working compartment keys', async () => {
    const vector = vectors.pocketic_end_to_end.find((v) => v.key_name === 'dfx_test_key')!
    const canisterId = unhex('00000000000000010101')
    const publicKey = derivedPublicKey(developmentMasterKey(), canisterId, VETKD_CONTEXT.compartment())
    const transport = newTransportKey()
    const { encrypted, vetKey } = deriveLikeTheNetwork(
      BigInt(`0x${vector.master_secret_key_be}`),
      canisterId,
      compartmentKeyInput(compartment),
      transport.publicKey,
    )
    const expected = await deriveCompartmentKeys(vetKey, shredSalt, compartment)
    const options = { encrypted, transport, publicKey, place: compartment, shredSalt }
    const keys = await receiveCompartmentKeys({ ...options, recordedCheckValue: null })
    expect(hex(keys.checkValue)).toBe(hex(expected.checkValue))
    await receiveCompartmentKeys({ ...options, recordedCheckValue: keys.checkValue })
    await expectFault('WrongKey', () => receiveCompartmentKeys({ ...options, recordedCheckValue: run(0, 16) }))
    await expectFault('WrongKey', () =>
      receiveCompartmentKeys({ ...options, place: { ...compartment, epoch: 8 }, recordedCheckValue: null }),
    )
    await expectFault('WrongKey', () =>
      receiveCompartmentKeys({ ...options, shredSalt: run(0, 32), recordedCheckValue: keys.checkValue }),
    )
  })
})

describe('transport keys a canister accepts', () => {
  const base = bls12_381.G1.ProjectivePoint.BASE
  const bytesOf = (point: { toRawBytes(isCompressed: boolean): Uint8Array }) => Uint8Array.from(point.toRawBytes(true))

  test('a fresh one, every time', () => {
    for (let i = 0; i < 5; i++) expect(isAcceptableTransportKey(newTransportKey().publicKey)).toBe(true)
  })

  test('not infinity, the generator, its negative, an uncompressed start or another length', () => {
    const infinity = new Uint8Array(48)
    infinity[0] = 0xc0
    const fresh = newTransportKey().publicKey
    const plain = fresh.slice()
    plain[0]! &= 0x7f
    const refused = [
      infinity,
      bytesOf(base),
      bytesOf(base.negate()),
      plain,
      fresh.subarray(1),
      new Uint8Array(0),
      new Uint8Array(48),
    ]
    for (const bytes of refused) expect(isAcceptableTransportKey(bytes)).toBe(false)
    expect(isAcceptableTransportKey(bytesOf(base.double()))).toBe(true)
  })
})

/** The network's side, from the formulas of the interface specification ("vetKD"); a reference for this test only. */
function deriveLikeTheNetwork(master: bigint, canisterId: Uint8Array, input: Uint8Array, transportKey: Uint8Array) {
  const { G1, G2, fields } = bls12_381
  const publicOf = (secret: bigint) => Uint8Array.from(G2.ProjectivePoint.BASE.multiply(secret).toRawBytes(true))
  const prefixed = (bytes: Uint8Array) => {
    const out = new Uint8Array(8 + bytes.length)
    out[7] = bytes.length
    out.set(bytes, 8)
    return out
  }
  const offset = (key: Uint8Array, bytes: Uint8Array, what: string) =>
    bls12_381.G2.hashToScalar(Uint8Array.from([...prefixed(key), ...prefixed(bytes)]), {
      DST: `ic-vetkd-bls12-381-g2-${what}`,
    })
  const canisterSecret = fields.Fr.create(master + offset(publicOf(master), canisterId, 'canister-id'))
  const secret = fields.Fr.create(
    canisterSecret + offset(publicOf(canisterSecret), VETKD_CONTEXT.compartment(), 'context'),
  )
  const message = Uint8Array.from([...publicOf(secret), ...input])
  const hashed = G1.hashToCurve(message, { DST: 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_AUG_' })
  const signature = G1.ProjectivePoint.fromAffine(hashed.toAffine()).multiply(secret)
  const random = 0x1234567890abcdefn
  const parts = [
    G1.ProjectivePoint.BASE.multiply(random),
    G2.ProjectivePoint.BASE.multiply(random),
    G1.ProjectivePoint.fromHex(transportKey).multiply(random).add(signature),
  ]
  return {
    encrypted: Uint8Array.from(parts.flatMap((part) => [...part.toRawBytes(true)])),
    vetKey: Uint8Array.from(signature.toRawBytes(true)) as VetKeyBytes,
  }
}
