import { readFileSync } from 'node:fs'
import { summaryIssues } from '@medguard/fhir'
import type { Category, RecordSummary } from '@medguard/client'
import { Client } from 'fhir-kit-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, openClinic, type Person } from './clinic.ts'
import {
  addResource,
  type Body,
  type Institution,
  matchesIn,
  openInstitution,
  sendMessage,
  shareWith,
  typesIn,
  wordsOf,
} from './institution.fixture.ts'

// A09, A21, A29, C09: institutions ask, read and write back over plain HTTP, each with a gateway of its own; what one wrote reaches the other through the patient.

let clinic: Clinic
let patient: Person
let hospital: Institution
let practice: Institution
let patientId: string
const SUGAR = {
  resourceType: 'Observation',
  id: 'sugar-1',
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '2339-0', display: 'Glucose' }], text: 'Blood sugar' },
  subject: { reference: 'Patient/of-the-laboratory' },
  effectiveDateTime: '2026-03-14',
  valueQuantity: { value: 5.4, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
}
const person = (name: string) => ({
  resourceType: 'Patient',
  id: 'of-the-laboratory',
  name: [{ family: name, given: ['Jana'] }],
  gender: 'female',
  birthDate: '1980-05-01',
})
const report = {
  resourceType: 'DiagnosticReport',
  id: 'report-1',
  status: 'final',
  code: { text: 'Panel' },
  subject: { reference: 'Patient/of-the-laboratory' },
  result: [{ reference: 'Observation/sugar-1' }],
}

beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  const account = await patient.client.enrol()
  if (account.kind !== 'done') throw new Error('enrol')
  patientId = account.value.patientId
  await addResource(patient.client, 'summary', person('Nováková'))
  await addResource(patient.client, 'labs', SUGAR)
  await addResource(patient.client, 'labs', {
    ...SUGAR,
    id: 'sugar-2',
    effectiveDateTime: '2026-04-01',
    valueQuantity: { ...SUGAR.valueQuantity, value: 7.1 },
  })
  await addResource(patient.client, 'labs', report)
  await patient.client.add({
    bytes: new TextEncoder().encode('%PDF letter'),
    title: 'Letter',
    fileName: 'letter.pdf',
    mediaType: 'application/pdf',
    category: 'documents',
    clinicalDate: '2026-02-02',
  })
  hospital = await openInstitution(clinic)
  practice = await openInstitution(clinic)
})
afterAll(async () => {
  await Promise.all([hospital.close(), practice.close()])
  await clinic.close()
})

/** All that was acknowledged is where it belongs. */
async function delivered(institution: Institution): Promise<void> {
  await expect
    .poll(async () => (await institution.ask('GET', '/creates/state')).json)
    .toMatchObject({ waiting: 0, quarantine: 0 })
}
async function ownRecords(category: Category, recordId: string | undefined): Promise<readonly RecordSummary[]> {
  const listed = await patient.newClient().list({ of: 'me' }, [category])
  if (listed.kind !== 'done') throw new Error(`list: ${listed.refusal.kind}`)
  return listed.value.filter((each) => each.recordId === recordId)
}
const summaryFor = (subject: string) => ({
  resourceType: 'Composition',
  status: 'final',
  type: { coding: [{ system: 'http://loinc.org', code: '18842-5', display: 'Discharge summary' }] },
  subject: { reference: subject },
  date: '2026-05-02T10:00:00Z',
  author: [{ display: 'Hospital' }],
  title: 'Discharge summary',
  section: [
    { title: 'Course', text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Well.</div>' } },
  ],
})

describe('from request to write-back', () => {
  let written: Body

  test('a hospital asks by share code, the patient approves, and it reads what was given', async () => {
    const asked = await hospital.ask('POST', '/access-requests', {
      patient: patient.principal.toText(),
      purpose: 'TREAT',
      kinds: ['summary', 'labs', 'documents'],
      rights: ['list', 'open', 'write'],
      days: 7,
    })
    expect([asked.status, asked.json['state']]).toEqual([201, 'pending'])
    expect((await hospital.ask('GET', '/fhir/Patient')).json.total).toBe(0)
    const requests = await patient.client.requests('received')
    if (requests.kind !== 'done') throw new Error('requests')
    expect(await patient.client.approveRequest(requests.value[0]!.askId)).toMatchObject({ kind: 'done' })
    const state = await hospital.ask('GET', `/access-requests/${asked.json.id ?? ''}`)
    expect(state.json).toMatchObject({ state: 'approved', patient: `Patient/${patientId}` })
    const all = await hospital.ask('GET', `/fhir/Patient/${patientId}/$everything`)
    expect(typesIn(all)).toEqual(['DiagnosticReport', 'DocumentReference', 'Observation', 'Observation', 'Patient'])
    expect(all.json.entry?.find(({ resource }) => resource.resourceType === 'Patient')?.resource).toMatchObject({
      birthDate: '1980-05-01',
      id: patientId,
    })
  })

  test('a document that is no FHIR is fetched as it was stored, and the patient’s log has it', async () => {
    const found = await hospital.ask('GET', `/fhir/DocumentReference?patient=${patientId}`)
    const { id = '' } = found.json.entry![0]!.resource
    const content = await hospital.ask('GET', `/fhir/Binary/${id}`, undefined, { accept: 'application/pdf' })
    expect([content.text, content.headers.get('content-type'), content.headers.get('content-disposition')]).toEqual([
      '%PDF letter',
      'application/pdf',
      'attachment',
    ])
    const asFhir = await hospital.ask('GET', `/fhir/Binary/${id}`, undefined, { accept: 'application/fhir+json' })
    expect(asFhir.json).toMatchObject({ resourceType: 'Binary', data: Buffer.from('%PDF letter').toString('base64') })
    const log = await patient.client.log('patient')
    const opened =
      log.kind === 'done'
        ? log.value.items.filter(
            ({ event, objectId, actor }) => event === 'open' && objectId === id && actor === hospital.gateway.principal,
          )
        : []
    expect(opened.length).toBeGreaterThan(0)
  })

  test('writes a discharge summary, which is readable when the answer comes, and which the patient has soon', async () => {
    const created = await hospital.ask('POST', '/fhir/Composition', summaryFor(`Patient/${patientId}`))
    expect([created.status, created.headers.get('location'), created.headers.get('etag')]).toEqual([
      201,
      `${hospital.gateway.url}/fhir/Composition/${created.json.id ?? ''}/_history/1`,
      'W/"1"',
    ])
    written = created.json
    expect((await hospital.ask('GET', `/fhir/Composition/${written.id ?? ''}`)).json).toMatchObject({
      title: 'Discharge summary',
    })
    await delivered(hospital)
    expect(await ownRecords('documents', written.id)).toMatchObject([
      {
        title: 'Discharge summary',
        depositedBy: hospital.gateway.principal,
        signature: { kind: 'signed', by: hospital.gateway.principal },
      },
    ])
  })

  test('a practice reads it once the patient shares it, with the hospital as its author', async () => {
    expect((await practice.ask('GET', `/fhir/Composition/${written.id ?? ''}`)).status).toBe(404)
    await shareWith(patient.client, practice, ['documents'])
    const found = await practice.ask('GET', `/fhir/Composition?patient=${patientId}&_revinclude=Provenance:target`)
    expect(matchesIn(found)).toEqual([`Composition/${written.id ?? ''}`])
    const provenance = found.json.entry?.find(({ resource }) => resource.resourceType === 'Provenance')?.resource
    const who = { identifier: { system: 'urn:medguard:principal', value: hospital.gateway.principal } }
    expect(provenance).toMatchObject({
      target: [{ reference: `Composition/${written.id ?? ''}` }],
      agent: [{ who }],
      signature: [{ who }],
    })
    // As it was written, but for what is the vault's to say.
    const { id: _id, meta: _meta, ...read } = found.json.entry![0]!.resource
    expect(read).toEqual(summaryFor(`Patient/${patientId}`))
  })

  test('writes a second version of its own word, and nobody writes over another’s', async () => {
    const path = `/fhir/Composition/${written.id ?? ''}`
    const next = { ...summaryFor(`Patient/${patientId}`), id: written.id, title: 'Discharge summary, amended' }
    expect((await hospital.ask('PUT', path, next)).status).toBe(412)
    expect((await hospital.ask('PUT', path, next, { 'if-match': 'W/"7"' })).status).toBe(412)
    const updated = await hospital.ask('PUT', path, next, { 'if-match': 'W/"1"' })
    expect([updated.status, updated.headers.get('etag')]).toEqual([200, 'W/"2"'])
    const history = await hospital.ask('GET', `${path}/_history`)
    expect(history.json.entry?.map(({ resource }) => resource['title'])).toEqual([
      'Discharge summary, amended',
      'Discharge summary',
    ])
    expect((await hospital.ask('GET', `${path}/_history/1`)).json['title']).toBe('Discharge summary')
    expect((await hospital.ask('GET', `${path}/_history/9`)).status).toBe(404)
    expect((await practice.ask('PUT', path, next, { 'if-match': 'W/"2"' })).status).toBe(403)
    const [sugar = ''] = matchesIn(await hospital.ask('GET', '/fhir/Observation?_sort=date'))
    const theirs = { ...SUGAR, id: sugar.split('/')[1], subject: { reference: `Patient/${patientId}` } }
    expect((await hospital.ask('PUT', `/fhir/${sugar}`, theirs, { 'if-match': 'W/"1"' })).status).toBe(403)
    expect((await practice.ask('POST', '/fhir/Composition', summaryFor(`Patient/${patientId}`))).status).toBe(403)
  })
})

describe('searching', () => {
  const sugars = async (words: string) => {
    const found = await hospital.ask('GET', `/fhir/Observation?${words}`)
    expect([words, found.status]).toEqual([words, 200])
    return (found.json.entry ?? [])
      .filter(({ search }) => search?.mode === 'match')
      .map(({ resource }) => (resource['valueQuantity'] as { value: number }).value)
  }

  test.each([
    ['code=2339-0', [7.1, 5.4]],
    ['code=http://loinc.org|2339-0&_sort=date', [5.4, 7.1]],
    ['code=http://snomed.info/sct|2339-0', []],
    ['code:text=blood', [7.1, 5.4]],
    ['code:not=2339-0', []],
    ['date=2026-03', [5.4]],
    ['date=ge2026-03-15', [7.1]],
    ['date=gt2026-03-14&date=lt2026-04-01', []],
    ['date=2026', [7.1, 5.4]],
    ['value-quantity=5.4', [5.4]],
    ['value-quantity=gt6', [7.1]],
    ['value-quantity=lt6|http://unitsofmeasure.org|mmol/L', [5.4]],
    ['value-quantity=5.4||mg/dL', []],
    ['status=final,amended&_count=1&_sort=-date', [7.1]],
    ['subject:Patient.family=nova', [7.1, 5.4]],
    ['patient.gender=male', []],
    ['patient.birthdate=lt1990', [7.1, 5.4]],
    ['_has:DiagnosticReport:result:status=final', [5.4]],
    ['_has:DiagnosticReport:result:status=partial', []],
    ['performer:missing=true&_sort=-value-quantity', [7.1, 5.4]],
  ])('%s', async (words, values) => {
    const found = await sugars(words)
    expect(words.includes('_sort') ? found : found.toSorted((a, b) => b - a)).toEqual(values)
  })

  test('finds people by name whatever the case and accents, and nobody by a part of another', async () => {
    expect((await hospital.ask('GET', '/fhir/Patient?family=NOVAKOVA')).json.total).toBe(1)
    expect((await hospital.ask('GET', '/fhir/Patient?name:exact=jana')).json.total).toBe(1)
    expect((await hospital.ask('GET', '/fhir/Patient?name=ana')).json.total).toBe(0)
    expect((await hospital.ask('GET', '/fhir/Patient?name:contains=ana')).json.total).toBe(1)
  })

  test('includes what is referred to and what refers, resolved to what it is called here', async () => {
    const found = await hospital.ask(
      'GET',
      '/fhir/DiagnosticReport?_include=DiagnosticReport:result&_include=DiagnosticReport:subject',
    )
    expect(typesIn(found, 'include')).toEqual(['Observation', 'Patient'])
    const byPost = await hospital.ask('POST', '/fhir/Observation/_search', new URLSearchParams({ code: '2339-0' }))
    expect(byPost.json.total).toBe(2)
  })

  test('gives pages that lead to each other, and totals without content', async () => {
    const first = await hospital.ask('GET', '/fhir/Observation?_count=1&_sort=date')
    const next = first.json.link?.find(({ relation }) => relation === 'next')?.url ?? ''
    const second = await hospital.ask('GET', next.slice(hospital.gateway.url.length))
    expect(new Set([...matchesIn(first), ...matchesIn(second)]).size).toBe(2)
    expect(second.json.link?.map(({ relation }) => relation)).toEqual(['self', 'previous'])
    const counted = await hospital.ask('GET', '/fhir/Observation?_summary=count')
    expect([counted.json.total, counted.json.entry]).toEqual([2, []])
  })

  test('a parameter that is not known is refused, or left out and named where the client allows it', async () => {
    expect((await hospital.ask('GET', '/fhir/Observation?cod=2339-0')).status).toBe(400)
    const lenient = await hospital.ask('GET', '/fhir/Observation?cod=2339-0&_count=1', undefined, {
      prefer: 'handling=lenient',
    })
    const outcome = lenient.json.entry?.find(({ search }) => search?.mode === 'outcome')?.resource
    expect(JSON.stringify(outcome)).toContain('cod is not known')
  })

  test('answers nothing new where nothing changed', async () => {
    const [key = ''] = matchesIn(await hospital.ask('GET', '/fhir/Observation'))
    const { headers } = await hospital.ask('GET', `/fhir/${key}`)
    expect(headers.get('cache-control')).toBe('no-store')
    for (const known of [
      { 'if-none-match': headers.get('etag') ?? '' },
      { 'if-modified-since': headers.get('last-modified') ?? '' },
    ])
      expect((await hospital.ask('GET', `/fhir/${key}`, undefined, known)).status).toBe(304)
  })
})

test('what came as one message is found as the resources that are in it, which know each other', async () => {
  const [parent, child] = [
    'urn:uuid:6b0f0e3e-6c3e-4a52-9a52-0d8c5b6c0a01',
    'urn:uuid:6b0f0e3e-6c3e-4a52-9a52-0d8c5b6c0a02',
  ]
  const recordId = await addResource(patient.client, 'labs', {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      { fullUrl: parent, resource: { ...report, id: 'inside', result: [{ reference: child }] } },
      {
        fullUrl: child,
        resource: { ...SUGAR, id: 'inside', code: { text: 'Inside' }, identifier: [{ value: 'inside' }] },
      },
    ],
  })
  const found = await hospital.ask(
    'GET',
    `/fhir/DiagnosticReport?result.identifier=inside&_include=DiagnosticReport:result`,
  )
  expect((found.json.entry ?? []).map(({ resource: { resourceType, id } }) => [resourceType, id])).toEqual([
    ['DiagnosticReport', `${recordId}-0`],
    ['Observation', `${recordId}-1`],
  ])
  const inside = { ...SUGAR, id: `${recordId}-1`, subject: { reference: `Patient/${patientId}` } }
  expect((await hospital.ask('PUT', `/fhir/Observation/${recordId}-1`, inside, { 'if-match': 'W/"1"' })).status).toBe(
    403,
  )
  expect((await hospital.ask('GET', `/fhir/Bundle/${recordId}`)).json.entry).toHaveLength(2)
})

test('an International Patient Summary is made of what is shared', async () => {
  const { status, json } = await hospital.ask('GET', `/fhir/Patient/${patientId}/$summary`)
  expect([status, json['type'], summaryIssues(json)]).toEqual([200, 'document', []])
  expect((await hospital.ask('GET', `/fhir/Patient/${'0'.repeat(32)}/$summary`)).status).toBe(404)
})

test('a conditional create is made once, also when two come at the same time, and a batch answers each of its entries', async () => {
  const resource = {
    ...SUGAR,
    id: undefined,
    identifier: [{ system: 'urn:hospital', value: 'order-7' }],
    subject: { reference: `Patient/${patientId}` },
  }
  const condition = { 'if-none-exist': 'identifier=urn:hospital|order-7' }
  const both = await Promise.all([1, 2].map(() => hospital.ask('POST', '/fhir/Observation', resource, condition)))
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 201])
  expect(both[0]!.json.id).toBe(both[1]!.json.id)
  // Its first version may still be on its way: the second one waits for it.
  const next = { ...resource, id: both[0]!.json.id, status: 'amended' }
  const path = `/fhir/Observation/${both[0]!.json.id ?? ''}`
  const updated = await hospital.ask('PUT', path, next, { 'if-match': 'W/"1"' })
  expect([updated.status, updated.headers.get('etag')]).toEqual([200, 'W/"2"'])
  expect((await hospital.ask('GET', path)).json).toMatchObject({ status: 'amended', meta: { versionId: '2' } })
  const batch = await hospital.ask('POST', '/fhir', {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [
      { request: { method: 'GET', url: 'Observation?code=2339-0&_summary=count' } },
      { request: { method: 'GET', url: 'Observation/nothing' } },
      { request: { method: 'POST', url: 'Observation', ifNoneExist: 'identifier=urn:hospital|order-7' }, resource },
      { request: { method: 'DELETE', url: `Observation/${both[0]!.json.id ?? ''}` } },
      {
        request: { method: 'POST', url: 'Observation' },
        resource: { ...resource, identifier: [{ value: 'in-batch' }] },
      },
      { request: { method: 'GET', url: 'Observation?identifier=in-batch&_summary=count' } },
    ],
  })
  expect(batch.json.entry?.map(({ response }) => response?.status.slice(0, 3))).toEqual([
    '200',
    '404',
    '200',
    '404',
    '201',
    '200',
  ])
  expect(batch.json.entry?.at(-1)?.resource.total).toBe(1)
  expect((await hospital.ask('POST', '/fhir', { resourceType: 'Bundle', type: 'transaction', entry: [] })).status).toBe(
    422,
  )
})

test('what was acknowledged while no vault took it outlives the gateway, is read here at once, and is stored once', async () => {
  const subject = { reference: `Patient/${patientId}` }
  const resource = { ...SUGAR, id: undefined, subject, identifier: [{ system: 'urn:hospital', value: 'order-8' }] }
  const pending = async () => /spool_pending (\d+)/.exec((await hospital.ask('GET', '/metrics')).text)?.[1]
  await delivered(hospital)
  // Without its log no vault takes anything.
  await clinic.stop('audit')
  let created: Body
  try {
    const answer = await hospital.ask('POST', '/fhir/Observation', resource)
    created = answer.json
    expect([answer.status, answer.headers.get('etag'), await pending()]).toEqual([201, 'W/"1"', '1'])
  } finally {
    await hospital.restart(() => clinic.start('audit'))
  }
  const again = await hospital.ask('POST', '/fhir/Observation', resource, {
    'if-none-exist': 'identifier=urn:hospital|order-8',
  })
  expect([again.status, again.json.id]).toEqual([200, created.id])
  await delivered(hospital)
  expect([await pending(), (await ownRecords('labs', created.id)).length]).toEqual(['0', 1])
  const found = await hospital.ask(
    'GET',
    '/fhir/Observation?identifier=urn:hospital|order-8&_revinclude=Provenance:target',
  )
  expect([typesIn(found), typesIn(found, 'include')]).toEqual([['Observation'], ['Provenance']])
  const read = await hospital.ask('GET', `/fhir/Observation/${created.id ?? ''}`)
  expect([read.status, read.headers.get('etag'), read.json['identifier']]).toEqual([200, 'W/"1"', resource.identifier])
})

test('a FHIR client that is not ours reads, searches, pages and follows history', async () => {
  const client = new Client({ baseUrl: `${hospital.gateway.url}/fhir`, bearerToken: await hospital.token() })
  expect(await client.capabilityStatement()).toMatchObject({
    resourceType: 'CapabilityStatement',
    fhirVersion: '4.0.1',
  })
  const found = await client.search({ resourceType: 'Observation', searchParams: { code: '2339-0', _count: 1 } })
  const next = await client.nextPage({ bundle: found as never })
  expect(next).toMatchObject({ type: 'searchset' })
  const read = await client.read({ resourceType: 'Patient', id: patientId })
  expect(read).toMatchObject({ gender: 'female' })
  expect(
    await client.operation({ name: 'everything', resourceType: 'Patient', id: patientId, method: 'GET' }),
  ).toMatchObject({ type: 'searchset' })
  await expect(client.read({ resourceType: 'Patient', id: '0'.repeat(32) })).rejects.toMatchObject({
    response: { status: 404 },
  })
})

test('what is refused says why, as an OperationOutcome, and never where in our code', async () => {
  const deep = `{"resourceType":"Basic","extension":${'['.repeat(70)}${']'.repeat(70)}}`
  const observation = JSON.stringify({ ...SUGAR, subject: { reference: `Patient/${patientId}` } })
  const cases: readonly (readonly [
    status: number,
    method: string,
    path: string,
    body?: string | undefined,
    headers?: Record<string, string>,
  ])[] = [
    [400, 'POST', '/fhir/Observation', '{'],
    [400, 'POST', '/fhir/Observation', deep],
    [400, 'POST', '/fhir/Observation', '{"resourceType":"Observation","status":"final","status":"amended"}'],
    [400, 'POST', '/fhir/Observation', '{"resourceType":"Observation","__proto__":{}}'],
    [400, 'POST', '/fhir/Observation', JSON.stringify(summaryFor(`Patient/${patientId}`))],
    [400, 'POST', '/fhir/Observation?a=b', observation],
    [413, 'POST', '/fhir/Observation', `{"a":"${'x'.repeat(10 * 1024 * 1024)}"}`],
    [415, 'POST', '/fhir/Observation', '<Observation/>', { 'content-type': 'application/fhir+xml' }],
    [406, 'GET', '/fhir/Observation', undefined, { accept: 'application/fhir+xml' }],
    [
      422,
      'POST',
      '/fhir/Observation',
      JSON.stringify({ ...SUGAR, status: undefined, subject: { reference: `Patient/${patientId}` } }),
    ],
    [422, 'POST', '/fhir/Observation', JSON.stringify(SUGAR)],
    [422, 'POST', '/fhir/Observation', JSON.stringify({ ...SUGAR, subject: undefined })],
    [
      403,
      'POST',
      '/fhir/Observation',
      JSON.stringify({ ...SUGAR, subject: { reference: `Patient/${'0'.repeat(32)}` } }),
    ],
    [400, 'GET', '/fhir/Observation?_count=101'],
    [400, 'GET', '/fhir/Observation?date=yesterday'],
    [400, 'GET', '/fhir/Observation?value-quantity=much'],
    [400, 'GET', '/fhir/Observation?subject:Patient.general-practitioner.name=a'],
    [400, 'GET', '/fhir/Observation?_sort=colour'],
    [400, 'GET', '/fhir/Observation?_include=*'],
    [400, 'GET', '/fhir/Observation?code:above=2339-0'],
    [404, 'GET', '/fhir/Observation/nothing'],
    [404, 'GET', '/fhir/Subscription'],
    [404, 'POST', '/fhir/$graphql', '{}'],
    [404, 'GET', '/fhir/../../etc/passwd'],
  ]
  for (const [status, method, path, body, headers] of cases) {
    const answer = await hospital.ask(method, path, body, headers)
    expect([method, path, body?.slice(0, 80), answer.status]).toEqual([method, path, body?.slice(0, 80), status])
    expect(answer.json.resourceType).toBe('OperationOutcome')
    expect(answer.text).not.toMatch(/\.ts:|node_modules|\n/)
    expect(wordsOf(answer)).not.toBe('')
  }
})

test('a laboratory’s message waits until staff say whose number it is, and then others find its results', async () => {
  const laboratory = await openInstitution(clinic, { takesMessages: true })
  const results = async () => (await hospital.ask('GET', `/fhir/Observation?patient=${patientId}&_count=0`)).json.total
  const before = (await results()) ?? 0
  await shareWith(patient.client, laboratory, ['labs'], ['write'])
  const text = readFileSync(new URL('../vectors/hl7v2/own-oru-r01-lab-panel.hl7', import.meta.url), 'utf8')
  expect(await sendMessage(laboratory, text)).toBe('AA')
  const waiting = async () => (await laboratory.ask('GET', '/hl7v2/quarantine')).json['messages'] as { id: string }[]
  await expect.poll(waiting).toMatchObject([{ reason: 'unmatched', identifiers: [{ value: 'MG-SYN-0001' }, {}] }])
  const shown = await laboratory.ask('GET', `/hl7v2/quarantine/${(await waiting())[0]!.id}`)
  expect(Buffer.from(String(shown.json['content']), 'base64').toString()).toContain('MSH|')
  const number = { authority: '2.16.840.1.113883.3.9999.1', value: 'MG-SYN-0001' }
  expect(
    (await laboratory.ask('PUT', '/hl7v2/patients', { ...number, patient: `Patient/${'0'.repeat(32)}` })).status,
  ).toBe(403)
  expect((await laboratory.ask('PUT', '/hl7v2/patients', { ...number, patient: `Patient/${patientId}` })).status).toBe(
    200,
  )
  await expect
    .poll(async () => (await laboratory.ask('GET', '/hl7v2/state')).json)
    .toMatchObject({ delivered: 1, quarantine: 0 })
  expect((await laboratory.ask('GET', '/metrics')).text).toMatch(
    /messages_total\{ack="AA"\} 1\n[^]*waiting\{where="spool"\} 0\n[^]*waiting\{where="quarantine"\} 0\n/,
  )
  expect(await results()).toBe(before + 9)
  const found = await hospital.ask('GET', '/fhir/Observation?code=718-7&_revinclude=Provenance:target')
  expect(JSON.stringify(found.json.entry)).toContain(laboratory.gateway.principal)
  expect((await laboratory.ask('POST', '/hl7v2/patients/remove', number)).status).toBe(200)
  expect((await laboratory.ask('POST', '/hl7v2/patients/remove', number)).status).toBe(404)
  for (const asked of ['DELETE /hl7v2/quarantine/1', 'POST /hl7v2/quarantine/1/assign']) {
    const [method = '', path = ''] = asked.split(' ')
    const body = method === 'POST' ? { patient: `Patient/${patientId}` } : undefined
    expect((await laboratory.ask(method, path, body)).status).toBe(404)
  }
  expect((await hospital.ask('GET', '/hl7v2/state')).status).toBe(404)
  expect(laboratory.onDisk().toString('latin1')).not.toContain('MG-SYN-0001')
  await laboratory.close()
})
