import { SIGNATURE_ALGORITHM, type SignatureAlgorithm } from '@medguard/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { whilePreInitialising } from '../boot.ts'
import { sha256 } from '../sha256.ts'

/**
 * Multiples of a curve's base point that are kept: windows of four bits are 520 points a curve, together 0.9 MB of a module. The library's own windows of eight
 * are 4,224 each, 7 MB, and make a check cheaper by a fifteenth.
 */
const WINDOW_BITS = 4
ed25519.Point.BASE.precompute(WINDOW_BITS)
p256.Point.BASE.precompute(WINDOW_BITS)

/**
 * Whether `signature` over `message` was made with the key. Ed25519 as RFC 8032 has it, without keys of small order; ECDSA over P-256 with SHA-256 as r || s, where both
 * halves of s are taken, as RFC 9421 does. Never throws: what is no key and no signature verifies nothing.
 *
 * @param publicKey 32 bytes of Ed25519; a point of P-256, compressed (33 bytes) or not (65).
 * @param signature 64 bytes.
 */
export function verifySignature(
  algorithm: SignatureAlgorithm,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 64) return false
  try {
    if (algorithm === SIGNATURE_ALGORITHM.ed25519)
      return ed25519.verify(new Uint8Array(signature), message, new Uint8Array(publicKey), { zip215: false })
    return p256.verify(new Uint8Array(signature), sha256(message), new Uint8Array(publicKey), { lowS: false })
  } catch {
    return false
  }
}

// The first check makes the tables: 0.3 G instructions that no device's first post should pay.
whilePreInitialising(() => {
  const message = new Uint8Array(32)
  const secret = new Uint8Array(32).fill(1)
  ed25519.verify(ed25519.sign(message, secret), message, ed25519.getPublicKey(secret))
  p256.verify(p256.sign(message, secret).toCompactRawBytes(), message, p256.getPublicKey(secret))
})
