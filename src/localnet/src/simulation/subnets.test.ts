import { Principal } from '@dfinity/principal'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Outcome } from '../contracts.ts'
import { ARGUMENTS } from '../management/candid.ts'
import { encode } from '../management/through-canister.fixture.ts'
import { ALICE, MANAGEMENT, numberOf, replyOf } from '../state-machine/network.fixture.ts'
import { AT_FAR, AT_HERE, AT_ROOT } from '../state-machine/subnets.fixture.ts'
import * as uc from '../state-machine/universal-canister.fixture.ts'
import { canisterIdOf } from '../subnets/index.ts'
import { openSimulated, type Simulated } from './simulated.fixture.ts'

const { program } = uc
const wasm = uc.universalWasm()
const HOPS = 3

function installAt(net: Simulated, number: bigint): Uint8Array {
  const id = Principal.fromUint8Array(canisterIdOf(number))
  const manage = (method: string, arg: Uint8Array): Outcome => net.update(MANAGEMENT, arg, ALICE, method)
  const create = { amount: [], settings: [], specified_id: [id], sender_canister_version: [] }
  replyOf(manage('provisional_create_canister_with_cycles', encode(ARGUMENTS.ProvisionalCreate, create)))
  const install = { mode: { install: null }, canister_id: id, wasm_module: wasm, arg: new Uint8Array() }
  replyOf(manage('install_code', encode(ARGUMENTS.InstallCode, { ...install, sender_canister_version: [] })))
  return id.toUint8Array()
}

/** Messages hop over three subnets, in an order and with restarts that the seed decides. */
function traceOf(seed: string, requests: number): { digest: string; hops: number } {
  const net = openSimulated({ seed, subnets: [{ kind: 'application' }, { kind: 'system' }] })
  const canisters = [AT_ROOT, AT_HERE, AT_FAR].map((number) => installAt(net, number))
  const pick = () => canisters[net.prng.below(canisters.length)] ?? MANAGEMENT
  const hop = (left: number): uc.Program =>
    left === 0
      ? program(uc.addToHeap(1), uc.reply)
      : program(uc.addToHeap(1), uc.call({ callee: pick(), payload: hop(left - 1), onReply: program(uc.reply) }))
  const ids: Uint8Array[] = []
  while (ids.length < requests || net.deliverable().length > 0) {
    if (ids.length < requests && net.prng.chance(0.3)) ids.push(net.start(pick(), hop(HOPS)))
    const { length } = net.deliverable()
    if (length > 0) net.deliver(net.prng.below(length))
    if (!net.prng.chance(0.03)) continue
    const digest = net.digest()
    net.restart()
    expect(net.digest()).toBe(digest)
  }
  for (const id of ids) expect(net.status(id)?.status).toBe('replied')
  const sums = canisters.map((id) => numberOf(net.query(id, program(uc.sayHeap, uc.reply))))
  return { digest: net.digest(), hops: sums.reduce((sum, part) => sum + part, 0) }
}

test('between subnets nothing is lost or doubled, whatever the order, across restarts, and a seed repeats it', () => {
  const requests = 6
  fc.assert(
    fc.property(fc.integer({ min: 0 }), (seed) => {
      const first = traceOf(String(seed), requests)
      expect(first.hops).toBe(requests * (HOPS + 1))
      expect(traceOf(String(seed), requests)).toEqual(first)
    }),
    { numRuns: 3, seed: 3 },
  )
})
