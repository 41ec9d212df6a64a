import { beforeEach, describe, expect, test } from 'vitest'
import { ARGUMENTS, RESULTS } from '../management/candid.ts'
import {
  decoded,
  errorOf,
  idArg,
  openNetwork,
  replyOf,
  SECOND_NS,
  settingsOf,
  type TestNetwork,
} from './network.fixture.ts'
import * as uc from './universal-canister.fixture.ts'

const { program } = uc
const wasm = uc.universalWasm()
const DAY_NS = 86_400n * SECOND_NS
const MEMORY = 64n * 1024n ** 3n
let network: TestNetwork

beforeEach(() => {
  network = openNetwork()
})

/** Cycles for little more than the installation, and nothing kept back: storage is all that is left to pay for. */
function poor(): Uint8Array {
  const settings = { freezing_threshold: [0n], memory_allocation: [MEMORY] }
  const id = network.create(settings, 320_000_000_000n)
  replyOf(network.installCode(id, wasm, { install: null }, uc.addToHeap(5)))
  return id
}

describe('storage', () => {
  test('is paid for by the day', () => {
    const id = network.install(wasm, program(), { memory_allocation: [MEMORY] })
    const before = network.statusOf(id)
    expect(before.idle_cycles_burned_per_day).toBe(64n * 127_000n * 86_400n)
    network.pass(DAY_NS)
    const paid = before.cycles - network.statusOf(id).cycles
    expect(paid - before.idle_cycles_burned_per_day).toBeGreaterThan(0n)
    expect(paid - before.idle_cycles_burned_per_day).toBeLessThan(10_000_000n)
  })

  test('costs the same whether the network was stopped in between or not', () => {
    const id = network.install(wasm, program(), { memory_allocation: [MEMORY] })
    network.save()
    const other = openNetwork(network.saved)
    for (const one of [network, other]) one.pass(14n * SECOND_NS)
    other.save()
    const reopened = openNetwork(other.saved)
    for (const one of [network, reopened]) for (let step = 0; step < 9; step++) one.pass(3n * SECOND_NS)
    expect(reopened.statusOf(id).cycles).toBe(network.statusOf(id).cycles)
    expect(reopened.machine.digest()).not.toBe('')
  })

  test('that cannot be paid costs a canister its code, state, snapshots and history', () => {
    const id = poor()
    const snapshot = network.manage('take_canister_snapshot', ARGUMENTS.TakeSnapshot, {
      ...idArg(id),
      replace_snapshot: [],
      uninstall_code: [],
      sender_canister_version: [],
    })
    replyOf(snapshot)
    network.pass(2n * DAY_NS)
    expect(network.machine.canister(id)?.moduleHash).toBeNull()
    expect(() => network.update(id, program(uc.reply))).toThrow('IC0537')
    replyOf(network.manage('provisional_top_up_canister', ARGUMENTS.TopUp, { ...idArg(id), amount: 10n ** 13n }))
    const list = network.manage('list_canister_snapshots', ARGUMENTS.CanisterId, idArg(id))
    expect(decoded(RESULTS.Snapshots, list)).toEqual([])
    const metrics = decoded(RESULTS.Metrics, network.manage('canister_metrics', ARGUMENTS.CanisterId, idArg(id)))
    expect(metrics).toMatchObject({ cycles_consumed: { uninstall: expect.any(BigInt) as bigint } })
    expect(network.statusOf(id)).toMatchObject({ settings: { memory_allocation: 0n }, module_hash: [] })
    network.save()
    expect([...network.saved.keys()].filter((key) => /^c\/.*(heap|stable|snapshot)/.test(key))).toEqual([])
  })
})

describe('a canister near its freezing threshold', () => {
  test('is frozen when time has eaten the rest, and thaws when the threshold is lowered', () => {
    const id = network.create({ memory_allocation: [MEMORY] }, 42n * 10n ** 12n)
    replyOf(network.installCode(id, wasm, { install: null }))
    replyOf(network.update(id, program(uc.reply)))
    network.pass(30n * DAY_NS)
    expect(() => network.update(id, program(uc.reply))).toThrow('IC0207')
    expect(errorOf(network.query(id, program(uc.reply)))).toBe('IC0207')
    replyOf(
      network.manage('update_settings', ARGUMENTS.UpdateSettings, {
        ...idArg(id),
        settings: settingsOf({ freezing_threshold: [86_400n] }),
        sender_canister_version: [],
      }),
    )
    replyOf(network.update(id, program(uc.reply)))
  })

  test('is given no memory that it could not keep', () => {
    const id = network.create({ freezing_threshold: [2n * 10n ** 10n] }, 42n * 10n ** 12n)
    replyOf(network.installCode(id, wasm, { install: null }))
    expect(errorOf(network.update(id, program(uc.growMemory(1000), uc.reply)))).toBe('IC0532')
    replyOf(network.update(id, program(uc.growMemory(1), uc.reply)))
  })
})
