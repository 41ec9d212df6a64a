// Requests of the HTTPS interface, built by hand: interface specification, "Authentication", "Request ids", "CBOR". No client library
// takes part, so every field can be wrong on its own.
import { createHash } from 'node:crypto'
import { decode, encode } from 'cborg'
import type { Signer } from './keys.fixture.ts'

/** What a request may hold. Undefined fields are left out. */
export type Value = string | number | bigint | Uint8Array | readonly Value[] | Fields
export interface Fields {
  readonly [name: string]: Value | undefined
}

export const SECOND_NS = 1_000_000_000n
export const ANONYMOUS = Uint8Array.of(4)
export const MANAGEMENT = new Uint8Array(0)
const SELF_DESCRIBED = Uint8Array.of(0xd9, 0xd9, 0xf7)

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
export const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
export const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
export const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
/** A length byte and the name. */
export const separator = (name: string): Uint8Array => concat(Uint8Array.of(name.length), utf8(name))
export const nowNs = (): bigint => BigInt(Date.now()) * 1_000_000n

export function leb128(value: bigint | number): Uint8Array {
  const bytes = []
  let rest = BigInt(value)
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  return Uint8Array.from([...bytes, Number(rest)])
}

export function fromLeb128(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 7n) | BigInt(byte & 0x7f), 0n)
}

/** CBOR with the self-describing tag in front. */
export const toCbor = (value: Value): Uint8Array => concat(SELF_DESCRIBED, encode(present(value)))

function present(value: Value): unknown {
  if (Array.isArray(value)) return value.map((item: Value) => present(item))
  if (typeof value !== 'object' || value instanceof Uint8Array) return value
  return new Map(
    Object.entries(value as Fields).flatMap(([key, item]) => (item === undefined ? [] : [[key, present(item)]])),
  )
}

/** Maps as `Map`. @throws Error for what is no CBOR or carries no tag 55799 where `tagged` asks for it. */
export function fromCbor(bytes: Uint8Array, tagged = true): unknown {
  const hasTag = SELF_DESCRIBED.every((byte, index) => bytes[index] === byte)
  if (tagged && !hasTag) throw new Error('the CBOR does not describe itself')
  return decode(hasTag ? bytes.subarray(SELF_DESCRIBED.length) : bytes, { useMaps: true, rejectDuplicateMapKeys: true })
}

/** Representation-independent hash of a map, 32 bytes; of a request's content it is the request id. */
export function hashOfMap(map: Fields): Uint8Array {
  const entries = Object.entries(map).flatMap(([key, value]) =>
    value === undefined ? [] : [Buffer.from(concat(sha256(utf8(key)), hashOf(value)))],
  )
  return sha256(concat(...entries.toSorted((a, b) => Buffer.compare(a, b))))
}

function hashOf(value: Value): Uint8Array {
  if (value instanceof Uint8Array) return sha256(value)
  if (typeof value === 'string') return sha256(utf8(value))
  if (typeof value === 'number' || typeof value === 'bigint') return sha256(leb128(value))
  if (Array.isArray(value)) return sha256(concat(...value.map((item: Value) => hashOf(item))))
  return hashOfMap(value as Fields)
}

/** Who sends: a principal, and the fields of the envelope that prove it. */
export interface Identity {
  readonly principal: Uint8Array
  readonly seal: (content: Fields) => Fields
}

export const anonymous: Identity = { principal: ANONYMOUS, seal: () => ({}) }

export const selfAuthenticating = (publicKeyDer: Uint8Array): Uint8Array =>
  concat(new Uint8Array(createHash('sha224').update(publicKeyDer).digest()), Uint8Array.of(2))

export const requestSignature = (signer: Signer, content: Fields): Uint8Array =>
  signer.sign(concat(separator('ic-request'), hashOfMap(content)))

/** The principal of the signer's key; with a chain, that of `root`, whose key starts the chain that ends at the signer. */
export function identityOf(
  signer: Signer,
  { root = signer, chain }: { root?: Signer; chain?: readonly Fields[] } = {},
): Identity {
  return {
    principal: selfAuthenticating(root.publicKeyDer),
    seal: (content) => ({
      sender_pubkey: root.publicKeyDer,
      sender_sig: requestSignature(signer, content),
      sender_delegation: chain,
    }),
  }
}

/** A delegation, signed. @param fields `expiration`, and perhaps `targets` and `permissions`. */
export function delegate(from: Signer, to: Signer, fields: Fields): Fields {
  const delegation = { pubkey: to.publicKeyDer, ...fields }
  return { delegation, signature: from.sign(concat(separator('ic-request-auth-delegation'), hashOfMap(delegation))) }
}

/** A signed request. @param change replaces or removes fields of the envelope once everything is signed. */
export function envelope(content: Fields, identity: Identity, change: Fields = {}): Uint8Array {
  return toCbor({ content, ...identity.seal(content), ...change })
}
