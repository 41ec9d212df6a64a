import { createLocalJWKSet, decodeProtectedHeader, errors, type JSONWebKeySet, jwtVerify } from 'jose'

/** A program of the institution that may ask. Its keys are told beforehand: nothing is ever fetched. */
export interface RegisteredClient {
  readonly clientId: string
  readonly jwks: JSONWebKeySet
  readonly scopes: readonly string[]
}

/** SMART App Launch 2.2, "Client authentication: asymmetric". */
const ALGORITHMS = ['RS384', 'ES384']
const LIFE_MAX_SECONDS = 300
const JTI_CHARS_MAX = 200
/** Used once and not over yet. Beyond that nobody gets a token until some are over. */
const JTIS_MAX = 20_000
const FORBIDDEN_HEADERS = ['jku', 'x5u', 'jwk', 'x5c', 'crit']

export type Checked =
  | { readonly kind: 'client'; readonly client: RegisteredClient }
  | { readonly kind: 'refused'; readonly why: string }

/**
 * Checks who a client says it is: a signature with a key that was registered, for exactly this address, for five minutes at most, and never twice.
 *
 * @param audience address of the token endpoint.
 */
export function createAssertions(clients: readonly RegisteredClient[], startedMs: number) {
  const byId = new Map(clients.map((client) => [client.clientId, { client, keys: createLocalJWKSet(client.jwks) }]))
  const used = new Map<string, number>()

  return async (assertion: string, audience: string, nowMs: number): Promise<Checked> => {
    const nowSeconds = Math.floor(nowMs / 1000)
    const refused = (why: string): Checked => ({ kind: 'refused', why })
    for (const [jti, expSeconds] of used) if (expSeconds < nowSeconds) used.delete(jti)
    const issuer = issuerOf(assertion)
    const known = issuer === null ? undefined : byId.get(issuer)
    if (known === undefined) return refused('no such client')
    const { client, keys } = known
    try {
      const header = decodeProtectedHeader(assertion)
      if (FORBIDDEN_HEADERS.some((name) => name in header)) return refused('keys are registered, not brought along')
      const { payload } = await jwtVerify(assertion, keys, {
        algorithms: ALGORITHMS,
        issuer: client.clientId,
        subject: client.clientId,
        requiredClaims: ['exp', 'jti', 'aud'],
        currentDate: new Date(nowMs),
      })
      const { exp = 0, iat, jti, aud } = payload
      if (aud !== audience) return refused('another audience')
      if (exp > nowSeconds + LIFE_MAX_SECONDS) return refused('it lives longer than five minutes')
      if (iat !== undefined && (iat > nowSeconds + 5 || exp - iat > LIFE_MAX_SECONDS))
        return refused('it lives longer than five minutes')
      // What was used before the gateway started again is not remembered: only what was made since then counts.
      if ((iat ?? exp - LIFE_MAX_SECONDS) < Math.floor(startedMs / 1000))
        return refused('made before this gateway started')
      if (typeof jti !== 'string' || jti === '' || jti.length > JTI_CHARS_MAX) return refused('no usable jti')
      const name = `${client.clientId} ${jti}`
      if (used.has(name)) return refused('used before')
      if (used.size >= JTIS_MAX) return refused('too many at once')
      used.set(name, exp)
      return { kind: 'client', client }
    } catch (error) {
      if (error instanceof errors.JOSEError) return refused(error.code)
      throw error
    }
  }
}

/** Before anything is checked: whose key to check with. */
function issuerOf(assertion: string): string | null {
  const [, payload = ''] = assertion.split('.')
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null && 'iss' in claims && typeof claims.iss === 'string'
      ? claims.iss
      : null
  } catch {
    return null
  }
}
