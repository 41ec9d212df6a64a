import { numberText, t } from '../words/language.ts'
import { at, firstText, type Json, listAt, numberAt, textAt } from './json-paths.ts'

// FHIR R4 data types as words. Narrative (`text.div`) is HTML from elsewhere and is never read.

/** CodeableConcept (FHIR R4, 2.24.0.7): its text, else the first display, else the first code. */
export function conceptText(concept: Json): string | null {
  const codings = listAt(concept, 'coding')
  const shown = (field: string) => codings.map((coding) => textAt(coding, field)).find((text) => text !== null) ?? null
  return textAt(concept, 'text') ?? shown('display') ?? shown('code')
}

/** Standard code behind a concept, with the name of its list where we know it: `LOINC 4548-4`. */
export function codeText(concept: Json): string | null {
  for (const coding of listAt(concept, 'coding')) {
    const code = textAt(coding, 'code')
    if (code === null) continue
    const list = CODE_LISTS[textAt(coding, 'system') ?? '']
    return list === undefined ? code : `${list} ${code}`
  }
  return null
}
const CODE_LISTS: Readonly<Record<string, string>> = {
  'http://loinc.org': 'LOINC',
  'http://snomed.info/sct': 'SNOMED CT',
  'http://www.nlm.nih.gov/research/umls/rxnorm': 'RxNorm',
  'http://hl7.org/fhir/sid/cvx': 'CVX',
  'http://hl7.org/fhir/sid/icd-10': 'ICD-10',
}

/** Generators write 15 digits; people read four significant ones, and whole numbers whole. The original stays in the JSON. */
export function quantityNumber(value: number): string {
  const digits = Math.abs(value) >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 }
  return numberText(value, digits)
}

/** UCUM codes that people write otherwise; annotations (`{score}`) are words already. */
const UNITS: Readonly<Record<string, string>> = {
  'mm[Hg]': 'mmHg',
  Cel: '°C',
  '[degF]': '°F',
  '[lb_av]': 'lb',
  '[in_i]': 'in',
  'kg/m2': 'kg/m²',
  '10*3/uL': '10³/µL',
  '10*6/uL': '10⁶/µL',
  '{#}': '',
}
const unitText = (unit: string) => UNITS[unit] ?? unit.replace(/^\{(.*)\}$/, '$1')

/** Quantity: comparator, number and unit, the unit always. */
export function quantityText(quantity: Json): string | null {
  const value = numberAt(quantity, 'value')
  if (value === null) return null
  const unit = firstText(quantity, ['unit', 'code'])
  const comparator = textAt(quantity, 'comparator') ?? ''
  return `${comparator}${quantityNumber(value)}${unit === null || unit === '1' ? '' : ` ${unitText(unit)}`}`
}

/** The `value[x]` of an Observation or one of its components; null when there is none. */
export function observationValue(holder: Json): string | null {
  const quantity = quantityText(at(holder, 'valueQuantity'))
  if (quantity !== null) return quantity
  const concept = conceptText(at(holder, 'valueCodeableConcept'))
  if (concept !== null) return concept
  const whole = numberAt(holder, 'valueInteger')
  if (whole !== null) return quantityNumber(whole)
  const flag = at(holder, 'valueBoolean')
  if (typeof flag === 'boolean') return t(flag ? 'fhir.yes' : 'fhir.no')
  const low = quantityText(at(holder, 'valueRange', 'low'))
  const high = quantityText(at(holder, 'valueRange', 'high'))
  if (low !== null || high !== null) return rangeText(low, high)
  return firstText(holder, ['valueString', 'valueDateTime', 'valueTime'])
}

export function rangeText(low: string | null, high: string | null): string {
  if (low === null) return high === null ? '' : t('fhir.upTo', { high })
  return high === null ? t('fhir.from', { low }) : t('fhir.range', { low, high })
}

/** Reference range of an Observation: its text, else the two bounds. */
export function referenceText(observation: Json): string | null {
  const range = at(observation, 'referenceRange', 0)
  const text = textAt(range, 'text')
  if (text !== null) return text
  const low = quantityText(at(range, 'low'))
  const high = quantityText(at(range, 'high'))
  return low === null && high === null ? null : rangeText(low, high)
}

/** HL7 v3 ObservationInterpretation codes worth a word; normal ones say nothing. */
const FLAGS = {
  H: 'high',
  HH: 'veryHigh',
  HU: 'veryHigh',
  L: 'low',
  LL: 'veryLow',
  LU: 'veryLow',
  A: 'abnormal',
  AA: 'veryAbnormal',
  POS: 'positive',
} as const
const isFlag = (code: string): code is keyof typeof FLAGS => Object.hasOwn(FLAGS, code)
export type FhirFlag = (typeof FLAGS)[keyof typeof FLAGS]

export function flagOf(observation: Json): FhirFlag | null {
  for (const interpretation of listAt(observation, 'interpretation')) {
    for (const coding of listAt(interpretation, 'coding')) {
      const code = textAt(coding, 'code') ?? ''
      if (isFlag(code)) return FLAGS[code]
    }
  }
  return null
}

/** Codes of status, criticality and gender (FHIR R4 value sets) that have a word of ours; the others are shown as they are. */
const CODES = {
  active: 'active',
  inactive: 'inactive',
  recurrence: 'recurrence',
  relapse: 'relapse',
  remission: 'remission',
  resolved: 'resolved',
  final: 'final',
  preliminary: 'preliminary',
  registered: 'registered',
  amended: 'amended',
  corrected: 'corrected',
  completed: 'completed',
  finished: 'finished',
  planned: 'planned',
  'in-progress': 'inProgress',
  'on-hold': 'onHold',
  stopped: 'stopped',
  cancelled: 'cancelled',
  draft: 'draft',
  intended: 'intended',
  'not-taken': 'notTaken',
  'not-done': 'notDone',
  'entered-in-error': 'enteredInError',
  unknown: 'unknown',
  current: 'current',
  superseded: 'superseded',
  available: 'available',
  proposed: 'proposed',
  accepted: 'accepted',
  low: 'low',
  high: 'high',
  'unable-to-assess': 'unableToAssess',
  male: 'male',
  female: 'female',
  other: 'other',
} as const
const isCode = (code: string): code is keyof typeof CODES => Object.hasOwn(CODES, code)

export const codeWord = (code: string | null): string | null =>
  code !== null && isCode(code) ? t(`fhirCodes.${CODES[code]}`) : capitalised(code)

export const capitalised = (text: string | null): string | null =>
  text === null || text === '' ? null : text.charAt(0).toUpperCase() + text.slice(1).replaceAll('-', ' ')

/** HumanName: its text, else given and family names. */
export function nameText(name: Json): string | null {
  const written = textAt(name, 'text')
  if (written !== null) return written
  const given = listAt(name, 'given').filter((part): part is string => typeof part === 'string')
  const parts = [...given, textAt(name, 'family')].filter((part) => part !== null)
  return parts.length === 0 ? null : parts.join(' ')
}

const WHEN_FIELDS = [
  'effectiveDateTime',
  'performedDateTime',
  'occurrenceDateTime',
  'onsetDateTime',
  'authoredOn',
  'recordedDate',
  'issued',
  'date',
  'started',
  'created',
  'birthDate',
] as const
const WHEN_PERIODS = ['effectivePeriod', 'performedPeriod', 'period', 'billablePeriod'] as const

/** The date a resource is about, as written; null when it names none. */
export function whenOf(resource: Json): string | null {
  for (const period of WHEN_PERIODS) {
    const start = textAt(resource, period, 'start')
    if (start !== null) return start
  }
  return textAt(resource, 'context', 'period', 'start') ?? firstText(resource, WHEN_FIELDS)
}
