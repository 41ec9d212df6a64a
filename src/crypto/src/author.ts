/** Making and checking author signatures (docs/crypto.md, "Author signatures"). */
import { AUTHOR_ALGORITHM, AUTHOR_SIGNATURE_BYTES, authorKeyIdInput, isAuthorKeyShape } from './author-format.ts'
import { expectLength } from './bytes.ts'
import { HASH_BYTES, ID_BYTES } from './constants.ts'
import { CryptoFault } from './fault.ts'
import { infoOf } from './labels.ts'
import { type OwnedBytes, owned, sha256, subtle } from './webcrypto.ts'

export interface AuthorPublicKey {
  /** `AUTHOR_ALGORITHM`. */
  readonly algorithm: number
  /** Ed25519: 32 bytes; P-256: 65, uncompressed. */
  readonly publicKey: Uint8Array
}

/** A key of somebody's device that says who made a record. The private half stays where it is. */
export interface AuthorSigner extends AuthorPublicKey {
  /** 16 bytes. */
  readonly keyId: Uint8Array
  /** 64 bytes. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>
}

const P256 = { name: 'ECDSA', namedCurve: 'P-256' }
const P256_SIGN = { name: 'ECDSA', hash: 'SHA-256' }
const ED25519 = { name: 'Ed25519' }
const PRINCIPAL_ROOM = 29

/** A P-256 key, which every platform can keep without giving it out. @param isExtractable for who keeps it in a file. */
export const newAuthorKeys = (isExtractable: boolean): Promise<CryptoKeyPair> =>
  subtle().generateKey(P256, isExtractable, ['sign', 'verify'])

/** @throws RangeError for keys of another kind. */
export async function authorSignerOf({ privateKey, publicKey }: CryptoKeyPair): Promise<AuthorSigner> {
  const isEd25519 = privateKey.algorithm.name === ED25519.name
  const algorithm = isEd25519 ? AUTHOR_ALGORITHM.ed25519 : AUTHOR_ALGORITHM.p256
  const raw = new Uint8Array(await subtle().exportKey('raw', publicKey))
  if (!isAuthorKeyShape(algorithm, raw)) throw new RangeError('an author key is Ed25519 or P-256')
  const parameters = isEd25519 ? ED25519 : P256_SIGN
  return {
    algorithm,
    publicKey: raw,
    keyId: await authorKeyIdOf({ algorithm, publicKey: raw }),
    sign: async (message) => new Uint8Array(await subtle().sign(parameters, privateKey, owned(message))),
  }
}

/** Of a key that was made extractable, to be kept in a file. */
export const exportAuthorKeys = ({ privateKey }: CryptoKeyPair): Promise<JsonWebKey> =>
  subtle().exportKey('jwk', privateKey)

/** What `exportAuthorKeys` gave, as a key that is not given out again. @throws CryptoFault `BadFormat`. */
export async function importAuthorKeys(jwk: JsonWebKey): Promise<CryptoKeyPair> {
  const { kty, crv, x, y, d } = jwk
  const parameters = kty === 'OKP' ? ED25519 : P256
  const point = { kty, crv, x, ...(y === undefined ? {} : { y }) } as JsonWebKey
  try {
    return {
      privateKey: await subtle().importKey('jwk', { ...point, d } as JsonWebKey, parameters, false, ['sign']),
      publicKey: await subtle().importKey('jwk', point, parameters, true, ['verify']),
    }
  } catch (cause) {
    throw new CryptoFault('BadFormat', 'not an author key', { cause })
  }
}

export async function authorKeyIdOf({ algorithm, publicKey }: AuthorPublicKey): Promise<OwnedBytes> {
  return (await sha256(authorKeyIdInput(algorithm, publicKey))).slice(0, ID_BYTES)
}

/** Says that the author made the record version with this manifest. */
export const signManifest = (signer: AuthorSigner, manifestHash: Uint8Array): Promise<Uint8Array> =>
  signer.sign(manifestMessage(manifestHash))

/** Says that the key is this principal's: so nobody registers somebody else's as their own. */
export const proveAuthorKey = (signer: AuthorSigner, principal: Uint8Array): Promise<Uint8Array> =>
  signer.sign(ownerMessage(principal))

export const isManifestSignature = (
  key: AuthorPublicKey,
  manifestHash: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> => isSignature(key, manifestMessage(manifestHash), signature)

export const isAuthorKeyProof = (key: AuthorPublicKey, principal: Uint8Array, proof: Uint8Array): Promise<boolean> =>
  isSignature(key, ownerMessage(principal), proof)

function manifestMessage(manifestHash: Uint8Array): Uint8Array {
  expectLength('manifestHash', manifestHash, HASH_BYTES)
  return infoOf('author', manifestHash)
}

/** The principal as leaves of the log have it: its length, and 29 bytes filled up with zeros. */
function ownerMessage(principal: Uint8Array): Uint8Array {
  if (principal.length > PRINCIPAL_ROOM) throw new RangeError('a principal has at most 29 bytes')
  const padded = new Uint8Array(1 + PRINCIPAL_ROOM)
  padded[0] = principal.length
  padded.set(principal, 1)
  return infoOf('authorKey', padded)
}

/** @throws CryptoFault `Unavailable` where the platform does not know the algorithm: that says nothing of the signature. */
async function isSignature(key: AuthorPublicKey, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const { algorithm, publicKey } = key
  if (!isAuthorKeyShape(algorithm, publicKey) || signature.length !== AUTHOR_SIGNATURE_BYTES) return false
  const isEd25519 = algorithm === AUTHOR_ALGORITHM.ed25519
  let imported: CryptoKey
  try {
    imported = await subtle().importKey('raw', owned(publicKey), isEd25519 ? ED25519 : P256, true, ['verify'])
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'NotSupportedError')
      throw new CryptoFault('Unavailable', 'this platform cannot check the signature', { cause })
    return false // not a point of the curve
  }
  return subtle().verify(isEd25519 ? ED25519 : P256_SIGN, imported, owned(signature), owned(message))
}
