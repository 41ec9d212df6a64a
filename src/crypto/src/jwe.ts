import { fromBase64Url, toBase64Url } from './base64url.ts'
import { NONCE_BYTES } from './constants.ts'
import { CryptoFault } from './fault.ts'
import { aesGcmOpen, aesGcmSeal, owned, type OwnedBytes, randomBytes, subtle } from './webcrypto.ts'

// What links for people without an account are made of (SMART Health Links, "Encrypting and Decrypting Files"): standard forms, since viewers are not ours.

const KEY_BYTES = 32
const TAG_BYTES = 16
const HEADER_CHARS_MAX = 2048
/** Of a content that came compressed: more than a summary with its pictures, and less than a page can choke on. */
const CONTENT_BYTES_MAX = 16 * 1024 * 1024

/**
 * A JWE in compact form (RFC 7516, section 7.1), `dir` with `A256GCM`.
 * @param key 32 bytes.
 * @throws RangeError for a key of another length.
 */
export async function sealJwe(key: Uint8Array, contentType: string, content: Uint8Array): Promise<string> {
  const header = { alg: 'dir', enc: 'A256GCM', cty: contentType }
  const head = toBase64Url(new TextEncoder().encode(JSON.stringify(header)))
  const nonce = randomBytes(NONCE_BYTES)
  const associatedData = new TextEncoder().encode(head)
  const sealed = await aesGcmSeal({ key: await keyOf(key), nonce, associatedData }, content)
  const [body, tag] = [sealed.subarray(0, -TAG_BYTES), sealed.subarray(-TAG_BYTES)]
  return [head, '', toBase64Url(nonce), toBase64Url(body), toBase64Url(tag)].join('.')
}

export interface OpenedJwe {
  /** As its maker put it; null where they did not. */
  readonly contentType: string | null
  readonly content: Uint8Array
}

/** @throws CryptoFault `Tampered` for what is no such JWE, or is not under this key. */
export async function openJwe(key: Uint8Array, jwe: string): Promise<OpenedJwe> {
  const [head = '', encryptedKey, iv = '', body = '', tag = '', ...more] = jwe.trim().split('.')
  const header = readHeader(head)
  const [nonce, ciphertext, mark] = [iv, body, tag].map(fromBase64Url)
  const isSound =
    encryptedKey === '' && more.length === 0 && nonce?.length === NONCE_BYTES && mark?.length === TAG_BYTES
  if (header === null || !isSound || !nonce || !mark || !ciphertext)
    throw new CryptoFault('Tampered', 'a file of a link is no JWE')
  const sealed = new Uint8Array(ciphertext.length + TAG_BYTES)
  sealed.set(ciphertext)
  sealed.set(mark, ciphertext.length)
  const associatedData = new TextEncoder().encode(head)
  const opened = await aesGcmOpen({ key: await keyOf(key), nonce, associatedData }, sealed, 'a file of a link')
  return { contentType: header.cty, content: header.isDeflated ? await inflate(opened) : opened }
}

function readHeader(head: string): { readonly cty: string | null; readonly isDeflated: boolean } | null {
  const bytes = head.length > HEADER_CHARS_MAX ? null : fromBase64Url(head)
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array(0)))
  } catch {
    return null
  }
  if (typeof header !== 'object' || header === null) return null
  const { alg, enc, cty, zip, crit } = header as Partial<Record<string, unknown>>
  // What is critical has to be understood (RFC 7515, section 4.1.11), and nothing is.
  if (alg !== 'dir' || enc !== 'A256GCM' || crit !== undefined || (zip !== undefined && zip !== 'DEF')) return null
  return { cty: typeof cty === 'string' ? cty : null, isDeflated: zip === 'DEF' }
}

async function inflate(deflated: OwnedBytes): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  try {
    const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
    const reader = stream.getReader()
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      sizeBytes += part.value.length
      if (sizeBytes > CONTENT_BYTES_MAX) {
        await reader.cancel()
        throw new RangeError('too much comes out of it')
      }
      parts.push(part.value)
    }
  } catch (cause) {
    throw new CryptoFault('Tampered', 'a file of a link does not decompress', { cause })
  }
  const whole = new Uint8Array(sizeBytes)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function keyOf(key: Uint8Array): Promise<CryptoKey> {
  if (key.length !== KEY_BYTES) throw new RangeError('the key of a link has 32 bytes')
  return subtle().importKey('raw', owned(key), 'AES-GCM', false, ['encrypt', 'decrypt'])
}

/** What a canister keeps of a passcode: PBKDF2-HMAC-SHA-256 (RFC 8018); 32 bytes. @param salt 16 bytes. */
export async function passcodeVerifier(passcode: string, salt: Uint8Array, rounds: number): Promise<Uint8Array> {
  const secret = owned(new TextEncoder().encode(passcode))
  const key = await subtle().importKey('raw', secret, 'PBKDF2', false, ['deriveBits'])
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt: owned(salt), iterations: rounds }
  return new Uint8Array(await subtle().deriveBits(how, key, 256))
}
