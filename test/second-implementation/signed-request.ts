// docs/crypto.md, "Posting over HTTPS", written down a second time over node:crypto alone. Nothing of `src/` is used here.
import { createHash, type KeyObject, sign } from 'node:crypto'

/** What goes into a request. Each part can be set apart from what is signed, so that a request can be wrong in one place. */
export interface RequestParts {
  readonly method: string
  readonly authority: string
  readonly path: string
  readonly body: Uint8Array
  readonly contentType: string
  readonly contentDigest: string
  readonly components: readonly string[]
  /** In order, values as they are serialised. */
  readonly parameters: Readonly<Record<string, string | number>>
  readonly label: string
}
export interface DeviceRequest {
  readonly key: KeyObject
  readonly deviceId: Uint8Array
  readonly authority: string
  /** Absent: asks how the device stands. */
  readonly body?: Uint8Array
  /** Number of the batch. */
  readonly nonce: string
  readonly nowSeconds: number
}
export interface SignedRequest {
  readonly method: string
  readonly path: string
  readonly body: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

const isEd25519 = (key: KeyObject): boolean => key.asymmetricKeyType === 'ed25519'

export function partsOf({ key, deviceId, authority, body, nonce, nowSeconds }: DeviceRequest): RequestParts {
  const id = Buffer.from(deviceId).toString('hex')
  const covered = ['@method', '@authority', '@path']
  return {
    method: body === undefined ? 'GET' : 'POST',
    authority,
    path: body === undefined ? `/devices/${id}` : `/devices/${id}/readings`,
    body: body ?? new Uint8Array(0),
    contentType: 'application/medguard-batch',
    contentDigest: digestOf(body ?? new Uint8Array(0)),
    components: body === undefined ? covered : [...covered, 'content-digest', 'content-type'],
    parameters: {
      created: nowSeconds,
      expires: nowSeconds + 60,
      nonce: `"${nonce}"`,
      keyid: `"${id}"`,
      alg: isEd25519(key) ? '"ed25519"' : '"ecdsa-p256-sha256"',
      tag: '"medguard-device-1"',
    },
    label: 'sig1',
  }
}

export const digestOf = (body: Uint8Array): string => `sha-256=:${createHash('sha256').update(body).digest('base64')}:`

/** RFC 9421, sections 2.5 and 3.1. */
export function signParts(parts: RequestParts, key: KeyObject): SignedRequest {
  const { method, authority, path, body, contentType, contentDigest, components, parameters, label } = parts
  const values: Readonly<Record<string, string>> = {
    '@method': method,
    '@authority': authority.toLowerCase(),
    '@path': path,
    '@query': '?',
    'content-digest': contentDigest,
    'content-type': contentType,
    'content-length': String(body.length),
  }
  const input = `(${components.map((name) => `"${name}"`).join(' ')})${Object.entries(parameters)
    .map(([name, value]) => `;${name}=${value}`)
    .join('')}`
  const lines = components.map((name) => `"${name}": ${values[name] ?? ''}`)
  const base = [...lines, `"@signature-params": ${input}`].join('\n')
  const signature = sign(isEd25519(key) ? null : 'sha256', Buffer.from(base), { key, dsaEncoding: 'ieee-p1363' })
  const headers = {
    host: authority,
    'signature-input': `${label}=${input}`,
    signature: `${label}=:${signature.toString('base64')}:`,
    ...(method === 'GET' ? {} : { 'content-type': contentType, 'content-digest': contentDigest }),
  }
  return { method, path, body, headers }
}

export const signedRequest = (request: DeviceRequest): SignedRequest => signParts(partsOf(request), request.key)
