/** What a sealed header says, as JSON: docs/crypto.md, "Header fields". */
import { CryptoFault } from './fault.ts'

/** A code of a code system, as in FHIR `Coding`. */
export interface RecordCode {
  readonly system: string
  readonly code: string
  readonly display?: string
}

/** Another record version this one refers to; ids in lower-case hexadecimal. */
export interface RecordLink {
  readonly recordId: string
  readonly version: number
  readonly relation: string
}

/** Where a record came from that was stored elsewhere before: what that deployment said of it. */
export interface RecordOrigin {
  /** Lower-case hexadecimal, as the hash. */
  readonly recordId: string
  readonly version: number
  readonly manifestHash: string
  /** Principal that stored it there. */
  readonly storedBy?: string
  /** That was whoever the record is about: what somebody put back of their own. */
  readonly isOwn?: true
  /** RFC 3339 date-time, by that network's clock. */
  readonly storedAt?: string
}

/** Where in a body of several files the list of them is, and what it is: whoever opens one of them need not fetch the others. */
export interface RecordDirectory {
  /** Offset of its first byte; it goes on to the end of the body. */
  readonly start: number
  /** 64 hexadecimal digits. */
  readonly sha256: string
}

export interface RecordHeader {
  readonly title: string
  readonly mediaType: string
  /** Length before padding. */
  readonly bodyBytes: number
  /** SHA-256 of the body before padding, 64 hexadecimal digits. */
  readonly bodySha256: string
  /** RFC 3339 full date or date-time. */
  readonly clinicalDate?: string
  readonly codes?: readonly RecordCode[]
  /** Who made it, for display: a claim of the author. */
  readonly author?: string
  /** Whose record it is, for display: a claim of the author. */
  readonly subject?: string
  readonly fileName?: string
  /** Name of the category the author filed it under, so that a recipient can sort what is shared. */
  readonly category?: string
  /** When the author sealed it, RFC 3339 date-time, by the author's clock. */
  readonly createdAt?: string
  /** How the content was made shorter (`ENCODING`); absent means as is. Length and hash are the content's own. */
  readonly encoding?: string
  readonly links?: readonly RecordLink[]
  /** Of a body of several files. */
  readonly directory?: RecordDirectory
  /** What a list may say of readings without opening them (docs/readings.md, "Summary"): of an author's making, and looked at by whoever shows it. */
  readonly summary?: Readonly<Record<string, unknown>>
  /** Where it was stored first. */
  readonly origin?: RecordOrigin
  /** Where it was after that and before here, oldest first; at most `ORIGINS_VIA_MAX`. */
  readonly via?: readonly RecordOrigin[]
}
/** Of more places the oldest of these go. */
export const ORIGINS_VIA_MAX = 8
/** Of a summary as JSON. */
const SUMMARY_CHARS_MAX = 2_400

export function headerToJson(header: RecordHeader): string {
  return JSON.stringify(checkedHeader(header))
}

/**
 * Reads the JSON of a header that has already been authenticated; its author may still be hostile. Unknown fields are
 * dropped, so that a newer writer does not break an older reader.
 *
 * @throws CryptoFault BadFormat.
 */
export function headerFromJson(json: string): RecordHeader {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw new CryptoFault('BadFormat', 'the header is not JSON', { cause })
  }
  return checkedHeader(value)
}

function checkedHeader(value: unknown): RecordHeader {
  const from = fieldsOf(value)
  const bodySha256 = text(from, 'bodySha256')
  if (!/^[0-9a-f]{64}$/.test(bodySha256)) throw bad('bodySha256')
  return {
    title: text(from, 'title'),
    mediaType: text(from, 'mediaType'),
    bodyBytes: count(from, 'bodyBytes'),
    bodySha256,
    ...optionalText(from, 'clinicalDate'),
    ...optionalText(from, 'author'),
    ...optionalText(from, 'subject'),
    ...optionalText(from, 'fileName'),
    ...optionalText(from, 'category'),
    ...optionalText(from, 'createdAt'),
    ...optionalText(from, 'encoding'),
    ...(from['codes'] === undefined ? {} : { codes: list(from, 'codes').map(codeOf) }),
    ...(from['links'] === undefined ? {} : { links: list(from, 'links').map(linkOf) }),
    ...(from['directory'] === undefined ? {} : { directory: directoryOf(from['directory']) }),
    ...(from['summary'] === undefined ? {} : { summary: summaryOf(from['summary']) }),
    ...(from['origin'] === undefined ? {} : { origin: originOf(from['origin']) }),
    ...(from['via'] === undefined ? {} : { via: list(from, 'via').map(originOf).slice(-ORIGINS_VIA_MAX) }),
  }
}

type Fields = Readonly<Record<string, unknown>>

function codeOf(value: unknown): RecordCode {
  const from = fieldsOf(value)
  return { system: text(from, 'system'), code: text(from, 'code'), ...optionalText(from, 'display') }
}

function linkOf(value: unknown): RecordLink {
  const from = fieldsOf(value)
  const recordId = text(from, 'recordId')
  if (!/^[0-9a-f]{32}$/.test(recordId)) throw bad('recordId')
  return { recordId, version: count(from, 'version'), relation: text(from, 'relation') }
}

function directoryOf(value: unknown): RecordDirectory {
  const from = fieldsOf(value)
  const sha256 = text(from, 'sha256')
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw bad('directory')
  return { start: count(from, 'start'), sha256 }
}

function summaryOf(value: unknown): Fields {
  const from = fieldsOf(value)
  if (JSON.stringify(from).length > SUMMARY_CHARS_MAX) throw bad('summary')
  return from
}

function originOf(value: unknown): RecordOrigin {
  const from = fieldsOf(value)
  const recordId = text(from, 'recordId')
  const manifestHash = text(from, 'manifestHash')
  if (!/^[0-9a-f]{32}$/.test(recordId) || !/^[0-9a-f]{64}$/.test(manifestHash)) throw bad('origin')
  return {
    recordId,
    version: count(from, 'version'),
    manifestHash,
    ...optionalText(from, 'storedBy'),
    ...(from['isOwn'] === true ? { isOwn: true } : {}),
    ...optionalText(from, 'storedAt'),
  }
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('an object')
  return value as Fields
}

function text(from: Fields, name: string): string {
  const value = from[name]
  if (typeof value !== 'string') throw bad(name)
  return value
}

function optionalText<Name extends string>(from: Fields, name: Name): { readonly [key in Name]?: string } {
  return from[name] === undefined ? {} : ({ [name]: text(from, name) } as { readonly [key in Name]?: string })
}

function count(from: Fields, name: string): number {
  const value = from[name]
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw bad(name)
  return value
}

function list(from: Fields, name: string): unknown[] {
  const value = from[name]
  if (!Array.isArray(value)) throw bad(name)
  return value
}

function bad(name: string): CryptoFault {
  return new CryptoFault('BadFormat', `the header is wrong at: ${name}`)
}
