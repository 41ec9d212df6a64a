// Signatures that a canister makes by certifying them, as Internet Identity does. Interface specification, "Canister signatures".
import {
  concat,
  decodeUntrusted,
  equalBytes,
  hex,
  isMap,
  lookupLeaf,
  readCertificate,
  rootHash,
  sha256,
  treeFromCbor,
  utf8,
} from '../certificates/index.ts'

/** Checking a root signature takes about 20 ms, and a session sends the same delegation with each request. */
const REMEMBERED_MAX = 1000
const remembered = new Map<string, string | null>()

/**
 * @param canisterKey length byte, canister id, seed.
 * @returns null when the signature is right, otherwise why it is not.
 */
export function canisterSignatureProblem(
  canisterKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  rootKeyDer: Uint8Array,
): string | null {
  const key = hex(sha256(...[canisterKey, message, signature, rootKeyDer].map((part) => sha256(part))))
  const known = remembered.get(key)
  if (known !== undefined) return known
  let problem: string | null
  try {
    problem = check(canisterKey, message, signature, rootKeyDer)
  } catch {
    problem = 'the canister signature is malformed'
  }
  remembered.set(key, problem)
  if (remembered.size > REMEMBERED_MAX) for (const oldest of remembered.keys()) if (remembered.delete(oldest)) break
  return problem
}

function check(canisterKey: Uint8Array, message: Uint8Array, signature: Uint8Array, rootKeyDer: Uint8Array) {
  const idSize = canisterKey[0] ?? 0
  const canisterId = canisterKey.subarray(1, 1 + idSize)
  const seed = canisterKey.subarray(1 + idSize)
  if (canisterId.length !== idSize || idSize > 29) return 'the canister key names no canister'
  const parts = decodeUntrusted(signature)
  const [certificateBytes, treeValue] = isMap(parts) ? [parts.get('certificate'), parts.get('tree')] : []
  if (!(certificateBytes instanceof Uint8Array) || treeValue === undefined) return 'certificate or tree is missing'
  const certificate = readCertificate(certificateBytes, rootKeyDer, canisterId)
  const tree = treeFromCbor(treeValue)
  const certified = lookupLeaf(certificate.tree, [utf8('canister'), canisterId, utf8('certified_data')])
  if (certified === undefined || !equalBytes(certified, rootHash(tree))) return 'the canister did not certify this tree'
  const leaf = lookupLeaf(tree, [utf8('sig'), sha256(seed), sha256(message)])
  if (leaf === undefined || leaf.length > 0) return 'the canister did not sign this'
  return certificate.problem()
}

/** What a canister key looks like inside its DER. */
export const canisterKey = (canisterId: Uint8Array, seed: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(canisterId.length), canisterId, seed)
