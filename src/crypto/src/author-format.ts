/** Author signatures, the part a canister may link: which keys there are, and how one is named (docs/crypto.md, "Author signatures"). */
import { concatBytes } from './bytes.ts'
import { TAG } from './constants.ts'

/** As stored and sent. */
export const AUTHOR_ALGORITHM = { ed25519: 1, p256: 2 } as const
/** Of both algorithms; of P-256 as `r || s`. */
export const AUTHOR_SIGNATURE_BYTES = 64
const ED25519_KEY_BYTES = 32
/** Uncompressed: `04 || x || y`. */
const P256_KEY_BYTES = 65

/** Whether these can be the bytes of a public key. That they are a point of the curve only a client checks. */
export function isAuthorKeyShape(algorithm: number, publicKey: Uint8Array): boolean {
  if (algorithm === AUTHOR_ALGORITHM.ed25519) return publicKey.length === ED25519_KEY_BYTES
  return algorithm === AUTHOR_ALGORITHM.p256 && publicKey.length === P256_KEY_BYTES && publicKey[0] === 4
}

/** A key is named by the first 16 bytes of the SHA-256 of these. */
export const authorKeyIdInput = (algorithm: number, publicKey: Uint8Array): Uint8Array =>
  concatBytes(TAG.authorKey, Uint8Array.of(algorithm), publicKey)
