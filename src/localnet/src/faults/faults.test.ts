import { bls12_381 } from '@noble/curves/bls12-381'
import { describe, expect, test } from 'vitest'
import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { ARGUMENTS, RESULTS } from '../management/candid.ts'
import { openSimulated, type Simulated, text } from '../simulation/simulated.fixture.ts'
import {
  ALICE,
  errorOf,
  MANAGEMENT,
  messageOf,
  numberOf,
  replyOf,
  SECOND_NS,
  textOf,
} from '../state-machine/network.fixture.ts'
import * as uc from '../state-machine/universal-canister.fixture.ts'
import { BadFaultRule, createFaults, type FaultRule } from './index.ts'

const { program } = uc
const HOUR_MS = 3_600_000

function open(...rules: readonly FaultRule[]): {
  net: Simulated
  a: Uint8Array
  b: Uint8Array
  readonly add: (rule: FaultRule) => void
} {
  const net = openSimulated({ seed: 'faults' })
  const [a, b] = [net.install(), net.install()]
  for (const rule of rules) net.faults.add(rule)
  return { net, a, b, add: (rule) => void net.faults.add(rule) }
}

/** Adds to its own heap, asks the other to add to its, and says what came back. */
const ask = (callee: Uint8Array, timeout = 0) =>
  program(
    uc.addToHeap(1),
    uc.call({
      callee,
      payload: program(uc.addToHeap(1), uc.say('answer'), uc.reply),
      onReply: program(uc.addToHeap(10), uc.sayArgument, uc.reply),
      onReject: program(uc.addToHeap(100), uc.sayReject, uc.reply),
      onCleanup: program(uc.addToHeap(1000)),
      timeout,
    }),
  )
const heapOf = (net: Simulated, id: Uint8Array) => numberOf(net.query(id, program(uc.sayHeap, uc.reply)))

describe('trapAtSyscall', () => {
  test('at every call of every run leaves the state before it, or one that a shorter run reaches', () => {
    const counting = open()
    const runs: { method: string; syscalls: number }[] = []
    counting.net.faults.watch(({ method }, { syscalls }) => runs.push({ method, syscalls }))
    replyOf(counting.net.update(counting.a, ask(counting.b)))
    expect(runs.map(({ method }) => method)).toEqual(['run', 'run', 'run#reply of run'])
    const [first, second, third] = runs.map(({ syscalls }) => syscalls)
    if (first === undefined || second === undefined || third === undefined) throw new Error('three runs')
    const heaps = (canister: 'a' | 'b', method: string, at: number) => {
      const { net, a, b, add } = open()
      add({ kind: 'trapAtSyscall', canister: text({ a, b }[canister]), method, at })
      const outcome = net.update(a, ask(b))
      return [heapOf(net, a), heapOf(net, b), outcome.kind === 'reply' ? outcome.reply.length : errorOf(outcome)]
    }
    const steps = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
    for (const at of steps(first)) expect(heaps('a', 'run', at)).toEqual([0, 0, 'IC0502'])
    for (const at of steps(second)) expect(heaps('b', 'run', at)).toEqual([101, 0, expect.any(Number)])
    // The callback is undone, its cleanup runs.
    for (const at of steps(third)) expect(heaps('a', 'run#reply of run', at)).toEqual([1001, 1, 'IC0502'])
    expect(heaps('a', 'run', first + 1)).toEqual([11, 1, 6])
  })
})

test('trapAtInstruction ends a run within its budget as if the budget had ended', () => {
  const { net, a, add } = open()
  replyOf(net.update(a, program(uc.addToHeap(1), uc.reply)))
  add({ kind: 'trapAtInstruction', canister: text(a), method: 'run', at: 700, times: 1 })
  expect(errorOf(net.update(a, program(uc.addToHeap(1), uc.reply)))).toBe('IC0522')
  expect(heapOf(net, a)).toBe(1)
  replyOf(net.update(a, program(uc.addToHeap(1), uc.reply)))
  expect(heapOf(net, a)).toBe(2)
})

test('a run that does not reach its trap counts its instructions as ever', () => {
  const plain = open()
  const planned = open({ kind: 'trapAtInstruction', at: 10_000_000 })
  const count = program(uc.sayInstructions(0), uc.reply)
  expect(replyOf(planned.net.update(planned.a, count))).toEqual(replyOf(plain.net.update(plain.a, count)))
})

test('failEnqueue makes call_perform answer 2, and nothing is sent', () => {
  const { net, a, b, add } = open()
  add({ kind: 'failEnqueue', canister: text(b), from: text(a), nth: 2 })
  const call = uc.call({ callee: b, payload: program(uc.addToHeap(1), uc.reply) })
  expect([...replyOf(net.update(a, program(call, call, call, uc.reply)))]).toEqual([0, 2, 0])
  expect(heapOf(net, b)).toBe(2)
})

describe('reject', () => {
  test.each([1, 2, 3, 4, 5, 6] as const)('with code %i, the callee run or not', (code) => {
    for (const when of ['sent', 'answered'] as const) {
      const { net, a, b, add } = open()
      add({ kind: 'reject', code, when, canister: text(b), method: 'run', from: text(a) })
      expect(numberOf(net.update(a, ask(b)))).toBe(code)
      expect([heapOf(net, a), heapOf(net, b)]).toEqual([101, when === 'sent' ? 0 : 1])
    }
  })

  test('of an ingress message refuses it at the door', () => {
    const { net, a, add } = open()
    add({ kind: 'reject', code: 2, when: 'sent', canister: text(a), nth: 1 })
    expect(() => net.start(a, uc.reply)).toThrow('IC0201')
    replyOf(net.update(a, uc.reply))
  })

  test('of a response gives the cycles back all the same', () => {
    const { net, a, b, add } = open()
    add({ kind: 'reject', code: 5, when: 'answered', canister: text(b) })
    const paid = program(
      uc.call({ callee: b, cycles: 5_000n, payload: uc.reply, onReject: program(uc.sayRefund, uc.reply) }),
    )
    expect(Buffer.from(replyOf(net.update(a, paid))).readBigUInt64LE(0)).toBe(5_000n)
  })
})

describe('delay', () => {
  test('holds a request up, and the later ones of the same two canisters behind it', () => {
    const { net, a, b, add } = open()
    add({ kind: 'delay', what: 'request', byMs: HOUR_MS, canister: text(b), from: text(a), nth: 1 })
    const note = (name: string) => program(uc.say(name), uc.log, uc.reply)
    const sends = ['1', '2'].map((name) => uc.call({ callee: b, payload: note(name) }))
    replyOf(net.update(a, program(...sends, uc.reply)))
    replyOf(net.update(b, note('ingress')))
    expect(net.deliverable()).toEqual([])
    expect(net.machine().nextDueNs()).toBeGreaterThan(net.machine().timeNs())
    net.restart()
    net.advance(BigInt(HOUR_MS) * 1_000_000n)
    net.settle()
    expect(logsOf(net, b)).toEqual(['ingress', '1', '2'])
  })

  test('of a response beyond the time its caller waits is a time-out', () => {
    const { net, a, b, add } = open()
    add({ kind: 'delay', what: 'response', byMs: 10_000, canister: text(b) })
    const request = net.start(a, ask(b, 5))
    net.settle()
    expect(net.status(request)?.status).toBe('processing')
    net.advance(6n * SECOND_NS)
    net.settle()
    const status = net.status(request)
    expect(status?.status === 'replied' ? Buffer.from(status.reply).readUInt32LE(0) : status).toBe(6)
    expect(heapOf(net, b)).toBe(1)
  })
})

describe('duplicate', () => {
  test.each([
    ['before the first has run', 0],
    ['after it', 1],
  ])('%s never runs a message again', (_name, choice) => {
    const { net, a, add } = open()
    add({ kind: 'duplicate', canister: text(a) })
    net.start(a, program(uc.addToHeap(1), uc.reply))
    const kinds = net.deliverable().map(({ kind }) => kind)
    expect(kinds).toEqual(['ingress', 'copy'])
    net.deliver(1 - choice)
    net.settle()
    expect(heapOf(net, a)).toBe(1)
  })

  test('in the order of the network comes once the message has run', () => {
    const { net, a, add } = open()
    add({ kind: 'duplicate' })
    net.start(a, program(uc.addToHeap(1), uc.reply))
    while (net.machine().run(1)) continue
    expect(net.deliverable()).toEqual([])
    expect(heapOf(net, a)).toBe(1)
  })
})

test('reorder changes the order of `run` by the seed, and keeps that of a pair', () => {
  const orderOf = (seed: string) => {
    const net = openSimulated({ seed: 'reorder', faults: createFaults(seed) })
    const [a, b] = [net.install(), net.install()]
    net.faults.add({ kind: 'reorder' })
    const note = (name: string) => program(uc.say(name), uc.log, uc.reply)
    net.start(a, program(...['1', '2', '3'].map((name) => uc.call({ callee: b, payload: note(name) })), uc.reply))
    for (const name of ['x', 'y', 'z']) net.start(b, note(name))
    while (net.machine().run(1)) continue
    return logsOf(net, b).join('')
  }
  const orders = ['1', '2', '3', '4', '5', '6'].map(orderOf)
  expect(orderOf('1')).toBe(orders[0])
  expect(new Set(orders).size).toBeGreaterThan(3)
  for (const order of orders) expect(order.replaceAll(/[xyz]/gu, '')).toBe('123')
})

describe('stop and freeze', () => {
  test('turn away the message at hand, and end in time', () => {
    for (const [kind, errorCode] of [
      ['stop', 'IC0508'],
      ['freeze', 'IC0207'],
    ] as const) {
      const { net, a, add } = open()
      add({ kind, canister: text(a), nth: 2, forMs: 60_000 })
      replyOf(net.update(a, uc.reply))
      expect(errorOf(net.update(a, uc.reply))).toBe(errorCode)
      net.advance(61n * SECOND_NS)
      replyOf(net.update(a, uc.reply))
    }
  })

  test('a canister that waits for an answer is stopping until it has it', () => {
    const { net, a, b, add } = open()
    add({ kind: 'stop', canister: text(a), method: 'run#reply of run' })
    expect(textOf(net.update(a, ask(b)))).toBe('answer')
    expect(() => net.start(a, uc.reply)).toThrow('IC0508')
  })
})

test('stableCap and heapCap refuse to grow, and what is there stays', () => {
  const { net, a, add } = open()
  replyOf(net.update(a, program(uc.say('kept'), uc.writeStable(0), uc.growMemory(2), uc.addToHeap(3), uc.reply)))
  add({ kind: 'heapCap', canister: text(a), pages: 11 })
  expect(numberOf(net.update(a, program(uc.growMemory(1), uc.reply)))).toBe(10)
  expect(numberOf(net.update(a, program(uc.growMemory(1), uc.reply)))).toBe(0xffff_ffff)
  expect(heapOf(net, a)).toBe(3)
  add({ kind: 'stableCap', canister: text(a), pages: 0 })
  expect(textOf(net.query(a, program(uc.sayStable(0, 4), uc.reply)))).toBe('kept')
  const { net: other, b, add: addThere } = open()
  addThere({ kind: 'stableCap', canister: text(b), pages: 0 })
  expect(errorOf(other.update(b, program(uc.say('x'), uc.writeStable(0), uc.reply)))).toBe('IC0502')
})

describe('clock', () => {
  const timeAt = (net: Simulated, a: Uint8Array) =>
    Buffer.from(replyOf(net.update(a, program(uc.sayTime, uc.reply)))).readBigUInt64LE(0)

  test('stands: two messages see the same time', () => {
    const { net, a, add } = open()
    const before = timeAt(net, a)
    add({ kind: 'clock', how: 'stands' })
    net.advance(SECOND_NS)
    expect([timeAt(net, a), timeAt(net, a)]).toEqual([before, before])
  })

  test('steps: each message is a nanosecond later', () => {
    const { net, a, add } = open()
    add({ kind: 'clock', how: 'steps' })
    const before = timeAt(net, a)
    net.advance(SECOND_NS)
    expect(timeAt(net, a)).toBe(before + 1n)
  })

  test('clockJump: leaps before a message runs', () => {
    const { net, a, add } = open()
    const before = timeAt(net, a)
    add({ kind: 'clockJump', canister: text(a), nth: 2, byMs: 60_000 })
    expect(timeAt(net, a) - before).toBeLessThan(SECOND_NS)
    expect(timeAt(net, a) - before).toBeGreaterThanOrEqual(60n * SECOND_NS)
  })
})

describe('raw_rand', () => {
  test('can be rejected', () => {
    const { net, a, add } = open()
    add({ kind: 'rawRand', from: text(a), times: 1 })
    const draw = program(
      uc.call({
        callee: MANAGEMENT,
        method: 'raw_rand',
        onReply: program(uc.sayArgument, uc.reply),
        onReject: program(uc.sayReject, uc.reply),
      }),
    )
    expect(numberOf(net.update(a, draw))).toBe(2)
    const [bytes] = IDL.decode([RESULTS.Bytes], replyOf(net.update(a, draw)))
    expect(bytes).toHaveLength(32)
  })
})

test('chance and times: as often as the seed says, and no oftener than allowed', () => {
  const countOf = (seed: string) => {
    const faults = createFaults(seed)
    faults.add({ kind: 'failEnqueue', chance: 0.25, times: 40 })
    const hits = Array.from({ length: 400 }, () =>
      faults.hooks.failsToEnqueue({ canister: 'x', method: 'y', from: 'z' }),
    )
    return hits.map(Number).join('')
  }
  expect(countOf('1')).toBe(countOf('1'))
  expect(countOf('1')).not.toBe(countOf('2'))
  expect(countOf('1').replaceAll('0', '')).toHaveLength(40)
})

test.each([
  [null],
  [[]],
  [{}],
  [{ kind: 'nothing' }],
  [{ kind: '__proto__' }],
  [{ kind: 'trapAtSyscall' }],
  [{ kind: 'trapAtSyscall', at: 0 }],
  [{ kind: 'trapAtSyscall', at: 1.5 }],
  [{ kind: 'trapAtSyscall', at: 1, extra: 1 }],
  [{ kind: 'reject', code: 7, when: 'sent' }],
  [{ kind: 'failEnqueue', chance: 2 }],
  [{ kind: 'failEnqueue', nth: -1 }],
  [{ kind: 'failEnqueue', method: 7 }],
  [{ kind: 'vetkd', how: 'stall' }],
  [{ kind: 'vetkd', how: 'reject', byMs: 5 }],
])('what is no rule is refused: %j', (rule) => {
  expect(() => createFaults('1').add(rule as unknown as FaultRule)).toThrow(BadFaultRule)
})

function logsOf(net: Simulated, id: Uint8Array): readonly string[] {
  const arg = new Uint8Array(
    IDL.encode([IDL.Record({ canister_id: IDL.Principal })], [{ canister_id: Principal.fromUint8Array(id) }]),
  )
  const outcome = net.machine().query({ sender: ALICE, canisterId: MANAGEMENT, method: 'fetch_canister_logs', arg })
  if (outcome.kind === 'reject') throw new Error(messageOf(outcome))
  const [logs] = IDL.decode([RESULTS.Logs], outcome.reply) as unknown as [
    { canister_log_records: { content: Uint8Array }[] },
  ]
  return logs.canister_log_records.map(({ content }) => Buffer.from(content).toString())
}

describe('vetkd', () => {
  const KEY = { curve: { bls12_381_g2: null }, name: 'dfx_test_key' }
  const input = new Uint8Array(4)
  const transportKey = bls12_381.G1.Point.BASE.toBytes(true)
  const arg = new Uint8Array(
    IDL.encode(
      [ARGUMENTS.VetKdDeriveKey],
      [{ input, context: new Uint8Array(), key_id: KEY, transport_public_key: transportKey }],
    ),
  )
  const derive = program(
    uc.call({
      callee: MANAGEMENT,
      method: 'vetkd_derive_key',
      payload: arg,
      cycles: 10_000_000_000n,
      onReply: program(uc.sayArgument, uc.reply),
      onReject: program(uc.sayReject, uc.reply),
    }),
  )

  test('can be rejected, or take its time', () => {
    const { net, a, add } = open()
    add({ kind: 'vetkd', how: 'reject', from: text(a), times: 1 })
    expect(numberOf(net.update(a, derive))).toBe(4)
    add({ kind: 'vetkd', how: 'stall', byMs: 60_000, times: 1 })
    const request = net.start(a, derive)
    net.settle()
    expect(net.status(request)).toEqual({ status: 'processing' })
    net.advance(60n * SECOND_NS)
    net.settle()
    expect(net.status(request)?.status).toBe('replied')
  })

  test('can give the key of another input, well formed and of no use', () => {
    const encryptedKeys = [false, true].map((isWrong) => {
      const { net, a, add } = open()
      if (isWrong) add({ kind: 'vetkd', how: 'wrongKey', from: text(a) })
      const [{ encrypted_key: key }] = IDL.decode(
        [RESULTS.EncryptedKey],
        replyOf(net.update(a, derive)),
      ) as unknown as [{ encrypted_key: Uint8Array }]
      return key
    })
    const [right, wrong] = encryptedKeys
    // The blinding comes from the seed: the first two parts are equal, the third is another key.
    expect(wrong?.slice(0, 144)).toEqual(right?.slice(0, 144))
    expect(wrong?.slice(144)).not.toEqual(right?.slice(144))
  })
})
