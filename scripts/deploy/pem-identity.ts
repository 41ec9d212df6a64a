import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'

import { SignIdentity, type DerEncodedPublicKey, type Signature } from '@dfinity/agent'
import { secp256k1 } from '@noble/curves/secp256k1'

import { UsageError } from '../project.ts'

/**
 * The identity of a private key as `icp identity export` and `dfx identity export` print it: Ed25519, ECDSA over secp256k1 or P-256.
 * @throws UsageError for anything else, an encrypted key included.
 */
export function pemIdentity(pem: string): SignIdentity {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    throw new UsageError('not the PEM of an unencrypted private key')
  }
  return new PemIdentity(key)
}

class PemIdentity extends SignIdentity {
  readonly #der: Uint8Array
  readonly #sign: (bytes: Uint8Array) => Uint8Array

  constructor(key: KeyObject) {
    super()
    this.#der = new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }))
    this.#sign = signerOf(key)
  }

  override getPublicKey() {
    const der = this.#der as DerEncodedPublicKey
    return { toDer: () => der }
  }

  override sign(bytes: Uint8Array): Promise<Signature> {
    return Promise.resolve(new Uint8Array(this.#sign(bytes)) as Signature)
  }
}

/** Signatures as the interface specification takes them: ECDSA as r and s of 32 bytes each. */
function signerOf(key: KeyObject): (bytes: Uint8Array) => Uint8Array {
  if (key.asymmetricKeyType === 'ed25519') return (bytes) => sign(null, bytes, key)
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') {
    return (bytes) => sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' })
  }
  if (key.asymmetricKeyDetails?.namedCurve === 'secp256k1') {
    // Node cannot be told to make the lower of the two possible signatures, the only one that every verifier takes.
    const secret = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')
    return (bytes) => secp256k1.sign(bytes, secret, { prehash: true, lowS: true }).toBytes()
  }
  throw new UsageError('the key is of a kind that the Internet Computer does not know')
}
