import { beforeEach, describe, expect, test } from 'vitest'
import {
  BOB,
  errorOf,
  longOf,
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

describe('a message', () => {
  test('answers what the canister says', () => {
    expect(textOf(network.update(canister, answerText('hello')))).toBe('hello')
  })

  test('keeps heap, globals and stable memory for the next one', () => {
    network.update(canister, program(uc.addToHeap(5), uc.say('kept'), uc.writeStable(70), uc.reply))
    expect(heapTotal()).toBe(5)
    expect(textOf(network.query(canister, program(uc.sayStable(70, 4), uc.reply)))).toBe('kept')
  })

  test('that traps leaves no trace but its log', () => {
    network.update(canister, program(uc.addToHeap(5), uc.reply))
    const outcome = network.update(
      canister,
      program(
        uc.addToHeap(1),
        uc.growMemory(3),
        uc.clear,
        uc.say('gone'),
        uc.writeStable(0),
        uc.log,
        uc.reply,
        uc.trap,
      ),
    )
    expect(errorOf(outcome)).toBe('IC0503')
    expect(messageOf(outcome)).toMatch(/^Error from Canister .*: Canister called `ic0.trap` with message: 'gone'\.$/u)
    expect(heapTotal()).toBe(5)
    expect(network.logsOf(canister)).toEqual(['gone', "[TRAP]: Canister called `ic0.trap` with message: 'gone'"])
    expect(errorOf(network.query(canister, program(uc.sayStable(0, 4), uc.reply)))).toBe('IC0502')
    const size = numberOf(network.query(canister, program(uc.growMemory(0), uc.reply)))
    expect(size).toBe(8)
  })

  test('that traps does not set certified data or the timer', () => {
    network.update(canister, program(uc.onTimer(uc.addToHeap(1)), uc.reply))
    network.update(canister, program(uc.say('data'), uc.certify, uc.setTimer(0n), uc.trap))
    network.pass(SECOND_NS)
    expect(heapTotal()).toBe(0)
  })

  test('has a time of its own, later than every earlier one', () => {
    const times = [canister, other, canister].map((id) => longOf(network.update(id, program(uc.sayTime, uc.reply))))
    expect(new Set(times).size).toBe(3)
    expect(times).toEqual(times.toSorted((a, b) => (a < b ? -1 : 1)))
  })

  test('raises the version when it succeeds, and only then', () => {
    const version = () => longOf(network.query(canister, program(uc.sayVersion, uc.reply)))
    const first = version()
    network.update(canister, program(uc.reply))
    expect(version()).toBe(first + 1n)
    network.update(canister, program(uc.trap))
    expect(version()).toBe(first + 1n)
  })

  test('knows its caller', () => {
    const outcome = network.update(canister, program(uc.sayCaller, uc.reply), { sender: BOB })
    expect(replyOf(outcome)).toEqual(BOB)
  })
})

describe('an answer', () => {
  test('may be a reject with the words of the canister', () => {
    const outcome = network.update(canister, program(uc.say('not today'), uc.rejectCall))
    expect(outcome).toEqual({ kind: 'reject', reject: { code: 4, errorCode: 'IC0406', message: 'not today' } })
  })

  test('is given once', () => {
    expect(errorOf(network.update(canister, program(uc.reply, uc.sendReply)))).toBe('IC0504')
    expect(errorOf(network.update(canister, program(uc.reply, uc.rejectCall)))).toBe('IC0504')
  })

  test('is a reject when the canister gives none', () => {
    expect(errorOf(network.update(canister, program(uc.addToHeap(2))))).toBe('IC0506')
    expect(heapTotal()).toBe(2)
  })

  test('drops what was appended and not sent', () => {
    const outcome = network.update(
      canister,
      program(
        uc.say('lost'),
        uc.appendReply,
        uc.call({ callee: other, payload: answerText('x'), onReply: answerText('second') }),
      ),
    )
    expect(textOf(outcome)).toBe('second')
  })
})

describe('the network names what ended a message', () => {
  const cases: [string, uc.Program, string, string][] = [
    ['unreachable', uc.unreachable, 'IC0502', 'Canister trapped: unreachable'],
    ['a load outside the heap', uc.readOutOfBounds, 'IC0502', 'heap out of bounds'],
    ['a write outside stable memory', uc.stableOutOfBounds, 'IC0502', 'stable memory out of bounds'],
    ['a division by zero', uc.divideByZero, 'IC0502', 'integer division by 0'],
    ['endless recursion', uc.recurseForever, 'IC0502', 'stack overflow'],
    ['an endless loop', uc.loopForever, 'IC0522', 'exceeded the instruction limit for single message execution'],
  ]
  test.each(cases)('%s', (_, body, errorCode, text) => {
    const outcome = network.update(canister, program(uc.addToHeap(1), body))
    expect(errorOf(outcome)).toBe(errorCode)
    expect(messageOf(outcome)).toContain(text)
    expect(heapTotal()).toBe(0)
    expect(textOf(network.update(canister, answerText('still here')))).toBe('still here')
  })

  test('an endless loop in a query', () => {
    expect(errorOf(network.query(canister, program(uc.loopForever)))).toBe('IC0522')
    expect(heapTotal()).toBe(0)
  })

  test('a method that is not there', () => {
    const outcome = network.update(canister, program(), { method: 'nope' })
    expect(errorOf(outcome)).toBe('IC0536')
    expect(messageOf(outcome)).toContain("Canister has no update method 'nope'.")
    expect(errorOf(network.query(canister, program(), { method: 'run' }))).toBe('IC0536')
  })

  test('a composite query called as an update', () => {
    expect(errorOf(network.update(canister, program(), { method: 'compose' }))).toBe('IC0527')
  })

  test('a callback that is no function, or of another type', () => {
    expect(errorOf(network.update(canister, uc.callAt(99)))).toBe('IC0513')
    expect(errorOf(network.update(canister, uc.callAt(3)))).toBe('IC0504')
  })
})
