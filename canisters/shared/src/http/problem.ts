import { ascii } from '@medguard/protocol'
import type { HttpResponse } from './http-codec.ts'

/** Status phrases (RFC 9110, section 15; RFC 6585, section 4). */
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}
export type ProblemStatus = 400 | 401 | 404 | 405 | 409 | 410 | 413 | 429 | 503

/** Of every answer: nothing of it is kept anywhere, and nobody takes it for anything else than it says. */
const ALWAYS = [
  ['cache-control', 'no-store'],
  ['x-content-type-options', 'nosniff'],
] as const

/**
 * A refusal as `application/problem+json` (RFC 9457): the status says the kind, `code` is a fixed word to act on. Never anything of the request.
 * @param more further members, such as when to come again.
 */
export function problem(
  status: ProblemStatus,
  code: string,
  more: Readonly<Record<string, string | number>> = {},
  fields: readonly (readonly [string, string])[] = [],
): HttpResponse {
  const body = { type: 'about:blank', title: TITLES[status], status, code, ...more }
  return answer(status, 'application/problem+json', body, fields)
}

/** @param body Latin letters, digits and numbers only. */
export const json = (body: Readonly<Record<string, string | number | boolean>>): HttpResponse =>
  answer(200, 'application/json', body, [])

const answer = (
  status: number,
  type: string,
  body: object,
  fields: readonly (readonly [string, string])[],
): HttpResponse => ({
  status,
  fields: [['content-type', type], ...ALWAYS, ...fields],
  body: ascii(JSON.stringify(body)),
})
