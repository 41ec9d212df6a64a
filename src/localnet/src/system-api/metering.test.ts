// What a System API call costs, measured from outside: two performance counters around it.
import { beforeEach, describe, expect, test } from 'vitest'
import { longOf, openNetwork, replyOf, type TestNetwork } from '../state-machine/network.fixture.ts'
import {
  assemble,
  program,
  reply,
  say,
  universalWasm,
  writeStable,
} from '../state-machine/universal-canister.fixture.ts'
import { INSTRUCTION_LIMIT } from './prices.ts'

let network: TestNetwork

beforeEach(() => {
  network = openNetwork()
})

/** Instructions between two counters with `body` between them. All opcodes of a basic block are paid where it begins, before both. */
function measured(imports: string, body: string): number {
  const wasm = assemble(`(module ${imports}
    (import "ic0" "performance_counter" (func $counter (param i32) (result i64)))
    (import "ic0" "msg_reply_data_append" (func $append_reply (param i32 i32)))
    (import "ic0" "msg_reply" (func $send))
    (memory 4)
    (func (export "canister_update m") (local $before i64)
      (local.set $before (call $counter (i32.const 0)))
      ${body}
      (i64.store (i32.const 8) (i64.sub (call $counter (i32.const 0)) (local.get $before)))
      (call $append_reply (i32.const 8) (i32.const 8))
      (call $send)))`)
  const id = network.install(wasm)
  const outcome = network.update(id, new Uint8Array(0), { method: 'm' })
  return Number(longOf(outcome, replyOf(outcome).length - 8))
}

describe('a System API call costs', () => {
  const cases: [string, string, string, number][] = [
    ['500 by default', '(import "ic0" "time" (func $f (result i64)))', '(drop (call $f))', 500],
    [
      '500 and a byte each to copy',
      '(import "ic0" "canister_self_copy" (func $f (param i32 i32 i32)))',
      '(call $f (i32.const 0) (i32.const 0) (i32.const 10))',
      510,
    ],
    [
      '20 and a byte each to read stable memory',
      `(import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
       (import "ic0" "stable64_read" (func $f (param i64 i64 i64)))`,
      '(drop (call $grow (i64.const 1))) (call $f (i64.const 0) (i64.const 0) (i64.const 1000))',
      100 + 20 + 1000,
    ],
    [
      '1000 to look for a controller',
      '(import "ic0" "is_controller" (func $f (param i32 i32) (result i32)))',
      '(drop (call $f (i32.const 0) (i32.const 4)))',
      1004,
    ],
    [
      '100 and 2 for each byte to print',
      '(import "ic0" "debug_print" (func $f (param i32 i32)))',
      '(call $f (i32.const 0) (i32.const 50))',
      200,
    ],
    [
      '50 a byte beyond what the log can hold',
      '(import "ic0" "debug_print" (func $f (param i32 i32)))',
      '(call $f (i32.const 0) (i32.const 5096))',
      100 + 2 * 4096 + 50 * 1000,
    ],
    [
      '500 and a byte each to append to the reply, without the transmission',
      '(import "ic0" "msg_reply_data_append" (func $f (param i32 i32)))',
      '(call $f (i32.const 0) (i32.const 1000))',
      1500,
    ],
    [
      '1500 and 5000 to make a call',
      `(import "ic0" "call_new" (func $new (param i32 i32 i32 i32 i32 i32 i32 i32)))
       (import "ic0" "call_perform" (func $f (result i32)))`,
      `(call $new (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
       (drop (call $f))`,
      6500,
    ],
  ]
  test.each(cases)('%s', (_, imports, body, expected) => {
    expect(measured(imports, body) - measured('', '')).toBe(expected)
  })

  test('200 for the counter itself', () => {
    expect(measured('', '')).toBe(200)
  })
})

test('reply bytes and dirty pages stand in columns of their own', () => {
  const id = network.install(universalWasm())
  network.machine.takeMeters()
  replyOf(network.update(id, program(say(new Uint8Array(1000)), reply)))
  const [small] = network.machine.takeMeters()
  expect(small).toMatchObject({ entry: 'run', transmission: 50_000n })
  replyOf(network.update(id, program(say(new Uint8Array(1000).fill(1)), writeStable(0), writeStable(60_000), reply)))
  const [dirty] = network.machine.takeMeters()
  // Two stable blocks, and the heap pages with the program, the buffer and the stack.
  expect(dirty?.dirtyPages).toBeGreaterThanOrEqual(4000n)
  expect(dirty?.dirtyPages).toBeLessThan(10_000n)
  expect(network.machine.takeMeters()).toEqual([])
})

test('the same message costs the same twice', () => {
  const id = network.install(universalWasm())
  const cost = () => {
    network.machine.takeMeters()
    network.query(id, program(say('x'), reply), {})
    return network.machine.takeMeters()
  }
  expect(cost()).toEqual(cost())
})

/** Reads 60 MB of stable memory `times` times over. */
const readingWasm = (entry: string, times: number): Uint8Array =>
  assemble(`(module
    (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
    (import "ic0" "stable64_read" (func $read (param i64 i64 i64)))
    (memory 1000)
    (func (export "canister_update m"))
    (func (export "${entry}")
      (drop (call $grow (i64.const 1000)))
      ${'(call $read (i64.const 0) (i64.const 0) (i64.const 60000000))'.repeat(times)}))`)

test('charges alone end a message that passes its limit', () => {
  const id = network.install(readingWasm('canister_inspect_message', 4))
  expect(INSTRUCTION_LIMIT.inspect).toBeLessThan(4 * 60_000_000)
  expect(() => network.send(id, new Uint8Array(0), { method: 'm' })).toThrow('IC0522')
})

test('a query may touch one gigabyte of stable memory and no more', () => {
  const id = network.install(readingWasm('canister_query q', 20))
  const outcome = network.query(id, new Uint8Array(0), { method: 'q' })
  expect(outcome).toMatchObject({ kind: 'reject', reject: { errorCode: 'IC0524' } })
})
