// Signs the delegation that the sign-in page hands to an application. Internet Identity specification, "Client authentication protocol".
import { type Cbor, concat, domainSeparator, fromHex, hex, representationHash } from '../certificates/index.ts'
import { canonicalOrigin, developmentIdentity, SignInRefused } from './development-identity.ts'

const DELEGATION = domainSeparator('ic-request-auth-delegation')
/** As Internet Identity: 30 days at most. */
const TTL_MAX_NS = 30n * 24n * 3_600_000_000_000n
const SESSION_KEY_BYTES_MAX = 1000

export interface SignRequest {
  /** Origin of the application's window, as the browser reported it. */
  readonly origin: string
  readonly derivationOrigin: string | null
  readonly name: string
  /** DER of the application's session key. */
  readonly sessionPublicKey: Uint8Array
  readonly maxTimeToLiveNs: bigint
}

export interface SignedDelegation {
  /** 44 bytes: whom the application's principal is computed from. */
  readonly userPublicKeyDer: Uint8Array
  readonly expirationNs: bigint
  /** 64 bytes. */
  readonly signature: Uint8Array
}

/** @throws SignInRefused with a text for the person. */
export function signDelegation(request: SignRequest, nowNs: bigint): SignedDelegation {
  const origin = derivationOrigin(request)
  const { sessionPublicKey, maxTimeToLiveNs } = request
  if (sessionPublicKey.length === 0 || sessionPublicKey.length > SESSION_KEY_BYTES_MAX) {
    throw new SignInRefused('The application sent no session key.')
  }
  if (maxTimeToLiveNs <= 0n) throw new SignInRefused('The application asked for a session without duration.')
  const identity = developmentIdentity({ origin, name: request.name })
  const expirationNs = nowNs + (maxTimeToLiveNs < TTL_MAX_NS ? maxTimeToLiveNs : TTL_MAX_NS)
  const hash = representationHash(
    new Map<string, Cbor>([
      ['pubkey', sessionPublicKey],
      ['expiration', expirationNs],
    ]),
  )
  return { userPublicKeyDer: identity.publicKeyDer, expirationNs, signature: identity.sign(concat(DELEGATION, hash)) }
}

/**
 * Internet Identity lets an application name another origin only if that one agrees. Here both must be the same host, the port aside:
 * a mistake in an application should show before it meets the real one.
 */
function derivationOrigin({ origin, derivationOrigin }: SignRequest): string {
  const asking = new URL(canonicalOrigin(origin))
  if (!isLoopback(asking.hostname)) {
    throw new SignInRefused(
      `${asking.origin} is not on this machine. The development sign-in serves local applications only.`,
    )
  }
  if (derivationOrigin === null) return asking.origin
  const named = new URL(canonicalOrigin(derivationOrigin))
  if (named.protocol !== asking.protocol || named.hostname !== asking.hostname) {
    throw new SignInRefused(`${asking.origin} may not sign in as ${named.origin}.`)
  }
  return named.origin
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '127.0.0.1' || hostname === '[::1]'

/** What the page posts, and nothing else. @throws SignInRefused for another shape. */
export function readSignRequest(body: Uint8Array): SignRequest {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    throw new SignInRefused('Malformed request.')
  }
  const fields =
    typeof value === 'object' && value !== null ? new Map<string, unknown>(Object.entries(value)) : new Map()
  const text = (name: string): string => {
    const field: unknown = fields.get(name)
    if (typeof field !== 'string' || field.length > 4000) throw new SignInRefused(`Malformed request: ${name}.`)
    return field
  }
  const key = text('sessionPublicKey')
  const ttl = text('maxTimeToLiveNs')
  if (!/^([0-9a-f]{2})*$/.test(key) || !/^\d{1,20}$/.test(ttl)) throw new SignInRefused('Malformed request.')
  return {
    origin: text('origin'),
    derivationOrigin: fields.get('derivationOrigin') === null ? null : text('derivationOrigin'),
    name: text('name'),
    sessionPublicKey: fromHex(key),
    maxTimeToLiveNs: BigInt(ttl),
  }
}

export function writeSignedDelegation({ userPublicKeyDer, expirationNs, signature }: SignedDelegation): string {
  return JSON.stringify({
    userPublicKey: hex(userPublicKeyDer),
    expirationNs: expirationNs.toString(),
    signature: hex(signature),
  })
}
