import { SIGNATURE_ALGORITHM, type SignatureAlgorithm } from '@medguard/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { verifyEd25519 } from '../curves/ed25519.ts'
import { verifyP256 } from '../curves/p256.ts'
import { DATA_BYTES } from '../native-layout.ts'
import { sha256 } from '../sha256.ts'

export { createLadder } from '../curves/ladder.ts'

/** It is hashed behind a point and a key. */
const MESSAGE_BYTES_MAX = DATA_BYTES - 64

/**
 * Whether `signature` over `message` was made with the key. Ed25519 as RFC 8032 has it, without keys of small order; ECDSA over P-256 with SHA-256 as r || s, where both
 * halves of s are taken, as RFC 9421 does. Never throws: what is no key and no signature verifies nothing. 16 to 25 M instructions by the native functions of a spliced
 * module, 0.25 G without.
 *
 * @param publicKey 32 bytes of Ed25519; a point of P-256 that is not compressed, 65 bytes.
 * @param message `MESSAGE_BYTES_MAX` at most.
 * @param signature 64 bytes.
 */
export function verifySignature(
  algorithm: SignatureAlgorithm,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 64 || message.length > MESSAGE_BYTES_MAX) return false
  // Written so that the library is no part of a module that has the native functions.
  if (typeof MEDGUARD_SPLICED === 'undefined') return verifyInScript(algorithm, publicKey, message, signature)
  return algorithm === SIGNATURE_ALGORITHM.ed25519
    ? verifyEd25519(publicKey, message, signature)
    : verifyP256(publicKey, message, signature)
}

function verifyInScript(
  algorithm: SignatureAlgorithm,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    if (algorithm === SIGNATURE_ALGORITHM.ed25519)
      return ed25519.verify(new Uint8Array(signature), message, new Uint8Array(publicKey), { zip215: false })
    if (publicKey.length !== 65) return false
    // Left to itself the library would also take 64 bytes for another format, DER.
    const rule = { lowS: false, format: 'compact' } as const
    return p256.verify(new Uint8Array(signature), sha256(message), new Uint8Array(publicKey), rule)
  } catch {
    return false
  }
}
