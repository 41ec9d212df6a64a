import {
  ConsentConfiguration,
  encodeValue,
  IDL,
  NS_PER_MINUTE,
  opt,
  Principal,
  RecordsConfiguration,
  toHex,
} from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accessTable, casesOf } from './access-table.ts'
import { ALL_METHODS, type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { deriveArg, placeOf } from './sealed-record.ts'
import { storedRows } from './stored-rows.ts'
import { trailOf } from './trail.ts'
import { COUNCIL, tries } from './trust.fixture.ts'
import { grantArg, openWard, type Ward } from './ward.ts'

// E15: whoever controls the canisters changes nothing of what patients have there by anything that a controller may do with the modules as they are. That they
// can install others is in docs/security.md.

let clinic: Clinic
let ward: Ward
beforeAll(async () => {
  clinic = await openClinic({ council: { members: COUNCIL, threshold: 2 } })
  ward = await openWard(clinic, 'FAMRQT')
})
afterAll(() => clinic.close())

const BOTH = ['consent', 'records'] as const
const methodsOfControllers = ['consent.configure', 'records.configure', 'audit.configure', 'audit.configureCheckpoints']

test('a controller alone may call what configures, and nothing else', () => {
  const table = accessTable(ward)
  const theirs = ALL_METHODS.filter(([canister, method]) =>
    casesOf(table, canister, method).some(
      ({ expected }) => expected.controller !== 'NotPermitted' && expected.stranger === 'NotPermitted',
    ),
  )
  expect(theirs.map((names) => names.join('.'))).toEqual(methodsOfControllers)
})

describe('all that a controller may do', () => {
  test('leaves every row about people as it is, byte for byte, and the log with lines about the canisters alone', async () => {
    const before = await everything()
    await doAll()
    const after = await everything()
    expect(after.rows).toEqual(before.rows)
    expect(after.log).toEqual(before.log)
    expect(Object.keys(before.rows).length).toBeGreaterThan(100)
  })

  test('lets them read, grant and widen nothing, and everybody else what they could before', async () => {
    const reach = ward.reachOf('owner')
    const controller = clinic.controller
    for (const grantId of [null, ward.grants.live])
      expect(await tries(clinic, controller, { ...reach, grantId }, ward.record.recordId)).toEqual(
        Array.from({ length: 4 }, () => 'NotPermitted'),
      )
    const startNs = await clinic.nowNs()
    const terms = { to: controller, compartments: [ward.labs], startNs, endNs: startNs + NS_PER_MINUTE }
    const patientId: [Uint8Array] = [ward.account.patientId]
    for (const canister of BOTH) {
      const answers = [
        await clinic.call(controller, canister, 'grant', grantArg({ ...terms, patientId })),
        await clinic.call(controller, canister, 'revoke', { grantId: ward.grants.live, requestId: freshId() }),
        await clinic.call(controller, canister, 'councilActs', null),
      ]
      expect(answers.map(kindOf)).toEqual(['NotPermitted', 'NotPermitted', 'NotPermitted'])
      const { council } = await clinic.ok(controller, canister, 'council', null)
      expect(council[0]?.members.map(String)).toEqual(COUNCIL.map((name) => clinic.person(name).principal.toText()))
    }
    const live = ward.reachOf('live')
    expect(kindOf(await clinic.call(ward.senderOf('live'), 'consent', 'deriveKey', deriveArg(live)))).toBe('Ok')
    const list = { ...placeOf(ward.reachOf('revoked')), requestId: freshId() }
    expect(kindOf(await clinic.call(ward.senderOf('revoked'), 'records', 'beginList', list))).toBe('ConsentEnded')
  })
})

/** By the methods that are a controller's, and by what the network lets a controller do with a canister that goes on running the same module. */
async function doAll(): Promise<void> {
  const { controller, ids } = clinic
  const own = [{ members: [controller], threshold: 1 }] as [{ members: Principal[]; threshold: number }]
  const { consent, records, audit } = ids
  const other = Principal.selfAuthenticating(new Uint8Array(32).fill(9))
  const configured = [
    await clinic.call(controller, 'consent', 'configure', {
      records: other,
      audit,
      keyName: 'dfx_test_key',
      derivationsPerHour: 5_000,
      logShards: [],
      council: own,
    }),
    await clinic.call(controller, 'records', 'configure', { consent: other, audit, council: own, logShards: [] }),
    await clinic.call(controller, 'audit', 'configure', { consent: other, records, logShards: [] }),
  ]
  expect(configured.map(kindOf)).toEqual(['IdConflict', 'IdConflict', 'IdConflict'])
  await clinic.ok(controller, 'audit', 'configureCheckpoints', { keyName: 'dfx_test_key' })
  const ofConsent = {
    records,
    audit,
    keyName: 'dfx_test_key',
    derivationsPerHour: 5_000,
    council: own,
    logShards: [] as [],
  }
  await clinic.upgrade('consent', undefined, encodeValue(opt(ConsentConfiguration), [ofConsent]))
  await clinic.upgrade(
    'records',
    undefined,
    encodeValue(opt(RecordsConfiguration), [{ consent, audit, council: own, logShards: [] }]),
  )
  for (const name of ['consent', 'records', 'audit'] as const) {
    await clinic.upgrade(name)
    await clinic.stop(name)
    const snapshot = await takeSnapshot(ids[name])
    await loadSnapshot(ids[name], snapshot)
    await manage('update_settings', Settings, {
      canister_id: ids[name],
      settings: { freezing_threshold: [1_000_000n], controllers: [[controller, other]] },
    })
    await clinic.start(name)
  }
}

/** What a canister keeps for itself: its configuration, what waits for the log, and what was asked lately. */
const OPERATION: readonly (number | undefined)[] = [0, 1, 2, 3]

/** Rows about people by canister and key, and a patient's log. */
async function everything() {
  await clinic.advance(NS_PER_MINUTE)
  const rows: Record<string, string> = {}
  for (const canister of BOTH)
    for (const { memory, key, value } of await storedRows(clinic, canister))
      if (memory !== 0 || !OPERATION.includes(key[0])) rows[`${canister} ${memory} ${toHex(key)}`] = toHex(value)
  await clinic.advance(NS_PER_MINUTE)
  return { rows, log: await trailOf(clinic, ward.senderOf('owner'), ward.account.patientId) }
}

const Id = IDL.Record({ canister_id: IDL.Principal })
const SnapshotId = IDL.Record({ canister_id: IDL.Principal, snapshot_id: IDL.Vec(IDL.Nat8) })
const Settings = IDL.Record({
  canister_id: IDL.Principal,
  settings: IDL.Record({
    freezing_threshold: IDL.Opt(IDL.Nat),
    controllers: IDL.Opt(IDL.Vec(IDL.Principal)),
  }),
})
async function manage(method: string, type: IDL.Type, value: object): Promise<Uint8Array> {
  const arg = new Uint8Array(IDL.encode([type], [value]))
  const answer = await clinic.send(clinic.controller, Principal.managementCanister(), method, arg)
  if (answer.kind === 'reject') throw new Error(`${method}: ${answer.reject.message}`)
  return answer.bytes
}
async function takeSnapshot(canister_id: Principal): Promise<Uint8Array> {
  const taken = await manage('take_canister_snapshot', Id, { canister_id })
  const [{ id }] = IDL.decode([IDL.Record({ id: IDL.Vec(IDL.Nat8) })], taken) as unknown as [{ id: Uint8Array }]
  return new Uint8Array(id)
}
const loadSnapshot = (canister_id: Principal, snapshot_id: Uint8Array) =>
  manage('load_canister_snapshot', SnapshotId, { canister_id, snapshot_id })
