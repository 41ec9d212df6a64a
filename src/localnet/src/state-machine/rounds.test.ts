import { Principal } from '@dfinity/principal'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Outcome } from '../contracts.ts'
import { ARGUMENTS } from '../management/candid.ts'
import { callingManagement, encode } from '../management/through-canister.fixture.ts'
import { canisterIdOf } from '../subnets/index.ts'
import {
  ALICE,
  idArg,
  longOf,
  MANAGEMENT,
  numberOf,
  openNetwork,
  replyOf,
  SECOND_NS,
  type TestNetwork,
  textOf,
} from './network.fixture.ts'
import { AT_ROOT, installAt, openSpread, SUBNETS } from './subnets.fixture.ts'
import * as uc from './universal-canister.fixture.ts'

const { program } = uc
const TRILLION = 1_000_000_000_000n
const MIB = 1024 * 1024
let network: TestNetwork
let here: Uint8Array
let near: Uint8Array
let far: Uint8Array
beforeEach(() => {
  ;({ network, here, near, far } = openSpread())
})

const nameOf = (id: Uint8Array) => Principal.fromUint8Array(id).toText()
const note = (text: string) => program(uc.say(text), uc.log, uc.reply)
const passOn = program(uc.sayArgument, uc.reply)
const passReject = program(uc.sayReject, uc.reply)
const heapTotal = (id: Uint8Array) => numberOf(network.query(id, program(uc.sayHeap, uc.reply)))
const balanceOf = (id: Uint8Array) => network.statusOf(id).cycles

/** Who ran, in order; `here`, `near` and `far` by their names. */
function ran(): string[] {
  const names = new Map(Object.entries({ here, near, far }).map(([name, id]) => [nameOf(id), name]))
  return network.machine.takeMeters().map(({ canisterId, entry }) => `${names.get(canisterId) ?? canisterId} ${entry}`)
}

describe('a call to another subnet', () => {
  test('brings payload, caller and answer there and back', () => {
    const payload = program(uc.sayCaller, uc.reply)
    expect(replyOf(network.update(here, uc.call({ callee: far, payload, onReply: passOn })))).toEqual(here)
    const rejecting = uc.call({ callee: far, payload: program(uc.say('no'), uc.rejectCall), onReject: passReject })
    const outcome = network.update(here, rejecting)
    expect([numberOf(outcome), textOf(outcome).slice(4)]).toEqual([4, 'no'])
  })

  test('and its answer take a round each, in which what is on their subnets runs first', () => {
    const work = Array.from({ length: 3 }, () => program(uc.addToHeap(1), uc.reply))
    const chat = (callee: Uint8Array) => {
      network.send(here, uc.call({ callee, payload: program(uc.reply), onReply: uc.reply }))
      for (const each of work) network.send(here, each)
      network.settle()
      return ran()
    }
    expect(chat(far)).toEqual(['here run', 'here run', 'here run', 'here run', 'far run', 'here run#reply of run'])
    // On one subnet the callee has its turn at once.
    expect(chat(near).indexOf('near run')).toBe(1)
  })

  test('runs a round later than a call that stays, whatever was sent first', () => {
    const both = program(
      uc.call({ callee: far, payload: program(uc.reply), onReply: uc.say('') }),
      uc.call({ callee: near, payload: program(uc.reply), onReply: program(uc.clear, uc.say('near first'), uc.reply) }),
    )
    expect(textOf(network.update(here, both))).toBe('near first')
    expect(ran()).toEqual(['here run', 'near run', 'here run#reply of run', 'far run', 'here run#reply of run'])
  })

  test('is not held up for ever by a subnet that never rests', () => {
    const restless = program(uc.onTimer(uc.setTimer(0n)), uc.setTimer(0n), uc.reply)
    network.send(near, restless)
    const id = network.send(here, uc.call({ callee: far, payload: note(''), onReply: uc.reply }))
    for (let count = 0; network.status(id)?.status !== 'replied' && count < 4000; count++) network.machine.run(1)
    expect(network.status(id)?.status).toBe('replied')
  })

  test('starts after the calls that the same canister made before it', () => {
    const append = (value: number) =>
      uc.call({ callee: far, payload: program(uc.addToHeap(value), uc.sayHeap, uc.log, uc.reply) })
    network.update(here, program(append(1), append(10), append(100), uc.reply))
    network.settle()
    expect(network.logsOf(far).map((line) => Buffer.from(line).readUInt32LE())).toEqual([1, 11, 111])
  })

  test('to a canister that is not there comes back with code 3 and its cycles, a round later', () => {
    const missing = canisterIdOf(0x8000_0000_0030_0005n)
    const onReject = program(uc.sayReject, uc.sayRefund, uc.reply)
    const outcome = network.update(here, uc.call({ callee: missing, cycles: TRILLION, onReject }))
    expect(numberOf(outcome)).toBe(3)
    expect(Buffer.from(replyOf(outcome)).readBigUInt64LE(replyOf(outcome).length - 16)).toBe(TRILLION)
  })

  test('to an id that no subnet has is turned back at once', () => {
    network.send(here, uc.call({ callee: ALICE, onReject: passReject }))
    network.machine.run(1)
    expect(network.machine.deliverable().map(({ kind }) => kind)).toEqual(['response'])
  })

  test('carries cycles, and what is not accepted comes back', () => {
    const before = balanceOf(far)
    const payload = program(uc.acceptCycles(TRILLION), uc.reply)
    const onReply = program(uc.sayRefund, uc.reply)
    expect(longOf(network.update(here, uc.call({ callee: far, cycles: 3n * TRILLION, payload, onReply })))).toBe(
      2n * TRILLION,
    )
    expect(balanceOf(far) - before).toBeGreaterThan(TRILLION - TRILLION / 100n)
  })

  test('finds a canister that was deleted meanwhile gone', () => {
    const stop = () => network.send(MANAGEMENT, encode(ARGUMENTS.CanisterId, idArg(far)), { method: 'stop_canister' })
    stop()
    network.settle()
    const id = network.send(here, uc.call({ callee: far, cycles: TRILLION, onReject: passReject }))
    network.machine.run(1)
    network.send(MANAGEMENT, encode(ARGUMENTS.CanisterId, idArg(far)), { method: 'delete_canister' })
    network.settle()
    const status = network.status(id)
    expect(status?.status === 'replied' && Buffer.from(status.reply).readUInt32LE()).toBe(3)
  })
})

describe('a request of more than 2 MiB', () => {
  const CALLEE_AT = 512
  const NAME_AT = 600
  const BODY_AT = 700
  const large = (callee: Uint8Array, bytes: number) => {
    const body = program(uc.sayReject, uc.sayRefund, uc.reply)
    const length = Buffer.alloc(4)
    length.writeUInt32LE(body.length)
    return program(
      uc.growMemory(200),
      uc.store(CALLEE_AT, callee),
      uc.store(NAME_AT, 'absent'),
      uc.store(BODY_AT, new Uint8Array(Buffer.concat([length, body]))),
      uc.invoke('call_new', CALLEE_AT, callee.length, NAME_AT, 6, 0, BODY_AT, 1, BODY_AT),
      uc.invoke('call_cycles_add', 1000n),
      uc.invoke('call_data_append', 0, bytes - 6),
      uc.invoke('call_perform'),
      uc.clear,
    )
  }
  const told = (outcome: Outcome) => {
    const bytes = Buffer.from(replyOf(outcome))
    return { code: bytes.readUInt32LE(), text: bytes.toString(), refund: bytes.readBigUInt64LE(bytes.length - 16) }
  }

  test('is turned back at the border of its subnet with code 5, and its cycles with it', () => {
    const { code, text, refund } = told(network.update(here, large(far, 2 * MIB + 1)))
    expect([code, refund]).toEqual([5, 1000n])
    expect(text).toContain('to another subnet is larger than 2097152 bytes')
  })

  test('travels within a subnet, and 2 MiB travel anywhere', () => {
    for (const [callee, bytes] of [
      [near, 10 * MIB],
      [far, 2 * MIB],
    ] as const) {
      expect(told(network.update(here, large(callee, bytes))).text).toContain("no update method 'absent'")
    }
  })
})

describe('a call with bounded wait', () => {
  const asked = (timeout: number) =>
    uc.call({
      callee: far,
      payload: program(uc.addToHeap(1), uc.say('late'), uc.reply),
      timeout,
      onReply: passOn,
      onReject: passReject,
    })
  const codeOf = (id: Uint8Array) => {
    const status = network.status(id)
    return status?.status === 'replied' ? Buffer.from(status.reply).readUInt32LE() : status?.status
  }

  test('that ends on the way there never runs', () => {
    const id = network.send(here, asked(5))
    network.machine.run(1)
    network.pass(6n * SECOND_NS)
    expect([codeOf(id), heapTotal(far)]).toEqual([6, 0])
  })

  test('that ends on the way back has run, and its answer is dropped', () => {
    const id = network.send(here, asked(5))
    network.machine.run(2)
    network.pass(6n * SECOND_NS)
    expect([codeOf(id), heapTotal(far)]).toEqual([6, 1])
    expect(network.machine.deliverable()).toEqual([])
  })

  test('answers in time as any other', () => {
    expect(textOf(network.update(here, asked(1)))).toBe('late')
  })
})

test('a restart between any two messages loses nothing that is on its way, and changes no order', () => {
  const hop = (callee: Uint8Array, payload: Uint8Array) =>
    program(uc.addToHeap(1), uc.call({ callee, payload, onReply: passOn }))
  const orderOf = (restarts: boolean) => {
    ;({ network, here, near, far } = openSpread())
    let of = network
    const sent = [
      of.send(here, hop(far, hop(near, hop(here, note('there'))))),
      of.send(far, hop(here, callingManagement('raw_rand', new Uint8Array(0)))),
      of.send(near, program(uc.setTimer(1n), uc.onTimer(uc.call({ callee: far, payload: note('tick') })), uc.reply)),
    ]
    const order: unknown[] = []
    for (let more = true; more;) {
      more = of.machine.run(1)
      order.push(
        of.machine.takeMeters().map(({ canisterId, entry, instructions }) => [canisterId, entry, instructions]),
      )
      if (!restarts) continue
      const digest = of.machine.digest()
      of.save()
      of = openNetwork(of.saved, of.machine.timeNs(), SUBNETS)
      expect(of.machine.digest()).toBe(digest)
    }
    expect(sent.map((id) => of.status(id)?.status)).toEqual(['replied', 'replied', 'replied'])
    return order
  }
  const undisturbed = orderOf(false)
  expect(undisturbed.length).toBeGreaterThan(12)
  expect(orderOf(true)).toEqual(undisturbed)
})

describe('what can be delivered', () => {
  test('are the first messages of each stream, which overtake each other only across streams', () => {
    const root = installAt(network, AT_ROOT)
    const three = (callee: Uint8Array) =>
      program(...['1', '2', '3'].map((text) => uc.call({ callee, payload: note(text) })))
    network.send(here, program(three(far), three(root), uc.reply))
    network.machine.run(1)
    expect(network.machine.deliverable()).toEqual([
      { kind: 'arrival', canister: nameOf(far), from: nameOf(here), entry: 'run' },
      { kind: 'arrival', canister: nameOf(root), from: nameOf(here), entry: 'run' },
    ])
    network.machine.deliver(1)
    expect(network.machine.deliverable().map(({ kind, canister }) => [kind, canister])).toEqual([
      ['call', nameOf(root)],
      ['arrival', nameOf(far)],
      ['arrival', nameOf(root)],
    ])
    while (network.machine.deliverable().length > 0) network.machine.deliver(network.machine.deliverable().length - 1)
    expect(network.logsOf(far)).toEqual(['1', '2', '3'])
    expect(network.logsOf(root)).toEqual(['1', '2', '3'])
  })
})
