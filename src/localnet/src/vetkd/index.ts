import { randomBytes as systemRandomBytes } from 'node:crypto'
import { type VetKd } from '../contracts.ts'
import { curve } from '../curve/index.ts'
import { addOffset, canisterOffset, contextOffset, ORDER, pocketIcSecret, vetKeyOf } from './derivation.ts'

export { pocketIcSecret } from './derivation.ts'

const TRANSPORT_KEY_BYTES = 48
// 48 bytes reduced modulo a 255-bit order leave a bias below 2^-128.
const SCALAR_SEED_BYTES = 48
/** A derivation costs about 2 ms and a cached one 300 bytes; contexts come from callers, so the cache has an end. */
const CACHED_KEYS_MAX = 4096

/** The keys of a development network: those of the main network and PocketIC by name, with PocketIC's public secrets. */
export const developmentKeys = (): ReadonlyMap<string, bigint> =>
  new Map(['dfx_test_key', 'test_key_1', 'key_1'].map((name) => [name, pocketIcSecret(name)]))

/** A secret and the public key that belongs to it. */
interface KeyPair {
  readonly secret: bigint
  readonly publicKey: Uint8Array
}

/**
 * Derives vetKeys as a subnet that holds the whole master secrets would. Results verify against public keys that clients derive
 * offline. interface specification, "IC method vetkd_derive_key"; local network facts 8
 *
 * A transport key that is the identity of the group is accepted, as the network accepts it: the encrypted key then hides nothing, which
 * is for the canister to refuse.
 *
 * @param keys master secrets by key name, each from 1 to the group order minus 1.
 * @param randomBytes source of the blinding scalar; a repeated value would reveal keys, so only tests pass one.
 */
export function createVetKd(
  keys: ReadonlyMap<string, bigint> = developmentKeys(),
  randomBytes: (length: number) => Uint8Array = systemRandomBytes,
): VetKd {
  for (const [name, secret] of keys) {
    if (secret <= 0n || secret >= ORDER) throw new RangeError(`the master secret of ${name} is no scalar of the group`)
  }
  const masters = createCache<KeyPair>(keys.size)
  const cached = createCache<KeyPair>(CACHED_KEYS_MAX)

  const derive = (keyName: string, canisterId: Uint8Array, context: Uint8Array): KeyPair => {
    const secret = keys.get(keyName)
    if (secret === undefined) throw new RangeError(`unknown key name ${JSON.stringify(keyName)}`)
    // Not before somebody asks, since it is not computed for free.
    const master = masters(keyName, () => ({ secret, publicKey: curve().publicKey(secret) }))
    const canisterPath = `${keyName}/${hex(canisterId)}`
    const canister = cached(canisterPath, () => offsetBy(master, canisterOffset(master.publicKey, canisterId)))
    return cached(`${canisterPath}/${hex(context)}`, () =>
      offsetBy(canister, contextOffset(canister.publicKey, context)),
    )
  }

  return {
    keyNames: [...keys.keys()],
    publicKey: ({ keyName, canisterId, context }) => derive(keyName, canisterId, context).publicKey.slice(),
    deriveKey({ keyName, canisterId, context, input, transportPublicKey }) {
      requireTransportKey(transportPublicKey)
      const { secret, publicKey } = derive(keyName, canisterId, context)
      const blinding = randomScalar(randomBytes)
      return curve().encrypt(vetKeyOf(publicKey, input, secret), transportPublicKey, blinding)
    },
  }
}

function offsetBy(pair: KeyPair, offset: bigint): KeyPair {
  return { secret: (pair.secret + offset) % ORDER, publicKey: addOffset(pair.publicKey, offset) }
}

/** @throws RangeError unless the bytes are the one compressed form of a point of the prime-order subgroup. */
function requireTransportKey(bytes: Uint8Array): void {
  if (bytes.length !== TRANSPORT_KEY_BYTES) {
    throw new RangeError(`a transport public key has ${TRANSPORT_KEY_BYTES} bytes, not ${bytes.length}`)
  }
  if (curve().isG1(bytes)) return
  throw new RangeError(
    'the transport public key is not a point of the prime-order subgroup of G1 in its canonical encoding',
  )
}

function randomScalar(randomBytes: (length: number) => Uint8Array): bigint {
  for (;;) {
    const scalar = BigInt(`0x${hex(randomBytes(SCALAR_SEED_BYTES))}`) % ORDER
    if (scalar !== 0n) return scalar
  }
}

/** Keeps the results used last, at most `limit` of them. */
function createCache<Value>(limit: number): (key: string, make: () => Value) => Value {
  const entries = new Map<string, Value>()
  return (key, make) => {
    const value = entries.get(key) ?? make()
    entries.delete(key)
    entries.set(key, value)
    const [oldest] = entries.size > limit ? entries.keys() : []
    if (oldest !== undefined) entries.delete(oldest)
    return value
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
