// The management canister: interface specification, "IC management canister", "IC Provisional API"; cases after the groups "Settings",
// "canister history", "canister_inspect_message" and the test "management requests" of the reference implementation's acceptance tests
// (dfinity/ic-hs, src/IC/Test/Spec.hs and Spec/CanisterHistory.hs).
import { randomBytes } from 'node:crypto'
import {
  acceptMessage,
  addToHeap,
  call,
  clear,
  invoke,
  log,
  onInspect,
  program,
  reply,
  say,
  sayArgument,
  sayCaller,
  sayHeap,
  store,
  trap,
  universalWasm,
} from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ed25519 } from './keys.fixture.ts'
import { decodeResult, encodeArgument, idOf, type Method, settingsOf } from './management.fixture.ts'
import { manageThrough } from './through-canister.fixture.ts'
import { withMetadata } from './modules.fixture.ts'
import { errorOf, numberOf, openReplica, type Outcome, type Replica, replyOf, textOf } from './replica.fixture.ts'
import { anonymous, fromHex, identityOf, MANAGEMENT, sha256, utf8 } from './request.fixture.ts'

let ic: Replica
/** Calls the management canister for tests. */
let manager: Uint8Array
const wasm = universalWasm()
const stranger = identityOf(ed25519())
const NOWHERE = fromHex('00000000001fffff0101')
beforeAll(async () => {
  ic = await openReplica()
  manager = await ic.deploy(wasm)
})
afterAll(() => ic.close())

const about = (id: Uint8Array) => ({ canister_id: id })
const byCanister = (method: Method, arg: object | Uint8Array = {}, cycles = 0n) =>
  manageThrough(ic, manager, method, arg, cycles)
const decoded = (method: Method, outcome: Outcome) => decodeResult(method, replyOf(outcome))

describe('settings', () => {
  test('are as they were asked for, and the others as they are by default', async () => {
    const id = await ic.create({
      controllers: [ic.owner.principal, stranger.principal],
      freezing_threshold: 1000n,
      wasm_memory_limit: 1n << 30n,
      log_visibility: { public: null },
      environment_variables: [{ name: 'A', value: 'B' }],
    })
    const { settings } = await ic.statusOf(id)
    expect(settings.controllers.map((controller) => controller.toText()).toSorted()).toEqual(
      [ic.owner.principal, stranger.principal].map((principal) => idOf(principal).toText()).toSorted(),
    )
    expect(settings).toMatchObject({
      freezing_threshold: 1000n,
      wasm_memory_limit: 1n << 30n,
      wasm_memory_threshold: 0n,
      compute_allocation: 0n,
      memory_allocation: 0n,
      log_visibility: { public: null },
      environment_variables: [{ name: 'A', value: 'B' }],
    })
  })

  test('change where they are named, and stay where they are not', async () => {
    const id = await ic.create({ freezing_threshold: 1000n })
    replyOf(
      await ic.manage('update_settings', { ...about(id), settings: settingsOf({ wasm_memory_limit: 1n << 31n }) }),
    )
    expect((await ic.statusOf(id)).settings).toMatchObject({ freezing_threshold: 1000n, wasm_memory_limit: 1n << 31n })
  })

  const bad: readonly [string, Readonly<Record<string, unknown>>][] = [
    ['a compute allocation of 101', { compute_allocation: 101n }],
    ['a memory allocation beyond 2^48', { memory_allocation: (1n << 48n) + 1n }],
    ['a freezing threshold of 2^64', { freezing_threshold: 1n << 64n }],
    ['a memory limit beyond 2^48', { wasm_memory_limit: (1n << 48n) + 1n }],
    ['eleven controllers', { controllers: Array.from({ length: 11 }, (_, index) => new Uint8Array(29).fill(index)) }],
    [
      '21 environment variables',
      { environment_variables: Array.from({ length: 21 }, (_, index) => ({ name: `N${index}`, value: '' })) },
    ],
    [
      'a variable twice',
      {
        environment_variables: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
    ],
    ['a name of 129 bytes', { environment_variables: [{ name: 'x'.repeat(129), value: '' }] }],
    ['a value of 129 bytes', { environment_variables: [{ name: 'A', value: 'x'.repeat(129) }] }],
  ]
  test.each(bad)('with %s are refused, when they are created and when they change', async (_what, settings) => {
    const id = await ic.create()
    const before = await ic.statusOf(id)
    expect(
      (await ic.manage('provisional_create_canister_with_cycles', { settings: [settingsOf(settings)] })).kind,
    ).toBe('reject')
    expect((await ic.manage('update_settings', { ...about(id), settings: settingsOf(settings) })).kind).toBe('reject')
    const cycles = 1_000_000_000_000n
    expect((await byCanister('create_canister', { settings: [settingsOf(settings)] }, cycles)).kind).toBe('reject')
    expect((await ic.statusOf(id)).settings).toEqual(before.settings)
  })

  test('with ten controllers, the same one twice among them, are taken', async () => {
    const many = Array.from({ length: 9 }, (_, index) => new Uint8Array(29).fill(index + 1))
    const id = await ic.create({ controllers: [ic.owner.principal, ...many] })
    expect((await ic.statusOf(id)).settings.controllers).toHaveLength(10)
    const twice = await ic.create({ controllers: [ic.owner.principal, ic.owner.principal] })
    expect((await ic.statusOf(twice)).settings.controllers).toHaveLength(1)
  })

  test('are changed by controllers, and whoever is none any more cannot', async () => {
    const id = await ic.create()
    const to = (controllers: Uint8Array[]) => ({ ...about(id), settings: settingsOf({ controllers }) })
    expect(errorOf(await ic.manage('update_settings', to([]), { as: stranger }))).toBe('5 IC0512')
    replyOf(await ic.manage('update_settings', to([stranger.principal])))
    expect(errorOf(await ic.manage('update_settings', to([ic.owner.principal])))).toBe('5 IC0512')
    expect(errorOf(await ic.manage('canister_status', about(id)))).toBe('5 IC0512')
    replyOf(await ic.manage('update_settings', to([]), { as: stranger }))
    expect(errorOf(await ic.manage('canister_status', about(id), { as: stranger }))).toBe('5 IC0512')
  })

  test('environment variables are seen by the canister', async () => {
    const id = await ic.deploy(wasm, { environment_variables: [{ name: 'PLACE', value: 'here' }] })
    const value = program(
      store(1024, 'PLACE'),
      invoke('env_var_value_copy', 1024, 5, 65_536, 0, 4),
      invoke('env_var_value_size', 1024, 5),
      reply,
    )
    // The value stands where the buffer begins; its size is written over it.
    expect(numberOf(await ic.query(id, value))).toBe(4)
    expect(numberOf(await ic.query(id, program(invoke('env_var_count'), reply)))).toBe(1)
    const exists = (name: string) => program(store(1024, name), invoke('env_var_name_exists', 1024, name.length), reply)
    expect(numberOf(await ic.query(id, exists('PLACE')))).toBe(1)
    expect(numberOf(await ic.query(id, exists('OTHER')))).toBe(0)
    const unknown = program(store(1024, 'OTHER'), invoke('env_var_value_size', 1024, 5), reply)
    expect(errorOf(await ic.query(id, unknown))).toBe('5 IC0504')
    expect(errorOf(await ic.query(id, program(invoke('env_var_name_size', 1), reply)))).toBe('5 IC0504')
  })
})

describe('creating a canister', () => {
  test('by a canister makes it the controller, with the cycles that it sent less the fee', async () => {
    const sent = 2_000_000_000_000n
    const { canister_id: id } = decoded('create_canister', await byCanister('create_canister', {}, sent)) as {
      canister_id: { toUint8Array(): Uint8Array }
    }
    const status = decoded('canister_status', await byCanister('canister_status', about(id.toUint8Array()))) as {
      cycles: bigint
      settings: { controllers: { toUint8Array(): Uint8Array }[] }
    }
    expect(status.settings.controllers.map((controller) => controller.toUint8Array())).toEqual([manager])
    expect(status.cycles <= sent - 500_000_000_000n && status.cycles > sent - 510_000_000_000n).toBe(true)
  })

  test('by a canister without the fee is refused, by a user altogether', async () => {
    expect((await byCanister('create_canister', {}, 1000n)).kind).toBe('reject')
    expect((await ic.manage('create_canister')).kind).toBe('reject')
  })

  test('under an id of its own choice works once, and in the range of the subnet', async () => {
    // Drawn, so that the suite can ask the same network again.
    const id = Uint8Array.from([0, 0, 0, 0, 0, 0xe0, ...randomBytes(2), 1, 1])
    const asked = (bytes: Uint8Array) =>
      ic.manage('provisional_create_canister_with_cycles', { specified_id: [idOf(bytes)] })
    const created = await asked(id)
    expect(decoded('provisional_create_canister_with_cycles', created)).toEqual({ canister_id: idOf(id) })
    expect((await asked(id)).kind).toBe('reject')
    expect((await asked(ic.owner.principal)).kind).toBe('reject')
  })

  test('with a sender version that is not its own traps the canister', async () => {
    const arg = { settings: [], sender_canister_version: [0n] }
    await expect(byCanister('create_canister', arg, 1_000_000_000_000n)).rejects.toThrow(/IC05|version/)
  })
})

describe('who may call', () => {
  const CANISTERS_ONLY: readonly Method[] = [
    'create_canister',
    'deposit_cycles',
    'raw_rand',
    'canister_info',
    'canister_metadata',
    'vetkd_public_key',
    'vetkd_derive_key',
  ]
  const VETKEY = { curve: { bls12_381_g2: null }, name: 'dfx_test_key' }
  const ARGUMENTS: Readonly<Partial<Record<Method, () => object>>> = {
    canister_info: () => ({ ...about(manager), num_requested_changes: [] }),
    canister_metadata: () => ({ ...about(manager), name: 'x' }),
    deposit_cycles: () => about(manager),
    vetkd_public_key: () => ({ canister_id: [], context: new Uint8Array(0), key_id: VETKEY }),
    vetkd_derive_key: () => ({
      input: new Uint8Array(0),
      context: new Uint8Array(0),
      transport_public_key: new Uint8Array(48),
      key_id: VETKEY,
    }),
  }
  test.each(CANISTERS_ONLY)('%s: canisters, not users', async (method) => {
    const arg = ARGUMENTS[method]?.() ?? {}
    const outcome = await ic.manage(method, arg, { at: manager })
    expect(outcome.kind).not.toBe('reply')
    expect(outcome).not.toHaveProperty('certified', true)
  })

  const CONTROLLERS_ONLY: readonly Method[] = [
    'update_settings',
    'install_code',
    'uninstall_code',
    'start_canister',
    'stop_canister',
    'delete_canister',
    'canister_status',
    'upload_chunk',
    'stored_chunks',
    'clear_chunk_store',
    'take_canister_snapshot',
    'load_canister_snapshot',
    'list_canister_snapshots',
    'delete_canister_snapshot',
  ]
  const REST: object = {
    settings: settingsOf({}),
    mode: { install: null },
    wasm_module: wasm,
    arg: new Uint8Array(0),
    chunk: new Uint8Array(1),
    snapshot_id: new Uint8Array(8),
  }
  test.each(CONTROLLERS_ONLY)('%s: controllers', async (method) => {
    const id = await ic.deploy(wasm)
    const arg = { ...about(id), ...REST }
    for (const as of [stranger, anonymous]) expect(errorOf(await ic.manage(method, arg, { as }))).toBe('5 IC0512')
    expect((await byCanister(method, arg)).kind).toBe('reject')
    expect((await ic.statusOf(id)).status).toEqual({ running: null })
  })

  test('a canister may know its own status without controlling itself', async () => {
    expect((await byCanister('canister_status', about(manager))).kind).toBe('reply')
  })

  test('a method that is not there is refused', async () => {
    expect(
      (await ic.update(MANAGEMENT, encodeArgument('start_canister', about(manager)), { method: 'fly', at: manager }))
        .kind,
    ).not.toBe('reply')
  })

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['noise', fromHex('4449444cff')],
    ['another type', fromHex('4449444c00017d05')],
    ['a type bomb', fromHex('4449444c016d7f0100ffffffff0f')],
  ])('an argument of %s is refused', async (_what, arg) => {
    expect((await ic.update(MANAGEMENT, arg, { method: 'canister_status', at: manager })).kind).not.toBe('reply')
    expect((await byCanister('canister_status', arg)).kind).toBe('reject')
  })
})

describe('canister_inspect_message', () => {
  const inspecting = universalWasm({ inspect: true })
  const say1 = program(say('1'), reply)
  async function guarded(rule: Uint8Array): Promise<Uint8Array> {
    const id = await ic.create()
    replyOf(await ic.install(id, inspecting, { arg: onInspect(rule) }))
    return id
  }

  test('lets in what it accepts, and nothing else', async () => {
    expect(textOf(await ic.update(await guarded(acceptMessage), say1))).toBe('1')
    expect(await ic.update(await guarded(program()), say1)).toMatchObject({
      code: 4,
      errorCode: 'IC0406',
      certified: false,
    })
    expect(await ic.update(await guarded(trap), say1)).toMatchObject({ code: 5, errorCode: 'IC0503', certified: false })
    expect(await ic.update(await guarded(program(acceptMessage, acceptMessage)), say1)).toMatchObject({
      errorCode: 'IC0504',
    })
  })

  test('knows caller, method and argument', async () => {
    const id = await guarded(program(clear, sayCaller, sayArgument, invoke('msg_method_name_size'), trap))
    const outcome = await ic.update(id, utf8('the argument'), { method: 'run', as: anonymous })
    expect(outcome).toMatchObject({ message: expect.stringContaining('\u0004the argument\u0003') })
  })

  test('is not asked about queries, calls of canisters, or the management canister', async () => {
    const id = await guarded(trap)
    expect(textOf(await ic.query(id, say1))).toBe('1')
    const through = call({ callee: id, payload: say1, onReply: program(clear, sayArgument, reply) })
    expect(textOf(await ic.update(manager, through))).toBe('1')
    replyOf(await ic.manage('stop_canister', about(id)))
  })

  test('keeps nothing of what it does', async () => {
    const id = await guarded(program(clear, say('seen'), log, acceptMessage))
    replyOf(await ic.update(id, say1))
    expect(await ic.logsOf(id)).toEqual([])
  })
})

describe('history', () => {
  interface Info {
    readonly total_num_changes: bigint
    readonly recent_changes: readonly { canister_version: bigint; origin: object; details: object }[]
    readonly module_hash: [] | [Uint8Array]
    readonly controllers: readonly { toUint8Array(): Uint8Array }[]
  }
  const infoOf = async (id: Uint8Array, count?: bigint) =>
    decoded(
      'canister_info',
      await byCanister('canister_info', { ...about(id), num_requested_changes: count === undefined ? [] : [count] }),
    ) as Info

  test('tells of every change, whoever asks', async () => {
    const id = await ic.create()
    replyOf(await ic.install(id, wasm))
    replyOf(await ic.install(id, wasm, { mode: { upgrade: [] } }))
    replyOf(await ic.install(id, wasm, { mode: { reinstall: null } }))
    replyOf(await ic.manage('uninstall_code', about(id)))
    replyOf(
      await ic.manage('update_settings', {
        ...about(id),
        settings: settingsOf({ controllers: [ic.owner.principal, manager] }),
      }),
    )
    const info = await infoOf(id, 20n)
    expect(info.total_num_changes).toBe(6n)
    expect(info.recent_changes.map(({ details }) => Object.keys(details)[0])).toEqual([
      'creation',
      'code_deployment',
      'code_deployment',
      'code_deployment',
      'code_uninstall',
      'controllers_change',
    ])
    for (const { origin } of info.recent_changes)
      expect(origin).toEqual({ from_user: { user_id: idOf(ic.owner.principal) } })
    expect(info.module_hash).toEqual([])
    expect(info.controllers).toHaveLength(2)
    expect((await infoOf(id, 2n)).recent_changes).toHaveLength(2)
    expect((await infoOf(id)).recent_changes).toHaveLength(0)
  })

  test('does not tell of what failed, of settings other than controllers, or of calls', async () => {
    const id = await ic.deploy(wasm)
    await ic.install(id, wasm)
    await ic.update(id, program(reply))
    replyOf(await ic.manage('update_settings', { ...about(id), settings: settingsOf({ freezing_threshold: 7n }) }))
    expect((await infoOf(id)).total_num_changes).toBe(2n)
  })

  test('names the canister that made a change, and its version', async () => {
    const id = await ic.create({ controllers: [ic.owner.principal, manager] })
    expect((await byCanister('uninstall_code', about(id))).kind).toBe('reply')
    const [, change] = (await infoOf(id, 5n)).recent_changes
    expect(change?.origin).toMatchObject({ from_canister: { canister_id: idOf(manager) } })
  })

  test('is not there for a canister that does not exist', async () => {
    expect((await byCanister('canister_info', { ...about(NOWHERE), num_requested_changes: [] })).kind).toBe('reject')
  })
})

describe('chunks', () => {
  const chunk = utf8('a piece of a module')
  test('are stored under their hash, listed, and forgotten', async () => {
    const id = await ic.create()
    for (const bytes of [chunk, chunk, utf8('another')]) {
      expect(decoded('upload_chunk', await ic.manage('upload_chunk', { ...about(id), chunk: bytes }))).toEqual({
        hash: sha256(bytes),
      })
    }
    const stored = async () =>
      (decoded('stored_chunks', await ic.manage('stored_chunks', about(id))) as unknown[]).length
    expect(await stored()).toBe(2)
    replyOf(await ic.manage('clear_chunk_store', about(id)))
    expect(await stored()).toBe(0)
    const tooLarge = { ...about(id), chunk: new Uint8Array(1024 * 1024 + 1) }
    expect((await ic.manage('upload_chunk', tooLarge)).kind).toBe('reject')
    replyOf(await ic.manage('upload_chunk', { ...about(id), chunk: new Uint8Array(1024 * 1024) }))
  })

  test('make a module, if all are there and the hash is right', async () => {
    const [id, holder] = [await ic.create(), await ic.create()]
    const parts = [wasm.subarray(0, 1000), wasm.subarray(1000)]
    for (const part of parts) replyOf(await ic.manage('upload_chunk', { ...about(holder), chunk: part }))
    const arg = {
      mode: { install: null },
      target_canister: id,
      store_canister: [idOf(holder)],
      chunk_hashes_list: parts.map((part) => ({ hash: sha256(part) })),
      wasm_module_hash: sha256(wasm),
      arg: new Uint8Array(0),
    }
    expect((await ic.manage('install_chunked_code', { ...arg, wasm_module_hash: sha256(chunk) })).kind).toBe('reject')
    expect(
      (await ic.manage('install_chunked_code', { ...arg, chunk_hashes_list: [{ hash: sha256(chunk) }] })).kind,
    ).toBe('reject')
    expect((await ic.manage('install_chunked_code', { ...arg, store_canister: [] })).kind).toBe('reject')
    replyOf(await ic.manage('install_chunked_code', arg))
    expect((await ic.statusOf(id)).module_hash).toEqual([sha256(wasm)])
    const foreign = await ic.create({ controllers: [stranger.principal] })
    expect(
      (await ic.manage('install_chunked_code', { ...arg, mode: { reinstall: null }, store_canister: [idOf(foreign)] }))
        .kind,
    ).toBe('reject')
  })
})

describe('logs', () => {
  test('hold what was printed and what trapped, newest kept, for whom the settings name', async () => {
    const id = await ic.deploy(wasm)
    replyOf(await ic.update(id, program(say('one'), log, clear, say('two'), log, reply)))
    await ic.update(id, program(say('three'), log, trap))
    expect(await ic.logsOf(id)).toEqual(['one', 'two', 'three', expect.stringMatching(/^\[TRAP\].*three/)])
    replyOf(await ic.query(id, program(say('never'), log, reply)))
    expect(await ic.logsOf(id)).toHaveLength(4)
    replyOf(await ic.update(id, program(say('x'.repeat(4000)), log, reply)))
    expect((await ic.logsOf(id)).at(-1)).toBe('x'.repeat(4000))
    expect((await ic.logsOf(id)).join('').length).toBeLessThanOrEqual(4096)
    replyOf(await ic.install(id, wasm, { mode: { upgrade: [] } }))
    expect((await ic.logsOf(id)).length).toBeGreaterThan(0)
    await expect(ic.logsOf(id, stranger)).rejects.toThrow('not allowed')
    for (const visibility of [{ allowed_viewers: [idOf(stranger.principal)] }, { public: null }]) {
      replyOf(
        await ic.manage('update_settings', { ...about(id), settings: settingsOf({ log_visibility: visibility }) }),
      )
      expect((await ic.logsOf(id, stranger)).length).toBeGreaterThan(0)
    }
  })

  test('take a line that lies outside of the heap: printing never traps', async () => {
    const id = await ic.deploy(wasm)
    replyOf(await ic.update(id, program(invoke('debug_print', -8, 100), reply)))
    expect(await ic.logsOf(id)).toEqual([expect.stringContaining('out of memory bounds')])
  })

  test('are asked for by query only', async () => {
    expect((await ic.manage('fetch_canister_logs', about(manager))).kind).not.toBe('reply')
  })
})

describe('what canisters ask', () => {
  test('raw_rand gives 32 other bytes each time', async () => {
    const drawn = [decoded('raw_rand', await byCanister('raw_rand')), decoded('raw_rand', await byCanister('raw_rand'))]
    for (const bytes of drawn) expect(bytes).toHaveLength(32)
    expect(drawn[0]).not.toEqual(drawn[1])
  })

  test('canister_metadata shows public sections to all and private ones to controllers', async () => {
    const module = withMetadata(wasm, [
      ['icp:public a', utf8('open')],
      ['icp:private b', utf8('closed')],
    ])
    const [own, foreign] = [
      await ic.deploy(module, { controllers: [ic.owner.principal, manager] }),
      await ic.deploy(module),
    ]
    const read = async (id: Uint8Array, name: string) => byCanister('canister_metadata', { ...about(id), name })
    for (const id of [own, foreign])
      expect(decoded('canister_metadata', await read(id, 'a'))).toEqual({ value: utf8('open') })
    expect(decoded('canister_metadata', await read(own, 'b'))).toEqual({ value: utf8('closed') })
    expect((await read(foreign, 'b')).kind).toBe('reject')
    expect((await read(own, 'c')).kind).toBe('reject')
  })
})

describe('measures', () => {
  test('canister_metrics counts what a canister consumed, for its controllers, by query too', async () => {
    const id = await ic.deploy(wasm)
    interface Metrics {
      readonly cycles_consumed: { readonly instructions: bigint }
    }
    const instructions = async () =>
      (decoded('canister_metrics', await ic.manage('canister_metrics', about(id))) as Metrics).cycles_consumed
        .instructions
    const before = await instructions()
    replyOf(await ic.update(id, program(reply)))
    expect((await instructions()) > before).toBe(true)
    const arg = encodeArgument('canister_metrics', about(id))
    const asked = { method: 'canister_metrics', at: id }
    expect((await ic.query(MANAGEMENT, arg, asked)).kind).toBe('reply')
    expect(errorOf(await ic.query(MANAGEMENT, arg, { ...asked, as: stranger }))).toBe('5 IC0512')
  })

  test('subnet_info and node_metrics_history tell canisters of their subnet', async () => {
    const subnet = { subnet_id: ic.subnetId }
    expect(decoded('subnet_info', await byCanister('subnet_info', subnet))).toHaveProperty('replica_version')
    const history = decoded(
      'node_metrics_history',
      await byCanister('node_metrics_history', { ...subnet, start_at_timestamp_nanos: 0n }),
    )
    expect(Array.isArray(history)).toBe(true)
    expect((await byCanister('subnet_info', { subnet_id: NOWHERE })).kind).toBe('reject')
  })
})

describe('snapshots', () => {
  interface Snapshot {
    readonly id: Uint8Array
    readonly total_size: bigint
  }
  const list = async (id: Uint8Array) =>
    decoded('list_canister_snapshots', await ic.manage('list_canister_snapshots', about(id))) as Snapshot[]
  const take = async (id: Uint8Array, replace?: Uint8Array) =>
    decoded(
      'take_canister_snapshot',
      await ic.manage('take_canister_snapshot', {
        ...about(id),
        replace_snapshot: replace === undefined ? [] : [replace],
      }),
    ) as Snapshot
  const stablePages = program(clear, invoke('stable64_size'), reply)

  test('bring back heap, stable memory, code and certified data as they were', async () => {
    const id = await ic.create()
    replyOf(await ic.install(id, wasm))
    replyOf(await ic.update(id, program(addToHeap(5), reply)))
    const taken = await take(id)
    expect(taken.total_size > 0n).toBe(true)
    expect((await list(id)).map((snapshot) => snapshot.id)).toEqual([taken.id])
    replyOf(await ic.update(id, program(addToHeap(5), invoke('stable64_grow', 3n), reply)))
    const version = (await ic.statusOf(id)).version
    replyOf(await ic.install(id, universalWasm({ variant: 7 }), { mode: { upgrade: [] } }))
    replyOf(await ic.manage('load_canister_snapshot', { ...about(id), snapshot_id: taken.id }))
    expect(numberOf(await ic.query(id, program(clear, sayHeap, reply)))).toBe(5)
    expect(numberOf(await ic.query(id, stablePages))).toBe(0)
    const status = await ic.statusOf(id)
    expect(status.module_hash).toEqual([sha256(wasm)])
    expect(status.version > version).toBe(true)
  })

  test('are replaced, deleted, and refused when they are not there', async () => {
    const id = await ic.deploy(wasm)
    const first = await take(id)
    const second = await take(id, first.id)
    expect((await list(id)).map((snapshot) => snapshot.id)).toEqual([second.id])
    expect(errorOf(await ic.manage('load_canister_snapshot', { ...about(id), snapshot_id: first.id }))).toBe('3 IC0305')
    replyOf(await ic.manage('delete_canister_snapshot', { ...about(id), snapshot_id: second.id }))
    expect(await list(id)).toEqual([])
    expect(errorOf(await ic.manage('delete_canister_snapshot', { ...about(id), snapshot_id: second.id }))).toBe(
      '3 IC0305',
    )
    const empty = await ic.create()
    expect((await ic.manage('take_canister_snapshot', about(empty))).kind).toBe('reject')
  })
})
