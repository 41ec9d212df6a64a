import { decodeWrap, expectDecoded, newCapsule, sealChainStart, wrapRecord } from '@medguard/crypto'
import { COMPARTMENT_KIND, decodeRet, encodeArg, NS_PER_DAY, type RefusalKind, ROLE, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authorKeyArg } from './author-keys.fixture.ts'
import {
  type Arg,
  type CanisterName,
  type Clinic,
  freshId,
  kindOf,
  methodOf,
  type MethodName,
  openClinic,
} from './clinic.ts'
import { addArg, newKey } from './devices.fixture.ts'
import { capsuleKey, deriveArg, placeOf, seal, store, wholeOf } from './sealed-record.ts'
import { newLink } from './links.fixture.ts'
import { dependantArg } from './people-access.ts'
import { peopleRepeats } from './people-repeats.ts'
import { categoryOf, enrol, give, grantArg, openWard, takeBack, type Ward } from './ward.ts'

// I22 and decision 25: every message may arrive twice.

let clinic: Clinic
let ward: Ward
beforeAll(async () => {
  clinic = await openClinic()
  ward = await openWard(clinic)
})
afterAll(() => clinic.close())

type Updates<C extends CanisterName> = Exclude<
  MethodName<C>,
  // These read; and these are called by canisters, which number what they send.
  | 'whoAmI'
  | 'devices'
  | 'deviceInfo'
  // Known by its record and its number: device-posts.test.ts.
  | 'depositReadings'
  | 'organisation'
  | 'organisationGrants'
  | 'organisations'
  | 'members'
  | 'memberships'
  | 'practitioner'
  | 'council'
  | 'councilActs'
  | 'invitations'
  // These need a council: trust-attacks.test.ts and invitations.test.ts.
  | 'councilVote'
  | 'invite'
  | 'claimInvitation'
  | 'people'
  | 'accountOf'
  | 'vault'
  | 'grantsGiven'
  | 'grantsReceived'
  | 'rules'
  | 'audience'
  | 'sharesHolding'
  | 'links'
  | 'requestsSent'
  | 'requestsReceived'
  | 'agreement'
  | 'depositInfo'
  | 'authorKeys'
  | 'authorsOf'
  | 'rewrapState'
  | 'capsules'
  | 'chainHead'
  | 'changes'
  | 'headers'
  | 'listCounts'
  | 'usage'
  | 'chunk'
  | 'head'
  | 'shardHead'
  | 'organisationHead'
  | 'tile'
  | 'checkpoint'
  | 'leaves'
  | 'inclusionProof'
  | 'consistencyProof'
  | 'append'
  | 'noteReaders'
  | 'logShardOf'
  | `authorise${string}`
>
interface Repeat<C extends CanisterName, M extends MethodName<C>> {
  readonly again: 'same answer' | 'AlreadyDone'
  readonly arg: () => Promise<Arg<C, M>> | Arg<C, M>
  /** The same id with something else in it. */
  readonly changed?: (arg: Arg<C, M>) => Arg<C, M>
  /** What that is told; `IdConflict` unless something better is known. */
  readonly changedIs?: RefusalKind
  /** Who sends; the owner unless told. */
  readonly by?: () => ReturnType<Ward['senderOf']>
}
type Table = { readonly [C in CanisterName]: { readonly [M in Updates<C>]: Repeat<C, M> } }

const PAGE = { from: 0, count: 10 }
const patient = () => ward.senderOf('owner')
const reach = () => ward.reachOf('owner')
const leaver = () => clinic.person('leaver').principal
/** Of somebody whose vault may end: gone from records, begun at consent. */
const leaving = async () => {
  const { patientId } = await enrol(clinic, leaver())
  await clinic.ok(leaver(), 'consent', 'eraseBegin', { patientId, requestId: freshId() })
  await clinic.ok(leaver(), 'records', 'erase', { patientId, requestId: freshId() })
  return patientId
}
const newGrant = async (endsInNs = NS_PER_DAY) => {
  const nowNs = await clinic.nowNs()
  return grantArg({
    to: clinic.person('somebody').principal,
    compartments: [ward.labs],
    startNs: nowNs,
    endNs: nowNs + endsInNs,
  })
}
const asking = async (): Promise<Arg<'consent', 'requestAccess'>> => ({
  askId: freshId(),
  patient: clinic.person('somebody').principal,
  forOrg: [],
  categories: 2,
  rights: 3,
  purpose: 1,
  periodNs: NS_PER_DAY,
  expiresNs: (await clinic.nowNs()) + NS_PER_DAY,
  requestId: freshId(),
})
const begun = async () => {
  const record = await seal(ward.keys, reach())
  await clinic.ok(patient(), 'records', 'begin', record.begin)
  return record
}
/** Organisations are alike in both. */
function trustRepeats(canister: 'consent' | 'records') {
  const registered = async () => {
    const arg = { orgId: freshId(), name: 'Hospital', kind: 0, requestId: freshId() }
    await clinic.ok(patient(), canister, 'registerOrganisation', arg)
    return arg.orgId
  }
  const nurse = async (orgId: Uint8Array, name = 'nurse') => ({
    orgId,
    principal: clinic.person(name).principal,
    roles: ROLE.nurse,
    validUntilNs: (await clinic.nowNs()) + NS_PER_DAY,
    requestId: freshId(),
  })
  const invited = async (name = 'nurse') => {
    const arg = await nurse(await registered(), name)
    await clinic.ok(patient(), canister, 'setMember', arg)
    return { orgId: arg.orgId, principal: arg.principal, requestId: freshId() }
  }
  const same = { again: 'same answer' } as const
  return {
    registerOrganisation: {
      ...same,
      arg: () => ({ orgId: freshId(), name: 'Practice', kind: 1, requestId: freshId() }),
      changed: <A>(arg: A) => ({ ...arg, name: 'Another practice' }),
    },
    setMember: { ...same, arg: async () => nurse(await registered()) },
    suspendMember: { ...same, arg: () => invited() },
    removeMember: { ...same, arg: () => invited() },
    acceptMembership: {
      ...same,
      arg: async () => ({ orgId: (await invited('live')).orgId, requestId: freshId() }),
      by: () => ward.senderOf('live'),
    },
  }
}
/** Devices are alike in both. */
function deviceRepeats(canister: 'consent' | 'records') {
  const added = async () => {
    const arg = addArg(ward.labs.cid)
    await clinic.ok(patient(), canister, 'addDevice', arg)
    return { patientId: [] as [], deviceId: arg.deviceId, requestId: freshId() }
  }
  const same = { again: 'same answer' } as const
  return {
    addDevice: { ...same, arg: () => addArg(ward.labs.cid) },
    changeDevice: { ...same, arg: async () => ({ ...(await added()), change: { pause: null } }) },
    rotateDevice: { ...same, arg: async () => ({ ...(await added()), algorithm: 1, publicKey: newKey().publicKey }) },
    removeDevice: { ...same, arg: added },
  }
}
/** The first record, from the first epoch to the current one. */
async function rewrapped(): Promise<Arg<'records', 'putWraps'>['entries'][number]> {
  const { commit, recordId, secret } = ward.record
  const { epoch: oldEpoch, nonce: oldNonce } = expectDecoded(decodeWrap(commit.openWrap))
  const made = await wrapRecord(ward.keys, { patientId: ward.account.patientId, recordId, version: 1 }, secret)
  return { seq: 0, oldEpoch, oldNonce, ...made }
}
const configured = { by: () => clinic.controller, again: 'same answer' } as const

const REPEATS: Table = {
  consent: {
    ...trustRepeats('consent'),
    ...peopleRepeats(() => clinic, 'consent'),
    ...deviceRepeats('consent'),
    enrolDependant: { again: 'same answer', arg: () => ({ requestId: freshId() }) },
    configure: {
      ...configured,
      arg: () => ({
        records: clinic.ids.records,
        audit: clinic.ids.audit,
        keyName: 'dfx_test_key',
        derivationsPerHour: 10_000,
        logShards: [] as [],
        council: [] as [],
      }),
      changed: (arg) => ({ ...arg, keyName: 'test_key_1' }),
    },
    enrol: { again: 'same answer', arg: () => ({ requestId: freshId() }) },
    grant: { again: 'same answer', arg: () => newGrant(), changed: (arg) => ({ ...arg, endNs: arg.endNs + 1n }) },
    revoke: {
      again: 'same answer',
      arg: async () => ({ grantId: await give(clinic, patient(), await newGrant()), requestId: freshId() }),
    },
    eraseBegin: {
      again: 'same answer',
      by: () => clinic.person('leaves first').principal,
      arg: async () => ({
        patientId: (await enrol(clinic, clinic.person('leaves first').principal)).patientId,
        requestId: freshId(),
      }),
    },
    eraseFinish: {
      again: 'same answer',
      by: leaver,
      arg: async () => ({ patientId: await leaving(), receiptHash: new Uint8Array(32).fill(1), requestId: freshId() }),
      // Nothing is kept of who left, their request ids neither: another receipt is a stranger's.
      changed: (arg) => ({ ...arg, receiptHash: new Uint8Array(32) }),
      changedIs: 'NotPermitted',
    },
    deriveKey: { again: 'AlreadyDone', arg: () => deriveArg(reach()) },
    addAuthorKey: { again: 'same answer', arg: () => authorKeyArg() },
    endAuthorKey: {
      again: 'same answer',
      async arg() {
        const { keyId } = await clinic.ok(patient(), 'consent', 'addAuthorKey', authorKeyArg())
        return { keyId, requestId: freshId() }
      },
    },
    requestAccess: {
      again: 'same answer',
      arg: asking,
      changed: (arg) => ({ ...arg, categories: 4 }),
    },
    withdrawRequest: {
      again: 'same answer',
      async arg() {
        const arg = await asking()
        await clinic.ok(patient(), 'consent', 'requestAccess', arg)
        return { askId: arg.askId, requestId: freshId() }
      },
    },
    denyRequest: {
      again: 'same answer',
      async arg() {
        const arg = { ...(await asking()), patient: clinic.person('patient').principal }
        await clinic.ok(clinic.person('otherUser').principal, 'consent', 'requestAccess', arg)
        return { askId: arg.askId, requestId: freshId() }
      },
    },
    changeRules: {
      again: 'same answer',
      arg: () => ({ patientId: [], change: { sensitive: 0xc0 }, requestId: freshId() }),
    },
    postKeyCheck: {
      again: 'same answer',
      arg: () => ({
        patientId: [],
        ...ward.labs,
        epoch: 1,
        keyCheckValue: ward.firstKeys.checkValue,
        requestId: freshId(),
      }),
      changed: (arg) => ({ ...arg, keyCheckValue: freshId() }),
    },
  },
  records: {
    ...trustRepeats('records'),
    ...peopleRepeats(() => clinic, 'records'),
    ...deviceRepeats('records'),
    enrolDependant: { again: 'same answer', arg: () => dependantArg() },
    configure: {
      ...configured,
      arg: () => ({ consent: clinic.ids.consent, audit: clinic.ids.audit, council: [] as [], logShards: [] as [] }),
      changed: (arg) => ({ ...arg, consent: arg.audit, audit: arg.consent }),
    },
    enrol: {
      again: 'same answer',
      arg: () => ({
        patientId: ward.account.patientId,
        compartments: ward.account.compartments.map(({ category, cid }) => ({ category, cid })),
        requestId: freshId(),
      }),
      changed: (arg) => ({ ...arg, patientId: freshId() }),
    },
    grant: { again: 'same answer', arg: () => newGrant(), changed: (arg) => ({ ...arg, rights: 1 }) },
    revoke: {
      again: 'same answer',
      arg: async () => ({ grantId: await give(clinic, patient(), await newGrant()), requestId: freshId() }),
    },
    changeRules: {
      again: 'same answer',
      arg: () => ({ patientId: [], change: { sensitive: 0xc0 }, requestId: freshId() }),
    },
    begin: {
      again: 'same answer',
      arg: async () => (await seal(ward.keys, reach())).begin,
      changed: (arg) => ({ ...arg, chunkCount: 2, sizeBytes: 2_000_000n }),
    },
    uploads: { again: 'same answer', arg: () => null },
    resume: {
      again: 'AlreadyDone',
      async arg() {
        const { recordId, version } = await begun()
        return { recordId, version, requestId: freshId() }
      },
    },
    putChunk: {
      again: 'same answer',
      arg: async () => (await begun()).chunks[0]!,
      changed: (arg) => ({ ...arg, bytes: flipped(arg.bytes) }),
    },
    commit: {
      again: 'same answer',
      async arg() {
        const record = await begun()
        for (const chunk of record.chunks) await clinic.ok(patient(), 'records', 'putChunk', chunk)
        return record.commit
      },
      changed: (arg) => ({ ...arg, openWrap: flipped(arg.openWrap) }),
    },
    store: {
      again: 'same answer',
      arg: async () => wholeOf(await seal(ward.keys, reach())),
      changed: (arg) => ({ ...arg, openWrap: flipped(arg.openWrap) }),
    },
    abandon: {
      again: 'same answer',
      async arg() {
        const { recordId, version } = await begun()
        return { recordId, version, uploadId: [] }
      },
    },
    noteExport: {
      again: 'same answer',
      arg: () => ({
        patientId: [] as [],
        grantId: [] as [],
        archiveHash: new Uint8Array(32),
        count: 1,
        requestId: freshId(),
      }),
      changed: (arg) => ({ ...arg, count: 2 }),
    },
    makeLink: {
      again: 'same answer',
      arg: async () => newLink((await clinic.nowNs()) + NS_PER_DAY).arg,
      changed: (arg) => ({ ...arg, label: flipped(arg.label) }),
    },
    endLink: {
      again: 'same answer',
      async arg() {
        const { arg, linkId } = newLink((await clinic.nowNs()) + NS_PER_DAY)
        await clinic.ok(patient(), 'records', 'makeLink', arg)
        return { patientId: [] as [], linkId, requestId: freshId() }
      },
    },
    erase: {
      again: 'same answer',
      by: () => clinic.person('leaves records').principal,
      arg: async () => ({
        patientId: (await enrol(clinic, clinic.person('leaves records').principal)).patientId,
        requestId: freshId(),
      }),
    },
    deleteRecord: {
      again: 'same answer',
      async arg() {
        const { recordId } = await store(clinic, patient(), await seal(ward.keys, reach()))
        return { recordId, requestId: freshId() }
      },
    },
    beginList: { again: 'AlreadyDone', arg: () => ({ ...placeOf(reach()), requestId: freshId() }) },
    open: {
      again: 'AlreadyDone',
      arg: () => ({
        ...placeOf(reach()),
        records: [{ recordId: ward.record.recordId, version: 1 }],
        requestId: freshId(),
      }),
    },
    postCapsule: {
      again: 'same answer',
      async arg() {
        const { capsule } = await newCapsule(capsuleKey(clinic), ward.keys.place)
        return { ...placeOf(reach()), capsule, requestId: freshId() }
      },
      changed: (arg) => ({ ...arg, capsule: flipped(arg.capsule) }),
    },
    putChainWrap: {
      again: 'same answer',
      async arg() {
        const { capsule, chain } = await newCapsule(capsuleKey(clinic), ward.keys.place)
        await clinic.ok(patient(), 'records', 'postCapsule', { ...placeOf(reach()), capsule, requestId: freshId() })
        const { capsuleId } = chain
        const chainWrap = await sealChainStart(ward.keys, capsuleId, chain.secret)
        return { ...placeOf(reach()), capsuleId, chainWrap, requestId: freshId() }
      },
      changed: (arg) => ({ ...arg, chainWrap: flipped(arg.chainWrap) }),
    },
    readWraps: {
      again: 'AlreadyDone',
      arg: () => ({ ...placeOf(reach()), fromSeq: 0, count: 200, epoch: 9, requestId: freshId() }),
    },
    putWraps: {
      again: 'same answer',
      async arg() {
        const { epoch } = ward.keys.place
        return { ...placeOf(reach()), epoch, entries: [await rewrapped()], requestId: freshId() }
      },
    },
    restoreWraps: {
      again: 'same answer',
      arg: () => ({ ...placeOf(reach()), seqs: [0], requestId: freshId() }),
    },
    retire: {
      again: 'same answer',
      arg: () => ({
        ...placeOf({ ...reach(), compartment: categoryOf(ward.account, 'vitals') }),
        epoch: 1,
        byOthers: [] as [],
        requestId: freshId(),
      }),
    },
    putShareWraps: {
      again: 'same answer',
      async arg() {
        const grant = await newGrant()
        const compartments = [{ compartmentKind: COMPARTMENT_KIND.share, cid: grant.grantId }]
        await clinic.ok(patient(), 'records', 'grant', { ...grant, compartments })
        const { recordId, version, listWrap, openWrap } = ward.record.commit
        return {
          grantId: grant.grantId,
          wraps: [{ recordId, version, listWrap, openWrap }],
          capsule: [],
          requestId: freshId(),
        }
      },
    },
  },
  audit: {
    configure: {
      ...configured,
      arg: () => ({ consent: clinic.ids.consent, records: clinic.ids.records, logShards: [] as [] }),
      changed: (arg) => ({ ...arg, consent: arg.records, records: arg.consent }),
    },
    configureCheckpoints: {
      ...configured,
      arg: () => ({ keyName: 'dfx_test_key' }),
      changed: () => ({ keyName: 'key_1' }),
    },
    makeCheckpoint: { again: 'same answer', arg: () => null },
  },
}

/** These have no request id, since chunks have places of their own and configurations are a controller's; or they leave nothing of who called. */
const UNNUMBERED = [
  'configure',
  'configureCheckpoints',
  'makeCheckpoint',
  'putChunk',
  'abandon',
  'uploads',
  'erase',
  'eraseFinish',
]

describe.each(Object.entries(REPEATS) as [CanisterName, Record<string, AnyRepeat>][])('%s', (canister, methods) => {
  test.each(Object.entries(methods))(
    '%s answers a repeat as it should, and takes no other content under its id',
    async (name, { again, arg, by = patient }) => {
      const method = methodOf(canister, name)
      const value = await arg()
      const bytes = encodeArg(method, value)
      const first = await clinic.send(by(), canister, name, bytes)
      const second = await clinic.send(by(), canister, name, bytes)
      if (first.kind === 'reject' || second.kind === 'reject') throw new Error('a repeat was rejected')
      expect(kindOf(decodeRet(method, first.bytes))).toBe('Ok')
      if (again === 'AlreadyDone') return expect(kindOf(decodeRet(method, second.bytes))).toBe('AlreadyDone')
      expect(toHex(second.bytes)).toBe(toHex(first.bytes))
      if (canister === 'audit' || UNNUMBERED.includes(name)) return undefined
      // Its id is taken, whatever else comes under it: by another method here, one that would do no harm.
      const { requestId } = value as { readonly requestId: Uint8Array }
      const rules = { patientId: [] as [], change: { sensitive: 0x40 }, requestId }
      const other =
        name === 'changeRules'
          ? await clinic.call(by(), canister, 'revoke', { grantId: freshId(), requestId })
          : await clinic.call(by(), canister, 'changeRules', rules)
      return expect(kindOf(other)).toBe('IdConflict')
    },
  )

  const changing = Object.entries(methods).filter(([, { changed }]) => changed !== undefined)
  test.each(changing)(
    '%s takes none of its own content changed under the same id',
    async (name, { arg, changed, changedIs = 'IdConflict', by = patient }) => {
      const first = await arg()
      await clinic.send(by(), canister, name, encodeArg(methodOf(canister, name), first))
      const answer = await clinic.call(by(), canister, name as never, changed?.(first) as never)
      expect(kindOf(answer)).toBe(changedIs)
    },
  )
})

test('a share that was ended stays ended, also when its grant arrives again', async () => {
  const grant = await newGrant()
  await give(clinic, patient(), grant)
  await takeBack(clinic, patient(), grant.grantId)
  await clinic.call(patient(), 'records', 'grant', grant)
  await clinic.call(patient(), 'consent', 'grant', grant)
  const { grants } = await clinic.ok(patient(), 'consent', 'grantsGiven', { patientId: [], from: 0, count: 50 })
  const view = grants.find(({ grantId }) => toHex(grantId) === toHex(grant.grantId))
  expect(view?.status).toEqual({ inactive: null })
})

test('two copies of one change that arrive at the same moment have one effect', async () => {
  const grant = await newGrant()
  const before = await clinic.ok(patient(), 'consent', 'grantsGiven', { patientId: [], ...PAGE })
  const answers = await Promise.all([
    clinic.call(patient(), 'consent', 'grant', grant),
    clinic.call(patient(), 'consent', 'grant', grant),
  ])
  expect(answers.map(kindOf)).toEqual(['Ok', 'Ok'])
  const after = await clinic.ok(patient(), 'consent', 'grantsGiven', { patientId: [], ...PAGE })
  expect(after.total - before.total).toBe(1)
})

interface AnyRepeat {
  readonly again: 'same answer' | 'AlreadyDone'
  readonly arg: () => unknown
  readonly changed?: (arg: unknown) => unknown
  readonly changedIs?: RefusalKind
  readonly by?: () => ReturnType<Ward['senderOf']>
}
const flipped = (bytes: Uint8Array): Uint8Array => {
  const copy = new Uint8Array(bytes)
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1
  return copy
}
