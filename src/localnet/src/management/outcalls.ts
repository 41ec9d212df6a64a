import type { OutcallRequest } from '../contracts.ts'
import { headerBytes, OUTCALL_BYTES_MAX, requestHeadersProblem, urlProblem } from '../outcalls/index.ts'
import { keyOf, type Origin } from '../state-machine/canister.ts'
import { addOutcall } from '../state-machine/outcalls.ts'
import { Refusal } from '../state-machine/rejects.ts'
import { touch, type World } from '../state-machine/world.ts'
import { httpRequestCycles } from '../system-api/prices.ts'
import { canisterAt, isSelf, type ManagementCall } from './call.ts'
import type { HttpRequestArgs } from './candid.ts'

const METHODS: Readonly<Record<string, OutcallRequest['method']>> = {
  get: 'GET',
  head: 'HEAD',
  post: 'POST',
  put: 'PUT',
  delete: 'DELETE',
  patch: 'PATCH',
}
const REPLICATED_METHODS = ['GET', 'HEAD', 'POST']

/** Asks the host for the outcall; its answer comes later. */
export function httpRequest(world: World, call: ManagementCall, args: HttpRequestArgs): null {
  const rules = world.options.outcalls ?? { allowsLoopback: false, replication: 1 }
  const caller = canisterAt(world, call.caller)
  const [body = null] = args.body
  const [transform] = args.transform
  const isReplicated = args.is_replicated[0] ?? true
  const method = METHODS[Object.keys(args.method)[0] ?? ''] ?? 'GET'
  const maxResponseBytes = Number(args.max_response_bytes[0] ?? BigInt(OUTCALL_BYTES_MAX))
  const problem =
    urlProblem(args.url, rules.allowsLoopback) ??
    requestHeadersProblem(args.headers) ??
    (maxResponseBytes > OUTCALL_BYTES_MAX
      ? `max_response_bytes expected to be in the range [0..${OUTCALL_BYTES_MAX}], got ${maxResponseBytes}`
      : null) ??
    (headerBytes(args.headers) + (body?.length ?? 0) > OUTCALL_BYTES_MAX
      ? `total number of bytes to represent all http header names and values and http body exceeds ${OUTCALL_BYTES_MAX}`
      : null) ??
    (isReplicated && !REPLICATED_METHODS.includes(method)
      ? `the HTTP method ${method} is supported in non-replicated mode only`
      : null) ??
    (transform !== undefined && !isSelf(caller, transform.function[0].toUint8Array())
      ? 'transform needs to be exported by the calling canister'
      : null)
  if (problem !== null) throw new Refusal('IC0406', problem)

  const fee = httpRequestCycles(requestBytes(args), maxResponseBytes)
  if (call.cycles < fee) {
    throw new Refusal('IC0406', `http_request request sent with ${call.cycles} cycles, but ${fee} cycles are required.`)
  }
  caller.consumed.httpOutcalls += fee
  touch(world, caller)
  const origin: Origin = call.origin
  addOutcall(
    world,
    {
      origin,
      caller: keyOf(call.caller),
      refund: call.cycles - fee,
      transform: transform === undefined ? null : { method: transform.function[1], context: transform.context },
    },
    {
      url: args.url,
      method,
      headers: args.headers.map(({ name, value }) => ({ name, value })),
      body,
      maxResponseBytes,
      copies: isReplicated ? rules.replication : 1,
    },
  )
  return null
}

/** What the price counts. interface specification, `ic0.cost_http_request` */
function requestBytes({ url, headers, body, transform: [transform] }: HttpRequestArgs): number {
  const transformed = transform === undefined ? 0 : Buffer.byteLength(transform.function[1]) + transform.context.length
  return Buffer.byteLength(url) + headerBytes(headers) + (body[0]?.length ?? 0) + transformed
}
