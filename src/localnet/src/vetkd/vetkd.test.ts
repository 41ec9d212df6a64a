import { readFileSync } from 'node:fs'
import { bls12_381 } from '@noble/curves/bls12-381'
import { DerivedPublicKey, EncryptedVetKey, MasterPublicKey, TransportSecretKey } from '@dfinity/vetkeys'
import { describe, expect, test } from 'vitest'
import { addOffset, canisterOffset, contextOffset, hashToScalar, ORDER, vetKeyOf } from './derivation.ts'
import { createVetKd, developmentKeys, pocketIcSecret } from './index.ts'

interface Vectors {
  readonly public_key_derivation: readonly {
    readonly source: string
    readonly master_public_key?: string
    readonly canister_id?: string
    readonly canister_key: string
    readonly context: string
    readonly derived_key: string
  }[]
  readonly augmented_hash_to_g1: readonly { readonly public_key: string; readonly input: string; readonly g1: string }[]
  readonly hash_to_scalar: readonly { readonly dst_text: string; readonly input: string; readonly scalar_be: string }[]
  readonly pocketic_end_to_end: readonly {
    readonly key_name: string
    readonly master_secret_key_be: string
    readonly master_public_key: string
    readonly canister_id: string
    readonly canister_key: string
    readonly context: string
    readonly derived_public_key: string
    readonly input: string
    readonly transport_secret_key_be: string
    readonly transport_public_key: string
    readonly r_be: string
    readonly encrypted_key: string
    readonly vetkey: string
  }[]
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/vetkd-vectors.json', import.meta.url), 'utf8'),
) as Vectors

const G1 = bls12_381.G1.Point
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')
const KEY = 'dfx_test_key'
const canisterId = bytes('ffffffffff9000030101')
const context = new TextEncoder().encode('records')
const input = new TextEncoder().encode('patient')
const empty = new Uint8Array()
const identity = Uint8Array.of(0xc0, ...new Uint8Array(47))

describe('published vectors', () => {
  test.each(vectors.public_key_derivation)('public key derivation: $source', (vector) => {
    const canisterKey = bytes(vector.canister_key)
    if (vector.master_public_key !== undefined && vector.canister_id !== undefined) {
      const master = bytes(vector.master_public_key)
      const derived = addOffset(master, canisterOffset(master, bytes(vector.canister_id)))
      // oxlint-disable-next-line vitest/no-conditional-expect -- one vector starts at the canister key
      expect(hex(derived)).toBe(vector.canister_key)
    }
    expect(hex(addOffset(canisterKey, contextOffset(canisterKey, bytes(vector.context))))).toBe(vector.derived_key)
    expect(addOffset(canisterKey, contextOffset(canisterKey, empty))).toEqual(canisterKey)
  })

  test.each(vectors.hash_to_scalar)('hash to scalar of "$input"', (vector) => {
    expect(hashToScalar(bytes(vector.input), vector.dst_text)).toBe(BigInt(`0x${vector.scalar_be}`))
  })

  test.each(vectors.augmented_hash_to_g1)('augmented hash to G1 of $input', (vector) => {
    expect(hex(vetKeyOf(bytes(vector.public_key), bytes(vector.input), 1n))).toBe(vector.g1)
  })

  test.each(vectors.pocketic_end_to_end)('PocketIC end to end: $key_name', (vector) => {
    expect(pocketIcSecret(vector.key_name)).toBe(BigInt(`0x${vector.master_secret_key_be}`))
    const vetKd = createVetKd(developmentKeys(), (length) => bytes(vector.r_be.padStart(2 * length, '0')))
    const place = { keyName: vector.key_name, canisterId: bytes(vector.canister_id) }
    expect(hex(vetKd.publicKey({ ...place, context: empty }))).toBe(vector.canister_key)
    expect(hex(vetKd.publicKey({ ...place, context: bytes(vector.context) }))).toBe(vector.derived_public_key)
    const encrypted = vetKd.deriveKey({
      ...place,
      context: bytes(vector.context),
      input: bytes(vector.input),
      transportPublicKey: bytes(vector.transport_public_key),
    })
    expect(hex(encrypted)).toBe(vector.encrypted_key)
    const transport = TransportSecretKey.deserialize(bytes(vector.transport_secret_key_be))
    const derivedKey = DerivedPublicKey.deserialize(bytes(vector.derived_public_key))
    const vetKey = EncryptedVetKey.deserialize(encrypted).decryptAndVerify(transport, derivedKey, bytes(vector.input))
    expect(hex(vetKey.signatureBytes())).toBe(vector.vetkey)
  })
})

describe('with the client library', () => {
  const vetKd = createVetKd()

  test.each([
    ['a context and an input', context, input],
    ['an empty context', empty, input],
    ['an empty input', context, empty],
  ])('a key for %s decrypts, verifies, and is bound to both', (_name, usedContext, usedInput) => {
    const transport = TransportSecretKey.random()
    const request = { keyName: KEY, canisterId, context: usedContext }
    const encrypted = vetKd.deriveKey({ ...request, input: usedInput, transportPublicKey: transport.publicKeyBytes() })
    expect(encrypted).toHaveLength(192)
    const publicKey = DerivedPublicKey.deserialize(vetKd.publicKey(request))
    const vetKey = EncryptedVetKey.deserialize(encrypted).decryptAndVerify(transport, publicKey, usedInput)
    expect(vetKey.signatureBytes()).toHaveLength(48)
    const otherInput = () =>
      EncryptedVetKey.deserialize(encrypted).decryptAndVerify(transport, publicKey, Uint8Array.of(...usedInput, 1))
    expect(otherInput).toThrow('Invalid VetKey')
    const otherCanister = DerivedPublicKey.deserialize(vetKd.publicKey({ ...request, canisterId: Uint8Array.of(1) }))
    expect(() => EncryptedVetKey.deserialize(encrypted).decryptAndVerify(transport, otherCanister, usedInput)).toThrow(
      'Invalid VetKey',
    )
    const otherTransport = TransportSecretKey.random()
    expect(() => EncryptedVetKey.deserialize(encrypted).decryptAndVerify(otherTransport, publicKey, usedInput)).toThrow(
      'Invalid VetKey',
    )
  })

  test.each(vectors.pocketic_end_to_end)('a client derives the same public key offline: $key_name', (vector) => {
    const derived = MasterPublicKey.deserialize(bytes(vector.master_public_key))
      .deriveCanisterKey(canisterId)
      .deriveSubKey(context)
    const asked = vetKd.publicKey({ keyName: vector.key_name, canisterId, context })
    expect(hex(asked)).toBe(hex(derived.publicKeyBytes()))
  })

  test('the same request twice is the same vetKey under different encryption', () => {
    const transport = TransportSecretKey.random()
    const request = { keyName: KEY, canisterId, context }
    const publicKey = DerivedPublicKey.deserialize(vetKd.publicKey(request))
    const derive = () => vetKd.deriveKey({ ...request, input, transportPublicKey: transport.publicKeyBytes() })
    const [first, second] = [derive(), derive()]
    expect(first).not.toEqual(second)
    const open = (encrypted: Uint8Array) =>
      EncryptedVetKey.deserialize(encrypted).decryptAndVerify(transport, publicKey, input).signatureBytes()
    expect(open(first)).toEqual(open(second))
  })

  test('keys, canisters and contexts do not share a public key', () => {
    const places = vetKd.keyNames.flatMap((keyName) =>
      [canisterId, empty].flatMap((id) =>
        [empty, context, input].map((usedContext) => ({ keyName, canisterId: id, context: usedContext })),
      ),
    )
    expect(vetKd.keyNames).toEqual(['dfx_test_key', 'test_key_1', 'key_1'])
    expect(new Set(places.map((place) => hex(vetKd.publicKey(place)))).size).toBe(places.length)
  })

  test('a caller cannot change a cached public key', () => {
    const request = { keyName: KEY, canisterId, context }
    const first = vetKd.publicKey(request)
    const kept = first.slice()
    first.fill(0)
    expect(vetKd.publicKey(request)).toEqual(kept)
  })
})

describe('refusals', () => {
  const vetKd = createVetKd()
  const good = G1.BASE.toBytes(true)
  const derive = (transportPublicKey: Uint8Array) => () =>
    vetKd.deriveKey({ keyName: KEY, canisterId, context, input, transportPublicKey })

  // x = 0 on y² = x³ + 4: y = 2. The point has order 3, so it lies on the curve and outside the subgroup.
  const offSubgroup = Uint8Array.of(0x80, ...new Uint8Array(47))
  const flagsCleared = good.slice()
  flagsCleared[0] = (flagsCleared[0] ?? 0) & 0x7f
  const cases: readonly [name: string, key: Uint8Array][] = [
    ['nothing', empty],
    ['one byte too few', good.slice(1)],
    ['one byte too many', Uint8Array.of(...good, 0)],
    ['a G2 point', vetKd.publicKey({ keyName: KEY, canisterId, context })],
    ['an uncompressed point', G1.BASE.toBytes(false)],
    ['zeros', new Uint8Array(48)],
    ['x not below the field modulus', Uint8Array.of(0x9f, ...new Uint8Array(47).fill(0xff))],
    ['x without a point', Uint8Array.of(0x80, ...new Uint8Array(46), 1)],
    ['a point outside the subgroup', offSubgroup],
    ['a compressed point without its flag', flagsCleared],
    ['infinity with other bits set', Uint8Array.of(0xc0, ...new Uint8Array(46), 1)],
    ['infinity with a sign', Uint8Array.of(0xe0, ...new Uint8Array(47))],
  ]
  test.each(cases)('a transport key of %s', (_name, key) => {
    expect(derive(key)).toThrow(RangeError)
  })

  test('the identity as transport key is accepted as on the network, and then the key lies open', () => {
    const request = { keyName: KEY, canisterId, context }
    const encrypted = derive(identity)()
    const open = G1.fromBytes(encrypted.slice(144)).toBytes(true)
    const transport = TransportSecretKey.random()
    const regular = vetKd.deriveKey({ ...request, input, transportPublicKey: transport.publicKeyBytes() })
    const publicKey = DerivedPublicKey.deserialize(vetKd.publicKey(request))
    const vetKey = EncryptedVetKey.deserialize(regular).decryptAndVerify(transport, publicKey, input)
    expect(open).toEqual(vetKey.signatureBytes())
  })

  test('an unknown key name and a canister id that is too long', () => {
    expect(() => vetKd.publicKey({ keyName: 'key_2', canisterId, context })).toThrow('unknown key name "key_2"')
    expect(() => vetKd.publicKey({ keyName: KEY, canisterId: new Uint8Array(30), context })).toThrow(RangeError)
  })

  test('a master secret that is no scalar', () => {
    expect(() => createVetKd(new Map([['broken', 0n]]))).toThrow('the master secret of broken')
    expect(() => createVetKd(new Map([['broken', ORDER]]))).toThrow(RangeError)
  })

  test('a blinding scalar of zero is drawn again', () => {
    let draws = 0
    const zeroFirst = createVetKd(developmentKeys(), (length) => new Uint8Array(length).fill(draws++))
    const { length } = zeroFirst.deriveKey({ keyName: KEY, canisterId, context, input, transportPublicKey: good })
    expect({ length, draws }).toEqual({ length: 192, draws: 2 })
  })
})
