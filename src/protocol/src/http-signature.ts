import { fromBase64, toBase64 } from './base64.ts'

// HTTP message signatures (RFC 9421) and content digests (RFC 9530) as devices send them. Whoever signs and who verifies use the same lines. Of structured fields
// (RFC 9651) only what these headers need is read, and only in its canonical spelling, which every serialiser writes: what is signed is then the text that was
// sent, and no two readers read two things in it.

/** Registered names (RFC 9421, section 6.2). */
export const SIGNATURE_ALGORITHM = { ed25519: 'ed25519', p256: 'ecdsa-p256-sha256' } as const
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHM)[keyof typeof SIGNATURE_ALGORITHM]
/** Says that a signature was made for this purpose and no other. */
export const SIGNATURE_TAG = 'medguard-device-1'
/** What a device signs of a request without a body. */
export const COVERED = ['@method', '@authority', '@path'] as const
/** And of one with a body. */
export const COVERED_WITH_BODY = [...COVERED, 'content-digest', 'content-type'] as const
/** `expires` is no later than this after `created`: as long as a clock may be off. */
export const SIGNATURE_LIFE_SECONDS = 300

/** What is said beside the covered components. */
export interface SignatureParameters {
  /** Seconds since 1970. */
  readonly created: number
  readonly expires: number
  /** Letters, digits, `-` and `_`, 1 to 64 of them. */
  readonly nonce: string
  /** Lower-case hexadecimal. */
  readonly keyId: string
  readonly algorithm: SignatureAlgorithm
}

/** One member of `Signature-Input`. */
export interface SignatureInput {
  readonly label: string
  readonly components: readonly string[]
  readonly parameters: ReadonlyMap<string, string | number>
  /** The value of `@signature-params`: components and parameters as they were sent. */
  readonly raw: string
}

/** Why a request is refused before anything is looked up; a fixed word, never with data in it. */
export type SignatureFault =
  | 'signatures'
  | 'signature'
  | 'signatureInput'
  | 'components'
  | 'created'
  | 'expires'
  | 'nonce'
  | 'keyid'
  | 'alg'
  | 'tag'

const INPUT_CHARS_MAX = 1024
const SIGNATURE_BYTES = 64
const LABEL = '[a-z*][a-z0-9_.*-]{0,31}'
// Each part begins with a sign that the one before it cannot have, so that nothing is tried twice: cost grows with length alone.
const INPUT = new RegExp(
  `^(${LABEL})=(\\(("[a-z@-]{1,32}"(?: "[a-z@-]{1,32}")*)?\\)((?:;[a-z]{1,16}=(?:"[ !#-\\[\\]-~]{0,128}"|-?[0-9]{1,15}))*))$`,
)
const PARAMETER = /;([a-z]+)=(?:"([^"]*)"|(-?[0-9]+))/g
const SIGNATURE = new RegExp(`^(${LABEL})=:([A-Za-z0-9+/]{86}==):$`)
const NONCE = /^[A-Za-z0-9_-]{1,64}$/
const KEY_ID = /^[0-9a-f]{32}$/
const PARAMETERS: readonly string[] = ['created', 'expires', 'nonce', 'keyid', 'alg', 'tag']

/** Reads `Signature-Input` with exactly one member. Never throws. */
export function parseSignatureInput(field: string): SignatureInput | 'signatureInput' | 'signatures' {
  if (field.length > INPUT_CHARS_MAX) return 'signatureInput'
  const found = INPUT.exec(field)
  if (found === null) return hasSeveral(field) ? 'signatures' : 'signatureInput'
  const [, label = '', raw = '', names = '', rest = ''] = found
  const parameters = new Map<string, string | number>()
  for (const [, name = '', text, digits] of rest.matchAll(PARAMETER)) {
    // In a dictionary the last of two would count: none of ours is there twice.
    if (parameters.has(name)) return 'signatureInput'
    parameters.set(name, text ?? Number(digits))
  }
  const components = names === '' ? [] : names.slice(1, -1).split('" "')
  return { label, components, parameters, raw }
}

/** Reads `Signature` with exactly one member of 64 bytes. Never throws. */
export function parseSignature(
  field: string,
): { readonly label: string; readonly bytes: Uint8Array } | 'signature' | 'signatures' {
  if (field.length > INPUT_CHARS_MAX) return 'signature'
  const [, label = '', text = ''] = SIGNATURE.exec(field) ?? []
  const bytes = label === '' ? null : fromBase64(text)
  if (bytes?.length === SIGNATURE_BYTES) return { label, bytes }
  return hasSeveral(field) ? 'signatures' : 'signature'
}

/** A comma, and the beginning of another member. */
const SEVERAL = new RegExp(`, ?${LABEL}=[(:]`)
const hasSeveral = (field: string): boolean => SEVERAL.test(field)

/**
 * Holds what a signature covers and says against the device profile: exactly the components named, in any order, and exactly our six parameters. The clock is
 * looked at elsewhere.
 */
export function checkSignatureInput(
  { components, parameters }: SignatureInput,
  covered: readonly string[],
): SignatureParameters | SignatureFault {
  const isExact = components.length === covered.length && covered.every((name) => components.includes(name))
  if (!isExact) return 'components'
  if (parameters.size !== PARAMETERS.length || !PARAMETERS.every((name) => parameters.has(name)))
    return missing(parameters)
  const [created, expires, nonce, keyId, algorithm, tag] = PARAMETERS.map((name) => parameters.get(name))
  if (typeof created !== 'number' || created < 0) return 'created'
  if (typeof expires !== 'number' || expires <= created || expires - created > SIGNATURE_LIFE_SECONDS) return 'expires'
  if (typeof nonce !== 'string' || !NONCE.test(nonce)) return 'nonce'
  if (typeof keyId !== 'string' || !KEY_ID.test(keyId)) return 'keyid'
  if (algorithm !== SIGNATURE_ALGORITHM.ed25519 && algorithm !== SIGNATURE_ALGORITHM.p256) return 'alg'
  if (tag !== SIGNATURE_TAG) return 'tag'
  return { created, expires, nonce, keyId, algorithm }
}
const missing = (parameters: ReadonlyMap<string, unknown>): SignatureFault =>
  (PARAMETERS.find((name) => !parameters.has(name)) as SignatureFault | undefined) ?? 'signatureInput'

/** The value of a member of `Signature-Input`, behind its label and `=`; also the value of `@signature-params`. */
export function signatureInput(covered: readonly string[], parameters: SignatureParameters): string {
  const { created, expires, nonce, keyId, algorithm } = parameters
  const names = covered.map((name) => `"${name}"`).join(' ')
  return `(${names});created=${created};expires=${expires};nonce="${nonce}";keyid="${keyId}";alg="${algorithm}";tag="${SIGNATURE_TAG}"`
}

/**
 * What is signed (RFC 9421, section 2.5), in ASCII.
 * @param components names and values, in the order of `raw`.
 * @param raw covered components and parameters as they are sent.
 */
export function signatureBase(components: readonly (readonly [string, string])[], raw: string): string {
  return components.map(([name, value]) => `"${name}": ${value}\n`).join('') + `"@signature-params": ${raw}`
}

/** The value of `Signature-Input` or `Signature` where there is one signature. */
export const signatureMember = (label: string, value: string | Uint8Array): string =>
  `${label}=${typeof value === 'string' ? value : `:${toBase64(value)}:`}`

/** The value of `Content-Digest`. */
export const contentDigest = (sha256: Uint8Array): string => `sha-256=:${toBase64(sha256)}:`

/** The value of `@authority` for a `Host` of HTTPS (RFC 9421, section 2.2.3). */
export const authorityOf = (host: string): string => host.toLowerCase().replace(/:443$/, '')
