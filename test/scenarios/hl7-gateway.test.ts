import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  authorSignerOf,
  type Category,
  createClient,
  developmentNetwork,
  newAuthorKeys,
  type RecordSummary,
} from '@medguard/client'
import {
  hl7v2Reader,
  openOrderBook,
  openPatientTable,
  openQuarantine,
  openSpool,
  startDelivery,
  startMllp,
} from '@medguard/gateway'
import { NS_PER_DAY, toHex } from '@medguard/protocol'
import { Hl7Message } from '@medplum/core'
import { Hl7Client } from '@medplum/hl7'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Clinic, Person } from './clinic.ts'
import { type Line, openLine } from './line.fixture.ts'
import { employed, type Hospital, openCouncilClinic, verified } from './trust.fixture.ts'

// D14, A09, I25: a hospital's messages arrive in their patients' vaults as the hospital's, each once, and what is nobody's waits for somebody.

const KEY = new Uint8Array(randomBytes(32))
const message = (name: string, change = (text: string) => text) =>
  Hl7Message.parse(change(readFileSync(new URL(`../vectors/hl7v2/${name}.hl7`, import.meta.url), 'utf8')))

let clinic: Clinic
let hospital: Hospital
let patient: Person
let gate: Person
let grantId: string
let line: Line
let folder: string
let gateway: Awaited<ReturnType<typeof startGateway>>
beforeAll(async () => {
  clinic = await openCouncilClinic()
  patient = clinic.person('patient')
  await patient.client.enrol()
  hospital = await verified(clinic, 'City Hospital')
  await employed(clinic, hospital, 'gateway')
  gate = clinic.person('gateway')
  const startNs = await clinic.nowNs()
  const shared = await patient.client.share({
    scope: { categories: ['labs', 'documents'] },
    rights: ['write'],
    purpose: 'TREAT',
    grantee: hospital.principal.toText(),
    startNs,
    endNs: startNs + NS_PER_DAY,
  })
  if (shared.kind !== 'done') throw new Error(`share: ${shared.refusal.kind}`)
  grantId = shared.value.grantId
  folder = mkdtempSync(join(tmpdir(), 'medguard-gateway-'))
  line = await openLine(clinic.localnet.port)
  gateway = await startGateway()
})
afterAll(async () => {
  await gateway.close()
  await line.close()
  await clinic.close()
  rmSync(folder, { recursive: true, force: true })
})

async function startGateway() {
  const signer = await authorSignerOf(await newAuthorKeys(false))
  const client = createClient({
    identity: gate.identity,
    network: developmentNetwork(clinic.localnet.url.replace(/:\d+/, `:${line.port}`)),
    authors: { read: async () => signer, make: async () => signer, remove: async () => {} },
  })
  await client.addAuthorKey()
  const spool = await openSpool(folder, KEY)
  const quarantine = await openQuarantine(folder, KEY)
  const matcher = await openPatientTable(folder, KEY)
  const orders = await openOrderBook(folder, KEY)
  const readers = { hl7v2: hl7v2Reader() }
  const bugs: unknown[] = []
  const onBug = (error: unknown) => void bugs.push(error)
  const delivery = startDelivery({ spool, quarantine, matcher, orders, client, readers, waitsMs: [20], onBug })
  const mllp = await startMllp({ port: 0 }, spool)
  const peer = new Hl7Client({ host: '127.0.0.1', port: mllp.port })
  return {
    client,
    spool,
    quarantine,
    matcher,
    delivery,
    send: async (sent: Hl7Message) => (await peer.sendAndWait(sent)).getAckType(),
    /** Until nothing is on its way. */
    async quiet() {
      await expect.poll(() => [spool.waiting.count, bugs]).toEqual([0, []])
    },
    async close() {
      await peer.close()
      await mllp.close()
      await delivery.close()
      for (const store of [quarantine, matcher, orders, spool]) await store.close()
    },
  }
}

/** In the order in which they came. */
async function listed(category: Category = 'labs'): Promise<readonly RecordSummary[]> {
  const records = await patient.newClient().list({ of: 'me' }, [category])
  if (records.kind !== 'done') throw new Error(`list: ${records.refusal.kind}`)
  return records.value
}

test('what is nobody’s waits, and is delivered once somebody says whose it is', async () => {
  expect(await gateway.send(message('own-oru-r01-lab-panel'))).toBe('AA')
  await gateway.quiet()
  expect(gateway.quarantine.list()).toMatchObject([{ reason: 'unmatched', source: '127.0.0.1' }])
  expect(await listed()).toEqual([])
  await gateway.matcher.set({
    authority: '2.16.840.1.113883.3.9999.1',
    value: 'MG-SYN-0001',
    grantId,
    birthDate: '1964-04-24',
  })
  await expect.poll(() => gateway.delivery.state.delivered).toBe(1)
  expect(gateway.quarantine.count).toBe(0)
})

test('the patient’s vault has it, signed, from the hospital', async () => {
  const [record] = await listed()
  expect(record).toMatchObject({
    title: 'Lipid, CBC and glucose panel',
    category: 'labs',
    clinicalDate: '2024-03-14',
    mediaType: 'application/fhir+json',
    depositedBy: gate.principal.toText(),
  })
  const opened = await patient.client.open(record!)
  if (opened.kind !== 'done') throw new Error(`open: ${opened.refusal.kind}`)
  expect(opened.value.summary.signature).toMatchObject({
    kind: 'signed',
    by: gate.principal.toText(),
    orgId: toHex(hospital.orgId),
  })
  const bundle = JSON.parse(new TextDecoder().decode(opened.value.bytes)) as {
    entry: { resource: { resourceType: string } }[]
  }
  expect(bundle.entry.filter(({ resource }) => resource.resourceType === 'Observation')).toHaveLength(9)
})

test('a repeated message is acknowledged and stored once, a correction says what it corrects, a document is the file itself', async () => {
  const before = await listed()
  expect(await gateway.send(message('own-oru-r01-lab-panel'))).toBe('AA')
  expect(await gateway.send(message('own-oru-r01-correction'))).toBe('AA')
  expect(await gateway.send(message('own-mdm-t02-pdf'))).toBe('AA')
  await gateway.quiet()
  const after = await listed()
  expect(after.slice(before.length)).toMatchObject([
    { links: [{ recordId: before[0]?.recordId, version: 1, relation: 'corrects' }] },
  ])
  expect(await listed('documents')).toMatchObject([
    { title: 'Laboratory report', mediaType: 'application/pdf', fileName: 'synthetic-lab-report.pdf' },
  ])
})

test('without a network, and ended meanwhile, what was acknowledged arrives, in order and once', async () => {
  const before = await listed()
  line.cut()
  const titles = ['one', 'two', 'three']
  for (const title of titles) {
    const sent = message('own-oru-r01-lab-panel', (text) =>
      text.replace('|MG0001|', `|CUT-${title}|`).replace('Lipid, CBC and glucose panel', title),
    )
    expect(await gateway.send(sent)).toBe('AA')
  }
  await expect.poll(() => gateway.delivery.state.waitsFor).toMatch(/^(Unreachable|Uncertain)$/)
  expect(gateway.spool.waiting.count).toBe(3)
  await gateway.close()
  line.mend()
  gateway = await startGateway()
  await gateway.quiet()
  const after = await listed()
  expect(after.slice(before.length).map(({ title }) => title)).toEqual(titles)
})

test('stored, and the answer lost: asked again it is stored once', async () => {
  const before = await listed()
  const id = randomBytes(16).toString('hex')
  const record = {
    bytes: new TextEncoder().encode('x'),
    title: 'once',
    fileName: null,
    mediaType: 'text/plain',
    clinicalDate: null,
    category: 'labs' as const,
  }
  const deposit = () => gateway.client.depositOnce(grantId, id, record)
  expect(await deposit()).toEqual({ kind: 'done', value: 'stored' })
  expect(await deposit()).toEqual({ kind: 'done', value: 'wasStored' })
  expect((await listed()).slice(before.length).map(({ recordId, title }) => [recordId, title])).toEqual([[id, 'once']])
})
