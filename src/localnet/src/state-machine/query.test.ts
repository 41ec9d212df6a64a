import { IDL } from '@dfinity/candid'
import { beforeEach, describe, expect, test } from 'vitest'
import { ARGUMENTS, RESULTS } from '../management/candid.ts'
import {
  BOB,
  decoded,
  errorOf,
  idArg,
  MANAGEMENT,
  messageOf,
  numberOf,
  openNetwork,
  replyOf,
  SECOND_NS,
  type TestNetwork,
  textOf,
} from './network.fixture.ts'
import * as uc from './universal-canister.fixture.ts'

const wasm = uc.universalWasm()
const { program } = uc
let network: TestNetwork
let canister: Uint8Array
let other: Uint8Array

beforeEach(() => {
  network = openNetwork()
  canister = network.install(wasm)
  other = network.install(wasm)
})

const answerText = (text: string) => program(uc.say(text), uc.reply)
const compose = (body: uc.Program) => network.query(canister, body, { method: 'compose' })

describe('a query', () => {
  test('sees its own writes, and nobody else ever does', () => {
    const writing = program(uc.addToHeap(3), uc.growMemory(2), uc.clear, uc.sayHeap, uc.reply)
    expect(numberOf(network.query(canister, writing))).toBe(3)
    expect(numberOf(network.query(canister, writing))).toBe(3)
    expect(numberOf(network.query(canister, program(uc.growMemory(0), uc.reply)))).toBe(8)
    expect(errorOf(network.query(canister, program(uc.addToHeap(1), uc.trap)))).toBe('IC0503')
    expect(numberOf(network.query(canister, program(uc.sayHeap, uc.reply)))).toBe(0)
  })

  test('changes nothing that would be stored', () => {
    network.save()
    network.query(canister, program(uc.addToHeap(3), uc.say('x'), uc.writeStable(0), uc.log, uc.reply))
    expect(network.save()).toBeNull()
  })

  test('is not replicated and cannot call, set a timer or certify', () => {
    expect(numberOf(network.query(canister, program(uc.sayReplicated, uc.reply)))).toBe(0)
    for (const forbidden of [uc.call({ callee: other }), uc.setTimer(1n), uc.certify, uc.burn(1n)]) {
      const outcome = network.query(canister, forbidden)
      expect(errorOf(outcome)).toBe('IC0504')
      expect(messageOf(outcome)).toContain('cannot be executed in non replicated query mode')
    }
  })

  test('to no canister, an empty one or a stopped one is rejected', () => {
    expect(errorOf(network.query(new Uint8Array([1]), program()))).toBe('IC0301')
    expect(errorOf(network.query(network.create(), program()))).toBe('IC0537')
    network.manage('stop_canister', ARGUMENTS.CanisterId, idArg(canister))
    expect(errorOf(network.query(canister, program()))).toBe('IC0508')
  })
})

describe('the certificate of certified data', () => {
  test('is there in a query of the user and nowhere else', () => {
    network.update(canister, program(uc.say('certified'), uc.certify, uc.reply))
    expect(replyOf(network.query(canister, program(uc.sayCertificate, uc.reply)))[0]).toBe(1)
    expect(replyOf(compose(program(uc.sayCertificate, uc.reply)))[0]).toBe(1)
    expect(replyOf(network.update(canister, program(uc.sayCertificate, uc.reply)))[0]).toBe(0)
    expect(replyOf(network.update(canister, program(uc.sayCertificate, uc.reply), { method: 'ask' }))[0]).toBe(0)
    const inCallee = uc.call({
      callee: other,
      method: 'ask',
      payload: program(uc.sayCertificate, uc.reply),
      onReply: program(uc.sayArgument, uc.reply),
    })
    expect(replyOf(compose(inCallee))[0]).toBe(0)
  })

  test('changes with the data and is made anew when it grows old', () => {
    const ask = () =>
      Buffer.from(replyOf(network.query(canister, program(uc.sayCertificate, uc.reply)))).toString('hex')
    network.update(canister, program(uc.say('one'), uc.certify, uc.reply))
    const first = ask()
    expect(first).toContain(Buffer.from('one').toString('hex'))
    expect(ask()).toBe(first)
    network.pass(31n * SECOND_NS)
    expect(ask()).not.toBe(first)
    network.update(canister, program(uc.say('two'), uc.certify, uc.reply))
    expect(ask()).toContain(Buffer.from('two').toString('hex'))
  })
})

describe('a composite query', () => {
  test('asks other canisters and keeps its own writes until it ends', () => {
    const outcome = compose(
      program(
        uc.addToHeap(1),
        uc.call({
          callee: other,
          method: 'ask',
          payload: answerText('asked'),
          onReply: program(uc.addToHeap(1), uc.sayHeap, uc.sayArgument, uc.reply),
        }),
      ),
    )
    expect(numberOf(outcome)).toBe(2)
    expect(textOf(outcome).slice(4)).toBe('asked')
    expect(numberOf(network.query(canister, program(uc.sayHeap, uc.reply)))).toBe(0)
  })

  test('may ask itself: the callee sees the committed state', () => {
    network.update(canister, program(uc.addToHeap(7), uc.reply))
    const outcome = compose(
      program(
        uc.addToHeap(1),
        uc.call({
          callee: canister,
          method: 'ask',
          payload: program(uc.sayHeap, uc.reply),
          onReply: program(uc.sayArgument, uc.sayHeap, uc.reply),
        }),
      ),
    )
    expect([numberOf(outcome), numberOf(outcome, 4)]).toEqual([7, 8])
  })

  test('gets a reject from a callee that traps, and runs its cleanup after its own trap', () => {
    const outcome = compose(
      uc.call({ callee: other, method: 'ask', payload: uc.trap, onReject: program(uc.sayReject, uc.reply) }),
    )
    expect(numberOf(outcome)).toBe(5)
    const trapped = compose(
      program(
        uc.call({
          callee: other,
          method: 'ask',
          payload: answerText(''),
          onReply: program(uc.addToHeap(1), uc.trap),
          onCleanup: uc.addToHeap(5),
        }),
        uc.call({ callee: other, method: 'ask', payload: answerText(''), onReply: program(uc.sayHeap, uc.reply) }),
      ),
    )
    expect(numberOf(trapped)).toBe(5)
  })

  test('cannot call update methods or send cycles', () => {
    const onReject = program(uc.sayReject, uc.reply)
    expect(numberOf(compose(uc.call({ callee: other, method: 'run', onReject })))).toBe(5)
    expect(errorOf(compose(uc.call({ callee: other, method: 'ask', cycles: 1n })))).toBe('IC0504')
  })

  test('ends at seven levels', () => {
    const nested = (levels: number): uc.Program =>
      levels === 0
        ? answerText('bottom')
        : uc.call({
            callee: canister,
            method: 'compose',
            payload: nested(levels - 1),
            onReply: program(uc.sayArgument, uc.reply),
            onReject: program(uc.sayReject, uc.rejectCall),
          })
    expect(textOf(compose(nested(6)))).toBe('bottom')
    expect(messageOf(compose(nested(7)))).toContain('too deeply')
  })

  test('and all it asks share one budget', () => {
    const onReject = program(uc.sayReject, uc.reply)
    const outcome = compose(uc.call({ callee: other, method: 'ask', payload: uc.loopForever, onReject }))
    // The callee has spent it all, so nothing is left for the callback either.
    expect(errorOf(outcome)).toBe('IC0522')
  })

  test('may ask the management canister for a status', () => {
    const arg = IDL.encode([ARGUMENTS.CanisterId], [idArg(canister)])
    const outcome = compose(
      uc.call({
        callee: MANAGEMENT,
        method: 'canister_status',
        payload: arg,
        onReply: program(uc.sayArgument, uc.reply),
      }),
    )
    expect((decoded(RESULTS.Status, outcome) as { status: object }).status).toEqual({ running: null })
  })
})

test('canister logs are for controllers unless they are public', () => {
  network.update(canister, program(uc.say('line'), uc.log, uc.reply))
  const arg = IDL.encode([ARGUMENTS.CanisterId], [idArg(canister)])
  const ask = (sender: Uint8Array) => network.query(MANAGEMENT, arg, { method: 'fetch_canister_logs', sender })
  expect(errorOf(ask(BOB))).toBe('IC0406')
  expect(network.logsOf(canister)).toEqual(['line'])
})

test('logs keep the newest 4 KiB', () => {
  for (let i = 0; i < 10; i++) network.update(canister, program(uc.say(`${i}`.repeat(1000)), uc.log, uc.reply))
  expect(network.logsOf(canister).map((line) => line[0])).toEqual(['6', '7', '8', '9'])
})
