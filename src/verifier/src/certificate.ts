/** Certificates of the network (interface specification, "Certificate", "Delegation"), checked against a pinned root key, without a network. */
import { compareBytes, concatBytes } from '@medguard/protocol'
import { bls12_381 } from '@noble/curves/bls12-381'
import { decodeCbor, type HashTree, labelsAt, leafAt, type Path, rootHash, treeOf, utf8 } from './hash-tree.ts'
import { Unsound } from './verdict.ts'

/** Whether `signature` (48 bytes, G1) is that of `publicKey` (96 bytes, G2) over `message`. */
export type VerifyBls = (publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array) => boolean

export interface NetworkTrust {
  /** DER, 133 bytes. */
  readonly rootKey: Uint8Array
  /** Another implementation of the same check; tests of many million bundles bring one that knows its few signatures by heart. */
  readonly verifyBls?: VerifyBls
}

/** Whom the reader trusts, from a pin of theirs and never from the file. */
export interface EvidenceTrust extends NetworkTrust {
  /** Canister that keeps the log, as bytes of its id. */
  readonly log: Uint8Array
}

/** What a certificate says, once its signatures hold. */
export interface Certified {
  /** When the network signed, nanoseconds since 1970. */
  readonly timeNs: bigint
  /** Content of a leaf of the state, or null where the certificate does not show it. */
  leaf(path: Path): Uint8Array | null
}

export const verifyBls: VerifyBls = (publicKey, signature, message) => {
  try {
    return bls12_381.verifyShortSignature(signature, message, publicKey)
  } catch {
    return false // bytes that are no points of the curve
  }
}

/**
 * @param canisterId Whom the certificate has to be able to speak of: a delegation to a subnet without it is none.
 * @throws Unsound for whatever is not signed by this network. @throws Error for bytes that are no certificate.
 */
export function checkCertificate(bytes: Uint8Array, canisterId: Uint8Array, trust: NetworkTrust): Certified {
  const { tree, signature, delegation } = parse(bytes)
  const key = delegation === null ? trust.rootKey : delegatedKey(delegation, canisterId, trust)
  expectSignature(tree, signature, key, trust)
  return { timeNs: unsignedLeb(leafAt(tree, [utf8('time')])), leaf: (path) => leafAt(tree, path) }
}

interface Delegation {
  readonly subnetId: Uint8Array
  readonly certificate: Uint8Array
}
function parse(bytes: Uint8Array): { tree: HashTree; signature: Uint8Array; delegation: Delegation | null } {
  const fields = mapOf(bytes, 'a certificate')
  const signature = fields['signature']
  if (!(signature instanceof Uint8Array)) throw new Unsound('BadCertificate', 'a certificate has no signature')
  const delegated = fields['delegation']
  return {
    tree: treeOf(fields['tree']),
    signature,
    delegation: delegated === undefined ? null : delegationOf(delegated),
  }
}
type Fields = Readonly<Record<string, unknown>>
const isMap = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
function mapOf(bytes: Uint8Array, what: string): Fields {
  const value = decodeCbor(bytes)
  if (!isMap(value)) throw new Unsound('BadCertificate', `${what} is no map`)
  return value
}
function delegationOf(value: unknown): Delegation {
  const fields: Fields = isMap(value) ? value : {}
  const subnetId = fields['subnet_id']
  const certificate = fields['certificate']
  if (!(subnetId instanceof Uint8Array) || !(certificate instanceof Uint8Array))
    throw new Unsound('BadCertificate', 'the delegation of a certificate is none')
  return { subnetId, certificate }
}

/** The key of the subnet that the root subnet names, if `canisterId` lives there. */
function delegatedKey({ subnetId, certificate }: Delegation, canisterId: Uint8Array, trust: NetworkTrust): Uint8Array {
  const outer = parse(certificate)
  if (outer.delegation !== null) throw new Unsound('BadCertificate', 'a delegation is itself delegated')
  const isHome = rangesIn(outer.tree, subnetId).some(([first, last]) => isWithin(canisterId, first, last))
  if (!isHome) throw new Unsound('BadCertificate', 'the certificate is of a subnet without this canister')
  const key = leafAt(outer.tree, [utf8('subnet'), subnetId, utf8('public_key')])
  if (key === null) throw new Unsound('BadCertificate', 'the delegation names no key')
  expectSignature(outer.tree, outer.signature, trust.rootKey, trust)
  return key
}

/** Both forms that the network has had; a certificate shows one of them. */
function rangesIn(tree: HashTree, subnetId: Uint8Array): [Uint8Array, Uint8Array][] {
  const sharded: Path = [utf8('canister_ranges'), subnetId]
  const leaves = [
    leafAt(tree, [utf8('subnet'), subnetId, utf8('canister_ranges')]),
    ...labelsAt(tree, sharded).map((first) => leafAt(tree, [...sharded, first])),
  ]
  return leaves.flatMap((leaf) => (leaf === null ? [] : readRanges(leaf)))
}
function readRanges(leaf: Uint8Array): [Uint8Array, Uint8Array][] {
  const ranges = decodeCbor(leaf)
  if (!Array.isArray(ranges)) throw new Unsound('BadCertificate', 'canister ranges are no list')
  return ranges.map((range: unknown) => {
    const [first, last]: readonly unknown[] = Array.isArray(range) ? range : []
    if (!(first instanceof Uint8Array) || !(last instanceof Uint8Array))
      throw new Unsound('BadCertificate', 'a canister range is none')
    return [first, last]
  })
}
const isWithin = (id: Uint8Array, first: Uint8Array, last: Uint8Array): boolean =>
  id.length === first.length && id.length === last.length && compareBytes(first, id) <= 0 && compareBytes(id, last) <= 0

const DER_PREFIX = Uint8Array.from(
  '308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100'.match(/../g) ?? [],
  (byte) => Number.parseInt(byte, 16),
)
const KEY_BYTES = 96
const STATE_ROOT = concatBytes(Uint8Array.of('ic-state-root'.length), utf8('ic-state-root'))

function expectSignature(tree: HashTree, signature: Uint8Array, derKey: Uint8Array, trust: NetworkTrust): void {
  const isKey =
    derKey.length === DER_PREFIX.length + KEY_BYTES &&
    compareBytes(derKey.subarray(0, DER_PREFIX.length), DER_PREFIX) === 0
  const message = concatBytes(STATE_ROOT, rootHash(tree))
  const verify = trust.verifyBls ?? verifyBls
  if (!isKey || !verify(derKey.subarray(DER_PREFIX.length), signature, message))
    throw new Unsound('BadCertificate', 'a certificate is not signed by this network')
}

/** LEB128 of at most 64 bits. @throws Unsound for anything else. */
function unsignedLeb(bytes: Uint8Array | null): bigint {
  let value = 0n
  for (const [i, byte] of (bytes ?? []).entries()) {
    value |= BigInt(byte & 0x7f) << BigInt(7 * i)
    if (byte < 0x80 && i === (bytes ?? []).length - 1 && value < 1n << 64n) return value
    if (byte < 0x80 || i > 9) break
  }
  throw new Unsound('BadCertificate', 'the certificate has no time')
}
