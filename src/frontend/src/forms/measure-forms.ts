import { dayKey } from '../app/dates.ts'
import { clinicalMs } from '../app/dates.ts'
import { conceptText } from '../records/fhir-values.ts'
import { at, type Json, listAt, numberAt, textAt } from '../records/json-paths.ts'
import { numberText, t } from '../words/language.ts'
import { LOINC } from './code-lists.ts'
import { type Field, type FormSpec, numberTyped } from './form-fields.ts'
import type { Values } from './form-store.ts'
import { withAt } from './json-building.ts'
import {
  converted,
  DIASTOLIC,
  LABS,
  type Measure,
  measureNamed,
  measureOfCode,
  type MeasureUnit,
  SYSTOLIC,
  unitOf,
  VITALS,
} from './measures.ts'

// Results and measurements: FHIR R4 Observations. The code goes with the unit, so both are written together.

const UCUM = 'http://unitsofmeasure.org'
const INTERPRETATION = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation'
const BLOOD_PRESSURE = '85354-9'

const text = (values: Values, name: string) => (values[name] ?? '').trim()
const quantity = (value: number, { ucum, text: unit }: MeasureUnit) => ({ value, unit, system: UCUM, code: ucum })
const concept = (loinc: string, words: string) => ({ coding: [{ system: LOINC, code: loinc }], text: words })
const category = (code: 'laboratory' | 'vital-signs') => [
  { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code }] },
]
const loincOf = (holder: Json): string | null =>
  listAt(holder, 'code', 'coding')
    .filter((coding) => textAt(coding, 'system') === LOINC)
    .map((coding) => textAt(coding, 'code'))
    .find((code) => code !== null) ?? null

const parts = (resource: Json, fields: Readonly<Record<string, Json>>): Json =>
  Object.entries(fields).reduce((built, [name, value]) => withAt(built, [name], value), resource)

const NOTE: Field = { name: 'note', label: 'forms.note', as: 'long', at: ['note', 0, 'text'] }

// Laboratory

const labOf = (values: Values) => measureNamed(LABS, text(values, 'test'))
const labUnit = (values: Values): MeasureUnit | null => {
  const measure = labOf(values)
  return measure === null ? null : unitOf(measure, text(values, 'unit'))
}

/** High or low, by the range that the laboratory gave. */
function interpretation(value: number, low: number | null, high: number | null): Json {
  if (low === null && high === null) return undefined
  const code = high !== null && value > high ? 'H' : low !== null && value < low ? 'L' : 'N'
  return [{ coding: [{ system: INTERPRETATION, code }] }]
}

export const LAB_FORM: FormSpec = {
  kind: 'lab',
  category: 'labs',
  resourceType: 'Observation',
  fixed: (isCorrection) => ({ status: isCorrection ? 'corrected' : 'final' }),
  person: 'subject',
  start: () => ({}),
  fields: [
    {
      name: 'test',
      label: 'forms.test',
      hint: 'forms.ownWords',
      required: true,
      as: 'suggested',
      names: () => LABS.map(({ label }) => t(label)),
    },
    { name: 'value', label: 'forms.result', hint: 'forms.resultHint', required: true, as: 'text' },
    {
      name: 'unit',
      label: 'forms.unit',
      hint: 'forms.unitHint',
      as: 'suggested',
      names: (values) => labOf(values)?.units.map((unit) => unit.text) ?? [],
    },
    { name: 'low', label: 'forms.rangeLow', hint: 'forms.rangeHint', as: 'number', min: -100_000, max: 999_999_999 },
    { name: 'high', label: 'forms.rangeHigh', as: 'number', min: -100_000, max: 999_999_999 },
    { name: 'day', label: 'forms.sampleDay', required: true, as: 'day', at: ['effectiveDateTime'] },
    { name: 'who', label: 'forms.laboratory', as: 'text', at: ['performer', 0, 'display'] },
    NOTE,
  ],
  check(values) {
    const value = numberTyped(text(values, 'value'))
    const [low, high] = [numberTyped(text(values, 'low')), numberTyped(text(values, 'high'))]
    return {
      ...(low !== null && high !== null && low > high && { high: t('forms.errorHighLow') }),
      ...(value !== null && text(values, 'unit') === '' && { unit: t('forms.errorUnit') }),
    }
  },
  write(resource, values, before) {
    const words = text(values, 'test')
    const value = numberTyped(text(values, 'value'))
    const unit = labUnit(values)
    const written = text(values, 'unit')
    const measured = (number: number) => (unit === null ? { value: number, unit: written } : quantity(number, unit))
    const [low, high] = [numberTyped(text(values, 'low')), numberTyped(text(values, 'high'))]
    const wasSame = conceptText(at(before, 'code')) === words && textAt(before, 'valueQuantity', 'unit') === written
    const code = wasSame ? at(before, 'code') : unit === null ? { text: words } : concept(unit.loinc, words)
    return parts(resource, {
      category: category('laboratory'),
      code,
      valueQuantity: value === null ? undefined : measured(value),
      valueString: value === null ? text(values, 'value') : undefined,
      referenceRange: [
        { low: low === null ? undefined : measured(low), high: high === null ? undefined : measured(high) },
      ],
      interpretation: value === null ? undefined : interpretation(value, low, high),
    })
  },
  read(resource) {
    const measure = measureOfCode(loincOf(resource) ?? '')
    const test = measure !== null && LABS.includes(measure) ? t(measure.label) : conceptText(at(resource, 'code'))
    if (test === null || listAt(resource, 'component').length > 0) return null
    const value = numberAt(resource, 'valueQuantity', 'value')
    const words = value === null ? textAt(resource, 'valueString') : String(value)
    if (words === null || textAt(resource, 'valueQuantity', 'comparator') !== null) return null
    const found: Record<string, string> = { test, value: words }
    const unit = textAt(resource, 'valueQuantity', 'code') ?? textAt(resource, 'valueQuantity', 'unit') ?? ''
    found['unit'] = (measure === null ? null : unitOf(measure, unit)?.text) ?? unit
    for (const end of ['low', 'high'] as const) {
      const bound = numberAt(resource, 'referenceRange', 0, end, 'value')
      if (bound !== null) found[end] = String(bound)
    }
    return found
  },
  title: (values) => shown(text(values, 'test'), text(values, 'value'), text(values, 'unit')),
  day: (values) => text(values, 'day'),
}

function shown(what: string, value: string, unit: string): string {
  const number = numberTyped(value)
  const words = number === null ? value : numberText(number, { maximumFractionDigits: 6 })
  return t('forms.titleValue', { what, value: unit === '' ? words : `${words} ${unit}` })
}

// Measured at home

const isPressure = ({ measure }: Values) => measure === 'bloodPressure'
const vitalOf = (values: Values): Measure | null => VITALS.find(({ id }) => id === values['measure']) ?? null
const vitalUnit = (values: Values): MeasureUnit | null => {
  const measure = vitalOf(values)
  if (measure === null) return null
  const [first, ...others] = measure.units
  return others.length === 0 ? first : (measure.units.find(({ ucum }) => ucum === values['unit']) ?? null)
}

/** With the offset of this device's zone, which FHIR asks for beside a time. */
function momentOf(day: string, time: string): string {
  if (!/^\d{2}:\d{2}$/.test(time)) return day
  const minutes = -new Date(`${day}T${time}`).getTimezoneOffset()
  const two = (number: number) => String(Math.trunc(number)).padStart(2, '0')
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
  return `${day}T${time}:00${offset}`
}

function dayAndTime(moment: string): Values {
  const ms = moment.includes('T') ? clinicalMs(moment) : null
  if (ms === null) return { day: moment }
  const local = new Date(ms)
  const two = (number: number) => String(number).padStart(2, '0')
  return { day: dayKey(ms), time: `${two(local.getHours())}:${two(local.getMinutes())}` }
}

const pressure = (name: 'systolic' | 'diastolic', { label, range = [0, 0] }: Measure): Field => ({
  name,
  label,
  hint: 'forms.mmHg',
  required: true,
  as: 'number',
  min: range[0],
  max: range[1],
  when: isPressure,
})

export const VITAL_FORM: FormSpec = {
  kind: 'vital',
  category: 'vitals',
  resourceType: 'Observation',
  fixed: (isCorrection) => ({ status: isCorrection ? 'corrected' : 'final' }),
  person: 'subject',
  start: (nowMs) => dayAndTime(new Date(nowMs).toISOString()),
  fields: [
    {
      name: 'measure',
      label: 'forms.measure',
      required: true,
      as: 'choice',
      options: () => [
        { value: 'bloodPressure', label: t('codes.bloodPressure') },
        ...VITALS.map(({ id, label }) => ({ value: id, label: t(label) })),
      ],
    },
    pressure('systolic', SYSTOLIC),
    pressure('diastolic', DIASTOLIC),
    { name: 'value', label: 'forms.value', required: true, as: 'text', when: (values) => vitalOf(values) !== null },
    {
      name: 'unit',
      label: 'forms.unit',
      required: true,
      as: 'choice',
      options: (values) => vitalOf(values)?.units.map(({ ucum, text: label }) => ({ value: ucum, label })) ?? [],
      when: (values) => (vitalOf(values)?.units.length ?? 0) > 1,
    },
    { name: 'day', label: 'forms.day', required: true, as: 'day' },
    { name: 'time', label: 'forms.time', as: 'time' },
    NOTE,
  ],
  check(values) {
    if (isPressure(values)) {
      const [upper, lower] = [numberTyped(text(values, 'systolic')), numberTyped(text(values, 'diastolic'))]
      return upper !== null && lower !== null && lower >= upper ? { diastolic: t('forms.errorPressure') } : {}
    }
    const measure = vitalOf(values)
    const unit = vitalUnit(values)
    const typed = text(values, 'value')
    if (measure === null || typed === '') return {}
    const value = numberTyped(typed)
    if (value === null) return { value: t('forms.errorNumber', { field: t('forms.value') }) }
    const { range = [0, Number.POSITIVE_INFINITY], units } = measure
    if (unit === null) return {}
    const plain = converted(value, unit, units[0])
    if (plain >= range[0] && plain <= range[1]) return {}
    const bound = (number: number) =>
      `${numberText(converted(number, units[0], unit), { maximumFractionDigits: 1 })} ${unit.text}`
    return { value: t('forms.errorRange', { field: t(measure.label), min: bound(range[0]), max: bound(range[1]) }) }
  },
  write(resource, values, before) {
    const when = momentOf(text(values, 'day'), text(values, 'time'))
    const was = textAt(before, 'effectiveDateTime') ?? ''
    const effectiveDateTime = clinicalMs(was) === clinicalMs(when) ? was : when
    if (isPressure(values)) {
      const component = [SYSTOLIC, DIASTOLIC].map(({ id, label, units: [unit] }) => ({
        code: concept(unit.loinc, t(label)),
        valueQuantity: quantity(numberTyped(text(values, id)) ?? 0, unit),
      }))
      return parts(resource, {
        category: category('vital-signs'),
        code: concept(BLOOD_PRESSURE, t('codes.bloodPressure')),
        effectiveDateTime,
        component,
        valueQuantity: undefined,
      })
    }
    const measure = vitalOf(values)
    const unit = vitalUnit(values)
    if (measure === null || unit === null) return resource
    return parts(resource, {
      category: category(measure.id === 'bloodGlucose' ? 'laboratory' : 'vital-signs'),
      code: concept(unit.loinc, t(measure.label)),
      effectiveDateTime,
      valueQuantity: quantity(numberTyped(text(values, 'value')) ?? 0, unit),
      component: undefined,
    })
  },
  read(resource) {
    const loinc = loincOf(resource)
    const moment = textAt(resource, 'effectiveDateTime')
    if (moment === null) return null
    if (loinc === BLOOD_PRESSURE) {
      const found = new Map(
        listAt(resource, 'component').map((part) => [loincOf(part), numberAt(part, 'valueQuantity', 'value')]),
      )
      const [upper, lower] = [SYSTOLIC, DIASTOLIC].map(({ units: [unit] }) => found.get(unit.loinc) ?? null)
      if (found.size !== 2 || typeof upper !== 'number' || typeof lower !== 'number') return null
      return { measure: 'bloodPressure', systolic: String(upper), diastolic: String(lower), ...dayAndTime(moment) }
    }
    const measure = measureOfCode(loinc ?? '')
    const value = numberAt(resource, 'valueQuantity', 'value')
    if (measure === null || value === null || !VITALS.includes(measure)) return null
    const written = textAt(resource, 'valueQuantity', 'code') ?? textAt(resource, 'valueQuantity', 'unit') ?? ''
    const unit = unitOf(measure, written)
    // Grams and kilopascals of devices are understood, and no choice here: such a record is corrected as it is.
    if (unit === null || !measure.units.includes(unit)) return null
    return { measure: measure.id, value: String(value), unit: unit.ucum, ...dayAndTime(moment) }
  },
  title(values) {
    if (isPressure(values)) {
      const [upper, lower] = [SYSTOLIC, DIASTOLIC].map(({ id }) => numberText(numberTyped(text(values, id)) ?? 0))
      return t('forms.titleValue', { what: t('codes.bloodPressure'), value: `${upper}/${lower} mmHg` })
    }
    const measure = vitalOf(values)
    const unit = vitalUnit(values)
    return measure === null ? '' : shown(t(measure.label), text(values, 'value'), unit?.text ?? '')
  },
  day: (values) => momentOf(text(values, 'day'), text(values, 'time')),
}
