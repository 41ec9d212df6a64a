import { beforeEach, describe, expect, test } from 'vitest'
import { ARGUMENTS } from '../management/candid.ts'
import {
  ALICE,
  BOB,
  idArg,
  longOf,
  numberOf,
  openNetwork,
  Refused,
  SECOND_NS,
  START_NS,
  type TestNetwork,
  textOf,
} from './network.fixture.ts'
import * as uc from './universal-canister.fixture.ts'

const { program } = uc
let network: TestNetwork

beforeEach(() => {
  network = openNetwork()
})

const heapTotal = (id: Uint8Array) => numberOf(network.query(id, program(uc.sayHeap, uc.reply)))

describe('the global timer', () => {
  const wasm = uc.universalWasm()
  let canister: Uint8Array
  beforeEach(() => {
    canister = network.install(wasm)
  })

  test('fires once, when its time has come', () => {
    network.update(canister, program(uc.onTimer(uc.addToHeap(1)), uc.setTimer(10n * SECOND_NS), uc.reply))
    expect(network.machine.nextDueNs()).toBeGreaterThan(START_NS + 9n * SECOND_NS)
    network.pass(9n * SECOND_NS)
    expect(heapTotal(canister)).toBe(0)
    network.pass(2n * SECOND_NS)
    expect(heapTotal(canister)).toBe(1)
    network.pass(100n * SECOND_NS)
    expect(heapTotal(canister)).toBe(1)
    expect(network.machine.nextDueNs()).toBeNull()
  })

  test('can be cleared, and set again from within', () => {
    network.update(canister, program(uc.onTimer(uc.addToHeap(1)), uc.setTimer(SECOND_NS), uc.setTimer(null), uc.reply))
    network.pass(2n * SECOND_NS)
    expect(heapTotal(canister)).toBe(0)
    const again = program(uc.addToHeap(1), uc.setTimer(SECOND_NS))
    network.update(canister, program(uc.onTimer(again), uc.setTimer(0n), uc.reply))
    for (let second = 0; second < 3; second++) network.pass(SECOND_NS + 1n)
    expect(heapTotal(canister)).toBe(4)
  })

  test('that traps stays cleared', () => {
    network.update(canister, program(uc.onTimer(program(uc.addToHeap(1), uc.trap)), uc.setTimer(0n), uc.reply))
    network.settle()
    expect(heapTotal(canister)).toBe(0)
    expect(network.machine.nextDueNs()).toBeNull()
  })

  test('that sets itself again at once does not starve other messages', () => {
    network.update(canister, program(uc.onTimer(uc.setTimer(0n)), uc.reply))
    const id = network.send(canister, program(uc.setTimer(0n), uc.reply))
    const later = network.send(canister, program(uc.say('got through'), uc.reply))
    expect(network.machine.run(20)).toBe(true)
    expect(network.status(id)?.status).toBe('replied')
    expect(network.status(later)?.status).toBe('replied')
  })

  test('may make calls, and callbacks of a task run after it', () => {
    const other = network.install(wasm)
    const body = uc.call({ callee: other, payload: program(uc.reply), onReply: uc.addToHeap(5) })
    network.update(canister, program(uc.onTimer(body), uc.setTimer(0n), uc.reply))
    network.settle()
    expect(heapTotal(canister)).toBe(5)
  })
})

test('a heartbeat runs once a second while the canister runs', () => {
  const canister = network.install(uc.universalWasm({ heartbeat: true }))
  network.update(canister, program(uc.onHeartbeat(uc.addToHeap(1)), uc.reply))
  const before = heapTotal(canister)
  for (let second = 0; second < 5; second++) network.pass(SECOND_NS)
  expect(heapTotal(canister)).toBe(before + 5)
  network.manage('stop_canister', ARGUMENTS.CanisterId, idArg(canister))
  network.pass(5n * SECOND_NS)
  network.manage('start_canister', ARGUMENTS.CanisterId, idArg(canister))
  expect(heapTotal(canister)).toBeLessThanOrEqual(before + 7)
})

test('on_low_wasm_memory runs once when the heap comes near its limit', () => {
  const settings = { wasm_memory_limit: [20n * 65_536n], wasm_memory_threshold: [8n * 65_536n] }
  const canister = network.install(uc.universalWasm({ lowMemory: true }), program(), settings)
  network.settle()
  expect(heapTotal(canister)).toBe(0)
  network.update(canister, program(uc.growMemory(5), uc.reply))
  network.update(canister, program(uc.growMemory(1), uc.reply))
  expect(heapTotal(canister)).toBe(1)
})

describe('inspect_message', () => {
  const wasm = uc.universalWasm({ inspect: true })
  let canister: Uint8Array
  beforeEach(() => {
    // Until a program is set the canister accepts nothing, so it gets one at install.
    canister = network.install(wasm, uc.onInspect(program(uc.addToHeap(1), uc.acceptMessage)))
  })

  test('lets in what it accepts and keeps nothing it wrote', () => {
    expect(numberOf(network.update(canister, program(uc.sayHeap, uc.reply)))).toBe(0)
  })

  test('refuses what it does not accept, before anything runs', () => {
    network.update(canister, program(uc.onInspect(program()), uc.reply))
    expect(() => network.update(canister, uc.reply)).toThrow('IC0406')
    expect(() => network.update(canister, uc.reply)).toThrow(Refused)
  })

  test('refuses with its own trap, and accepts only once', () => {
    network.update(canister, program(uc.onInspect(program(uc.acceptMessage, uc.acceptMessage)), uc.reply))
    expect(() => network.update(canister, uc.reply)).toThrow('IC0504')
  })

  test('is bounded to 200 million instructions', () => {
    network.update(canister, program(uc.onInspect(uc.loopForever), uc.reply))
    expect(() => network.update(canister, uc.reply)).toThrow('IC0522')
  })

  test('is not asked about calls of canisters', () => {
    const caller = network.install(uc.universalWasm())
    network.update(canister, program(uc.onInspect(program()), uc.reply))
    const outcome = network.update(
      caller,
      uc.call({
        callee: canister,
        payload: program(uc.say('in'), uc.reply),
        onReply: program(uc.sayArgument, uc.reply),
      }),
    )
    expect(textOf(outcome)).toBe('in')
  })
})

describe('an ingress message', () => {
  const wasm = uc.universalWasm()
  let canister: Uint8Array
  beforeEach(() => {
    canister = network.install(wasm)
  })
  const requestId = new Uint8Array(32).fill(1)

  test('with a known request id never runs again', () => {
    network.update(canister, program(uc.addToHeap(1), uc.reply), { requestId })
    const verdict = network.machine.submit({
      requestId,
      sender: ALICE,
      canisterId: canister,
      method: 'run',
      arg: program(uc.addToHeap(1), uc.reply),
      ingressExpiryNs: network.machine.timeNs() + SECOND_NS,
    })
    expect(verdict).toEqual({ kind: 'duplicate' })
    network.settle()
    expect(heapTotal(canister)).toBe(1)
  })

  test('is known for five minutes after its end and until it expires', () => {
    network.update(canister, uc.reply, { requestId })
    network.pass(299n * SECOND_NS)
    expect(network.status(requestId)?.status).toBe('replied')
    network.pass(20n * SECOND_NS)
    expect(network.status(requestId)).toBeUndefined()
  })

  test('is received, then processing while a call is open, then replied', () => {
    const other = network.install(wasm)
    const id = network.send(canister, uc.call({ callee: other, payload: program(uc.reply), onReply: uc.reply }))
    expect(network.status(id)?.status).toBe('received')
    while (network.status(id)?.status === 'received') network.machine.run(1)
    expect(network.status(id)?.status).toBe('processing')
    network.settle()
    expect(network.status(id)?.status).toBe('replied')
  })

  test('that expired before it could run is rejected', () => {
    const id = network.send(canister, uc.reply)
    network.machine.setTime(network.machine.timeNs() + 300n * SECOND_NS)
    network.settle()
    const status = network.status(id)
    expect(status?.status === 'rejected' && status.reject.errorCode).toBe('IC0202')
  })

  test('is refused at once by a canister that is missing, empty or stopped', () => {
    expect(() => network.send(new Uint8Array([9]), uc.reply)).toThrow('IC0301')
    expect(() => network.send(network.create(), uc.reply)).toThrow('IC0537')
    network.manage('stop_canister', ARGUMENTS.CanisterId, idArg(canister))
    expect(() => network.send(canister, uc.reply)).toThrow('IC0508')
  })

  test('is refused when it is larger than 2 MiB or the 501st of its sender', () => {
    expect(() => network.send(canister, new Uint8Array(2 * 1024 * 1024))).toThrow('IC0408')
    for (let i = 0; i < 500; i++) network.send(canister, uc.reply)
    expect(() => network.send(canister, uc.reply)).toThrow('IC0201')
    network.send(canister, uc.reply, { sender: BOB })
    network.settle()
    network.send(canister, uc.reply)
  })
})

describe('the clock', () => {
  test('never goes back', () => {
    const canister = network.install(uc.universalWasm())
    const time = () => longOf(network.update(canister, program(uc.sayTime, uc.reply)))
    const first = time()
    network.machine.setTime(START_NS - SECOND_NS)
    expect(time()).toBeGreaterThan(first)
    network.machine.setTime(START_NS + SECOND_NS)
    expect(time()).toBe(START_NS + SECOND_NS)
  })
})

test('canisters take turns', () => {
  const wasm = uc.universalWasm()
  const [busy, quiet] = [network.install(wasm), network.install(wasm)]
  for (let i = 0; i < 50; i++) network.send(busy, uc.reply)
  const id = network.send(quiet, uc.reply)
  network.machine.run(5)
  expect(network.status(id)?.status).toBe('replied')
})
