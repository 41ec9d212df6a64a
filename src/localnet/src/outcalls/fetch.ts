import { lookup as resolve } from 'node:dns'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { HttpHeader, OutcallRequest, OutcallResult } from '../contracts.ts'
import { headerBytes, headersProblem, isLoopback } from './rules.ts'

const TIMEOUT_MS = 30_000
/** What Node reads of headers before it gives up; the network's own limit is lower. */
const HEADER_SECTION_BYTES_MAX = 128 * 1024
const FATAL = 1
const TRANSIENT = 2

export interface FetchOptions {
  /** Certificates in PEM that are trusted beside the usual ones. */
  readonly certificateAuthorities: readonly string[]
}

/** Makes an outcall as one node of the network would. Redirects are answers like any other. Never rejects. */
export function fetchOutcall(
  outcall: OutcallRequest,
  { certificateAuthorities }: FetchOptions,
  signal: AbortSignal,
): Promise<OutcallResult> {
  return new Promise((done) => {
    const url = new URL(outcall.url)
    const isHttps = url.protocol === 'https:'
    const options = {
      method: outcall.method,
      headers: headersOf(url, outcall),
      agent: false as const,
      signal,
      timeout: TIMEOUT_MS,
      maxHeaderSize: HEADER_SECTION_BYTES_MAX,
    }
    const failed = (code: 1 | 2, message: string) => done({ kind: 'failed', code, message })
    const answered = (response: IncomingMessage) => read(response, outcall, done, failed)
    try {
      const request = isHttps
        ? requestHttps(url, { ...options, ...trusting(certificateAuthorities) }, answered)
        : requestHttp(url, { ...options, lookup: lookupLoopback }, answered)
      const timer = setTimeout(() => request.destroy(new Error('timed out')), TIMEOUT_MS)
      request.once('close', () => clearTimeout(timer))
      request.once('timeout', () => request.destroy(new Error('timed out')))
      request.once('error', (error) => failed(TRANSIENT, `Connecting to ${url.hostname} failed: ${error.message}`))
      request.end(outcall.body ?? undefined)
    } catch (error) {
      failed(FATAL, `Failed to send the request: ${error instanceof Error ? error.message : String(error)}`)
    }
  })
}

/** Given a list of its own, Node trusts nothing beside it; without one, what it always trusts. */
const trusting = (certificates: readonly string[]): { ca?: string[] } =>
  certificates.length === 0 ? {} : { ca: [...certificates] }

/** Node adds nothing to headers that are given as a list. */
function headersOf(url: URL, { headers, body, method }: OutcallRequest): string[] {
  const sent = [...headers, { name: 'connection', value: 'close' }]
  const has = (wanted: string) => headers.some(({ name }) => name.toLowerCase() === wanted)
  if (!has('host')) sent.push({ name: 'host', value: url.host })
  if (!has('user-agent')) sent.push({ name: 'user-agent', value: 'ic/1.0' })
  // The length is the network's to say: a wrong one would make two requests of one.
  const kept = sent.filter(({ name }) => !['content-length', 'transfer-encoding'].includes(name.toLowerCase()))
  if (body !== null || method === 'POST' || method === 'PUT' || method === 'PATCH') {
    kept.push({ name: 'content-length', value: String(body?.length ?? 0) })
  }
  return kept.flatMap(({ name, value }) => [name, value])
}

/** A name that stands for this computer must lead to it. */
const lookupLoopback: LookupFunction = (hostname, options, callback) =>
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    const own = addresses?.filter(({ address }) => isLoopback(address)) ?? []
    const [first] = own
    if (error !== null) return callback(error, '', 4)
    if (first === undefined) return callback(new Error(`${hostname} is not this computer`), '', 4)
    return options.all === true ? callback(null, own) : callback(null, first.address, first.family)
  })

function read(
  response: IncomingMessage,
  { maxResponseBytes }: OutcallRequest,
  done: (result: OutcallResult) => void,
  failed: (code: 1 | 2, message: string) => void,
): void {
  const stop = (code: 1 | 2, message: string) => {
    failed(code, message)
    response.destroy()
  }
  const headers = headersFrom(response.rawHeaders)
  const problem = headersProblem(headers)
  if (problem !== null) return stop(FATAL, `Response: ${problem}`)
  let left = maxResponseBytes - headerBytes(headers)
  if (left < 0) return stop(FATAL, `Header size exceeds specified response size limit ${maxResponseBytes}`)
  const parts: Buffer[] = []
  response.on('data', (part: Buffer) => {
    left -= part.length
    if (left < 0) stop(FATAL, `Http body exceeds size limit of ${maxResponseBytes} bytes.`)
    else parts.push(part)
  })
  response.once('error', (error) => failed(TRANSIENT, `Failed to read the response: ${error.message}`))
  response.once('end', () =>
    done({
      kind: 'response',
      status: response.statusCode ?? 0,
      headers,
      body: new Uint8Array(Buffer.concat(parts)),
    }),
  )
}

function headersFrom(raw: readonly string[]): HttpHeader[] {
  const headers: HttpHeader[] = []
  for (let at = 0; at < raw.length; at += 2) {
    headers.push({ name: (raw[at] ?? '').toLowerCase(), value: raw[at + 1] ?? '' })
  }
  return headers
}
