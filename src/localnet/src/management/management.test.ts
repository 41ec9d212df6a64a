import { createHash } from 'node:crypto'
import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  ALICE,
  BOB,
  type CanisterStatus,
  decoded,
  errorOf,
  idArg,
  MANAGEMENT,
  messageOf,
  numberOf,
  openNetwork,
  Refused,
  replyOf,
  settingsOf,
  type TestNetwork,
} from '../state-machine/network.fixture.ts'
import * as uc from '../state-machine/universal-canister.fixture.ts'
import { ARGUMENTS, RESULTS } from './candid.ts'
import { encode, throughCanister as askThroughCanister } from './through-canister.fixture.ts'

const { program } = uc
const wasm = uc.universalWasm()
const TRILLION = 1_000_000_000_000n
let network: TestNetwork

beforeEach(() => {
  network = openNetwork()
})

const throughCanister = (canister: Uint8Array, method: string, arg: Uint8Array, cycles = 0n) =>
  askThroughCanister(network, canister, method, arg, cycles)
const refusalOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    if (error instanceof Refused) return error.errorCode
    throw error
  }
  return 'let in'
}
const text = (id: Uint8Array): string => Principal.fromUint8Array(id).toText()

describe('canister ids', () => {
  test('follow the order of creation, so they are known before', () => {
    expect([network.create(), network.create()].map(text)).toEqual([
      'bnz7o-iuaaa-aaaaa-qaaaa-cai',
      'bkyz2-fmaaa-aaaaa-qaaaq-cai',
    ])
  })

  test('can be asked for, once, and are then skipped', () => {
    const wanted = Principal.fromText('bkyz2-fmaaa-aaaaa-qaaaq-cai')
    const create = (id: Principal) =>
      network.manage('provisional_create_canister_with_cycles', ARGUMENTS.ProvisionalCreate, {
        amount: [],
        settings: [],
        specified_id: [id],
        sender_canister_version: [],
      })
    const created = decoded(RESULTS.CanisterId, create(wanted)) as { canister_id: Principal }
    expect(created.canister_id.toText()).toBe(wanted.toText())
    expect(errorOf(create(wanted))).toBe('IC0408')
    expect(errorOf(create(Principal.anonymous()))).toBe('IC0408')
    expect([network.create(), network.create()].map(text)).not.toContain(wanted.toText())
  })
})

describe('the caller of a management method', () => {
  const controllersOnly: [string, IDL.Type, (id: Uint8Array) => object][] = [
    [
      'update_settings',
      ARGUMENTS.UpdateSettings,
      (id) => ({ ...idArg(id), settings: settingsOf({}), sender_canister_version: [] }),
    ],
    ['start_canister', ARGUMENTS.CanisterId, idArg],
    ['stop_canister', ARGUMENTS.CanisterId, idArg],
    ['delete_canister', ARGUMENTS.CanisterId, idArg],
    ['uninstall_code', ARGUMENTS.UninstallCode, (id) => ({ ...idArg(id), sender_canister_version: [] })],
    ['upload_chunk', ARGUMENTS.UploadChunk, (id) => ({ ...idArg(id), chunk: [1] })],
    ['stored_chunks', ARGUMENTS.CanisterId, idArg],
    ['clear_chunk_store', ARGUMENTS.CanisterId, idArg],
    [
      'install_code',
      ARGUMENTS.InstallCode,
      (id) => ({ ...idArg(id), mode: { install: null }, wasm_module: [], arg: [], sender_canister_version: [] }),
    ],
    [
      'install_chunked_code',
      ARGUMENTS.InstallChunkedCode,
      (id) => ({
        mode: { install: null },
        target_canister: Principal.fromUint8Array(id),
        store_canister: [],
        chunk_hashes_list: [],
        wasm_module_hash: [],
        arg: [],
        sender_canister_version: [],
      }),
    ],
  ]
  test.each(controllersOnly)('%s is for controllers', (method, type, value) => {
    const id = network.create()
    const arg = encode(type, value(id))
    expect(refusalOf(() => network.send(MANAGEMENT, arg, { method, sender: BOB }))).toBe('IC0512')
    expect(refusalOf(() => network.send(MANAGEMENT, arg, { method }))).toBe('let in')
    const stranger = network.install(wasm)
    expect(messageOf(throughCanister(stranger, method, arg))).toContain('Only the controllers of the canister')
  })

  test.each([
    'create_canister',
    'deposit_cycles',
    'raw_rand',
    'canister_info',
    'canister_metadata',
    'vetkd_public_key',
    'vetkd_derive_key',
  ])('%s is for canisters', (method) => {
    expect(refusalOf(() => network.send(MANAGEMENT, argumentOf(method), { method }))).toBe('IC0406')
  })

  test('of an unknown method, of a broken argument, or of a query as an update is refused', () => {
    expect(refusalOf(() => network.send(MANAGEMENT, new Uint8Array(0), { method: 'make_coffee' }))).toBe('IC0407')
    expect(refusalOf(() => network.send(MANAGEMENT, uc.say('?'), { method: 'start_canister' }))).toBe('IC0408')
    const arg = encode(ARGUMENTS.CanisterId, idArg(network.create()))
    expect(refusalOf(() => network.send(MANAGEMENT, arg, { method: 'fetch_canister_logs' }))).toBe('IC0406')
    expect(errorOf(network.query(MANAGEMENT, arg, { method: 'stop_canister' }))).toBe('IC0407')
  })

  test('learns that a canister does not exist', () => {
    const arg = encode(ARGUMENTS.CanisterId, idArg(new Uint8Array([1, 2, 3])))
    expect(refusalOf(() => network.send(MANAGEMENT, arg, { method: 'start_canister' }))).toBe('IC0301')
    expect(refusalOf(() => network.send(MANAGEMENT, arg, { method: 'canister_status' }))).toBe('IC0301')
  })

  function argumentOf(method: string): Uint8Array {
    const id = network.create()
    const keyId = { curve: { bls12_381_g2: null }, name: 'dfx_test_key' }
    switch (method) {
      case 'create_canister':
        return encode(ARGUMENTS.CreateCanister, { settings: [], sender_canister_version: [] })
      case 'deposit_cycles':
        return encode(ARGUMENTS.CanisterId, idArg(id))
      case 'canister_info':
        return encode(ARGUMENTS.CanisterInfo, { ...idArg(id), num_requested_changes: [] })
      case 'canister_metadata':
        return encode(ARGUMENTS.CanisterMetadata, { ...idArg(id), name: 'x' })
      case 'vetkd_public_key':
        return encode(ARGUMENTS.VetKdPublicKey, { canister_id: [], context: [], key_id: keyId })
      case 'vetkd_derive_key':
        return encode(ARGUMENTS.VetKdDeriveKey, { input: [], context: [], transport_public_key: [], key_id: keyId })
      default:
        return IDL.encode([], [])
    }
  }
})

describe('settings', () => {
  const update = (id: Uint8Array, settings: object) =>
    network.manage('update_settings', ARGUMENTS.UpdateSettings, {
      ...idArg(id),
      settings: settingsOf(settings),
      sender_canister_version: [],
    })

  test('of unknown names are ignored', () => {
    const id = network.create()
    const Newer = IDL.Record({ canister_id: IDL.Principal, settings: IDL.Record({ brand_new: IDL.Nat }) })
    const arg = encode(Newer, { ...idArg(id), settings: { brand_new: 1n } })
    replyOf(network.update(MANAGEMENT, arg, { method: 'update_settings' }))
  })

  test('change controllers, and with them who may change them', () => {
    const id = network.create()
    replyOf(update(id, { controllers: [[Principal.fromUint8Array(BOB)]] }))
    expect(network.machine.canister(id)?.controllers).toEqual([BOB])
    expect(() => update(id, {})).toThrow('IC0512')
  })

  test('out of range are refused', () => {
    const id = network.create()
    const many = Array.from({ length: 11 }, (_, index) => Principal.fromUint8Array(new Uint8Array([index, 1])))
    expect(errorOf(update(id, { controllers: [many] }))).toBe('IC0408')
    expect(errorOf(update(id, { compute_allocation: [101n] }))).toBe('IC0504')
    expect(errorOf(update(id, { wasm_memory_limit: [(1n << 48n) + 1n] }))).toBe('IC0504')
    expect(errorOf(update(id, { log_memory_limit: [4095n] }))).toBe('IC0406')
    expect(errorOf(update(id, { log_memory_limit: [2n ** 21n + 1n] }))).toBe('IC0406')
    const viewers = { allowed_viewers: many }
    expect(errorOf(update(id, { log_visibility: [viewers] }))).toBe('IC0408')
    const twice = [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ]
    expect(errorOf(update(id, { environment_variables: [twice] }))).toBe('IC0408')
  })

  test('limit the heap of updates', () => {
    const id = network.install(wasm, program(), { wasm_memory_limit: [10n * 65536n] })
    expect(errorOf(network.update(id, program(uc.growMemory(3), uc.reply)))).toBe('IC0539')
    replyOf(network.update(id, program(uc.growMemory(2), uc.reply)))
  })
})

describe('canister_status', () => {
  test('tells what icp reads, to controllers, to the canister itself and to whom the settings name', () => {
    const id = network.install(wasm)
    const status = network.statusOf(id)
    expect(status.module_hash).toEqual([new Uint8Array(createHash('sha256').update(wasm).digest())])
    expect(status).toMatchObject({ status: { running: null }, settings: { log_memory_limit: 4096n } })
    expect(status).toMatchObject({
      memory_metrics: { wasm_memory_size: 8n * 65536n, wasm_binary_size: BigInt(wasm.length) },
    })
    const arg = encode(ARGUMENTS.CanisterId, idArg(id))
    const asBob = () => network.update(MANAGEMENT, arg, { method: 'canister_status', sender: BOB })
    expect(asBob).toThrow('IC0512')
    expect((decoded(RESULTS.Status, throughCanister(id, 'canister_status', arg)) as CanisterStatus).status).toEqual({
      running: null,
    })
    replyOf(
      network.manage('update_settings', ARGUMENTS.UpdateSettings, {
        ...idArg(id),
        settings: settingsOf({ status_visibility: [{ allowed_viewers: [Principal.fromUint8Array(BOB)] }] }),
        sender_canister_version: [],
      }),
    )
    replyOf(asBob())
  })
})

describe('a module in chunks', () => {
  test('is put together, checked and installed', () => {
    const id = network.create()
    const parts = [wasm.subarray(0, 1000), wasm.subarray(1000)]
    const hashes = parts.map((chunk) => {
      const uploaded = network.manage('upload_chunk', ARGUMENTS.UploadChunk, { ...idArg(id), chunk })
      return decoded(RESULTS.ChunkHash, uploaded) as { hash: Uint8Array }
    })
    const stored = network.manage('stored_chunks', ARGUMENTS.CanisterId, idArg(id))
    expect(decoded(RESULTS.ChunkHashes, stored) as object[]).toHaveLength(2)
    const install = (hash: Uint8Array, list: object[] = hashes) =>
      network.manage('install_chunked_code', ARGUMENTS.InstallChunkedCode, {
        mode: { install: null },
        target_canister: Principal.fromUint8Array(id),
        store_canister: [],
        chunk_hashes_list: list,
        wasm_module_hash: hash,
        arg: uc.addToHeap(6),
        sender_canister_version: [],
      })
    expect(messageOf(install(new Uint8Array(32)))).toContain('does not match given hash')
    expect(messageOf(install(new Uint8Array(32), [{ hash: new Uint8Array(32) }]))).toContain('was not found')
    replyOf(install(new Uint8Array(createHash('sha256').update(wasm).digest())))
    expect(numberOf(network.query(id, program(uc.sayHeap, uc.reply)))).toBe(6)
    replyOf(network.manage('clear_chunk_store', ARGUMENTS.CanisterId, idArg(id)))
    network.save()
    expect([...network.saved.keys()].filter((key) => key.includes('/chunk/'))).toEqual([])
  })

  test('larger than 1 MiB a piece is refused', () => {
    const chunk = new Uint8Array(1024 * 1024 + 1)
    const outcome = network.manage('upload_chunk', ARGUMENTS.UploadChunk, { ...idArg(network.create()), chunk })
    expect(messageOf(outcome)).toContain('exceeds the maximum chunk size')
  })
})

describe('cycles', () => {
  test('create a canister, less the fee', () => {
    const parent = network.install(wasm)
    const arg = encode(ARGUMENTS.CreateCanister, { settings: [], sender_canister_version: [] })
    expect(messageOf(throughCanister(parent, 'create_canister', arg, TRILLION / 10n))).toContain('requires a fee')
    const outcome = throughCanister(parent, 'create_canister', arg, 2n * TRILLION)
    const child = (decoded(RESULTS.CanisterId, outcome) as { canister_id: Principal }).canister_id.toUint8Array()
    expect(network.machine.canister(child)?.controllers).toEqual([parent])
    const status = throughCanister(parent, 'canister_status', encode(ARGUMENTS.CanisterId, idArg(child)))
    expect((decoded(RESULTS.Status, status) as CanisterStatus).cycles).toBe(2n * TRILLION - TRILLION / 2n)
  })

  test('are deposited and topped up', () => {
    const [giver, taker] = [network.install(wasm), network.create()]
    const before = network.statusOf(taker).cycles
    replyOf(throughCanister(giver, 'deposit_cycles', encode(ARGUMENTS.CanisterId, idArg(taker)), TRILLION))
    const top = { ...idArg(taker), amount: TRILLION }
    replyOf(network.manage('provisional_top_up_canister', ARGUMENTS.TopUp, top, BOB))
    const gained = network.statusOf(taker).cycles - before
    expect(gained).toBeGreaterThan(2n * TRILLION - TRILLION / 100n)
  })
})

test('raw_rand gives 32 bytes, other ones each time', () => {
  const id = network.install(wasm)
  const draw = () => decoded(RESULTS.Bytes, throughCanister(id, 'raw_rand', IDL.encode([], []))) as Uint8Array
  const first = draw()
  expect(first).toHaveLength(32)
  expect(draw()).not.toEqual(first)
})

test('canister_info tells the history, newest last', () => {
  const id = network.install(wasm)
  replyOf(network.installCode(id, wasm, { upgrade: [] }))
  const arg = encode(ARGUMENTS.CanisterInfo, { ...idArg(id), num_requested_changes: [2n] })
  const info = decoded(RESULTS.Info, throughCanister(id, 'canister_info', arg)) as {
    total_num_changes: bigint
    recent_changes: { details: object }[]
  }
  expect(info.total_num_changes).toBe(3n)
  expect(info.recent_changes.map(({ details }) => details)).toMatchObject([
    { code_deployment: { mode: { install: null } } },
    { code_deployment: { mode: { upgrade: null } } },
  ])
})

test('the canister a call is about is kept with the request', () => {
  const id = network.create()
  const requestId = network.send(MANAGEMENT, encode(ARGUMENTS.CanisterId, idArg(id)), { method: 'start_canister' })
  expect(network.machine.request(requestId)).toMatchObject({ sender: ALICE, effectiveCanisterId: id })
})
