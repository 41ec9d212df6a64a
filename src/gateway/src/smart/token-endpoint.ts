import type { createAssertions } from './assertions.ts'
import { granted } from './scopes.ts'
import { TOKEN_LIFE_SECONDS, type Tokens } from './tokens.ts'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const ASSERTION_CHARS_MAX = 8_192

export interface TokenAnswer {
  readonly status: number
  readonly body: Readonly<Record<string, string | number>>
}

/** OAuth 2.0, client credentials with a signed assertion: SMART backend services. */
export async function answerToken(
  form: URLSearchParams,
  {
    assertions,
    tokens,
    audience,
    nowMs,
  }: { assertions: ReturnType<typeof createAssertions>; tokens: Tokens; audience: string; nowMs: number },
): Promise<TokenAnswer> {
  const refused = (error: string, error_description: string, status = 400): TokenAnswer => ({
    status,
    body: { error, error_description },
  })
  const names = [...form.keys()]
  if (new Set(names).size !== names.length) return refused('invalid_request', 'a parameter stands there twice')
  if (form.get('grant_type') !== 'client_credentials') return refused('unsupported_grant_type', 'client_credentials')
  if (form.get('client_assertion_type') !== ASSERTION_TYPE) return refused('invalid_request', ASSERTION_TYPE)
  const assertion = form.get('client_assertion') ?? ''
  if (assertion === '' || assertion.length > ASSERTION_CHARS_MAX) return refused('invalid_request', 'client_assertion')
  const checked = await assertions(assertion, audience, nowMs)
  if (checked.kind === 'refused') return refused('invalid_client', checked.why, 401)
  const { clientId, scopes } = checked.client
  const asked = (form.get('scope') ?? '').split(' ').filter((each) => each !== '')
  const given = granted(scopes, asked)
  if (given.length === 0) return refused('invalid_scope', 'none of these is registered for this client')
  return {
    status: 200,
    body: {
      access_token: tokens.issue({ clientId, scopes: new Set(given) }, nowMs),
      token_type: 'bearer',
      expires_in: TOKEN_LIFE_SECONDS,
      scope: given.join(' '),
    },
  }
}

export const smartConfiguration = (baseUrl: string) => ({
  token_endpoint: `${baseUrl}/token`,
  grant_types_supported: ['client_credentials'],
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
  scopes_supported: ['system/*.rs', 'system/*.cruds', 'access-requests', 'staff'],
  response_types_supported: [],
  capabilities: ['client-confidential-asymmetric', 'permission-v2'],
})
