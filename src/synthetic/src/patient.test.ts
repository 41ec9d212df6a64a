import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { generatePatient, type Observation, type SamplePatient } from './index.ts'

const observationsOf = ({ bundle }: SamplePatient) =>
  bundle.entry.map(({ resource }) => resource).filter((one): one is Observation => one.resourceType === 'Observation')

const anyPatient = fc
  .record({ seed: fc.oneof(fc.nat(), fc.string()), yearsOfVisits: fc.integer({ min: 1, max: 12 }) })
  .map((options) => generatePatient(options))

describe('a sample patient', () => {
  test('is the same, byte for byte, for the same seed, and another for another', () => {
    const [first, again, other] = ['a', 'a', 'b'].map((seed) => generatePatient({ seed, yearsOfVisits: 8 }))
    expect(JSON.stringify(again)).toBe(JSON.stringify(first))
    expect(other?.bundle).not.toEqual(first?.bundle)
    expect(new Set(Array.from({ length: 40 }, (_, seed) => generatePatient({ seed }).name)).size).toBeGreaterThan(25)
  })

  test('has a code, a unit and a plausible value in every observation', () => {
    fc.assert(
      fc.property(anyPatient, (patient) => {
        const observations = observationsOf(patient)
        expect(observations.length).toBeGreaterThan(20)
        for (const { code, valueQuantity, component, referenceRange, interpretation } of observations) {
          expect(code.coding?.[0]).toMatchObject({
            system: 'http://loinc.org',
            code: expect.stringMatching(/^\d+-\d$/),
          })
          const values = valueQuantity === undefined ? component?.map((part) => part.valueQuantity) : [valueQuantity]
          expect(values?.length).toBeGreaterThan(0)
          for (const { value, unit, code: ucum } of values ?? []) {
            expect(value).toBeGreaterThan(0)
            expect(value).toBeLessThan(2_000)
            expect(unit).not.toBe('')
            expect(ucum).toMatch(/^[\x21-\x7e]+$/)
          }
          const [range] = referenceRange ?? []
          if (range === undefined || valueQuantity === undefined) continue
          const expected =
            range.low !== undefined && valueQuantity.value < range.low.value
              ? 'L'
              : range.high !== undefined && valueQuantity.value > range.high.value
                ? 'H'
                : 'N'
          expect(interpretation?.[0]?.coding?.[0]?.code).toBe(expected)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('refers only to resources of its own bundle, each with an address of its own', () => {
    fc.assert(
      fc.property(anyPatient, ({ bundle }) => {
        const addresses = bundle.entry.map(({ fullUrl }) => fullUrl)
        expect(new Set(addresses).size).toBe(addresses.length)
        for (const address of addresses) {
          expect(address).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        }
        const references = [...JSON.stringify(bundle).matchAll(/"reference":"([^"]+)"/g)].map((match) => match[1])
        expect(references.length).toBeGreaterThan(0)
        for (const reference of references) expect(addresses).toContain(reference)
        for (const { request, resource } of bundle.entry)
          expect(request).toEqual({ method: 'POST', url: resource.resourceType })
      }),
      { numRuns: 10 },
    )
  })

  test('is never measured before birth or after the last day, and visits fill the years asked for', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 20 }), (seed, yearsOfVisits) => {
        const patient = generatePatient({ seed, yearsOfVisits, until: '2024-03-01' })
        const days = observationsOf(patient).map(({ effectiveDateTime }) => effectiveDateTime.slice(0, 10))
        const [first = '', last = ''] = [days.toSorted()[0], days.toSorted().at(-1)]
        expect(first >= patient.birthDate && last <= '2024-03-01').toBe(true)
        const yearsSpanned = (Date.parse('2024-03-01') - Date.parse(first)) / (365.25 * 24 * 3600 * 1000)
        expect(yearsSpanned).toBeGreaterThan(yearsOfVisits - 1)
        expect(yearsSpanned).toBeLessThanOrEqual(yearsOfVisits + 0.01)
      }),
      { numRuns: 30 },
    )
  })

  test('shows a treated illness: long-term glucose of diabetics falls after the diagnosis', () => {
    const changes = Array.from({ length: 200 }, (_, seed) => generatePatient({ seed, yearsOfVisits: 10 })).flatMap(
      (patient) => {
        const diagnosis = patient.bundle.entry.find(({ resource }) =>
          JSON.stringify(resource).includes('"E11.9"'),
        )?.resource
        if (diagnosis?.resourceType !== 'Condition') return []
        const found = String(diagnosis['onsetDateTime'])
        const values = observationsOf(patient)
          .filter(({ code }) => code.coding?.[0]?.code === '4548-4')
          .map(({ effectiveDateTime, valueQuantity }) => ({ at: effectiveDateTime, value: valueQuantity?.value ?? 0 }))
        const before = values.filter(({ at }) => at < found).at(-1)
        const after = values.at(-1)
        return before !== undefined &&
          after !== undefined &&
          Date.parse(after.at) - Date.parse(found) > 365 * 86_400_000
          ? [{ before: before.value, after: after.value }]
          : []
      },
    )
    expect(changes.length).toBeGreaterThan(5)
    const mean = (key: 'before' | 'after') => changes.reduce((sum, change) => sum + change[key], 0) / changes.length
    expect(mean('before')).toBeGreaterThan(mean('after') + 0.3)
  })

  test('brings files that a patient would add, in the categories of a vault', () => {
    const { documents, name } = generatePatient({ seed: 7 })
    expect(documents.map(({ category }) => category).toSorted()).toEqual([
      'documents',
      'labs',
      'labs',
      'medicines',
      'summary',
      'vitals',
    ])
    for (const { bytes, mediaType } of documents) {
      expect(bytes.length).toBeGreaterThan(100)
      if (mediaType !== 'application/fhir+json') continue
      expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({ resourceType: 'Bundle', type: 'collection' })
    }
    const note = documents.find(({ mediaType }) => mediaType === 'text/plain')
    expect(new TextDecoder().decode(note?.bytes)).toContain(name)
  })

  test('refuses years and dates that make no sense', () => {
    for (const yearsOfVisits of [0, -1, 1.5, 61, Number.NaN]) {
      expect(() => generatePatient({ seed: 1, yearsOfVisits })).toThrow(RangeError)
    }
    expect(() => generatePatient({ seed: 1, until: 'today' })).toThrow(RangeError)
  })
})
