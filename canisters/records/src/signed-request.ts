import {
  authorityOf,
  checkSignatureInput,
  contentDigest,
  COVERED,
  COVERED_WITH_BODY,
  NS_PER_SECOND,
  parseSignature,
  parseSignatureInput,
  signatureBase,
  type SignatureFault,
  type SignatureParameters,
} from '@medguard/protocol'
import { type HttpRequest, sha256 } from '@medguard/shared'

/** Header fields that are read of a request. */
export const SIGNED_FIELDS = ['host', 'content-type', 'content-digest', 'signature-input', 'signature'] as const
/** How far the clock of whoever signs may be off, either way (I23). */
export const SKEW_SECONDS = 300n

export type RequestFault = SignatureFault | 'fields' | 'authority' | 'digest' | 'expired'

export interface SignedRequest extends SignatureParameters {
  readonly signature: Uint8Array
  /** What was signed, if it was: ASCII. */
  readonly base: string
}

/**
 * Everything about a signed request that can be told without knowing who signed: the same answer for everybody, cheapest first.
 * @param path of the URL, as it is signed.
 * @param nowNs canister time.
 */
export function readSignedRequest(
  { method, body, fields, isRepeated }: HttpRequest,
  path: string,
  nowNs: bigint,
): SignedRequest | RequestFault {
  const get = (name: (typeof SIGNED_FIELDS)[number]) => fields.get(name) ?? ''
  if (isRepeated) return 'fields'
  const signature = parseSignature(get('signature'))
  if (typeof signature === 'string') return signature
  const input = parseSignatureInput(get('signature-input'))
  if (typeof input === 'string') return input
  if (input.label !== signature.label) return 'signature'
  const hasBody = method === 'POST'
  const parameters = checkSignatureInput(input, hasBody ? COVERED_WITH_BODY : COVERED)
  if (typeof parameters === 'string') return parameters
  const nowSeconds = nowNs / NS_PER_SECOND
  const skew = BigInt(parameters.created) - nowSeconds
  if (skew > SKEW_SECONDS || skew < -SKEW_SECONDS) return 'created'
  if (BigInt(parameters.expires) <= nowSeconds) return 'expired'
  const authority = authorityOf(get('host'))
  if (!/^[a-z0-9.:[\]-]{1,255}$/.test(authority)) return 'authority'
  if (hasBody && get('content-digest') !== contentDigest(sha256(body))) return 'digest'
  const values: Readonly<Record<string, string>> = {
    '@method': method,
    '@authority': authority,
    '@path': path,
    'content-digest': get('content-digest'),
    'content-type': get('content-type'),
  }
  const covered = input.components.map((name): [string, string] => [name, values[name] ?? ''])
  return { ...parameters, signature: signature.bytes, base: signatureBase(covered, input.raw) }
}
