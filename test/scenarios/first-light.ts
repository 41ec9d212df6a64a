import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type CompartmentKeys, wrapRecord } from '@medguard/crypto'
import { createFaults } from '@medguard/localnet'
import {
  type Account,
  COMPARTMENT_KIND,
  compareBytes,
  type CompartmentRef,
  decodeRet,
  encodeArg,
  NS_PER_DAY,
  NS_PER_MINUTE,
  NS_PER_SECOND,
  Principal,
  RIGHT,
} from '@medguard/protocol'
import { type Arg, CANISTER_NAMES, type CanisterName, freshId, kindOf, type MethodName, methodOf } from './clinic.ts'
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
import { packImage, type StableImage, unpackImage } from './stable-image.ts'
import { openStepped, somebody, type Stepped } from './stepped.ts'
import { categoryOf, enrol, give, grantArg, takeBack } from './ward.ts'

// A small clinic as the modules of "First light" stored it, and what they answer when they are asked about it.

const FOLDER = new URL('../vectors/first-light/', import.meta.url)
export const FACTS_FILE = new URL('facts.json', FOLDER)
export const imageFile = (name: CanisterName): URL => new URL(`${name}.stable.gz`, FOLDER)

export const PEOPLE = ['amal', 'berta', 'carl', 'dora', 'emil', 'fred', 'gina', 'hugo'] as const
export type PersonName = (typeof PEOPLE)[number]

/** A message, its argument in hexadecimal. */
export interface Question {
  readonly who: PersonName
  readonly canister: CanisterName
  readonly method: string
  readonly arg: string
}
/** `answer` is what `plain` makes of the reply. */
export interface Exchange extends Question {
  readonly answer: unknown
}
export interface Facts {
  readonly source: string
  /** SHA-256 of the modules that wrote the images. */
  readonly modules: Readonly<Record<CanisterName, string>>
  /** When the images were taken, nanoseconds since 1970, decimal. */
  readonly takenNs: string
  /** The log then; hexadecimal. */
  readonly log: { readonly treeHead: string; readonly leafHashes: readonly string[] }
  /** Of the patient `amal`; hexadecimal. */
  readonly ids: { readonly patientId: string; readonly labs: string; readonly shareGrantId: string }
  /** In their order: some change what later ones find. */
  readonly exchanges: readonly Exchange[]
}

export const readFacts = (): Facts => JSON.parse(readFileSync(FACTS_FILE, 'utf8')) as Facts
export function readImages(): Readonly<Record<CanisterName, StableImage>> {
  const read = (name: CanisterName) => unpackImage(new Uint8Array(readFileSync(imageFile(name))))
  return { consent: read('consent'), records: read('records'), audit: read('audit') }
}

export interface Story {
  readonly takenNs: bigint
  readonly images: Readonly<Record<CanisterName, Uint8Array>>
  readonly log: Facts['log']
  readonly ids: Facts['ids']
  readonly questions: readonly Question[]
}

const question = <C extends CanisterName, M extends MethodName<C>>(
  who: PersonName,
  canister: C,
  method: M,
  arg: Arg<C, M>,
): Question => ({ who, canister, method, arg: hex(encodeArg(methodOf(canister, method), arg)) })
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const principalOf = (name: PersonName): Principal => somebody(name)

/** Opens the network again as the images have it, upgraded to the present modules. */
export async function reopen(images: Readonly<Record<CanisterName, StableImage>>, takenNs: bigint): Promise<Stepped> {
  const net = await openStepped({ images, beginNs: takenNs })
  await settleAll(net)
  return net
}

/** Asks in order. */
export function ask(net: Stepped, questions: readonly Question[], logSize: number): Exchange[] {
  return questions.map(({ who, canister, method, arg }) => {
    const reply = net.send(principalOf(who), canister, method, new Uint8Array(Buffer.from(arg, 'hex')))
    return { who, canister, method, arg, answer: plain(decodeRet(methodOf(canister, method), reply), logSize) }
  })
}

/** What depends on how many leaves the upgrade itself wrote, and when. */
const MOVING = new Set(['nowNs', 'untilNs', 'leafIndex', 'firstLeafIndex', 'head', 'proof', 'lastLeafHash'])
const SHOWN_BYTES_MAX = 600

/** An answer as JSON: bytes in hexadecimal, long ones as their hash; a leaf that is newer than the image without its place and time. */
function plain(value: unknown, logSize: number): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Principal) return value.toText()
  if (value instanceof Uint8Array) {
    const isNewLeaf = hex(value.subarray(0, 4)) === hex(textBytes('MGL1')) && indexOf(value) >= logSize
    if (isNewLeaf) return 'a leaf of later'
    return value.length <= SHOWN_BYTES_MAX ? hex(value) : `${value.length} bytes, ${hex(sha256(value))}`
  }
  if (Array.isArray(value)) return value.map((each) => plain(each, logSize))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([name]) => !MOVING.has(name))
  return Object.fromEntries(entries.map(([name, each]) => [name, plain(each, logSize)]))
}
const indexOf = (leaf: Uint8Array) => Number(new DataView(leaf.buffer, leaf.byteOffset).getBigUint64(4))
export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

interface Patient {
  readonly account: Account
  readonly reach: Reach
}

/** Lives through the story with the present modules. */
export async function tellFirstLight(): Promise<Story> {
  const faults = createFaults('first light')
  const net = await openStepped({ faults })
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
  const keyCheck = { ...labs.compartment, epoch: 1, keyCheckValue: labKeys.checkValue, requestId: freshId() }
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
    const arg = grantArg({ to, compartments: [...compartments], startNs, endNs, rights })
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
  await net.ok(amal, 'records', 'abandon', { recordId: dropped.recordId, version: 1 })
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
  const questions: Question[] = PEOPLE.flatMap((who) => [
    question(who, 'consent', 'whoAmI', null),
    question(who, 'consent', 'grantsGiven', page),
    question(who, 'consent', 'grantsReceived', page),
    question(who, 'consent', 'changes', null),
    question(who, 'records', 'grantsGiven', page),
    question(who, 'audit', 'leaves', { of: { actor: null }, fromSeq: 0n, count: 50 }),
  ])
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
  const terms = grantArg({ to, compartments: [compartment], startNs, endNs: startNs + 7n * NS_PER_DAY })
  await give(net, from, { ...terms, grantId })
  const shared = { ...reach, compartment }
  const keys = await keysFor(net, from, shared)
  const wraps = []
  for (const { recordId, version, secret } of records) {
    const place = { patientId: new Uint8Array(account.patientId), recordId, version }
    wraps.push({ recordId, version, ...(await wrapRecord(keys, place, secret)) })
  }
  await net.ok(from, 'records', 'putShareWraps', { grantId, wraps, requestId: freshId() })
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
    await net.ok(patient, 'records', 'abandon', { recordId: record.recordId, version: 1 })
  }
  throw new Error('the epoch does not settle')
}

/** Until the outboxes are empty. */
export async function settleAll(net: Stepped): Promise<void> {
  for (let i = 0; i < 3; i++) {
    net.setTime(net.nowNs() + NS_PER_SECOND)
    net.settle()
  }
}

function chunkOf(record: SealedRecord, index: number): Arg<'records', 'putChunk'> {
  const chunk = record.chunks[index]
  if (chunk === undefined) throw new Error(`the record has a chunk ${index}`)
  return chunk
}
const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text)
