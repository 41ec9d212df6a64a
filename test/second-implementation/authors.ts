// docs/crypto.md, "Author signatures", written down a second time over node:crypto. Nothing of `src/` is used here.
import { createPublicKey, verify } from 'node:crypto'

import { hash } from './suite-1.ts'
import { ascii, join } from './vetkd.ts'

export interface AuthorKey {
  readonly algorithm: number
  readonly publicKey: Uint8Array
}

export const keyHashOf = ({ algorithm, publicKey }: AuthorKey): Uint8Array =>
  hash(ascii('MGU1'), Uint8Array.of(algorithm), publicKey)

/** Whether the author signed the manifest. */
export const signed = (key: AuthorKey, manifestHash: Uint8Array, signature: Uint8Array): boolean =>
  isSignature(key, join(ascii('medguard/1/author'), new Uint8Array(1), manifestHash), signature)

/** Whether the key says that it is this principal's. */
export function owned(key: AuthorKey, principal: Uint8Array, proof: Uint8Array): boolean {
  const padded = new Uint8Array(30)
  padded[0] = principal.length
  padded.set(principal, 1)
  return isSignature(key, join(ascii('medguard/1/author-key'), new Uint8Array(1), padded), proof)
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

function isSignature({ algorithm, publicKey }: AuthorKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (algorithm === 1) {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: base64(publicKey) }, format: 'jwk' })
    return verify(null, message, key, signature)
  }
  const [x, y] = [base64(publicKey.subarray(1, 33)), base64(publicKey.subarray(33))]
  const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
  return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature)
}
