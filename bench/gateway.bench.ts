import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openClinic } from '../test/scenarios/clinic.ts'
import { addResource, type Institution, openInstitution, shareWith } from '../test/scenarios/institution.fixture.ts'
import { ROOT } from '../scripts/project.ts'
// After the gateway, which brings what Medplum's packages miss in Node 20.
import { Hl7Message } from '@medplum/core'
import { Hl7Client } from '@medplum/hl7'
import type { LoadAsked, LoadTold } from './gateway-load.ts'
import { check, type Row, type Rows, rowsOf } from './rows.ts'

const SHRINK = Number(process.env['MEDGUARD_BENCH_SHRINK'] ?? 1)
/** A hospital's laboratory on a busy morning. */
const MESSAGES = 2_000 / SHRINK
const MESSAGES_PER_SECOND = 200
const SENDERS = 8
const CREATES = 500 / SHRINK
const CREATES_PER_SECOND = 50
const CREATES_AT_ONCE = 16
const RESOURCES = 10_000 / SHRINK
const SEARCHES = 50
const ACKNOWLEDGED_MS = 100
const SEARCHED_MS = 50

/** What an institution's own systems wait for: gateway, network and whoever asks share this machine. */
export async function run(): Promise<Row[]> {
  const rows = rowsOf('gateway')
  const clinic = await openClinic({ clock: 'real' })
  const institution = await openInstitution(clinic, { takesMessages: true, isApart: true })
  try {
    await messages(rows, institution)
    const patient = clinic.person('patient')
    await patient.client.enrol()
    await addResource(patient.client, 'labs', results())
    await shareWith(patient.client, institution, ['labs'], ['list', 'open', 'write'])
    await searches(rows, institution)
    await creates(rows, institution)
  } finally {
    await institution.close()
    await clinic.close()
  }
  return rows.rows
}

/** Into the spool, sealed and on the disk before each is acknowledged. */
async function messages(rows: Rows, { gateway }: Institution): Promise<void> {
  const text = readFileSync(join(ROOT, 'test/vectors/hl7v2/own-oru-r01-lab-panel.hl7'), 'utf8')
  const { hl7v2Port } = gateway
  check(hl7v2Port !== null, 'messages are taken')
  const clients = Array.from({ length: SENDERS }, () => new Hl7Client({ host: '127.0.0.1', port: hl7v2Port ?? 0 }))
  for (const client of clients) await client.connect()
  const waits: number[] = []
  let next = 0
  const startMs = performance.now()
  const send = async (client: Hl7Client): Promise<void> => {
    for (let n = next++; n < MESSAGES; n = next++) {
      const sentMs = performance.now()
      const answer = await client.sendAndWait(Hl7Message.parse(text.replace('MG0001', `BENCH${n}`)))
      check(answer.getSegment('MSA')?.getField(1).toString() === 'AA', 'the message is acknowledged')
      waits.push(performance.now() - sentMs)
    }
  }
  await Promise.all(clients.map(send))
  rows.add(
    'a message of HL7 v2 into the spool',
    (performance.now() - startMs) / MESSAGES,
    'ms',
    1000 / MESSAGES_PER_SECOND,
  )
  rows.add(`its acknowledgement, ${SENDERS} senders, the slowest 1 %`, slowest(waits), 'ms', ACKNOWLEDGED_MS)
  for (const client of clients) await client.close()
}

async function searches(rows: Rows, institution: Institution): Promise<void> {
  const ask = (path: string) => institution.ask('GET', path)
  const startMs = performance.now()
  const all = await ask('/fhir/Observation?_summary=count')
  check(all.json.total === RESOURCES, 'every resource is there')
  rows.add(`${RESOURCES.toLocaleString('en')} resources opened and the first search`, performance.now() - startMs, 'ms')
  for (const [name, query, isFound] of [
    ['by code', 'code=http://loinc.org|2339-0&_count=20', true],
    ['by day and value', 'date=ge2020-01-01&value-quantity=gt100||mg/dL&_count=20&_sort=-date', true],
    ['for what is not there', 'code=http://loinc.org|0000-0', false],
  ] as const) {
    await ask(`/fhir/Observation?${query}`) // what is searched for is read out of each resource once
    const waits: number[] = []
    for (let i = 0; i < SEARCHES; i++) {
      const sentMs = performance.now()
      const { status, json } = await ask(`/fhir/Observation?${query}`)
      waits.push(performance.now() - sentMs)
      check(status === 200 && (json.total ?? 0) > 0 === isFound, 'the search finds what there is')
    }
    rows.add(`a search ${name}, the slowest of ${SEARCHES}`, Math.max(...waits), 'ms', SEARCHED_MS)
  }
}

/** Acknowledged once they are on the disk, while the first ones are delivered: as many as one share takes in an hour. */
async function creates(rows: Rows, institution: Institution): Promise<void> {
  const [patient] = (await institution.ask('GET', '/fhir/Patient')).json.entry ?? []
  check(patient !== undefined, 'the patient is there')
  const subject = { reference: `Patient/${patient?.resource.id ?? ''}` }
  const resource = { ...observation(1), id: undefined, subject, note: [{ text: 'NUMBER' }] }
  const asked = { url: institution.gateway.url, token: await institution.token(), text: JSON.stringify(resource) }
  const flood = await load({ ...asked, count: CREATES, atOnce: CREATES_AT_ONCE, everyMs: 0 })
  rows.add(`a FHIR create, ${CREATES_AT_ONCE} at once`, flood.tookMs / CREATES, 'ms', 1000 / CREATES_PER_SECOND)
  const steady = await load({ ...asked, count: CREATES, atOnce: null, everyMs: 1000 / CREATES_PER_SECOND })
  rows.add(
    `its answer, ${CREATES_PER_SECOND} a second, the slowest 1 %`,
    slowest(steady.waitsMs),
    'ms',
    ACKNOWLEDGED_MS,
  )
  const { json } = await institution.ask('GET', '/creates/state')
  check(Number(json['delivered']) > 0 && Number(json['quarantine']) === 0, 'they are delivered')
  check(Number(json['delivered']) + Number(json['waiting']) === 2 * CREATES + 2, 'none is lost')
}

async function load(asked: LoadAsked): Promise<LoadTold> {
  const child = fork(join(import.meta.dirname, 'gateway-load.ts'), { execArgv: ['--import', 'tsx'] })
  child.send(asked)
  const [told] = (await once(child, 'message')) as [LoadTold]
  check(told.refused.length === 0, `created: ${told.refused[0] ?? ''}`)
  check(told.waitsMs.length === asked.count, 'each is answered')
  return told
}

const observation = (n: number) => ({
  resourceType: 'Observation',
  id: `result-${n}`,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: n % 2 === 0 ? '2339-0' : '718-7' }] },
  effectiveDateTime: new Date(Date.UTC(2019, 0, 1) + n * 3_600_000).toISOString(),
  valueQuantity: { value: 70 + (n % 60), unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
})
const results = () => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: Array.from({ length: RESOURCES }, (_, n) => ({ resource: observation(n) })),
})
const slowest = (waits: readonly number[]): number =>
  waits.toSorted((a, b) => b - a)[Math.floor(waits.length / 100)] ?? 0
