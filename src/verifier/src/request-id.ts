import { compareBytes, concatBytes } from '@medguard/protocol'
import { sha256 } from '@noble/hashes/sha2'
import { utf8 } from './hash-tree.ts'

/** A call as its sender signed it. Its hash is the name under which the network certifies the reply. */
export interface SignedCall {
  readonly canisterId: Uint8Array
  readonly methodName: string
  /** Candid. */
  readonly arg: Uint8Array
  readonly sender: Uint8Array
  readonly ingressExpiryNs: bigint
  /** At most 32 bytes; null when the call had none. */
  readonly nonce: Uint8Array | null
}

/** The request id (interface specification, "Request ids", "Representation-independent hashing of structured data"). 32 bytes. */
export function requestIdOf(call: SignedCall): Uint8Array {
  const fields: [name: string, value: Uint8Array][] = [
    ['request_type', utf8('call')],
    ['canister_id', call.canisterId],
    ['method_name', utf8(call.methodName)],
    ['arg', call.arg],
    ['sender', call.sender],
    ['ingress_expiry', leb(call.ingressExpiryNs)],
  ]
  if (call.nonce !== null) fields.push(['nonce', call.nonce])
  const hashed = fields.map(([name, value]) => concatBytes(sha256(utf8(name)), sha256(value)))
  return sha256(concatBytes(...hashed.toSorted(compareBytes)))
}

/** Unsigned LEB128. */
function leb(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0))
    rest >>= 7n
  } while (rest > 0n)
  return Uint8Array.from(bytes)
}
