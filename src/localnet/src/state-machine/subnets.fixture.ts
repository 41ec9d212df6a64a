// A network of three subnets with universal canisters on them.
import { createNetworkKeys, certifyDataOf, topologyOf } from '../certificates/index.ts'
import { Principal } from '@dfinity/principal'
import { ARGUMENTS } from '../management/candid.ts'
import { canisterIdOf, planSubnets } from '../subnets/index.ts'
import { openNetwork, replyOf, START_NS, type TestNetwork } from './network.fixture.ts'
import { universalWasm } from './universal-canister.fixture.ts'

const wasm = universalWasm()
const keys = createNetworkKeys(planSubnets([{ kind: 'application' }, { kind: 'application' }]))
/** What makes a machine one of three subnets. */
export const SUBNETS = { certify: certifyDataOf(keys), topology: topologyOf(keys) }
/** Numbers of canisters: on the root subnet, two on the next, one on the last. */
export const [AT_ROOT, AT_HERE, AT_NEAR, AT_FAR] = [
  0x8000_0000_0010_0000n,
  0x8000_0000_0020_0000n,
  0x8000_0000_0020_0001n,
  0x8000_0000_0030_0000n,
] as const

export interface Spread {
  readonly network: TestNetwork
  /** On one subnet with `near`. */
  readonly here: Uint8Array
  readonly near: Uint8Array
  /** On another. */
  readonly far: Uint8Array
}

/** None of them on the root subnet. */
export function openSpread(): Spread {
  const network = openNetwork(undefined, START_NS, SUBNETS)
  const [here, near, far] = [installAt(network, AT_HERE), installAt(network, AT_NEAR), installAt(network, AT_FAR)]
  network.machine.takeMeters()
  return { network, here, near, far }
}

export function installAt(network: TestNetwork, number: bigint): Uint8Array<ArrayBuffer> {
  const id = canisterIdOf(number)
  const specified = [Principal.fromUint8Array(id)]
  const create = { amount: [], settings: [], specified_id: specified, sender_canister_version: [] }
  replyOf(network.manage('provisional_create_canister_with_cycles', ARGUMENTS.ProvisionalCreate, create))
  replyOf(network.installCode(id, wasm, { install: null }))
  return id
}
