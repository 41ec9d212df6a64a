import {
  ascii,
  type DeviceBatch,
  decodeDeviceBatch,
  DEVICE_BATCH_BYTES_MAX,
  equalBytes,
  fromHex,
  HTTP_ARG_BYTES_MAX,
  NS_PER_MS,
  refusalOf,
  type RefusalArm,
  type Result,
  type SignatureAlgorithm,
} from '@medguard/protocol'
import { type HttpHandlers, type HttpRequest, type HttpResponse, json, problem } from '@medguard/shared'
import { verifySignature } from '@medguard/shared/signatures'
import type { DeviceChecks } from './device-checks.ts'
import { readSignedRequest, type RequestFault, SIGNED_FIELDS, type SignedRequest } from './signed-request.ts'

/**
 * The road of devices that speak plain HTTPS (docs/crypto.md, "Posting over HTTPS"): a request is signed with the device's key and carries the bytes of the canister
 * call. In front of that road everything is checked that costs little, and nothing is answered that tells whether there is such a device: an
 * unknown one, a removed one, a wrong signature and too many of those are one answer.
 */
export interface DeviceDoor {
  /** Of a device that is not removed. */
  readonly keyOf: (deviceId: Uint8Array) => DeviceKey | undefined
  readonly checks: Pick<DeviceChecks, 'take' | 'takeRepeat'>
  readonly post: (batch: Posted, device: DeviceKey) => Promise<Result<Answered>>
  readonly info: (deviceId: Uint8Array, device: DeviceKey) => Promise<Result<Answered>>
  readonly nowNs: () => bigint
}
export interface DeviceKey {
  readonly algorithm: SignatureAlgorithm
  readonly publicKey: Uint8Array
  /** Raw principal of that key, in whose name the call is made. */
  readonly principal: Uint8Array
}
export interface Posted extends Pick<DeviceBatch, 'deviceId' | 'seq'> {
  /** The whole batch, `MGR1`. */
  readonly bytes: Uint8Array
}
export interface Answered {
  /** What is told as JSON. */
  readonly told: Readonly<Record<string, string | number>>
  /** Whether a budget of posts was taken from. */
  readonly isCounted: boolean
}

export const BATCH_TYPE = 'application/medguard-batch'

const ROUTE = /^\/devices\/([0-9a-f]{32})(\/readings)?(?:\?.*)?$/

interface Route {
  readonly deviceId: Uint8Array
  /** The same in hexadecimal digits. */
  readonly hex: string
  readonly path: string
  readonly allow: 'GET' | 'POST'
}

export function createDeviceHttp(door: DeviceDoor): HttpHandlers {
  return {
    fields: SIGNED_FIELDS,
    argBytesMax: HTTP_ARG_BYTES_MAX,
    query: (request) => {
      const route = routeOf(request)
      return 'status' in route ? route : UPGRADE
    },
    update: (request) => {
      const route = routeOf(request)
      if ('status' in route) return route
      const wrong = wrongContent(request, route)
      if (wrong !== null) return wrong
      const signed = readSignedRequest(request, route.path, door.nowNs())
      if (typeof signed === 'string') return refuseRequest(signed, door)
      if (signed.keyId !== route.hex) return problem(400, 'keyid')
      const batch = route.allow === 'POST' ? readBatch(request.body, route, signed) : null
      return batch !== null && 'status' in batch ? batch : answerDevice(door, route, signed, batch)
    },
  }
}

const NONE = new Uint8Array(0)
const UPGRADE: HttpResponse = { status: 200, fields: [], body: NONE, upgrade: true }
/** For every reason not to believe in a sender. The header is how a signature is asked for (RFC 9421, section 5.1). */
const STRANGER = problem(401, 'NotPermitted', {}, [['www-authenticate', 'Signature']])

/** Where a request goes, or what is wrong with that. */
function routeOf({ method, url, body }: HttpRequest): Route | HttpResponse {
  const [, hex = '', readings] = ROUTE.exec(url) ?? []
  const deviceId = fromHex(hex)
  if (deviceId === null || hex === '') return problem(404, 'path')
  const allow = readings === undefined ? 'GET' : 'POST'
  if (method !== allow) return problem(405, 'method', {}, [['allow', allow]])
  if (body.length > DEVICE_BATCH_BYTES_MAX) return problem(413, 'TooLarge', { maxBytes: DEVICE_BATCH_BYTES_MAX })
  return { deviceId, hex, path: `/devices/${hex}${readings ?? ''}`, allow }
}

function wrongContent({ body, fields }: HttpRequest, { allow }: Route): HttpResponse | null {
  if (allow === 'GET') return body.length === 0 ? null : problem(400, 'body')
  return fields.get('content-type') === BATCH_TYPE ? null : problem(400, 'contentType')
}

/** A nonce is the number of the batch: whoever uses one again uses the other, which is remembered for ever. */
function readBatch(bytes: Uint8Array, { deviceId }: Route, { nonce }: SignedRequest): Posted | HttpResponse {
  const batch = decodeDeviceBatch(bytes)
  if (!batch.ok) return problem(400, 'batch')
  const { seq } = batch.value
  if (!equalBytes(batch.value.deviceId, deviceId)) return problem(400, 'deviceId')
  return nonce === String(seq) ? { deviceId, seq, bytes } : problem(400, 'nonce')
}

function refuseRequest(fault: RequestFault, { nowNs }: DeviceDoor): HttpResponse {
  // Somebody whose clock is wrong can set it.
  const timeMs = Number(nowNs() / NS_PER_MS)
  if (fault === 'created') return problem(400, fault, { timeMs })
  return fault === 'expired' ? problem(410, 'Expired', { field: 'expires', timeMs }) : problem(400, fault)
}

function answerDevice(
  door: DeviceDoor,
  { deviceId }: Route,
  { algorithm, signature, base }: SignedRequest,
  batch: Posted | null,
): HttpResponse | Promise<HttpResponse> {
  const { checks } = door
  const device = door.keyOf(deviceId)
  const giveBack = device === undefined ? null : checks.take(deviceId)
  if (device === undefined || giveBack === null) return STRANGER
  const isRight = algorithm === device.algorithm && verifySignature(algorithm, device.publicKey, ascii(base), signature)
  if (!isRight) return STRANGER
  const answer = (result: Result<Answered>): HttpResponse => {
    const isCounted = 'Ok' in result && result.Ok.isCounted
    // Whoever saw a good request can send it again, as often as they like.
    const waitMs = isCounted ? 0 : checks.takeRepeat(deviceId)
    if (waitMs > 0) return later(429, 'Busy', waitMs)
    giveBack()
    return 'Ok' in result ? json(result.Ok.told) : refuseDevice(result.Err)
  }
  return (batch === null ? door.info(deviceId, device) : door.post(batch, device)).then(answer)
}

/** What a paused device waits before it asks again, and what everybody does while the service cannot answer. */
const PAUSED_MS = 3_600_000
const UNAVAILABLE_MS = 60_000

const later = (status: 429 | 503, code: string, waitMs: number): HttpResponse =>
  problem(status, code, {}, [['retry-after', String(Math.ceil(waitMs / 1000))]])

/** A refusal of the canister call, as the status that a device knows. Whoever keeps what was not answered with 200 loses nothing. */
function refuseDevice(arm: RefusalArm): HttpResponse {
  const refusal = refusalOf(arm)
  switch (refusal.kind) {
    case 'NotPermitted':
    case 'NotSignedIn':
      return STRANGER
    case 'BadInput':
      return problem(400, refusal.kind, { field: refusal.field, reason: refusal.code })
    case 'Expired':
      return problem(410, refusal.kind, { field: 'seq' })
    case 'IdConflict':
      return problem(409, refusal.kind)
    case 'StaleEpoch':
    case 'Stale':
      return problem(409, refusal.kind, { current: refusal.current })
    case 'TooLarge':
      return problem(413, refusal.kind, { maxBytes: refusal.maxBytes })
    case 'Busy':
      return later(429, refusal.kind, refusal.retryAfterMs)
    case 'Paused':
      return later(429, refusal.kind, PAUSED_MS)
    default:
      return later(503, refusal.kind, UNAVAILABLE_MS)
  }
}
