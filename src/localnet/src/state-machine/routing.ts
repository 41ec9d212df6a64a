import type { Subnet } from '../contracts.ts'
import { subnetNamed, subnetOf } from '../subnets/index.ts'
import type { World } from './world.ts'

/** What a call of the management canister is about, for the choice of the subnet whose it is. */
export type ManagementSubject =
  | { readonly kind: 'canister'; readonly id: Uint8Array }
  | { readonly kind: 'subnet'; readonly id: Uint8Array }
  | { readonly kind: 'none' }

/** Reads it from the argument; `none` for an argument that does not decode, which the caller's own subnet then refuses. */
export type ManagementSubjectOf = (method: string, arg: Uint8Array) => ManagementSubject

export interface Destination {
  readonly subnet: Subnet
  readonly isManagement: boolean
}

/**
 * Which subnet a call goes to. Management calls go to the subnet of the canister or the subnet that they are about, all others of them
 * stay. A call to the id of a subnet is one to its management canister, whatever it is about: so ledgers create canisters elsewhere.
 *
 * @param from the caller's subnet.
 * @param callee where no subnet has it the call goes nowhere, and stays.
 */
export function destinationOf(
  { options, managementSubjectOf }: World,
  from: Subnet,
  callee: Uint8Array,
  method: string,
  arg: Uint8Array,
): Destination {
  const { topology } = options
  if (callee.length > 0) {
    const named = subnetNamed(topology, callee)
    if (named !== undefined) return { subnet: named, isManagement: true }
    return { subnet: topology.length === 1 ? from : (subnetOf(topology, callee) ?? from), isManagement: false }
  }
  const subject = topology.length === 1 ? null : managementSubjectOf(method, arg)
  if (subject === null || subject.kind === 'none') return { subnet: from, isManagement: true }
  const about = subject.kind === 'canister' ? subnetOf(topology, subject.id) : subnetNamed(topology, subject.id)
  return { subnet: about ?? from, isManagement: true }
}
