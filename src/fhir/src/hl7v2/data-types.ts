import type {
  Address,
  CodeableConcept,
  Coding,
  ContactPoint,
  HumanName,
  Identifier,
  Quantity,
} from '@medplum/fhirtypes'
import { systemOf, UCUM, v2Table } from './code-systems.ts'
import type { Segment, Value } from './message.ts'
import { PROBLEM, wrongContent } from './problem.ts'

// Data types of HL7 v2 as those of FHIR, after HL7's published mapping of each. Undefined where nothing is said.

/** Leaves out what is absent, and what has nothing in it: FHIR has no empty elements. */
export function present<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  const kept = Object.entries(value).filter(([, each]) => !isNothing(each))
  return Object.fromEntries(kept) as T
}
const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0)

const some = <T extends object>(value: T): T | undefined => (isNothing(value) ? undefined : value)
/** Undefined for none: a list in FHIR has at least one. */
export const listOf = <T>(values: readonly (T | undefined)[]): T[] | undefined => {
  const found = values.filter((value) => value !== undefined)
  return found.length === 0 ? undefined : found
}

const OID = /^[0-2](\.(0|[1-9]\d*))+$/
/** HD: `urn:oid:…` where it is one; a local name is no system that anybody else knows. */
function hdSystem(name: string | undefined, id: string | undefined, type: string | undefined): string | undefined {
  const oid = [id, name].find((each) => each !== undefined && OID.test(each))
  if (oid !== undefined) return `urn:oid:${oid}`
  if (type === 'UUID' && id !== undefined && /^[\da-f-]{36}$/i.test(id)) return `urn:uuid:${id.toLowerCase()}`
  return type === 'URI' && id !== undefined && /^[a-z][a-z\d+.-]*:\S+$/i.test(id) ? id : undefined
}

/** An identifier as its sender names it, by which a patient is matched: the authority by its universal id, else by its local name. */
export interface SentIdentifier {
  readonly value: string
  /** Empty where none is named. */
  readonly authority: string
  readonly type: string
}
export const sentIdentifier = (cx: Value): SentIdentifier | undefined => {
  const value = cx.part(1, 1)
  return value === undefined
    ? undefined
    : { value, authority: cx.part(4, 2) ?? cx.part(4, 1) ?? '', type: cx.part(5) ?? '' }
}

/** CX. */
export function identifierOf(cx: Value | undefined): Identifier | undefined {
  const value = cx?.part(1, 1)
  if (cx === undefined || value === undefined) return undefined
  const name = cx.part(4, 1)
  const type = cx.part(5)
  return present<Identifier>({
    type: type === undefined ? undefined : { coding: [{ system: v2Table('0203'), code: codeWord(type) }] },
    system: hdSystem(name, cx.part(4, 2), cx.part(4, 3)),
    value,
    assigner: name === undefined ? undefined : { display: name },
  })
}

/** EI: of an order, a document, an appointment. */
export function entityIdentifier(ei: Value | undefined, type?: 'PLAC' | 'FILL'): Identifier | undefined {
  const value = ei?.part(1, 1)
  if (ei === undefined || value === undefined) return undefined
  const name = ei.part(2, 1)
  return present<Identifier>({
    type: type === undefined ? undefined : { coding: [{ system: v2Table('0203'), code: type }] },
    system: hdSystem(name, ei.part(3), ei.part(4)),
    value,
    assigner: name === undefined ? undefined : { display: name },
  })
}

/** FHIR's codes have no space at an end and no two in a row. */
const codeWord = (text: string): string => text.replaceAll(/\s+/g, ' ')

function codingOf(cwe: Value, from: number, defaultSystem?: string): Coding | undefined {
  const code = cwe.part(from)
  const display = cwe.part(from + 1)
  const name = cwe.part(from + 2)
  if (code === undefined) return undefined
  return some(
    present<Coding>({
      system: systemOf(name) ?? (name === undefined ? defaultSystem : undefined),
      code: codeWord(code),
      display,
    }),
  )
}

/** CWE, CE, CNE and coded words. @param defaultSystem of codes that name none. */
export function conceptOf(cwe: Value | undefined, defaultSystem?: string): CodeableConcept | undefined {
  if (cwe === undefined) return undefined
  const text = cwe.part(9) ?? cwe.part(2) ?? cwe.part(5) ?? cwe.part(1)
  return some(present<CodeableConcept>({ coding: listOf([codingOf(cwe, 1, defaultSystem), codingOf(cwe, 4)]), text }))
}

const NAME_USES: Readonly<Record<string, HumanName['use']>> = {
  L: 'official',
  D: 'usual',
  M: 'maiden',
  N: 'nickname',
  A: 'anonymous',
  T: 'temp',
}
/** XPN. */
export function nameOf(xpn: Value): HumanName | undefined {
  const given = [xpn.part(2), ...(xpn.part(3)?.split(/\s+/) ?? [])]
  return some(
    present<HumanName>({
      use: NAME_USES[xpn.part(7) ?? ''],
      family: xpn.part(1, 1),
      given: listOf(given),
      prefix: listOf([xpn.part(5)]),
      suffix: listOf([xpn.part(4), xpn.part(6)]),
    }),
  )
}

const ADDRESS_USES: Readonly<Record<string, Address['use']>> = { H: 'home', B: 'work', O: 'work', C: 'temp', BA: 'old' }
/** XAD. */
export function addressOf(xad: Value): Address | undefined {
  const type = xad.part(7) ?? ''
  return some(
    present<Address>({
      use: ADDRESS_USES[type],
      type: type === 'M' ? 'postal' : undefined,
      line: listOf([xad.part(1, 1), xad.part(2)]),
      city: xad.part(3),
      district: xad.part(9),
      state: xad.part(4),
      postalCode: xad.part(5),
      country: xad.part(6),
    }),
  )
}

const TELECOM_SYSTEMS: Readonly<Record<string, ContactPoint['system']>> = {
  PH: 'phone',
  CP: 'phone',
  FX: 'fax',
  BP: 'pager',
  INTERNET: 'email',
  'X.400': 'email',
  SAT: 'phone',
  MD: 'other',
  TDD: 'other',
  TTY: 'other',
}
const TELECOM_USES: Readonly<Record<string, ContactPoint['use']>> = {
  PRN: 'home',
  ORN: 'home',
  VHN: 'home',
  WPN: 'work',
  PRS: 'mobile',
}
/** XTN. */
export function telecomOf(xtn: Value): ContactPoint | undefined {
  const equipment = (xtn.part(3) ?? '').toUpperCase()
  const [country, area, local, extension] = [xtn.part(5), xtn.part(6), xtn.part(7), xtn.part(8)]
  const dialled = [country === undefined ? undefined : `+${country.replace(/^\+/, '')}`, area, local]
  const parts = dialled.filter((part) => part !== undefined).join(' ')
  const value = xtn.part(4) ?? xtn.part(12) ?? xtn.part(1) ?? (parts === '' ? undefined : parts)
  if (value === undefined) return undefined
  const isMail = xtn.part(4) !== undefined || xtn.part(2) === 'NET'
  return present<ContactPoint>({
    system: isMail ? 'email' : (TELECOM_SYSTEMS[equipment] ?? 'phone'),
    value: extension === undefined || isMail ? value : `${value} x${extension}`,
    use: equipment === 'CP' ? 'mobile' : TELECOM_USES[xtn.part(2) ?? ''],
  })
}

/** Somebody or something that is not in the bundle. */
export interface ByName {
  identifier?: Identifier
  display?: string
}
/** XCN: somebody by name, and by the number that the sender knows them under. */
export function personOf(xcn: Value | undefined): ByName | undefined {
  if (xcn === undefined) return undefined
  const names = [xcn.part(6), xcn.part(3), xcn.part(4), xcn.part(2, 1), xcn.part(5)].filter(
    (part) => part !== undefined,
  )
  const value = xcn.part(1, 1)
  const system = hdSystem(xcn.part(9, 1), xcn.part(9, 2), xcn.part(9, 3))
  const identifier = value === undefined || names.length === 0 ? undefined : present<Identifier>({ system, value })
  const display = names.length > 0 ? names.join(' ') : value
  return some(present<ByName>({ identifier, display }))
}

/** PL: where somebody is, in the sender's words. */
export function placeOf(pl: Value | undefined): string | undefined {
  const parts = [pl?.part(4, 1), pl?.part(7), pl?.part(8), pl?.part(1, 1), pl?.part(2, 1), pl?.part(3, 1), pl?.part(9)]
  const told = parts.filter((part) => part !== undefined)
  return told.length === 0 ? undefined : told.join(', ')
}

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)$/
/** NM. @throws Hl7Problem for what is no number. */
export function numberOf(text: string | undefined, at: string): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!NUMBER.test(text) || !Number.isFinite(value)) throw wrongContent(PROBLEM.dataType, at, 'not a number')
  return value
}

/** A number in the unit that a field names. */
export function quantityOf(value: number | undefined, unit: Value | undefined): Quantity | undefined {
  if (value === undefined) return undefined
  const code = unit?.part(1)
  const isUcum = systemOf(unit?.part(3)) === UCUM
  return present<Quantity>({
    value,
    unit: unit?.part(2) ?? code,
    system: isUcum ? UCUM : undefined,
    code: isUcum ? code : undefined,
  })
}

/** Notes that follow a segment, in their order. */
export const notesOf = (notes: readonly Segment[]): { text: string }[] | undefined =>
  listOf(
    notes.map((note) => {
      const text = note
        .all(3)
        .map(({ whole }) => whole)
        .join('\n')
      return text === '' ? undefined : { text }
    }),
  )
