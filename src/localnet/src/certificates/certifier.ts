// Certificates of a network with one root subnet: a minimal tree per request, signed with the root key, no delegation.
// [Note: minimal trees] Each certificate is the whole state tree of its own tiny world: requested leaves and `/time`, nothing pruned.
// Any other path is then provably absent, which agent-rs demands for missing fields. Answers of calls are the exception: many
// share one signature, each with the others' subtrees pruned; inside its own subtree absence is still proven.
import { bls12_381 } from '@noble/curves/bls12-381'
import type { CertifyData } from '../contracts.ts'
import { concat, domainSeparator, fromHex, hex, sha224, uleb128, utf8 } from './bytes.ts'
import { encodeTagged } from './cbor.ts'
import { buildTree, type HashTree, type Leaf, type Path, prune, rootHash } from './hash-tree.ts'

const DST = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_'
const STATE_ROOT = domainSeparator('ic-state-root')
const ROOT_KEY_PREFIX = fromHex('308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100')
const { shortSignatures } = bls12_381

/** A signature costs about 8 ms, so one for the same data is used again for this long. Clients accept minutes. */
const REUSE_NS = 1_000_000_000n
const REUSE_ENTRIES_MAX = 256

export interface Certifier {
  /** 133 bytes. */
  readonly rootKeyDer: Uint8Array
  /** 29 bytes: the self-authenticating principal of the root key. Clients recompute it. */
  readonly subnetId: Uint8Array
  readonly certifyData: CertifyData
  /** A certificate of exactly these leaves and `/time`. The time may lie up to one second back. */
  certificate(leaves: readonly Leaf[], timeNs: bigint): Uint8Array
  /** One signature for many certificates: certificate i reveals `/time` and everything under `reveal[i]`. */
  certificates(leaves: readonly Leaf[], reveal: readonly Path[], timeNs: bigint): Uint8Array[]
}

const TIME_PATH: Path = [utf8('time')]

/** @param rootSecret 32 bytes, big endian, between 1 and the group order. @throws RangeError for another length. */
export function createCertifier(rootSecret: Uint8Array): Certifier {
  if (rootSecret.length !== 32) throw new RangeError(`root secret must be 32 bytes, not ${rootSecret.length}`)
  const rootKeyDer = concat(ROOT_KEY_PREFIX, publicKeyOf(rootSecret))
  const subnetId = selfAuthenticating(rootKeyDer)
  const recent = new Map<string, { readonly timeNs: bigint; readonly certificate: Uint8Array }>()

  const sign = (tree: HashTree): Uint8Array =>
    shortSignatures.sign(shortSignatures.hash(concat(STATE_ROOT, rootHash(tree)), DST), rootSecret).toBytes(true)

  const certificate = (leaves: readonly Leaf[], timeNs: bigint): Uint8Array => {
    const key = hex(rootHash(buildTree(leaves)))
    const cached = recent.get(key)
    if (cached !== undefined && timeNs >= cached.timeNs && timeNs - cached.timeNs < REUSE_NS) return cached.certificate
    const tree = buildTree([...leaves, timeLeaf(timeNs)])
    const made = encodeTagged({ tree, signature: sign(tree) })
    recent.delete(key)
    recent.set(key, { timeNs, certificate: made })
    if (recent.size > REUSE_ENTRIES_MAX) for (const oldest of recent.keys()) if (recent.delete(oldest)) break
    return made
  }

  return {
    rootKeyDer,
    subnetId,
    certificate,
    certificates(leaves, reveal, timeNs) {
      const tree = buildTree([...leaves, timeLeaf(timeNs)])
      const signature = sign(tree)
      return reveal.map((path) => encodeTagged({ tree: prune(tree, [TIME_PATH, path]), signature }))
    },
    certifyData({ canisterId, certifiedData, timeNs }) {
      return certificate(
        [{ path: [utf8('canister'), canisterId, utf8('certified_data')], value: certifiedData }],
        timeNs,
      )
    },
  }
}

/** @returns 96 bytes. The generator is a copy: the library's own makes a table first, 0.2 s for a multiplication that is made once. */
function publicKeyOf(secret: Uint8Array): Uint8Array {
  const { Point } = bls12_381.G2
  return Point.fromAffine(Point.BASE.toAffine())
    .multiply(BigInt(`0x${hex(secret)}`))
    .toBytes(true)
}

const timeLeaf = (timeNs: bigint): Leaf => ({ path: TIME_PATH, value: uleb128(timeNs) })

/** Principal of a public key. Interface specification, "Principals". @param publicKeyDer any length. @returns 29 bytes. */
export function selfAuthenticating(publicKeyDer: Uint8Array): Uint8Array {
  return concat(sha224(publicKeyDer), Uint8Array.of(2))
}

/** Whether a certificate's tree was signed by this root key. */
export function verifyRootSignature(tree: HashTree, signature: Uint8Array, rootKeyDer: Uint8Array): boolean {
  try {
    const message = shortSignatures.hash(concat(STATE_ROOT, rootHash(tree)), DST)
    return shortSignatures.verify(signature, message, rootKeyDer.subarray(ROOT_KEY_PREFIX.length))
  } catch {
    return false // a point that is not on the curve is a wrong signature, not a fault of ours
  }
}
