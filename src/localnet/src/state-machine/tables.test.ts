// The network makes a new instance for every message: a table is what the module says, a segment is there again.
import { beforeEach, describe, expect, test } from 'vitest'
import { assemble, FUNCREF, I32, i32, op } from '../wasm/assembler.fixture.ts'
import { messageOf, numberOf, openNetwork, replyOf, type TestNetwork } from './network.fixture.ts'

// Functions: 0 msg_reply, 1 msg_reply_data_append, 2 to 4 return 1 to 3. Elements: 2 and 3 stand in the table, 4 is a segment.
const bulk = (...bytes: number[]) => [0xfc, ...bytes]
const refFunc = (index: number) => [0xd2, index]
const answer = (value: readonly number[]) => [
  ...i32(100),
  ...value,
  op.i32Store,
  2,
  0,
  ...i32(100),
  ...i32(4),
  op.call,
  1,
  op.call,
  0,
]
const first = [...i32(0), op.callIndirect, 1, 0]
const count = [op.globalGet, 0, ...i32(1), op.i32Add, op.globalSet, 0, ...i32(200), op.globalGet, 0, op.i32Store, 2, 0]
const setFirst = [...i32(0), ...refFunc(3), 0x26, 0]
const METHODS: Readonly<Record<string, readonly number[]>> = {
  'canister_update first': [...count, ...answer(first)],
  'canister_query ask': answer(first),
  'canister_query ask_set': [...setFirst, ...answer(first)],
  'canister_query calls': answer([...i32(200), op.i32Load, 2, 0, op.globalGet, 0, ...i32(100), op.i32Mul, op.i32Add]),
  'canister_update set': [...count, ...setFirst, ...answer(first)],
  'canister_update set_and_trap': [...setFirst, op.unreachable],
  'canister_update fill': [...i32(0), ...refFunc(3), ...i32(1), ...bulk(17, 0), ...answer(first)],
  'canister_update copy': [...i32(0), ...i32(1), ...i32(1), ...bulk(14, 0, 0), ...answer(first)],
  'canister_update init': [...i32(0), ...i32(0), ...i32(1), ...bulk(12, 1, 0), ...bulk(13, 1), ...answer(first)],
  'canister_update grow': answer([0xd0, FUNCREF, ...i32(1), ...bulk(15, 0)]),
  'canister_update words': [
    ...i32(300),
    ...i32(0),
    ...i32(4),
    ...bulk(8, 0, 0),
    ...bulk(9, 0),
    ...answer([...i32(300), op.i32Load, 2, 0]),
  ],
}
const WASM = assemble({
  types: [{}, { results: [I32] }, { params: [I32, I32] }],
  imports: [
    { name: 'msg_reply', type: 0 },
    { name: 'msg_reply_data_append', type: 2 },
  ],
  functions: [
    ...[1, 2, 3].map((value) => ({ type: 1, code: i32(value) })),
    ...Object.values(METHODS).map((code) => ({ code })),
  ],
  table: 2,
  elements: [2, 3],
  passiveElements: [4],
  memory: 1,
  passiveData: [97, 98, 99, 100],
  globals: [{ type: I32, mutable: true, init: i32(0) }],
  exports: Object.keys(METHODS).map((name, index) => ({ name, index: 5 + index })),
})
let network: TestNetwork
let id: Uint8Array

beforeEach(() => {
  network = openNetwork()
  id = network.install(WASM)
})

const none = new Uint8Array(0)
const update = (method: string): number => numberOf(network.update(id, none, { method }))
const query = (method: string): number => numberOf(network.query(id, none, { method }))

describe('a message that changes a table', () => {
  test.each([
    ['set', 2],
    ['fill', 2],
    ['copy', 2],
    ['init', 3],
  ])('by table.%s sees it, and the next one does not', (method, seen) => {
    expect([update(method), update('first'), query('ask')]).toEqual([seen, 1, 1])
    expect(update(method)).toBe(seen)
  })

  test('and traps leaves nothing of it either', () => {
    expect(messageOf(network.update(id, none, { method: 'set_and_trap' }))).toContain('unreachable')
    expect(update('first')).toBe(1)
  })

  test('in a query is alone with it', () => {
    expect([query('ask_set'), query('ask'), update('first')]).toEqual([2, 1, 1])
  })

  test('finds its length as it was', () => {
    expect([update('grow'), update('grow')]).toEqual([2, 2])
  })

  test('keeps what it wrote to heap and globals, also across a restart', () => {
    for (const method of ['first', 'set', 'first']) update(method)
    expect(query('calls')).toBe(303)
    network.save()
    network = openNetwork(network.saved)
    expect(query('calls')).toBe(303)
  })
})

test('a start function leaves no table to init, but what it wrote', () => {
  // Function 5 starts, 6 is init: it divides by zero unless the first of the table is 1 again, and by what the start function wrote.
  const divide = [...i32(1), ...i32(2), ...first, op.i32Sub, op.i32DivU, op.drop]
  const check = [...divide, ...i32(1), ...i32(200), op.i32Load, 2, 0, op.i32DivU, op.drop]
  const wasm = assemble({
    types: [{}, { results: [I32] }, { params: [I32, I32] }],
    imports: [
      { name: 'msg_reply', type: 0 },
      { name: 'msg_reply_data_append', type: 2 },
    ],
    functions: [
      ...[1, 2, 2].map((value) => ({ type: 1, code: i32(value) })),
      { code: [...i32(200), ...i32(7), op.i32Store, 2, 0, ...setFirst] },
      { code: check },
    ],
    table: 2,
    elements: [2, 3],
    memory: 1,
    start: 5,
    exports: [{ name: 'canister_init', index: 6 }],
  })
  replyOf(network.installCode(network.create(), wasm, { install: null }))
})

test('a segment that was dropped is there for the next message', () => {
  expect([update('words'), update('words')]).toEqual([0x64636261, 0x64636261])
  replyOf(network.installCode(id, WASM, { upgrade: [] }))
  expect(update('words')).toBe(0x64636261)
})
