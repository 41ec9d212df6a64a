import { createClient, DEVELOPMENT_CANISTERS, type HeadMemory, type Network, type Outcome } from '@medguard/client'
import {
  auditService,
  decodeDetail,
  decodeRet,
  encodeArg,
  encodeRet,
  equalBytes,
  EVENT,
  IDL,
  LEAF_FLAG,
  NS_PER_HOUR,
  NS_PER_MINUTE,
  Principal,
  shardHeadsIn,
  toHex,
} from '@medguard/protocol'
import {
  decodeCheckpoint,
  decodeLeaf,
  decodeNote,
  encodeTreeHead,
  leafHash,
  logIdOf,
  readLogWitness,
} from '@medguard/tlog'
import { sha256 } from '@noble/hashes/sha2'
import binaryen from 'binaryen'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { type Clinic, kindOf, openClinic } from './clinic.ts'
import { clientOf, installShard, networkWith, tellShards } from './shards.fixture.ts'
import { enrol } from './ward.ts'

// The first canister of the log records what the others came to, and whoever reads one of them holds it against that.

const SHARD = Principal.fromText(DEVELOPMENT_CANISTERS.frontend)
/** Another one, which runs code of its own. */
const ODD = Principal.fromUint8Array(new Uint8Array([0, 0, 0, 0, 0, 9, 9, 9, 1, 1]))
let clinic: Clinic
let network: Network
beforeAll(async () => {
  const alone = (id: string) => ({ kind: 'application', canisterRanges: [[id, id]] }) as const
  clinic = await openClinic({ subnets: [DEVELOPMENT_CANISTERS.audit, SHARD.toText(), ODD.toText()].map(alone) })
  await clinic.ok(clinic.controller, 'audit', 'configureCheckpoints', { keyName: 'dfx_test_key' })
  await installShard(clinic, SHARD)
  await tellShards(clinic, [SHARD])
  network = networkWith(clinic, [SHARD])
  await enrol(clinic, clinic.person('first').principal)
  await patient().enrol()
}, 300_000)
afterAll(() => clinic.close())

const done = <T>(outcome: Outcome<T>): T => {
  if (outcome.kind === 'refused') throw new Error(outcome.refusal.kind)
  return outcome.value
}
/** A device that has seen nothing of the log. */
const patient = () => clientOf(clinic.person('patient'), network)
const listing = () => patient().list({ of: 'me' }, ['labs'])
const readLog = async () => {
  await clinic.advance(NS_PER_MINUTE)
  return done(await patient().log('patient')).verification
}
const headOf = async (log: Principal) => {
  const answer = await clinic.send(clinic.controller, log, 'head', encodeArg(auditService.head, null))
  if (answer.kind === 'reject') throw new Error(answer.reject.message)
  const ret = decodeRet(auditService.head, answer.bytes)
  const witness = 'Ok' in ret ? readLogWitness(sha256, ret.Ok.witness) : null
  if (witness === null) throw new Error('a log has a head')
  return witness.treeHead
}
/** What the first canister has of the other, proven to be in its tree. */
async function recorded(shard = 1) {
  const asked = await clinic.ok(clinic.person('patient').principal, 'audit', 'shardHead', { shard })
  const leaf = decodeLeaf(asked.leaf)
  const detail = decodeDetail(asked.detail)
  if (!leaf.ok || detail === null) throw new Error('it is a leaf with its detail')
  const { index, event, flags } = leaf.value
  expect([event, detail.head.event]).toEqual([EVENT.shardHeads, EVENT.shardHeads])
  expect(equalBytes(sha256(asked.detail), leaf.value.detailHash)).toBe(true)
  const { size } = await headOf(clinic.ids.audit)
  const place = { leafIndex: BigInt(index), treeSize: BigInt(size) }
  const included = await clinic.ok(clinic.controller, 'audit', 'inclusionProof', place)
  expect(equalBytes(included.leafHash, leafHash(sha256, asked.leaf))).toBe(true)
  return { index, isForked: (flags & LEAF_FLAG.failedOrWithheld) !== 0, heads: shardHeadsIn(detail.fields) }
}
const checkpoint = async () => {
  const { note } = await clinic.ok(clinic.controller, 'audit', 'makeCheckpoint', null)
  return decodeCheckpoint(decodeNote(new TextDecoder().decode(note))?.text ?? '')
}

describe('the first canister', () => {
  test('records by the hour what the other came to, in a leaf of its own', async () => {
    await listing()
    await clinic.advance(NS_PER_HOUR)
    const { size, root } = await headOf(SHARD)
    expect(await recorded()).toMatchObject({
      isForked: false,
      heads: [{ logId: logIdOf(sha256, SHARD.toUint8Array()), size, root }],
    })
  })
  test('writes nothing where nothing happened', async () => {
    const { index } = await recorded()
    await clinic.advance(NS_PER_HOUR)
    await clinic.advance(NS_PER_HOUR)
    expect((await recorded()).index).toBe(index)
  })
  test('signs checkpoints that stand for both as they were recorded, and asks no sooner for them', async () => {
    await listing()
    const before = await recorded()
    const now = await headOf(SHARD)
    expect(before.heads?.[0]?.size).toBeLessThan(now.size)
    await clinic.advance(2n * NS_PER_MINUTE)
    const { size = 0 } = (await checkpoint()) ?? {}
    expect(before.index).toBeLessThan(size)
    await clinic.advance(NS_PER_MINUTE)
    expect((await recorded()).index).toBe(before.index)
    await clinic.advance(NS_PER_HOUR)
    const after = await recorded()
    expect(after.heads?.[0]).toMatchObject({ size: now.size, root: now.root })
    expect((await checkpoint())?.size).toBeGreaterThan(after.index)
  })
  test('tells nobody of one that there is not', async () => {
    for (const shard of [0, 2, 65])
      expect(kindOf(await clinic.call(clinic.controller, 'audit', 'shardHead', { shard }))).toBe('NotPermitted')
  })
  test('goes on without one that is away', async () => {
    await clinic.operator.stop(SHARD)
    const { index } = await recorded()
    await clinic.person('first').client.list({ of: 'me' }, ['labs'])
    await clinic.advance(2n * NS_PER_HOUR)
    expect(await checkpoint()).not.toBeNull()
    expect((await recorded()).index).toBe(index)
    await clinic.operator.start(SHARD)
    await clinic.advance(NS_PER_HOUR)
  })
  test('goes on with the others where one proves with two megabytes of nothing', async () => {
    await clinic.operator.create(ODD)
    await clinic.operator.install(ODD, answering(1))
    await tellShards(clinic, [SHARD, ODD], ['audit'])
    await clinic.advance(NS_PER_MINUTE)
    const odd = await recorded(2)
    expect(odd).toMatchObject({ isForked: false, heads: [{ size: 1 }] })
    await clinic.operator.install(ODD, answering(2), 'reinstall')
    await listing()
    await clinic.advance(NS_PER_HOUR)
    expect((await recorded()).heads).toMatchObject([{ size: (await headOf(SHARD)).size }])
    expect(await recorded(2)).toEqual(odd)
  })
})

describe('whoever reads the other', () => {
  test('sees that it continues what was recorded', async () => {
    await listing()
    await clinic.advance(NS_PER_HOUR)
    await listing()
    expect(await readLog()).toMatchObject({ kind: 'verified', checked: expect.arrayContaining(['recorded']) })
  })
  test('holds the first one’s word for it against what this device saw of the first one', async () => {
    const seen = new Map<string, string>()
    const headMemory: HeadMemory = {
      read: async (logId) => seen.get(logId) ?? null,
      write: async (logId, head) => void seen.set(logId, head),
    }
    const { identity } = clinic.person('patient')
    const read = async () => done(await createClient({ identity, network, headMemory }).log('patient')).verification
    expect(await read()).toMatchObject({ kind: 'verified', checked: expect.arrayContaining(['recorded']) })
    const first = toHex(logIdOf(sha256, clinic.ids.audit.toUint8Array()))
    expect([...seen.keys()]).toContain(first)
    seen.set(first, (seen.get(first) ?? '').replace(/:[0-9a-f]{64}:/, `:${'0'.repeat(64)}:`))
    expect(await read()).toMatchObject({ kind: 'failed', code: 'LogBroken' })
  })
  test('is not told that it was recorded where the first one was kept from it for two hours', async () => {
    await listing()
    await clinic.operator.stop(SHARD)
    await clinic.advance(3n * NS_PER_HOUR)
    await clinic.operator.start(SHARD)
    expect(await readLog()).toMatchObject({ kind: 'verified', checked: expect.not.arrayContaining(['recorded']) })
    await clinic.advance(NS_PER_HOUR)
    expect(await readLog()).toMatchObject({ kind: 'verified', checked: expect.arrayContaining(['recorded']) })
  })
  test('sees that it went back, or another way, though the device never saw it before', async () => {
    const state = await takeSnapshot()
    await listing()
    await clinic.advance(NS_PER_HOUR)
    const { index, heads } = await recorded()
    await putBack(state)
    const shorter = await headOf(SHARD)
    expect(shorter.size).toBeLessThan(heads?.[0]?.size ?? 0)
    await clinic.advance(6n * NS_PER_MINUTE)
    expect(await readLog()).toMatchObject({ kind: 'failed', code: 'LogBroken' })
    // Grown again, with other lines: each upgrade is one.
    for (let times = 0; times < 4; times++) await putBack(null)
    expect((await headOf(SHARD)).size).toBeGreaterThan(heads?.[0]?.size ?? 0)
    expect((await recorded()).index).toBe(index)
    expect(await readLog()).toMatchObject({ kind: 'failed', what: expect.stringContaining('first part recorded') })
  })
  test('is told so by the first canister, which notes it once, and signs checkpoints as before', async () => {
    await clinic.advance(NS_PER_HOUR)
    const found = await recorded()
    expect(found).toMatchObject({ isForked: true, heads: [{ root: (await headOf(SHARD)).root }] })
    expect(await readLog()).toMatchObject({ kind: 'failed', what: expect.stringContaining('was rewritten') })
    await clinic.advance(NS_PER_HOUR)
    expect(await checkpoint()).not.toBeNull()
    expect((await recorded()).index).toBe(found.index)
  })
})

/** A module that shows a head of so many lines, and proves whatever it is asked for with two million empty hashes. */
function answering(size: number): Uint8Array {
  const treeHead = encodeTreeHead({
    logId: logIdOf(sha256, ODD.toUint8Array()),
    size,
    root: new Uint8Array(32).fill(size),
    timeNs: 1n,
  })
  const none = new Uint8Array()
  const head = encodeRet(auditService.head, { Ok: { treeHead, witness: none, certificate: [] } })
  const noProof = encodeRet(auditService.consistencyProof, { Ok: [] }).slice(0, -1)
  const proof = new Uint8Array([...noProof, 0x80, 0x80, 0x7a]) // the length is LEB128; zeros, empty blobs, follow
  const dataOf = (bytes: Uint8Array) => toHex(bytes).replaceAll(/../g, String.raw`\$&`)
  const module = binaryen.parseText(`(module
    (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
    (import "ic0" "msg_reply" (func $reply))
    (memory (export "memory") 40)
    (data (i32.const 0) "${dataOf(head)}")
    (data (i32.const 4096) "${dataOf(proof)}")
    (func (export "canister_query head") (call $append (i32.const 0) (i32.const ${head.length})) (call $reply))
    (func (export "canister_query consistencyProof")
      (call $append (i32.const 4096) (i32.const ${proof.length + (0x7a << 14)})) (call $reply)))`)
  const wasm = new Uint8Array(module.emitBinary())
  module.dispose()
  return wasm
}

const Id = IDL.Record({ canister_id: IDL.Principal })
const SnapshotId = IDL.Record({ canister_id: IDL.Principal, snapshot_id: IDL.Vec(IDL.Nat8) })
async function manage(method: string, type: IDL.Type, value: object): Promise<Uint8Array> {
  const arg = new Uint8Array(IDL.encode([type], [value]))
  const answer = await clinic.send(clinic.controller, Principal.managementCanister(), method, arg)
  if (answer.kind === 'reject') throw new Error(`${method}: ${answer.reject.message}`)
  return answer.bytes
}
/** Of the other canister. */
async function takeSnapshot(): Promise<Uint8Array> {
  await clinic.operator.stop(SHARD)
  const taken = await manage('take_canister_snapshot', Id, { canister_id: SHARD })
  await clinic.operator.start(SHARD)
  const [{ id }] = IDL.decode([IDL.Record({ id: IDL.Vec(IDL.Nat8) })], taken) as unknown as [{ id: Uint8Array }]
  return new Uint8Array(id)
}
/** Puts it back to a state it had, or upgrades it to the module that it has, which writes a line. */
async function putBack(snapshot: Uint8Array | null): Promise<void> {
  await clinic.operator.stop(SHARD)
  if (snapshot !== null)
    await manage('load_canister_snapshot', SnapshotId, { canister_id: SHARD, snapshot_id: snapshot })
  else await clinic.operator.install(SHARD, (await buildCanister('audit')).wasm, 'upgrade')
  await clinic.operator.start(SHARD)
  await clinic.advance(NS_PER_MINUTE)
}
