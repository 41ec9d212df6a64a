// Turns browser requests into `http_request` calls. HTTP gateway protocol specification.
import { randomBytes } from 'node:crypto'
import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { decodeCandid } from '../candid/index.ts'
import { type Cbor, concat, equalBytes, plain, representationHash } from '../certificates/index.ts'
import type { Host, Outcome } from '../contracts.ts'
import { HttpProblem } from './problem.ts'
import { isBeginning, wholeOfRanges } from './range-response.ts'
import { type Header, headerOf, type SiteRequest, type SiteResponse } from './site.ts'

const HeaderField = IDL.Tuple(IDL.Text, IDL.Text)
const UPDATE_REQUEST = {
  method: IDL.Text,
  url: IDL.Text,
  headers: IDL.Vec(HeaderField),
  body: IDL.Vec(IDL.Nat8),
}
const UpdateRequest = IDL.Record(UPDATE_REQUEST)
const QueryRequest = IDL.Record({ ...UPDATE_REQUEST, certificate_version: IDL.Opt(IDL.Nat16) })
// A function type of ours would have to match the canister's to the letter, and a mismatch inside an option reads as none.
const Callback = IDL.Record({ callback: IDL.Unknown, token: IDL.Unknown })
const Response = IDL.Record({
  status_code: IDL.Nat16,
  headers: IDL.Vec(HeaderField),
  body: IDL.Vec(IDL.Nat8),
  upgrade: IDL.Opt(IDL.Bool),
  streaming_strategy: IDL.Opt(IDL.Variant({ Callback })),
})
/** Some canisters answer the record alone, which Candid reads as an option too. */
const Chunk = IDL.Opt(IDL.Record({ body: IDL.Vec(IDL.Nat8), token: IDL.Opt(IDL.Unknown) }))

/** A value whose type only the canister knows; the decoder hangs the type on it. */
type Opaque = { type(): IDL.Type }
interface DecodedResponse {
  readonly status_code: number
  readonly headers: readonly Header[]
  readonly body: Uint8Array | readonly number[]
  readonly upgrade: readonly boolean[]
  readonly streaming_strategy: readonly {
    readonly Callback: { readonly callback: unknown; readonly token: Opaque }
  }[]
}
type DecodedChunk = readonly { readonly body: Uint8Array | readonly number[]; readonly token: readonly Opaque[] }[]

const ANONYMOUS = Uint8Array.of(4)
const STREAM_CALLBACKS_MAX = 1000
const STREAM_BYTES_MAX = 256 * 1024 * 1024
const UPDATE_WAIT_MS = 60_000
const EXPIRY_NS = 240_000_000_000n
/** Headers that belong to one connection; the server sets its own. RFC 9110, section 7.6.1. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'trailer',
  'te',
])

/** What asking a canister takes. */
export type CallableHost = Pick<Host, 'call' | 'query' | 'timeNs'>

/** Holds a canister's answer against what it certified, given the request as the canister was. @returns what may be passed on. */
export type Verify = (request: SiteRequest, response: SiteResponse) => Promise<SiteResponse>

/**
 * @param verify not asked about answers of updates, which the network itself agreed on.
 * @throws HttpProblem 404 for a canister that is not there, 502 for any other reject or an answer of another shape.
 */
export async function requestFromCanister(
  host: CallableHost,
  canisterId: Uint8Array,
  request: SiteRequest,
  verify: Verify | null,
): Promise<SiteResponse> {
  const ask = (more: readonly Header[]) =>
    askOnce(host, canisterId, { ...request, headers: [...request.headers, ...more] }, verify)
  const answered = await ask([])
  const whole = isBeginning(request, answered)
    ? await wholeOfRanges(answered, (range) => ask([['range', range]]))
    : answered
  return { ...whole, headers: whole.headers.filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase())) }
}

async function askOnce(
  host: CallableHost,
  canisterId: Uint8Array,
  request: SiteRequest,
  verify: Verify | null,
): Promise<SiteResponse> {
  const record = { ...request, headers: gatewayHeaders(request.headers) }
  const arg = encode(QueryRequest, { ...record, certificate_version: [2] })
  const asked = reply(await host.query({ sender: ANONYMOUS, canisterId, method: 'http_request', arg }))
  let response = decode(Response, asked) as DecodedResponse
  const isUpdate = response.upgrade[0] === true
  if (isUpdate) {
    response = decode(Response, reply(await update(host, canisterId, encode(UpdateRequest, record)))) as DecodedResponse
  }
  if (response.status_code < 200 || response.status_code > 599) {
    throw new HttpProblem(502, `The canister answered with status ${response.status_code}.`)
  }
  for (const [name, value] of response.headers) checkHeader(name, value)
  const body = await wholeBody(host, canisterId, response)
  const answered = { status: response.status_code, headers: response.headers, body }
  return verify === null || isUpdate ? answered : verify(record, answered)
}

async function wholeBody(host: CallableHost, canisterId: Uint8Array, response: DecodedResponse): Promise<Uint8Array> {
  const parts = [Uint8Array.from(response.body)]
  const [strategy] = response.streaming_strategy
  if (strategy === undefined) return concat(...parts)
  const { canister, method } = readCallback(strategy.Callback.callback)
  if (!equalBytes(canister.toUint8Array(), canisterId))
    throw new HttpProblem(502, 'The streaming callback is on another canister.')
  let token: Opaque | undefined = strategy.Callback.token
  let size = parts[0]?.length ?? 0
  for (let calls = 0; token !== undefined; calls++) {
    if (calls >= STREAM_CALLBACKS_MAX || size > STREAM_BYTES_MAX)
      throw new HttpProblem(502, 'The streamed answer does not end.')
    const arg = encode(token.type(), token)
    const asked = reply(await host.query({ sender: ANONYMOUS, canisterId, method, arg }))
    const [chunk] = decode(Chunk, asked) as DecodedChunk
    if (chunk === undefined) throw new HttpProblem(502, 'The streamed answer ends before its end.')
    parts.push(Uint8Array.from(chunk.body))
    size += chunk.body.length
    token = chunk.token[0]
  }
  return concat(...parts)
}

function readCallback(value: unknown): { canister: Principal; method: string } {
  const [canister, method]: readonly unknown[] = Array.isArray(value) ? value : []
  if (canister instanceof Principal && typeof method === 'string') return { canister, method }
  throw new HttpProblem(502, 'The streaming callback is no function.')
}

/** An anonymous update call made by the gateway itself, with an id of its own, so that two alike requests both run. */
async function update(host: CallableHost, canisterId: Uint8Array, arg: Uint8Array): Promise<Outcome> {
  const ingressExpiryNs = (await host.timeNs()) + EXPIRY_NS
  const method = 'http_request_update'
  const content = new Map<string, Cbor>([
    ['request_type', 'call'],
    ['sender', ANONYMOUS],
    ['nonce', plain(randomBytes(16))],
    ['ingress_expiry', ingressExpiryNs],
    ['canister_id', canisterId],
    ['method_name', method],
    ['arg', arg],
  ])
  const requestId = representationHash(content)
  const answer = await host.call(
    { requestId, sender: ANONYMOUS, canisterId, method, arg, ingressExpiryNs },
    UPDATE_WAIT_MS,
  )
  if (answer.kind === 'refused') return { kind: 'reject', reject: answer.reject }
  const { state } = answer.request
  if (state.status === 'replied') return { kind: 'reply', reply: state.reply }
  if (state.status === 'rejected') return { kind: 'reject', reject: state.reject }
  throw new HttpProblem(503, 'The canister has not answered in time.')
}

function reply(outcome: Outcome): Uint8Array {
  if (outcome.kind === 'reply') return outcome.reply
  const { code, message, errorCode } = outcome.reject
  if (code === 3) throw new HttpProblem(404, message)
  throw new HttpProblem(502, `Replica Error: reject code ${code}, error code ${errorCode}, message ${message}`)
}

const encode = (type: IDL.Type, value: unknown): Uint8Array => IDL.encode([type], [value])

function decode(type: IDL.Type, bytes: Uint8Array): unknown {
  try {
    return decodeCandid([type], bytes)[0]
  } catch (error) {
    throw new HttpProblem(
      502,
      `The canister's answer has another type: ${error instanceof Error ? error.message : 'not Candid'}`,
    )
  }
}

function gatewayHeaders(headers: readonly Header[]): Header[] {
  const kept = headers.filter(
    ([name]) => name.toLowerCase() !== 'x-request-id' && name.toLowerCase() !== 'accept-encoding',
  )
  const encodings = headerOf(headers, 'accept-encoding')
  const listed = encodings?.split(',').some((item) => item.trim().startsWith('identity')) === true
  return [
    ...kept,
    ['accept-encoding', encodings === undefined ? 'identity' : listed ? encodings : `${encodings}, identity`],
  ]
}

/** A canister must not be able to end a header and begin another. RFC 9110, section 5.5. */
function checkHeader(name: string, value: string): void {
  // oxlint-disable-next-line no-control-regex
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return
  throw new HttpProblem(502, `The canister answered with the malformed header ${JSON.stringify(name)}.`)
}
