import { Fault } from '@medguard/client'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { faultAnswer, outcomeOf, Refuse } from '../faults.ts'
import { failureOf, type WriteLine } from '../log-lines.ts'
import { getStatus, OperationOutcomeError, type Resource } from '../medplum.ts'

export const FHIR_JSON = 'application/fhir+json; charset=utf-8'

/** Whatever went wrong, as an OperationOutcome; what nobody foresaw says nothing but that. */
export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  write: WriteLine,
): FastifyReply {
  const known = knownAnswer(error)
  if (known === null) write({ event: 'failed', requestId: request.id, ...failureOf(error) })
  const { status, outcome, retryAfterSeconds } = known ?? {
    status: 500,
    outcome: outcomeOf(500, [
      { severity: 'fatal', code: 'exception', details: { text: `a bug, please report it: ${request.id}` } },
    ]),
    retryAfterSeconds: null,
  }
  if (retryAfterSeconds !== null) reply.header('retry-after', String(retryAfterSeconds))
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  return reply.code(status).type(FHIR_JSON).send(JSON.stringify(outcome))
}

function knownAnswer(error: unknown) {
  if (error instanceof Refuse)
    return { status: error.status, outcome: error.outcome, retryAfterSeconds: error.retryAfterSeconds }
  if (error instanceof Fault) {
    const { status, outcome, retryAfterSeconds } = faultAnswer(error)
    return { status, outcome, retryAfterSeconds }
  }
  if (error instanceof OperationOutcomeError)
    return { status: getStatus(error.outcome), outcome: error.outcome, retryAfterSeconds: null }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  const words = SERVER_WORDS[status]
  if (words === undefined) return null
  return {
    status,
    outcome: outcomeOf(status, [{ severity: 'error', code: words[0], details: { text: words[1] } }]),
    retryAfterSeconds: null,
  }
}
/** What the HTTP server refuses by itself. */
const SERVER_WORDS: Readonly<Record<number, readonly ['invalid' | 'too-long' | 'not-supported' | 'timeout', string]>> =
  {
    400: ['invalid', 'not a request that this gateway understands'],
    408: ['timeout', 'it took too long to arrive'],
    413: ['too-long', 'at most 10 MB'],
    414: ['too-long', 'the address is too long'],
    415: ['not-supported', 'application/fhir+json is what is understood'],
  }

/** A resource with its version, or that nothing changed since. */
export function sendResource(request: FastifyRequest, reply: FastifyReply, resource: Resource): FastifyReply {
  const { versionId, lastUpdated } = resource.meta ?? {}
  if (versionId !== undefined && resource.resourceType !== 'Bundle') {
    const etag = `W/"${versionId}"`
    reply.header('etag', etag)
    if (lastUpdated !== undefined) reply.header('last-modified', new Date(lastUpdated).toUTCString())
    if (request.method === 'GET' && isUnchanged(request, etag, lastUpdated)) return reply.code(304).send()
  }
  return reply.type(FHIR_JSON).send(JSON.stringify(resource))
}

function isUnchanged({ headers }: FastifyRequest, etag: string, lastUpdated: string | undefined): boolean {
  const known = headers['if-none-match']
  if (known !== undefined) return known.split(',').some((each) => each.trim() === etag || each.trim() === etag.slice(2))
  const since = Date.parse(headers['if-modified-since'] ?? '')
  // Seconds are all that HTTP knows.
  return lastUpdated !== undefined && Math.floor(Date.parse(lastUpdated) / 1000) * 1000 <= since
}
