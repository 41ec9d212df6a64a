import { authorKeyArg } from './author-keys.fixture.ts'
import { createHash, randomBytes } from 'node:crypto'
import {
  type CompartmentKeys,
  decodeManifest,
  expectDecoded,
  newCapsule,
  nextStep,
  rewrapRecord,
  wrapRecord,
} from '@medguard/crypto'
import type { Faults } from '@medguard/localnet'
import {
  type Account,
  COMPARTMENT_KIND,
  type CouncilAct,
  decodeWrapRow,
  encodeAct,
  NS_PER_DAY,
  NS_PER_MINUTE,
  POWER,
  type Principal,
  purposeCode,
  RECOVERY_WAIT_NS,
  RIGHT,
  ROLE,
  type RulesChange,
  type TrustMethods,
} from '@medguard/protocol'
import { type Arg, freshId, kindOf } from './clinic.ts'
import { changed, newKey, registered, removed, sealerOf } from './devices.fixture.ts'
import {
  wholeOf,
  capsuleKey,
  deriveArg,
  keysFor,
  placeOf,
  type Reach,
  seal,
  type SealedRecord,
  store,
} from './sealed-record.ts'
import { newLink, openStepwise, PASSCODE } from './links.fixture.ts'
import { CONTROLLER, somebody, type Stepped } from './stepped.ts'
import { utf8 } from './trust-table.ts'
import { categoryOf, enrol, give, grantArg, takeBack } from './ward.ts'

// Whatever can be done, once each: so that every event of the log and every section of what is stored comes about (events.test.ts, golden-story.fixture.ts).

/** Two who have to agree: an act may be left open. */
export const COUNCIL_OF_TWO = ['cora', 'carla'].map(somebody)
const BOTH = ['consent', 'records'] as const
type Method = keyof TrustMethods
const id = freshId

/** Lives through all of it; what comes to its end by itself does so in the three days that pass first. */
export async function wholeLife(net: Stepped, faults: Faults): Promise<void> {
  await losesAndFinds(net)
  const names = ['ines', 'karl', 'mara', 'nils', 'olga', 'petra'] as const
  const [ines, karl, mara, nils, olga, petra] = names.map((name) => somebody(name)) as Six
  const account = await enrol(net, ines)
  for (const each of [karl, mara, nils, olga]) await enrol(net, each)
  await councilAndOrganisations(net, { olga, mara, nils })
  await peopleAround(net, ines, karl)
  await rulesOf(net, ines, olga)
  const labs: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  const imaging: Reach = { ...labs, compartment: categoryOf(account, 'imaging') }
  await requestsTo(net, { ines, mara }, labs)
  await keysThatDiffer(net, ines, { ...labs, compartment: categoryOf(account, 'medicines') })
  await keysToSignWith(net, ines)
  await keysMoveOn(net, { ines, mara }, labs, 'to the end')
  await keysMoveOn(net, { ines, mara }, imaging, 'and stops half-way')
  await deposits(net, { ines, nils }, { ...labs, compartment: categoryOf(account, 'documents') })
  await keysThatNobodyGot(net, faults, { ines, mara }, { ...labs, compartment: categoryOf(account, 'vitals') })
  await devicesPost(net, ines, account)
  await linksOf(net, ines)
  const child = await net.ok(ines, 'consent', 'enrolDependant', { requestId: id() })
  const { accountId, patientId } = child
  const compartments = child.compartments.map(({ category, cid }) => ({ category, cid }))
  await net.ok(ines, 'records', 'enrolDependant', { accountId, patientId, compartments, requestId: id() })
  for (const canister of BOTH)
    for (const method of ['announceErasure', 'stopErasure', 'announceErasure'] as const)
      await net.ok(ines, canister, method, { patientId, requestId: id() })
  await net.ok(ines, 'records', 'noteExport', {
    patientId: [],
    grantId: [],
    archiveHash: new Uint8Array(32),
    count: 1,
    requestId: id(),
  })
  await erases(net, petra)
  await net.ok(CONTROLLER, 'audit', 'configureCheckpoints', { keyName: 'dfx_test_key' })
  await net.ok(ines, 'audit', 'makeCheckpoint', null)
  net.settle()
}
type Six = [Principal, Principal, Principal, Principal, Principal, Principal]

/** Somebody's sign-in is lost, a kit brings the account back; of another's the start is stopped, and a guardian's waits. */
async function losesAndFinds(net: Stepped): Promise<void> {
  const [lena, kit, anew] = [somebody('lena'), somebody('lena’s kit'), somebody('lena anew')]
  const [otto, guardian, other] = [somebody('otto'), somebody('otto’s guardian'), somebody('other')]
  const account = await enrol(net, lena)
  for (const each of [otto, guardian]) await enrol(net, each)
  const startNs = net.nowNs()
  const period = { startNs, endNs: startNs + NS_PER_MINUTE, purpose: purposeCode('FAMRQT') }
  await give(net, lena, grantArg({ to: otto, compartments: [categoryOf(account, 'labs')], ...period }))
  for (const canister of BOTH) {
    const ofLena = { kit: [kit] as [Principal], guardians: [], threshold: 0 }
    const ofOtto = { kit: [other] as [Principal], guardians: [guardian], threshold: 1 }
    await net.ok(lena, canister, 'setRecovery', { patientId: [], settings: ofLena, requestId: id() })
    await net.ok(otto, canister, 'setRecovery', { patientId: [], settings: ofOtto, requestId: id() })
    await net.ok(kit, canister, 'startRecovery', { newPrincipal: anew, requestId: id() })
    await net.ok(other, canister, 'startRecovery', { newPrincipal: somebody('thief'), requestId: id() })
    await net.ok(otto, canister, 'vetoRecovery', { patientId: [], requestId: id() })
  }
  net.setTime(net.nowNs() + RECOVERY_WAIT_NS)
  net.settle()
  for (const canister of BOTH) {
    await net.ok(anew, canister, 'completeRecovery', { home: lena, requestId: id() })
    await net.ok(guardian, canister, 'approveRecovery', {
      ward: otto,
      newPrincipal: somebody('otto anew'),
      requestId: id(),
    })
  }
  // What she shared ran out meanwhile, and nobody has noticed yet.
  await net.ok(anew, 'consent', 'grantsGiven', { patientId: [], from: 0, count: 9 })
}

async function councilAndOrganisations(
  net: Stepped,
  { olga, mara, nils }: { olga: Principal; mara: Principal; nils: Principal },
): Promise<void> {
  const inBoth = async <M extends Method>(who: Principal, method: M, arg: Arg<'consent', M>) => {
    for (const canister of BOTH) await net.ok(who, canister, method, arg as never)
  }
  const decree = async (act: CouncilAct, voters = COUNCIL_OF_TWO) => {
    const arg = { actId: id(), act: encodeAct(act, utf8), requestId: id() }
    for (const each of voters) await inBoth(each, 'councilVote', arg)
  }
  const untilNs = net.nowNs() + 300n * NS_PER_DAY
  const organisation = async (name: string): Promise<Uint8Array> => {
    const orgId = id()
    await inBoth(olga, 'registerOrganisation', { orgId, name, kind: 0, requestId: id() })
    await decree({ kind: 'verify', orgId, name, orgKind: 0, registrant: olga.toUint8Array(), untilNs })
    return orgId
  }
  const [orgId, closed] = [await organisation('St Anna'), await organisation('Closed')]
  await decree({ kind: 'suspend', orgId: closed })
  await decree({ kind: 'reinstate', orgId: closed }, COUNCIL_OF_TWO.slice(0, 1))
  await decree({ kind: 'setPolicy', invitationRequired: false })
  const member = async (principal: Principal, roles: number) => {
    await inBoth(olga, 'setMember', { orgId, principal, roles, validUntilNs: untilNs, requestId: id() })
    await inBoth(principal, 'acceptMembership', { orgId, requestId: id() })
  }
  await member(mara, ROLE.physician)
  await member(nils, ROLE.laboratory)
  const gone = somebody('gone')
  await enrol(net, gone)
  await member(gone, ROLE.clerk)
  await inBoth(olga, 'removeMember', { orgId, principal: gone, requestId: id() })
  const code = new Uint8Array(randomBytes(32))
  const codeHash = new Uint8Array(createHash('sha256').update(code).digest())
  await inBoth(olga, 'invite', { orgId, codeHash, endNs: untilNs - 290n * NS_PER_DAY, requestId: id() })
  await inBoth(somebody('quentin'), 'claimInvitation', { code, requestId: id() })
}

async function peopleAround(net: Stepped, ines: Principal, karl: Principal): Promise<void> {
  const [tablet, phone] = [somebody('her tablet'), somebody('her old phone')]
  const startNs = net.nowNs()
  const terms = { powers: POWER.read | POWER.write, startNs, endNs: [startNs + 90n * NS_PER_DAY] as [bigint] }
  for (const canister of BOTH) {
    for (const newPrincipal of [phone, tablet]) {
      await net.ok(ines, canister, 'offerLink', { patientId: [], newPrincipal, requestId: id() })
      await net.ok(newPrincipal, canister, 'acceptLink', { home: ines, requestId: id() })
    }
    await net.ok(ines, canister, 'unlink', { patientId: [], principal: phone, requestId: id() })
    const watch = somebody('her watch')
    await net.ok(ines, canister, 'offerLink', { patientId: [], newPrincipal: watch, requestId: id() })
    for (const representative of [karl, somebody('her sister')])
      await net.ok(ines, canister, 'appoint', { patientId: [], representative, ...terms, requestId: id() })
    await net.ok(karl, canister, 'acceptAppointment', { patient: ines, requestId: id() })
    const settings = { kit: [somebody('her kit')] as [Principal], guardians: [karl], threshold: 1 }
    await net.ok(ines, canister, 'setRecovery', { patientId: [], settings, requestId: id() })
  }
}

async function rulesOf(net: Stepped, ines: Principal, olga: Principal): Promise<void> {
  const changes: RulesChange[] = [
    { pause: null },
    { resume: null },
    { block: olga },
    { unblock: olga },
    { sensitive: 64 | 128 },
    { block: somebody('nosy') },
  ]
  for (const canister of BOTH)
    for (const change of changes)
      await net.ok(ines, canister, 'changeRules', { patientId: [], change, requestId: id() })
}

interface Two {
  readonly ines: Principal
  readonly mara: Principal
}

/** One that is approved, one narrowed, one denied, one withdrawn, and one that is open. */
async function requestsTo(net: Stepped, { ines, mara }: Two, labs: Reach): Promise<void> {
  const startNs = net.nowNs()
  const ask = async (): Promise<Uint8Array> => {
    const askId = id()
    await net.ok(mara, 'consent', 'requestAccess', {
      askId,
      patient: ines,
      forOrg: [],
      categories: 2,
      rights: RIGHT.list | RIGHT.open,
      purpose: purposeCode('TREAT'),
      periodNs: 7n * NS_PER_DAY,
      expiresNs: startNs + NS_PER_DAY,
      requestId: id(),
    })
    return askId
  }
  const answer = async (rights: number) => {
    const answering: [Uint8Array] = [await ask()]
    const terms = { to: mara, compartments: [labs.compartment], startNs, endNs: startNs + 7n * NS_PER_DAY, rights }
    await give(net, ines, { ...grantArg(terms), answering })
  }
  await answer(RIGHT.list | RIGHT.open)
  await answer(RIGHT.list)
  await net.ok(ines, 'consent', 'denyRequest', { askId: await ask(), requestId: id() })
  await net.ok(mara, 'consent', 'withdrawRequest', { askId: await ask(), requestId: id() })
  await ask()
}

const shareWith = async (net: Stepped, from: Principal, to: Principal, { compartment }: Reach, rights: number) => {
  const startNs = net.nowNs()
  const terms = { to, compartments: [compartment], startNs, endNs: startNs + 30n * NS_PER_DAY, rights }
  return give(net, from, grantArg(terms))
}

/** A record, a reader who loses access, a record under the next key, and the first one wrapped anew; one is deleted and one opened. */
/** Two devices of one person, with two keys for one epoch. */
async function keysThatDiffer(net: Stepped, ines: Principal, reach: Reach): Promise<void> {
  await keysFor(net, ines, reach)
  const post = () => {
    const check = { patientId: [] as [], ...reach.compartment, epoch: 1, keyCheckValue: id(), requestId: id() }
    return net.call(ines, 'consent', 'postKeyCheck', check)
  }
  await post()
  await post()
}

/** A device that is added, posts, is paused, let go on, given another key and removed. */
async function devicesPost(net: Stepped, ines: Principal, account: Account): Promise<void> {
  const { patientId } = account
  const device = await registered(net, ines, { patientId, cid: new Uint8Array(categoryOf(account, 'other').cid) })
  const { deviceId } = device
  const at = placeOf({ patientId, compartment: categoryOf(account, 'other'), grantId: null })
  const { currentEpoch } = await net.ok(ines, 'consent', 'depositInfo', at)
  const sealer = await sealerOf(net, device, currentEpoch)
  await net.ok(device.principal, 'records', 'depositReadings', { batch: await sealer.batch(0) })
  await net.ok(device.principal, 'records', 'deviceInfo', { deviceId })
  await changed(net, ines, device, { pause: null })
  await changed(net, ines, device, { resume: null })
  const { publicKey } = newKey()
  for (const canister of BOTH) {
    const key = { patientId: [] as [], deviceId, algorithm: 1, publicKey, requestId: id() }
    await net.ok(ines, canister, 'rotateDevice', key)
  }
  const another = await registered(net, ines, { patientId, cid: device.cid })
  await removed(net, ines, another.deviceId)
}

/** A link that is opened after a wrong passcode, and one that is ended. */
async function linksOf(net: Stepped, ines: Principal): Promise<void> {
  const endNs = net.nowNs() + 7n * NS_PER_DAY
  const shown = newLink(endNs)
  await net.ok(ines, 'records', 'makeLink', shown.arg)
  const statuses = ['000 000', PASSCODE].map((passcode) => openStepwise(net, shown.path, passcode))
  if (statuses.join() !== '401,200') throw new Error(`a link answers ${statuses.join()}`)
  const ended = newLink(endNs)
  await net.ok(ines, 'records', 'makeLink', ended.arg)
  await net.ok(ines, 'records', 'endLink', { patientId: [], linkId: ended.linkId, requestId: id() })
}

async function keysToSignWith(net: Stepped, ines: Principal): Promise<void> {
  const { keyId } = await net.ok(ines, 'consent', 'addAuthorKey', authorKeyArg())
  await net.ok(ines, 'consent', 'endAuthorKey', { keyId, requestId: id() })
}

async function keysMoveOn(
  net: Stepped,
  { ines, mara }: Two,
  reach: Reach,
  goes: 'to the end' | 'and stops half-way',
): Promise<void> {
  const old = await keysFor(net, ines, reach)
  const keyCheck = { patientId: [] as [], ...reach.compartment, epoch: 1, keyCheckValue: old.checkValue }
  await net.ok(ines, 'consent', 'postKeyCheck', { ...keyCheck, requestId: id() })
  const first = await store(net, ines, await seal(old, reach, { title: 'First' }))
  const second = await store(net, ines, await seal(old, reach, { title: 'Second' }))
  const grantId = await shareWith(net, ines, mara, reach, RIGHT.list | RIGHT.open)
  await keysFor(net, mara, { ...reach, grantId })
  const { recordId, version } = first
  const asMara = placeOf({ ...reach, grantId })
  await net.ok(mara, 'records', 'beginList', { ...asMara, requestId: id() })
  await net.ok(mara, 'records', 'open', { ...asMara, records: [{ recordId, version }], requestId: id() })
  await takeBack(net, ines, grantId)
  await net.call(mara, 'consent', 'deriveKey', deriveArg({ ...reach, grantId }))
  await sharesOne(net, { ines, mara }, reach, first)
  const { currentEpoch } = await net.ok(ines, 'consent', 'depositInfo', placeOf(reach))
  const keys = await keysFor(net, ines, reach, currentEpoch)
  await wrapAnew(net, ines, reach, { old, keys, epoch: currentEpoch })
  await net.ok(ines, 'records', 'deleteRecord', { recordId: second.recordId, requestId: id() })
  if (goes === 'and stops half-way') return
  await net.ok(ines, 'records', 'rewrapState', placeOf(reach))
  for (let left = 1; left > 0;) {
    const retiring = { ...placeOf(reach), epoch: currentEpoch, byOthers: [] as [], requestId: id() }
    left = (await net.ok(ines, 'records', 'retire', retiring)).remaining
  }
}
/** One record, as a share of its own. */
async function sharesOne(net: Stepped, { ines, mara }: Two, reach: Reach, record: SealedRecord): Promise<void> {
  const grantId = id()
  const compartment = { compartmentKind: COMPARTMENT_KIND.share, cid: grantId }
  const startNs = net.nowNs()
  const terms = { to: mara, compartments: [compartment], startNs, endNs: startNs + 30n * NS_PER_DAY }
  await give(net, ines, { ...grantArg(terms), grantId })
  const keys = await keysFor(net, ines, { ...reach, compartment })
  const { recordId, version, secret } = record
  const place = { patientId: new Uint8Array(reach.patientId), recordId, version }
  const wraps = [{ recordId, version, ...(await wrapRecord(keys, place, secret)) }]
  await net.ok(ines, 'records', 'putShareWraps', { grantId, wraps, capsule: [], requestId: id() })
}
async function wrapAnew(
  net: Stepped,
  who: Principal,
  reach: Reach,
  { old, keys, epoch }: { old: CompartmentKeys; keys: CompartmentKeys; epoch: number },
): Promise<void> {
  const place = placeOf(reach)
  const read = await net.ok(who, 'records', 'readWraps', { ...place, fromSeq: 0, count: 9, epoch, requestId: id() })
  const entries = []
  for (const bytes of read.rows) {
    const row = decodeWrapRow(new Uint8Array(bytes))
    if (row === null) throw new Error('a list holds wraps')
    const { seq, recordId, version, openWrap } = row
    const of = { patientId: new Uint8Array(reach.patientId), recordId, version }
    const manifest = expectDecoded(decodeManifest(row.manifest))
    const wraps = await rewrapRecord({ from: old, to: keys, place: of, manifest, openWrap })
    entries.push({ seq, oldEpoch: old.place.epoch, oldNonce: openWrap.slice(12, 24), ...wraps })
  }
  const { outcomes } = await net.ok(who, 'records', 'putWraps', { ...place, epoch, entries, requestId: id() })
  if (outcomes.some((outcome) => outcome !== 1)) throw new Error(`wrapped anew: ${String(outcomes)}`)
}

/** A laboratory that may write and nothing else. */
async function deposits(
  net: Stepped,
  { ines, nils }: { ines: Principal; nils: Principal },
  reach: Reach,
): Promise<void> {
  const writing: Reach = { ...reach, grantId: await shareWith(net, ines, nils, reach, RIGHT.write) }
  const { currentEpoch: epoch } = await net.ok(nils, 'consent', 'depositInfo', placeOf(writing))
  const { compartmentKind, cid } = reach.compartment
  const at = { patientId: new Uint8Array(reach.patientId), compartmentKind, compartmentId: new Uint8Array(cid), epoch }
  const made = await newCapsule(capsuleKey(net), at)
  await net.ok(nils, 'records', 'postCapsule', { ...placeOf(writing), capsule: made.capsule, requestId: id() })
  const { key } = await nextStep(made.chain)
  const draft = await seal(await keysFor(net, ines, reach), writing, { title: 'Report' })
  const place = { patientId: at.patientId, recordId: draft.recordId, version: 1 }
  const wraps = await wrapRecord(key, place, draft.secret)
  await net.ok(nils, 'records', 'begin', { ...draft.begin, pending: [] })
  for (const chunk of draft.chunks) await net.ok(nils, 'records', 'putChunk', chunk)
  await net.ok(nils, 'records', 'commit', { ...draft.commit, ...wraps })
}

/** A key that the network did not derive, and one that was kept back because its share ended meanwhile. */
async function keysThatNobodyGot(net: Stepped, faults: Faults, { ines, mara }: Two, reach: Reach): Promise<void> {
  const rule = faults.add({ kind: 'vetkd', how: 'reject', times: 1 })
  const failed = kindOf(await net.call(ines, 'consent', 'deriveKey', deriveArg(reach)))
  faults.remove(rule)
  if (failed !== 'KeysUnavailable') throw new Error(`a key that was not derived: ${failed}`)
  const grantId = await shareWith(net, ines, mara, reach, RIGHT.list | RIGHT.open)
  const asked = net.start(mara, 'consent', 'deriveKey', deriveArg({ ...reach, grantId }))
  net.step()
  const ended = net.start(ines, 'consent', 'revoke', { grantId, requestId: id() })
  net.settle()
  await net.ok(ines, 'records', 'revoke', { grantId, requestId: id() })
  const kinds = [kindOf(asked.answer()), kindOf(ended.answer())]
  if (kinds.join() !== 'ConsentEnded,Ok') throw new Error(`a key that was kept back: ${kinds.join()}`)
}

async function erases(net: Stepped, petra: Principal): Promise<void> {
  const account = await enrol(net, petra)
  const { patientId } = account
  const reach = { patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  const gone = await seal(await keysFor(net, petra, reach), reach, { body: utf8('Gone') })
  await net.ok(petra, 'records', 'store', wholeOf(gone))
  await net.ok(petra, 'consent', 'eraseBegin', { patientId, requestId: id() })
  for (let isDone = false; !isDone;)
    ({ isDone } = await net.ok(petra, 'records', 'erase', { patientId, requestId: id() }))
  const receiptHash = new Uint8Array(createHash('sha256').update('receipt').digest())
  for (let isDone = false; !isDone;)
    ({ isDone } = await net.ok(petra, 'consent', 'eraseFinish', { patientId, receiptHash, requestId: id() }))
}
