import { beforeEach, describe, expect, test } from 'vitest'
import {
  BOB,
  errorOf,
  longOf,
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

const heapTotal = (id = canister) => numberOf(network.query(id, program(uc.sayHeap, uc.reply)))
const answerText = (text: string) => program(uc.say(text), uc.reply)

describe('a call to another canister', () => {
  test('comes back to the reply callback, with the caller of the context', () => {
    const onReply = program(uc.sayArgument, uc.sayCaller, uc.reply)
    const outcome = network.update(canister, uc.call({ callee: other, payload: answerText('from afar'), onReply }), {
      sender: BOB,
    })
    const bytes = Buffer.from(replyOf(outcome))
    expect(bytes.subarray(0, 9).toString()).toBe('from afar')
    expect(new Uint8Array(bytes.subarray(9))).toEqual(BOB)
  })

  test('brings the callee its caller', () => {
    const payload = program(uc.sayCaller, uc.reply)
    const outcome = network.update(
      canister,
      uc.call({ callee: other, payload, onReply: program(uc.sayArgument, uc.reply) }),
    )
    expect(replyOf(outcome)).toEqual(canister)
  })

  test('comes back to the reject callback with code and message', () => {
    const onReject = program(uc.sayReject, uc.reply)
    const rejecting = uc.call({ callee: other, payload: program(uc.say('no'), uc.rejectCall), onReject })
    const outcome = network.update(canister, rejecting)
    expect(numberOf(outcome)).toBe(4)
    expect(textOf(outcome).slice(4)).toBe('no')
    const trapping = network.update(canister, uc.call({ callee: other, payload: uc.unreachable, onReject }))
    expect(numberOf(trapping)).toBe(5)
  })

  test('to a canister that does not exist is rejected with code 3', () => {
    const missing = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 1, 1])
    const outcome = network.update(canister, uc.call({ callee: missing, onReject: program(uc.sayReject, uc.reply) }))
    expect(numberOf(outcome)).toBe(3)
  })

  test('is sent only if the message succeeds', () => {
    network.update(canister, program(uc.call({ callee: other, payload: program(uc.addToHeap(1), uc.reply) }), uc.trap))
    network.settle()
    expect(heapTotal(other)).toBe(0)
  })

  test('runs query methods too, and drops what they write', () => {
    const payload = program(uc.addToHeap(4), uc.sayReplicated, uc.reply)
    const outcome = network.update(
      canister,
      uc.call({ callee: other, method: 'ask', payload, onReply: program(uc.sayArgument, uc.reply) }),
    )
    expect(numberOf(outcome)).toBe(1)
    expect(heapTotal(other)).toBe(0)
  })

  test('may go to the canister itself, through the queue', () => {
    const outcome = network.update(
      canister,
      program(
        uc.call({
          callee: canister,
          payload: program(uc.addToHeap(1), uc.reply),
          onReply: program(uc.sayHeap, uc.reply),
        }),
        uc.addToHeap(10),
      ),
    )
    expect(numberOf(outcome)).toBe(11)
  })

  test('starts in the order in which calls were made', () => {
    const append = (value: number) =>
      uc.call({ callee: other, payload: program(uc.addToHeap(value), uc.sayHeap, uc.log, uc.reply) })
    network.update(canister, program(append(1), append(10), append(100), uc.reply))
    expect(network.logsOf(other).map((line) => Buffer.from(line).readUInt32LE())).toEqual([1, 11, 111])
  })

  test('lets other messages run before its response: what it left half done is seen', () => {
    const first = network.send(
      canister,
      program(
        uc.addToHeap(1),
        uc.call({ callee: other, payload: answerText(''), onReply: program(uc.addToHeap(1), uc.sayHeap, uc.reply) }),
      ),
    )
    const second = network.send(canister, program(uc.addToHeap(100), uc.sayHeap, uc.reply))
    network.settle()
    const seen = [first, second].map((id) => {
      const status = network.status(id)
      return status?.status === 'replied' ? Buffer.from(status.reply).readUInt32LE() : null
    })
    expect(seen).toEqual([102, 101])
  })

  test('says 2 and runs no callback when 500 calls to the same canister are open', () => {
    const one = uc.call({ callee: other, payload: answerText('') })
    const loop = program(...Array.from({ length: 501 }, () => one), uc.reply)
    const results = replyOf(network.update(canister, loop))
    expect(results.subarray(0, 500).every((code) => code === 0)).toBe(true)
    expect(results[500]).toBe(2)
  })
})

describe('a call context', () => {
  test('outlives its response: callbacks still run after the reply', () => {
    const outcome = network.update(
      canister,
      program(uc.say('early'), uc.reply, uc.call({ callee: other, payload: answerText(''), onReply: uc.addToHeap(3) })),
    )
    expect(textOf(outcome)).toBe('early')
    expect(heapTotal()).toBe(3)
  })

  test('answers for a canister that never does, once nothing is open', () => {
    const outcome = network.update(canister, uc.call({ callee: other, payload: answerText('') }))
    expect(errorOf(outcome)).toBe('IC0506')
  })

  test('rejects with the trap of its last callback', () => {
    const onReply = program(uc.say('late trap'), uc.trap)
    const outcome = network.update(canister, uc.call({ callee: other, payload: answerText(''), onReply }))
    expect(errorOf(outcome)).toBe('IC0503')
    expect(messageOf(outcome)).toContain('late trap')
  })

  test('does not answer for one trapped callback while another call is open', () => {
    const outcome = network.update(
      canister,
      program(
        uc.call({ callee: other, payload: answerText(''), onReply: uc.trap }),
        uc.call({ callee: other, payload: answerText(''), onReply: answerText('the other one') }),
      ),
    )
    expect(textOf(outcome)).toBe('the other one')
  })

  test('counts instructions over all its messages', () => {
    const onReply = program(uc.sayInstructions(0), uc.sayInstructions(1), uc.reply)
    const outcome = network.update(canister, uc.call({ callee: other, payload: answerText(''), onReply }))
    expect(longOf(outcome, 8)).toBeGreaterThan(longOf(outcome) + 5000n)
  })
})

describe('cleanup', () => {
  test('runs on the rolled back state after a callback traps', () => {
    const outcome = network.update(
      canister,
      program(
        uc.addToHeap(1000),
        uc.call({
          callee: other,
          payload: answerText(''),
          onReply: program(uc.addToHeap(1), uc.trap),
          onCleanup: program(uc.addToHeap(20), uc.sayHeap, uc.log),
        }),
      ),
    )
    expect(errorOf(outcome)).toBe('IC0503')
    expect(heapTotal()).toBe(1020)
  })

  test('may not answer or call, and its own trap changes nothing', () => {
    for (const forbidden of [uc.sendReply, uc.call({ callee: other })]) {
      const outcome = network.update(
        canister,
        uc.call({
          callee: other,
          payload: answerText(''),
          onReply: program(uc.say('first'), uc.trap),
          onCleanup: program(uc.addToHeap(1), forbidden),
        }),
      )
      expect(messageOf(outcome)).toContain('first')
      expect(heapTotal()).toBe(0)
      expect(network.logsOf(canister).at(-1)).toContain('cannot be executed in cleanup mode')
    }
  })

  test('does not run when the callback succeeds', () => {
    network.update(
      canister,
      uc.call({ callee: other, payload: answerText(''), onReply: uc.reply, onCleanup: uc.addToHeap(1) }),
    )
    expect(heapTotal()).toBe(0)
  })
})

describe('a call with bounded wait', () => {
  test('is rejected with code 6 when its time has passed, and the late answer is dropped', () => {
    const wait = program(uc.call({ callee: MANAGEMENT, method: 'raw_rand' }))
    const id = network.send(
      canister,
      uc.call({
        callee: other,
        payload: wait,
        timeout: 10,
        onReject: program(uc.sayReject, uc.reply),
        onReply: uc.trap,
      }),
    )
    // The callee has not answered yet: only the first message has run.
    network.machine.run(1)
    expect(network.machine.nextDueNs()).not.toBeNull()
    network.pass(11n * SECOND_NS)
    const status = network.status(id)
    expect(status?.status).toBe('replied')
    expect(status?.status === 'replied' && Buffer.from(status.reply).readUInt32LE()).toBe(6)
    expect(heapTotal()).toBe(0)
  })

  test('answers as any other in time', () => {
    const onReply = program(uc.sayArgument, uc.reply)
    const outcome = network.update(
      canister,
      uc.call({ callee: other, payload: answerText('in time'), timeout: 1, onReply }),
    )
    expect(textOf(outcome)).toBe('in time')
    expect(network.machine.nextDueNs()).toBeNull()
  })
})

describe('cycles', () => {
  const balanceOf = (id: Uint8Array) => network.statusOf(id).cycles
  const TRILLION = 1_000_000_000_000n

  test('travel with a call as far as they are accepted, and the rest comes back', () => {
    const before = [balanceOf(canister), balanceOf(other)]
    const outcome = network.update(
      canister,
      uc.call({
        callee: other,
        cycles: 3n * TRILLION,
        payload: program(uc.acceptCycles(TRILLION), uc.reply),
        onReply: program(uc.sayRefund, uc.reply),
      }),
    )
    expect(longOf(outcome)).toBe(2n * TRILLION)
    const spent = (before[0] ?? 0n) - balanceOf(canister)
    expect(spent).toBeGreaterThan(TRILLION)
    expect(spent).toBeLessThan(TRILLION + TRILLION / 100n)
    expect(balanceOf(other) - (before[1] ?? 0n)).toBeGreaterThan(TRILLION - TRILLION / 100n)
  })

  test('come back whole when the callee traps', () => {
    const outcome = network.update(
      canister,
      uc.call({
        callee: other,
        cycles: TRILLION,
        payload: program(uc.acceptCycles(TRILLION), uc.trap),
        onReject: program(uc.sayRefund, uc.reply),
      }),
    )
    expect(longOf(outcome)).toBe(TRILLION)
  })

  test('are charged for execution, and for a trap too', () => {
    const before = balanceOf(canister)
    network.update(canister, uc.unreachable)
    expect(balanceOf(canister)).toBeLessThan(before - 5_000_000n)
  })

  test('burn', () => {
    const before = balanceOf(canister)
    network.update(canister, program(uc.burn(TRILLION), uc.reply))
    expect(before - balanceOf(canister)).toBeGreaterThan(TRILLION)
  })

  test('that are not there stop a canister before it runs', () => {
    const poor = network.create({}, 50_000_000_000n)
    expect(errorOf(network.installCode(poor, wasm, { install: null }))).toBe('IC0207')
    expect(() => network.update(poor, uc.reply)).toThrow('IC0537')
  })

  test('that are not there make call_perform say 2', () => {
    const balance = balanceOf(canister)
    const outcome = network.update(
      canister,
      program(
        uc.burn(balance - 70_000_000_000n),
        uc.clear,
        uc.call({ callee: other, payload: answerText('') }),
        uc.reply,
      ),
    )
    expect([...replyOf(outcome)]).toEqual([2])
  })
})
