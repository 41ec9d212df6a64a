import { existsSync, readFileSync } from 'node:fs'
import { validate } from '@medguard/fhir/in-node'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readMoment } from '../clocks.ts'
import { at, listAt, textAt } from '../json.ts'
import { partsOf, type Reading, readingOf } from '../reading.ts'
import { anyReading, bloodPressure, sensorGlucose } from '../readings.fixture.ts'
import { readingsOfObservation } from './from-observation.ts'
import { observationOf } from './observation.ts'

const MEMBERS = new Set([
  'resourceType',
  'identifier',
  'status',
  'category',
  'code',
  'subject',
  'effectiveDateTime',
  'effectivePeriod',
  'issued',
  'valueQuantity',
  'dataAbsentReason',
  'device',
  'note',
  'component',
])

/** What FHIR R4 asks of any Observation: known members, what is required, its invariants obs-6 and obs-7, dates, and no empty list. */
function faultsOf(resource: unknown): string[] {
  const faults = Object.keys(resource as object).filter((member) => !MEMBERS.has(member))
  if (textAt(resource, 'status') !== 'final' || listAt(resource, 'category').length !== 1)
    faults.push('status, category')
  if (textAt(resource, 'code', 'coding', 0, 'code') === null) faults.push('code')
  const when = textAt(resource, 'effectiveDateTime') ?? textAt(resource, 'effectivePeriod', 'start') ?? ''
  if (
    readMoment(when) === null ||
    (at(resource, 'effectiveDateTime') !== undefined) === (at(resource, 'effectivePeriod') !== undefined)
  )
    faults.push('effective')
  const parts = listAt(resource, 'component')
  for (const holder of [resource, ...parts]) {
    const [value, reason] = [
      at(holder, 'valueQuantity') ?? at(holder, 'valueCodeableConcept'),
      at(holder, 'dataAbsentReason'),
    ]
    if (value !== undefined && reason !== undefined) faults.push('obs-6')
    if (holder !== resource && value === undefined && reason === undefined)
      faults.push('component without a value or a reason')
    if (
      at(holder, 'valueQuantity') !== undefined &&
      textAt(holder, 'valueQuantity', 'system') !== 'http://unitsofmeasure.org'
    )
      faults.push('UCUM')
  }
  const own = textAt(resource, 'code', 'coding', 0, 'code')
  if (
    at(resource, 'valueQuantity') !== undefined &&
    parts.some((part) => textAt(part, 'code', 'coding', 0, 'code') === own)
  )
    faults.push('obs-7')
  return JSON.stringify(resource).includes('[]') ? [...faults, 'an empty list'] : faults
}

describe('a reading as FHIR', () => {
  test('is an R4 Observation, whatever it holds', () => {
    fc.assert(
      fc.property(anyReading, (reading) => {
        expect(faultsOf(observationOf(reading))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('is valid for a validator that is not ours', () => {
    fc.assert(
      fc.property(anyReading, (reading) => {
        expect(validate(JSON.parse(JSON.stringify(observationOf(reading))))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('of blood pressure is what the vital signs profile asks for', () => {
    const [reading] = bloodPressure(1)
    if (reading === undefined) throw new Error('there is one')
    expect(observationOf(reading, { subject: { reference: 'Patient/1' } })).toMatchObject({
      status: 'final',
      category: [{ coding: [{ code: 'vital-signs' }] }],
      code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
      subject: { reference: 'Patient/1' },
      effectiveDateTime: expect.stringMatching(/\+02:00$/) as string,
      component: [
        { code: { coding: [{ code: '8480-6' }] }, valueQuantity: { code: 'mm[Hg]', unit: 'mmHg' } },
        { code: { coding: [{ code: '8462-4' }] }, valueQuantity: { code: 'mm[Hg]' } },
        { code: { coding: [{ code: '8478-0' }] } },
      ],
      device: { display: 'Cuff' },
      note: [{ text: 'Quality: moved while measuring; irregular pulse.' }],
    })
  })

  const one = (more: Partial<Reading> & { code: string; unit: string }) =>
    observationOf(readingOf({ timeMs: 1_778_565_600_000, device: 'D', ...more }))
  test('has the units of the profile, and its code beside the closer one', () => {
    expect(one({ code: '8480-6', unit: 'kPa', value: 18.4 }).valueQuantity).toEqual({
      value: 138.011,
      unit: 'mmHg',
      system: 'http://unitsofmeasure.org',
      code: 'mm[Hg]',
    })
    expect(one({ code: '29463-7', unit: '[lb_av]', value: 150 }).valueQuantity).toMatchObject({
      value: 150,
      code: '[lb_av]',
    })
    expect(one({ code: '59408-5', unit: '1', value: 0.97 })).toMatchObject({
      valueQuantity: { value: 97, code: '%' },
      code: { coding: [{ code: '2708-6' }, { code: '59408-5' }] },
    })
    expect(one({ code: '55423-8', unit: '1', value: 40, durationMs: 60_000 })).toMatchObject({
      category: [{ coding: [{ code: 'activity' }] }],
      effectivePeriod: { end: '2026-05-12T06:01:00Z' },
    })
  })

  test('without a value says why', () => {
    const why = (flags: Reading['flags']) =>
      at(one({ code: '2339-0', unit: 'mg/dL', flags }), 'dataAbsentReason', 'coding', 0, 'code')
    expect([why(['aboveRange']), why(['belowRange']), why(['deviceError']), why([])]).toEqual([
      'positive-infinity',
      'negative-infinity',
      'error',
      'unknown',
    ])
    expect(one({ code: '2339-0', unit: 'mg/dL', value: 90, meal: 'fasting' }).component).toEqual([
      { code: { text: 'Meal' }, valueCodeableConcept: { text: 'Fasting' } },
    ])
  })
})

describe('an Observation as a reading', () => {
  const facts = (readings: readonly Reading[]) =>
    readings.map((reading) => [
      reading.timeMs,
      reading.offsetMinutes,
      reading.code,
      reading.unit,
      partsOf(reading),
      reading.source.device,
    ])

  test('is the one that it was made of', () => {
    const readings = [...sensorGlucose(5), ...bloodPressure(5)]
    const back = readings.flatMap((reading) => {
      const found = readingsOfObservation(observationOf(reading), 'somewhere')
      return 'readings' in found ? found.readings : []
    })
    expect(facts(back)).toEqual(facts(readings))
  })

  const weight = {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    effectiveDateTime: '2024-05-01',
    valueQuantity: { value: 70, unit: 'kg' },
  }
  test.each([
    ['notAnObservation', { resourceType: 'Patient' }],
    ['notAnObservation', null],
    ['enteredInError', { ...weight, status: 'entered-in-error' }],
    ['noTime', { ...weight, effectiveDateTime: 'once' }],
    ['noValue', { ...weight, valueQuantity: undefined, valueString: 'heavy' }],
    ['notPlain', { ...weight, valueQuantity: { value: 5, comparator: '<', unit: 'kg' } }],
    ['notPlain', { ...weight, valueQuantity: { value: 1e30, unit: 'kg' } }],
    ['unknownUnit', { ...weight, valueQuantity: { value: 5, unit: 'spoons' } }],
    ['unknownKind', { ...weight, code: { text: 'weight' } }],
    ['noValue', { ...weight, code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] } }],
  ])('is none: %s', (skipped, resource) => {
    expect(readingsOfObservation(resource, 'D')).toEqual({ skipped })
  })

  test('of a day is of its midnight, and of a panel one for each part', () => {
    expect(readingsOfObservation(weight, 'D')).toMatchObject({
      readings: [{ timeMs: Date.UTC(2024, 4, 1), offsetMinutes: null, unit: 'kg', source: { device: 'D' } }],
    })
    const part = (code: string, value: number) => ({
      code: { coding: [{ system: 'http://loinc.org', code }] },
      valueQuantity: { value, code: 'kg', system: 'http://unitsofmeasure.org' },
    })
    const panel = {
      ...weight,
      code: { text: 'Body' },
      valueQuantity: undefined,
      component: [part('29463-7', 70), part('73964-9', 30), { code: {} }],
    }
    expect(readingsOfObservation(panel, 'D')).toMatchObject({ readings: [{ value: 70 }, { value: 30 }] })
  })

  const SAMPLE = new URL('../../../../../shared/data/fhir/synthea-tressa-bergstrom-1964.json', import.meta.url)
  test.skipIf(!existsSync(SAMPLE))('whole patients of others: every plain number with a code and a unit is one', () => {
    const bundle = JSON.parse(readFileSync(SAMPLE, 'utf8')) as unknown
    const observations = listAt(bundle, 'entry')
      .map((entry) => at(entry, 'resource'))
      .filter((resource) => textAt(resource, 'resourceType') === 'Observation')
    const found = observations.map((resource) => readingsOfObservation(resource, 'D'))
    const readings = found.flatMap((one) => ('readings' in one ? one.readings : []))
    expect(found.flatMap((one) => ('skipped' in one && one.skipped !== 'noValue' ? [one.skipped] : []))).toEqual([])
    expect(readings.filter(({ code }) => code === '85354-9').length).toBeGreaterThan(2)
    expect(readings.length).toBeGreaterThan(observations.length / 2)
  })
})
