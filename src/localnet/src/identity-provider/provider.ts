// The development identity provider: the sign-in page and the one address behind it, on a canister host of its own.
import { readFileSync } from 'node:fs'
import { fromHex, utf8 } from '../certificates/index.ts'
import { type Header, headerOf, type Site, type SiteRequest, type SiteResponse } from '../http/index.ts'
import { SignInRefused } from './development-identity.ts'
import { readSignRequest, signDelegation, writeSignedDelegation } from './sign.ts'

/** x2a7q-x7777-77777-7aaaq-cai: inside the network's range, far above the ids that creation hands out. */
export const PROVIDER_CANISTER_ID = fromHex('ffffffffffff00010101')

const HEADERS: readonly Header[] = [
  [
    'content-security-policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
      "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  ],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'same-origin'],
  ['permissions-policy', 'camera=(), microphone=(), geolocation=()'],
  ['cache-control', 'no-store'],
  // No Cross-Origin-Opener-Policy: it would cut the window off from the application that opened it.
]

/** @param nowNs the network's time, which delegations expire by. */
export function createIdentityProvider(nowNs: () => Promise<bigint>): Site {
  let script: Promise<string> | null = null
  const pages = new Map<string, () => SiteResponse | Promise<SiteResponse>>([
    ['/', () => page('text/html', file('page.html'))],
    ['/page.css', () => page('text/css', file('page.css'))],
    ['/page.js', async () => page('text/javascript', await (script ??= readScript()))],
  ])
  return async (request) => {
    const path = request.url.split('?', 1)[0] ?? ''
    if (path === '/sign') return sign(request, await nowNs())
    const found = pages.get(path)
    if (found === undefined) return problem(404, 'No such page.')
    return request.method === 'GET' || request.method === 'HEAD' ? found() : problem(405, 'This page takes GET.')
  }
}

/** The page's program. Built packages hold it as it goes to the browser, the sources as it is written. */
async function readScript(): Promise<string> {
  if (!import.meta.url.endsWith('.ts')) return file('page.js')
  const { transform } = await import('esbuild')
  const { code } = await transform(file('page.ts'), {
    loader: 'ts',
    format: 'esm',
    target: 'es2022',
    tsconfigRaw: '{}',
  })
  return code
}

const file = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

function sign(request: SiteRequest, nowNs: bigint): SiteResponse {
  if (request.method !== 'POST') return problem(405, 'This address takes POST.')
  // Only the page itself asks: another site that could would sign people in behind their back.
  if (headerOf(request.headers, 'origin') !== `http://${headerOf(request.headers, 'host') ?? ''}`) {
    return problem(403, 'Only the sign-in page may ask for this.')
  }
  if (headerOf(request.headers, 'content-type') !== 'application/json') return problem(415, 'This address takes JSON.')
  try {
    const signed = signDelegation(readSignRequest(request.body), nowNs)
    return respond(200, 'application/json', writeSignedDelegation(signed))
  } catch (error) {
    if (error instanceof SignInRefused) return problem(400, error.message)
    throw error
  }
}

const page = (type: string, text: string): SiteResponse => respond(200, `${type}; charset=utf-8`, text)
const problem = (status: number, error: string): SiteResponse =>
  respond(status, 'application/json', JSON.stringify({ error }))

function respond(status: number, contentType: string, text: string): SiteResponse {
  return { status, headers: [['content-type', contentType], ...HEADERS], body: utf8(text) }
}
