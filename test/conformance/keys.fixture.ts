// Every key that may sign a request: interface specification, "Signatures".
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { encode } from 'cborg'
import { concat, sha256, toCbor, utf8 } from './request.fixture.ts'

export interface Signer {
  /** SubjectPublicKeyInfo. */
  readonly publicKeyDer: Uint8Array
  readonly sign: (message: Uint8Array) => Uint8Array
}

const OID_WEBAUTHN = Uint8Array.of(0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xb8, 0x43, 0x01, 0x01)
const OID_CANISTER = Uint8Array.of(0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xb8, 0x43, 0x01, 0x02)

interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

function plainSigner({ publicKey, privateKey }: Pair, digest: string | null): Signer {
  return {
    publicKeyDer: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
    sign: (message) => new Uint8Array(sign(digest, message, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  }
}
const ecdsa = (namedCurve: string, digest: string): Signer =>
  plainSigner(generateKeyPairSync('ec', { namedCurve }), digest)

export const ed25519 = (): Signer => plainSigner(generateKeyPairSync('ed25519'), null)
export const p256 = (): Signer => ecdsa('P-256', 'sha256')
export const secp256k1 = (): Signer => ecdsa('secp256k1', 'sha256')
/** Not a scheme of the Internet Computer. */
export const p384 = (): Signer => ecdsa('P-384', 'sha384')

/** A passkey. @param type of the client data; only `webauthn.get` is an assertion. */
export function webAuthn(algorithm: 'ES256' | 'RS256', type = 'webauthn.get'): Signer {
  const { publicKey, privateKey }: Pair =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    publicKeyDer: wrapKey(OID_WEBAUTHN, coseKey(publicKey)),
    sign(message) {
      const authenticatorData = new Uint8Array(37).fill(7)
      const challenge = Buffer.from(message).toString('base64url')
      const clientData = JSON.stringify({ type, challenge, origin: 'https://example.org' })
      const signature = new Uint8Array(sign('sha256', concat(authenticatorData, sha256(utf8(clientData))), privateKey))
      return toCbor({ authenticator_data: authenticatorData, client_data_json: clientData, signature })
    },
  }
}

function coseKey(key: KeyObject): Uint8Array {
  const {
    kty,
    x = '',
    y = '',
    n = '',
    e = '',
  } = createPublicKey(key.export({ format: 'pem', type: 'spki' })).export({ format: 'jwk' })
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))
  const fields: [number, number | Uint8Array][] =
    kty === 'EC'
      ? [
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, bytes(x)],
          [-3, bytes(y)],
        ]
      : [
          [1, 3],
          [3, -257],
          [-1, bytes(n)],
          [-2, bytes(e)],
        ]
  return encode(new Map(fields))
}

/** The key whose signatures a canister makes by certifying them. @param seed tells the keys of one canister apart. */
export const canisterKey = (canisterId: Uint8Array, seed: Uint8Array): Uint8Array =>
  wrapKey(OID_CANISTER, concat(Uint8Array.of(canisterId.length), canisterId, seed))

const der = (tag: number, content: Uint8Array): Uint8Array => {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return concat(Uint8Array.of(tag, ...size), content)
}
const wrapKey = (oid: Uint8Array, key: Uint8Array): Uint8Array =>
  der(0x30, concat(der(0x30, der(0x06, oid)), der(0x03, concat(Uint8Array.of(0), key))))
