import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Outcome } from '../contracts.ts'
import {
  ALICE,
  decoded,
  idArg,
  MANAGEMENT,
  messageOf,
  numberOf,
  replyOf,
  settingsOf,
  type TestNetwork,
  textOf,
} from '../state-machine/network.fixture.ts'
import { AT_FAR, AT_HERE, AT_ROOT, installAt, openSpread, SUBNETS } from '../state-machine/subnets.fixture.ts'
import * as uc from '../state-machine/universal-canister.fixture.ts'
import { canisterIdOf } from '../subnets/index.ts'
import { ARGUMENTS, RESULTS } from './candid.ts'
import { callingManagement, encode } from './through-canister.fixture.ts'

const { program } = uc
const TRILLION = 1_000_000_000_000n
let network: TestNetwork
let here: Uint8Array
let near: Uint8Array
let far: Uint8Array
beforeEach(() => {
  ;({ network, here, near, far } = openSpread())
})

const passOn = program(uc.sayArgument, uc.reply)
const passReject = program(uc.sayReject, uc.reply)
const balanceOf = (id: Uint8Array) => network.statusOf(id).cycles

describe('a composite query', () => {
  const compose = (callee: Uint8Array, method = 'ask', payload: Uint8Array = program(uc.say('asked'), uc.reply)) =>
    network.query(here, uc.call({ callee, method, payload, onReply: passOn, onReject: passReject }), {
      method: 'compose',
    })

  test('asks canisters of its own subnet and finds no other', () => {
    expect(textOf(compose(near))).toBe('asked')
    expect(numberOf(compose(far))).toBe(3)
  })

  test('asks the management canister about canisters of its own subnet alone', () => {
    const own = encode(ARGUMENTS.CanisterId, idArg(here))
    const other = encode(ARGUMENTS.CanisterId, idArg(far))
    expect(textOf(compose(MANAGEMENT, 'canister_status', own)).slice(0, 4)).toBe('DIDL')
    expect(numberOf(compose(MANAGEMENT, 'canister_status', other))).toBe(3)
  })
})

describe('the management canister', () => {
  const controlledBy = (id: Uint8Array) => {
    const settings = { controllers: [[Principal.fromUint8Array(ALICE), Principal.fromUint8Array(id)]] }
    replyOf(
      network.manage('update_settings', ARGUMENTS.UpdateSettings, {
        ...idArg(far),
        settings: settingsOf(settings),
        sender_canister_version: [],
      }),
    )
  }
  const manage = (method: string, arg: Uint8Array, cycles = 0n, callee: Uint8Array = MANAGEMENT, from = here) =>
    network.update(
      from,
      uc.call({
        callee,
        method,
        payload: arg,
        cycles,
        onReply: passOn,
        onReject: program(uc.sayReject, uc.rejectCall),
      }),
    )
  /** Kinds of what could run next, after each message of a call. */
  const stages = (arg: Uint8Array) => {
    network.send(here, arg)
    const seen: string[] = []
    while (network.machine.deliverable().length > 0) {
      seen.push(network.machine.deliverable()[0]?.kind ?? '')
      network.machine.deliver(0)
    }
    return seen
  }

  test('of the subnet that a canister is on does what a canister of another asks of it', () => {
    controlledBy(here)
    const outcome = manage('canister_status', encode(ARGUMENTS.CanisterId, idArg(far)))
    expect(decoded(RESULTS.Status, outcome)).toMatchObject({ status: { running: null } })
    replyOf(manage('stop_canister', encode(ARGUMENTS.CanisterId, idArg(far))))
    expect(network.statusOf(far).status).toEqual({ stopped: null })
    const stranger = manage('start_canister', encode(ARGUMENTS.CanisterId, idArg(far)), 0n, MANAGEMENT, near)
    expect(messageOf(stranger)).toContain('Only the controllers')
  })

  test('is a round away when it is another subnet’s, and at hand when it is the own', () => {
    controlledBy(here)
    const asking = (method: string, arg: Uint8Array = new Uint8Array(0)) => callingManagement(method, arg)
    const way = ['ingress', 'arrival', 'management', 'arrival', 'response']
    expect(stages(asking('canister_status', encode(ARGUMENTS.CanisterId, idArg(far))))).toEqual(way)
    expect(stages(asking('raw_rand'))).toEqual(['ingress', 'management', 'response'])
    expect(stages(asking('canister_status', encode(ARGUMENTS.CanisterId, idArg(here))))).toEqual([
      'ingress',
      'management',
      'response',
    ])
    expect(stages(asking('canister_status', new Uint8Array(3)))).toEqual(['ingress', 'management', 'response'])
  })

  test('answers about a subnet on that subnet', () => {
    const SubnetId = IDL.Record({ subnet_id: IDL.Principal })
    const about = (subnet: { readonly id: Uint8Array }) =>
      decoded(
        RESULTS.SubnetMetrics,
        manage('subnet_metrics', encode(SubnetId, { subnet_id: Principal.fromUint8Array(subnet.id) })),
      )
    expect(SUBNETS.topology.map(about)).toMatchObject([
      { num_canisters: 0n },
      { num_canisters: 2n },
      { num_canisters: 1n },
    ])
    expect(() => about({ id: ALICE })).toThrow('not found')
  })

  test('creates a canister where its creator is, or on the subnet whose id is called from the root subnet', () => {
    const create = encode(ARGUMENTS.CreateCanister, { settings: [], sender_canister_version: [] })
    const created = (outcome: Outcome) =>
      (decoded(RESULTS.CanisterId, outcome) as { canister_id: Principal }).canister_id.toUint8Array()
    const root = installAt(network, AT_ROOT)
    expect(created(manage('create_canister', create, TRILLION))).toEqual(canisterIdOf(AT_HERE + 2n))
    expect(created(manage('create_canister', create, TRILLION, MANAGEMENT, root))).toEqual(canisterIdOf(AT_ROOT + 1n))
    const farId = SUBNETS.topology[2]?.id ?? ALICE
    expect(created(manage('create_canister', create, TRILLION, farId, root))).toEqual(canisterIdOf(AT_FAR + 1n))
    const before = balanceOf(here)
    expect(messageOf(manage('create_canister', create, TRILLION, farId))).toContain('on another subnet than its own')
    expect(before - balanceOf(here)).toBeLessThan(TRILLION / 100n)
  })

  test('installs no chunks that lie on another subnet', () => {
    const chunk = encode(ARGUMENTS.UploadChunk, { ...idArg(far), chunk: uc.universalWasm() })
    const stored = network.update(MANAGEMENT, chunk, { method: 'upload_chunk' })
    const [{ hash }] = [decoded(RESULTS.ChunkHash, stored) as { hash: Uint8Array }]
    const install = (target: Uint8Array) =>
      network.manage('install_chunked_code', ARGUMENTS.InstallChunkedCode, {
        mode: { reinstall: null },
        target_canister: Principal.fromUint8Array(target),
        store_canister: [Principal.fromUint8Array(far)],
        chunk_hashes_list: [{ hash }],
        wasm_module_hash: hash,
        arg: new Uint8Array(0),
        sender_canister_version: [],
      })
    expect(messageOf(install(here))).toContain('is not on the subnet of the target canister')
    replyOf(install(far))
  })
})
