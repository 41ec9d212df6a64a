import {
  type AuthorSigner,
  authorSignerOf,
  createClient,
  developmentNetwork,
  Fault,
  type MedGuardClient,
  newAuthorKeys,
  type RecordSummary,
  type Right,
} from '@medguard/client'
import { authorKeyIdOf, proveAuthorKey, signManifest } from '@medguard/crypto'
import { NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authorKeyArg } from './author-keys.fixture.ts'
import { type Clinic, freshId, kindOf, openClinic, type Person } from './clinic.ts'
import { keysFor, type Reach, seal, store } from './sealed-record.ts'
import { trailOf } from './trail.ts'
import { employed, openCouncilClinic, verified } from './trust.fixture.ts'
import { categoryOf } from './ward.ts'

// keys.md 5.2 and the rows of its threat model that rest on it: who says that a record is theirs, and who cannot be made to say so.

let clinic: Clinic
let patient: Person
let laboratory: Person
let signer: AuthorSigner
/** Signs what it deposits. */
let signing: MedGuardClient
let writing: string
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient')
  laboratory = clinic.person('laboratory')
  for (const each of [patient, laboratory]) await each.client.enrol()
  writing = await share(laboratory, ['write'])
  signer = await authorSignerOf(await newAuthorKeys(false))
  signing = clientWith(laboratory, signer)
})
afterAll(() => clinic.close())

const clientWith = (person: Person, author: AuthorSigner) =>
  createClient({
    identity: person.identity,
    network: developmentNetwork(clinic.localnet.url),
    authors: { read: async () => author, make: async () => author, remove: async () => {} },
  })
async function share(with_: Person, rights: Right[]) {
  const startNs = await clinic.nowNs()
  const shared = await patient.client.share({
    scope: { categories: ['labs'] },
    rights,
    purpose: 'TREAT',
    grantee: with_.principal.toText(),
    startNs,
    endNs: startNs + NS_PER_DAY,
  })
  if (shared.kind !== 'done') throw new Error(`share: ${shared.refusal.kind}`)
  return shared.value.grantId
}
const report = (title: string) => ({
  bytes: new TextEncoder().encode(title),
  title,
  fileName: null,
  mediaType: 'text/plain',
  clinicalDate: null,
  category: 'labs' as const,
})
async function listed(client: MedGuardClient, title: string): Promise<RecordSummary> {
  const records = await client.list({ of: 'me' }, ['labs'])
  const found = records.kind === 'done' ? records.value.find((each) => each.title === title) : undefined
  if (found === undefined) throw new Error(`there is no ${title}`)
  return found
}
/** What the patient's client says of a record, in the list and once it is opened. */
async function seenAs(title: string): Promise<(RecordSummary['signature'] | string)[]> {
  const client = patient.newClient()
  const summary = await listed(client, title)
  const opened = await client.open(summary)
  return [summary.signature, opened.kind === 'done' ? opened.value.summary.signature : opened.refusal.kind]
}
const account = async () => (await clinic.ok(patient.principal, 'consent', 'whoAmI', null)).account[0]!
async function labsOf(grant: string | null): Promise<Reach> {
  const own = await account()
  const grantId = grant === null ? null : Uint8Array.from(Buffer.from(grant, 'hex'))
  return { patientId: new Uint8Array(own.patientId), compartment: categoryOf(own, 'labs'), grantId }
}

describe('a key to sign with', () => {
  test('is refused where it is not registered, and nothing is stored', async () => {
    expect(await signing.deposit(writing, report('too early'))).toEqual({
      kind: 'refused',
      refusal: { kind: 'BadInput', field: 'author', code: 'unknown' },
    })
  })

  test('is registered once, at the account of who has it, and that is in their log', async () => {
    const first = await signing.addAuthorKey()
    expect(first).toMatchObject({
      value: { algorithm: 'P-256', registeredBy: laboratory.principal.toText(), endNs: null, isHere: true },
    })
    expect(await signing.addAuthorKey()).toEqual(first)
    const other = clientWith(patient, signer)
    expect(await other.addAuthorKey()).toMatchObject({ refusal: { kind: 'IdConflict' } })
    expect(await other.endAuthorKey('00'.repeat(16))).toMatchObject({ refusal: { kind: 'NotPermitted' } })
    await clinic.advance(NS_PER_MINUTE)
    const log = await laboratory.client.log('patient', { event: 'authorKeyAdded' })
    expect(log).toMatchObject({
      value: { verification: { kind: 'verified' }, items: [{ actor: laboratory.principal.toText() }] },
    })
  })

  test('signs what is deposited, and every reader is told whose it is', async () => {
    expect(await signing.deposit(writing, report('signed report'))).toMatchObject({ kind: 'done' })
    const signed = { kind: 'signed', by: laboratory.principal.toText(), orgId: null }
    expect(await seenAs('signed report')).toMatchObject([signed, signed])
    const doctor = clinic.person('doctor')
    await doctor.client.enrol()
    const grantId = await share(doctor, ['list', 'open'])
    const records = await doctor.client.list({ of: 'grant', grantId }, ['labs'])
    expect(records).toMatchObject({ value: [{ signature: signed }] })
    // By record too: what travels into a share keeps its author.
    const record = await listed(patient.client, 'signed report')
    const startNs = await clinic.nowNs()
    const one = await patient.client.share({
      scope: { records: [record] },
      rights: ['list', 'open'],
      purpose: 'TREAT',
      grantee: doctor.principal.toText(),
      startNs,
      endNs: startNs + NS_PER_HOUR,
    })
    if (one.kind !== 'done') throw new Error(`share: ${one.refusal.kind}`)
    const shared = await doctor.client.list({ of: 'grant', grantId: one.value.grantId })
    expect(shared).toMatchObject({ value: [{ signature: signed }] })
  })

  test('signs one’s own records too, and without one nothing is signed', async () => {
    const own = clientWith(patient, await authorSignerOf(await newAuthorKeys(false)))
    await own.addAuthorKey()
    await own.add(report('my own'))
    await patient.client.add(report('not signed'))
    const signed = { kind: 'signed', by: patient.principal.toText() }
    expect(await seenAs('my own')).toMatchObject([signed, signed])
    expect((await listed(patient.client, 'my own')).depositedBy).toBeUndefined()
    const unsigned = { kind: 'unsigned', isExpected: false }
    expect(await seenAs('not signed')).toEqual([unsigned, unsigned])
  })

  test('ends: what it signed stays signed, and it signs nothing more', async () => {
    const keys = await signing.authorKeys()
    if (keys.kind !== 'done') throw new Error(`keys: ${keys.refusal.kind}`)
    const ended = await signing.endAuthorKey(keys.value[0]?.keyId ?? '')
    expect(ended).toMatchObject({ value: { endNs: expect.any(BigInt) } })
    expect(await signing.endAuthorKey(keys.value[0]?.keyId ?? '')).toEqual(ended)
    expect(await signing.deposit(writing, report('too late'))).toMatchObject({ refusal: { field: 'author' } })
    expect(await seenAs('signed report')).toMatchObject([{ kind: 'signed' }, { kind: 'signed' }])
    await clinic.advance(NS_PER_MINUTE)
    const lines = await laboratory.client.log('patient')
    expect(lines).toMatchObject({ value: { verification: { kind: 'verified' } } })
    const trail = lines.kind === 'done' ? lines.value.items.map(({ event }) => event) : []
    expect(trail.filter((event) => event.startsWith('authorKey'))).toEqual(['authorKeyAdded', 'authorKeyEnded'])
  })

  test('is one of eight at a time and 64 in all', async () => {
    const { principal } = clinic.person('collector')
    await clinic.person('collector').client.enrol()
    const add = () => clinic.call(principal, 'consent', 'addAuthorKey', authorKeyArg())
    const end = (keyId: Uint8Array) => clinic.ok(principal, 'consent', 'endAuthorKey', { keyId, requestId: freshId() })
    for (let i = 0; i < 8; i++) expect(kindOf(await add())).toBe('Ok')
    expect(kindOf(await add())).toBe('Full')
    const [first] = await clinic.ok(principal, 'consent', 'authorKeys', null)
    let live = first?.keyId ?? freshId()
    for (let i = 8; i < 64; i++) {
      await end(live)
      if (i % 10 === 0) await clinic.advance(NS_PER_HOUR)
      live = (await clinic.ok(principal, 'consent', 'addAuthorKey', authorKeyArg())).keyId
    }
    await end(live)
    expect(kindOf(await add())).toBe('Full')
  })
})

describe('who can open a record and forges one as the laboratory', () => {
  let forger: Person
  let reach: Reach
  let current: AuthorSigner
  beforeAll(async () => {
    forger = clinic.person('forger')
    await forger.client.enrol()
    reach = await labsOf(await share(forger, ['list', 'open', 'write']))
    current = await authorSignerOf(await newAuthorKeys(false))
    await clientWith(laboratory, current).addAuthorKey()
  })
  /** As the forger's own client would never: sealed under the compartment's own key, and said to be signed. */
  async function forged(
    title: string,
    author: (manifestHash: Uint8Array) => Promise<Parameters<typeof store>[2]['commit']['author']>,
  ) {
    const keys = await keysFor(clinic, forger.principal, reach)
    const record = await seal(keys, reach, { title, isAuthorSigned: true })
    const commit = { ...record.commit, author: await author(record.manifestHash) }
    for (const chunk of [record.begin]) await clinic.ok(forger.principal, 'records', 'begin', chunk)
    for (const chunk of record.chunks) await clinic.ok(forger.principal, 'records', 'putChunk', chunk)
    return clinic.call(forger.principal, 'records', 'commit', commit)
  }

  test('cannot name the laboratory’s key', async () => {
    const answer = await forged('with its key', async () => [
      { keyId: current.keyId, signature: new Uint8Array(64).fill(9) },
    ])
    expect(answer).toEqual({ Err: { BadInput: { field: 'author', code: 'unknown' } } })
  })

  test('cannot say that it is signed and leave the signature out', async () => {
    expect(await forged('without', async () => [])).toEqual({ Err: { BadInput: { field: 'author', code: 'differs' } } })
  })

  test('with a key of their own signs as themselves, and with a false signature as nobody', async () => {
    const own = await authorSignerOf(await newAuthorKeys(false))
    await clientWith(forger, own).addAuthorKey()
    const sign = async (manifestHash: Uint8Array) => signManifest(own, manifestHash)
    expect(kindOf(await forged('own word', async (hash) => [{ keyId: own.keyId, signature: await sign(hash) }]))).toBe(
      'Ok',
    )
    const signed = { kind: 'signed', by: forger.principal.toText() }
    expect(await seenAs('own word')).toMatchObject([signed, signed])
    const wrong = await forged('false word', async (hash) => [
      { keyId: own.keyId, signature: await sign(hash.map((b) => b ^ 1)) },
    ])
    expect(kindOf(wrong)).toBe('Ok')
    const records = await patient.newClient().list({ of: 'me' }, ['labs'])
    const bad = records.kind === 'done' ? records.value.filter(({ isDamaged }) => isDamaged) : []
    expect(bad).toMatchObject([{ signature: { kind: 'wrong' }, title: 'Unreadable record' }])
    const opening = patient.newClient().open(bad[0]!)
    await expect(opening).rejects.toMatchObject({ code: 'Tampered' })
    await expect(opening).rejects.toBeInstanceOf(Fault)
  })

  test('cannot register the laboratory’s public key and pass for it with that', async () => {
    const theirs = await authorSignerOf(await newAuthorKeys(false))
    const { algorithm, publicKey } = theirs
    // First come, first served: but the proof is not theirs to make, and clients look at it.
    const proof = await proveAuthorKey(theirs, laboratory.principal.toUint8Array())
    await clinic.ok(forger.principal, 'consent', 'addAuthorKey', { algorithm, publicKey, proof, requestId: freshId() })
    const answer = await forged('stolen key', async (hash) => [
      { keyId: await authorKeyIdOf(theirs), signature: await signManifest(theirs, hash) },
    ])
    expect(kindOf(answer)).toBe('Ok')
    const records = await patient.newClient().list({ of: 'me' }, ['labs'])
    const titles = records.kind === 'done' ? records.value.map(({ title }) => title) : []
    expect(titles).not.toContain('stolen key')
  })

  test('is nobody else when the laboratory’s vault is erased: its keys end, and what they signed stays signed', async () => {
    const vault = await laboratory.client.account()
    const vaultId = vault.kind === 'done' ? (vault.value?.patientId ?? '') : ''
    expect(await laboratory.client.erase(vaultId)).toMatchObject({ kind: 'done' })
    const asked = [{ keyId: current.keyId, depositor: laboratory.principal }]
    const keys = await clinic.ok(patient.principal, 'consent', 'authorsOf', { asked })
    expect(keys).toMatchObject([[{ endNs: [expect.any(BigInt)] }]])
    const signed = { kind: 'signed', by: laboratory.principal.toText() }
    expect(await seenAs('signed report')).toMatchObject([signed, signed])
  })

  test('the log names who deposited each', async () => {
    await clinic.advance(NS_PER_MINUTE)
    const lines = await trailOf(clinic, patient.principal, new Uint8Array((await account()).patientId))
    const depositors = new Set(lines.filter(({ event }) => event === 'recordAdd').map(({ actor }) => actor))
    expect([...depositors]).toContain(forger.principal.toText())
    expect([...depositors]).not.toContain(laboratory.principal.toText())
  })
})

describe('who works for a laboratory or an institution', () => {
  beforeAll(async () => {
    await clinic.close()
    clinic = await openCouncilClinic()
    patient = clinic.person('patient')
    await patient.client.enrol()
  })

  test('deposits nothing without a key, and what came unsigned all the same is told of', async () => {
    const hospital = await verified(clinic, 'City Hospital')
    await employed(clinic, hospital, 'technician')
    const member = clinic.person('technician')
    const startNs = await clinic.nowNs()
    const shared = await patient.client.share({
      scope: { categories: ['labs'] },
      rights: ['list', 'open', 'write'],
      purpose: 'TREAT',
      grantee: hospital.principal.toText(),
      startNs,
      endNs: startNs + NS_PER_DAY,
    })
    if (shared.kind !== 'done') throw new Error(`share: ${shared.refusal.kind}`)
    const { grantId } = shared.value
    expect(await member.client.deposit(grantId, report('no key'))).toEqual({
      kind: 'refused',
      refusal: { kind: 'BadInput', field: 'author', code: 'missing' },
    })
    const reach = await labsOf(grantId)
    const keys = await keysFor(clinic, member.principal, reach)
    await store(clinic, member.principal, await seal(keys, reach, { title: 'sent by other means' }))
    const missing = { kind: 'unsigned', isExpected: true }
    expect(await seenAs('sent by other means')).toEqual([missing, missing])

    const client = clientWith(member, await authorSignerOf(await newAuthorKeys(false)))
    await client.addAuthorKey()
    expect(await client.deposit(grantId, report('from the laboratory'))).toMatchObject({ kind: 'done' })
    const signed = { kind: 'signed', by: member.principal.toText(), orgId: toHex(hospital.orgId) }
    expect(await seenAs('from the laboratory')).toMatchObject([signed, signed])
  })
})
