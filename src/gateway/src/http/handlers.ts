import type { MedGuardClient } from '@medguard/client'
import type { FastifyRequest } from 'fastify'
import { badInput, forbidden, notFound, Refuse, unprocessable } from '../faults.ts'
import type { CreatesDesk } from '../creates/creates-desk.ts'
import type { JsonObject } from '../json.ts'
import type { Desk } from '../messages/desk.ts'
import type { Metrics } from '../metrics.ts'
import { askForAccess, stateOfRequest } from '../operations/access-requests.ts'
import { capabilityStatement, openApi } from '../operations/describing.ts'
import type { Exports } from '../operations/exporting.ts'
import { valueOf } from '../patients/outcomes.ts'
import type { Access } from '../repository/access.ts'
import { createFhirService } from '../repository/fhir-service.ts'
import { VaultRepository } from '../repository/vault-repository.ts'
import type { createAssertions } from '../smart/assertions.ts'
import { ACCESS_REQUESTS, allows, STAFF } from '../smart/scopes.ts'
import { answerToken, smartConfiguration } from '../smart/token-endpoint.ts'
import type { Holder, Tokens } from '../smart/tokens.ts'
import { FHIR_JSON, sendResource } from './answers.ts'
import { fieldsOf } from './bodies.ts'
import type { Handlers } from './server.ts'

/** In memory whole, once as it came and once as it goes. */
const BINARY_BYTES_MAX = 64 * 1024 * 1024
const MEDIA_TYPE = /^[A-Za-z0-9][\w!#$&^.+-]{0,126}\/[A-Za-z0-9][\w!#$&^.+-]{0,126}$/

interface Parts {
  readonly client: MedGuardClient
  readonly parts: Pick<Access, 'vaults' | 'writer' | 'versions'>
  readonly exports: Exports
  readonly creates: CreatesDesk
  /** Null where no messages come in. */
  readonly desk: Desk | null
  readonly assertions: ReturnType<typeof createAssertions>
  readonly tokens: Tokens
  readonly metrics: Metrics
  /** `https://gateway.example.org`, once it listens. */
  readonly origin: () => string
  readonly startedMs: number
  readonly nowMs: () => number
}

export function createHandlers({
  client,
  parts,
  exports,
  creates,
  desk,
  assertions,
  tokens,
  metrics,
  origin,
  startedMs,
  nowMs,
}: Parts): Handlers {
  const fhir = createFhirService()
  const baseUrl = () => `${origin()}/fhir`
  const accessOf = (request: FastifyRequest, { clientId, scopes }: Holder): Access => {
    const { accept = '', ['prefer']: prefer = '' } = request.headers
    if (/xml/.test(accept) && !/json|\*\/\*/.test(accept))
      throw new Refuse(406, 'not-supported', 'only JSON is spoken here')
    return {
      ...parts,
      clientId,
      scopes,
      isLenient: /handling=lenient/.test(String(prefer)),
      baseUrl: baseUrl(),
      nowMs: nowMs(),
    }
  }
  const idIn = (request: FastifyRequest): string => (request.params as { id?: string }).id ?? ''

  return {
    health: async (_request, reply) => reply.send({ status: 'ok' }),
    metrics: async (_request, reply) =>
      reply.type('text/plain; version=0.0.4').send(metrics.text(creates.waiting(), desk?.waiting() ?? null, nowMs())),
    openapi: async (_request, reply) => reply.send(openApi(origin())),
    smart: async (_request, reply) => reply.send(smartConfiguration(origin())),
    metadata: async (_request, reply) =>
      reply.type(FHIR_JSON).send(JSON.stringify(capabilityStatement(baseUrl(), startedMs))),

    token: async ({ body }, reply) => {
      if (!(body instanceof URLSearchParams))
        throw new Refuse(415, 'not-supported', 'application/x-www-form-urlencoded')
      const answer = await answerToken(body, { assertions, tokens, audience: `${origin()}/token`, nowMs: nowMs() })
      return reply.code(answer.status).send(answer.body)
    },

    fhir: async (request, reply, holder) => {
      const access = accessOf(request, holder)
      const path = request.url
        .slice('/fhir'.length)
        .replace(/^\/+|\/+(?=$|\?)/g, '')
        .replaceAll('%24', '$')
      const { method, body, headers } = request
      const isForm = body instanceof URLSearchParams
      if (isForm !== /(^|\/)_search(\?|$)/.test(path) && method === 'POST')
        throw new Refuse(415, 'not-supported', 'not the kind of body that belongs here')
      const ask = { method: method as 'GET' | 'POST' | 'PUT', path, body: isForm ? fieldsOf(body) : body, headers }
      const { status, resource, isNew } = await fhir(ask, access)
      reply.code(status)
      if (isNew && resource.id !== undefined)
        reply.header(
          'location',
          `${baseUrl()}/${resource.resourceType}/${resource.id}/_history/${resource.meta?.versionId ?? '1'}`,
        )
      return sendResource(request, reply, resource)
    },

    binary: async (request, reply, holder) => {
      const access = accessOf(request, holder)
      if (!allows(access.scopes, 'Binary', 'r')) throw forbidden('no scope of this client covers Binary.r')
      const held = await new VaultRepository(access).held('DocumentReference', idIn(request))
      if (held.record === null || held.resource.resourceType !== 'DocumentReference') throw notFound()
      const content: unknown = held.resource.content
      const [attachment] = Array.isArray(content) ? held.resource.content.map((each) => each.attachment) : []
      if (
        held.key !== `DocumentReference/${held.record.recordId}` ||
        attachment?.url !== `Binary/${held.record.recordId}`
      )
        throw notFound()
      if ((attachment.size ?? Infinity) > BINARY_BYTES_MAX)
        throw unprocessable(`larger than ${BINARY_BYTES_MAX} bytes: use the command line`)
      const vault = { of: 'grant', grantId: held.grantId } as const
      const { recordId, version } = held.record
      const { bytes } = valueOf(await client.open({ vault, recordId, version, category: 'shared' }))
      const contentType = MEDIA_TYPE.test(attachment.contentType ?? '')
        ? (attachment.contentType ?? '')
        : 'application/octet-stream'
      if (/json/.test(request.headers.accept ?? '')) {
        const { meta } = held.resource
        return sendResource(request, reply, {
          resourceType: 'Binary',
          id: recordId,
          ...(meta === undefined ? {} : { meta }),
          contentType,
          data: Buffer.from(bytes).toString('base64'),
        })
      }
      return reply.header('content-disposition', 'attachment').type(contentType).send(Buffer.from(bytes))
    },

    exportStart: async (request, reply, holder) => {
      const access = accessOf(request, holder)
      if (!/respond-async/.test(String(request.headers['prefer'] ?? '')))
        throw badInput('an export needs Prefer: respond-async')
      const url = new URL(request.url, origin())
      const id = exports.start(url.searchParams, access, url.href)
      return reply.code(202).header('content-location', `${baseUrl()}/export-jobs/${id}`).send()
    },
    exportState: async (request, reply, holder) => {
      const state = exports.stateOf(idIn(request), accessOf(request, holder))
      return state === null
        ? reply.code(202).headers({ 'x-progress': 'under way', 'retry-after': '1' }).send()
        : reply.send(state)
    },
    exportFile: async (request, reply, holder) => {
      const { type = '' } = request.params as { type?: string }
      const text = await exports.file(idIn(request), type, accessOf(request, holder))
      return reply.type('application/fhir+ndjson').send(text)
    },
    exportEnd: async (request, reply, holder) => {
      exports.end(idIn(request), accessOf(request, holder))
      return reply.code(202).send()
    },

    ask: async (request, reply, { scopes }) => {
      expectMayAsk(scopes)
      const asked = await askForAccess(client, request.body, nowMs())
      return reply.code(201).header('location', `${origin()}/access-requests/${asked.id}`).send(asked)
    },
    askState: async (request, reply, { scopes }) => {
      expectMayAsk(scopes)
      return reply.send(await stateOfRequest(client, parts.vaults, idIn(request)))
    },

    desk: async (request, reply, { scopes }) => {
      if (!scopes.has(STAFF)) throw forbidden(`no scope of this client covers ${STAFF}`)
      return reply.send(await deskAnswer({ creates, messages: desk }, request, idIn(request)))
    },
  }
}

/** What staff asked for, by the name of its route. */
async function deskAnswer(
  { creates, messages: desk }: { readonly creates: CreatesDesk; readonly messages: Desk | null },
  request: FastifyRequest,
  id: string,
): Promise<JsonObject> {
  const { name = '' } = request.routeOptions.config as { name?: string }
  switch (name) {
    case 'createsState':
      return creates.state()
    case 'createsQuarantine':
      return creates.quarantined()
    case 'createsShow':
      return creates.show(id)
    case 'createsRetry':
      return creates.retry(id)
    case 'createsRefuse':
      return creates.refuse(id)
  }
  if (desk === null) throw notFound()
  switch (name) {
    case 'hl7State':
      return desk.state()
    case 'hl7Numbers':
      return desk.rows()
    case 'hl7SetNumber':
      return desk.setRow(request.body)
    case 'hl7RemoveNumber':
      return desk.removeRow(request.body)
    case 'hl7Quarantine':
      return desk.quarantined()
    case 'hl7Show':
      return desk.show(id)
    case 'hl7Assign':
      return desk.assign(id, request.body)
    case 'hl7Refuse':
      return desk.refuse(id)
    default:
      throw notFound()
  }
}

function expectMayAsk(scopes: ReadonlySet<string>): void {
  if (!scopes.has(ACCESS_REQUESTS)) throw forbidden(`no scope of this client covers ${ACCESS_REQUESTS}`)
}
