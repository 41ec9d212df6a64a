// The one replica of the network signs its query answers. Interface specification, "Query call", "Response verification".
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { Outcome } from '../contracts.ts'
import { concat, domainSeparator, fromHex, plain } from './bytes.ts'
import type { Cbor } from './cbor.ts'
import { selfAuthenticating } from './certifier.ts'
import { representationHash } from './representation-hash.ts'

const PKCS8_ED25519 = fromHex('302e020100300506032b657004220420')
const RESPONSE = domainSeparator('ic-response')

export interface QuerySignature {
  readonly timestamp: bigint
  readonly signature: Uint8Array
  readonly identity: Uint8Array
}

export interface NodeKey {
  /** 44 bytes. */
  readonly publicKeyDer: Uint8Array
  /** 29 bytes. */
  readonly nodeId: Uint8Array
  signResponse(args: { outcome: Outcome; requestId: Uint8Array; timeNs: bigint }): QuerySignature
}

export interface Ed25519Key {
  /** 44 bytes. */
  readonly publicKeyDer: Uint8Array
  /** @returns 64 bytes. RFC 8032, section 5.1.6. */
  readonly sign: (message: Uint8Array) => Uint8Array
}

/** @param seed 32 bytes. @throws RangeError for another length. */
export function ed25519FromSeed(seed: Uint8Array): Ed25519Key {
  if (seed.length !== 32) throw new RangeError(`Ed25519 seed must be 32 bytes, not ${seed.length}`)
  const key = createPrivateKey({ key: Buffer.from(concat(PKCS8_ED25519, seed)), format: 'der', type: 'pkcs8' })
  return {
    publicKeyDer: plain(createPublicKey(key).export({ format: 'der', type: 'spki' })),
    sign: (message) => plain(sign(null, message, key)),
  }
}

export function createNodeKey(seed: Uint8Array): NodeKey {
  const key = ed25519FromSeed(seed)
  const nodeId = selfAuthenticating(key.publicKeyDer)
  return {
    publicKeyDer: key.publicKeyDer,
    nodeId,
    signResponse({ outcome, requestId, timeNs }) {
      const map = new Map<string, Cbor>([
        ['timestamp', timeNs],
        ['request_id', requestId],
      ])
      if (outcome.kind === 'reply') {
        map.set('status', 'replied')
        map.set('reply', new Map([['arg', outcome.reply]]))
      } else {
        map.set('status', 'rejected')
        map.set('reject_code', outcome.reject.code)
        map.set('reject_message', outcome.reject.message)
        map.set('error_code', outcome.reject.errorCode)
      }
      const signature = key.sign(concat(RESPONSE, representationHash(map)))
      return { timestamp: timeNs, signature, identity: nodeId }
    },
  }
}
