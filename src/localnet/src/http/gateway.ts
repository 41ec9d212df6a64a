// Which canister a browser means, and its answer. HTTP gateway protocol specification, "Canister resolution".
import { Principal } from '@dfinity/principal'
import { hex } from '../certificates/index.ts'
import type { Host } from '../contracts.ts'
import type { Lies } from '../faults/index.ts'
import { type CallableHost, requestFromCanister, type Verify } from './canister-site.ts'
import { HttpProblem } from './problem.ts'
import { type Header, headerOf, type Site, type SiteRequest, type SiteResponse, textResponse } from './site.ts'
import { verifiedResponse } from './verify-response.ts'

export type GatewaySites = ReadonlyMap<string, Site>

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

export interface GatewayOptions {
  readonly host: Host
  /** Built-in answers by canister id in hex. */
  readonly sites: GatewaySites
  /** DER. */
  readonly rootKeyDer: Uint8Array
  /** Whether answers that are not certified are refused, as gateways of the Internet Computer do, except on raw hosts. */
  readonly strict: boolean
  /** Tells something else than the truth in reply to some queries. */
  readonly lies?: Lies
}

/** @throws HttpProblem 400 when the request names no canister, 500 when its answer is not what it certified. */
export async function answerGateway(options: GatewayOptions, request: SiteRequest): Promise<SiteResponse> {
  const { host, sites } = options
  const named = resolveCanister(request)
  if (named === null) return statusPage(host, sites)
  const { canisterId, isRaw } = named
  const builtIn = sites.get(hex(canisterId))
  const idHeader: Header = ['x-ic-canister-id', Principal.fromUint8Array(canisterId).toText()]
  if (builtIn !== undefined) {
    const response = await builtIn(request)
    return { ...response, headers: [...response.headers, idHeader] }
  }
  if (request.method === 'OPTIONS') return { status: 204, headers: PREFLIGHT, body: new Uint8Array() }
  const verify: Verify = async (asked, response) =>
    verifiedResponse({
      canisterId,
      request: asked,
      response,
      rootKeyDer: options.rootKeyDer,
      nowNs: await host.timeNs(),
      facts: await host.canister(canisterId),
    })
  const node = options.lies === undefined ? host : lyingNode(host, options.lies)
  const response = await requestFromCanister(node, canisterId, request, options.strict && !isRaw ? verify : null)
  const own = headerOf(response.headers, 'access-control-allow-origin') === undefined ? GATEWAY_CORS : []
  return { ...response, headers: [...response.headers, ...own, idHeader] }
}

/** The node that a gateway asks may lie to it like to anybody else. */
const lyingNode = (host: Host, lies: Lies): CallableHost => ({
  call: (message, waitMs) => host.call(message, waitMs),
  timeNs: () => host.timeNs(),
  async query(message) {
    const { canisterId, sender, method } = message
    const [canister, from] = [canisterId, sender].map((id) => Principal.fromUint8Array(id).toText()) as [string, string]
    return lies.tell({ canister, method, from }, message, await host.query(message))
  },
})

/** @returns null for the network's own page. */
function resolveCanister(request: SiteRequest): { readonly canisterId: Uint8Array; readonly isRaw: boolean } | null {
  const name = hostname(headerOf(request.headers, 'host') ?? '')
  const query = new URLSearchParams(request.url.slice(`${request.url}?`.indexOf('?') + 1)).get('canisterId')
  if (name.endsWith('.localhost')) {
    const label = name.slice(0, -'.localhost'.length).replace(/\.raw$/, '')
    const canisterId = principal(label.slice(label.lastIndexOf('--') === -1 ? 0 : label.lastIndexOf('--') + 2))
    return { canisterId, isRaw: name.endsWith('.raw.localhost') }
  }
  if (!BASE_HOSTS.has(name))
    throw new HttpProblem(400, `The host ${JSON.stringify(name)} names no canister of this network.`)
  if (query !== null) return { canisterId: principal(query), isRaw: false }
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
