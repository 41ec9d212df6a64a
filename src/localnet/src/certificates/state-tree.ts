// Which leaves the state tree holds. Interface specification, "The system state tree".
import type { CanisterFacts, RangesForm, StoredRequest, Subnet } from '../contracts.ts'
import { equalBytes, uleb128, utf8 } from './bytes.ts'
import { encodeTagged } from './cbor.ts'
import type { Leaf } from './hash-tree.ts'

/** What the state tree says about one subnet. */
export interface SubnetFacts extends Omit<Subnet, 'nodeIds'> {
  /** 133 bytes. */
  readonly publicKeyDer: Uint8Array
  readonly nodeId: Uint8Array
  /** 44 bytes. */
  readonly nodeKeyDer: Uint8Array
}

/** Leaves under `/subnet` as the subnet `own` has them: it knows of all subnets, but of nodes only its own. */
export function subnetLeaves(subnets: readonly SubnetFacts[], own: Uint8Array): Leaf[] {
  return subnets.flatMap((facts): Leaf[] => {
    const subnet = [utf8('subnet'), facts.id]
    const leaves = [...delegationLeaves(facts, 'flat')]
    if (equalBytes(facts.id, own)) {
      leaves.push({ path: [...subnet, utf8('node'), facts.nodeId, utf8('public_key')], value: facts.nodeKeyDer })
    }
    return leaves
  })
}

/** What a delegation to a subnet reveals, `/time` aside. */
export function delegationLeaves(facts: Omit<SubnetFacts, 'nodeId' | 'nodeKeyDer'>, form: RangesForm): Leaf[] {
  const subnet = [utf8('subnet'), facts.id]
  const leaves: Leaf[] = [
    { path: [...subnet, utf8('public_key')], value: facts.publicKeyDer },
    { path: [...subnet, utf8('type')], value: utf8(facts.kind) },
  ]
  if (form === 'flat') {
    leaves.push({ path: [...subnet, utf8('canister_ranges')], value: encodeTagged(facts.canisterRanges) })
  }
  return form === 'sharded' ? [...leaves, ...rangeLeaves(facts)] : leaves
}

/** The newer place of the ranges, one shard that is named after its first id. */
export function rangeLeaves({ id, canisterRanges }: Pick<Subnet, 'id' | 'canisterRanges'>): Leaf[] {
  const first = canisterRanges[0]?.[0] ?? new Uint8Array()
  return [{ path: [utf8('canister_ranges'), id, first], value: encodeTagged(canisterRanges) }]
}

/** A request that nobody knows has no leaves at all: its absence is what the certificate proves. */
export function requestLeaves(requestId: Uint8Array, request: StoredRequest | undefined): Leaf[] {
  if (request === undefined) return []
  const at = (label: string, value: Uint8Array): Leaf => ({
    path: [utf8('request_status'), requestId, utf8(label)],
    value,
  })
  const { state } = request
  const leaves = [at('status', utf8(state.status))]
  if (state.status === 'replied') leaves.push(at('reply', state.reply))
  if (state.status === 'rejected') {
    leaves.push(
      at('reject_code', uleb128(BigInt(state.reject.code))),
      at('reject_message', utf8(state.reject.message)),
      at('error_code', utf8(state.reject.errorCode)),
    )
  }
  return leaves
}

export function canisterLeaves(canisterId: Uint8Array, facts: CanisterFacts | undefined): Leaf[] {
  if (facts === undefined) return []
  const at = (value: Uint8Array, ...labels: readonly string[]): Leaf => ({
    path: [utf8('canister'), canisterId, ...labels.map(utf8)],
    value,
  })
  const leaves = [
    at(encodeTagged(facts.controllers), 'controllers'),
    at(uleb128(facts.createdNs), 'canister_creation_timestamp'),
    ...facts.metadata.map(({ name, content }) => at(content, 'metadata', name)),
  ]
  if (facts.moduleHash !== null) {
    leaves.push(at(facts.moduleHash, 'module_hash'), at(uleb128(facts.lastInstalledNs), 'last_install_timestamp'))
  }
  return leaves
}
