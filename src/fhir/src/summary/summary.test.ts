import { generatePatient } from '@medguard/synthetic'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { at, listAt, type Resource, textAt } from '../json-paths.ts'
import { sharedData } from '../shared-data.fixture.ts'
import { validate } from '../validation/index.ts'
import { type Source, sourcesIn, summaryOf } from './patient-summary.ts'
import { isSummary, summaryIssues } from './summary-checks.ts'

const PATIENT = {
  patientId: '0f1e2d3c4b5a49788695a4b3c2d1e0f9',
  name: 'Amal Haddad',
  birthDate: null,
  gender: null,
} as const
const NOW_MS = Date.parse('2026-03-14T09:00:00Z')
const made = (sources: readonly Source[], nowMs = NOW_MS): unknown =>
  JSON.parse(JSON.stringify(summaryOf(sources, PATIENT, nowMs)))
const plain = (...resources: Resource[]): Source[] => resources.map((resource) => ({ resource, fullUrl: null }))
const section = (summary: unknown, loinc: string) =>
  listAt(summary, 'entry', 0, 'resource', 'section').find((each) => textAt(each, 'code', 'coding', 0, 'code') === loinc)
const entryOf = (summary: unknown, url: string | null) =>
  at(
    listAt(summary, 'entry').find((entry) => textAt(entry, 'fullUrl') === url),
    'resource',
  )

describe('a patient summary', () => {
  test('of a made-up patient is a valid document with the sections that there is something for', () => {
    const sources = sourcesIn(new TextEncoder().encode(JSON.stringify(generatePatient({ seed: 3 }).bundle)))
    const summary = made(sources)
    expect(isSummary(summary)).toBe(true)
    expect([...validate(summary), ...summaryIssues(summary)]).toEqual([])
    const results = section(summary, '30954-2')
    expect(listAt(results, 'entry').length).toBeGreaterThan(5)
    // One of each, the newest.
    const codes = listAt(results, 'entry').map((entry) =>
      textAt(entryOf(summary, textAt(entry, 'reference')), 'code', 'text'),
    )
    expect(new Set(codes).size).toBe(codes.length)
  })

  test('of nothing says that nothing is known, and not that there is nothing', () => {
    const summary = made([])
    expect([...validate(summary), ...summaryIssues(summary)]).toEqual([])
    const codes = ['48765-2', '11450-4', '10160-0'].map((loinc) => {
      const held = entryOf(summary, textAt(section(summary, loinc), 'entry', 0, 'reference'))
      return textAt(held, 'code', 'coding', 0, 'code') ?? textAt(held, 'medicationCodeableConcept', 'coding', 0, 'code')
    })
    expect(codes).toEqual(['no-allergy-info', 'no-problem-info', 'no-medication-info'])
  })

  test('leaves out what was taken back, tells what is over from what is not, and means the patient', () => {
    const coded = (code: string) => ({ coding: [{ code }] })
    const condition = (text: string, more: object): Resource => ({
      resourceType: 'Condition',
      code: { text },
      subject: { reference: 'Patient/9' },
      ...more,
    })
    const summary = made(
      plain(
        condition('Asthma', { clinicalStatus: coded('active') }),
        condition('Measles', { clinicalStatus: coded('resolved') }),
        condition('Mistake', { verificationStatus: coded('entered-in-error') }),
        {
          resourceType: 'MedicationStatement',
          status: 'active',
          medicationReference: { reference: 'Medication/m' },
          subject: { reference: 'Patient/9' },
        },
        { resourceType: 'MedicationStatement', status: 'stopped', medicationCodeableConcept: { text: 'Old' } },
        { resourceType: 'Medication', id: 'm', code: { text: 'metformin <b>' } },
        {
          resourceType: 'AllergyIntolerance',
          code: { text: 'Penicillin & co <script>' },
          encounter: { reference: 'Encounter/1' },
          asserter: { reference: 'Practitioner/1', display: 'Dr No' },
        },
      ),
    )
    const texts = (loinc: string) => textAt(section(summary, loinc), 'text', 'div') ?? ''
    expect(texts('11450-4')).toContain('<li>Asthma</li>')
    expect(texts('11348-0')).toContain('Measles')
    expect(JSON.stringify(summary)).not.toMatch(/Mistake|Old|Encounter|Patient\/9/)
    expect(texts('48765-2')).toContain('Penicillin &amp; co &lt;script&gt;')
    const allergy = entryOf(summary, textAt(section(summary, '48765-2'), 'entry', 0, 'reference'))
    expect(allergy).toMatchObject({
      asserter: { display: 'Dr No' },
      patient: { reference: textAt(summary, 'entry', 1, 'fullUrl') },
    })
    const taken = entryOf(summary, textAt(section(summary, '10160-0'), 'entry', 0, 'reference'))
    expect(entryOf(summary, textAt(taken, 'medicationReference', 'reference'))).toMatchObject({
      resourceType: 'Medication',
    })
    expect(summaryIssues(summary)).toEqual([])
  })

  test('has the same ids when it is made again, but for its own', () => {
    const sources = plain({ resourceType: 'Condition', code: { text: 'Asthma' } })
    const urls = (nowMs: number) => listAt(made(sources, nowMs), 'entry').map((entry) => textAt(entry, 'fullUrl'))
    expect(urls(NOW_MS)).toEqual(urls(NOW_MS + 1))
    expect(textAt(made(sources), 'identifier', 'value')).not.toBe(
      textAt(made(sources, NOW_MS + 1), 'identifier', 'value'),
    )
  })

  test('checks tell what a document lacks', () => {
    const summary = made([]) as { entry: { resource: { section?: object[]; subject?: object } }[]; identifier?: object }
    delete summary.identifier
    const [first] = summary.entry
    if (first === undefined) throw new Error('a document has a Composition')
    first.resource.section?.pop()
    first.resource.subject = { reference: 'urn:uuid:elsewhere' }
    const places = summaryIssues(summary).map(({ expression }) => expression)
    expect(places).toEqual(
      expect.arrayContaining([
        'Bundle.identifier',
        'Bundle.entry[0].resource.section',
        'Bundle.entry[0].resource.subject',
      ]),
    )
  })
})

describe('the summaries of the standard', () => {
  for (const { name, path } of sharedData('ips'))
    test(`${name} passes the same checks, and what is in it makes a summary of ours that does`, () => {
      const content = readFileSync(path)
      const theirs: unknown = JSON.parse(content.toString())
      expect(isSummary(theirs)).toBe(true)
      expect(summaryIssues(theirs)).toEqual([])
      const ours = made(sourcesIn(content))
      expect([...validate(ours), ...summaryIssues(ours)]).toEqual([])
    })
  for (const { name, path } of sharedData('fhir'))
    test(`${name} makes a summary that passes them`, () => {
      const ours = made(sourcesIn(readFileSync(path)))
      expect([...validate(ours), ...summaryIssues(ours)]).toEqual([])
    })
})
