import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { Outcome } from '../src/contracts.ts'
import {
  errorOf,
  messageOf,
  openNetwork,
  replyOf,
  SECOND_NS,
  type TestNetwork,
} from '../src/state-machine/network.fixture.ts'
import { buildProbeCanister } from './build-azle.fixture.ts'

let wasm: Uint8Array
/** A network with the probe installed and its first timers run, to start each test from. */
let installed: ReadonlyMap<string, Uint8Array>
let canister: Uint8Array
let network: TestNetwork

beforeAll(async () => {
  wasm = await buildProbeCanister()
  const first = openNetwork()
  canister = first.install(wasm, IDL.encode([], []))
  first.settle()
  first.save()
  installed = first.saved
})

beforeEach(() => {
  network = openNetwork(installed)
})

const update = (method: string, types: IDL.Type[] = [], values: unknown[] = []): Outcome =>
  network.update(canister, IDL.encode(types, values), { method })
const query = (method: string, types: IDL.Type[] = [], values: unknown[] = []): Outcome =>
  network.query(canister, IDL.encode(types, values), { method })
const value = (type: IDL.Type, outcome: Outcome): unknown => IDL.decode([type], replyOf(outcome))[0]
type Dump = ReturnType<TestNetwork['machine']['dump']>
/** As `toEqual`, which takes a minute for 12 MB. */
const isSameMemory = (a: Dump, b: Dump): boolean =>
  a !== null &&
  b !== null &&
  Buffer.compare(a.heap, b.heap) === 0 &&
  Buffer.compare(flat(a.stable), flat(b.stable)) === 0
const flat = (stable: readonly (readonly [page: number, bytes: Uint8Array])[]): Buffer =>
  Buffer.concat(stable.toSorted(([a], [b]) => a - b).flatMap(([page, bytes]) => [Buffer.from(`${page} `), bytes]))
const text = (name: string) => value(IDL.Opt(IDL.Text), query('get', [IDL.Text], [name]))
const count = () => value(IDL.Nat32, query('count'))

test('an Azle canister answers queries and updates', () => {
  expect(value(IDL.Text, query('hello'))).toBe('hello')
  expect(value(IDL.Bool, update('put', [IDL.Text, IDL.Text], ['a', 'one']))).toBe(true)
  expect(text('a')).toEqual(['one'])
  expect(count()).toBe(1)
})

test('what an Azle query writes is forgotten', () => {
  expect(value(IDL.Nat32, query('forgetful', [IDL.Text], ['q']))).toBe(100)
  expect(value(IDL.Nat32, query('forgetful', [IDL.Text], ['q']))).toBe(100)
  expect(text('q')).toEqual([])
  expect(count()).toBe(0)
})

test('an uncaught error undoes the whole message', () => {
  const outcome = update('putAndThrow', [IDL.Text], ['x'])
  expect(errorOf(outcome)).toBe('IC0503')
  expect(messageOf(outcome)).toContain('on purpose')
  expect(text('x')).toEqual([])
  expect(count()).toBe(0)
})

test('raw_rand answers, and the seed drawn after install differs from the zero seed', () => {
  expect(value(IDL.Vec(IDL.Nat8), update('random'))).toHaveLength(32)
  expect(network.logsOf(canister)).toEqual([])
  const fresh = openNetwork()
  const unseeded = fresh.create()
  replyOf(fresh.installCode(unseeded, wasm, { install: null }, IDL.encode([], [])))
  const one = value(IDL.Vec(IDL.Nat8), update('seeded'))
  expect(one).toHaveLength(32)
  expect(value(IDL.Vec(IDL.Nat8), update('seeded'))).not.toEqual(one)
})

test('two Azle canisters talk to each other', () => {
  const other = network.install(wasm, IDL.encode([], []))
  const args = [Principal.fromUint8Array(other), 'b', 'two']
  expect(value(IDL.Bool, update('putElsewhere', [IDL.Principal, IDL.Text, IDL.Text], args))).toBe(true)
  const got = network.query(other, IDL.encode([IDL.Text], ['b']), { method: 'get' })
  expect(value(IDL.Opt(IDL.Text), got)).toEqual(['two'])
  const failed = value(IDL.Text, update('askBroken', [IDL.Principal], [Principal.fromUint8Array(other)]))
  expect(failed).toContain('on purpose')
})

test('a trap after an await undoes what came after it, and later calls still work', () => {
  const outcome = update('trapAfterAwait')
  expect(errorOf(outcome)).toBe('IC0503')
  expect(messageOf(outcome)).toContain('after the await')
  expect(count()).toBe(1000)
  expect(value(IDL.Vec(IDL.Nat8), update('random'))).toHaveLength(32)
})

test('a timer fires when its time has come, and not before', () => {
  update('fireAfter', [IDL.Nat32], [10])
  network.pass(9n * SECOND_NS)
  expect(value(IDL.Nat32, query('timesFired'))).toBe(0)
  network.pass(2n * SECOND_NS)
  expect(value(IDL.Nat32, query('timesFired'))).toBe(1)
  network.pass(60n * SECOND_NS)
  expect(value(IDL.Nat32, query('timesFired'))).toBe(1)
})

test('chunk() starts new messages in the same call', () => {
  expect(value(IDL.Nat64, update('inChunks', [IDL.Nat32], [5]))).toBeGreaterThan(1_000_000n)
})

test('endless loops end at the instruction limit and the canister still answers', () => {
  expect(errorOf(query('endlessQuery'))).toBe('IC0522')
  expect(count()).toBe(0)
  expect(errorOf(update('endless'))).toBe('IC0522')
  expect(count()).toBe(0)
})

test('an upgrade keeps stable maps and starts the heap anew', () => {
  update('put', [IDL.Text, IDL.Text], ['a', 'one'])
  replyOf(network.installCode(canister, wasm, { upgrade: [] }, IDL.encode([], [])))
  network.settle()
  expect(text('a')).toEqual(['one'])
  expect(count()).toBe(7)
})

test('a restored Azle canister goes on where it was', () => {
  update('put', [IDL.Text, IDL.Text], ['a', 'one'])
  update('fireAfter', [IDL.Nat32], [10])
  network.save()
  const before = network.machine.dump(canister)
  network = openNetwork(network.saved)
  expect(isSameMemory(network.machine.dump(canister), before)).toBe(true)
  expect(text('a')).toEqual(['one'])
  network.pass(11n * SECOND_NS)
  expect(value(IDL.Nat32, query('timesFired'))).toBe(1)
})
