import { request } from 'node:http'
import { ROUTES } from '@medguard/gateway'
import { NS_PER_DAY, NS_PER_MINUTE } from '@medguard/protocol'
import { generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plantedWord } from '../product/markers.ts'
import { type Clinic, openClinic, type Person } from './clinic.ts'
import { addResource, type Institution, matchesIn, openInstitution, shareWith, typesIn } from './institution.fixture.ts'

// What a gateway gives out is what is shared at this moment, to whoever may ask, and nothing more; nothing of it lies on its disk.

let clinic: Clinic
let patient: Person
let other: Person
let hospital: Institution
let patientId: string
let otherId: string
const CANARY = plantedWord('diagnosis')

const observation = (code: string, more: object = {}) => ({
  resourceType: 'Observation',
  id: code,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }], text: `${CANARY} ${code}` },
  ...more,
})
async function enrolled(person: Person): Promise<string> {
  const account = await person.client.enrol()
  if (account.kind !== 'done') throw new Error('enrol')
  return account.value.patientId
}
const keysOf = async (path: string, from = hospital): Promise<string[]> =>
  matchesIn(await from.ask('GET', path)).toSorted()

beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  other = clinic.person('other')
  ;[patientId, otherId] = await Promise.all([enrolled(patient), enrolled(other)])
  await addResource(patient.client, 'labs', observation('1111-1', { hasMember: [{ reference: 'Observation/2222-2' }] }))
  // Not shared with anybody below.
  await addResource(
    patient.client,
    'sensitive',
    observation('2222-2', { derivedFrom: [{ reference: 'Observation/1111-1' }] }),
  )
  await addResource(patient.client, 'documents', {
    resourceType: 'DiagnosticReport',
    status: 'final',
    code: { text: CANARY },
    result: [{ reference: 'Observation/1111-1' }],
  })
  await addResource(other.client, 'labs', observation('1111-1'))
  hospital = await openInstitution(clinic)
})
afterAll(async () => {
  await hospital.close()
  await clinic.close()
})

describe('outside of what is shared', () => {
  let labs: string
  beforeAll(async () => {
    labs = await shareWith(patient.client, hospital, ['labs'])
  })

  test('there is nothing to count, to chain to, to include, to page to, or to export', async () => {
    const [key = ''] = await keysOf('/fhir/Observation')
    expect(await keysOf('/fhir/Observation')).toHaveLength(1)
    expect((await hospital.ask('GET', '/fhir/Observation?_summary=count')).json.total).toBe(1)
    expect(await keysOf('/fhir/Observation?code=2222-2')).toEqual([])
    expect(await keysOf('/fhir/DiagnosticReport')).toEqual([])
    expect(await keysOf('/fhir/Observation?_has:DiagnosticReport:result:status=final')).toEqual([])
    expect(await keysOf('/fhir/Observation?_has:Observation:derived-from:status=final')).toEqual([])
    expect(await keysOf('/fhir/Observation?has-member:Observation.status=final')).toEqual([])
    const found = await hospital.ask(
      'GET',
      '/fhir/Observation?_include=Observation:has-member&_revinclude=DiagnosticReport:result&_revinclude=Observation:derived-from',
    )
    expect(found.json.entry).toHaveLength(1)
    expect((await hospital.ask('GET', '/fhir/Observation?_offset=1')).json.entry).toEqual([])
    const everything = await hospital.ask('GET', `/fhir/Patient/${patientId}/$everything`)
    expect(typesIn(everything)).toEqual(['Observation', 'Patient'])
    // Somebody who shares nothing is nobody, and looks like one who does not exist.
    const unknown = await hospital.ask('GET', `/fhir/Patient/${otherId}`)
    expect([unknown.status, unknown.text]).toEqual([
      404,
      (await hospital.ask('GET', `/fhir/Patient/${'0'.repeat(32)}`)).text,
    ])
    expect((await hospital.ask('GET', `/fhir/${key}`)).status).toBe(200)
  })

  test('an export has what is shared when it is fetched, is its own client’s, and is in the patient’s log', async () => {
    expect((await hospital.ask('GET', '/fhir/$export')).status).toBe(400)
    const begun = await hospital.ask('GET', '/fhir/$export?_type=Observation,DiagnosticReport', undefined, {
      prefer: 'respond-async',
    })
    expect(begun.status).toBe(202)
    const place = (begun.headers.get('content-location') ?? '').slice(hospital.gateway.url.length)
    await expect.poll(async () => (await hospital.ask('GET', place)).status).toBe(200)
    const { output = [] } = (await hospital.ask('GET', place)).json
    expect(output.map(({ type, count }) => [type, count])).toEqual([['Observation', 1]])
    const file = output[0]!.url.slice(hospital.gateway.url.length)
    const lines = (await hospital.ask('GET', file)).text.trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { resourceType: string }).resourceType)).toEqual(['Observation'])
    expect(
      (
        await hospital.ask(
          'GET',
          place.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
        )
      ).status,
    ).toBe(404)
    expect((await hospital.ask('GET', file.replace('/Observation', '/DiagnosticReport'))).status).toBe(404)
    const log = await patient.client.log('patient')
    const taken =
      log.kind === 'done'
        ? log.value.items.filter(({ event, actor }) => event === 'exported' && actor === hospital.gateway.principal)
        : []
    expect(taken).toHaveLength(1)
    expect((await hospital.ask('DELETE', place)).status).toBe(202)
    expect((await hospital.ask('GET', file)).status).toBe(404)
  })

  test('a revoked share gives nothing at the very next call, from no cache and no export', async () => {
    const [key = ''] = await keysOf('/fhir/Observation')
    const { headers } = await hospital.ask('GET', `/fhir/${key}`)
    const known = { 'if-none-match': headers.get('etag') ?? '' }
    expect((await hospital.ask('GET', `/fhir/${key}`, undefined, known)).status).toBe(304)
    expect(await patient.client.revoke(labs)).toMatchObject({ kind: 'done' })
    const after = await Promise.all([
      hospital.ask('GET', `/fhir/${key}`, undefined, known),
      hospital.ask('GET', `/fhir/${key}/_history/1`),
      hospital.ask('GET', `/fhir/Patient/${patientId}`),
      hospital.ask('GET', `/fhir/Patient/${patientId}/$everything`),
    ])
    expect(after.map(({ status }) => status)).toEqual([404, 404, 404, 404])
    expect((await hospital.ask('GET', '/fhir/Observation')).json.total).toBe(0)
  })

  test('a pause holds it, and its end gives it back; a share that is over is over by the clock', async () => {
    await shareWith(patient.client, hospital, ['labs'], ['list', 'open'], 1)
    expect(await keysOf('/fhir/Observation')).toHaveLength(1)
    await patient.client.changeRules({ kind: 'pause' })
    expect(await keysOf('/fhir/Observation')).toEqual([])
    await patient.client.changeRules({ kind: 'resume' })
    expect(await keysOf('/fhir/Observation')).toHaveLength(1)
    await clinic.advance(NS_PER_DAY)
    expect((await hospital.ask('GET', '/fhir/Observation')).json.total).toBe(0)
  })
})

describe('what is open', () => {
  test('shows what is new and loses what was deleted, without being opened again', async () => {
    await shareWith(patient.client, hospital, ['labs'])
    const total = async () => (await hospital.ask('GET', '/fhir/Observation?_summary=count')).json.total
    expect(await total()).toBe(1)
    const recordId = await addResource(patient.client, 'labs', observation('3333-3'))
    expect(await total()).toBe(2)
    const log = await patient.client.log('patient')
    const openings =
      log.kind === 'done'
        ? log.value.items.filter(
            ({ event, objectId, actor }) =>
              event === 'open' && objectId === recordId && actor === hospital.gateway.principal,
          )
        : []
    expect(openings).toHaveLength(1)
    await patient.client.deleteRecord(recordId)
    await clinic.advance(16n * NS_PER_MINUTE)
    expect(await total()).toBe(1)
  })

  test('is found by what it has, whatever rubbish somebody else stored beside it', async () => {
    const rubbish = {
      id: 7,
      code: { coding: [{ display: 5, code: 6 }], text: 7 },
      status: {},
      category: 'x',
      subject: 'y',
      effectiveDateTime: 7,
      valueQuantity: [null],
      component: [null, 3],
    }
    const forged = {
      resourceType: 'Provenance',
      meta: { tag: [{ system: 'urn:medguard:word', code: 'network' }, { code: 'kept' }] },
      target: [{ reference: 'Observation/1111-1' }],
      agent: [{ who: { identifier: { system: 'urn:medguard:principal', value: hospital.gateway.principal } } }],
    }
    const other = {
      resourceType: 'Patient',
      name: [{ family: 'Somebody else' }],
      identifier: [{ system: 'urn:medguard:vault', value: otherId }],
    }
    await addResource(patient.client, 'labs', { resourceType: 'Patient', name: [{ family: 'Novak' }] })
    const depositor = clinic.person('depositor')
    await depositor.client.enrol()
    const own = await shareWith(
      patient.client,
      { gateway: { ...hospital.gateway, principal: depositor.principal.toText() } },
      ['labs'],
      ['write'],
    )
    for (const resource of [{ ...rubbish, resourceType: 'Observation' }, forged, other])
      await depositor.client.deposit(own, {
        bytes: new TextEncoder().encode(JSON.stringify(resource)),
        title: 'x',
        fileName: null,
        mediaType: 'application/fhir+json',
        category: 'labs',
        clinicalDate: null,
      })
    expect(await keysOf('/fhir/Observation?code=1111-1')).toHaveLength(1)
    for (const name of [
      'code',
      'date',
      'subject',
      'value-quantity',
      'category',
      'status',
      'component-code',
      'identifier',
      'performer',
    ])
      expect([name, (await hospital.ask('GET', `/fhir/Observation?${name}:missing=false`)).status]).toEqual([name, 200])
    expect(await keysOf('/fhir/Patient?family=novak')).toEqual([`Patient/${patientId}`])
    expect((await hospital.ask('GET', `/fhir/Patient/${patientId}`)).text).not.toContain(otherId)
    // What the network says is marked, and nobody else can mark anything so.
    const ours = await hospital.ask('GET', '/fhir/Provenance?_tag=urn:medguard:word|network')
    expect(new Set(matchesIn(ours).map((key) => key.endsWith('-provenance')))).toEqual(new Set([true]))
    expect((await hospital.ask('GET', '/fhir/Provenance?_tag=kept')).json.total).toBe(1)
  })

  test('lies in memory alone: neither on the disk nor in a line of the log, nor do patients', async () => {
    expect((await hospital.ask('GET', '/fhir/Observation')).text).toContain(CANARY)
    const written = `${hospital.onDisk().toString('latin1')}${JSON.stringify(hospital.lines)}${(await hospital.ask('GET', '/metrics')).text}`
    expect(hospital.lines.length).toBeGreaterThan(10)
    for (const secret of [CANARY, patientId, otherId, '1111-1', patient.principal.toText()])
      expect(written).not.toContain(secret)
  })

  test('is the same on its way to a vault: sealed on the disk, for whoever may read it, and no longer than the share', async () => {
    const laboratory = await openInstitution(clinic)
    const newcomer = clinic.person('newcomer')
    const newcomerId = await enrolled(newcomer)
    const writing = await shareWith(newcomer.client, laboratory, ['labs'], ['write'])
    const reading = await shareWith(newcomer.client, laboratory, ['labs'])
    const ofWhom = { subject: { reference: `Patient/${newcomerId}` } }
    const create = (code: string, more = {}) =>
      laboratory.ask('POST', '/fhir/Observation', observation(code, { ...ofWhom, ...more }))
    const held = async () => (await laboratory.ask('GET', '/creates/quarantine')).json['creates'] as { id: string }[]
    const found = () => keysOf('/fhir/Observation?code=5555-5&_revinclude=Provenance:target', laboratory)
    // Not shared: the gateway asks what is. The share to write ends, and it has not asked again.
    expect((await create('5555-5', { category: [{ coding: [{ code: 'vital-signs' }] }] })).status).toBe(403)
    await newcomer.client.revoke(writing)
    const created = await create('5555-5')
    expect([created.status, created.headers.get('etag')]).toEqual([201, 'W/"1"'])
    const [key, path] = [`Observation/${created.json.id ?? ''}`, `/fhir/Observation/${created.json.id ?? ''}`]
    await expect.poll(held).toMatchObject([{ reason: 'shareOver', source: 'ehr', grantId: writing }])
    const [{ id }] = (await held()) as [{ id: string }]
    expect((await laboratory.ask('GET', `/creates/quarantine/${id}`)).json).toMatchObject({ resource: ofWhom })

    await laboratory.restart()
    // Its share lets it be read. What the network would say of it the network has not said yet.
    expect([(await laboratory.ask('GET', path)).headers.get('etag'), await found()]).toEqual(['W/"1"', [key]])
    expect(typesIn(await laboratory.ask('GET', `/fhir/Patient/${newcomerId}/$everything`))).toEqual([
      'Observation',
      'Patient',
    ])
    expect((await laboratory.ask('GET', `${path}/_history`)).json.entry).toHaveLength(1)
    expect((await create('5555-6')).status).toBe(403)
    for (const secret of [CANARY, newcomerId, '5555-5', 'Observation', 'ehr'])
      expect([secret, laboratory.onDisk().includes(secret)]).toEqual([secret, false])
    const authorization = `Bearer ${await laboratory.token('system/Patient.rs system/DiagnosticReport.rs')}`
    const unseen = [path, '/fhir/Observation?code=5555-5', '/fhir/Patient?_has:Observation:patient:code=5555-5'].map(
      async (asked) => (await laboratory.ask('GET', asked, undefined, { authorization })).status,
    )
    expect(await Promise.all(unseen)).toEqual([403, 403, 403])
    await newcomer.client.revoke(reading)
    expect([(await laboratory.ask('GET', path)).status, await found()]).toEqual([404, []])
    expect((await laboratory.ask('POST', `/creates/quarantine/${id}/retry`)).status).toBe(403)

    // Under the next share it goes on by itself.
    await shareWith(newcomer.client, laboratory, ['labs'], ['list', 'open', 'write'])
    expect(await found()).toEqual([key])
    await expect.poll(held).toEqual([])
    const after = await laboratory.ask('GET', '/fhir/Observation?code=5555-5&_revinclude=Provenance:target')
    expect([typesIn(after), typesIn(after, 'include')]).toEqual([['Observation'], ['Provenance']])
    for (const asked of [
      'GET /creates/quarantine/1',
      'DELETE /creates/quarantine/1',
      'POST /creates/quarantine/1/retry',
    ]) {
      const [method = '', address = ''] = asked.split(' ')
      expect([asked, (await laboratory.ask(method, address)).status]).toEqual([asked, 404])
    }
    await laboratory.close()
  })

  test('is not given out while nobody says whether it is still shared', async () => {
    await clinic.stop('consent')
    try {
      const answer = await hospital.ask('GET', '/fhir/Observation')
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    } finally {
      await clinic.start('consent')
    }
    expect((await hospital.ask('GET', '/fhir/Observation')).status).toBe(200)
  })
})

describe('who asks', () => {
  test.each<[what: string, change: Parameters<Institution['assertion']>[0]]>([
    ['another audience', { audience: 'https://elsewhere.example/token' }],
    ['several audiences', { audience: ['https://elsewhere.example/token'] }],
    ['an unknown client', { issuer: 'nobody' }],
    ['ten minutes of life', { lifeSeconds: 600 }],
    ['an end that is past', { lifeSeconds: -10 }],
    ['no jti', { jti: null }],
    ['an address to fetch keys from', { header: { jku: 'https://elsewhere.example/keys' } }],
    ['a key that is not registered', { header: { kid: 'two' } }],
  ])('gets no token for %s', async (_what, change) => {
    const answer = await hospital.sendAssertion(await hospital.assertion(change))
    expect([answer.status, answer.json['error']]).toEqual([401, 'invalid_client'])
  })

  test('gets no token for somebody else’s signature, none at all, or an assertion that was used', async () => {
    const { privateKey } = await generateKeyPair('ES384')
    expect((await hospital.sendAssertion(await hospital.assertion({ key: privateKey }))).status).toBe(401)
    const [, payload = ''] = (await hospital.assertion()).split('.')
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
    expect((await hospital.sendAssertion(unsigned)).status).toBe(401)
    const once = await hospital.assertion()
    expect((await hospital.sendAssertion(once)).status).toBe(200)
    expect((await hospital.sendAssertion(once)).status).toBe(401)
  })

  test('does what the scopes of the token say, of those that are registered, and no longer than five minutes', async () => {
    const limited = await openInstitution(clinic, { scopes: 'system/Observation.rs system/Patient.r' })
    await shareWith(patient.client, limited, ['labs', 'documents'], ['list', 'open', 'write'])
    const status = async (method: string, path: string, body?: object) => (await limited.ask(method, path, body)).status
    expect(await status('GET', '/fhir/Observation')).toBe(200)
    expect(await status('GET', `/fhir/Patient/${patientId}`)).toBe(200)
    expect(await status('GET', '/fhir/Patient')).toBe(403)
    expect(await status('GET', '/fhir/DiagnosticReport')).toBe(403)
    expect(await status('GET', '/fhir/Observation?_has:DiagnosticReport:result:status=final')).toBe(403)
    expect(await status('GET', '/fhir/Observation?subject:Patient.family=a')).toBe(403)
    expect(
      await status(
        'POST',
        '/fhir/Observation',
        observation('4444-4', { subject: { reference: `Patient/${patientId}` } }),
      ),
    ).toBe(403)
    expect(await status('POST', '/access-requests', {})).toBe(403)
    expect(await status('GET', '/hl7v2/quarantine')).toBe(403)
    expect(await status('GET', '/creates/quarantine')).toBe(403)
    expect(
      typesIn(await limited.ask('GET', '/fhir/Observation?_revinclude=DiagnosticReport:result'), 'include'),
    ).toEqual([])
    expect(new Set(typesIn(await limited.ask('GET', `/fhir/Patient/${patientId}/$everything`)))).toEqual(
      new Set(['Observation', 'Patient']),
    )
    expect((await limited.sendAssertion(await limited.assertion(), 'system/*.rs')).json['error']).toBe('invalid_scope')
    expect(
      (await limited.sendAssertion(await limited.assertion(), 'system/*.rs system/Observation.r')).json['scope'],
    ).toBe('system/Observation.r')
    const authorization = `Bearer ${await limited.token()}`
    const byToken = async () => (await limited.ask('GET', '/fhir/Observation', undefined, { authorization })).status
    expect(await byToken()).toBe(200)
    await clinic.advance(6n * NS_PER_MINUTE)
    expect(await byToken()).toBe(401)
    await limited.close()
  })

  test('waits, when it asks too often, and others do not', async () => {
    const busy = await openInstitution(clinic, { requestsPerMinute: 20 })
    const answers = await Promise.all(Array.from({ length: 5 }, () => busy.ask('GET', '/fhir/Patient')))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 429, 429, 429])
    expect(Number(answers.find(({ status }) => status === 429)?.headers.get('retry-after'))).toBeGreaterThan(0)
    // Also before anybody is known: of the two at once, one got the token above.
    const tries = await Promise.all([1, 2].map(() => busy.sendAssertion('a.b.c')))
    expect(tries.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([401, 429])
    expect((await fetch(`${busy.gateway.url}/health`)).status).toBe(200)
    await busy.close()
  })
})

test('every address that the document tells of is served, needs a token unless it says so, and no other is', async () => {
  const document = (await (await fetch(`${hospital.gateway.url}/openapi.json`)).json()) as {
    paths: Record<
      string,
      Record<string, { operationId: string; security: unknown[]; responses: Record<string, unknown> }>
    >
  }
  const told = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  expect(told.map(({ operation }) => operation.operationId).toSorted()).toEqual(
    ROUTES.map(({ name }) => name).toSorted(),
  )
  for (const { path, method, operation } of told) {
    const address = `${hospital.gateway.url}${path.replaceAll('{type}', 'Observation').replaceAll(/\{\w+\}/g, '1')}`
    const { status } = await fetch(address, { method })
    const isOpen = operation.security.length === 0
    expect([path, method, isOpen ? status !== 404 : status]).toEqual([path, method, isOpen || 401])
    if (isOpen)
      expect([path, Object.keys(operation.responses).includes(String(status)) || status === 415]).toEqual([path, true])
  }
  for (const path of ['/', '/fhir/Observation/1/2/3', '/fhir/$graphql', '/admin'])
    expect((await hospital.ask('GET', path)).status).toBe(404)
})

test('headers without end are refused, and a request that is cut off disturbs nobody', async () => {
  const status = await new Promise<number>((resolve, reject) => {
    const asked = request(
      `${hospital.gateway.url}/fhir/metadata`,
      { headers: { 'x-long': 'x'.repeat(20_000) } },
      ({ statusCode = 0 }) => resolve(statusCode),
    )
    asked.on('error', reject)
    asked.end()
  })
  expect(status).toBe(431)
  const cut = request(`${hospital.gateway.url}/fhir/Observation`, {
    method: 'POST',
    headers: { 'content-length': '1000', 'content-type': 'application/fhir+json' },
  })
  cut.on('error', () => {})
  cut.write('{')
  cut.destroy()
  expect((await fetch(`${hospital.gateway.url}/health`)).status).toBe(200)
})
