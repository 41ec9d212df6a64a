import { type CompartmentKeys, wrapRecord } from '@medguard/crypto'
import { createFaults } from '@medguard/localnet'
import {
  type Account,
  type Category,
  COMPARTMENT_KIND,
  compareBytes,
  type CompartmentRef,
  NS_PER_DAY,
  NS_PER_MINUTE,
  Principal,
  purposeCode,
  RIGHT,
} from '@medguard/protocol'
import { type Arg, CANISTER_NAMES, type CanisterName, freshId, kindOf } from './clinic.ts'
import {
  type Facts,
  hex,
  LIVED,
  PEOPLE,
  type PersonName,
  principalOf,
  question,
  type Question,
  settleAll,
} from './golden.fixture.ts'
import {
  deriveArg,
  keysFor,
  placeOf,
  type Reach,
  type RecordDraft,
  seal,
  type SealedRecord,
  store,
} from './sealed-record.ts'
import { packImage } from './stable-image.ts'
import { openStepped, type Stepped } from './stepped.ts'
import { categoryOf, enrol, give, grantArg, takeBack } from './ward.ts'
import { COUNCIL_OF_TWO, wholeLife } from './whole-life.fixture.ts'

// A small clinic, lived through by the present modules, for the golden image of a release.

export interface Story {
  readonly takenNs: bigint
  readonly images: Readonly<Record<CanisterName, Uint8Array>>
  readonly log: Facts['log']
  readonly ids: Facts['ids']
  readonly questions: readonly Question[]
}

/** Nobody vouches for these people, and there is a council. */
const BY_THEMSELVES = purposeCode('FAMRQT')

interface Patient {
  readonly account: Account
  readonly reach: Reach
}

/** Lives through the story with the present modules. */
export async function tellStory(): Promise<Story> {
  const faults = createFaults('golden')
  const net = await openStepped({ faults, council: COUNCIL_OF_TWO })
  await wholeLife(net, faults)
  const [amal, berta, carl, dora, emil] = PEOPLE.map(principalOf) as [
    Principal,
    Principal,
    Principal,
    Principal,
    Principal,
  ]
  const account = await enrol(net, amal)
  for (const name of ['berta', 'carl', 'dora', 'emil', 'fred'] as const) await enrol(net, principalOf(name))
  // Somebody whose second half is still to come.
  await net.ok(principalOf('hugo'), 'consent', 'enrol', { requestId: freshId() })
  const owned = (compartment: CompartmentRef): Reach => ({ patientId: account.patientId, compartment, grantId: null })
  const labs = owned(categoryOf(account, 'labs'))
  const medicines = owned(categoryOf(account, 'medicines'))
  const labKeys = await keysFor(net, amal, labs)
  const medicineKeys = await keysFor(net, amal, medicines)
  const keyCheck = {
    patientId: [] as [],
    ...labs.compartment,
    epoch: 1,
    keyCheckValue: labKeys.checkValue,
    requestId: freshId(),
  }
  await net.ok(amal, 'consent', 'postKeyCheck', keyCheck)

  const add = async (keys: CompartmentKeys, reach: Reach, draft: RecordDraft) =>
    store(net, amal, await seal(keys, reach, { chunkLog2: 16, ...draft }))
  const first = await add(labKeys, labs, { title: 'Blood count', body: textBytes('Haemoglobin 13.9 g/dL') })
  const { recordId, manifestHash: previousManifestHash } = first
  await add(labKeys, labs, {
    title: 'Blood count',
    body: textBytes('Haemoglobin 14.1 g/dL'),
    recordId,
    version: 2,
    previousManifestHash,
  })
  const long = await add(labKeys, labs, { title: 'Two chunks', body: new Uint8Array(70_000).fill(0x61) })
  const pills = await add(medicineKeys, medicines, { title: 'Metformin', body: textBytes('500 mg twice a day') })

  const startNs = net.nowNs()
  const share = async (
    to: Principal,
    compartments: readonly CompartmentRef[],
    endNs: bigint,
    rights = RIGHT.list | RIGHT.open,
  ) => {
    const arg = grantArg({ to, compartments: [...compartments], startNs, endNs, rights, purpose: BY_THEMSELVES })
    await give(net, amal, arg)
    return arg
  }
  const both = [labs.compartment, medicines.compartment].toSorted((a, b) => compareBytes(a.cid, b.cid))
  const live = await share(berta, both, startNs + 30n * NS_PER_DAY, RIGHT.list | RIGHT.open | RIGHT.write)
  const brief = await share(carl, [labs.compartment], startNs + NS_PER_MINUTE)
  const ended = await share(dora, [labs.compartment], startNs + NS_PER_DAY)
  for (const [who, { grantId }] of [
    [berta, live],
    [carl, brief],
    [dora, ended],
  ] as const) {
    await keysFor(net, who, { ...labs, grantId })
    await net.ok(who, 'records', 'beginList', { ...placeOf({ ...labs, grantId }), requestId: freshId() })
  }
  const byRecord = await shareRecords(net, { account, reach: labs }, amal, emil, [first, pills])
  const asEmil: Reach = { ...byRecord.reach, grantId: byRecord.grantId }
  await keysFor(net, emil, asEmil)
  await takeBack(net, amal, ended.grantId)
  net.setTime(startNs + 2n * NS_PER_MINUTE)
  net.settle()
  // Refusals leave their trace, too.
  const asBerta: Reach = { ...labs, grantId: live.grantId }
  const asDora: Reach = { ...labs, grantId: ended.grantId }
  const vain = [
    await net.call(dora, 'consent', 'deriveKey', deriveArg(asDora)),
    await net.call(principalOf('fred'), 'records', 'beginList', { ...placeOf(labs), requestId: freshId() }),
  ]
  if (vain.map(kindOf).join() !== 'ConsentEnded,NotPermitted') throw new Error(`refused as ${vain.map(kindOf).join()}`)
  // The readers who lost access had the key: what is stored from here on is of the next epoch.
  const { current, keys: nextKeys } = await nextEpoch(net, amal, labs)
  const open = await seal(nextKeys, labs, {
    chunkLog2: 16,
    title: 'Under way',
    body: new Uint8Array(70_000).fill(0x62),
  })
  await net.ok(amal, 'records', 'begin', open.begin)
  await net.ok(amal, 'records', 'putChunk', chunkOf(open, 0))
  const dropped = await seal(nextKeys, labs, { chunkLog2: 16, body: new Uint8Array(70_000).fill(0x63) })
  await net.ok(amal, 'records', 'begin', dropped.begin)
  await net.ok(amal, 'records', 'putChunk', chunkOf(dropped, 0))
  await net.ok(amal, 'records', 'abandon', { recordId: dropped.recordId, version: 1, uploadId: [] })
  const fred = await secondPatient(net)
  await settleAll(net)

  // The log has consent's next leaf, and consent does not know; that of records never arrives.
  const audit = net.ids.audit.toText()
  faults.add({ kind: 'reject', code: 2, when: 'answered', canister: audit, from: net.ids.consent.toText() })
  faults.add({ kind: 'reject', code: 2, when: 'sent', canister: audit, from: net.ids.records.toText() })
  const late = await share(principalOf('fred'), [medicines.compartment], startNs + NS_PER_DAY)
  await net.ok(amal, 'records', 'revoke', { grantId: late.grantId, requestId: freshId() })
  net.settle()
  const takenNs = net.nowNs()
  const images = Object.fromEntries(CANISTER_NAMES.map((name) => [name, packImage(net.imageOf(name))]))

  const page = { from: 0, count: 50 }
  const ofAnybody = [] as []
  const questions: Question[] = PEOPLE.flatMap((who) => [
    question(who, 'consent', 'whoAmI', null),
    question(who, 'consent', 'grantsGiven', { patientId: [], ...page }),
    question(who, 'consent', 'grantsReceived', page),
    question(who, 'consent', 'changes', null),
    question(who, 'records', 'grantsGiven', { patientId: [], ...page }),
    question(who, 'audit', 'leaves', { of: { actor: null }, fromSeq: 0n, count: 50 }),
  ])
  for (const who of LIVED)
    questions.push(
      question(who, 'consent', 'requestsSent', page),
      question(who, 'consent', 'requestsReceived', { patientId: ofAnybody, ...page }),
      question(who, 'consent', 'people', { patientId: ofAnybody }),
      question(who, 'records', 'people', { patientId: ofAnybody }),
      question(who, 'consent', 'rules', { patientId: ofAnybody }),
      question(who, 'records', 'rules', { patientId: ofAnybody }),
      question(who, 'consent', 'memberships', null),
      question(who, 'records', 'memberships', null),
      question(who, 'consent', 'organisations', page),
      question(who, 'records', 'council', null),
      question(who, 'records', 'usage', { patientId: ofAnybody }),
    )
  const ofAmal = { patient: account.patientId }
  questions.push(
    question('amal', 'audit', 'leaves', { of: ofAmal, fromSeq: 0n, count: 20 }),
    question('berta', 'audit', 'leaves', { of: ofAmal, fromSeq: 0n, count: 20 }),
    question('gina', 'audit', 'chainHead', { patientId: account.patientId }),
  )
  const lists: [PersonName, Reach][] = [
    ...account.compartments.map(({ cid }): [PersonName, Reach] => [
      'amal',
      owned({ compartmentKind: COMPARTMENT_KIND.category, cid }),
    ]),
    ['amal', byRecord.reach],
    ['berta', asBerta],
    ['berta', { ...medicines, grantId: live.grantId }],
    ['carl', { ...labs, grantId: brief.grantId }],
    ['dora', asDora],
    ['emil', asEmil],
    ['fred', { ...medicines, grantId: late.grantId }],
    ['gina', labs],
    ...fred.lists,
  ]
  for (const [who, reach] of lists)
    questions.push(
      question(who, 'records', 'headers', { ...placeOf(reach), fromSeq: 0, count: 10 }), // in the window of before, where there is one
      question(who, 'records', 'beginList', { ...placeOf(reach), requestId: freshId() }),
      question(who, 'records', 'headers', { ...placeOf(reach), fromSeq: 0, count: 10 }),
    )
  for (const [who, reach, record] of [
    ['amal', labs, first],
    ['berta', asBerta, long],
    ['emil', asEmil, pills],
    ['emil', asEmil, long],
    ['dora', asDora, first],
  ] as const) {
    const id = { recordId: record.recordId, version: 1 }
    questions.push(question(who, 'records', 'open', { ...placeOf(reach), records: [id], requestId: freshId() }))
    for (const index of [0, 1]) questions.push(question(who, 'records', 'chunk', { ...placeOf(reach), ...id, index }))
  }
  questions.push(...fred.questions)
  questions.push(
    // Repeats are known for 24 hours, and other bytes under the same number are refused.
    question('amal', 'consent', 'grant', live),
    question('amal', 'records', 'grant', live),
    question('amal', 'consent', 'grant', { ...live, rights: RIGHT.list }),
    question('amal', 'records', 'grant', { ...live, rights: RIGHT.list }),
    question('amal', 'consent', 'postKeyCheck', keyCheck),
    question('amal', 'consent', 'postKeyCheck', { ...keyCheck, keyCheckValue: freshId(), requestId: freshId() }),
    // The upload goes on where it was left, and the other one is gone.
    question('amal', 'records', 'putChunk', chunkOf(open, 0)),
    question('amal', 'records', 'putChunk', chunkOf(dropped, 1)),
    question('amal', 'records', 'putChunk', chunkOf(open, 1)),
    question('amal', 'records', 'commit', open.commit),
    question('amal', 'records', 'beginList', { ...placeOf(labs), requestId: freshId() }),
  )
  if (current < 2) throw new Error('the compartment has moved on')
  return {
    takenNs,
    images: images as Record<CanisterName, Uint8Array>,
    log: await logOf(net),
    ids: { patientId: hex(account.patientId), labs: hex(labs.compartment.cid), shareGrantId: hex(byRecord.grantId) },
    questions,
  }
}

/** Head and leaf hashes of the log as it stands. */
async function logOf(net: Stepped): Promise<Facts['log']> {
  const { treeHead } = await net.ok(principalOf('gina'), 'audit', 'head', null)
  const size = new DataView(Uint8Array.from(treeHead).buffer).getBigUint64(20)
  const leafHashes: string[] = []
  for (let leafIndex = 0n; leafIndex < size; leafIndex++) {
    const { leafHash } = await net.ok(principalOf('gina'), 'audit', 'inclusionProof', { leafIndex, treeSize: size })
    leafHashes.push(hex(leafHash))
  }
  return { treeHead: hex(treeHead), leafHashes }
}

/**
 * A second vault beside the first: a grantee who writes, one whose share by record is over, one whose share only consent ended, an upload of each of
 * the two who may write, and an epoch that two readers have moved on.
 */
async function secondPatient(net: Stepped): Promise<{ lists: [PersonName, Reach][]; questions: Question[] }> {
  const [amal, berta, carl, emil, fred] = (['amal', 'berta', 'carl', 'emil', 'fred'] as const).map(principalOf) as [
    Principal,
    Principal,
    Principal,
    Principal,
    Principal,
  ]
  const { account: accounts } = await net.ok(fred, 'consent', 'whoAmI', null)
  const [account] = accounts
  if (account === undefined) throw new Error('fred is enrolled')
  const placeIn = (category: Category): Reach => ({
    patientId: account.patientId,
    compartment: categoryOf(account, category),
    grantId: null,
  })
  const [labs, vitals] = [placeIn('labs'), placeIn('vitals')]
  const keys = await keysFor(net, fred, labs)
  const record = await store(net, fred, await seal(keys, labs, { chunkLog2: 16, title: 'X-ray' }))
  await store(net, fred, await seal(await keysFor(net, fred, vitals), vitals, { chunkLog2: 16, title: 'Weight' }))

  const startNs = net.nowNs()
  const share = async (to: Principal, rights: number, compartment = labs.compartment) => {
    const terms = {
      to,
      compartments: [compartment],
      startNs,
      endNs: startNs + 90n * NS_PER_DAY,
      rights,
      purpose: BY_THEMSELVES,
    }
    return give(net, fred, grantArg(terms))
  }
  const writer = await share(amal, RIGHT.list | RIGHT.open | RIGHT.write)
  const asAmal: Reach = { ...labs, grantId: writer }
  const theirs = await keysFor(net, amal, asAmal)
  await store(net, amal, await seal(theirs, labs, { chunkLog2: 16, title: 'From amal' }).then(under(writer)))
  for (const who of [amal, fred]) {
    const begun = await seal(theirs, labs, { chunkLog2: 16, body: new Uint8Array(70_000).fill(0x64) })
    const { begin, chunks } = who === amal ? under(writer)(begun) : begun
    await net.ok(who, 'records', 'begin', begin)
    await net.ok(who, 'records', 'putChunk', chunks[1] ?? chunks[0] ?? fail())
  }
  const half = await share(carl, RIGHT.list | RIGHT.open)
  await keysFor(net, carl, { ...labs, grantId: half })
  await net.ok(fred, 'consent', 'revoke', { grantId: half, requestId: freshId() })
  const gone = await share(emil, RIGHT.list | RIGHT.open, vitals.compartment)
  await keysFor(net, emil, { ...vitals, grantId: gone })
  await takeBack(net, fred, gone)
  const byRecord = await shareRecords(net, { account, reach: labs }, fred, berta, [record])
  const asBerta: Reach = { ...byRecord.reach, grantId: byRecord.grantId }
  await keysFor(net, berta, asBerta)

  const id = { recordId: record.recordId, version: 1 }
  const readings: readonly [PersonName, Reach][] = [
    ['amal', asAmal],
    ['berta', asBerta],
    ['carl', { ...labs, grantId: half }],
  ]
  return {
    lists: [['fred', labs], ['fred', vitals], ...readings, ['emil', { ...vitals, grantId: gone }]],
    questions: [
      question('fred', 'audit', 'leaves', { of: { patient: account.patientId }, fromSeq: 0n, count: 20 }),
      question('amal', 'audit', 'leaves', { of: { patient: account.patientId }, fromSeq: 0n, count: 20 }),
      ...readings.map(([who, reach]) =>
        question(who, 'records', 'open', { ...placeOf(reach), records: [id], requestId: freshId() }),
      ),
      ...readings.map(([who, reach]) => question(who, 'records', 'chunk', { ...placeOf(reach), ...id, index: 0 })),
    ],
  }
}
const fail = (): never => {
  throw new Error('the body has chunks')
}
/** The same upload by somebody who writes under a grant. */
const under =
  (grantId: Uint8Array) =>
  (record: SealedRecord): SealedRecord => ({ ...record, begin: { ...record.begin, grantId: [grantId] } })

async function shareRecords(
  net: Stepped,
  { account, reach }: Patient,
  from: Principal,
  to: Principal,
  records: readonly SealedRecord[],
) {
  const grantId = freshId()
  const compartment = { compartmentKind: COMPARTMENT_KIND.share, cid: grantId }
  const startNs = net.nowNs()
  const terms = grantArg({
    to,
    compartments: [compartment],
    startNs,
    endNs: startNs + 7n * NS_PER_DAY,
    purpose: BY_THEMSELVES,
  })
  await give(net, from, { ...terms, grantId })
  const shared = { ...reach, compartment }
  const keys = await keysFor(net, from, shared)
  const wraps = []
  for (const { recordId, version, secret } of records) {
    const place = { patientId: new Uint8Array(account.patientId), recordId, version }
    wraps.push({ recordId, version, ...(await wrapRecord(keys, place, secret)) })
  }
  await net.ok(from, 'records', 'putShareWraps', { grantId, wraps, capsule: [], requestId: freshId() })
  return { grantId, reach: shared }
}

/** Stores a record as the client does, under the next epoch's key once that is asked for. */
async function nextEpoch(
  net: Stepped,
  patient: Principal,
  reach: Reach,
): Promise<{ current: number; keys: CompartmentKeys }> {
  let current = 1
  for (let tries = 0; tries < 4; tries++) {
    const keys = await keysFor(net, patient, reach, current)
    const record = await seal(keys, reach, { title: 'After the others left', chunkLog2: 16 })
    await net.ok(patient, 'records', 'begin', record.begin)
    for (const chunk of record.chunks) await net.ok(patient, 'records', 'putChunk', chunk)
    const answer = await net.call(patient, 'records', 'commit', record.commit)
    if ('Ok' in answer) return { current, keys }
    if (!('StaleEpoch' in answer.Err)) throw new Error(`commit refused: ${kindOf(answer)}`)
    current = answer.Err.StaleEpoch.current
    await net.ok(patient, 'records', 'abandon', { recordId: record.recordId, version: 1, uploadId: [] })
  }
  throw new Error('the epoch does not settle')
}

function chunkOf(record: SealedRecord, index: number): Arg<'records', 'putChunk'> {
  const chunk = record.chunks[index]
  if (chunk === undefined) throw new Error(`the record has a chunk ${index}`)
  return chunk
}
const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text)
