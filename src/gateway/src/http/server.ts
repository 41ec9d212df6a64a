import { readFileSync } from 'node:fs'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { randomBytes } from 'node:crypto'
import type { HttpConfig } from '../config/config.ts'
import { Refuse } from '../faults.ts'
import type { WriteLine } from '../log-lines.ts'
import type { Metrics } from '../metrics.ts'
import type { Holder, Tokens } from '../smart/tokens.ts'
import { answerError } from './answers.ts'
import { addBodies, BODY_BYTES_MAX } from './bodies.ts'
import { createBuckets } from './buckets.ts'
import { type Handler, ROUTES } from './routes.ts'

export type Handlers = Readonly<
  Record<Handler, (request: FastifyRequest, reply: FastifyReply, holder: Holder) => Promise<FastifyReply>>
>
const NOBODY: Holder = { clientId: '', scopes: new Set() }
const REQUEST_MS = 30_000
const HEADER_BYTES_MAX = 16 * 1024

/** HTTP with bounds: who asks, how much, how long. It knows nothing of what is asked for. */
export function createServer(
  config: HttpConfig,
  handlers: Handlers,
  with_: {
    readonly tokens: Tokens
    readonly metrics: Metrics
    readonly write: WriteLine
    readonly nowMs: () => number
  },
): FastifyInstance {
  const { tokens, metrics, write, nowMs } = with_
  const app = instanceOf(config)
  addBodies(app)
  const holders = new WeakMap<FastifyRequest, Holder>()
  const spend = createBuckets(config.requestsPerMinute, nowMs)

  for (const { name, method, path, handler, isOpen } of ROUTES)
    app.route({
      method,
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      config: { name },
      onRequest: async (request) => {
        // Who is not known yet is counted by where they ask from: checking a signature costs something.
        if (handler === 'token') spend(`from ${request.ip}`)
        if (isOpen === true) return
        const holder = tokens.holderOf(request.headers.authorization, nowMs())
        if (holder === null) throw new Refuse(401, 'login', 'a token of this gateway is needed')
        spend(holder.clientId)
        holders.set(request, holder)
      },
      handler: (request, reply) => handlers[handler](request, reply, holders.get(request) ?? NOBODY),
    })
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, write))
  app.setNotFoundHandler((request, reply) =>
    answerError(new Refuse(404, 'not-supported', 'no such address'), request, reply, write),
  )
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
  })
  app.addHook('onResponse', async (request, reply) => {
    const { name = 'none' } = request.routeOptions.config as { name?: string }
    const sizeBytes = Number(reply.getHeader('content-length') ?? 0)
    const tookMs = Math.round(reply.elapsedTime)
    const client = holders.get(request)?.clientId
    metrics.answered(name, reply.statusCode, tookMs, sizeBytes)
    write({
      event: 'answered',
      requestId: request.id,
      ...(client === undefined ? {} : { client }),
      route: name,
      status: reply.statusCode,
      sizeBytes,
      tookMs,
    })
  })
  return app
}

function instanceOf({ tls }: HttpConfig): FastifyInstance {
  const options = {
    bodyLimit: BODY_BYTES_MAX,
    genReqId: () => randomBytes(8).toString('hex'),
    requestIdHeader: false as const,
    requestTimeout: REQUEST_MS,
    connectionTimeout: 2 * REQUEST_MS,
    keepAliveTimeout: 5_000,
    forceCloseConnections: 'idle' as const,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 80 },
    http: { maxHeaderSize: HEADER_BYTES_MAX },
  }
  if (tls === null) return fastify(options)
  const { http: _http, ...rest } = options
  const https = {
    cert: readFileSync(tls.certificate),
    key: readFileSync(tls.key),
    minVersion: 'TLSv1.3' as const,
    maxHeaderSize: HEADER_BYTES_MAX,
  }
  return fastify({ ...rest, https })
}
