// What the less used functions of the System API answer; where each may be called is for contexts.test.ts.
import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { beforeEach, describe, expect, test } from 'vitest'
import { createCertifier, DEVELOPMENT_ROOT_SECRET, hex } from '../certificates/index.ts'
import { ARGUMENTS, RESULTS } from '../management/candid.ts'
import { ALICE, decoded, messageOf, openNetwork, replyOf, type TestNetwork } from '../state-machine/network.fixture.ts'
import * as uc from '../state-machine/universal-canister.fixture.ts'
import { ALLOWED_IMPORTS } from './index.ts'

let network: TestNetwork
beforeEach(() => {
  network = openNetwork()
})

/** A canister whose update `m` runs `body`, with every function of the System API at hand as `$name`, and replies 64 bytes at 1000. */
function moduleOf(body: string): Uint8Array {
  const used = [...ALLOWED_IMPORTS].filter(([name]) => new RegExp(`\\$${name}[ )]`, 'u').test(body))
  const imports = [...used.map(([name]) => name), 'msg_reply', 'msg_reply_data_append']
  const text = [...new Set(imports)].map((name) => {
    const { params, results } = ALLOWED_IMPORTS.get(name) ?? { params: [], results: [] }
    const types = [...params.map((type) => `(param ${type})`), ...results.map((type) => `(result ${type})`)]
    return `(import "ic0" "${name}" (func $${name} ${types.join(' ')}))`
  })
  return uc.assemble(`(module ${text.join('\n')} (memory 2) (data (i32.const 0) "key_1") (data (i32.const 16) "second")
    (func (export "canister_update m") ${body}
      (call $msg_reply_data_append (i32.const 1000) (i32.const 64)) (call $msg_reply)))`)
}
const at = (address = 0) => `(i32.const ${1000 + address})`
const store32 = (address: number, value: string) => `(i32.store ${at(address)} ${value})`
const store64 = (address: number, value: string) => `(i64.store ${at(address)} ${value})`

function installed(body: string, settings: object = {}, arg = new Uint8Array(0)): Uint8Array {
  return network.install(moduleOf(body), arg, settings)
}
const said = (body: string, settings: object = {}): Buffer =>
  Buffer.from(replyOf(network.update(installed(body, settings), new Uint8Array(0), { method: 'm' })))
const problem = (body: string, settings: object = {}): string =>
  messageOf(network.update(installed(body, settings), new Uint8Array(0), { method: 'm' }))
const cyclesAt = (bytes: Buffer, address = 0): bigint =>
  bytes.readBigUInt64LE(address) + (bytes.readBigUInt64LE(address + 8) << 64n)

describe('the legacy stable memory', () => {
  test('is the same memory, seen through 32 bits', () => {
    const bytes = said(`
      ${store32(0, '(call $stable_grow (i32.const 2))')} ${store32(4, '(call $stable_grow (i32.const 1))')}
      ${store32(8, '(call $stable_size)')}
      (call $stable_write (i32.const 70000) (i32.const 0) (i32.const 5))
      (call $stable64_read (i64.const 1016) (i64.const 70000) (i64.const 5))
      (call $stable_read (i32.const 1024) (i32.const 70001) (i32.const 5))`)
    expect([0, 4, 8].map((address) => bytes.readUInt32LE(address))).toEqual([0, 2, 3])
    expect(bytes.toString('latin1', 16, 29)).toBe('key_1\0\0\0ey_1\0')
  })

  test('ends where it ends, and cannot see beyond 4 GiB', () => {
    expect(problem('(call $stable_write (i32.const 0) (i32.const 0) (i32.const 1))')).toContain(
      'stable memory out of bounds',
    )
    expect(said(store32(0, '(call $stable_grow (i32.const 65537))')).readInt32LE(0)).toBe(-1)
    expect(problem(`(drop (call $stable64_grow (i64.const 65537))) (drop (call $stable_size))`)).toContain(
      'larger than 4GB',
    )
  })
})

describe('cycles in 64 bits', () => {
  test('are offered, taken and given back', () => {
    const callee = installed(`
      ${store64(0, '(call $msg_cycles_available)')} ${store64(8, '(call $msg_cycles_accept (i64.const 300))')}
      ${store64(16, '(call $msg_cycles_available)')} ${store64(24, '(call $msg_cycles_accept (i64.const -1))')}`)
    const caller = network.install(uc.universalWasm())
    const body = uc.call({ callee, method: 'm', cycles: 1000n, onReply: uc.program(uc.sayArgument, uc.reply) })
    const bytes = Buffer.from(replyOf(network.update(caller, body)))
    expect([0, 8, 16, 24].map((address) => bytes.readBigUInt64LE(address))).toEqual([1000n, 300n, 700n, 700n])
  })

  test('tell the balance, unless it is too large for them', () => {
    const body = `${store64(0, '(call $canister_cycle_balance)')} (call $canister_cycle_balance128 ${at(8)})`
    const bytes = said(body)
    expect(bytes.readBigUInt64LE(0)).toBe(cyclesAt(bytes, 8))
    const rich = network.create({}, 1n << 70n)
    replyOf(network.installCode(rich, moduleOf(body), { install: null }))
    expect(messageOf(network.update(rich, new Uint8Array(0), { method: 'm' }))).toContain('do not fit in 64 bits')
  })

  test('are minted by the Cycles Minting Canister alone', () => {
    const mint = `(call $mint_cycles128 (i64.const 0) (i64.const 5000) ${at()})`
    expect(problem(mint)).toContain('Cycles Minting Canister')
    const created = network.manage('provisional_create_canister_with_cycles', ARGUMENTS.ProvisionalCreate, {
      amount: [],
      settings: [],
      specified_id: [Principal.fromText('rkp4c-7iaaa-aaaaa-aaaca-cai')],
      sender_canister_version: [],
    })
    const { canister_id: minter } = decoded(RESULTS.CanisterId, created) as { canister_id: Principal }
    const id = minter.toUint8Array()
    replyOf(network.installCode(id, moduleOf(mint), { install: null }))
    expect(cyclesAt(Buffer.from(replyOf(network.update(id, new Uint8Array(0), { method: 'm' }))))).toBe(5000n)
  })
})

describe('the cost', () => {
  test('of calls and canisters is what they are charged', () => {
    const bytes = said(`(call $cost_call (i64.const 4) (i64.const 96) ${at()}) (call $cost_create_canister ${at(16)})`)
    expect(cyclesAt(bytes)).toBe(260_000n + 1_000n * 100n + 1_000n * 2_097_152n + 5_000_000n + 40_000_000_000n)
    expect(cyclesAt(bytes, 16)).toBe(500_000_000_000n)
  })

  test('of outcalls is that of a subnet of thirteen nodes, in both functions', () => {
    const fee = (3_000_000n + 60_000n * 13n + 400n * 100n + 800n * 1000n) * 13n
    expect(cyclesAt(said(`(call $cost_http_request (i64.const 100) (i64.const 1000) ${at()})`))).toBe(fee)
    const Parameters = IDL.Record({
      request_bytes: IDL.Nat64,
      http_roundtrip_time_ms: IDL.Nat64,
      raw_response_bytes: IDL.Nat64,
      transformed_response_bytes: IDL.Nat64,
      transform_instructions: IDL.Nat64,
    })
    const candid = IDL.encode(
      [Parameters],
      [
        {
          request_bytes: 100n,
          http_roundtrip_time_ms: 1n,
          raw_response_bytes: 1000n,
          transformed_response_bytes: 1n,
          transform_instructions: 1n,
        },
      ],
    )
    const stores = [...candid].map((byte, index) => `(i32.store8 (i32.const ${2000 + index}) (i32.const ${byte}))`)
    const call = `(call $cost_http_request_v2 (i32.const 2000) (i32.const ${candid.length}) ${at()})`
    expect(cyclesAt(said(`${stores.join('')} ${call}`))).toBe(fee)
    expect(problem(call)).toContain('not the Candid it takes')
    expect(problem(`(call $cost_http_request_v2 (i32.const 0) (i32.const 1025) ${at()})`)).toContain('too large')
  })

  test.each([
    ['cost_sign_with_ecdsa', 1],
    ['cost_sign_with_schnorr', 2],
    ['cost_vetkd_derive_key', 1],
  ])('of %s goes by the key', (name, algorithms) => {
    const ask = (size: number, algorithm: number) =>
      store32(32, `(call $${name} (i32.const 0) (i32.const ${size}) (i32.const ${algorithm}) ${at()})`)
    for (let algorithm = 0; algorithm < algorithms; algorithm++) {
      const known = said(ask(5, algorithm))
      expect([known.readUInt32LE(32), cyclesAt(known)]).toEqual([0, 26_153_846_153n])
    }
    const wrong = said(ask(5, algorithms))
    expect([wrong.readUInt32LE(32), cyclesAt(wrong)]).toEqual([1, 0n])
    expect(said(ask(4, 0)).readUInt32LE(32)).toBe(2)
  })
})

describe('the environment', () => {
  const variables = {
    environment_variables: [
      [
        { name: 'first', value: '1' },
        { name: 'second', value: 'größe' },
      ],
    ],
  }

  test('is counted, listed and looked up', () => {
    const bytes = said(
      `${store32(0, '(call $env_var_count)')} ${store32(4, '(call $env_var_name_size (i32.const 1))')}
       (call $env_var_name_copy (i32.const 1) ${at(8)} (i32.const 1) (i32.const 5))
       ${store32(16, '(call $env_var_name_exists (i32.const 16) (i32.const 6))')}
       ${store32(20, '(call $env_var_name_exists (i32.const 0) (i32.const 5))')}
       ${store32(24, '(call $env_var_value_size (i32.const 16) (i32.const 6))')}
       (call $env_var_value_copy (i32.const 16) (i32.const 6) ${at(28)} (i32.const 0) (i32.const 7))`,
      variables,
    )
    expect([0, 4, 16, 20, 24].map((address) => bytes.readUInt32LE(address))).toEqual([2, 6, 1, 0, 7])
    expect([bytes.toString('utf8', 8, 13), bytes.toString('utf8', 28, 35)]).toEqual(['econd', 'größe'])
  })

  test.each([
    ['a number that is none', '(drop (call $env_var_name_size (i32.const 2)))'],
    ['an unknown name', '(drop (call $env_var_value_size (i32.const 0) (i32.const 5)))'],
    ['too long a name', '(drop (call $env_var_name_exists (i32.const 0) (i32.const 129)))'],
    [
      'a name that is no text',
      '(i32.store8 (i32.const 0) (i32.const 255)) (drop (call $env_var_name_exists (i32.const 0) (i32.const 1)))',
    ],
    ['more than there is', '(call $env_var_name_copy (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 5))'],
  ])('traps for %s', (_, body) => {
    expect(problem(body, variables)).toContain('violated contract')
  })
})

describe('who vouches for the caller', () => {
  const info = `(i32.store (i32.const 1000) (call $msg_caller_info_data_size))
    (call $msg_caller_info_data_copy (i32.const 1004) (i32.const 0) (call $msg_caller_info_data_size))
    (i32.store (i32.const 1020) (call $msg_caller_info_signer_size))
    (call $msg_caller_info_signer_copy (i32.const 1024) (i32.const 0) (call $msg_caller_info_signer_size))`
  const callerInfo = { data: Buffer.from('attribute'), signer: Uint8Array.of(1, 2, 3) }

  test('is known in a call, across a restart, and nobody is where nobody does', () => {
    const id = installed(info)
    const requestId = new Uint8Array(32).fill(1)
    const ingressExpiryNs = network.machine.timeNs() + 10n ** 11n
    const message = { sender: ALICE, canisterId: id, method: 'm', arg: new Uint8Array(0) }
    network.machine.submit({ ...message, requestId, ingressExpiryNs, callerInfo })
    network.save()
    network = openNetwork(network.saved)
    network.settle()
    const status = network.status(requestId)
    const bytes = Buffer.from(status?.status === 'replied' ? status.reply : [])
    expect([bytes.readUInt32LE(0), bytes.toString('utf8', 4, 13)]).toEqual([9, 'attribute'])
    expect([bytes.readUInt32LE(20), hex(bytes.subarray(24, 27))]).toEqual([3, '010203'])
    const plain = Buffer.from(replyOf(network.update(id, new Uint8Array(0), { method: 'm' })))
    expect([plain.readUInt32LE(0), plain.readUInt32LE(20)]).toEqual([0, 0])
  })
})

describe('the network', () => {
  test('shows its root key, its subnet and how many nodes that has', () => {
    const { rootKeyDer, subnetId } = createCertifier(DEVELOPMENT_ROOT_SECRET)
    const bytes = said(
      `${store32(0, '(call $root_key_size)')} (call $root_key_copy ${at(4)} (i32.const 0) (i32.const 20))
       ${store32(24, '(call $subnet_self_size)')} (call $subnet_self_copy ${at(28)} (i32.const 0) (i32.const 29))
       ${store32(60, '(call $subnet_self_node_count)')}`,
    )
    expect([bytes.readUInt32LE(0), bytes.readUInt32LE(24), bytes.readUInt32LE(60)]).toEqual([133, 29, 13])
    expect(hex(bytes.subarray(4, 24))).toBe(hex(rootKeyDer.subarray(0, 20)))
    expect(hex(bytes.subarray(28, 57))).toBe(hex(subnetId))
  })
})
