import { validate } from '@medguard/fhir/in-node'
import { describe, expect, test } from 'vitest'
import { at, type Json } from '../records/json-paths.ts'
import { formErrors, numberTyped, resourceOf, valuesOf } from './form-fields.ts'
import { inlineText } from '../records/inline-text.ts'
import { ALL_SPECS, specOf } from './form-specs.ts'
import type { FormKind, Values } from './form-store.ts'
import { converted, LABS, measureOfCode, VITALS } from './measures.ts'
import { panelBundle, panelRows } from './panel.ts'

const COMMON = { day: '2024-05-12', who: 'Lab' }
const FILLED: Readonly<Record<FormKind, Values>> = {
  allergy: {
    what: 'Penicillin',
    kind: 'medication',
    reaction: 'Hives',
    severity: 'severe',
    status: 'active',
    since: '2012',
  },
  condition: { what: 'Gluten ataxia', status: 'resolved', since: '2012-05', until: '2013', note: 'gone' },
  medicine: {
    what: 'metformin',
    status: 'active',
    dose: '500',
    doseUnit: 'mg',
    frequency: '2',
    period: 'd',
    asNeeded: 'no',
    how: 'with food',
    since: '2024-05-01',
  },
  vaccine: { what: 'Measles, mumps and rubella', day: '2019-04', dose: '2', lot: 'A12' },
  lab: { test: 'Haemoglobin', value: '14,1', unit: 'g/dL', low: '12', high: '14', day: '2024-05-12', who: 'Lab' },
  vital: { measure: 'weight', value: '72.4', unit: 'kg', day: '2024-05-12', time: '08:15' },
  visit: { what: '34109-9', about: 'Knee', day: '2024-05-12', who: 'Dr Černá', text: 'Šetřit koleno.\nCvičit.' },
}
const build = (kind: FormKind, before: Json = null): Json => resourceOf(specOf(kind), FILLED[kind], 'Ann', before)

describe('a filled form', () => {
  test.each(ALL_SPECS.map(({ kind }) => kind))(
    '%s: is a resource that its form reads back, and no other form',
    (kind) => {
      expect(formErrors(specOf(kind), FILLED[kind])).toEqual({})
      const resource: unknown = JSON.parse(JSON.stringify(build(kind)))
      const read = ALL_SPECS.map((spec) => valuesOf(spec, resource)).find((values) => values !== null)
      expect(read).toEqual(kind === 'lab' ? { ...FILLED.lab, value: '14.1' } : FILLED[kind])
      expect(resourceOf(specOf(kind), read ?? {}, 'Ann', null)).toEqual(resource)
    },
  )

  test('has what FHIR R4 asks of its type', () => {
    const needed: Readonly<Record<FormKind, readonly string[]>> = {
      allergy: [
        'patient.display',
        'code.text',
        'clinicalStatus.coding.0.code',
        'reaction.0.manifestation.0.coding.0.code',
      ],
      condition: ['subject.display', 'code.text', 'clinicalStatus.coding.0.system', 'abatementDateTime'],
      medicine: [
        'subject.display',
        'status',
        'medicationCodeableConcept.coding.0.code',
        'dosage.0.timing.repeat.periodUnit',
      ],
      vaccine: ['patient.display', 'status', 'vaccineCode.coding.0.code', 'occurrenceDateTime'],
      lab: [
        'status',
        'code.coding.0.code',
        'valueQuantity.code',
        'referenceRange.0.low.value',
        'interpretation.0.coding.0.code',
      ],
      vital: [
        'status',
        'subject.display',
        'category.0.coding.0.code',
        'code.coding.0.code',
        'valueQuantity.code',
        'effectiveDateTime',
      ],
      visit: ['status', 'content.0.attachment.data', 'type.coding.0.code'],
    }
    for (const [kind, paths] of Object.entries(needed)) {
      const resource = build(ALL_SPECS.find((spec) => spec.kind === kind)?.kind ?? 'visit')
      for (const path of paths) {
        expect(
          at(resource, ...path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step))),
          `${kind} ${path}`,
        ).toBeDefined()
      }
    }
    expect(at(build('condition'), 'code')).toEqual({ text: 'Gluten ataxia' })
    expect(inlineText(build('visit'))).toBe(FILLED.visit['text'])
  })

  test('is valid FHIR R4, whichever form it is', () => {
    const resources = ALL_SPECS.flatMap(({ kind }) => [build(kind), build(kind, build(kind))])
    const measured = VITALS.flatMap(({ id, units, range = [1, 1] }) =>
      units.map((unit) => {
        const value = String(converted(range[0], units[0], unit))
        return resourceOf(specOf('vital'), { measure: id, value, unit: unit.ucum, day: '2024-05-12' }, 'Ann', null)
      }),
    )
    const panel: unknown = JSON.parse(panelBundle(panelRows('Sodium\t140\tmmol/L\nNitrite\tnegative', COMMON), 'Ann'))
    for (const resource of [...resources, ...measured, panel])
      expect(validate(JSON.parse(JSON.stringify(resource))), JSON.stringify(resource)).toEqual([])
  })

  test('marks a result outside of its range, by the range that is given', () => {
    const flag = (change: Values) =>
      at(resourceOf(specOf('lab'), { ...FILLED.lab, ...change }, '', null), 'interpretation', 0, 'coding', 0, 'code')
    expect([flag({}), flag({ value: '11' }), flag({ value: '13' }), flag({ low: '', high: '' })]).toEqual([
      'H',
      'L',
      'N',
      undefined,
    ])
  })

  test('codes a result only where the unit goes with the code', () => {
    const code = (unit: string) =>
      at(resourceOf(specOf('lab'), { ...FILLED.lab, test: 'Glucose', unit }, '', null), 'code', 'coding', 0, 'code')
    expect([code('mmol/L'), code('mg/dL'), code('drops')]).toEqual(['14749-6', '2345-7', undefined])
  })

  test('two blood pressures are the components of one', () => {
    const values = { measure: 'bloodPressure', systolic: '128', diastolic: '81', day: '2024-05-12', time: '08:15' }
    const resource = resourceOf(specOf('vital'), values, '', null)
    expect(at(resource, 'component', 1, 'valueQuantity', 'value')).toBe(81)
    expect(valuesOf(specOf('vital'), resource)).toEqual(values)
    expect(formErrors(specOf('vital'), { ...values, diastolic: '140' })).toHaveProperty('diastolic')
  })

  test('of another author keeps what the form has no field for, when it is corrected', () => {
    const before = {
      ...(build('allergy') as object),
      id: 'x',
      code: { coding: [{ system: 'urn:theirs', code: '1' }], text: 'Penicillin' },
    }
    const corrected = resourceOf(specOf('allergy'), { ...FILLED.allergy, status: 'resolved' }, 'Bob', before)
    expect(at(corrected, 'id')).toBe('x')
    expect(at(corrected, 'code')).toEqual(before.code)
    expect(at(corrected, 'patient', 'display')).toBe('Ann')
    expect(at(build('lab', build('lab')), 'status')).toBe('corrected')
  })
})

describe('what is not right', () => {
  const wrong = (kind: FormKind, change: Values) =>
    Object.keys(formErrors(specOf(kind), { ...FILLED[kind], ...change }))
  test('is named by its field', () => {
    expect(wrong('allergy', { what: ' ' })).toEqual(['what'])
    expect(wrong('condition', { until: '2011' })).toEqual(['until'])
    expect(wrong('condition', { since: '2012-13' })).toContain('since')
    expect(wrong('medicine', { frequency: '2.5' })).toEqual(['frequency'])
    expect(wrong('medicine', { frequency: '2', period: '' })).toEqual(['period'])
    expect(wrong('lab', { unit: '' })).toEqual(['unit'])
    expect(wrong('lab', { low: '15' })).toEqual(['high'])
    expect(wrong('vital', { value: '7240' })).toEqual(['value'])
    expect(wrong('vital', { measure: '' })).toEqual(['measure'])
  })

  test('a resource with more than the form holds is left to other means', () => {
    const twice = { ...(build('medicine') as object), dosage: [{ text: 'one' }, { text: 'two' }] }
    expect(valuesOf(specOf('medicine'), twice)).toBeNull()
    expect(ALL_SPECS.map((spec) => valuesOf(spec, { resourceType: 'Bundle' }))).toEqual(ALL_SPECS.map(() => null))
  })
})

test('numbers are read as people type them', () => {
  expect(['7,2', '7.2', ' 14 ', '٧٫٢', '-3', '1e5', '7.2.1', '1,234,5', ''].map(numberTyped)).toEqual([
    7.2,
    7.2,
    14,
    7.2,
    -3,
    null,
    null,
    null,
    null,
  ])
})

test('units convert into each other and back', () => {
  for (const { units } of [...VITALS, ...LABS]) {
    for (const unit of units) expect(converted(converted(3, unit, units[0]), units[0], unit)).toBeCloseTo(3, 9)
  }
  const hba1c = measureOfCode('4548-4')?.units
  const [mmol, percent] = hba1c ?? []
  if (mmol === undefined || percent === undefined) throw new Error('HbA1c has two units')
  expect(converted(6.5, percent, mmol)).toBeCloseTo(47.5, 1)
  const [celsius, fahrenheit] = measureOfCode('8310-5')?.units ?? []
  if (celsius === undefined || fahrenheit === undefined) throw new Error('temperature has two units')
  expect(converted(100.4, fahrenheit, celsius)).toBeCloseTo(38, 6)
})

test('a measurement in a unit that is no choice is not opened in the form, which would lose it', () => {
  const weight = (code: string) => ({
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    effectiveDateTime: '2024-05-01',
    valueQuantity: { value: 3450, unit: code, code },
  })
  expect(valuesOf(specOf('vital'), weight('kg'))).toMatchObject({ unit: 'kg' })
  expect(valuesOf(specOf('vital'), weight('g'))).toBeNull()
})
