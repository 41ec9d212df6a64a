// Signatures of passkeys. Interface specification, "Web Authentication"; WebAuthn Level 2, section 7.2.
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { decode } from 'cborg'
import { concat, decodeUntrusted, isMap, sha256 } from '../certificates/index.ts'

const COSE_BYTES_MAX = 1200 // an RSA key of 8192 bits
const BASE64URL = 'base64url'

/** @param coseKey bytes of the COSE key. @returns null when the signature is right, otherwise why it is not. */
export function webauthnProblem(coseKey: Uint8Array, message: Uint8Array, signature: Uint8Array): string | null {
  try {
    const key = readCoseKey(coseKey)
    if (key === null) return 'a WebAuthn key must be ES256 or RS256'
    const parts = decodeUntrusted(signature)
    if (!isMap(parts)) return 'a WebAuthn signature must be a map'
    const [authData, clientData, inner] = ['authenticator_data', 'client_data_json', 'signature'].map((name) =>
      parts.get(name),
    )
    if (!(authData instanceof Uint8Array) || typeof clientData !== 'string' || !(inner instanceof Uint8Array)) {
      return 'a WebAuthn signature must hold authenticator_data, client_data_json and signature'
    }
    const client: unknown = JSON.parse(clientData)
    if (typeof client !== 'object' || client === null || !('challenge' in client) || !('type' in client)) {
      return 'client_data_json holds no challenge'
    }
    if (client.type !== 'webauthn.get') return 'client_data_json is not of an assertion'
    if (client.challenge !== Buffer.from(message).toString(BASE64URL)) return 'the passkey signed something else'
    const signed = concat(authData, sha256(Buffer.from(clientData, 'utf8')))
    const right = verify('sha256', signed, createPublicKey({ key, format: 'jwk' }), inner)
    return right ? null : 'signature verification failed'
  } catch {
    return 'the WebAuthn key or signature is malformed'
  }
}

/** RFC 9053, sections 2.1 and 7.1.1; RFC 8812, section 2. */
function readCoseKey(bytes: Uint8Array): JsonWebKey | null {
  if (bytes.length > COSE_BYTES_MAX) return null
  const value: unknown = decode(bytes, { useMaps: true, rejectDuplicateMapKeys: true })
  const map: ReadonlyMap<unknown, unknown> = value instanceof Map ? value : new Map()
  const field = (label: number): string | undefined => {
    const found = map.get(label)
    return found instanceof Uint8Array ? Buffer.from(found).toString(BASE64URL) : undefined
  }
  const [first, second] = [field(-1), field(-2)]
  const third = field(-3)
  if (map.get(1) === 2 && map.get(3) === -7 && map.get(-1) === 1 && second !== undefined && third !== undefined) {
    return { kty: 'EC', crv: 'P-256', x: second, y: third }
  }
  if (map.get(1) === 3 && map.get(3) === -257 && first !== undefined && second !== undefined) {
    return { kty: 'RSA', n: first, e: second }
  }
  return null
}
