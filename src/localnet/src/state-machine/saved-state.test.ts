import { createHash } from 'node:crypto'
import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { ARGUMENTS } from '../management/candid.ts'
import {
  ALICE,
  idArg,
  MANAGEMENT,
  numberOf,
  openNetwork,
  replyOf,
  SECOND_NS,
  START_NS,
  type TestNetwork,
  textOf,
} from './network.fixture.ts'
import * as uc from './universal-canister.fixture.ts'

const { program } = uc
const wasm = uc.universalWasm()
let network: TestNetwork

beforeEach(() => {
  network = openNetwork()
})

const heapTotal = (of: TestNetwork, id: Uint8Array) => numberOf(of.query(id, program(uc.sayHeap, uc.reply)))

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Everything a network shows of itself. */
function picture(of: TestNetwork): unknown {
  const { machine } = of
  return machine.canisterIds().map((id) => {
    const dump = machine.dump(id)
    return {
      id: Buffer.from(id).toString('hex'),
      facts: machine.canister(id),
      heap: dump === null ? null : digest(dump.heap),
      stable: dump?.stable.toSorted(([a], [b]) => a - b).map(([page, bytes]) => [page, digest(bytes)]),
      due: machine.nextDueNs(),
      time: machine.timeNs(),
      logs: of.logsOf(id),
    }
  })
}

/** As after `kill -9`: all that is left is what was stored, and the clock on the wall. */
const restored = (of: TestNetwork): TestNetwork => {
  of.save()
  return openNetwork(of.saved, of.machine.timeNs())
}

describe('a network opened from its stored state', () => {
  test('is the same after every single message', () => {
    const canister = network.install(wasm)
    const other = network.install(wasm)
    const steps = [
      program(uc.addToHeap(1), uc.growMemory(2), uc.reply),
      program(uc.say('stable'), uc.writeStable(5000), uc.certify, uc.log, uc.reply),
      program(uc.onTimer(uc.addToHeap(1)), uc.setTimer(5n * SECOND_NS), uc.reply),
      program(uc.trap),
      uc.call({
        callee: other,
        payload: program(uc.addToHeap(2), uc.reply),
        timeout: 100,
        onReply: program(
          uc.call({ callee: MANAGEMENT, method: 'raw_rand', onReply: program(uc.sayArgument, uc.log, uc.reply) }),
        ),
      }),
    ]
    for (const step of steps) {
      network.send(canister, step)
      let more = true
      while (more) {
        more = network.machine.run(1)
        expect(picture(restored(network))).toEqual(picture(network))
      }
    }
    expect(heapTotal(network, other)).toBe(2)
  })

  test('goes on with queues, open calls and their callbacks as if nothing had happened', () => {
    const canister = network.install(wasm)
    const other = network.install(wasm)
    const onReply = program(uc.addToHeap(1), uc.sayArgument, uc.reply)
    const id = network.send(
      canister,
      uc.call({ callee: other, payload: program(uc.say('came back'), uc.reply), onReply }),
    )
    network.machine.run(1)
    for (let messages = 0; messages < 10; messages++) {
      network = restored(network)
      network.machine.run(1)
    }
    const status = network.status(id)
    expect(status?.status === 'replied' && Buffer.from(status.reply).toString()).toBe('came back')
    expect(heapTotal(network, canister)).toBe(1)
  })

  test('still knows which requests it has run', () => {
    const canister = network.install(wasm)
    const requestId = new Uint8Array(32).fill(3)
    const arg = program(uc.addToHeap(1), uc.reply)
    network.update(canister, arg, { requestId })
    network = restored(network)
    const ingressExpiryNs = network.machine.timeNs() + SECOND_NS
    const verdict = network.machine.submit({
      requestId,
      sender: ALICE,
      canisterId: canister,
      method: 'run',
      arg,
      ingressExpiryNs,
    })
    expect(verdict.kind).toBe('duplicate')
    network.settle()
    expect(heapTotal(network, canister)).toBe(1)
    network.pass(600n * SECOND_NS)
    expect(network.status(requestId)).toBeUndefined()
    expect(restored(network).status(requestId)).toBeUndefined()
  })

  test('keeps timers, waits and a pending stop', () => {
    const canister = network.install(wasm)
    network.update(canister, program(uc.onTimer(uc.addToHeap(1)), uc.setTimer(10n * SECOND_NS), uc.reply))
    network = restored(network)
    network.pass(11n * SECOND_NS)
    expect(heapTotal(network, canister)).toBe(1)
    const open = network.send(canister, program(uc.hold, uc.reply))
    while (network.status(open)?.status === 'received') network.machine.run(1)
    const release = network.send(canister, program(uc.release, uc.reply))
    while (network.status(release)?.status === 'received') network.machine.run(1)
    const stop = network.send(MANAGEMENT, encodeId(canister), { method: 'stop_canister' })
    network = restored(network)
    network.settle()
    expect([open, stop].map((id) => network.status(id)?.status)).toEqual(['replied', 'replied'])
  })

  test('never gives a time or a canister id out twice', () => {
    const first = network.create()
    const time = network.machine.timeNs()
    network.save()
    network = openNetwork(network.saved, START_NS - 3600n * SECOND_NS)
    expect(network.machine.timeNs()).toBe(time)
    expect(Buffer.compare(network.create(), first)).not.toBe(0)
    expect(network.machine.timeNs()).toBeGreaterThan(time)
  })

  test('does not go back in time by more than a minute, though only the clock has moved', () => {
    network.create()
    network.save()
    network.machine.setTime(START_NS + 500n * SECOND_NS)
    network.save()
    expect(openNetwork(network.saved).machine.timeNs()).toBe(START_NS + 500n * SECOND_NS)
    network.machine.setTime(START_NS + 501n * SECOND_NS)
    expect(network.save()).toBeNull()
  })

  test('runs no init: what a canister drew at random stays', () => {
    const canister = network.install(wasm)
    network.update(
      canister,
      uc.call({
        callee: MANAGEMENT,
        method: 'raw_rand',
        onReply: program(uc.sayArgument, uc.writeStable(0), uc.reply),
      }),
    )
    const read = (of: TestNetwork) => textOf(of.query(canister, program(uc.sayStable(0, 39), uc.reply)))
    const drawn = read(network)
    expect(read(restored(network))).toBe(drawn)
  })

  test('drops the pages of a heap that an upgrade left behind', () => {
    const canister = network.install(wasm)
    network.update(canister, program(uc.growMemory(4), uc.addToHeap(9), uc.say('x'.repeat(9000)), uc.reply))
    network.save()
    replyOf(network.installCode(canister, uc.universalWasm({ variant: 2 }), { upgrade: [] }))
    expect(picture(restored(network))).toEqual(picture(network))
    const modules = [...network.saved.keys()].filter((key) => key.startsWith('module/'))
    expect(modules).toHaveLength(1)
    replyOf(network.installCode(canister, wasm, { reinstall: null }))
    expect(picture(restored(network))).toEqual(picture(network))
  })

  test('refuses what it does not understand', () => {
    expect(() => openNetwork(new Map([['surprise', new Uint8Array(1)]]))).toThrow('unknown key')
  })
})

describe('a delta', () => {
  test('is null when nothing changed, and holds little when little did', () => {
    const canister = network.install(wasm)
    network.save()
    expect(network.machine.takeDelta()).toBeNull()
    network.query(canister, program(uc.addToHeap(1), uc.reply))
    expect(network.machine.takeDelta()).toBeNull()
    network.update(canister, program(uc.addToHeap(1), uc.reply))
    const delta = network.save()
    const bytes = (delta?.puts ?? []).reduce((sum, [, value]) => sum + value.length, 0)
    expect(bytes).toBeLessThan(20_000)
    expect(delta?.puts.filter(([key]) => key.includes('/heap/')).length).toBeLessThanOrEqual(3)
  })

  test('holds a module once, however many canisters run it', () => {
    network.install(wasm)
    network.install(wasm)
    network.save()
    expect([...network.saved.keys()].filter((key) => key.startsWith('module/'))).toHaveLength(1)
  })
})

type Step = { readonly kind: 'update' | 'trap' | 'call' | 'pass' | 'upgrade' | 'restart'; readonly value: number }

test('whatever happens in whatever order, a restart changes nothing', () => {
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom('update', 'trap', 'call', 'pass', 'upgrade', 'restart'),
    value: fc.integer({ min: 1, max: 9000 }),
  })
  const canisterOf = (of: TestNetwork, value: number) => {
    const ids = of.machine.canisterIds()
    const id = ids[value % ids.length]
    if (id === undefined) throw new Error('there is no canister')
    return id
  }
  const take = (of: TestNetwork, { kind, value }: Step): TestNetwork => {
    const id = canisterOf(of, value)
    const change = program(uc.addToHeap(value), uc.say(`${value}`.repeat(40)), uc.writeStable(value))
    switch (kind) {
      case 'update':
        of.send(id, program(change, uc.reply))
        break
      case 'trap':
        of.send(id, program(change, uc.trap))
        break
      case 'call':
        of.send(
          id,
          uc.call({
            callee: canisterOf(of, value + 1),
            payload: program(change, uc.reply),
            onReply: program(change, uc.reply),
          }),
        )
        break
      case 'pass':
        of.machine.setTime(of.machine.timeNs() + BigInt(value) * SECOND_NS)
        break
      case 'upgrade':
        of.send(MANAGEMENT, installArgument(id, uc.universalWasm({ variant: value % 2 })), { method: 'install_code' })
        break
      case 'restart':
        break
    }
    of.machine.run(value % 7)
    return of
  }
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let [one, two] = [openNetwork(), openNetwork()]
      for (const of of [one, two]) {
        of.install(wasm)
        of.install(wasm)
      }
      for (const next of steps) {
        one = take(one, next)
        two = take(next.kind === 'restart' ? restored(two) : two, next)
      }
      one.settle()
      two = restored(two)
      two.settle()
      expect(picture(two)).toEqual(picture(one))
    }),
    { numRuns: 25 },
  )
})

const encodeId = (id: Uint8Array): Uint8Array => IDL.encode([ARGUMENTS.CanisterId], [idArg(id)])
const installArgument = (id: Uint8Array, module: Uint8Array): Uint8Array =>
  IDL.encode(
    [ARGUMENTS.InstallCode],
    [
      {
        mode: { upgrade: [] },
        canister_id: Principal.fromUint8Array(id),
        wasm_module: module,
        arg: new Uint8Array(0),
        sender_canister_version: [],
      },
    ],
  )
