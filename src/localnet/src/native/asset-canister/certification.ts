// The tree over every response the canister may give, and the proofs about it. HTTP gateway protocol specification, "Response
// verification". The tree is a pure function of the assets, so it is never stored, only its root hash.
import {
  buildTree,
  encodeTagged,
  fromHex,
  type HashTree,
  hex,
  type Leaf,
  lookup,
  type Path,
  rootHash,
  utf8,
  witness,
} from '../../certificates/index.ts'
import type { NativeCall } from '../native-canister.ts'
import { FALLBACK_KEY, pathsOf, resolve } from './paths.ts'
import type { Asset, Records } from './records.ts'
import { encodingsInOrder, labelsOfEncoding, NOT_FOUND_LABELS } from './response.ts'

const EXPRESSIONS = 'http_expr'
const EXACT = '<$>'
const WILDCARD = '<*>'
const FALLBACK_PATH = [EXPRESSIONS, WILDCARD]

/** `/a/b` is `a`, `b`; `/` is one empty segment. */
const segmentsOf = (path: string): string[] => path.split('/').slice(path.startsWith('/') ? 1 : 0)
const exactPath = (path: string): string[] => [EXPRESSIONS, ...segmentsOf(path), EXACT]
const path1 = (path: string): string[] => ['http_assets', path]
const labels = (names: readonly string[]): Path => names.map(utf8)

/** Segments of a path that the tree uses for itself. */
export const isReservedSegment = (path: string): boolean =>
  segmentsOf(path).some((segment) => segment === EXACT || segment === WILDCARD)

/** Certifies what the assets now are. To be called once by every message that changed one. */
export function certify(call: Pick<NativeCall, 'setCertifiedData' | 'timeNs'>, records: Records): void {
  const tree = buildTree(leavesOf(records))
  const hash = rootHash(tree)
  remember(hex(hash), tree)
  records.putCertified({ rootHash: hex(hash), changedNs: String(call.timeNs), stateHash: null })
  call.setCertifiedData(hash)
}

// [Note: remembered trees] Building the tree reads every asset. It is kept between requests by its root hash, which says all about
// it, so a network that rolls back or restarts finds either the right tree or none.
const TREES_MAX = 8
const trees = new Map<string, HashTree>()

function remember(hash: string, tree: HashTree): void {
  trees.delete(hash)
  trees.set(hash, tree)
  if (trees.size > TREES_MAX) for (const oldest of trees.keys()) if (trees.delete(oldest)) break
}

/** The tree that was certified last. */
export function certifiedTree(records: Records): HashTree {
  const hash = records.certified()?.rootHash
  const known = hash === undefined ? undefined : trees.get(hash)
  if (known !== undefined) return known
  const tree = buildTree(leavesOf(records))
  remember(hex(rootHash(tree)), tree)
  return tree
}

function leavesOf(records: Records): Leaf[] {
  const environment = records.environment()
  const leaves: Leaf[] = []
  const answering = (path: string, key: string) => resolve(records, path)?.key === key
  for (const key of records.assetKeys()) {
    const asset = records.asset(key)
    if (asset === null) continue
    for (const path of pathsOf(key)) {
      if (answering(path, key)) leaves.push(...leavesOfAsset(path, key, asset, environment))
    }
  }
  const fallback = records.asset(FALLBACK_KEY)
  const below =
    fallback === null
      ? []
      : encodingsInOrder(fallback).flatMap((encoding) =>
          labelsOfEncoding(FALLBACK_KEY, fallback, encoding, environment),
        )
  for (const end of below.length === 0 ? [NOT_FOUND_LABELS] : below) {
    leaves.push({ path: [...labels(FALLBACK_PATH), ...end], value: new Uint8Array() })
  }
  return leaves
}

function leavesOfAsset(path: string, key: string, asset: Asset, environment: string): Leaf[] {
  const encodings = encodingsInOrder(asset)
  const [first] = encodings
  if (first === undefined) return []
  const body = fromHex(asset.encodings[first]?.sha256 ?? '')
  return [
    { path: labels(path1(path)), value: body },
    ...encodings
      .flatMap((encoding) => labelsOfEncoding(key, asset, encoding, environment))
      .map((end) => ({ path: [...labels(exactPath(path)), ...end], value: new Uint8Array() })),
  ]
}

export interface Proof {
  /** Of `IC-Certificate`. */
  readonly header: string
  /** Whether the path has a response of its own; else the fallback answers. */
  readonly isExact: boolean
}

/** @param certificate of the canister's certified data. @param version 1 or 2. */
export function prove(tree: HashTree, path: string, certificate: Uint8Array, version: 1 | 2): Proof {
  const wanted = version === 1 ? path1(path) : exactPath(path)
  const isExact = lookup(tree, labels(wanted)).kind === 'found'
  const fallbacks = version === 1 ? [path1(FALLBACK_KEY)] : wildcardsAbove(wanted)
  const shown = witness(tree, [wanted, ...(isExact ? [] : fallbacks)].map(labels))
  const proof = `certificate=:${base64(certificate)}:, tree=:${base64(encodeTagged(shown))}:`
  if (version === 1) return { header: proof, isExact }
  const expressionPath = base64(encodeTagged(isExact ? wanted : FALLBACK_PATH))
  return { header: `version=2, ${proof}, expr_path=:${expressionPath}:`, isExact }
}

/** Whoever is given a fallback must see that none fits better, with and without a slash at its end. */
function wildcardsAbove(exact: readonly string[]): string[][] {
  return exact.slice(1).flatMap((_, index) => {
    const start = exact.slice(0, index + 1)
    return [
      [...start, WILDCARD],
      [...start, '', WILDCARD],
    ]
  })
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
