import { DelegationChain, Ed25519KeyIdentity, ECDSAKeyIdentity, isDelegationValid } from '@dfinity/identity'
import type { Signature } from '@dfinity/agent'
import { Delegation } from '@dfinity/identity'
import { Principal } from '@dfinity/principal'
import { describe, expect, test } from 'vitest'
import { fromHex, hex } from '../certificates/index.ts'
import { headerOf, type SiteResponse } from '../http/index.ts'
import { createIdentityProvider, developmentIdentity, PROVIDER_CANISTER_ID, SignInRefused } from './index.ts'

const APP = 'http://uxrrr-q7777-77774-qaaaq-cai.localhost:4943'
const HOST = 'x2a7q-x7777-77777-7aaaq-cai.localhost:4943'
const NOW_NS = 1_900_000_000_000_000_000n
const HOUR_NS = 3_600_000_000_000n
const provider = createIdentityProvider(() => Promise.resolve(NOW_NS))
const sessionKey = hex(new Uint8Array(Ed25519KeyIdentity.generate().getPublicKey().toDer()))

interface Signed {
  readonly userPublicKey: string
  readonly expirationNs: string
  readonly signature: string
}

async function ask(
  fields: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<{ response: SiteResponse; json: Signed & { readonly error: string } }> {
  const body = {
    origin: APP,
    derivationOrigin: null,
    name: 'Ada',
    sessionPublicKey: sessionKey,
    maxTimeToLiveNs: HOUR_NS.toString(),
    ...fields,
  }
  const response = await provider({
    method: 'POST',
    url: '/sign',
    headers: Object.entries({ host: HOST, origin: `http://${HOST}`, 'content-type': 'application/json', ...headers }),
    body: Buffer.from(JSON.stringify(body)),
  })
  return { response, json: JSON.parse(Buffer.from(response.body).toString('utf8')) }
}

describe('signing in', () => {
  test('the canister id is fixed, so that addresses can be written down', () => {
    expect(Principal.fromUint8Array(PROVIDER_CANISTER_ID).toText()).toBe('x2a7q-x7777-77777-7aaaq-cai')
  })

  test('the released library accepts the delegation for the session key and no longer than asked', async () => {
    const session = await ECDSAKeyIdentity.generate()
    const pubkey = new Uint8Array(session.getPublicKey().toDer())
    const { json } = await ask({ sessionPublicKey: hex(pubkey) })
    expect(BigInt(json.expirationNs)).toBe(NOW_NS + HOUR_NS)
    const delegation = new Delegation(pubkey, BigInt(json.expirationNs))
    const chain = DelegationChain.fromDelegations(
      [{ delegation, signature: new Uint8Array(fromHex(json.signature)) as unknown as Signature }],
      new Uint8Array(fromHex(json.userPublicKey)),
    )
    expect(isDelegationValid(chain)).toBe(true)
  })

  test('the command line computes the same identity from origin and name', async () => {
    const { json } = await ask({ derivationOrigin: APP.replace(':4943', '') })
    const identity = developmentIdentity({ origin: APP.replace(':4943', ''), name: 'ada' })
    expect(json.userPublicKey).toBe(hex(identity.publicKeyDer))
    const released = Ed25519KeyIdentity.generate(new Uint8Array(identity.seed))
    expect(released.getPrincipal().toUint8Array()).toEqual(identity.principal)
  })

  test('case and spaces of a name make no difference, another letter and another origin do', () => {
    const of = (name: string, origin = APP) => hex(developmentIdentity({ origin, name }).principal)
    expect(of('  Ada   Lovelace ')).toBe(of('ada lovelace'))
    expect(of('ada')).not.toBe(of('adam'))
    expect(of('ada')).not.toBe(of('ada', 'http://localhost:4943'))
  })

  test('the seed of a known name stays what it was', () => {
    expect(hex(developmentIdentity({ origin: 'http://localhost', name: 'ada' }).seed)).toMatchInlineSnapshot(
      `"fdd79c5ccd12fb381c440fd9bf6135ed79da0d5512ae81fd8bcadccbdaae3a15"`,
    )
  })

  test('a session longer than thirty days is cut to thirty', async () => {
    const { json } = await ask({ maxTimeToLiveNs: (NOW_NS * 2n).toString() })
    expect(BigInt(json.expirationNs)).toBe(NOW_NS + 720n * HOUR_NS)
  })

  test.each([
    ['an empty name', { name: '   ' }, /enter a name/],
    ['a name that is too long', { name: 'x'.repeat(65) }, /at most 64/],
    ['control characters', { name: 'a\u0007b' }, /letters/],
    ['an application on another machine', { origin: 'https://example.com' }, /not on this machine/],
    ['an application that only looks local', { origin: 'http://localhost.example.com' }, /not on this machine/],
    ['no origin', { origin: 'null' }, /not an origin/],
    ['an origin with a path', { origin: `${APP}/x` }, /not an origin/],
    ['the origin of another host', { derivationOrigin: 'http://other.localhost' }, /may not sign in as/],
    ['another scheme', { derivationOrigin: APP.replace('http', 'https') }, /may not sign in as/],
    ['no session key', { sessionPublicKey: '' }, /no session key/],
    ['no duration', { maxTimeToLiveNs: '0' }, /without duration/],
    ['a malformed key', { sessionPublicKey: 'zz' }, /Malformed/],
    ['a number instead of text', { name: 7 }, /Malformed/],
  ])('%s is refused with words for the person', async (_what, fields, words) => {
    const { response, json } = await ask(fields)
    expect(response.status).toBe(400)
    expect(json.error).toMatch(words)
  })

  test('another site cannot ask for a signature', async () => {
    expect((await ask({}, { origin: APP })).response.status).toBe(403)
    expect((await ask({}, { 'content-type': 'text/plain' })).response.status).toBe(415)
  })

  test('a wrong origin is an error of its own for callers in code', () => {
    expect(() => developmentIdentity({ origin: 'nowhere', name: 'ada' })).toThrow(SignInRefused)
  })
})

describe('the page', () => {
  const get = (url: string) => provider({ method: 'GET', url, headers: [['host', HOST]], body: new Uint8Array() })

  test.each([
    ['/', 'text/html; charset=utf-8'],
    ['/page.css', 'text/css; charset=utf-8'],
    ['/page.js', 'text/javascript; charset=utf-8'],
  ])('%s is served under a policy that allows nothing inline and no other host', async (url, type) => {
    const { status, headers } = await get(url)
    expect(status).toBe(200)
    expect(headerOf(headers, 'content-type')).toBe(type)
    const policy = headerOf(headers, 'content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    expect(headerOf(headers, 'cross-origin-opener-policy')).toBeUndefined()
  })

  test('anything else is not there', async () => {
    expect((await get('/page.ts')).status).toBe(404)
  })
})
