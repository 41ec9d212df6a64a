import { Actor, HttpAgent } from '@dfinity/agent'
import { IDL } from '@dfinity/candid'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { Principal } from '@dfinity/principal'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCertifier, DEVELOPMENT_ROOT_SECRET } from '../certificates/index.ts'
import { deploy } from '../host/deploy.fixture.ts'
import { tallyWasm } from '../host/tally.fixture.ts'
import { ALICE, BOB, MANAGEMENT, SECOND_NS, textOf } from '../state-machine/network.fixture.ts'
import * as uc from '../state-machine/universal-canister.fixture.ts'
import { openSimulated, type Simulated, text } from './simulated.fixture.ts'

const { program } = uc

/** Canisters that call each other and the management canister, timers, waits with an end, traps; whatever the seed decides. */
function live(net: Simulated, steps: number): void {
  const canisters = [net.install(), net.install({ heartbeat: true }), net.install()]
  const pick = () => canisters[net.prng.below(canisters.length)] ?? MANAGEMENT
  const inner = () =>
    program(uc.addToHeap(1), uc.say(net.prng.bytes(8)), uc.writeStable(net.prng.below(5000)), uc.reply)
  for (let step = 0; step < steps; step++) {
    const programs = [
      inner(),
      program(uc.call({ callee: pick(), payload: inner(), onReply: program(uc.sayArgument, uc.log, uc.reply) })),
      program(
        uc.call({ callee: MANAGEMENT, method: 'raw_rand', onReply: program(uc.sayArgument, uc.certify, uc.reply) }),
      ),
      program(uc.call({ callee: pick(), payload: uc.trap, timeout: 1, onReject: program(uc.sayReject, uc.reply) })),
      program(uc.onTimer(uc.addToHeap(1)), uc.setTimer(SECOND_NS), uc.reply),
    ]
    net.start(
      pick(),
      programs[net.prng.below(programs.length)] ?? program(uc.reply),
      net.prng.chance(0.5) ? ALICE : BOB,
    )
    for (let count = net.prng.below(4); count > 0; count--) {
      const { length } = net.deliverable()
      if (length > 0) net.deliver(net.prng.below(length))
    }
    if (net.prng.chance(0.1)) net.advance(BigInt(net.prng.below(3)) * SECOND_NS)
    if (net.prng.chance(0.02)) net.restart()
  }
  net.settle()
}

function traceOf(seed: string) {
  const net = openSimulated({ seed })
  live(net, 60)
  return { digest: net.digest(), meters: net.meters(), timeNs: net.machine().timeNs() }
}

describe('a seed', () => {
  test('makes the same run, to the last bit and instruction', () => {
    const first = traceOf('17')
    expect(traceOf('17')).toEqual(first)
    expect(first.meters.length).toBeGreaterThan(60)
  })

  test('makes another run than another seed', () => {
    expect(traceOf('18').digest).not.toBe(traceOf('17').digest)
  })
})

test('a restart between any two messages changes nothing', () => {
  const net = openSimulated({ seed: 'restart' })
  live(net, 30)
  const other = net.install()
  const quick = net.install()
  net.start(other, program(uc.call({ callee: other, payload: uc.hold, timeout: 5, onReject: uc.trap })))
  net.start(quick, program(uc.call({ callee: other, payload: program(uc.addToHeap(1), uc.reply), onReply: uc.reply })))
  for (let count = 0; count < 40; count++) {
    const { digest, deliverable } = { digest: net.digest(), deliverable: net.deliverable() }
    net.restart()
    expect(net.digest()).toBe(digest)
    expect(net.deliverable()).toEqual(deliverable)
    net.deliver(net.prng.below(deliverable.length))
    net.advance(SECOND_NS / 4n)
  }
})

describe('what can be delivered', () => {
  test('is listed with who sent it and what runs', () => {
    const net = openSimulated({ seed: 'list' })
    const [a, b] = [net.install(), net.install({ heartbeat: true })]
    net.settle()
    const ask = program(uc.call({ callee: b, payload: program(uc.reply), timeout: 1, onReply: program(uc.reply) }))
    net.start(a, ask, BOB)
    expect(net.deliverable()).toEqual([{ kind: 'ingress', canister: text(a), from: text(BOB), entry: 'run' }])
    net.deliver(0)
    expect(net.deliverable()).toEqual([{ kind: 'call', canister: text(b), from: text(a), entry: 'run' }])
    net.advance(2n * SECOND_NS)
    expect(net.deliverable()).toEqual([
      { kind: 'call', canister: text(b), from: text(a), entry: 'run' },
      { kind: 'heartbeat', canister: text(b), from: '', entry: 'canister_heartbeat' },
      { kind: 'deadline', canister: text(a), from: '', entry: 'run' },
    ])
    net.deliver(2)
    expect(net.deliverable()[0]).toEqual({
      kind: 'response',
      canister: text(a),
      from: text(b),
      entry: 'run#reject of run',
    })
    expect(() => net.deliver(99)).toThrow(RangeError)
  })

  test('keeps the calls of one canister to another in order, and lets all else overtake', () => {
    const orders = new Set<string>()
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const net = openSimulated({ seed: String(seed) })
        const [from, other, to] = [net.install(), net.install(), net.install()]
        const note = (name: string) => program(uc.say(name), uc.log, uc.reply)
        const send = (...names: readonly string[]) =>
          program(...names.map((name) => uc.call({ callee: to, payload: note(name) })), uc.reply)
        net.start(from, send('1', '2', '3'))
        net.start(other, send('x'))
        net.start(to, note('ingress'))
        net.settle()
        const arg = new Uint8Array(
          IDL.encode([IDL.Record({ canister_id: IDL.Principal })], [{ canister_id: Principal.fromUint8Array(to) }]),
        )
        const logs = net.machine().query({ sender: ALICE, canisterId: MANAGEMENT, method: 'fetch_canister_logs', arg })
        const order =
          textOf(logs)
            .match(/[123x]|ingress/gu)
            ?.join('') ?? ''
        orders.add(order)
        expect(order.replaceAll(/x|ingress/gu, '')).toBe('123')
      }),
      { numRuns: 12, seed: 3 },
    )
    expect(orders.size).toBeGreaterThan(3)
  })
})

test('an agent works on it through `fetch`, with every certificate checked', async () => {
  const net = openSimulated({ seed: 'agent' })
  const { rootKeyDer } = createCertifier(DEVELOPMENT_ROOT_SECRET)
  const agent = await HttpAgent.create({
    host: 'http://127.0.0.1',
    fetch: net.fetch,
    rootKey: new Uint8Array(rootKeyDer),
    identity: Ed25519KeyIdentity.generate(new Uint8Array(32).fill(1)),
    retryTimes: 0,
  })
  net.advance(BigInt(Date.now()) * 1_000_000n - net.machine().timeNs())
  const work = deploy(agent, tallyWasm())
  const over = new AbortController()
  void work.finally(() => over.abort())
  const turns = async () => {
    while (!over.signal.aborted) {
      await new Promise((resolve) => setImmediate(resolve))
      net.settle()
    }
  }
  const [id] = await Promise.all([work, turns()])
  const service = () => IDL.Service({ count: IDL.Func([IDL.Nat32], [IDL.Nat32], ['query']) })
  const actor = Actor.createActor<{ count(n: number): Promise<number> }>(service, { agent, canisterId: id })
  expect(await actor.count(1)).toBe(0)
})
