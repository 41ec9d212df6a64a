// Certificates of a subnet: a minimal tree per request, signed with the subnet's key. The root subnet's need nothing more; another's carry
// a delegation from the root key, a certificate of the root subnet that names key and canister ranges. Interface specification,
// "Delegation".
// [Note: minimal trees] Each certificate is the whole state tree of its own tiny world: requested leaves and `/time`, nothing pruned.
// Any other path is then provably absent, which agent-rs demands for missing fields. Answers of calls are the exception: many
// share one signature, each with the others' subtrees pruned; inside its own subtree absence is still proven.
import { bls12_381 } from '@noble/curves/bls12-381'
import type { CertifyData, RangesForm } from '../contracts.ts'
import { curve, javascript } from '../curve/index.ts'
import { concat, domainSeparator, equalBytes, fromHex, hex, sha224, uleb128, utf8 } from './bytes.ts'
import { encodeTagged } from './cbor.ts'
import { buildTree, type HashTree, type Leaf, type Path, prune, rootHash } from './hash-tree.ts'

const DST = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_'
const STATE_ROOT = domainSeparator('ic-state-root')
const KEY_PREFIX = fromHex('308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100')
const { shortSignatures } = bls12_381

/** A signature costs about 1 ms, 8 until the Wasm is loaded, so one for the same data is used again for this long. Clients accept minutes. */
const REUSE_NS = 1_000_000_000n
const REUSE_ENTRIES_MAX = 256

export interface Certifier {
  /** Of the network, 133 bytes. */
  readonly rootKeyDer: Uint8Array
  /** Of this subnet, 133 bytes. */
  readonly publicKeyDer: Uint8Array
  /** 29 bytes: the self-authenticating principal of this subnet's key. Clients recompute the root subnet's. */
  readonly subnetId: Uint8Array
  readonly certifyData: CertifyData
  /** A certificate of exactly these leaves and `/time`. The time may lie up to one second back. */
  certificate(leaves: readonly Leaf[], timeNs: bigint, rangesForm?: RangesForm): Uint8Array
  /** One signature for many certificates: certificate i reveals `/time` and everything under `reveal[i]`. */
  certificates(leaves: readonly Leaf[], reveal: readonly Path[], timeNs: bigint, rangesForm?: RangesForm): Uint8Array[]
}

/** What the root subnet says about another. */
export interface Delegation {
  readonly subnet_id: Uint8Array
  readonly certificate: Uint8Array
}

/** How a subnet that is not the root subnet proves that it belongs to the network. */
export interface Delegated {
  readonly rootKeyDer: Uint8Array
  delegation(rangesForm: RangesForm, timeNs: bigint): Delegation
}

const TIME_PATH: Path = [utf8('time')]

/**
 * @param secret 32 bytes, big endian, between 1 and the group order.
 * @param delegated null for the root subnet.
 * @throws RangeError for another length.
 */
export function createCertifier(secret: Uint8Array, delegated: Delegated | null = null): Certifier {
  const publicKeyDer = subnetKeyDer(secret)
  const subnetId = selfAuthenticating(publicKeyDer)
  const recent = new Map<string, { readonly timeNs: bigint; readonly certificate: Uint8Array }>()

  const sign = (tree: HashTree): Uint8Array =>
    curve().multipleOfHash(concat(STATE_ROOT, rootHash(tree)), DST, scalarOf(secret))
  const encode = (tree: HashTree, signature: Uint8Array, timeNs: bigint, rangesForm: RangesForm): Uint8Array =>
    encodeTagged(
      delegated === null
        ? { tree, signature }
        : { tree, signature, delegation: delegated.delegation(rangesForm, timeNs) },
    )

  const certificate = (leaves: readonly Leaf[], timeNs: bigint, rangesForm: RangesForm = 'flat'): Uint8Array => {
    const key = `${delegated === null ? '' : rangesForm}${hex(rootHash(buildTree(leaves)))}`
    const cached = recent.get(key)
    if (cached !== undefined && timeNs >= cached.timeNs && timeNs - cached.timeNs < REUSE_NS) return cached.certificate
    const tree = buildTree([...leaves, timeLeaf(timeNs)])
    const made = encode(tree, sign(tree), timeNs, rangesForm)
    recent.delete(key)
    recent.set(key, { timeNs, certificate: made })
    if (recent.size > REUSE_ENTRIES_MAX) for (const oldest of recent.keys()) if (recent.delete(oldest)) break
    return made
  }

  return {
    rootKeyDer: delegated?.rootKeyDer ?? publicKeyDer,
    publicKeyDer,
    subnetId,
    certificate,
    certificates(leaves, reveal, timeNs, rangesForm = 'flat') {
      const tree = buildTree([...leaves, timeLeaf(timeNs)])
      const signature = sign(tree)
      return reveal.map((path) => encode(prune(tree, [TIME_PATH, path]), signature, timeNs, rangesForm))
    },
    certifyData({ canisterId, certifiedData, timeNs, rangesForm }) {
      return certificate(
        [{ path: [utf8('canister'), canisterId, utf8('certified_data')], value: certifiedData }],
        timeNs,
        rangesForm,
      )
    },
  }
}

const scalarOf = (secret: Uint8Array) => BigInt(`0x${hex(secret)}`)

const timeLeaf = (timeNs: bigint): Leaf => ({ path: TIME_PATH, value: uleb128(timeNs) })

/** @param secret 32 bytes. @returns 133 bytes. @throws RangeError for another length. */
export function subnetKeyDer(secret: Uint8Array): Uint8Array {
  if (secret.length !== 32) throw new RangeError(`the secret of a subnet must be 32 bytes, not ${secret.length}`)
  return concat(KEY_PREFIX, javascript.publicKey(scalarOf(secret))) // at every start: nothing is loaded for one
}

/** Principal of a public key. Interface specification, "Principals". @param publicKeyDer any length. @returns 29 bytes. */
export function selfAuthenticating(publicKeyDer: Uint8Array): Uint8Array {
  return concat(sha224(publicKeyDer), Uint8Array.of(2))
}

/** Whether a certificate's tree was signed by this key of a subnet. @param keyDer 133 bytes; any other is a wrong key. */
export function verifyTreeSignature(tree: HashTree, signature: Uint8Array, keyDer: Uint8Array): boolean {
  if (!equalBytes(keyDer.subarray(0, KEY_PREFIX.length), KEY_PREFIX)) return false
  try {
    const message = shortSignatures.hash(concat(STATE_ROOT, rootHash(tree)), DST)
    return shortSignatures.verify(signature, message, keyDer.subarray(KEY_PREFIX.length))
  } catch {
    return false // a point that is not on the curve is a wrong signature, not a fault of ours
  }
}
