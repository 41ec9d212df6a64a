// Instructions cost what the network publishes: weights of the replica's `instrumentation.rs`, charges of its
// `system_api_complexity.rs` (dfinity/ic, rs/embedders), both listed by hand here. Seen through `performance_counter`, so that it holds for
// any replica: interface specification, "Performance counter". Every figure is exact.
import { assemble } from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { longOf, openReplica, type Outcome, type Replica, replyOf } from './replica.fixture.ts'

let ic: Replica
let canister: Uint8Array
beforeAll(async () => {
  ic = await openReplica()
  canister = await ic.create()
  replyOf(await ic.install(canister, suite()))
})
afterAll(() => ic.close())

/** What a body costs beside a function that does nothing but look at the counter twice. */
interface Case {
  readonly name: string
  /** Instructions of one basic block or more; leaves nothing on the stack. May use the locals below. */
  readonly body: string
  readonly cost: number
}

const LOCALS = '(local $a i32) (local $b i64) (local $c f32) (local $d f64)'
const consts = { i32: '(i32.const 7)', i64: '(i64.const 7)', f32: '(f32.const 7)', f64: '(f64.const 7)' } as const
type NumberType = keyof typeof consts

/** `op` of constants, dropped: every constant and the drop weigh 1. */
const numeric = (op: string, operands: readonly NumberType[], weight: number): Case => ({
  name: op,
  body: `(drop (${op} ${operands.map((type) => consts[type]).join(' ')}))`,
  cost: operands.length + weight + 1,
})
const each = (types: readonly NumberType[], ops: string, count: 1 | 2, weight: number): Case[] =>
  types.flatMap((type) =>
    ops.split(' ').map((op) =>
      numeric(
        `${type}.${op}`,
        Array.from({ length: count }, () => type),
        weight,
      ),
    ),
  )

const NUMERIC: readonly Case[] = [
  ...each(
    ['i32', 'i64'],
    'add sub mul and or xor shl shr_s shr_u rotl rotr eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u',
    2,
    1,
  ),
  ...each(['i32', 'i64'], 'eqz clz ctz popcnt extend8_s extend16_s', 1, 1),
  ...each(['i32', 'i64'], 'div_s div_u rem_s rem_u', 2, 10),
  ...each(['f32', 'f64'], 'abs neg', 1, 1),
  ...each(['f32', 'f64'], 'ceil floor trunc nearest', 1, 2),
  ...each(['f32', 'f64'], 'add sub mul', 2, 2),
  ...each(['f32', 'f64'], 'eq ne lt gt le ge', 2, 3),
  ...each(['f32', 'f64'], 'min max', 2, 18),
  numeric('f32.div', ['f32', 'f32'], 3),
  numeric('f64.div', ['f64', 'f64'], 5),
  numeric('f32.sqrt', ['f32'], 5),
  numeric('f64.sqrt', ['f64'], 8),
  numeric('f32.copysign', ['f32', 'f32'], 2),
  numeric('f64.copysign', ['f64', 'f64'], 3),
  numeric('i32.wrap_i64', ['i64'], 1),
  numeric('i64.extend_i32_s', ['i32'], 1),
  numeric('i64.extend_i32_u', ['i32'], 1),
  numeric('i64.extend32_s', ['i64'], 1),
  numeric('f32.demote_f64', ['f64'], 1),
  numeric('f64.promote_f32', ['f32'], 1),
  numeric('i32.reinterpret_f32', ['f32'], 1),
  numeric('f64.reinterpret_i64', ['i64'], 1),
  ...(['i32', 'i64'] as const).flatMap((to) =>
    (['f32', 'f64'] as const).flatMap((from) =>
      ['trunc', 'trunc_sat'].flatMap((op) =>
        ['s', 'u'].map((sign) => numeric(`${to}.${op}_${from}_${sign}`, [from], 20)),
      ),
    ),
  ),
  ...(['f32', 'f64'] as const).flatMap((to) =>
    (['i32', 'i64'] as const).flatMap((from) => [
      numeric(`${to}.convert_${from}_s`, [from], 3),
      numeric(`${to}.convert_${from}_u`, [from], 16),
    ]),
  ),
]

const plain = (name: string, body: string, cost: number): Case => ({ name, body, cost })
const MEMORY: readonly Case[] = [
  plain('i32.load and i32.store', '(i32.store (i32.const 64) (i32.load (i32.const 128)))', 4),
  plain('i64.load8_u and i64.store16', '(i64.store16 (i32.const 64) (i64.load8_u (i32.const 128)))', 4),
  plain('f64.load and f64.store', '(f64.store (i32.const 64) (f64.load (i32.const 128)))', 4),
  plain('memory.size', '(drop (memory.size))', 21),
  plain('memory.grow', '(drop (memory.grow (i32.const 0)))', 302),
  plain('memory.fill of 1000 bytes', '(memory.fill (i32.const 0) (i32.const 0) (i32.const 1000))', 3 + 100 + 1000),
  plain('memory.copy of 5000 bytes', '(memory.copy (i32.const 0) (i32.const 9000) (i32.const 5000))', 3 + 100 + 5000),
  plain('memory.init of 3 bytes', '(memory.init $passive (i32.const 0) (i32.const 0) (i32.const 3))', 3 + 100 + 3),
  plain('memory.copy of nothing', '(memory.copy (i32.const 0) (i32.const 0) (i32.const 0))', 103),
]
const VARIABLES: readonly Case[] = [
  plain('local.get, local.set and local.tee', '(local.set $a (local.tee $a (local.get $a)))', 3),
  plain('global.get and global.set', '(global.set $g (global.get $g))', 4),
  plain('select', '(drop (select (i32.const 1) (i32.const 2) (i32.const 0)))', 5),
  plain('nop', '(nop) (nop)', 2),
  plain('table.size', '(drop (table.size $t))', 101),
  plain('table.get and table.set', '(table.set $t (i32.const 1) (table.get $t (i32.const 0)))', 12),
  plain('ref.is_null', '(drop (ref.is_null (table.get $t (i32.const 0))))', 12),
  plain('ref.func', '(drop (ref.func $nothing))', 131),
]
const CONTROL: readonly Case[] = [
  plain('a block', '(block (nop))', 1),
  plain('br', '(block (br 0))', 2),
  plain('br_if that goes', '(block (br_if 0 (i32.const 1)) (nop))', 3),
  plain('br_if that stays', '(block (br_if 0 (i32.const 0)) (nop))', 4),
  plain('br_table', '(block (block (br_table 0 1 (i32.const 1))))', 3),
  plain('if, the arm that runs', '(if (i32.const 1) (then (nop)) (else (nop) (nop) (nop)))', 4),
  plain('else, the arm that runs', '(if (i32.const 0) (then (nop)) (else (nop) (nop) (nop)))', 6),
  // A turn: tee, sub, get, const and br_if.
  plain(
    'a loop of 1000 turns',
    '(local.set $a (i32.const 1000)) (loop (br_if 0 (local.tee $a (i32.sub (local.get $a) (i32.const 1)))))',
    2 + 1000 * 6,
  ),
  plain('call of a function with a nop', '(call $nothing)', 5 + 1 + 1),
  plain('call with work in it', '(call $work)', 5 + 1 + 3),
  plain('call_indirect', '(call_indirect $t (type $void) (i32.const 0))', 1 + 10 + 1 + 1),
  // Each call costs 5, each entry 1, each body get, eqz, if, get, const, sub; the last one only get, eqz, if, return.
  plain('recursion, 100 deep', '(call $recurse (i32.const 100))', 1 + 5 + 100 * (1 + 4 + 3 + 5) + (1 + 4 + 1)),
]
const SYSTEM: readonly Case[] = [
  plain('performance_counter', '(drop (call $counter (i32.const 0)))', 1 + 5 + 200 + 1),
  plain('time, as any that has no price of its own', '(drop (call $time))', 5 + 500 + 1),
  plain(
    'canister_self_copy of 10 bytes',
    '(call $self_copy (i32.const 0) (i32.const 0) (i32.const 10))',
    3 + 5 + 500 + 10,
  ),
  plain('is_controller', '(drop (call $is_controller (i32.const 0) (i32.const 29)))', 2 + 5 + 1000 + 29 + 1),
  plain('stable64_read of nothing', '(call $stable_read (i64.const 0) (i64.const 0) (i64.const 0))', 3 + 5 + 20),
]
const CASES = [...NUMERIC, ...MEMORY, ...VARIABLES, ...CONTROL, ...SYSTEM]

/** One module with a query for each case: `q0`, `q1` and so on, and `empty`. */
function suite(): Uint8Array {
  const query = (name: string, body: string) => `(func (export "canister_query ${name}") ${LOCALS} (local $before i64)
    (local.set $before (call $counter (i32.const 0)))
    ${body}
    (i64.store (i32.const 8) (i64.sub (call $counter (i32.const 0)) (local.get $before)))
    (call $append (i32.const 8) (i32.const 8)) (call $reply))`
  // The blocks of a body begin and end with it, so that what stands before and after is paid apart from it.
  const apart = (body: string) => `(block (br_if 0 (i32.const 0))) (block ${body}) (block (br_if 0 (i32.const 0)))`
  return assemble(`(module
    (type $void (func))
    (import "ic0" "performance_counter" (func $counter (param i32) (result i64)))
    (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
    (import "ic0" "msg_reply" (func $reply))
    (import "ic0" "time" (func $time (result i64)))
    (import "ic0" "canister_self_copy" (func $self_copy (param i32 i32 i32)))
    (import "ic0" "is_controller" (func $is_controller (param i32 i32) (result i32)))
    (import "ic0" "stable64_read" (func $stable_read (param i64 i64 i64)))
    (memory 1)
    (data $passive "abc")
    (global $g (mut i32) (i32.const 0))
    (table $t 2 funcref) (elem (table $t) (i32.const 0) func $nothing)
    (func $nothing (nop))
    (func $work (drop (i32.const 1)) (nop))
    (func $recurse (param $n i32)
      (if (i32.eqz (local.get $n)) (then (return)))
      (call $recurse (i32.sub (local.get $n) (i32.const 1))))
    ${query('empty', apart(''))}
    ${CASES.map(({ body }, index) => query(`q${index}`, apart(body))).join('\n')})`)
}

const measured = async (method: string): Promise<Outcome> => ic.query(canister, new Uint8Array(0), { method })

describe('an instruction costs its weight', () => {
  let empty = 0
  beforeAll(async () => {
    empty = Number(longOf(await measured('empty')))
  })
  test.each(CASES.map((item, index) => [item.name, index, item.cost] as const))('%s', async (_name, index, cost) => {
    expect(Number(longOf(await measured(`q${index}`))) - empty).toBe(cost)
  })
})

test('two runs agree to the instruction, whatever ran between them, replicated or not', async () => {
  const run = async (replicated: boolean) => {
    const counts: bigint[] = []
    for (let index = 0; index < CASES.length; index += 7) {
      const method = `q${index}`
      counts.push(
        longOf(replicated ? await ic.update(canister, new Uint8Array(0), { method }) : await measured(method)),
      )
    }
    return counts
  }
  const first = await run(false)
  expect(await run(false)).toEqual(first)
  expect(await run(true)).toEqual(first)
  const twin = await ic.create()
  replyOf(await ic.install(twin, suite()))
  const same = await ic.query(twin, new Uint8Array(0), { method: 'q7' })
  expect(longOf(same)).toBe(first[1])
})
