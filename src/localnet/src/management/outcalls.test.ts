import { Principal } from '@dfinity/principal'
import { beforeEach, describe, expect, test } from 'vitest'
import type { OutcallResult } from '../contracts.ts'
import {
  decoded,
  idArg,
  MANAGEMENT,
  messageOf,
  openNetwork,
  replyOf,
  type TestNetwork,
  textOf,
} from '../state-machine/network.fixture.ts'
import type { Outcome } from '../contracts.ts'
import * as uc from '../state-machine/universal-canister.fixture.ts'
import { ARGUMENTS, RESULTS } from './candid.ts'
import { callingManagement, encode, throughCanister } from './through-canister.fixture.ts'

const { program } = uc
const wasm = uc.universalWasm()
const ENOUGH = 10n ** 12n
let network: TestNetwork
let id: Uint8Array

beforeEach(() => {
  network = openNetwork(undefined, undefined, { outcalls: { allowsLoopback: false, replication: 4 } })
  id = network.install(wasm)
})

const argument = (more: object = {}) =>
  encode(ARGUMENTS.HttpRequest, {
    url: 'https://example.org/',
    max_response_bytes: [1000n],
    method: { get: null },
    headers: [],
    body: [],
    transform: [],
    is_replicated: [],
    ...more,
  })
/** Sends the request. @returns its id, and the request the host is handed. */
function ask(more: object = {}, cycles = ENOUGH) {
  const requestId = network.send(id, callingManagement('http_request', argument(more), cycles))
  network.settle()
  return { requestId, outcalls: network.machine.takeOutcalls() }
}
function endOf(requestId: Uint8Array): Outcome {
  network.settle()
  const status = network.status(requestId)
  if (status?.status === 'replied') return { kind: 'reply', reply: status.reply }
  if (status?.status === 'rejected') return { kind: 'reject', reject: status.reject }
  throw new Error(`the request is ${status?.status}`)
}
const response = (body: string): OutcallResult => ({
  kind: 'response',
  status: 200,
  headers: [{ name: 'date', value: body }],
  body: new Uint8Array(Buffer.from(body)),
})
/** What four nodes get. @returns what the canister is told. */
function answered(bodies: readonly (string | OutcallResult)[], more: object = {}): Outcome {
  const { requestId, outcalls } = ask(more)
  const results = bodies.map((body) => (typeof body === 'string' ? response(body) : body))
  network.machine.answerOutcall(outcalls[0]?.id ?? -1, results)
  return endOf(requestId)
}
const transform = (body: uc.Program, method = 'ask') => ({
  transform: [{ function: [Principal.fromUint8Array(id), method], context: body }],
})

describe('http_request', () => {
  test('is handed to the host once, and its answer to the canister', () => {
    const { requestId, outcalls } = ask({ headers: [{ name: 'a', value: 'b' }] })
    expect(outcalls).toMatchObject([
      {
        url: 'https://example.org/',
        method: 'GET',
        headers: [{ name: 'a', value: 'b' }],
        maxResponseBytes: 1000,
        copies: 4,
      },
    ])
    expect(network.machine.takeOutcalls()).toEqual([])
    expect(network.status(requestId)?.status).toBe('processing')
    network.machine.answerOutcall(
      outcalls[0]?.id ?? -1,
      Array.from({ length: 4 }, () => response('hello')),
    )
    expect(decoded(RESULTS.HttpResponse, endOf(requestId))).toEqual({
      status: 200n,
      headers: [{ name: 'date', value: 'hello' }],
      body: new Uint8Array(Buffer.from('hello')),
    })
  })

  test('needs nodes enough that agree', () => {
    expect(answered(['a', 'a', 'a', 'b']).kind).toBe('reply')
    expect(messageOf(answered(['a', 'a', 'b', 'b']))).toContain('No consensus could be reached')
    const failed = { kind: 'failed', code: 1, message: 'too large' } as const
    expect(messageOf(answered([failed, failed, failed, 'a']))).toContain('too large')
  })

  test('is made by one node where the canister says so', () => {
    const { outcalls } = ask({ is_replicated: [false], method: { delete: null } })
    expect(outcalls).toMatchObject([{ copies: 1, method: 'DELETE' }])
  })

  test('costs its fee, and gives the rest back with the answer', () => {
    const before = network.statusOf(id).cycles
    answered(['a', 'a', 'a', 'a'])
    const fee = (3_000_000n + 60_000n * 13n + 400n * 20n + 800n * 1000n) * 13n
    const spent = before - network.statusOf(id).cycles
    expect(spent).toBeGreaterThan(fee)
    expect(spent).toBeLessThan(fee + 200_000_000n)
    const outcome = throughCanister(network, id, 'http_request', argument(), fee - 1n)
    expect(messageOf(outcome)).toContain(`sent with ${fee - 1n} cycles, but ${fee} cycles are required`)
  })

  test.each<[string, object]>([
    ['an address without TLS', { url: 'http://example.org/' }],
    ['too large an answer', { max_response_bytes: [2_000_001n] }],
    ['too large a request', { body: [new Uint8Array(2_000_001)] }],
    ['a method that is not safe to repeat', { method: { put: null } }],
    ['a header that is none', { headers: [{ name: 'a b', value: '' }] }],
    [
      'a transformation by another canister',
      { transform: [{ function: [Principal.anonymous(), 'ask'], context: [] }] },
    ],
  ])('with %s is refused', (_, more) => {
    expect(throughCanister(network, id, 'http_request', argument(more), ENOUGH).kind).toBe('reject')
    expect(network.machine.takeOutcalls()).toEqual([])
  })

  test('is not for users', () => {
    expect(() => network.send(MANAGEMENT, argument(), { method: 'http_request' })).toThrow('IC0406')
  })

  test('in flight when the network stops is rejected when it starts again, and its cycles come back', () => {
    const { requestId, outcalls } = ask()
    network.save()
    network = openNetwork(network.saved)
    expect(network.machine.takeOutcalls()).toEqual([])
    network.machine.answerOutcall(outcalls[0]?.id ?? -1, [response('late')])
    expect(messageOf(endOf(requestId))).toContain('restarted')
    network.save()
    expect([...network.saved.keys()].filter((key) => key.startsWith('outcall/'))).toEqual([])
  })
})

describe('a transformation', () => {
  // The universal canister runs what it finds in its argument, so the argument of a transformation, Candid, is no program to it: a
  // small canister of its own says what it is given.
  const transforming = (body: string) =>
    uc.assemble(`(module
      (import "ic0" "msg_arg_data_size" (func $size (result i32)))
      (import "ic0" "msg_arg_data_copy" (func $copy (param i32 i32 i32)))
      (import "ic0" "msg_caller_size" (func $caller (result i32)))
      (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
      (import "ic0" "msg_reply" (func $reply))
      (import "ic0" "in_replicated_execution" (func $replicated (result i32)))
      (import "ic0" "data_certificate_present" (func $certificate (result i32)))
      (import "ic0" "call_new" (func $call_new (param i32 i32 i32 i32 i32 i32 i32 i32)))
      (import "ic0" "call_data_append" (func $data (param i32 i32)))
      (import "ic0" "call_cycles_add128" (func $cycles (param i64 i64)))
      (import "ic0" "call_perform" (func $perform (result i32)))
      (import "ic0" "msg_deadline" (func $deadline (result i64)))
      (import "ic0" "msg_reject_msg_size" (func $why_size (result i32)))
      (import "ic0" "msg_reject_msg_copy" (func $why (param i32 i32 i32)))
      (import "ic0" "msg_reject" (func $reject (param i32 i32)))
      (table 2 funcref) (elem (i32.const 0) $answer $refuse)
      (memory 40) (data (i32.const 0) "http_request")
      (global $runs (mut i32) (i32.const 0))
      (func $hand_on (call $copy (i32.const 1000) (i32.const 0) (call $size)) (call $append (i32.const 1000) (call $size)))
      (func $answer (param i32) (call $hand_on) (call $reply))
      (func $refuse (param i32)
        (call $why (i32.const 1000) (i32.const 0) (call $why_size)) (call $reject (i32.const 1000) (call $why_size)))
      (func (export "canister_update fetch")
        (call $copy (i32.const 1000) (i32.const 0) (call $size))
        (call $call_new (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 12)
          (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
        (call $data (i32.const 1000) (call $size))
        (call $cycles (i64.const 0) (i64.const 1000000000000))
        (drop (call $perform)))
      (func (export "canister_query transform") ${body}))`)
  const outcomeOf = (body: string, more: object = {}, results = ['a', 'b', 'c', 'd'].map(response)): Outcome => {
    const canister = network.install(transforming(body))
    const given = [{ function: [Principal.fromUint8Array(canister), 'transform'], context: Buffer.from('context') }]
    const requestId = network.send(canister, argument({ transform: given, ...more }), { method: 'fetch' })
    network.settle()
    network.machine.answerOutcall(network.machine.takeOutcalls()[0]?.id ?? -1, results)
    return endOf(requestId)
  }
  const say = (value: string) =>
    `(i32.store8 (i32.const 900) ${value}) (call $append (i32.const 900) (i32.const 1)) (call $reply)`

  test('makes equal what the nodes were told differently', () => {
    expect(replyOf(outcomeOf(say('(i32.const 7)')))).toEqual(Uint8Array.of(7))
  })

  test('is given the response and its context, by the management canister', () => {
    const same = Array.from({ length: 4 }, () => response('body'))
    expect(decoded(RESULTS.TransformArgument, outcomeOf('(call $hand_on) (call $reply)', {}, same))).toEqual({
      response: { status: 200n, headers: [{ name: 'date', value: 'body' }], body: new Uint8Array(Buffer.from('body')) },
      context: new Uint8Array(Buffer.from('context')),
    })
    expect(replyOf(outcomeOf(say('(call $caller)')))).toEqual(Uint8Array.of(0))
    expect(replyOf(outcomeOf(say('(call $replicated)')))).toEqual(Uint8Array.of(0))
    expect(replyOf(outcomeOf(say('(call $certificate)')))).toEqual(Uint8Array.of(0))
  })

  test('keeps nothing it writes', () => {
    const count = '(global.set $runs (i32.add (global.get $runs) (i32.const 1)))'
    expect(replyOf(outcomeOf(`${count} ${say('(global.get $runs)')}`))).toEqual(Uint8Array.of(1))
  })

  test('that traps, goes on forever, calls or asks for what it may not, or does not answer, fails the outcall', () => {
    expect(messageOf(outcomeOf('(unreachable)'))).toContain('unreachable')
    expect(
      messageOf(outcomeOf('(loop $again (memory.copy (i32.const 0) (i32.const 0) (i32.const 65536)) (br $again))')),
    ).toContain('instruction limit')
    expect(messageOf(outcomeOf('(drop (call $deadline))'))).toContain('transform')
    expect(messageOf(outcomeOf('(drop (call $perform))'))).toContain('transform')
    expect(messageOf(outcomeOf(''))).toContain('did not reply')
    expect(messageOf(outcomeOf('(call $append (i32.const 0) (i32.const 1001)) (call $reply)'))).toContain(
      'exceeds limit',
    )
  })

  test('must be a query of the canister', () => {
    expect(messageOf(answered(['a', 'a', 'a', 'a'], transform(program(), 'run')))).toContain('no query method')
    expect(messageOf(answered(['a', 'a', 'a', 'a'], transform(program(), 'none')))).toContain('no query method')
  })

  test('runs while its canister is being stopped', () => {
    const { requestId, outcalls } = ask()
    const stop = network.send(MANAGEMENT, encode(ARGUMENTS.CanisterId, idArg(id)), { method: 'stop_canister' })
    network.settle()
    expect(network.status(stop)?.status).not.toBe('replied')
    network.machine.answerOutcall(
      outcalls[0]?.id ?? -1,
      Array.from({ length: 4 }, () => response('x')),
    )
    expect(textOf(endOf(requestId))).toContain('x')
    expect(network.status(stop)?.status).toBe('replied')
  })
})
