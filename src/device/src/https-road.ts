import { boundedFetch, type DeviceIdentity } from '@medguard/client/for-devices'
import { sha256 } from '@medguard/crypto'
import {
  ascii,
  authorityOf,
  contentDigest,
  COVERED,
  COVERED_WITH_BODY,
  type Refusal,
  SIGNATURE_ALGORITHM,
  signatureBase,
  signatureInput,
  signatureMember,
  toHex,
} from '@medguard/protocol'
import type { Pairing } from './pairing.ts'
import { type Answer, answerOf, type Asked, later, type Road } from './road.ts'

/** docs/crypto.md, "Posting over HTTPS". The answer is the gateway's word; what it does not get to see is a reading. */
export interface HttpsOptions {
  /** Where the network itself says which epoch it is, as `callRoad` does: nothing is sealed under one that a gateway named. */
  readonly certified: Pick<Road, 'ask'>
  /** Where a gateway is, an origin; by default that of the Internet Computer for the records canister, or the network itself on this machine. */
  readonly gateway?: string
  readonly nowMs?: () => number
}

const TYPE = 'application/medguard-batch'
const LIFE_SECONDS = 60
const LOOPBACK = /^http:/

export function httpsRoad(pairing: Pairing, identity: DeviceIdentity, options: HttpsOptions): Road {
  const { url, records, algorithm } = pairing
  const {
    certified,
    gateway = LOOPBACK.test(url) ? url : `https://${records}.icp0.io`,
    nowMs = () => Date.now(),
  } = options
  const { origin, host } = new URL(gateway)
  const keyId = toHex(pairing.deviceId)
  /** How far the canister's clock is ahead of ours. */
  let aheadMs = 0

  const send = async (path: string, nonce: string, body: Uint8Array | null): Promise<Told> => {
    const created = Math.floor((nowMs() + aheadMs) / 1000)
    const digest = body === null ? '' : contentDigest(await sha256(body))
    const values: Readonly<Record<string, string>> = {
      '@method': body === null ? 'GET' : 'POST',
      '@authority': authorityOf(host),
      '@path': path,
      'content-digest': digest,
      'content-type': TYPE,
    }
    const covered = body === null ? COVERED : COVERED_WITH_BODY
    const input = signatureInput(covered, {
      created,
      expires: created + LIFE_SECONDS,
      nonce,
      keyId,
      algorithm: algorithm === 'Ed25519' ? SIGNATURE_ALGORITHM.ed25519 : SIGNATURE_ALGORITHM.p256,
    })
    const base = signatureBase(
      covered.map((name) => [name, values[name] ?? ''] as const),
      input,
    )
    const signature = new Uint8Array(await identity.sign(ascii(base)))
    const headers = {
      'signature-input': signatureMember('sig1', input),
      signature: signatureMember('sig1', signature),
      ...(body === null ? {} : { 'content-type': TYPE, 'content-digest': digest }),
    }
    const init = body === null ? { headers } : { method: 'POST', headers, body: Uint8Array.from(body) }
    const response = await boundedFetch(`${origin}${path}?canisterId=${records}`, init)
    return toldBy(response)
  }
  /** Once more where only our clock was wrong. */
  const asked = async (path: string, nonce: string, body: Uint8Array | null): Promise<Told | null> => {
    try {
      const first = await send(path, nonce, body)
      if (first.timeMs === null) return first
      aheadMs = first.timeMs - nowMs()
      return await send(path, nonce, body)
    } catch {
      return null // no line, no gateway, or an answer without end
    }
  }
  /** Somebody on the way may say that the epoch has moved on. A false one that is higher would keep a device from every true one. */
  const epochNow = async (): Promise<Answer> => {
    const asked = await certified.ask()
    if (asked.kind === 'later') return asked
    const { epoch } = asked.standing
    return epoch === null ? later('Paused') : { kind: 'staleEpoch', current: epoch }
  }
  return {
    async post(batch, seq) {
      const told = await asked(`/devices/${keyId}/readings`, String(seq), batch)
      if (told === null) return later('Unreachable')
      if (told.status === 200) return typeof told.json['position'] === 'number' ? { kind: 'kept' } : later('BadReply')
      const answer = refused(told)
      return answer.kind === 'staleEpoch' ? epochNow() : answer
    },
    async ask(): Promise<Asked> {
      const told = await asked(`/devices/${keyId}`, String(nowMs()), null)
      if (told === null) return later('Unreachable')
      const { state, nextSeq } = told.json
      if (told.status !== 200) {
        const answer = refused(told)
        return answer.kind === 'later' ? answer : later('BadReply')
      }
      const isState = state === 'active' || state === 'paused' || state === 'removed'
      if (!isState || typeof nextSeq !== 'number') return later('BadReply')
      return { kind: 'standing', standing: { state, epoch: null, nextSeq } }
    },
  }
}

interface Told {
  readonly status: number
  readonly json: Readonly<Partial<Record<string, unknown>>>
  readonly afterMs: number | null
  /** The canister's clock, where it says that ours is wrong. */
  readonly timeMs: number | null
}

async function toldBy(response: Response): Promise<Told> {
  const { status, headers } = response
  let value: unknown = null
  try {
    value = await response.json()
  } catch {
    value = null // a gateway's own page
  }
  const json: Told['json'] = typeof value === 'object' && value !== null ? { ...value } : {}
  const after = /^\d{1,6}$/.exec(headers.get('retry-after') ?? '')
  const { timeMs } = json
  const isClock = (status === 400 && json['code'] === 'created') || (status === 410 && json['field'] === 'expires')
  return {
    status,
    json,
    afterMs: after === null ? null : Number(after[0]) * 1000,
    timeMs: isClock && typeof timeMs === 'number' && Number.isSafeInteger(timeMs) ? timeMs : null,
  }
}

const CODES = ['NotPermitted', 'Paused', 'LogUnavailable', 'Full', 'LowCycles', 'NotReady'] as const

function refused({ status, json, afterMs, timeMs }: Told): Exclude<Answer, { kind: 'kept' }> {
  const { code, field, reason, current } = json
  if (timeMs !== null) return later('ClockWrong')
  const known = CODES.find((each) => each === code)
  if (known !== undefined) return later(known, afterMs)
  const refusal = refusalIn({ code, field, reason, current, afterMs })
  if (refusal !== null) return answerOf(refusal)
  return later(`Status ${status}`, afterMs)
}

function refusalIn(
  told: Readonly<Record<'code' | 'field' | 'reason' | 'current' | 'afterMs', unknown>>,
): Refusal | null {
  const { code, field, reason, current, afterMs } = told
  if (code === 'IdConflict' || code === 'Expired') return { kind: code }
  if (code === 'StaleEpoch' && typeof current === 'number') return { kind: code, current }
  if (code === 'Busy') return { kind: code, retryAfterMs: typeof afterMs === 'number' ? afterMs : 0 }
  if (code === 'BadInput' && typeof field === 'string' && typeof reason === 'string')
    return { kind: code, field, code: reason }
  return null
}
