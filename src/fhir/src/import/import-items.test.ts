import { generatePatient } from '@medguard/synthetic'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sharedData } from '../shared-data.fixture.ts'
import { importItems } from './import-items.ts'

/** What becomes of a file: which types, under which kind of record. */
function kindsOf(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const read = importItems(text)
  if (read.kind !== 'items') throw new Error(read.kind)
  const found = new Map<string, Set<string>>()
  for (const { category, resourceType, isKnown } of read.items) {
    expect(isKnown).toBe(true)
    found.set(category, (found.get(category) ?? new Set()).add(resourceType ?? ''))
  }
  return found
}
const has = (kinds: ReadonlyMap<string, ReadonlySet<string>>, category: string, ...types: string[]) =>
  expect([...(kinds.get(category) ?? [])], category).toEqual(expect.arrayContaining(types))

describe('a whole patient', () => {
  test('made up by us becomes records of every kind there is something for', () => {
    const kinds = kindsOf(JSON.stringify(generatePatient({ seed: 1 }).bundle))
    has(kinds, 'summary', 'AllergyIntolerance', 'Condition')
    has(kinds, 'medicines', 'MedicationRequest', 'Immunization')
    has(kinds, 'labs', 'Observation', 'DiagnosticReport')
    has(kinds, 'vitals', 'Observation')
    has(kinds, 'documents', 'Encounter')
    has(kinds, 'other', 'Patient', 'Practitioner', 'Organization')
  })

  // docs/interoperability.md states these fifteen as the least.
  for (const { name, path } of sharedData('fhir'))
    test(`${name} becomes records of fifteen types at least, each under its kind`, () => {
      const kinds = kindsOf(readFileSync(path, 'utf8'))
      has(kinds, 'summary', 'AllergyIntolerance', 'CarePlan', 'Condition', 'Observation', 'Procedure')
      has(kinds, 'medicines', 'Immunization', 'MedicationRequest')
      has(kinds, 'labs', 'DiagnosticReport', 'Observation')
      has(kinds, 'vitals', 'Observation')
      has(kinds, 'imaging', 'ImagingStudy')
      has(kinds, 'documents', 'Encounter')
      has(kinds, 'other', 'Claim', 'ExplanationOfBenefit', 'Organization', 'Patient', 'Practitioner')
    })
})
