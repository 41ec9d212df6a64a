import { CandidWire, WIRE } from '@medguard/protocol'
import { type Encoder, encoder } from '../candid-codec.ts'
import { writeBlob, writeBool, writeByte, writeText, writeVec } from '../candid-write.ts'

// The gateway's two types (src/protocol/src/http.ts), by hand: gateways describe them in their own order, and of the many header fields of a request only those are read
// that somebody asks for.

export interface HttpRequest {
  /** In capitals, as the gateway has it. */
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly body: Uint8Array
  /** Those that were asked for, by lower-case name. */
  readonly fields: ReadonlyMap<string, string>
  /** One of them came more than once. */
  readonly isRepeated: boolean
}
export interface HttpResponse {
  readonly status: number
  readonly fields: readonly (readonly [string, string])[]
  readonly body: Uint8Array
  /** Of a query: ask again by `http_request_update`, and take no notice of the rest. */
  readonly upgrade?: boolean
}

/** Hashes of the names of fields, by which Candid knows them. */
const FIELD = { url: 5_843_823, method: 156_956_385, body: 1_092_319_906, headers: 1_661_489_734 } as const
/** What may stand in a table: our four types, and what gateways know beyond them. */
const TABLE = { types: 12, fields: 12 } as const
/** For the table, and for fields that we do not know. */
const STEPS_MAX = 128
/** More than a client and the proxies before us send. */
const FIELDS_MAX = 48
const URL_BYTES_MAX = 2048
const VALUE_BYTES_MAX = 1024
const NO_FIELDS: ReadonlyMap<string, string> = new Map()

/** Thrown and caught here, and made once. */
const BAD_REQUEST = new Error('bytes are no request')

/**
 * @param names of the fields that are read, in lower case.
 * @returns null for bytes that are no request, or have more fields than a request has. Never throws.
 */
export function readHttpRequest(bytes: Uint8Array, names: ReadonlySet<string>): HttpRequest | null {
  try {
    return read(new CandidWire(bytes, STEPS_MAX, TABLE), names)
  } catch (error) {
    if (error === BAD_REQUEST) return null
    throw error
  }
}

function read(wire: CandidWire, names: ReadonlySet<string>): HttpRequest {
  const type = (wire.readTypes() ? wire.readArgumentTypes(1) : null)?.[0]
  need(type !== undefined && type >= 0 && wire.kinds[type] === WIRE.record)
  const parts = wire.parts[type] ?? []
  const found: { -readonly [K in keyof HttpRequest]?: HttpRequest[K] } = {}
  for (const [i, id] of (wire.ids[type] ?? []).entries()) {
    const part = parts[i] ?? WIRE.null
    if (id === FIELD.url || id === FIELD.method) {
      need(part === WIRE.text)
      found[id === FIELD.url ? 'url' : 'method'] = textOf(bytesOf(wire), URL_BYTES_MAX)
    } else if (id === FIELD.body) {
      need(wire.kinds[part] === WIRE.vec && wire.parts[part]?.[0] === WIRE.nat8)
      found.body = bytesOf(wire)
    } else if (id === FIELD.headers) {
      const pair = wire.kinds[part] === WIRE.vec ? (wire.parts[part]?.[0] ?? WIRE.null) : WIRE.null
      const [first, second, ...others] = wire.kinds[pair] === WIRE.record ? (wire.parts[pair] ?? []) : []
      need(first === WIRE.text && second === WIRE.text && others.length === 0)
      Object.assign(found, readFields(wire, names))
    } else need(wire.walk(part, 1))
  }
  const { url, method, body, fields, isRepeated = false } = found
  need(wire.isAtEnd() && url !== undefined && method !== undefined && body !== undefined && fields !== undefined)
  return { url, method, body, fields, isRepeated }
}

function readFields(wire: CandidWire, names: ReadonlySet<string>): Pick<HttpRequest, 'fields' | 'isRepeated'> {
  const count = wire.leb()
  need(count >= 0 && count <= FIELDS_MAX)
  if (count === 0) return { fields: NO_FIELDS, isRepeated: false }
  const charsMax = Math.max(...[...names].map(({ length }) => length))
  const fields = new Map<string, string>()
  let isRepeated = false
  for (let i = 0; i < count; i++) {
    const nameBytes = bytesOf(wire)
    const value = bytesOf(wire)
    if (nameBytes.length > charsMax) continue
    const name = latin1(nameBytes).toLowerCase()
    // Nobody looks at a value of what came twice.
    if (fields.has(name)) isRepeated = true
    else if (names.has(name)) fields.set(name, textOf(value, VALUE_BYTES_MAX))
  }
  return { fields, isRepeated }
}

function textOf(bytes: Uint8Array, bytesMax: number): string {
  need(bytes.length <= bytesMax)
  return latin1(bytes)
}
/** As header fields are. What is beyond ASCII means nothing to us, so nobody has to see whether it is UTF-8, which costs four times as much. */
const latin1 = (bytes: Uint8Array): string => String.fromCharCode.apply(null, bytes as unknown as number[])
/** A length, and as many bytes. */
function bytesOf(wire: CandidWire): Uint8Array {
  const length = wire.leb()
  const start = wire.at
  need(length >= 0 && length <= wire.end - start)
  wire.at = start + length
  return wire.bytes.subarray(start, wire.at)
}
function need(holds: boolean): asserts holds {
  if (!holds) throw BAD_REQUEST
}

/** Table and type of a response as the Candid library writes them; a test compares. On the wire: body, headers, upgrade, status_code. */
const RESPONSE_HEADER = [
  1279543620, 1820028165, 24182786, 1845587313, -1576768386, 76082677, -1583036928, -1677588840, 110741225, -1298032125,
  24775929, 4,
]
const RESPONSE_HEADER_BYTES = 45

export const httpResponseEncoder: Encoder<HttpResponse> = encoder<HttpResponse>(
  () => RESPONSE_HEADER,
  RESPONSE_HEADER_BYTES,
  ({ status, fields, body, upgrade }) => {
    writeBlob(body)
    writeVec(fields, ([name, value]) => {
      writeText(name)
      writeText(value)
    })
    writeByte(upgrade === undefined ? 0 : 1)
    if (upgrade !== undefined) writeBool(upgrade)
    writeByte(status & 0xff)
    writeByte(status >>> 8)
  },
)
