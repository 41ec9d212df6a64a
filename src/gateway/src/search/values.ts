import type { Held } from '../patients/held.ts'
import {
  convertToSearchableQuantities,
  convertToSearchableReferences,
  convertToSearchableTokens,
  evalFhirPathTyped,
  getSearchParameterDetails,
  toTypedValue,
  type TypedValue,
} from '../medplum.ts'
import { isObject, textAt } from '../json.ts'
import { dateRange, type DateRange } from './date-ranges.ts'
import type { Parameter } from './definitions.ts'

/** What one parameter finds in one resource. */
export interface Values {
  readonly tokens: readonly { readonly system?: string | undefined; readonly value?: string | undefined }[]
  /** Of a token: what people read. */
  readonly texts: readonly string[]
  readonly dates: readonly DateRange[]
  readonly strings: readonly string[]
  /** `Patient/<id>`, or an address elsewhere. */
  readonly references: readonly string[]
  /** Of references: who is meant, by what others call them. */
  readonly identifiers: readonly { readonly system?: string | undefined; readonly value?: string | undefined }[]
  readonly quantities: readonly { readonly value: number; readonly units: readonly string[]; readonly system: string }[]
  readonly isMissing: boolean
}

const NONE = { tokens: [], texts: [], dates: [], strings: [], references: [], identifiers: [], quantities: [] }
const TEXT = 'text'

/** Worked out once for a resource that is held, and kept beside it. */
export function valuesOf(held: Held, parameter: Parameter): Values {
  const known = held.index.get(parameter.code) as Values | undefined
  if (known !== undefined) return known
  const values = readOrNone(held, parameter)
  held.index.set(parameter.code, values)
  return values
}

/** Whoever may write to a vault may store what only calls itself a resource: it is found by what it has, and keeps nobody from finding the rest. */
function readOrNone(held: Held, parameter: Parameter): Values {
  try {
    return read(held, parameter)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { ...NONE, isMissing: true }
  }
}

function read({ resource, patientId }: Held, parameter: Parameter): Values {
  const details = getSearchParameterDetails(resource.resourceType, parameter)
  const found = evalFhirPathTyped(details.parsedExpression, [toTypedValue(resource)])
  const some = { ...NONE, isMissing: found.length === 0 }
  switch (parameter.type) {
    case 'token': {
      const tokens = convertToSearchableTokens(found, { textSearchSystem: TEXT })
      return {
        ...some,
        tokens: tokens.filter(({ system }) => system !== TEXT),
        texts: tokens.flatMap(({ system, value }) => (system === TEXT && value !== undefined ? [plain(value)] : [])),
      }
    }
    case 'date':
      return { ...some, dates: found.flatMap(({ value }) => datesIn(value)) }
    case 'string':
      return { ...some, strings: found.flatMap(stringsIn).map(plain) }
    case 'uri':
      return { ...some, strings: found.flatMap(({ value }) => (typeof value === 'string' ? [value] : [])) }
    case 'number':
    case 'quantity':
      return { ...some, quantities: convertToSearchableQuantities(found).flatMap(quantityIn) }
    case 'reference': {
      const references = convertToSearchableReferences(found).filter((each) => !each.startsWith('identifier:'))
      // All that is in somebody's vault is about them, whether it says so or not.
      const isOwn = parameter.code === 'patient' || (parameter.code === 'subject' && found.length === 0)
      const own = isOwn && references.length === 0 ? [`Patient/${patientId}`] : []
      return {
        ...some,
        references: [...references, ...own],
        identifiers: found.flatMap(({ value }) => identifierIn(value)),
        isMissing: found.length === 0 && own.length === 0,
      }
    }
  }
}

function datesIn(value: unknown): DateRange[] {
  if (typeof value === 'string') return [dateRange(value) ?? []].flat()
  const bounds = isObject(value) && isObject(value['repeat']) ? value['repeat']['boundsPeriod'] : value
  const events = isObject(value) && Array.isArray(value['event']) ? value['event'].flatMap(datesIn) : []
  const [start, end] = [textAt(bounds, 'start'), textAt(bounds, 'end')]
  if (start === null && end === null) return events
  const [from, until] = [start === null ? null : dateRange(start), end === null ? null : dateRange(end)]
  return [...events, { fromMs: from?.fromMs ?? -Infinity, untilMs: until?.untilMs ?? Infinity }]
}

/** Parts of a name or an address, each of which somebody may look for. */
const PARTS = [
  'text',
  'family',
  'given',
  'prefix',
  'suffix',
  'line',
  'city',
  'district',
  'state',
  'postalCode',
  'country',
]
function stringsIn({ value }: TypedValue): string[] {
  if (typeof value === 'string') return [value]
  if (!isObject(value)) return []
  return PARTS.flatMap((part) => {
    const text = value[part]
    return Array.isArray(text)
      ? text.filter((each) => typeof each === 'string')
      : typeof text === 'string'
        ? [text]
        : []
  })
}

function quantityIn({ value, unit, code, system = '' }: ReturnType<typeof convertToSearchableQuantities>[number]) {
  if (value === undefined) return []
  return [{ value, units: [code, unit].filter((each) => each !== undefined), system }]
}

function identifierIn(value: unknown) {
  const identifier = isObject(value) ? value['identifier'] : undefined
  if (!isObject(identifier)) return []
  return [{ system: textAt(identifier, 'system') ?? undefined, value: textAt(identifier, 'value') ?? undefined }]
}

/** As people look for words: neither case nor accents count. */
export const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase()
    .trim()
