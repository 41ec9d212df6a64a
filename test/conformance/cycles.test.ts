// Cycles: interface specification, "Cycles", "Cycle cost calculation", `deposit_cycles`, `provisional_top_up_canister`; cases after the
// group "cycles" of the reference implementation's acceptance tests (dfinity/ic-hs, src/IC/Test/Spec.hs). Prices are those of a subnet of
// 13 nodes, from the replica's `subnet_config.rs`.
import {
  acceptCycles,
  addToHeap,
  appendReply,
  burn,
  call,
  clear,
  growMemory,
  hold,
  invoke,
  program,
  rejectCall,
  reply,
  say,
  sayArgument,
  sayBalance,
  sayBytes,
  sayHeap,
  sayRefund,
  sayReject,
  sendReply,
  store,
  trap,
  universalWasm,
} from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeArgument, settingsOf } from './management.fixture.ts'
import { amountOf, errorOf, longOf, numberOf, openReplica, type Replica, replyOf } from './replica.fixture.ts'
import { MANAGEMENT } from './request.fixture.ts'

let ic: Replica
let payer: Uint8Array
let payee: Uint8Array
const wasm = universalWasm()
const B = 1_000_000_000n
const T = 1000n * B
beforeAll(async () => {
  ic = await openReplica()
  payer = await ic.deploy(wasm)
  payee = await ic.deploy(wasm)
})
afterAll(() => ic.close())

const AT = 2048
/** A function that writes an amount of 16 bytes, into the buffer. */
const amount = (name: Parameters<typeof invoke>[0], ...operands: readonly (number | bigint)[]) =>
  program(invoke(name, ...operands, AT), sayBytes(AT, 16))
const balance = program(clear, sayBalance, reply)
const cyclesOf = async (id: Uint8Array) => (await ic.statusOf(id)).cycles
const passOn = program(sayArgument, reply)

describe('the balance', () => {
  test('is what a canister was created with, less what it has cost', async () => {
    const id = await ic.create({}, 5n * T)
    expect(5n * T - (await cyclesOf(id)) < B).toBe(true)
    const large = await ic.create({}, 1n << 70n)
    expect((1n << 70n) - (await cyclesOf(large)) < B).toBe(true)
  })

  test('is seen by updates, queries, init and callbacks, in 64 bits and in 128', async () => {
    const both = program(clear, invoke('canister_cycle_balance'), amount('canister_cycle_balance128'), reply)
    const answered = { callee: payee, method: 'ask', payload: program(sendReply) }
    for (const outcome of [
      await ic.update(payer, both),
      await ic.query(payer, both),
      await ic.update(payer, call({ ...answered, onReply: both })),
    ]) {
      expect(amountOf(outcome, 8)).toBe(longOf(outcome))
      expect(longOf(outcome) > T).toBe(true)
    }
  })

  test('that does not fit into 64 bits traps the functions of 64 bits', async () => {
    const id = await ic.create({}, 1n << 70n)
    replyOf(await ic.install(id, wasm))
    expect(amountOf(await ic.query(id, balance)) > 1n << 69n).toBe(true)
    expect(errorOf(await ic.query(id, program(invoke('canister_cycle_balance'), reply)))).toBe('5 IC0504')
    const sent = call({
      callee: payee,
      payload: program(invoke('msg_cycles_available'), reply),
      onReject: program(sayReject, reply),
    })
    expect(sent.length).toBeGreaterThan(0)
  })

  test('grows by what anybody puts in, on a development network', async () => {
    const id = await ic.create({}, T)
    replyOf(await ic.manage('provisional_top_up_canister', { canister_id: id, amount: 3n * T }))
    expect((await cyclesOf(id)) > 3n * T).toBe(true)
  })

  test('falls with every update: its base price, its bytes, its instructions; and with no query', async () => {
    /** The balance before and after, as queries see it. */
    const costOf = async (act: () => Promise<unknown>) => {
      const before = amountOf(await ic.query(payee, balance))
      await act()
      return before - amountOf(await ic.query(payee, balance))
    }
    const small = await costOf(() => ic.update(payee, program(reply)))
    expect(small > 6_000_000n && small < 20_000_000n).toBe(true)
    const large = await costOf(() => ic.update(payee, program(say(new Uint8Array(10_000)), reply)))
    expect(large > small + 20_000_000n).toBe(true)
    expect((await costOf(() => ic.query(payee, program(say(new Uint8Array(10_000)), reply)))) < 1_000_000n).toBe(true)
  })
})

describe('sending cycles', () => {
  /** Sends `cycles` to a program, and answers what came back. */
  const send = (cycles: bigint, payload: Uint8Array, back = program(clear, sayRefund, reply)) =>
    ic.update(payer, call({ callee: payee, payload, cycles, onReply: back, onReject: back }))

  test.each<[string, bigint, bigint]>([
    ['all', 2n * B, 2n * B],
    ['a part', B, B],
    ['more than was sent', 1n << 62n, 2n * B],
    ['nothing', 0n, 0n],
  ])('the callee takes %s, the rest comes back', async (_what, asked, taken) => {
    const payload = program(clear, acceptCycles(asked), reply)
    expect(amountOf(await send(2n * B, payload))).toBe(2n * B - taken)
    expect(amountOf(await send(2n * B, payload, passOn))).toBe(taken)
  })

  test('what is left can be seen, taken in steps, and is gone after the answer', async () => {
    const steps = program(
      clear,
      amount('msg_cycles_available128'),
      acceptCycles(B),
      invoke('msg_cycles_available'),
      invoke('msg_cycles_accept', B / 2n),
      amount('msg_cycles_available128'),
      appendReply,
      sendReply,
      invoke('msg_cycles_accept', B),
      addToHeap(0),
    )
    const seen = await send(2n * B, steps, passOn)
    expect([amountOf(seen), amountOf(seen, 16), longOf(seen, 32), longOf(seen, 40), amountOf(seen, 48)]).toEqual([
      2n * B,
      B,
      B,
      B / 2n,
      B / 2n,
    ])
    expect(amountOf(await send(2n * B, steps))).toBe(B / 2n)
    const late = program(clear, sendReply, amount('msg_cycles_available128'), acceptCycles(B))
    expect(amountOf(await send(2n * B, late))).toBe(2n * B)
  })

  test.each<[string, Uint8Array]>([
    ['rejects', program(rejectCall)],
    ['takes them and traps', program(acceptCycles(B), trap)],
    ['does not answer', program()],
  ])('all come back from a callee that %s', async (_what, payload) => {
    expect(amountOf(await send(B, payload))).toBe(B)
  })

  test('what was taken stays taken though the call is rejected', async () => {
    expect(amountOf(await send(2n * B, program(acceptCycles(B), rejectCall)))).toBe(B)
  })

  test('a query may be paid too', async () => {
    const paid = call({
      callee: payee,
      method: 'ask',
      payload: program(clear, acceptCycles(B), reply),
      cycles: B,
      onReply: passOn,
    })
    expect(amountOf(await ic.update(payer, paid))).toBe(B)
  })

  test('they leave the balance at once, and come back if the call is not made', async () => {
    const start = program(store(1024, 'x'), invoke('call_new', 0, 0, 1024, 1, 0, 0, 0, 0))
    const attached = program(start, invoke('call_cycles_add128', 0n, T))
    const outcome = await ic.update(payer, program(clear, sayBalance, attached, sayBalance, start, sayBalance, reply))
    expect([amountOf(outcome) - amountOf(outcome, 16), amountOf(outcome, 32)]).toEqual([T, amountOf(outcome)])
    const before = await cyclesOf(payer)
    replyOf(await ic.update(payer, program(attached, reply)))
    expect(before - (await cyclesOf(payer)) < B).toBe(true)
  })

  test('more than there are traps, and so does relaying what was not taken', async () => {
    const start = program(store(1024, 'x'), invoke('call_new', 0, 0, 1024, 1, 0, 0, 0, 0))
    expect(errorOf(await ic.update(payer, program(start, invoke('call_cycles_add128', 1n, 0n), reply)))).toBe(
      '5 IC0504',
    )
    expect(errorOf(await ic.update(payer, program(start, invoke('call_cycles_add', 2n ** 63n), reply)))).toBe(
      '5 IC0504',
    )
  })

  test('they can be taken in a callback, until the answer', async () => {
    const later = call({
      callee: payer,
      method: 'ask',
      payload: program(sendReply),
      onReply: program(clear, acceptCycles(B), reply),
    })
    expect(amountOf(await send(2n * B, later, passOn))).toBe(B)
    expect(amountOf(await send(2n * B, later))).toBe(B)
  })

  test('deposit_cycles gives them to any canister', async () => {
    const id = await ic.create({}, T)
    const payload = encodeArgument('deposit_cycles', { canister_id: id })
    const deposit = call({
      callee: MANAGEMENT,
      method: 'deposit_cycles',
      payload,
      cycles: 2n * T,
      onReply: program(clear, sayRefund, reply),
    })
    expect(amountOf(await ic.update(payer, deposit))).toBe(0n)
    expect((await cyclesOf(id)) > 29n * (T / 10n)).toBe(true)
  })

  test('a bounded wait that ends loses them', async () => {
    const slow = await ic.deploy(wasm)
    const back = program(clear, sayRefund, reply)
    const waiting = call({ callee: slow, payload: program(hold), cycles: B, timeout: 1, onReply: back, onReject: back })
    expect(amountOf(await ic.update(payer, waiting))).toBe(0n)
  })
})

describe('burning cycles', () => {
  test('takes what is asked and says how much', async () => {
    const before = await cyclesOf(payer)
    expect(amountOf(await ic.update(payer, program(clear, burn(T), reply)))).toBe(T)
    expect(before - (await cyclesOf(payer)) >= T).toBe(true)
  })

  test('stops at what may be spent', async () => {
    const id = await ic.deploy(wasm, {}, 2n * T)
    const burned = amountOf(await ic.update(id, program(clear, burn(1n << 62n), reply)))
    expect(burned > T && burned < 2n * T).toBe(true)
  })
})

describe('prices that a canister can ask for', () => {
  test('of a call: its parts, and the instructions of a callback', async () => {
    const price = async (name: bigint, payload: bigint) =>
      amountOf(await ic.query(payer, program(clear, amount('cost_call', name, payload), reply)))
    const empty = await price(0n, 0n)
    expect((await price(10n, 90n)) - empty).toBe(100n * 1000n)
    expect(empty).toBe(260_000n + 1000n * 2_097_152n + 5_000_000n + 40_000_000_000n)
  })

  test('of a new canister', async () => {
    expect(amountOf(await ic.query(payer, program(clear, amount('cost_create_canister'), reply)))).toBe(
      500_000_000_000n,
    )
  })

  test('of an HTTP outcall', async () => {
    const asked = amountOf(await ic.query(payer, program(clear, amount('cost_http_request', 100n, 1000n), reply)))
    expect(asked).toBe((3_000_000n + 60_000n * 13n + 400n * 100n + 800n * 1000n) * 13n)
  })

  test('of a derived key: known, of another curve, and unknown', async () => {
    const asked = (key: string, curve: number) =>
      program(
        clear,
        store(1024, key),
        invoke('cost_vetkd_derive_key', 1024, key.length, curve, AT),
        sayBytes(AT, 16),
        reply,
      )
    const known = await ic.query(payer, asked('test_key_1', 0))
    expect([numberOf(known), amountOf(known, 4)]).toEqual([0, 10n * B])
    expect(numberOf(await ic.query(payer, asked('test_key_1', 7)))).toBe(1)
    expect(numberOf(await ic.query(payer, asked('no such key', 0)))).toBe(2)
  })
})

describe('a canister without enough cycles', () => {
  test('is frozen: it takes no calls and no queries, until it is topped up', async () => {
    const id = await ic.deploy(wasm, {}, T)
    replyOf(await ic.update(id, program(addToHeap(1), reply)))
    // What it burns for its memory in three thousand years is more than it has.
    const settings = settingsOf({ freezing_threshold: 100_000_000_000n })
    replyOf(await ic.manage('update_settings', { canister_id: id, settings }))
    expect(errorOf(await ic.update(id, program(reply)))).toBe('2 IC0207')
    expect(errorOf(await ic.query(id, program(reply)))).toBe('2 IC0207')
    const told = call({ callee: id, payload: program(reply), onReject: program(clear, sayReject, reply) })
    expect(numberOf(await ic.update(payer, told))).toBe(2)
    // Small changes of settings are free, so that it can be rescued.
    const rescue = settingsOf({ freezing_threshold: 0n })
    replyOf(await ic.manage('update_settings', { canister_id: id, settings: rescue }))
    expect(numberOf(await ic.query(id, program(clear, sayHeap, reply)))).toBe(1)
  })

  test('cannot run a message that it could not pay in full', async () => {
    const id = await ic.deploy(wasm, { freezing_threshold: 0n }, 500n * B)
    // Burns all that this message does not hold for itself: less than the next one would have to hold.
    replyOf(await ic.update(id, program(burn(T), reply)))
    expect(errorOf(await ic.update(id, program(reply)))).toBe('2 IC0207')
    expect((await ic.query(id, program(reply))).kind).toBe('reply')
    replyOf(await ic.manage('provisional_top_up_canister', { canister_id: id, amount: T }))
    replyOf(await ic.update(id, program(reply)))
  })

  test('cannot make a call whose answer it could not pay', async () => {
    const id = await ic.deploy(wasm, { freezing_threshold: 0n }, 600n * B)
    const few = program(burn(525n * B), clear, call({ callee: payee, payload: program(reply) }), reply)
    expect([...replyOf(await ic.update(id, few))]).toEqual([2])
  })

  test('has liquid what is above its reserve', async () => {
    const liquid = program(clear, amount('canister_liquid_cycle_balance128'), sayBalance, reply)
    const id = await ic.deploy(wasm, { freezing_threshold: 0n }, 5n * T)
    const free = await ic.query(id, liquid)
    expect(amountOf(free)).toBe(amountOf(free, 16))
    replyOf(
      await ic.manage('update_settings', {
        canister_id: id,
        settings: settingsOf({ freezing_threshold: 1_000_000_000n }),
      }),
    )
    const held = await ic.query(id, liquid)
    expect(amountOf(held) < amountOf(held, 16)).toBe(true)
    replyOf(await ic.update(id, program(growMemory(100), reply)))
    const grown = await ic.query(id, liquid)
    expect(amountOf(grown, 16) - amountOf(grown) > amountOf(held, 16) - amountOf(held)).toBe(true)
  })

  test('shows what it burns by standing still', async () => {
    const [small, large] = [await ic.deploy(wasm), await ic.deploy(wasm)]
    replyOf(await ic.update(large, program(growMemory(1000), reply)))
    const idle = async (id: Uint8Array) => (await ic.statusOf(id)).idle_cycles_burned_per_day
    expect((await idle(large)) > (await idle(small)) && (await idle(small)) > 0n).toBe(true)
  })
})
