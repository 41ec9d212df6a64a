import binaryen from 'binaryen'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Outcome } from '../contracts.ts'
import { ALICE, openNetwork, replyOf, type TestNetwork } from './network.fixture.ts'

// The argument is an address, 4 bytes. Each method answers the byte there and adds 1 to it: 0 is the committed state, 1 another query's.
const TEXT = `(module
  (import "ic0" "msg_arg_data_copy" (func $arg_copy (param i32 i32 i32)))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reply" (func $reply))
  (memory (export "memory") 64)
  (global $calls (mut i32) (i32.const 0))
  (func $arg (result i32) (call $arg_copy (i32.const 0) (i32.const 0) (i32.const 4)) (i32.load (i32.const 0)))
  (func $swap (param $at i32)
    (i32.store8 (i32.const 4) (i32.load8_u (local.get $at)))
    (i32.store8 (i32.const 5) (global.get $calls))
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store8 (local.get $at) (i32.add (i32.load8_u (local.get $at)) (i32.const 1)))
    (call $append (i32.const 4) (i32.const 2))
    (call $reply))
  (func (export "canister_query swap") (call $swap (call $arg)))
  (func (export "canister_query grow") (drop (memory.grow (i32.const 1))) (call $swap (call $arg)))
  (func (export "canister_query fail") (call $swap (call $arg)) (unreachable))
  (func (export "canister_composite_query compose") (call $swap (call $arg)))
  (func (export "canister_update keep") (call $swap (call $arg))))`

let wasm: Uint8Array
beforeAll(() => {
  const module = binaryen.parseText(TEXT)
  wasm = new Uint8Array(module.emitBinary())
  module.dispose()
})

type Method = 'swap' | 'grow' | 'fail' | 'compose'
type Asked = readonly [method: Method, address: number]
const BLOCK = 65_536

function ask(network: TestNetwork, canisterId: Uint8Array, asked: readonly Asked[]) {
  const messages = asked.map(([method, address]) => {
    const arg = new Uint8Array(4)
    new DataView(arg.buffer).setUint32(0, address, true)
    return { sender: ALICE, canisterId, method, arg }
  })
  const together = network.machine.queriesTogether(messages)
  return { messages, together }
}

/** As the network's thread does: what is not answered together is asked alone. */
function outcomesOf(network: TestNetwork, canisterId: Uint8Array, asked: readonly Asked[]): Outcome[] {
  const { messages, together } = ask(network, canisterId, asked)
  return messages.map((message, index) => together[index] ?? network.machine.query(message))
}

const seen = (outcome: Outcome | null | undefined) =>
  outcome?.kind === 'reply' ? [...outcome.reply] : (outcome?.reject.errorCode ?? null)

describe('queries asked together', () => {
  test('are believed once the places they write to are known, and only then', () => {
    const network = openNetwork()
    const id = network.install(wasm)
    const same: Asked[] = [
      ['swap', 5 * BLOCK],
      ['swap', 5 * BLOCK],
      ['fail', 5 * BLOCK],
    ]
    expect(ask(network, id, same).together).toEqual([null, null, null])
    expect(ask(network, id, same).together.map(seen)).toEqual([[0, 0], [0, 0], 'IC0502'])
    const elsewhere: Asked[] = [...same, ['swap', 6 * BLOCK]]
    expect(ask(network, id, elsewhere).together).toEqual([null, null, null, null])
  })

  test('one that grows the heap hides what others left behind, so none is believed', () => {
    const network = openNetwork()
    const id = network.install(wasm)
    const asked: Asked[] = [
      ['swap', 9 * BLOCK],
      ['swap', 9 * BLOCK],
      ['grow', 9 * BLOCK],
    ]
    expect(ask(network, id, asked).together).toEqual([null, null, null])
    expect(outcomesOf(network, id, asked).map(seen)).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ])
  })

  test('composite queries and those to nobody are left to be asked alone', () => {
    const network = openNetwork()
    const id = network.install(wasm)
    expect(ask(network, id, [['compose', 0]]).together).toEqual([null])
    expect(ask(network, Uint8Array.of(1), [['swap', 0]]).together).toEqual([null])
  })

  test('are metered as if alone', () => {
    const network = openNetwork()
    const id = network.install(wasm)
    const asked: Asked[] = [
      ['swap', 3 * BLOCK],
      ['fail', 3 * BLOCK],
    ]
    network.machine.takeMeters()
    ask(network, id, asked)
    expect(network.machine.takeMeters()).toEqual([])
    ask(network, id, asked)
    const together = network.machine.takeMeters()
    for (const message of ask(network, id, []).messages) network.machine.query(message)
    const { messages } = ask(network, id, asked)
    network.machine.takeMeters()
    for (const message of messages) network.machine.query(message)
    expect(together).toHaveLength(2)
    expect(together).toEqual(network.machine.takeMeters())
  })

  test('never see each other, whatever they do, and leave the heap as it was', () => {
    const network = openNetwork()
    const id = network.install(wasm)
    const heap = () => Buffer.from(network.machine.dump(id)?.heap ?? [])
    const before = heap()
    const method = fc.constantFrom<Method>('swap', 'swap', 'swap', 'grow', 'fail', 'compose')
    const address = fc.nat(7).map((n) => (8 + 6 * n) * BLOCK + n)
    fc.assert(
      fc.property(fc.array(fc.tuple(method, address), { minLength: 1, maxLength: 12 }), (asked) => {
        const expected = asked.map(([name]) => (name === 'fail' ? 'IC0502' : [0, 0]))
        expect(outcomesOf(network, id, asked).map(seen)).toEqual(expected)
        expect(heap().equals(before)).toBe(true)
      }),
    )
    expect(replyOf(network.update(id, Uint8Array.of(0, 0, 8, 0), { method: 'keep' }))).toEqual(Uint8Array.of(0, 0))
  })
})
