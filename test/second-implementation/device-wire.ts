// docs/device-wire.md, written down a second time over node:crypto alone: what firmware does to post one batch. Nothing of `src/` is used here.
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { signedRequest } from './signed-request.ts'
import {
  capsuleClear,
  capsuleStep,
  capsuleWrap,
  type Compartment,
  hash,
  headerSecret,
  hex,
  keyInput,
  sealRecord,
} from './suite-1.ts'
import { ascii, ibeSeal, int, join } from './vetkd.ts'

/** LEB128. */
function number(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Uint8Array.from([...bytes, rest])
}
const signed = (value: number): Uint8Array => number(value < 0 ? -2 * value - 1 : 2 * value)
const text = (value: string): Uint8Array => join(number(ascii(value).length), ascii(value))
/** One by one: what needs no memory. */
const column = (values: readonly number[]): Uint8Array => join(number(1), ...values.map(signed))

export interface PlainSeries {
  readonly device: string
  readonly code: string
  readonly unit: string
  /** In the order of their time. */
  readonly readings: readonly { readonly timeMs: number; readonly value: number }[]
}

/** docs/readings.md, "Segment", the plainest way: one series, no optional column, whole numbers. */
export const plainSegment = ({ device, code, unit, readings }: PlainSeries): Uint8Array =>
  join(
    ascii('MGR1'),
    number(1),
    ...[device, code, unit].map(text),
    number(0), // components
    number(readings.length),
    number(0), // optional columns
    number(readings[0]?.timeMs ?? 0),
    number(1),
    column(readings.slice(1).map(({ timeMs }, i) => timeMs - (readings[i]?.timeMs ?? 0))),
    int(0, 1), // decimal places
    column(readings.map(({ value }) => value)),
  )

export interface Wire {
  readonly at: Compartment
  readonly sealingKey: Uint8Array
  readonly deviceId: Uint8Array
  readonly seq: number
  readonly series: PlainSeries
  readonly header: object
  /** All that is random. */
  readonly drawn: Readonly<
    Record<
      | 'capsuleId'
      | 'root'
      | 'ibeSeed'
      | 'recordId'
      | 'recordSecret'
      | 'streamSalt'
      | 'headerSalt'
      | 'headerNonce'
      | 'listWrapNonce'
      | 'openWrapNonce',
      Uint8Array
    >
  >
  readonly step: number
  readonly signingSeed: Uint8Array
  readonly authority: string
  readonly nowSeconds: number
}

/** What a device is given: "What it is given". No check of the sum: whoever is given a code wrongly copied reads nonsense. */
export function pairingOf(code: string) {
  const bytes = Buffer.from(code.slice('medguard-device:'.length), 'base64url')
  let at = 2
  const take = (length: number) => hex(bytes.subarray(at, (at += length)))
  const ids = { deviceId: take(16), patientId: take(16), cid: take(16) }
  const keys = { sealingKey: take(96), rootKey: take(96), privateKey: take(32) }
  const records = take(bytes[at++] ?? 0)
  return { ...ids, ...keys, records, url: bytes.toString('ascii', at, bytes.length - 4) }
}

/** RFC 8410: 32 bytes as a private key of Ed25519. */
const keyOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  })

/** What each step makes, in hexadecimal digits, in the order of the document. */
export function wire({ at, sealingKey, deviceId, seq, series, header, drawn, step, ...rest }: Wire) {
  const { capsuleId, root, ibeSeed, recordId, recordSecret, streamSalt, headerSalt, headerNonce } = drawn
  const clear = capsuleClear(capsuleId, at, 1024)
  const capsule = join(clear, ibeSeal(sealingKey, keyInput(at), root, ibeSeed))
  const { secret, key } = capsuleStep(root, clear, step)
  const segment = plainSegment(series)
  const of = { patientId: at.patientId, recordId, version: 1 }
  const nothing = new Uint8Array(32)
  const record = sealRecord({
    of,
    home: at,
    recordSecret,
    streamSalt,
    headerSalt,
    headerNonce,
    header,
    body: segment,
    chunkLog2: 16,
    keys: { list: nothing, open: nothing, capsule: nothing, search: nothing, check: nothing },
    wrapNonces: [new Uint8Array(12), new Uint8Array(12)],
    previousManifestHash: nothing,
  })
  const under = { key, at, of, capsuleId, step }
  const ofHeader = headerSecret(recordSecret, of)
  const listWrap = capsuleWrap({ ...under, tier: 1, nonce: drawn.listWrapNonce, secret: ofHeader })
  const openWrap = capsuleWrap({ ...under, tier: 2, nonce: drawn.openWrapNonce, secret: recordSecret })
  const [body = nothing] = record.chunks
  const batch = join(
    ascii('MGR1'),
    int(1, 1),
    int(0, 1),
    int(record.header.length, 2),
    deviceId,
    int(seq, 4),
    record.manifest,
    listWrap,
    openWrap,
    capsule,
    record.header,
    body,
  )
  const { authority, nowSeconds } = rest
  const request = { key: keyOf(rest.signingSeed), deviceId, authority, body: batch, nonce: String(seq), nowSeconds }
  const { headers } = signedRequest(request)
  return {
    keyInput: hex(keyInput(at)),
    capsule: hex(capsule),
    chainSecret: hex(secret),
    stepKey: hex(key),
    segment: hex(segment),
    headerSecret: hex(ofHeader),
    body: hex(body),
    header: hex(record.header),
    manifest: hex(record.manifest),
    manifestHash: hex(hash(record.manifest)),
    listWrap: hex(listWrap),
    openWrap: hex(openWrap),
    batch: hex(batch),
    contentDigest: headers['content-digest'],
    signatureInput: headers['signature-input'],
    signature: headers['signature'],
  }
}
