// Which canister a browser means, and its answer. HTTP gateway protocol specification, "Canister resolution".
import { Principal } from '@dfinity/principal'
import { hex } from '../certificates/index.ts'
import type { Host } from '../contracts.ts'
import { requestFromCanister } from './canister-site.ts'
import { HttpProblem } from './problem.ts'
import { type Header, headerOf, type Site, type SiteRequest, type SiteResponse, textResponse } from './site.ts'

export interface BuiltInSite {
  readonly site: Site
  /** Whether a module that is installed at the same id takes over. */
  readonly steps: 'aside' | 'never'
}
export type GatewaySites = ReadonlyMap<string, BuiltInSite>

export const GATEWAY_CORS: readonly Header[] = [
  ['access-control-allow-origin', '*'],
  ['access-control-expose-headers', 'accept-ranges, content-length, content-range, x-request-id, x-ic-canister-id'],
]
const PREFLIGHT: readonly Header[] = [
  ...GATEWAY_CORS,
  ['access-control-allow-methods', 'GET, POST, HEAD, OPTIONS, PUT, DELETE, PATCH'],
  [
    'access-control-allow-headers',
    'user-agent, dnt, if-none-match, if-modified-since, cache-control, content-type, range, cookie, x-requested-with, x-ic-canister-id',
  ],
  ['access-control-max-age', '7200'],
]
const BASE_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * @param sites built-in answers by canister id in hex. One that steps aside does so when the canister has a module.
 * @throws HttpProblem 400 when the request names no canister.
 */
export async function answerGateway(host: Host, sites: GatewaySites, request: SiteRequest): Promise<SiteResponse> {
  const canisterId = resolveCanister(request)
  if (canisterId === null) return statusPage(host, sites)
  const built = sites.get(hex(canisterId))
  const named: Header = ['x-ic-canister-id', Principal.fromUint8Array(canisterId).toText()]
  if (built !== undefined && (built.steps === 'never' || !(await hasModule(host, canisterId)))) {
    const response = await built.site(request)
    return { ...response, headers: [...response.headers, named] }
  }
  if (request.method === 'OPTIONS') return { status: 204, headers: PREFLIGHT, body: new Uint8Array() }
  const response = await requestFromCanister(host, canisterId, request)
  const own = headerOf(response.headers, 'access-control-allow-origin') === undefined ? GATEWAY_CORS : []
  return { ...response, headers: [...response.headers, ...own, named] }
}

const hasModule = async (host: Host, canisterId: Uint8Array): Promise<boolean> =>
  ((await host.canister(canisterId))?.moduleHash ?? null) !== null

/** @returns null for the network's own page. */
function resolveCanister(request: SiteRequest): Uint8Array | null {
  const name = hostname(headerOf(request.headers, 'host') ?? '')
  const query = new URLSearchParams(request.url.slice(`${request.url}?`.indexOf('?') + 1)).get('canisterId')
  if (name.endsWith('.localhost')) {
    const label = name.slice(0, -'.localhost'.length).replace(/\.raw$/, '')
    return principal(label.slice(label.lastIndexOf('--') === -1 ? 0 : label.lastIndexOf('--') + 2))
  }
  if (!BASE_HOSTS.has(name))
    throw new HttpProblem(400, `The host ${JSON.stringify(name)} names no canister of this network.`)
  if (query !== null) return principal(query)
  if (request.url === '/' || request.url.startsWith('/?')) return null
  throw new HttpProblem(
    400,
    'The address names no canister: use http://<canister id>.localhost or ?canisterId=<canister id>.',
  )
}

function hostname(header: string): string {
  return header.toLowerCase().replace(/:\d+$/, '')
}

function principal(text: string): Uint8Array {
  try {
    return Principal.fromText(text).toUint8Array()
  } catch {
    throw new HttpProblem(400, `Not a canister id: ${JSON.stringify(text.slice(0, 100))}`)
  }
}

const list = (ids: readonly Uint8Array[]): string[] => ids.map((id) => `  ${Principal.fromUint8Array(id).toText()}`)

async function statusPage(host: Host, sites: GatewaySites): Promise<SiteResponse> {
  const ids = await host.canisterIds()
  const served = [...sites.keys()].map((key) => Uint8Array.from(Buffer.from(key, 'hex')))
  const lines = ['localnet is running.', '', 'Canisters:', ...list(ids), '', 'Built in:', ...list(served)]
  return textResponse(200, lines.join('\n'), [['cache-control', 'no-store']])
}
