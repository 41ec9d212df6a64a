import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { beforeEach, describe, expect, test } from 'vitest'
import { createCertifier, DEVELOPMENT_ROOT_SECRET, representationHash } from '../certificates/index.ts'
import {
  ALICE,
  BOB,
  decoded,
  errorOf,
  idArg,
  MANAGEMENT,
  messageOf,
  openNetwork,
  replyOf,
  SECOND_NS,
  settingsOf,
  START_NS,
  type TestNetwork,
  textOf,
} from '../state-machine/network.fixture.ts'
import * as uc from '../state-machine/universal-canister.fixture.ts'
import { ARGUMENTS, RESULTS } from './candid.ts'
import { callingManagement, encode, throughCanister } from './through-canister.fixture.ts'

const { program } = uc
const wasm = uc.universalWasm()
const DAY_NS = 86_400n * SECOND_NS
let network: TestNetwork

beforeEach(() => {
  network = openNetwork()
})

type Consumed = Record<string, bigint>
const metricsOf = (id: Uint8Array): Consumed => {
  const outcome = network.manage('canister_metrics', ARGUMENTS.CanisterId, idArg(id))
  return (decoded(RESULTS.Metrics, outcome) as { cycles_consumed: Consumed }).cycles_consumed
}
const update = (id: Uint8Array, settings: object) =>
  network.manage('update_settings', ARGUMENTS.UpdateSettings, {
    ...idArg(id),
    settings: settingsOf(settings),
    sender_canister_version: [],
  })
const askAsUser = (method: string, type: IDL.Type, value: object, sender = ALICE) =>
  network.query(MANAGEMENT, encode(type, value), { method, sender })

describe('canister_metrics', () => {
  test('add up to what a canister has lost, by what for', () => {
    const amount = 100n * 10n ** 12n
    const id = network.create({}, amount)
    replyOf(network.installCode(id, wasm, { install: null }))
    replyOf(throughCanister(network, id, 'raw_rand', IDL.encode([], [])))
    replyOf(network.update(id, program(uc.burn(7n), uc.reply)))
    network.pass(DAY_NS)
    const consumed = metricsOf(id)
    // Asking costs too: the metrics were taken between the charge for the first question and that for the second.
    const cost = 1_200_000n + 2_000n * BigInt(encode(ARGUMENTS.CanisterId, idArg(id)).length + 'canister_status'.length)
    const total = Object.values(consumed).reduce((sum, part) => sum + part, 0n)
    expect(amount - network.statusOf(id).cycles).toBe(total + cost)
    expect(consumed).toMatchObject({ burned_cycles: 7n, compute_allocation: 0n, uninstall: 0n })
    for (const part of ['memory', 'ingress_induction', 'instructions', 'request_and_response_transmission']) {
      expect([part, consumed[part] ?? 0n]).toEqual([part, expect.toSatisfy((cycles: bigint) => cycles > 0n)])
    }
  })

  test('are for controllers, as a query too', () => {
    const id = network.create()
    const type = ARGUMENTS.CanisterId
    replyOf(askAsUser('canister_metrics', type, idArg(id)))
    expect(errorOf(askAsUser('canister_metrics', type, idArg(id), BOB))).toBe('IC0512')
  })
})

describe('query_stats', () => {
  test('count queries, their instructions and bytes', () => {
    const id = network.install(wasm)
    const ask = program(uc.say('twelve bytes'), uc.reply)
    expect(textOf(network.query(id, ask))).toBe('twelve bytes')
    network.query(id, program(uc.unreachable))
    const { query_stats: stats } = network.statusOf(id) as unknown as { query_stats: Consumed }
    expect(stats).toMatchObject({
      num_calls_total: 2n,
      request_payload_bytes_total: BigInt(ask.length + program(uc.unreachable).length),
    })
    expect(stats['num_instructions_total']).toBeGreaterThan(0n)
    expect(stats['response_payload_bytes_total']).toBeGreaterThan(12n)
  })
})

describe('the logs', () => {
  const indices = (filter: object[], sender = ALICE): bigint[] => {
    const outcome = askAsUser('fetch_canister_logs', ARGUMENTS.FetchLogs, { ...idArg(id), filter }, sender)
    const { canister_log_records: records } = decoded(RESULTS.Logs, outcome) as {
      canister_log_records: { idx: bigint }[]
    }
    return records.map(({ idx }) => idx)
  }
  let id: Uint8Array
  beforeEach(() => {
    id = network.install(wasm)
    for (let n = 0; n < 5; n++) {
      replyOf(network.update(id, program(uc.say(`line ${n}`), uc.log, uc.reply)))
      network.pass(SECOND_NS)
    }
  })

  test('can be filtered by number and by time, without their end', () => {
    expect(indices([])).toEqual([0n, 1n, 2n, 3n, 4n])
    expect(indices([{ by_idx: { start: 1n, end: 3n } }])).toEqual([1n, 2n])
    const time = { start: START_NS, end: START_NS + 2n * SECOND_NS }
    expect(indices([{ by_timestamp_nanos: time }])).toEqual([0n, 1n])
    expect(indices([{ by_idx: { start: 9n, end: 1n } }])).toEqual([])
  })

  test('are read by canisters whom the settings let see', () => {
    const reader = network.install(wasm)
    const arg = encode(ARGUMENTS.FetchLogs, { ...idArg(id), filter: [] })
    expect(errorOf(throughCanister(network, reader, 'fetch_canister_logs', arg))).toBe('IC0406')
    replyOf(update(id, { log_visibility: [{ allowed_viewers: [Principal.fromUint8Array(reader)] }] }))
    replyOf(throughCanister(network, reader, 'fetch_canister_logs', arg))
    expect(() => indices([], BOB)).toThrow('IC0406')
  })

  test('are kept up to the limit of the settings', () => {
    const long = 'x'.repeat(3000)
    const print = () => replyOf(network.update(id, program(uc.say(long), uc.log, uc.clear, uc.reply)))
    print()
    print()
    expect(indices([])).toEqual([6n])
    replyOf(update(id, { log_memory_limit: [100_000n] }))
    for (let n = 0; n < 10; n++) print()
    expect(indices([])).toHaveLength(11)
    expect(network.statusOf(id)).toMatchObject({
      settings: { log_memory_limit: 100_000n },
      memory_metrics: { log_memory_store_size: 11n * 3016n },
    })
    replyOf(update(id, { log_memory_limit: [0n] }))
    expect(indices([])).toEqual([])
    print()
    expect(indices([])).toEqual([])
  })
})

describe('the subnet', () => {
  const subnetId = Principal.fromUint8Array(createCertifier(DEVELOPMENT_ROOT_SECRET).subnetId)

  test('tells about itself to canisters, and knows no other', () => {
    const asker = network.install(wasm)
    const ask = (method: string, type: IDL.Type, subnet: Principal) =>
      throughCanister(network, asker, method, encode(type, { subnet_id: subnet, start_at_timestamp_nanos: 0n }))
    const { SubnetId, NodeMetricsHistory } = ARGUMENTS
    expect(decoded(RESULTS.SubnetInfo, ask('subnet_info', SubnetId, subnetId))).toMatchObject({ registry_version: 1n })
    expect(decoded(RESULTS.SubnetMetrics, ask('subnet_metrics', SubnetId, subnetId))).toMatchObject({
      num_canisters: 1n,
    })
    expect(decoded(RESULTS.NodeMetrics, ask('node_metrics_history', NodeMetricsHistory, subnetId))).toMatchObject([
      { node_metrics: [{ num_block_failures_total: 0n }] },
    ])
    for (const method of ['subnet_info', 'subnet_metrics']) {
      expect(messageOf(ask(method, SubnetId, Principal.anonymous()))).toContain('not found')
      expect(() => network.send(MANAGEMENT, encode(SubnetId, { subnet_id: subnetId }), { method })).toThrow('IC0406')
    }
  })

  test('has no administrators unless told, so nobody lists its canisters', () => {
    const none = IDL.encode([], [])
    expect(errorOf(network.query(MANAGEMENT, none, { method: 'list_canisters' }))).toBe('IC0410')
    expect(() => network.send(MANAGEMENT, none, { method: 'list_canisters' })).toThrow('IC0406')
  })
})

describe('the history', () => {
  const infoOf = (id: Uint8Array) => {
    const outcome = askAsUser(
      'canister_info',
      ARGUMENTS.CanisterInfo,
      { ...idArg(id), num_requested_changes: [9n] },
      BOB,
    )
    return decoded(RESULTS.Info, outcome) as { recent_changes: { origin: object; details: object }[] }
  }

  test('is open to everybody by query, and tells the hash of the environment a canister was made with', () => {
    const environment = [{ name: 'A', value: '1' }]
    const hash = representationHash(new Map([['A', '1']]))
    expect(infoOf(network.create({ environment_variables: [environment] })).recent_changes[0]?.details).toMatchObject({
      creation: { environment_variables_hash: [hash] },
    })
    expect(infoOf(network.create()).recent_changes[0]?.details).toMatchObject({
      creation: { environment_variables_hash: [] },
    })
  })

  test('names the version a canister told, which must be its own', () => {
    const parent = network.install(wasm)
    const body = (version: [] | [bigint]) =>
      callingManagement(
        'create_canister',
        encode(ARGUMENTS.CreateCanister, { settings: [], sender_canister_version: version }),
        10n ** 12n,
      )
    const { version } = network.statusOf(parent)
    expect(messageOf(network.update(parent, body([version + 1n])))).toContain('does not match the actual')
    const made = (told: [] | [bigint]) => {
      const { canister_id: child } = decoded(RESULTS.CanisterId, network.update(parent, body(told))) as {
        canister_id: Principal
      }
      return infoOf(child.toUint8Array()).recent_changes[0]?.origin
    }
    const self = { canister_id: Principal.fromUint8Array(parent) }
    expect(made([version])).toEqual({ from_canister: { ...self, canister_version: [version] } })
    expect(made([])).toEqual({ from_canister: { ...self, canister_version: [] } })
  })
})

describe('allocations', () => {
  test('of compute are shared among the canisters of the subnet', () => {
    const full = network.create({ compute_allocation: [100n] }, 10n ** 18n)
    network.create({ compute_allocation: [100n] }, 10n ** 18n)
    network.create({ compute_allocation: [90n] }, 10n ** 18n)
    const late = network.create({}, 10n ** 18n)
    expect(errorOf(update(late, { compute_allocation: [11n] }))).toBe('IC0101')
    replyOf(update(full, { compute_allocation: [99n] }))
    replyOf(update(late, { compute_allocation: [11n] }))
  })

  test('that the cycles would not bear are refused', () => {
    const id = network.create()
    expect(errorOf(update(id, { compute_allocation: [100n] }))).toBe('IC0530')
    expect(errorOf(update(id, { memory_allocation: [2n ** 50n] }))).toBe('IC0531')
    expect(network.statusOf(id).idle_cycles_burned_per_day).toBe(0n)
  })

  test('are paid for by the day', () => {
    const id = network.create({ compute_allocation: [10n] }, 10n ** 18n)
    expect(network.statusOf(id).idle_cycles_burned_per_day).toBe(10n * 10_000_000n * 86_400n)
    network.pass(DAY_NS)
    expect(metricsOf(id)['compute_allocation']).toBe(10n * 10_000_000n * 86_400n)
  })
})

test('a canister takes no call that brings fewer cycles than it asks for, but from itself', () => {
  const [callee, caller] = [network.install(wasm), network.install(wasm)]
  replyOf(update(callee, { minimum_incoming_canister_call_cycles: [1000n] }))
  const call = (from: Uint8Array, cycles: bigint) =>
    network.update(
      from,
      uc.call({
        callee,
        cycles,
        payload: program(uc.say('in'), uc.reply),
        onReply: program(uc.sayArgument, uc.reply),
        onReject: program(uc.sayReject, uc.rejectCall),
      }),
    )
  expect(messageOf(call(caller, 999n))).toContain('requires at least 1000')
  expect(textOf(call(caller, 1000n))).toBe('in')
  expect(textOf(call(callee, 0n))).toBe('in')
})

test('a canister cannot delete itself', () => {
  const id = network.install(wasm)
  replyOf(update(id, { controllers: [[Principal.fromUint8Array(id), Principal.fromUint8Array(ALICE)]] }))
  const arg = encode(ARGUMENTS.CanisterId, idArg(id))
  expect(messageOf(throughCanister(network, id, 'delete_canister', arg))).toContain('cannot delete itself')
})
