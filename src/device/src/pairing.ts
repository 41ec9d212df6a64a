import { Ed25519KeyIdentity } from '@dfinity/identity'
import type { DeviceIdentity, DevicePairing } from '@medguard/client/for-devices'
import { decodePairingCode, fromHex, ID_BYTES, PAIRING_PREFIX, Principal, toHex } from '@medguard/protocol'
import { DeviceFault } from './fault.ts'

/** What a pairing code says, in bytes. With a key it is a secret as a whole. */
export interface Pairing {
  readonly url: string
  readonly rootKey: Uint8Array
  /** Text. */
  readonly records: string
  readonly deviceId: Uint8Array
  readonly patientId: Uint8Array
  readonly cid: Uint8Array
  readonly sealingKey: Uint8Array
  readonly algorithm: DevicePairing['algorithm']
  readonly publicKey: Uint8Array
  /** Null for a device that has its own key. */
  readonly privateKey: Uint8Array | null
}

const CODE_CHARS_MAX = 8_192
const LOOPBACK = /^(127(\.\d{1,3}){3}|([a-z0-9-]+\.)*localhost|\[::1\])$/

/** Reads a pairing code. @throws DeviceFault `BadPairing`, which says nothing of what the code holds. */
export function readPairing(code: string): Pairing {
  const text = code.trim()
  if (!text.startsWith(PAIRING_PREFIX) || text.length > CODE_CHARS_MAX)
    throw new DeviceFault('BadPairing', `a pairing code begins with ${PAIRING_PREFIX}`)
  const given = decodePairingCode(text)
  if (given !== null) {
    const { key, records, ...rest } = given
    if (!isOrigin(rest.url)) throw wrongAt('url')
    const privateKey = key.kind === 'private' ? key.bytes : null
    return {
      ...rest,
      url: new URL(rest.url).origin,
      records: Principal.fromUint8Array(records).toText(),
      algorithm: key.kind === 'P-256' ? key.kind : 'Ed25519',
      publicKey: privateKey === null ? key.bytes : publicKeyOf(privateKey),
      privateKey,
    }
  }
  let value: unknown
  try {
    const base64 = text.slice(PAIRING_PREFIX.length).replaceAll('-', '+').replaceAll('_', '/')
    value = JSON.parse(atob(base64))
  } catch {
    throw new DeviceFault('BadPairing', 'the pairing code is cut off, or not copied as it was') // what it holds is no part of the error
  }
  return checked(value)
}

const wrongAt = (name: string) => new DeviceFault('BadPairing', `the pairing code is wrong at: ${name}`)

/** A code as it was at first, in JSON: whoever was paired then keeps it. */
function checked(value: unknown): Pairing {
  const field = (name: string): unknown => fieldOf(value, name)
  const bytes = (name: string, length: number): Uint8Array => {
    const text = field(name)
    const found = typeof text === 'string' ? fromHex(text) : null
    if (found?.length !== length) throw wrongAt(name)
    return found
  }
  if (field('format') !== 1) throw wrongAt('format')
  const url = field('url')
  if (typeof url !== 'string' || !isOrigin(url)) throw wrongAt('url')
  const algorithm = field('algorithm')
  if (algorithm !== 'Ed25519' && algorithm !== 'P-256') throw wrongAt('algorithm')
  const pairing = {
    url: new URL(url).origin,
    rootKey: bytes('rootKey', 133),
    records: canisterIn(fieldOf(field('canisters'), 'records')) ?? '',
    deviceId: bytes('deviceId', ID_BYTES),
    patientId: bytes('patientId', ID_BYTES),
    cid: bytes('cid', ID_BYTES),
    sealingKey: bytes('sealingKey', 96),
    algorithm,
    publicKey: bytes('publicKey', algorithm === 'Ed25519' ? 32 : 65),
    privateKey: field('privateKey') === undefined ? null : bytes('privateKey', 32),
  } as const
  if (pairing.records === '') throw wrongAt('canisters')
  return pairing
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined

/** What is posted is sealed; who posts where is nobody's business on the way. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))
}

function canisterIn(text: unknown): string | null {
  try {
    return typeof text === 'string' ? Principal.fromText(text).toText() : null
  } catch {
    return null // a misspelt id: the whole code is refused
  }
}

/**
 * Who signs as the device.
 *
 * @param own of a device that made its key itself; else the key is in the code.
 * @throws DeviceFault `BadPairing` where key and code do not belong together.
 */
export function identityOf({ privateKey, publicKey }: Pairing, own: Uint8Array | null = null): DeviceIdentity {
  const seed = privateKey ?? own
  if (seed === null) throw new DeviceFault('BadPairing', 'the code is for a device with a key of its own')
  if (toHex(publicKeyOf(seed)) !== toHex(publicKey))
    throw new DeviceFault('BadPairing', 'the code is for another key than the device has')
  return Ed25519KeyIdentity.fromSecretKey(Uint8Array.from(seed))
}

/** Raw, of Ed25519. */
const publicKeyOf = (seed: Uint8Array): Uint8Array =>
  new Uint8Array(Ed25519KeyIdentity.fromSecretKey(Uint8Array.from(seed)).getPublicKey().toRaw())
