import {
  type Category,
  newArchiveKey,
  type NewRecord,
  type NewShare,
  type Outcome,
  type RecordSummary,
} from '@medguard/client'
import { NS_PER_DAY } from '@medguard/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Clinic, openClinic, type Person } from './clinic.ts'

// What is shared by record or by days goes on: newer versions, corrections and notes, and what others add (A14), by what the recipient really opens.

let clinic: Clinic
let patient: Person
let reader: Person
let writer: Person
let lab: Person
beforeAll(async () => {
  clinic = await openClinic()
  ;[patient, reader, writer, lab] = ['patient', 'reader', 'writer', 'lab'].map((name) => clinic.person(name)) as [
    Person,
    Person,
    Person,
    Person,
  ]
  for (const { client } of [patient, reader, writer, lab]) done(await client.enrol())
})
afterAll(() => clinic.close())

function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(`refused: ${JSON.stringify(outcome.refusal)}`)
  return outcome.value
}
const contentOf = (title: string, clinicalDate: string | null = null, category: Category = 'labs'): NewRecord => ({
  bytes: new TextEncoder().encode(title),
  title,
  fileName: null,
  mediaType: 'text/plain',
  category,
  clinicalDate,
})
const add = async (...of: Parameters<typeof contentOf>) => done(await patient.client.add(contentOf(...of)))
async function share(to: Person, scope: NewShare['scope'], rights: NewShare['rights'] = ['list', 'open']) {
  const startNs = await clinic.nowNs()
  const period = { startNs, endNs: startNs + NS_PER_DAY }
  return done(
    await patient.client.share({ grantee: to.principal.toText(), scope, rights, purpose: 'TREAT', ...period }),
  ).grantId
}
/** What opens under a share: titles in order of their letters, with their versions. */
async function opened(grantId: string, as = reader): Promise<string[]> {
  const client = as.newClient()
  const found: string[] = []
  for (const record of done(await client.list({ of: 'grant', grantId }))) {
    const { bytes } = done(await client.open(record))
    found.push(`${new TextDecoder().decode(bytes)} ${record.version}`)
  }
  return found.toSorted()
}
const days = { range: { categories: ['labs'], from: '2025-01-01', until: '2025-12-31' } } as const

test('a share by record has the newer version and the note of a patient as soon as they are stored', async () => {
  const record = await add('potassium', '2024-05-05')
  const grantId = await share(reader, { records: [record] })
  expect(await opened(grantId)).toEqual(['potassium 1'])
  const amended = done(await patient.client.amend(record, contentOf('potassium, corrected', '2024-05-05')))
  expect(await opened(grantId)).toEqual(['potassium, corrected 2'])
  done(await patient.client.annotate(amended, { text: 'I had just run', relation: 'annotates' }))
  expect(await opened(grantId)).toEqual(['I had just run 1', 'potassium, corrected 2'])
  done(await patient.client.amend(amended, contentOf('potassium, final', '2024-05-05')))
  expect(await opened(grantId)).toEqual(['I had just run 1', 'potassium, final 3'])
  const links = [{ recordId: record.recordId, version: 3, relation: 'annotates' }]
  done(await patient.client.add({ ...contentOf('what I never told', null, 'sensitive'), links }))
  const anew = patient.newClient()
  expect(done(await anew.recordsInShares()), 'it has not looked').toBeNull()
  expect(done(await anew.fillShares()), 'what is sensitive goes only with what is').toBe(0)
  const inShares = done(await anew.recordsInShares())
  expect(Object.keys(inShares ?? {})).toEqual([grantId])
  expect(inShares?.[grantId], 'the record and its note').toHaveLength(2)
  expect(inShares?.[grantId]).toContain(record.recordId)
  expect(await opened(grantId)).toEqual(['I had just run 1', 'potassium, final 3'])
  const { grantee } = done(await patient.client.sharesGiven()).find((each) => each.grantId === grantId) ?? {}
  expect(grantee).toBe(reader.principal.toText())
  expect(done(await patient.client.agreement(grantId))).toContain('their later versions and notes to them')
})

test('a share by days has newer versions too', async () => {
  const grantId = await share(reader, days)
  const record = await add('sodium', '2025-03-03')
  done(await patient.client.amend(record, contentOf('sodium, corrected', '2025-03-03')))
  expect(await opened(grantId)).toEqual(['sodium, corrected 2'])
})

test('what others add comes once the patient’s client hears of it, and hears of it it does', async () => {
  const record = await add('calcium', '2025-04-04')
  const [single, range] = [await share(reader, { records: [record] }), await share(reader, days)]
  const writing = await share(writer, { categories: ['labs'] }, ['list', 'open', 'write'])
  const depositing = await share(lab, { categories: ['labs'] }, ['write'])
  const before = await patient.client.changes()

  const [theirs] = done(await writer.client.list({ of: 'grant', grantId: writing })).filter(
    ({ recordId }) => recordId === record.recordId,
  )
  done(await writer.client.annotate(theirs as RecordSummary, { text: 'haemolysed', relation: 'corrects' }))
  expect(await patient.client.changes()).toBeGreaterThan(before)
  done(await lab.client.deposit(depositing, contentOf('zinc', '2025-06-06')))
  done(await lab.client.deposit(depositing, contentOf('zinc of old', '2019-06-06')))

  // Some of it may have come by itself already, since the client heard of it above.
  done(await patient.client.fillShares())
  expect(done(await patient.client.fillShares()), 'twice is once').toBe(0)
  expect(await opened(single)).toEqual(['calcium 1', 'haemolysed 1'])
  const another = await share(lab, { records: [record] })
  const inShares = done(await patient.client.recordsInShares())
  expect(inShares?.[single], 'with the note').toHaveLength(2)
  expect(inShares?.[another], 'one that this very client made').toEqual(inShares?.[single])
  expect(await opened(range)).toEqual(['calcium 1', 'haemolysed 1', 'sodium, corrected 2', 'zinc 1'])
})

test('what is imported falls into shares like what is added', async () => {
  const [from, to] = [patient, clinic.person('moved')]
  const pieces: Uint8Array[] = []
  const key = newArchiveKey()
  done(await from.client.exportVault(key, async (bytes) => void pieces.push(bytes)))
  done(await to.client.enrol())
  const startNs = await clinic.nowNs()
  const wanted = {
    grantee: reader.principal.toText(),
    scope: days,
    rights: ['list', 'open'],
    purpose: 'TREAT',
  } as const
  const { grantId } = done(await to.client.share({ ...wanted, startNs, endNs: startNs + NS_PER_DAY }))
  const whole = Buffer.concat(pieces)
  const file = { sizeBytes: whole.length, read: async (start: number, end: number) => whole.subarray(start, end) }
  done(await to.client.importVault(key, file))
  expect(await opened(grantId)).toContain('zinc 1')
})
