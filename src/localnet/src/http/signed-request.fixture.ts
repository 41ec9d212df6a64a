// Requests signed without any client library, so that each part can be wrong on its own.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import {
  type Cbor,
  concat,
  domainSeparator,
  encodeTagged,
  plain,
  representationHash,
  selfAuthenticating,
} from '../certificates/index.ts'

export interface Signer {
  readonly publicKeyDer: Uint8Array
  readonly sign: (message: Uint8Array) => Uint8Array
}

const signerOf = (
  { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject },
  digest: string | null,
): Signer => ({
  publicKeyDer: plain(publicKey.export({ format: 'der', type: 'spki' })),
  sign: (message) => plain(sign(digest, message, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
})
export const ed25519 = (): Signer => signerOf(generateKeyPairSync('ed25519'), null)
export const p256 = (): Signer => signerOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'sha256')
export const secp256k1 = (): Signer => signerOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }), 'sha256')
export const p384 = (): Signer => signerOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }), 'sha384')

export type Fields = Readonly<Record<string, Cbor>>

export function delegate(from: Signer, to: Signer, fields: Fields): Cbor {
  const delegation = new Map<string, Cbor>(Object.entries({ pubkey: to.publicKeyDer, ...fields }))
  const signature = from.sign(concat(domainSeparator('ic-request-auth-delegation'), representationHash(delegation)))
  return new Map<string, Cbor>([
    ['delegation', delegation],
    ['signature', signature],
  ])
}

/** An envelope in CBOR. @param signer who signs and, without a chain, whose principal sends; null leaves all of that out. */
export function envelope(
  content: Fields,
  signer: Signer | null,
  { root = signer, chain, change }: { root?: Signer | null; chain?: readonly Cbor[]; change?: Fields } = {},
): Uint8Array {
  const sender = root === null ? Uint8Array.of(4) : selfAuthenticating(root.publicKeyDer)
  const map = new Map<string, Cbor>(Object.entries({ sender, ...content }))
  const parts: Record<string, Cbor> = { content: map }
  if (signer !== null && root !== null) {
    parts['sender_pubkey'] = root.publicKeyDer
    parts['sender_sig'] = signer.sign(concat(domainSeparator('ic-request'), representationHash(map)))
  }
  if (chain !== undefined) parts['sender_delegation'] = chain
  return encodeTagged(new Map<string, Cbor>(Object.entries({ ...parts, ...change })))
}
