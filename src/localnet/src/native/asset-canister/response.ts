// A response of an asset as it is certified and sent. HTTP gateway protocol specification, "Response verification".
import { concat, fromHex, hex, representationHash, sha256, utf8 } from '../../certificates/index.ts'
import { isHtml } from './paths.ts'
import type { Asset } from './records.ts'

export interface CertifiedResponse {
  /** Lower-case names; all of them are certified. */
  readonly headers: ReadonlyMap<string, string>
  /** The certificate expression: which parts of request and response the certificate covers. */
  readonly expression: string
}

/** The order in which an encoding is chosen when none that was asked for exists; version 1 certifies the first one there is. */
const ENCODINGS = ['identity', 'gzip', 'compress', 'deflate', 'br']

export const EXPRESSION_HEADER = 'ic-certificateexpression'
const EMPTY_BODY_HASH = sha256()
export const NOT_FOUND_BODY = utf8('not found')

export function encodingsInOrder({ encodings }: Pick<Asset, 'encodings'>): string[] {
  const names = Object.keys(encodings)
  return [...ENCODINGS.filter((name) => names.includes(name)), ...names.filter((name) => !ENCODINGS.includes(name))]
}

/** Headers set for an asset, the environment's cookie included where pages carry it. */
export function headersOf(key: string, asset: Pick<Asset, 'headers'>, environment: string): Asset['headers'] {
  if (!isHtml(key) || environment === '') return asset.headers
  const cookie = ['Set-Cookie', `ic_env=${environment}; SameSite=Lax`] as const
  return [...(asset.headers ?? []).filter(([name]) => name.toLowerCase() !== 'set-cookie'), cookie]
}

/** What is answered for one encoding of an asset, status and body aside. */
export function responseOf(key: string, asset: Asset, encoding: string, environment: string): CertifiedResponse {
  const headers = new Map([['content-type', asset.contentType]])
  if (encoding !== 'identity') headers.set('content-encoding', encoding)
  if (asset.maxAge !== null) headers.set('cache-control', `max-age=${asset.maxAge}`)
  headers.set('etag', etagOf(asset.encodings[encoding]?.sha256 ?? ''))
  for (const [name, value] of headersOf(key, asset, environment) ?? []) headers.set(name.toLowerCase(), value)
  return { headers, expression: expressionOf([...headers.keys()]) }
}

export const NOT_FOUND: CertifiedResponse = {
  headers: new Map([['content-type', 'text/plain']]),
  expression: expressionOf(['content-type']),
}

export const etagOf = (bodyHash: string): string => `"${bodyHash}"`

function expressionOf(headers: readonly string[]): string {
  const list = headers.map((name) => `"${name}"`).join(', ')
  return `default_certification(ValidationArgs{certification: Certification{no_request_certification: Empty{}, response_certification: ResponseCertification{certified_response_headers: ResponseHeaderList{headers: [${list}]}}}})`
}

/** What stands in the tree for one status: hash of the expression, no request, hash of the response. */
export function certifiedLabels(response: CertifiedResponse, status: number, bodyHash: Uint8Array): Uint8Array[] {
  const fields = new Map<string, string | number>([
    ...response.headers,
    [EXPRESSION_HEADER, response.expression],
    [':ic-cert-status', status],
  ])
  return [sha256(utf8(response.expression)), new Uint8Array(), sha256(concat(representationHash(fields), bodyHash))]
}

/** Labels of every response that one encoding may give: with its body, and without it for a browser that has it already. */
export function labelsOfEncoding(key: string, asset: Asset, encoding: string, environment: string): Uint8Array[][] {
  const response = responseOf(key, asset, encoding, environment)
  const bodyHash = fromHex(asset.encodings[encoding]?.sha256 ?? '')
  return [certifiedLabels(response, 200, bodyHash), certifiedLabels(response, 304, EMPTY_BODY_HASH)]
}

export const NOT_FOUND_LABELS = certifiedLabels(NOT_FOUND, 404, sha256(NOT_FOUND_BODY))

/** @returns percent-encoded throughout, because readers split the cookie at its first `=`. */
export function environmentCookie(
  rootKeyDer: Uint8Array,
  variables: readonly { readonly name: string; readonly value: string }[],
): string {
  const visible = variables
    .filter(({ name }) => name.startsWith('PUBLIC_'))
    .map(({ name, value }) => `${name}=${value}`)
    .toSorted()
  return encodeThroughout([`ic_root_key=${hex(rootKeyDer)}`, ...visible].join('&'))
}

function encodeThroughout(text: string): string {
  return encodeURIComponent(text).replace(/[-_.!~*'()]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  })
}
