// The administration endpoint: breaks the network on command. Off unless a token is set, for this machine's programs only, never for a page.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Host } from '../contracts.ts'
import type { FaultsAdministration } from '../faults/administration.ts'
import { BadFaultRule } from '../faults/index.ts'
import { HttpProblem } from './problem.ts'
import type { SiteResponse } from './site.ts'

export const ADMIN_PATH = '/_localnet/'
export const ADMIN_TOKEN_CHARS_MIN = 32
const BODY_BYTES_MAX = 16 * 1024
const ADVANCE_MS_MAX = 100 * 366 * 86_400_000

export interface AdminOptions {
  /** At least 32 characters. */
  readonly token: string
  readonly faults: FaultsAdministration
}

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i

/**
 * - `GET /_localnet/faults`: `{rules, fired}`, all rules with how often each was met, and what went wrong so far.
 * - `POST /_localnet/faults`: adds the rule in the body (`FaultRule`); 201 `{id}`.
 * - `DELETE /_localnet/faults/ID` or `/_localnet/faults`: takes one rule or all of them back; 204.
 * - `POST /_localnet/clock` `{advanceMs}`: moves the clock ahead and runs what falls due; `{timeNs}`.
 *
 * @throws HttpProblem 400, 401, 403, 404, 405, 413 or 415; nothing has changed then.
 */
export async function answerAdmin(
  request: Pick<IncomingMessage, 'headers' | 'method' | 'url' | 'socket'>,
  body: () => Promise<Uint8Array>,
  host: Pick<Host, 'advance' | 'timeNs'>,
  { token, faults }: AdminOptions,
): Promise<SiteResponse> {
  expectLocalProgram(request)
  expectToken(request.headers.authorization ?? '', token)
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  const [area, id] = path.slice(ADMIN_PATH.length).split('/', 2)
  const { method } = request
  const read = async () => readJson(request.headers['content-type'], await body())

  if (area === 'faults' && id === undefined && method === 'GET') return json(200, await faults.list())
  if (area === 'faults' && id === undefined && method === 'POST')
    return json(201, { id: await added(faults, await read()) })
  if (area === 'faults' && method === 'DELETE') {
    if (id === undefined) await faults.clear()
    else if (!(await faults.remove(id))) throw new HttpProblem(404, 'There is no such rule.')
    return { status: 204, headers: [['cache-control', 'no-store']], body: new Uint8Array() }
  }
  if (area === 'clock' && id === undefined && method === 'POST') {
    await host.advance(advanceOf(await read()))
    return json(200, { timeNs: String(await host.timeNs()) })
  }
  throw area === 'faults' || area === 'clock'
    ? new HttpProblem(405, 'This address does not take that method.')
    : new HttpProblem(404, 'No such address of the administration endpoint.')
}

/** A page of any site can send requests to this machine; browsers say so, and none of them is let in, whatever token it has. */
function expectLocalProgram({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): void {
  const isLocal = LOOPBACK.has(socket.remoteAddress ?? '')
  const isBrowser = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
  if (!isLocal || isBrowser || !LOOPBACK_HOST.test(headers.host ?? '')) {
    throw new HttpProblem(403, 'The administration endpoint serves programs on this machine only.')
  }
}

function expectToken(authorization: string, token: string): void {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  // Digests are of one length, and comparing them takes the same time wherever they differ.
  if (!timingSafeEqual(digest(authorization), digest(`Bearer ${token}`)))
    throw new HttpProblem(401, 'The token is missing or wrong.')
}

function readJson(type: string | undefined, bytes: Uint8Array): unknown {
  if (type?.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json') {
    throw new HttpProblem(415, 'Unexpected content-type, expected application/json.')
  }
  if (bytes.length > BODY_BYTES_MAX) throw new HttpProblem(413, `The body is larger than ${BODY_BYTES_MAX} bytes.`)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new HttpProblem(400, 'The body is not JSON.')
  }
}

async function added(faults: FaultsAdministration, rule: unknown): Promise<string> {
  try {
    return await faults.add(rule)
  } catch (error) {
    if (error instanceof BadFaultRule) throw new HttpProblem(400, `Not a rule: ${error.message}.`)
    throw error
  }
}

function advanceOf(value: unknown): bigint {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const [name, ms] = entries[0] ?? []
  const isRight = entries.length === 1 && name === 'advanceMs' && typeof ms === 'number' && Number.isInteger(ms)
  if (!isRight || ms < 0 || ms > ADVANCE_MS_MAX) {
    throw new HttpProblem(400, `advanceMs is a whole number from 0 to ${ADVANCE_MS_MAX}, and the only field.`)
  }
  return BigInt(ms) * 1_000_000n
}

function json(status: number, value: unknown): SiteResponse {
  return {
    status,
    headers: [
      ['content-type', 'application/json'],
      ['cache-control', 'no-store'],
      ['x-content-type-options', 'nosniff'],
    ],
    body: new TextEncoder().encode(`${JSON.stringify(value)}\n`),
  }
}
