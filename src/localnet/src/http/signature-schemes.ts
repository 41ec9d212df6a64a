// Signatures a request may carry. Interface specification, "Signatures".
import { createPublicKey, verify } from 'node:crypto'
import { equalBytes, fromHex } from '../certificates/index.ts'
import { canisterSignatureProblem } from './canister-signature.ts'
import { webauthnProblem } from './webauthn-signature.ts'
import { OID_CANISTER, OID_WEBAUTHN, unwrapKey } from './wrapped-key.ts'

interface Scheme {
  readonly prefix: Uint8Array
  readonly keyBytes: number
  readonly digest: 'sha256' | null
}

/** The DER in front of the raw key is compared whole, so each key has one encoding and one principal. */
const SCHEMES: readonly Scheme[] = [
  { prefix: fromHex('302a300506032b6570032100'), keyBytes: 32, digest: null }, // Ed25519
  { prefix: fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200'), keyBytes: 65, digest: 'sha256' }, // P-256
  { prefix: fromHex('3056301006072a8648ce3d020106052b8104000a034200'), keyBytes: 65, digest: 'sha256' }, // secp256k1
]
const SIGNATURE_BYTES = 64

/**
 * @param publicKeyDer SubjectPublicKeyInfo.
 * @param rootKeyDer root key of this network, which signatures made by canisters hang on.
 * @returns null when the signature is right, otherwise why it is not.
 */
export function signatureProblem(
  publicKeyDer: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  rootKeyDer: Uint8Array,
): string | null {
  const scheme = SCHEMES.find(
    ({ prefix, keyBytes }) =>
      publicKeyDer.length === prefix.length + keyBytes && equalBytes(publicKeyDer.subarray(0, prefix.length), prefix),
  )
  if (scheme !== undefined) return plainProblem(scheme, publicKeyDer, message, signature)
  const coseKey = unwrapKey(OID_WEBAUTHN, publicKeyDer)
  if (coseKey !== null) return webauthnProblem(coseKey, message, signature)
  const canister = unwrapKey(OID_CANISTER, publicKeyDer)
  if (canister !== null) return canisterSignatureProblem(canister, message, signature, rootKeyDer)
  return 'unsupported public key: neither Ed25519, ECDSA P-256, ECDSA secp256k1, WebAuthn nor canister, in its usual DER form'
}

function plainProblem(
  { digest }: Scheme,
  publicKeyDer: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): string | null {
  if (signature.length !== SIGNATURE_BYTES) {
    return `a signature must be ${SIGNATURE_BYTES} bytes, not ${signature.length}`
  }
  try {
    const key = createPublicKey({ key: Buffer.from(publicKeyDer), format: 'der', type: 'spki' })
    const right = verify(digest, message, { key, dsaEncoding: 'ieee-p1363' }, signature)
    return right ? null : 'signature verification failed'
  } catch {
    return 'the public key is not a point of its curve'
  }
}
