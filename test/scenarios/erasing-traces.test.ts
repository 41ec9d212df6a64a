import { createHash, randomBytes } from 'node:crypto'
import type { Outcome } from '@medguard/client'
import { newCapsule, sealChainStart } from '@medguard/crypto'
import {
  type Account,
  NS_PER_DAY,
  dependantPrincipal,
  NS_PER_HOUR,
  POWER,
  Principal,
  RIGHT,
  toHex,
} from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf, type Person } from './clinic.ts'
import { appointTo, BOTH, enrolChild, linkTo, unlinkFrom } from './people.fixture.ts'
import { capsuleKey, keysFor, placeOf, type Reach, seal, store } from './sealed-record.ts'
import { storedRows } from './stored-rows.ts'
import { accept, inBoth, openCouncilClinic, setMember, verified } from './trust.fixture.ts'
import { eventsOf, trailOf } from './trail.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// I14, row by row: somebody who did whatever one can do erases their vault, and of all that both canisters store nothing speaks of them but what is others'.

let clinic: Clinic
let patient: Person
let account: Account
let others: Account
let carer: Person
let doctor: Person
/** What must not be found, by name. */
const traces = new Map<string, Uint8Array>()
const AGREEMENT = new TextEncoder().encode('A text that nobody else would ever confirm.')

const done = <T>(outcome: Outcome<T>): T => {
  if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.refusal.kind}`)
  return outcome.value
}
const hashOf = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
const about = (title: string) => ({
  bytes: new TextEncoder().encode(title),
  title,
  fileName: null,
  mediaType: 'text/plain',
  clinicalDate: null,
  category: 'labs' as const,
})
const named = (name: string): Principal => clinic.person(name).principal

beforeAll(async () => {
  clinic = await openCouncilClinic()
  patient = clinic.person('erased')
  carer = clinic.person('carer')
  doctor = clinic.person('doctor')
  others = await enrol(clinic, named('other'))
  for (const who of ['carer', 'doctor', 'guardian', 'laboratory']) await enrol(clinic, named(who))
  await comes()
  await livesOn()
  for (const [name, bytes] of known()) traces.set(name, bytes)
  before = await sectionsOf('records')
  const vault = toHex(account.patientId)
  const foreign = { patientId: account.patientId, requestId: freshId() }
  expect(kindOf(await clinic.call(carer.principal, 'consent', 'eraseBegin', foreign))).toBe('NotPermitted')
  done(await patient.newClient().erase(vault))
  // Lines of the log leave, chunks are collected.
  await clinic.advance(2n * NS_PER_HOUR)
  found = { consent: await sectionsOf('consent'), records: await sectionsOf('records') }
}, 300_000)
afterAll(() => clinic.close())

let found: Record<(typeof BOTH)[number], Record<string, string[]>>
/** In records, before anything is erased. */
let before: Record<string, string[]>

/** Invited by a hospital, of which they become a member. */
async function comes() {
  const hospital = await verified(clinic, 'Traces')
  const code = new Uint8Array(randomBytes(32))
  const endNs = (await clinic.nowNs()) + NS_PER_DAY
  const { orgId, admin } = hospital
  await inBoth(clinic, admin.principal, 'invite', { orgId, codeHash: hashOf(code), endNs, requestId: freshId() })
  await inBoth(clinic, patient.principal, 'claimInvitation', { code, requestId: freshId() })
  account = await enrol(clinic, patient.principal)
  await setMember(clinic, hospital, patient.principal)
  await accept(clinic, hospital, patient.principal)
}

async function livesOn() {
  const { principal } = patient
  const startNs = await clinic.nowNs()
  const period = { startNs, endNs: startNs + NS_PER_DAY }
  // Several sign-ins: one that goes on, one that is over, one that never came.
  await linkTo(clinic, principal, named('phone'))
  await linkTo(clinic, principal, named('lost phone'))
  await unlinkFrom(clinic, principal, named('lost phone'))
  for (const canister of BOTH) {
    const offer = { patientId: [] as [], newPrincipal: named('never came'), requestId: freshId() }
    await clinic.ok(principal, canister, 'offerLink', offer)
  }
  // Who acts for them, who was only named, for whom they act; how they could be brought back, which somebody tries.
  await appointTo(clinic, principal, carer.principal, { powers: POWER.read | POWER.write | POWER.share })
  await appointTo(clinic, named('other'), principal, { powers: POWER.read })
  const kit = named('kit')
  for (const canister of BOTH) {
    const terms = { powers: POWER.read, startNs, endNs: [period.endNs] as [bigint] }
    const naming = { patientId: [] as [], representative: named('never agreed'), ...terms, requestId: freshId() }
    await clinic.ok(principal, canister, 'appoint', naming)
    const settings = { kit: [kit] as [Principal], guardians: [named('guardian')], threshold: 1 }
    await clinic.ok(principal, canister, 'setRecovery', { patientId: [], settings, requestId: freshId() })
    await clinic.ok(kit, canister, 'startRecovery', { newPrincipal: named('not them'), requestId: freshId() })
    const approval = { ward: principal, newPrincipal: named('nor them'), requestId: freshId() }
    await clinic.ok(named('guardian'), canister, 'approveRecovery', approval)
    const block = { patientId: [] as [], change: { block: named('unwanted') }, requestId: freshId() }
    await clinic.ok(principal, canister, 'changeRules', block)
  }

  // Records of their own, of their carer, and a note of the carer's; shares, one of them with an agreement nobody else has.
  const first = done(await patient.client.add(about('First')))
  done(await patient.client.annotate(first, { text: 'A second thought', relation: 'annotates' }))
  done(await patient.client.setProfile({ name: 'Erased' }))
  const family = { rights: ['list', 'open'], purpose: 'FAMRQT', grantee: doctor.principal.toText() } as const
  const byKind = done(await patient.client.share({ ...family, ...period, scope: { categories: ['labs'] } }))
  const byRecord = done(await patient.client.share({ ...family, ...period, scope: { records: [first] } }))
  for (const { grantId } of [byKind, byRecord]) done(await doctor.client.list({ of: 'grant', grantId }))
  const compartments = [categoryOf(account, 'medicines')]
  const text = { agreement: [AGREEMENT] as [Uint8Array], agreementHash: hashOf(AGREEMENT), purpose: PATIENT_REQUEST }
  await give(clinic, principal, grantArg({ to: doctor.principal, compartments, ...period, ...text }))

  // Somebody who may write and not read posts two capsules and uses one; and begins an upload that they never finish.
  const writing = { to: named('laboratory'), rights: RIGHT.write, purpose: PATIENT_REQUEST, ...period }
  const labs = [categoryOf(account, 'labs')]
  const grantId = await give(clinic, principal, grantArg({ ...writing, compartments: labs }))
  done(await clinic.person('laboratory').client.deposit(toHex(grantId), about('Deposited')))
  const reach: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId }
  const at = { ...reach.compartment, patientId: reach.patientId, compartmentId: reach.compartment.cid, epoch: 1 }
  const { capsule, chain } = await newCapsule(capsuleKey(clinic), at)
  const post = { ...placeOf(reach), capsule, requestId: freshId() }
  await clinic.ok(named('laboratory'), 'records', 'postCapsule', post)
  traces.set('a capsule that nothing came under', capsule)
  const owned = { ...reach, grantId: null }
  const keys = await keysFor(clinic, carer.principal, owned)
  const { capsuleId } = chain
  const chainWrap = await sealChainStart(keys, capsuleId, chain.secret)
  const leave = { ...placeOf(owned), capsuleId, chainWrap, requestId: freshId() }
  await clinic.ok(patient.principal, 'records', 'putChainWrap', leave)
  traces.set('the start of a chain', chainWrap)
  const begun = await seal(keys, owned)
  await clinic.ok(carer.principal, 'records', 'begin', begun.begin)
  for (const chunk of begun.chunks) await clinic.ok(carer.principal, 'records', 'putChunk', chunk)
  const stored = await store(clinic, carer.principal, await seal(keys, owned))
  for (const [whose, { chunks }] of [
    ['of an upload', begun],
    ['of a record', stored],
  ] as const)
    traces.set(`ciphertext ${whose}`, chunks[0]?.bytes.slice(0, 100) ?? new Uint8Array())
  const { manifest, header, listWrap, openWrap } = stored.commit
  for (const [name, bytes] of Object.entries({ manifest, header, listWrap, openWrap })) traces.set(name, bytes)
  await clinic.ok(patient.principal, 'records', 'beginList', { ...placeOf(owned), requestId: freshId() })

  // Requests in both directions, answered and waiting.
  const ask = async (who: Principal, whom: Principal) => {
    const period = { periodNs: NS_PER_DAY, expiresNs: startNs + NS_PER_DAY }
    const what = { categories: 2, rights: RIGHT.list, purpose: PATIENT_REQUEST, ...period }
    const askId = freshId()
    await clinic.ok(who, 'consent', 'requestAccess', {
      askId,
      patient: whom,
      forOrg: [],
      ...what,
      requestId: freshId(),
    })
    return askId
  }
  await ask(doctor.principal, principal)
  const denied = await ask(doctor.principal, principal)
  await clinic.ok(principal, 'consent', 'denyRequest', { askId: denied, requestId: freshId() })
  await ask(principal, named('other'))
  done(await patient.client.add(about('Last')))
}
const PATIENT_REQUEST = 4

function known(): [string, Uint8Array][] {
  const { patientId, accountId, compartments } = account
  return [
    ['principal', patient.principal.toUint8Array()],
    ...['phone', 'lost phone', 'never came', 'never agreed', 'kit', 'not them', 'nor them', 'unwanted'].map(
      (name): [string, Uint8Array] => [name, named(name).toUint8Array()],
    ),
    ['patient id', patientId],
    ['account id', accountId],
    ...compartments.map(({ category, cid }): [string, Uint8Array] => [`category ${category}`, cid]),
    ['agreement', AGREEMENT],
  ]
}

/** Those in which something may stay, by their number. */
const MAY_STAY = { 30: 'links', 40: 'trust', 73: 'erasures' }
const SECTIONS: Record<(typeof BOTH)[number], Readonly<Record<number, string>>> = {
  consent: { ...MAY_STAY, 10: 'grants' },
  records: { ...MAY_STAY, 6: 'grants' },
}

/** In which sections of a canister a trace is found, by trace. */
async function sectionsOf(canister: (typeof BOTH)[number]): Promise<Record<string, string[]>> {
  const places: Record<string, Set<string>> = {}
  for (const { memory, key, value } of await storedRows(clinic, canister)) {
    const row = Buffer.concat([key, value])
    const section = SECTIONS[canister][key[0] ?? 0] ?? `section ${key[0]}`
    const part = section === 'grants' || section === 'trust' ? `${section} ${key[1]}` : section
    for (const [name, bytes] of traces)
      if (row.includes(Buffer.from(bytes))) (places[name] ??= new Set()).add(memory === 0 ? part : `memory ${memory}`)
  }
  return Object.fromEntries(Object.entries(places).map(([name, where]) => [name, [...where].toSorted()]))
}

/** What only records ever had. */
const SEALED = ['ciphertext of an upload', 'ciphertext of a record', 'manifest', 'header', 'listWrap', 'openWrap']

describe('of somebody who is erased', () => {
  test('ciphertext and wraps were there to be found (B12)', () => {
    for (const name of SEALED) expect(before[name] ?? [], name).not.toEqual([])
  })

  test('what is left speaks of nothing but what is others’', () => {
    /** The grantees' own proof of what they were allowed: ids, and whose they were nowhere. */
    const ofGrantees = { 'category 2': ['grants 0'], 'category 4': ['grants 0'] }
    const left = {
      ...ofGrantees,
      'patient id': ['erasures', 'grants 0'],
      // A sign-in that was ended never comes back; whose it was is not there.
      'lost phone': ['links'],
      // An organisation's own list of who was its member.
      principal: ['trust 2', 'trust 3'],
    }
    expect(found).toEqual({ consent: left, records: left })
  })

  test('others are told what ended for them', async () => {
    const ended = eventsOf(await trailOf(clinic, named('other'), others.patientId))
    expect(ended.filter((event) => event === 'representativeChanged' || event === 'requestEnded')).toEqual([
      'representativeChanged',
      'requestEnded',
      'representativeChanged',
    ])
    const page = { from: 0, count: 50 }
    expect((await clinic.ok(doctor.principal, 'consent', 'requestsSent', page)).requests).toEqual([])
    const received = { patientId: [] as [], ...page }
    expect((await clinic.ok(named('other'), 'consent', 'requestsReceived', received)).requests).toEqual([])
    for (const canister of BOTH) {
      const { representatives } = await clinic.ok(named('other'), canister, 'people', { patientId: [] })
      expect(representatives).toEqual([])
      expect((await clinic.ok(carer.principal, canister, 'people', { patientId: [] })).wards).toEqual([])
    }
    // Carers read the log no more; the person themselves goes on reading what happened there.
    const log = { of: { patient: account.patientId }, fromSeq: 0n, count: 1 }
    expect(kindOf(await clinic.call(carer.principal, 'audit', 'leaves', log))).toBe('NotPermitted')
    expect(kindOf(await clinic.call(patient.principal, 'audit', 'leaves', log))).toBe('Ok')
  })
})

describe('who manages for a dependant', () => {
  test('alone does not leave them by erasing their own vault, in either canister', async () => {
    const [parent, aunt] = [named('only parent'), named('aunt')]
    const { patientId } = await enrol(clinic, parent)
    await enrol(clinic, aunt)
    const child = await enrolChild(clinic, parent)
    const erasing = () => ({ patientId, requestId: freshId() })
    const last = { Err: { BadInput: { field: 'patientId', code: 'last' } } }
    expect(await clinic.call(parent, 'consent', 'eraseBegin', erasing())).toEqual(last)
    expect(await clinic.call(parent, 'records', 'erase', erasing())).toEqual(last)
    const home = dependantOf(child)
    await appointTo(clinic, parent, aunt, { patientId: child.patientId, home, powers: 15, forNs: null })
    await clinic.ok(parent, 'consent', 'eraseBegin', erasing())
    // Nor does the other go now, who would be the last.
    const resigning = { patientId: child.patientId, requestId: freshId() }
    expect(await clinic.call(aunt, 'consent', 'resign', resigning)).toEqual(last)
  })
})

const dependantOf = ({ accountId }: Account) => Principal.fromUint8Array(dependantPrincipal(accountId))
