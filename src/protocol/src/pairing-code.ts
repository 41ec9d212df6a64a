import { fromBase64, toBase64 } from './base64.ts'
import { ascii, ByteReader, ByteWriter, equalBytes, fromHex } from './bytes.ts'
import { ID_BYTES } from './limits.ts'

/** All that a device is given, in one line of some 430 characters (docs/device-wire.md, "What it is given"). */
export interface PairingCode {
  /** Origin of the network's gateway. */
  readonly url: string
  /** DER, 133 bytes. */
  readonly rootKey: Uint8Array
  /** Id of the records canister, in bytes. */
  readonly records: Uint8Array
  /** 16 bytes each. */
  readonly deviceId: Uint8Array
  readonly patientId: Uint8Array
  readonly cid: Uint8Array
  /** 96 bytes. */
  readonly sealingKey: Uint8Array
  /** Private (Ed25519, 32 bytes) where it was made for the device; else the public one of the key that it has, 32 or 65 bytes. */
  readonly key: { readonly kind: KeyKind; readonly bytes: Uint8Array }
}
type KeyKind = 'private' | 'Ed25519' | 'P-256'

export const PAIRING_PREFIX = 'medguard-device:'
const FORMAT = 2
/** In the order of their numbers. */
const KEYS = [
  { kind: 'private', sizeBytes: 32 },
  { kind: 'Ed25519', sizeBytes: 32 },
  { kind: 'P-256', sizeBytes: 65 },
] as const satisfies readonly { kind: KeyKind; sizeBytes: number }[]
const BLS_KEY_BYTES = 96
const CANISTER_ID_BYTES_MAX = 29
const CHECK_BYTES = 4
/** How every root key begins (the interface specification, "Certificates"). */
const rootKeyHead = () =>
  fromHex('308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100') ?? ascii('')

/**
 * `02 || kind of key(1) || deviceId(16) || patientId(16) || cid(16) || sealing key(96) || root key(96) || key || n(1) || records(n) || url || CRC-32 of all that`,
 * in base64url.
 *
 * @throws RangeError for parts of other lengths, a root key that is none, and a url beyond ASCII.
 */
export function encodePairingCode({ url, rootKey, records, key, ...of }: PairingCode): string {
  const kind = KEYS.findIndex((one) => one.kind === key.kind)
  const head = rootKeyHead()
  const ids = [of.deviceId, of.patientId, of.cid]
  const isRight =
    ids.every(({ length }) => length === ID_BYTES) &&
    of.sealingKey.length === BLS_KEY_BYTES &&
    rootKey.length === head.length + BLS_KEY_BYTES &&
    equalBytes(rootKey.subarray(0, head.length), head) &&
    key.bytes.length === KEYS[kind]?.sizeBytes &&
    records.length <= CANISTER_ID_BYTES_MAX &&
    isPlain(url)
  if (!isRight) throw new RangeError('no pairing of a device')
  const sizeBytes = 2 + 3 * ID_BYTES + 2 * BLS_KEY_BYTES + key.bytes.length + 1 + records.length + url.length
  const writer = new ByteWriter(sizeBytes + CHECK_BYTES).u8(FORMAT).u8(kind)
  for (const id of ids) writer.raw(id)
  writer.raw(of.sealingKey).raw(rootKey.subarray(head.length)).raw(key.bytes)
  writer.u8(records.length).raw(records).raw(ascii(url))
  writer.u32(crc32(writer.bytes.subarray(0, sizeBytes)))
  return PAIRING_PREFIX + toBase64(writer.done()).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** @returns null for what is cut off, copied wrongly, or no such code. What the url says is not looked at. */
export function decodePairingCode(text: string): PairingCode | null {
  if (!text.startsWith(PAIRING_PREFIX)) return null
  const base64 = text.slice(PAIRING_PREFIX.length).replaceAll('-', '+').replaceAll('_', '/')
  const bytes = fromBase64(base64.padEnd(Math.ceil(base64.length / 4) * 4, '='))
  if (bytes === null || bytes.length < CHECK_BYTES) return null
  const sizeBytes = bytes.length - CHECK_BYTES
  const reader = new ByteReader(bytes.subarray(0, sizeBytes))
  const check = new ByteReader(bytes.subarray(sizeBytes)).u32()
  const format = reader.u8()
  const kind = KEYS[reader.u8()]
  if (format !== FORMAT || kind === undefined || check !== crc32(reader.bytes)) return null
  const [deviceId, patientId, cid] = [reader.raw(ID_BYTES), reader.raw(ID_BYTES), reader.raw(ID_BYTES)]
  const sealingKey = reader.raw(BLS_KEY_BYTES)
  const head = rootKeyHead()
  const rootKey = new Uint8Array(head.length + BLS_KEY_BYTES)
  rootKey.set(head)
  rootKey.set(reader.raw(BLS_KEY_BYTES), head.length)
  const key = { kind: kind.kind, bytes: reader.raw(kind.sizeBytes) }
  const records = reader.raw(reader.u8())
  if (!reader.ok || records.length > CANISTER_ID_BYTES_MAX) return null
  const url = String.fromCharCode(...reader.raw(sizeBytes - reader.offset))
  return isPlain(url) ? { url, rootKey, records, deviceId, patientId, cid, sealingKey, key } : null
}

const isPlain = (url: string): boolean => /^[!-~]{1,255}$/.test(url)

/** ISO 3309, reflected, polynomial 0xEDB88320: tells a slip, and nothing of intent. Bit by bit, since a code is short. */
function crc32(bytes: Uint8Array): number {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1
  }
  return ~crc >>> 0
}
