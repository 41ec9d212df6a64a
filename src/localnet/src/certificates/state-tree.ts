// Which leaves the state tree holds. Interface specification, "The system state tree".
import type { CanisterFacts, StoredRequest } from '../contracts.ts'
import { fromHex, uleb128, utf8 } from './bytes.ts'
import { encodeTagged } from './cbor.ts'
import type { Leaf } from './hash-tree.ts'

/** Every opaque canister id of the network: 8 bytes of counter, then 01 01. One range, so fixed ids lie inside too. */
export const CANISTER_RANGE: readonly [start: Uint8Array, end: Uint8Array] = [
  fromHex('00000000000000000101'),
  fromHex('ffffffffffffffff0101'),
]

export function subnetLeaves(facts: {
  readonly subnetId: Uint8Array
  readonly rootKeyDer: Uint8Array
  readonly nodeId: Uint8Array
  readonly nodeKeyDer: Uint8Array
}): Leaf[] {
  const subnet = [utf8('subnet'), facts.subnetId]
  return [
    { path: [...subnet, utf8('public_key')], value: facts.rootKeyDer },
    { path: [...subnet, utf8('type')], value: utf8('application') },
    { path: [...subnet, utf8('canister_ranges')], value: encodeTagged([CANISTER_RANGE]) },
    { path: [...subnet, utf8('node'), facts.nodeId, utf8('public_key')], value: facts.nodeKeyDer },
  ]
}

/** The newer place of the ranges, one shard that starts at the first id. Served on the subnet route only. */
export function rangeLeaves(subnetId: Uint8Array): Leaf[] {
  return [{ path: [utf8('canister_ranges'), subnetId, CANISTER_RANGE[0]], value: encodeTagged([CANISTER_RANGE]) }]
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
