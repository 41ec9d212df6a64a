// One port for everything: the replica's interface under /api, canister hosts for the rest.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { ADMIN_PATH, type AdminOptions, answerAdmin } from './admin.ts'
import { type ApiAnswer, type ApiOptions, createApi, parseRoute } from './api.ts'
import { answerGateway, GATEWAY_CORS, type GatewayOptions, type GatewaySites } from './gateway.ts'
import { HttpProblem } from './problem.ts'
import { type Header, type SiteResponse, textResponse } from './site.ts'

const BODY_BYTES_MAX = 4 * 1024 * 1024
const API_PREFLIGHT: readonly Header[] = [
  ...GATEWAY_CORS,
  ['access-control-allow-methods', 'GET, POST, HEAD, OPTIONS'],
  ['access-control-allow-headers', 'content-type, user-agent, x-requested-with, x-ic-canister-id'],
  ['access-control-max-age', '7200'],
]

export interface ServerOptions extends ApiOptions {
  readonly sites: GatewaySites
  /** Whether uncertified answers of canisters are refused. */
  readonly strict: boolean
  /** Without it there is no administration endpoint. */
  readonly admin?: AdminOptions
  /** Told of faults of ours: the sender of the request only learns that there was one. */
  readonly onFault: (error: unknown) => void
}

export type Api = ReturnType<typeof createApi>

/** A port that cannot be listened on. */
export class PortUnavailable extends Error {
  override readonly name = 'PortUnavailable'
}

export interface RunningServer {
  readonly port: number
  /** Takes no new connections and ends the open ones. */
  close(): Promise<void>
}

/**
 * A client that is held up may send over a connection just when it is closed for idleness: Node's five seconds make that likely on a busy
 * machine, and agents do not all try again.
 */
const CONNECTIONS = { keepAliveTimeout: 60_000 } as const

/** Listens on 127.0.0.1 and, where there is one, on ::1. @param port 0 for any free one. @throws PortUnavailable */
export async function listen(port: number, options: ServerOptions): Promise<RunningServer> {
  const api = createApi(options)
  const respond = (request: IncomingMessage, response: ServerResponse) => void handle(request, response, api, options)
  const { bound, servers } = await bindAll(port, () => createServer(CONNECTIONS, respond))
  return {
    port: bound,
    async close() {
      await Promise.all(servers.map(close))
    },
  }
}

/** @throws PortUnavailable where `listen` would. */
export async function expectFree(port: number): Promise<void> {
  const { servers } = await bindAll(port, () => createServer())
  await Promise.all(servers.map(close))
}

async function bindAll(port: number, create: () => Server): Promise<{ bound: number; servers: readonly Server[] }> {
  const first = create()
  const bound = await bind(first, port, '127.0.0.1')
  const servers = [first]
  const second = create()
  try {
    await bind(second, bound, '::1')
    servers.push(second)
  } catch (error) {
    // A machine without IPv6 is served by IPv4 alone; a port that somebody else has there is a mistake to hear of.
    if (error instanceof PortUnavailable && error.cause === 'EADDRINUSE') {
      await close(first)
      throw error
    }
  }
  return { bound, servers }
}

function bind(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be used (${error.code ?? error.message})`
      reject(new PortUnavailable(`Port ${port} of ${address} ${why}.`, { cause: error.code }))
    })
    server.listen(port, address, () => {
      const bound = server.address()
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  api: Api,
  options: ServerOptions,
): Promise<void> {
  const url = request.url ?? '/'
  const isApi = url.startsWith('/api/')
  const { admin, host } = options
  let answer: SiteResponse
  try {
    if (admin !== undefined && url.startsWith(ADMIN_PATH)) {
      answer = await answerAdmin(request, () => readBody(request), host, admin)
    } else
      answer = isApi
        ? await answerApi(request, url, api)
        : await answerSite(request, url, { ...options, rootKeyDer: options.keys[0].certifier.rootKeyDer })
  } catch (error) {
    if (!(error instanceof HttpProblem)) options.onFault(error)
    answer = problemResponse(error, isApi)
  }
  if (response.destroyed) return
  response.statusCode = answer.status
  for (const [name, value] of answer.headers) response.appendHeader(name, value)
  if (answer.status !== 204 && answer.status !== 304) response.setHeader('content-length', answer.body.length)
  // What is left of a body that was too large is not read, so this connection cannot carry another request.
  if (answer.status === 413) response.setHeader('connection', 'close')
  response.end(request.method === 'HEAD' ? undefined : answer.body)
}

function problemResponse(error: unknown, isApi: boolean): SiteResponse {
  const cors = isApi ? GATEWAY_CORS : []
  if (error instanceof HttpProblem) return textResponse(error.status, error.message, cors)
  return textResponse(500, 'The network failed; its own output says more.', cors)
}

async function answerApi(request: IncomingMessage, url: string, api: Api): Promise<SiteResponse> {
  const path = url.split('?', 1)[0] ?? ''
  if (request.method === 'OPTIONS') return { status: 204, headers: API_PREFLIGHT, body: new Uint8Array() }
  if (path === '/api/v2/status') {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new HttpProblem(405, 'status takes GET.')
    return cborResponse(api.status())
  }
  const route = parseRoute(path)
  if (route === null) throw new HttpProblem(404, 'No such address of the Internet Computer interface.')
  if (request.method !== 'POST') throw new HttpProblem(405, 'This address takes POST.')
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/cbor') throw new HttpProblem(400, 'Unexpected content-type, expected application/cbor.')
  return cborResponse(await api.answer(route, await readBody(request)))
}

function cborResponse({ status, body }: ApiAnswer): SiteResponse {
  return {
    status,
    headers: [['content-type', 'application/cbor'], ['x-content-type-options', 'nosniff'], ...GATEWAY_CORS],
    body,
  }
}

async function answerSite(request: IncomingMessage, url: string, options: GatewayOptions): Promise<SiteResponse> {
  const headers: Header[] = []
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    headers.push([request.rawHeaders[index] ?? '', request.rawHeaders[index + 1] ?? ''])
  }
  return answerGateway(options, { method: request.method ?? 'GET', url, headers, body: await readBody(request) })
}

/** @throws HttpProblem 413 beyond the limit, without waiting for the rest. */
async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const tooLarge = () => new HttpProblem(413, `The body is larger than ${BODY_BYTES_MAX} bytes.`)
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) throw tooLarge()
  const parts: Buffer[] = []
  let size = 0
  // Leaving the loop must not destroy the request: its socket still carries the answer.
  const stream = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  for await (const part of stream) {
    size += part.length
    if (size > BODY_BYTES_MAX) throw tooLarge()
    parts.push(part)
  }
  const body = Buffer.concat(parts)
  return new Uint8Array(body.buffer, body.byteOffset, body.length)
}
