import {
  COMPARTMENT_KIND,
  consentService,
  CYCLES_RESERVE,
  decodeRet,
  DEVICE_SEQ_WINDOW,
  encodeArg,
  NS_PER_MINUTE,
  OPEN_UPLOADS_MAX,
  orgPrincipal,
  Principal,
  type RefusalKind,
  PLAIN_TERMS,
} from '@medguard/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { registered, sealerOf } from './devices.fixture.ts'
import { linkTo } from './people.fixture.ts'
import { deriveArg, keysFor, placeOf, type Reach, seal, store } from './sealed-record.ts'
import { openStepped, somebody } from './stepped.ts'
import { categoryOf, enrol, grantArg, openWard, type Ward } from './ward.ts'

// One call for each way of saying no. Keyed by the contract: a refusal that nobody provokes does not compile.

let clinic: Clinic
let ward: Ward
beforeAll(async () => {
  clinic = await openClinic()
  ward = await openWard(clinic)
})
afterAll(() => clinic.close())

const PROVOKED: Readonly<Record<RefusalKind, () => Promise<unknown>>> = {
  NotSignedIn: () => clinic.call(Principal.anonymous(), 'consent', 'changes', null),

  NotPermitted: () => clinic.call(ward.senderOf('otherUser'), 'consent', 'deriveKey', deriveArg(ward.reachOf('owner'))),

  async LowCycles() {
    const poor = await openStepped({ cycles: CYCLES_RESERVE - 100_000_000_000n })
    return poor.call(somebody('patient'), 'consent', 'enrol', { requestId: freshId() })
  },

  ConsentEnded: () => clinic.call(ward.senderOf('revoked'), 'consent', 'deriveKey', deriveArg(ward.reachOf('revoked'))),

  async NotYet() {
    const [holder, added] = [clinic.person('holder').principal, clinic.person('holder added').principal]
    await enrol(clinic, holder)
    await linkTo(clinic, holder, added)
    return clinic.call(added, 'consent', 'unlink', { patientId: [], principal: holder, requestId: freshId() })
  },

  async LogUnavailable() {
    await clinic.stop('audit')
    try {
      return await clinic.call(ward.senderOf('owner'), 'consent', 'deriveKey', deriveArg(ward.reachOf('owner')))
    } finally {
      await clinic.start('audit')
      await clinic.advance(10n * NS_PER_MINUTE)
    }
  },

  async NotReady() {
    const unconfigured = await clinic.operator.create()
    await clinic.operator.install(unconfigured, (await buildCanister('consent')).wasm)
    const method = consentService.enrol
    const answer = await clinic.send(
      ward.senderOf('otherUser'),
      unconfigured,
      'enrol',
      encodeArg(method, { requestId: freshId() }),
    )
    if (answer.kind === 'reject') throw new Error(answer.reject.message)
    return decodeRet(method, answer.bytes)
  },

  async Busy() {
    const net = await openStepped()
    const patient = somebody('patient')
    const account = await enrol(net, patient)
    const reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
    const arg = deriveArg(reach)
    const [first, second] = [arg, arg].map((each) => net.start(patient, 'consent', 'deriveKey', each))
    net.settle()
    expect(first === undefined ? null : kindOf(first.answer())).toBe('Ok')
    return second?.answer()
  },

  async AlreadyDone() {
    const arg = deriveArg(ward.reachOf('owner'))
    await clinic.ok(ward.senderOf('owner'), 'consent', 'deriveKey', arg)
    return clinic.call(ward.senderOf('owner'), 'consent', 'deriveKey', arg)
  },

  async Unverified() {
    const nowNs = await clinic.nowNs()
    const to = Principal.fromUint8Array(orgPrincipal(freshId()))
    const grant = grantArg({ to, compartments: [ward.labs], startNs: nowNs, endNs: nowNs + NS_PER_MINUTE })
    const terms: typeof grant.terms = [{ ...PLAIN_TERMS, namesSensitive: false, excluded: [] }]
    return clinic.call(ward.senderOf('owner'), 'consent', 'grant', { ...grant, terms })
  },

  async StaleEpoch() {
    const record = await seal(ward.firstKeys, ward.reachOf('owner'))
    await clinic.ok(ward.senderOf('owner'), 'records', 'begin', record.begin)
    for (const chunk of record.chunks) await clinic.ok(ward.senderOf('owner'), 'records', 'putChunk', chunk)
    return clinic.call(ward.senderOf('owner'), 'records', 'commit', record.commit)
  },

  async Stale() {
    const owner = ward.senderOf('owner')
    const owned = ward.reachOf('owner')
    const first = await store(clinic, owner, await seal(ward.keys, owned))
    const second = { version: 2, recordId: first.recordId, previousManifestHash: first.manifestHash }
    await store(clinic, owner, await seal(ward.keys, owned, second))
    const late = await seal(ward.keys, owned, second)
    return clinic.call(owner, 'records', 'begin', late.begin)
  },

  async IdConflict() {
    const nowNs = await clinic.nowNs()
    const to = clinic.person('somebody').principal
    const grant = grantArg({ to, compartments: [ward.labs], startNs: nowNs, endNs: nowNs + NS_PER_MINUTE })
    await clinic.ok(ward.senderOf('owner'), 'consent', 'grant', grant)
    return clinic.call(ward.senderOf('owner'), 'consent', 'grant', { ...grant, endNs: grant.endNs + 1n })
  },

  async Full() {
    const hoarder = clinic.person('hoarder').principal
    const account = await enrol(clinic, hoarder)
    const reach: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
    const keys = await keysFor(clinic, hoarder, reach)
    const { begin } = await seal(keys, reach)
    for (let i = 0; i < OPEN_UPLOADS_MAX; i++)
      await clinic.ok(hoarder, 'records', 'begin', { ...begin, recordId: freshId(), requestId: freshId() })
    return clinic.call(hoarder, 'records', 'begin', { ...begin, recordId: freshId(), requestId: freshId() })
  },

  TooLarge: async () =>
    clinic.call('canister', 'records', 'putChunk', {
      recordId: freshId(),
      version: 1,
      index: 0,
      bytes: new Uint8Array(2 ** 20 + 1000),
      uploadId: [],
    }),

  async BadInput() {
    const nowNs = await clinic.nowNs()
    const to = clinic.person('somebody').principal
    const reversed = grantArg({ to, compartments: [ward.labs], startNs: nowNs + NS_PER_MINUTE, endNs: nowNs })
    return clinic.call(ward.senderOf('owner'), 'consent', 'grant', reversed)
  },

  async Paused() {
    const owner = ward.senderOf('owner')
    const change = (change: { pause: null } | { resume: null }) =>
      clinic.ok(owner, 'consent', 'changeRules', { patientId: [], change, requestId: freshId() })
    await change({ pause: null })
    try {
      return await clinic.call(ward.senderOf('live'), 'consent', 'deriveKey', deriveArg(ward.reachOf('live')))
    } finally {
      await change({ resume: null })
    }
  },

  async Expired() {
    const owner = ward.senderOf('owner')
    const vitals = categoryOf(ward.account, 'vitals').cid
    const device = await registered(clinic, owner, { patientId: ward.account.patientId, cid: new Uint8Array(vitals) })
    const sealer = await sealerOf(clinic, device)
    const post = async (seq: number) =>
      clinic.call(device.principal, 'records', 'depositReadings', { batch: await sealer.batch(seq) })
    await post(DEVICE_SEQ_WINDOW - 1)
    await post(2 * DEVICE_SEQ_WINDOW - 1)
    return post(0)
  },

  async KeysUnavailable() {
    // Has the form of a compressed point, and x = 0 is on no point of the curve: only the key service can tell.
    const transportKey = new Uint8Array(48)
    transportKey[0] = 0x80
    transportKey[47] = 5
    const reach = ward.reachOf('owner')
    return clinic.call(ward.senderOf('owner'), 'consent', 'deriveKey', deriveArg(reach, 1, transportKey))
  },
}

test.each(Object.entries(PROVOKED))('%s is said where it should be', async (kind, provoke) => {
  expect(kindOf(await provoke())).toBe(kind)
})

test('a share compartment is nobody’s before its grant exists', async () => {
  const cid = freshId()
  const arg = {
    ...placeOf({ ...ward.reachOf('owner'), compartment: { compartmentKind: COMPARTMENT_KIND.share, cid } }),
  }
  const answer = await clinic.call(ward.senderOf('owner'), 'records', 'beginList', { ...arg, requestId: freshId() })
  expect(kindOf(answer)).toBe('NotPermitted')
})
