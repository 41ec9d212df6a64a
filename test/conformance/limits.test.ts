// Limits: interface specification, "WebAssembly module requirements", "Stable memory", and the resource limits page of the same
// documentation; module cases after the group "WebAssembly module validation" of the reference implementation's acceptance tests
// (dfinity/ic-hs, src/IC/Test/Spec.hs).
import { gzipSync } from 'node:zlib'
import {
  appendReply,
  assemble,
  call,
  clear,
  growMemory,
  invoke,
  loopForever,
  program,
  recurseForever,
  rejectCall,
  repeat,
  reply,
  say,
  sayPages,
  sayReject,
  sayStable,
  sendReply,
  universalWasm,
} from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withMetadata } from './modules.fixture.ts'
import { errorOf, longOf, numberOf, openReplica, refusalOf, type Replica, replyOf, textOf } from './replica.fixture.ts'
import { utf8 } from './request.fixture.ts'

let ic: Replica
let canister: Uint8Array
let other: Uint8Array
const wasm = universalWasm()
const KIB = 1024
const MIB = 1024 * KIB
beforeAll(async () => {
  ic = await openReplica()
  canister = await ic.deploy(wasm)
  other = await ic.deploy(wasm)
})
afterAll(() => ic.close())

/** A program that appends so many bytes to its reply and sends it. */
const replyOfSize = (bytes: number) =>
  program(
    say(new Uint8Array(32 * KIB)),
    repeat(Math.floor(bytes / (32 * KIB)), appendReply),
    clear,
    say(new Uint8Array(bytes % (32 * KIB))),
    reply,
  )
const text = (module: string) => assemble(`(module ${module})`)

describe('payloads', () => {
  const quiet = universalWasm()
  test('an ingress message has at most 2 MiB', async () => {
    const id = await ic.deploy(quiet)
    const fitting = new Uint8Array(2 * MIB - 4 * KIB)
    fitting.set(program(sendReply, invoke('trap', 0, 0)))
    expect(errorOf(await ic.update(id, fitting))).toBe('5 IC0503')
    const outcome = await ic.update(id, new Uint8Array(2 * MIB + 1))
    expect(outcome.kind === 'refused' ? outcome.status : errorOf(outcome)).toBe(413)
  })

  test('a reply of a call has at most 2 MiB, of a query at most 3', async () => {
    expect(replyOf(await ic.update(canister, replyOfSize(2 * MIB)))).toHaveLength(2 * MIB)
    expect(errorOf(await ic.update(canister, replyOfSize(2 * MIB + 1)))).toBe('5 IC0504')
    expect(replyOf(await ic.query(canister, replyOfSize(3 * MIB)))).toHaveLength(3 * MIB)
    expect(errorOf(await ic.query(canister, replyOfSize(3 * MIB + 1)))).toBe('5 IC0504')
    expect(errorOf(await ic.update(canister, replyOfSize(3 * MIB), { method: 'ask' }))).toBe('5 IC0504')
  })

  test('a call between canisters has at most 10 MiB', async () => {
    const opened = program(growMemory(200), invoke('call_new', 0, 0, 1024, 0, 0, 0, 0, 0))
    const append = (bytes: number) => invoke('call_data_append', 0, bytes)
    expect((await ic.update(canister, program(opened, append(10 * MIB), reply))).kind).toBe('reply')
    expect(errorOf(await ic.update(canister, program(opened, append(10 * MIB), append(1), reply)))).toBe('5 IC0504')
  })

  test('a reject message is cut to what fits', async () => {
    const long = program(say('x'.repeat(20_000)), rejectCall)
    const outcome = await ic.update(canister, long)
    expect(outcome).toMatchObject({ kind: 'reject', code: 4, message: expect.stringMatching(/^x{8000,}/) })
    expect(outcome.kind === 'reject' && outcome.message.length <= 8 * KIB).toBe(true)
  })

  test('certified data has at most 32 bytes', async () => {
    expect((await ic.update(canister, program(invoke('certified_data_set', 0, 32), reply))).kind).toBe('reply')
    expect(errorOf(await ic.update(canister, program(invoke('certified_data_set', 0, 33), reply)))).toBe('5 IC0504')
  })

  test('a principal has at most 29 bytes', async () => {
    expect((await ic.query(canister, program(invoke('is_controller', 0, 29), reply))).kind).toBe('reply')
    expect(errorOf(await ic.query(canister, program(invoke('is_controller', 0, 30), reply)))).toBe('5 IC0504')
  })

  test('a canister has 500 calls to another in flight, and is told when one more finds no room', async () => {
    const asking = repeat(500, program(clear, call({ callee: other, method: 'ask', payload: program(sendReply) })))
    const one = program(clear, call({ callee: other, method: 'ask', payload: program(sendReply) }))
    expect([...replyOf(await ic.update(canister, program(asking, reply)))]).toEqual([0])
    expect([...replyOf(await ic.update(await ic.deploy(wasm), program(asking, one, reply)))]).toEqual([2])
  })
})

describe('instructions', () => {
  test('of a message end, and the canister answers the next one', async () => {
    const id = await ic.deploy(wasm)
    expect(errorOf(await ic.query(id, loopForever))).toBe('5 IC0522')
    expect(errorOf(await ic.query(id, loopForever, { method: 'compose' }))).toBe('5 IC0522')
    expect(errorOf(await ic.update(id, loopForever))).toBe('5 IC0522')
    expect(textOf(await ic.update(id, program(say('on'), reply)))).toBe('on')
  })

  test('of inspection end sooner', async () => {
    const id = await ic.deploy(universalWasm({ inspect: 'argument' }))
    expect(await ic.update(id, loopForever)).toMatchObject({ errorCode: 'IC0522', certified: false })
  })

  test('of a function that calls itself for ever end with the stack', async () => {
    expect(errorOf(await ic.query(canister, recurseForever))).toMatch(/^5 IC0(502|522)$/)
    expect(errorOf(await ic.update(canister, recurseForever))).toMatch(/^5 IC0(502|522)$/)
    expect(textOf(await ic.update(canister, program(say('on'), reply)))).toBe('on')
  })
})

describe('memory', () => {
  test('of the heap grows to the limit of the settings', async () => {
    const id = await ic.deploy(wasm, { wasm_memory_limit: 100n * 65_536n })
    expect(numberOf(await ic.update(id, program(growMemory(50), clear, sayPages, reply)))).toBe(58)
    expect(errorOf(await ic.update(id, program(growMemory(50), reply)))).toBe('5 IC0539')
    expect(numberOf(await ic.query(id, program(clear, sayPages, reply)))).toBe(58)
  })

  test('of the heap never grows beyond 4 GiB: the canister is told', async () => {
    expect(numberOf(await ic.query(canister, program(clear, growMemory(65_536), reply)))).toBe(2 ** 32 - 1)
  })

  const pages = (name: 'stable_grow' | 'stable64_grow', count: number) =>
    name === 'stable_grow' ? invoke(name, count) : invoke(name, BigInt(count))
  test('that is stable grows in pages, tells its old size, and starts as zeros', async () => {
    const id = await ic.deploy(wasm)
    const grown = await ic.update(
      id,
      program(
        clear,
        pages('stable64_grow', 3),
        pages('stable_grow', 2),
        invoke('stable64_size'),
        invoke('stable_size'),
        reply,
      ),
    )
    expect([longOf(grown), numberOf(grown, 8), longOf(grown, 12), numberOf(grown, 20)]).toEqual([0n, 3, 5n, 5])
    expect(replyOf(await ic.query(id, program(clear, sayStable(4 * 65_536, 8), reply)))).toEqual(new Uint8Array(8))
  })

  test('that is stable is read and written inside its bounds only, in both forms', async () => {
    const id = await ic.deploy(wasm)
    replyOf(await ic.update(id, program(pages('stable64_grow', 1), reply)))
    const end = 65_536
    for (const [good, bad] of [
      [invoke('stable_write', end - 4, 0, 4), invoke('stable_write', end - 3, 0, 4)],
      [invoke('stable_read', 1024, end - 4, 4), invoke('stable_read', 1024, end - 3, 4)],
      [invoke('stable64_write', BigInt(end - 4), 0n, 4n), invoke('stable64_write', BigInt(end - 3), 0n, 4n)],
      [invoke('stable64_read', 1024n, BigInt(end - 4), 4n), invoke('stable64_read', 1024n, BigInt(end - 3), 4n)],
      [invoke('stable_write', end, 0, 0), invoke('stable_write', 0, -4, 5)],
      [invoke('stable64_read', 1024n, 0n, 0n), invoke('stable64_read', -1n, 0n, 4n)],
      [invoke('stable64_write', 0n, 0n, 1n), invoke('stable64_write', 2n ** 63n, 0n, 1n)],
    ] as const) {
      expect((await ic.update(id, program(good, reply))).kind).toBe('reply')
      expect(errorOf(await ic.update(id, program(bad, reply)))).toMatch(/^5 IC050[24]$/)
    }
  })

  test('that is stable has a legacy view of 4 GiB, which traps beyond it', async () => {
    const id = await ic.deploy(wasm)
    expect(numberOf(await ic.update(id, program(clear, pages('stable_grow', 65_537), reply)))).toBe(2 ** 32 - 1)
    expect(longOf(await ic.update(id, program(clear, pages('stable64_grow', 65_537), reply)))).toBe(0n)
    for (const step of [
      invoke('stable_size'),
      invoke('stable_grow', 0),
      invoke('stable_read', 0, 0, 0),
      invoke('stable_write', 0, 0, 0),
    ]) {
      expect(errorOf(await ic.query(id, program(step, reply)))).toMatch(/^5 IC050[24]$/)
    }
    expect(longOf(await ic.query(id, program(clear, invoke('stable64_size'), reply)))).toBe(65_537n)
  })

  test('that is stable ends at 500 GiB', async () => {
    const id = await ic.deploy(wasm)
    const limit = (500n * 1024n ** 3n) / 65_536n
    expect(longOf(await ic.query(id, program(clear, invoke('stable64_grow', limit + 1n), reply)))).toBe(2n ** 64n - 1n)
    expect(longOf(await ic.query(id, program(clear, invoke('stable64_grow', 2n ** 63n), reply)))).toBe(2n ** 64n - 1n)
  })
})

describe('a module', () => {
  const many = (count: number, of: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => of(index)).join('')
  const method = (name: string) => `(func (export "canister_update ${name}"))`
  const named = (index: number, chars: number) => String(index).padEnd(chars, 'x')
  const section = (name: string, size = 1): readonly [string, Uint8Array] => [name, new Uint8Array(size)]

  test.each<[string, () => Uint8Array]>([
    ['with nothing in it', () => text('')],
    ['with a start function', () => text('(func $f) (start $f)')],
    ['with a method that has no name', () => text(method(''))],
    ['with a method of several words', () => text(method('two  words'))],
    ['with 1000 methods', () => text(many(1000, (index) => method(String(index))))],
    ['with 20000 characters of names', () => text(many(20, (index) => method(named(index, 1000))))],
    ['with 1000 globals', () => text(many(1000, () => '(global i32 (i32.const 0))'))],
    [
      'with 16 sections',
      () =>
        withMetadata(
          text(''),
          Array.from({ length: 16 }, (_, index) => section(`icp:public ${index}`)),
        ),
    ],
    ['with a section without a name', () => withMetadata(text(''), [section('icp:public ')])],
    ['with 1 MiB of sections', () => withMetadata(text(''), [section('icp:private a', MIB - 1)])],
    ['with other sections', () => withMetadata(text(''), [section('name'), section('other', 2 * KIB)])],
    ['of all the System API', () => wasm],
    ['compressed', () => new Uint8Array(gzipSync(wasm))],
  ])('%s is taken', async (_what, make) => {
    replyOf(await ic.install(await ic.create(), make()))
  })

  const typed = (name: string, type: string) => text(`(func (export "${name}") ${type})`)
  const hooks = [
    'canister_init',
    'canister_inspect_message',
    'canister_pre_upgrade',
    'canister_post_upgrade',
    'canister_heartbeat',
    'canister_global_timer',
    'canister_on_low_wasm_memory',
    'canister_update m',
    'canister_query m',
    'canister_composite_query m',
  ]
  test.each<[string, () => Uint8Array]>([
    ['of no bytes', () => new Uint8Array(0)],
    ['of noise', () => new Uint8Array(100).fill(7)],
    ['cut short', () => wasm.subarray(0, 500)],
    ['with bytes behind it', () => Uint8Array.from([...text(''), 255])],
    ['compressed and cut', () => new Uint8Array(gzipSync(wasm)).subarray(0, 500)],
    ...hooks.map((name): [string, () => Uint8Array] => [
      `with a parameter for ${name}`,
      () => typed(name, '(param i32)'),
    ]),
    ...hooks.map((name): [string, () => Uint8Array] => [
      `with a result of ${name}`,
      () => typed(name, '(result i32) (i32.const 0)'),
    ]),
    ['that exports what is no hook', () => typed('canister_fly', '')],
    ['with a method twice, as update and query', () => text(`${method('m')} (func (export "canister_query m"))`)],
    [
      'with a method twice, as query and composite query',
      () => text('(func (export "canister_composite_query m")) (func (export "canister_query m"))'),
    ],
    ['with 1001 methods', () => text(many(1001, (index) => method(String(index))))],
    ['with 20001 characters of names', () => text(many(20, (index) => method(named(index, 1000))) + method('z'))],
    ['with 1001 globals', () => text(many(1001, () => '(global i32 (i32.const 0))'))],
    ['with 50001 functions', () => text(many(50_001, () => '(func)'))],
    ['that imports what there is not', () => text('(import "ic0" "fly" (func))')],
    ['that imports from elsewhere', () => text('(import "env" "time" (func (result i64)))')],
    ['that imports another type', () => text('(import "ic0" "time" (func (result i32)))')],
    ['that imports a memory', () => text('(import "ic0" "memory" (memory 1))')],
    [
      'with 17 sections',
      () =>
        withMetadata(
          text(''),
          Array.from({ length: 17 }, (_, index) => section(`icp:public ${index}`)),
        ),
    ],
    ['with more than 1 MiB of sections', () => withMetadata(text(''), [section('icp:private a', MIB + 1)])],
    [
      'with a section both public and private',
      () => withMetadata(text(''), [section('icp:public a'), section('icp:private a')]),
    ],
    ['with a section twice', () => withMetadata(text(''), [section('icp:public a'), section('icp:public a')])],
    ['with a section of neither kind', () => withMetadata(text(''), [section('icp:secret a')])],
    [
      'with a section whose name is no text',
      () => withMetadata(text(''), [[Uint8Array.from([...utf8('icp:public '), 0xff]), new Uint8Array(1)]]),
    ],
  ])('%s is refused', async (_what, make) => {
    const id = await ic.create()
    expect(errorOf(await ic.install(id, make()))).toMatch(/^5 IC05/)
    expect((await ic.statusOf(id)).module_hash).toEqual([])
  })

  test('may be too large for a message, and is refused as such', async () => {
    expect(refusalOf(await ic.install(await ic.create(), new Uint8Array(3 * MIB)))).toMatch(/^413 /)
  })
})

test('a method name longer than any module can have is refused', async () => {
  const method = 'x'.repeat(20_001)
  expect((await ic.update(canister, program(reply), { method })).kind).not.toBe('reply')
  const onReject = program(clear, sayReject, reply)
  expect(numberOf(await ic.update(canister, call({ callee: other, method, onReject })))).toBe(5)
})
