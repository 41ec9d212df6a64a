import {
  CATEGORIES,
  decodeHeaderRow,
  type Deposit,
  encodeHeaderRow,
  type HeaderRow,
  NS_PER_DAY,
  Principal,
  toHex,
} from '@medguard/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Clinic, openClinic, type Person } from '../../../test/scenarios/clinic.ts'
import { Fault } from './api.ts'
import { type Canisters, connect } from './canisters.ts'
import { developmentNetwork } from './development.ts'
import { createKeyRing } from './key-ring.ts'
import { listCompartment, listedSince } from './listing.ts'
import { createNews } from './news.ts'
import { okOf } from './outcome.ts'
import { ownReaches } from './place.ts'
import { openRecord } from './reading.ts'
import { summaryOf } from './record-summary.ts'
import { createSession } from './session.ts'
import { createWatch } from './watching.ts'

// The real records, listed by a node that lies about who stored them and when. The list cannot show it; opening does.

let clinic: Clinic
let patient: Person
let canisters: Canisters
let keyRing: ReturnType<typeof createKeyRing>
let writing: string
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  const sender = clinic.person('sender')
  for (const each of [patient, sender]) await each.client.enrol()
  const startNs = await clinic.nowNs()
  const grantee = sender.principal.toText()
  const period = { startNs, endNs: startNs + NS_PER_DAY }
  const shared = await patient.client.share({
    scope: { categories: ['labs'] },
    rights: ['write'],
    purpose: 'TREAT',
    grantee,
    ...period,
  })
  if (shared.kind !== 'done') throw new Error(`share: ${shared.refusal.kind}`)
  writing = shared.value.grantId
  const record = { fileName: null, mediaType: 'text/plain', clinicalDate: null, category: 'labs' as const }
  await sender.client.deposit(writing, { ...record, title: 'theirs', bytes: new Uint8Array(10) })
  await patient.client.add({ ...record, title: 'own', bytes: new Uint8Array(10) })
  const network = developmentNetwork(clinic.localnet.url)
  canisters = connect(patient.identity, network, () => {})
  keyRing = createKeyRing(canisters, network)
})
afterAll(() => clinic.close())

/** Lists through a node that makes of each row whatever `lie` does, and opens the record of that title. */
async function openedThrough(lie: (row: HeaderRow) => HeaderRow, title: string) {
  const headers: Canisters['records']['headers'] = async (asked) => {
    const rows = okOf(await canisters.records.headers(asked)).map((bytes) => decodeHeaderRow(bytes))
    return { Ok: rows.map((row) => encodeHeaderRow(lie(row ?? fail()))) }
  }
  const lying = { ...canisters, records: { ...canisters.records, headers } }
  const [account] = okOf(await canisters.consent.whoAmI(null)).account
  const [reach] = ownReaches(account ?? fail(), ['labs'])
  const { records } = await listCompartment({ canisters: lying, keyRing }, reach ?? fail())
  const listed = records.find(({ head }) => head?.header.title === title) ?? fail()
  const summary = summaryOf({ of: 'me' }, listed, new Map())
  const sink = { write: async () => {} }
  return openRecord({ canisters: lying, keyRing, listed, summary, sink, progress: undefined })
}
const memoryOfNothing = { read: async () => null, write: async () => {} }
const fail = (): never => {
  throw new Error('it is there')
}
const somebody = Principal.selfAuthenticating(new Uint8Array(32).fill(9)).toUint8Array()
const changed = (change: Partial<Deposit>) => (row: HeaderRow) =>
  row.deposit === undefined ? row : { ...row, deposit: { ...row.deposit, ...change } }

test('an honest page opens, and says who stored it', async () => {
  const { summary } = await openedThrough((row) => row, 'theirs')
  expect(summary.depositedBy).toBe(clinic.person('sender').principal.toText())
})

test.each([
  ['another depositor', changed({ depositor: somebody })],
  ['another time', changed({ depositedNs: 1n })],
  ['an organisation', changed({ orgId: new Uint8Array(16).fill(1) })],
  ['nobody', ({ deposit: _deposit, author: _author, ...row }: HeaderRow) => row],
])('%s in a page of a list is found when the record is opened', async (_, lie) => {
  await expect(openedThrough(lie, 'theirs')).rejects.toMatchObject({ code: 'ListIncomplete' })
})

test('somebody in a page of a list, where the patient stored it themselves, is gone when the record is opened', async () => {
  const { summary } = await openedThrough((row) => ({ ...row, author: somebody }), 'own')
  expect(summary.depositedBy).toBeUndefined()
})

test('a record that a node put among the news is found when the list is read again', async () => {
  const [account] = okOf(await canisters.consent.whoAmI(null)).account
  const [reach] = ownReaches(account ?? fail(), ['labs'])
  if (reach === undefined) return fail()
  const vault = { of: 'me' } as const
  const watch = createWatch(canisters)
  const asking = { canisters, keyRing }
  const list = async () => watch.listed(vault, reach, await listCompartment(asking, reach), true)
  await list()
  const record = { fileName: null, mediaType: 'text/plain', clinicalDate: null, category: 'labs' as const }
  for (const title of ['first', 'second'])
    await patient.client.add({ ...record, title, bytes: new TextEncoder().encode(title) })
  const [growth] = (await watch.growth([vault], ['labs']))[0] ?? []
  if (growth === undefined) return fail()
  const told = await listedSince(asking, reach, growth)
  expect(told.map(({ head }) => head?.header.title)).toEqual(['first', 'second'])
  // It has nothing of its own to show: the last one stands where the first was.
  watch.told(
    vault,
    growth,
    told.map((each) => ({ ...each, row: { ...each.row, manifest: told[1]?.row.manifest ?? fail() } })),
  )
  await expect(list()).rejects.toMatchObject({ code: 'ListIncomplete' })
  await list()
  watch.told(vault, growth, told)
  await list()
})

test('a vault whose news are rubbish keeps no others from theirs', async () => {
  const [account] = okOf(await canisters.consent.whoAmI(null)).account
  const vaults = [{ of: 'me' }, { of: 'grant', grantId: writing }] as const
  const reaches = ownReaches(account ?? fail(), ['labs', 'imaging'])
  const [sound, broken] = reaches
  if (sound === undefined || broken === undefined) return fail()
  const watch = createWatch(canisters)
  for (const [i, reach] of reaches.entries())
    watch.listed(vaults[i] ?? fail(), reach, await listCompartment({ canisters, keyRing }, reach), true)
  const record = { fileName: null, mediaType: 'text/plain', clinicalDate: null, bytes: new Uint8Array(10) }
  for (const category of ['labs', 'imaging'] as const)
    await patient.client.add({ ...record, title: category, category })
  const session = createSession(patient.identity, developmentNetwork(clinic.localnet.url), memoryOfNothing)
  const newsBy = (lie: Canisters['records']['headers']) => {
    const lying = { ...session.canisters, records: { ...session.canisters.records, headers: lie } }
    return createNews({ session: { ...session, canisters: lying }, watch, seen: new Map() }).news(vaults, CATEGORIES)
  }
  const honest = session.canisters.records.headers
  const isBroken = ({ cid }: Parameters<typeof honest>[0]) =>
    toHex(new Uint8Array(cid)) === toHex(broken.compartment.cid)
  await expect(
    newsBy((asked) => (isBroken(asked) ? Promise.reject(new Fault('Unreachable', 'no network')) : honest(asked))),
  ).rejects.toMatchObject({ code: 'Unreachable' })
  const answer = await newsBy(async (asked) => (isBroken(asked) ? { Ok: [new Uint8Array(3)] } : honest(asked)))
  expect(answer).toMatchObject({ kind: 'done', value: [[{ title: 'labs' }], null] })
})
