import { dayKey } from '../app/dates.ts'
import { at, type Json, numberAt } from '../records/json-paths.ts'
import { inlineText } from '../records/inline-text.ts'
import { t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'
import { LOINC } from './code-lists.ts'
import { type Field, type FormSpec, numberTyped, type Option } from './form-fields.ts'
import { FORM_KINDS, type FormKind, type Values } from './form-store.ts'
import { withAt } from './json-building.ts'
import { LAB_FORM, VITAL_FORM } from './measure-forms.ts'

const options =
  (table: Readonly<Record<string, SimpleKey>>): (() => Option[]) =>
  () =>
    Object.entries(table).map(([value, label]) => ({ value, label: t(label) }))

const NOTE: Field = { name: 'note', label: 'forms.note', as: 'long', at: ['note', 0, 'text'] }
const has = (name: string) => (values: Values) => (values[name] ?? '').trim() !== ''
const text = (values: Values, name: string) => (values[name] ?? '').trim()

/** FHIR wants the start of a span before its end. */
const ordered = (from: string, until: string) => (values: Values) => {
  const [start, end] = [text(values, from), text(values, until)]
  const length = Math.min(start.length, end.length)
  return end !== '' && start.slice(0, length) > end.slice(0, length) ? { [until]: t('forms.errorOrder') } : {}
}

const ALLERGY: FormSpec = {
  kind: 'allergy',
  category: 'summary',
  resourceType: 'AllergyIntolerance',
  fixed: () => ({}),
  person: 'patient',
  start: () => ({ status: 'active' }),
  fields: [
    {
      name: 'what',
      label: 'forms.allergyWhat',
      hint: 'forms.ownWords',
      required: true,
      as: 'coded',
      list: 'allergens',
      at: ['code'],
    },
    {
      name: 'kind',
      label: 'forms.allergyKind',
      as: 'choice',
      options: options({ food: 'forms.food', medication: 'forms.medication', environment: 'forms.environment' }),
      at: ['category', 0],
    },
    {
      name: 'reaction',
      label: 'forms.reaction',
      as: 'coded',
      list: 'reactions',
      at: ['reaction', 0, 'manifestation', 0],
    },
    {
      name: 'severity',
      label: 'forms.severity',
      as: 'choice',
      options: options({ mild: 'forms.mild', moderate: 'forms.moderate', severe: 'forms.severe' }),
      at: ['reaction', 0, 'severity'],
      when: has('reaction'), // a severity is one of a reaction
    },
    {
      name: 'status',
      label: 'forms.status',
      required: true,
      as: 'choice',
      options: options({ active: 'forms.stillSo', resolved: 'forms.over' }),
      system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical',
      at: ['clinicalStatus'],
    },
    { name: 'since', label: 'forms.since', hint: 'forms.partialDay', as: 'when', at: ['onsetDateTime'] },
    NOTE,
  ],
  title: (values) => t('forms.titleAllergy', { what: text(values, 'what') }),
  day: (values) => text(values, 'since'),
}

const CONDITION: FormSpec = {
  kind: 'condition',
  category: 'summary',
  resourceType: 'Condition',
  fixed: () => ({}),
  person: 'subject',
  start: () => ({ status: 'active' }),
  fields: [
    {
      name: 'what',
      label: 'forms.conditionWhat',
      hint: 'forms.ownWords',
      required: true,
      as: 'coded',
      list: 'conditions',
      at: ['code'],
    },
    {
      name: 'status',
      label: 'forms.status',
      required: true,
      as: 'choice',
      options: options({ active: 'forms.stillSo', remission: 'forms.remission', resolved: 'forms.over' }),
      system: 'http://terminology.hl7.org/CodeSystem/condition-clinical',
      at: ['clinicalStatus'],
    },
    { name: 'since', label: 'forms.since', hint: 'forms.partialDay', as: 'when', at: ['onsetDateTime'] },
    {
      name: 'until',
      label: 'forms.until',
      hint: 'forms.partialDay',
      as: 'when',
      at: ['abatementDateTime'],
      when: ({ status }) => status === 'resolved' || status === 'remission',
    },
    NOTE,
  ],
  check: ordered('since', 'until'),
  title: (values) => text(values, 'what'),
  day: (values) => text(values, 'since'),
}

const DOSE = ['dosage', 0, 'doseAndRate', 0, 'doseQuantity'] as const
const REPEAT = ['dosage', 0, 'timing', 'repeat'] as const
const PERIODS = { d: 'forms.perDay', wk: 'forms.perWeek', mo: 'forms.perMonth' } as const
const DOSE_UNITS = ['mg', 'g', 'mL', 'ug'] as const

function scheduleText(values: Values): string {
  const dose = [text(values, 'dose'), text(values, 'doseUnit')].filter((part) => part !== '').join(' ')
  const period = Object.entries(PERIODS).find(([code]) => code === values['period'])?.[1]
  const often = numberTyped(text(values, 'frequency'))
  const times = often === null || period === undefined ? '' : t('forms.times', { number: often, period: t(period) })
  const need = values['asNeeded'] === 'yes' ? t('forms.asNeeded') : ''
  return [dose, times, need, text(values, 'how')].filter((part) => part !== '').join(', ')
}

const MEDICINE: FormSpec = {
  kind: 'medicine',
  category: 'medicines',
  resourceType: 'MedicationStatement',
  fixed: () => ({}),
  person: 'subject',
  start: () => ({ status: 'active' }),
  fields: [
    {
      name: 'what',
      label: 'forms.medicineWhat',
      hint: 'forms.ownWords',
      required: true,
      as: 'coded',
      list: 'medicines',
      at: ['medicationCodeableConcept'],
    },
    {
      name: 'status',
      label: 'forms.status',
      required: true,
      as: 'choice',
      options: options({
        active: 'forms.taking',
        intended: 'forms.willTake',
        completed: 'forms.finished',
        stopped: 'forms.stopped',
      }),
      at: ['status'],
    },
    { name: 'dose', label: 'forms.dose', as: 'number', min: 0.001, max: 100_000, at: [...DOSE, 'value'] },
    {
      name: 'doseUnit',
      label: 'forms.doseUnit',
      as: 'suggested',
      names: () => [...DOSE_UNITS.map((unit) => (unit === 'ug' ? 'µg' : unit)), t('forms.tablets'), t('forms.drops')],
      at: [...DOSE, 'unit'],
      when: has('dose'),
    },
    {
      name: 'frequency',
      label: 'forms.frequency',
      as: 'number',
      min: 1,
      max: 24,
      whole: true,
      at: [...REPEAT, 'frequency'],
    },
    {
      name: 'period',
      label: 'forms.period',
      required: true,
      as: 'choice',
      options: options(PERIODS),
      at: [...REPEAT, 'periodUnit'],
      when: has('frequency'),
    },
    {
      name: 'asNeeded',
      label: 'forms.regular',
      as: 'choice',
      options: options({ no: 'forms.regularly', yes: 'forms.onlyAsNeeded' }),
    },
    { name: 'how', label: 'forms.how', hint: 'forms.howHint', as: 'text', at: ['dosage', 0, 'patientInstruction'] },
    { name: 'reason', label: 'forms.reason', as: 'text', at: ['reasonCode', 0, 'text'] },
    { name: 'since', label: 'forms.since', hint: 'forms.partialDay', as: 'when', at: ['effectivePeriod', 'start'] },
    { name: 'until', label: 'forms.until', hint: 'forms.partialDay', as: 'when', at: ['effectivePeriod', 'end'] },
    NOTE,
  ],
  check: ordered('since', 'until'),
  write(resource, values) {
    const unit = DOSE_UNITS.find((code) => code === text(values, 'doseUnit').replace(/^[µμ]g$/, 'ug'))
    const isCounted = has('dose')(values)
    const need = values['asNeeded']
    const parts: readonly (readonly [readonly (string | number)[], Json])[] = [
      [[...DOSE, 'system'], isCounted && unit !== undefined ? 'http://unitsofmeasure.org' : undefined],
      [[...DOSE, 'code'], isCounted ? unit : undefined],
      [[...REPEAT, 'period'], has('frequency')(values) ? 1 : undefined],
      [['dosage', 0, 'asNeededBoolean'], need === undefined ? undefined : need === 'yes'],
      [['dosage', 0, 'text'], scheduleText(values)],
    ]
    return parts.reduce((built, [path, value]) => withAt(built, path, value), resource)
  },
  read(resource) {
    // One dose, every single day, week or month: other schedules would be lost in this form.
    if (at(resource, 'dosage', 1) !== undefined || (numberAt(resource, ...REPEAT, 'period') ?? 1) !== 1) return null
    const need = at(resource, 'dosage', 0, 'asNeededBoolean')
    return typeof need === 'boolean' ? { asNeeded: need ? 'yes' : 'no' } : {}
  },
  title: (values) => text(values, 'what'),
  day: (values) => text(values, 'since'),
}

const VACCINE: FormSpec = {
  kind: 'vaccine',
  category: 'medicines',
  resourceType: 'Immunization',
  fixed: () => ({ status: 'completed' }),
  person: 'patient',
  fields: [
    {
      name: 'what',
      label: 'forms.vaccineWhat',
      hint: 'forms.ownWords',
      required: true,
      as: 'coded',
      list: 'vaccines',
      at: ['vaccineCode'],
    },
    {
      name: 'day',
      label: 'forms.vaccineDay',
      hint: 'forms.partialDay',
      required: true,
      as: 'when',
      at: ['occurrenceDateTime'],
    },
    {
      name: 'dose',
      label: 'forms.vaccineDose',
      as: 'number',
      min: 1,
      max: 20,
      whole: true,
      at: ['protocolApplied', 0, 'doseNumberPositiveInt'],
    },
    { name: 'lot', label: 'forms.lot', as: 'text', at: ['lotNumber'] },
    { name: 'where', label: 'forms.where', as: 'text', at: ['performer', 0, 'actor', 'display'] },
    NOTE,
  ],
  title: (values) => t('forms.titleVaccine', { what: text(values, 'what') }),
  day: (values) => text(values, 'day'),
}

const ATTACHMENT = ['content', 0, 'attachment'] as const
const base64 = (words: string) =>
  btoa(Array.from(new TextEncoder().encode(words), (byte) => String.fromCharCode(byte)).join(''))

const VISIT: FormSpec = {
  kind: 'visit',
  category: 'documents',
  resourceType: 'DocumentReference',
  fixed: () => ({ status: 'current' }),
  person: 'subject',
  start: (nowMs) => ({ day: dayKey(nowMs) }),
  fields: [
    {
      name: 'what',
      label: 'forms.visitWhat',
      required: true,
      as: 'choice',
      options: options({
        '34109-9': 'forms.visitNote',
        '11488-4': 'forms.consultation',
        '18842-5': 'forms.discharge',
        '57133-1': 'forms.referral',
      }),
      system: LOINC,
      at: ['type'],
    },
    { name: 'about', label: 'forms.visitAbout', required: true, as: 'text', at: ['description'] },
    { name: 'day', label: 'forms.day', required: true, as: 'day', at: ['context', 'period', 'start'] },
    { name: 'who', label: 'forms.who', as: 'text', at: ['author', 0, 'display'] },
    { name: 'text', label: 'forms.visitText', required: true, as: 'long' },
  ],
  write: (resource, values) =>
    withAt(resource, ATTACHMENT, {
      contentType: 'text/plain;charset=utf-8',
      data: base64(text(values, 'text')),
      title: text(values, 'about'),
    }),
  read(resource) {
    const words = at(resource, 'content', 1) === undefined ? inlineText(resource) : null
    return words === null ? null : { text: words }
  },
  title: (values) => text(values, 'about'),
  day: (values) => text(values, 'day'),
}

const SPECS: Readonly<Record<FormKind, FormSpec>> = {
  allergy: ALLERGY,
  condition: CONDITION,
  medicine: MEDICINE,
  vaccine: VACCINE,
  lab: LAB_FORM,
  vital: VITAL_FORM,
  visit: VISIT,
}
export const specOf = (kind: FormKind): FormSpec => SPECS[kind]

/** The order asked for: a vital sign is also an observation, and its own form knows more of it. */
export const ALL_SPECS: readonly FormSpec[] = [VITAL_FORM, ...FORM_KINDS.filter((kind) => kind !== 'vital').map(specOf)]
