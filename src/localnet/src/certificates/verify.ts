// Checks a certificate as any client would. Interface specification, "Certificate" and "Delegation". All of it comes from a stranger.
import { equalBytes, hex, utf8 } from './bytes.ts'
import { type Cbor, decodeUntrusted } from './cbor.ts'
import { verifyTreeSignature } from './certifier.ts'
import { type HashTree, labelsAt, lookupLeaf, type Path, treeFromCbor } from './hash-tree.ts'
import { isArray, isMap } from './representation-hash.ts'

export interface Certified {
  readonly tree: HashTree
  /** Checks the signatures, which costs about 20 ms each. @returns null when they are right, otherwise why not. */
  problem(): string | null
}

/**
 * @param canisterId whom the certificate must be able to speak about; a delegation to a subnet without it is none.
 * @throws RangeError or InvalidCbor for bytes of another shape.
 */
export function readCertificate(bytes: Uint8Array, rootKeyDer: Uint8Array, canisterId: Uint8Array): Certified {
  const { tree, signature, delegation } = parse(bytes)
  return {
    tree,
    problem() {
      const key = delegation === undefined ? rootKeyDer : delegatedKey(delegation, rootKeyDer, canisterId)
      if (typeof key === 'string') return key
      return verifyTreeSignature(tree, signature, key) ? null : 'the certificate is not signed by this network'
    },
  }
}

function parse(bytes: Uint8Array): { tree: HashTree; signature: Uint8Array; delegation: Cbor | undefined } {
  const certificate = decodeUntrusted(bytes)
  if (!isMap(certificate)) throw new RangeError('a certificate must be a map')
  const [tree, signature] = [certificate.get('tree'), certificate.get('signature')]
  if (tree === undefined || !(signature instanceof Uint8Array)) throw new RangeError('the certificate is incomplete')
  return { tree: treeFromCbor(tree), signature, delegation: certificate.get('delegation') }
}

/** @returns the key, or why there is none. */
function delegatedKey(delegation: Cbor, rootKeyDer: Uint8Array, canisterId: Uint8Array): Uint8Array | string {
  const [subnetId, bytes] = isMap(delegation) ? [delegation.get('subnet_id'), delegation.get('certificate')] : []
  if (!(subnetId instanceof Uint8Array) || !(bytes instanceof Uint8Array)) throw new RangeError('not a delegation')
  const outer = parse(bytes)
  if (outer.delegation !== undefined) return 'the delegation is itself delegated'
  const subnet: Path = [utf8('subnet'), subnetId]
  const publicKey = lookupLeaf(outer.tree, [...subnet, utf8('public_key')])
  if (publicKey === undefined) return 'the delegation names no key'
  const kind = lookupLeaf(outer.tree, [...subnet, utf8('type')])
  if (kind === undefined || equalBytes(kind, utf8('cloud_engine')))
    return 'the delegation is to a subnet of the wrong type'
  if (!rangesIn(outer.tree, subnetId).some(([first, last]) => isWithin(canisterId, first, last))) {
    return 'the delegation is to a subnet without this canister'
  }
  return verifyTreeSignature(outer.tree, outer.signature, rootKeyDer)
    ? publicKey
    : 'the delegation is not signed by this network'
}

/** Both forms; a certificate reveals one of them. */
function rangesIn(tree: HashTree, subnetId: Uint8Array): (readonly [Uint8Array, Uint8Array])[] {
  const flat = lookupLeaf(tree, [utf8('subnet'), subnetId, utf8('canister_ranges')])
  const shards = labelsAt(tree, [utf8('canister_ranges'), subnetId]).map((first) =>
    lookupLeaf(tree, [utf8('canister_ranges'), subnetId, first]),
  )
  return [flat, ...shards].flatMap((leaf) => (leaf === undefined ? [] : readRanges(leaf)))
}

function readRanges(leaf: Uint8Array): (readonly [Uint8Array, Uint8Array])[] {
  const ranges = decodeUntrusted(leaf)
  if (!isArray(ranges)) throw new RangeError('canister ranges must be a list')
  return ranges.map((range) => {
    const [first, last] = isArray(range) ? range : []
    if (!(first instanceof Uint8Array) || !(last instanceof Uint8Array)) throw new RangeError('not a canister range')
    return [first, last] as const
  })
}

/** Principals are compared as bytes; all canister ids are equally long. */
const isWithin = (id: Uint8Array, first: Uint8Array, last: Uint8Array): boolean =>
  id.length === first.length && id.length === last.length && hex(first) <= hex(id) && hex(id) <= hex(last)
