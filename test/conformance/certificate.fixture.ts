// Certificates: interface specification, "Certification". Checked twice: by the released agent (signature, delegation, age, range) and
// here (shape of the tree, order of labels, proofs of absence).
import { Certificate as AgentCertificate } from '@dfinity/agent'
import { Principal } from '@dfinity/principal'
import { concat, equal, fromCbor, separator, sha256, utf8 } from './request.fixture.ts'

export type Tree =
  | { readonly kind: 'empty' }
  | { readonly kind: 'fork'; readonly left: Tree; readonly right: Tree }
  | { readonly kind: 'labeled'; readonly label: Uint8Array; readonly tree: Tree }
  | { readonly kind: 'leaf'; readonly value: Uint8Array }
  | { readonly kind: 'pruned'; readonly hash: Uint8Array }

export type Path = readonly (Uint8Array | string)[]
/** `absent` is proven; `unknown` says that the certificate does not tell. */
export type Lookup = { readonly found: Uint8Array } | 'absent' | 'unknown' | 'not a leaf'

export interface Certificate {
  readonly tree: Tree
  readonly signature: Uint8Array
  readonly delegation: unknown
  readonly bytes: Uint8Array
  lookup(path: Path): Lookup
  /** Labels right under a path, in their order. */
  labels(path: Path): Uint8Array[]
}

/** @throws Error for a certificate that breaks a rule of its encoding. */
export function readCertificate(bytes: Uint8Array): Certificate {
  const fields = fromCbor(bytes)
  if (!(fields instanceof Map)) throw new Error('a certificate is a map')
  const signature: unknown = fields.get('signature')
  if (!(signature instanceof Uint8Array) || signature.length !== 48) throw new Error('a signature has 48 bytes')
  for (const key of fields.keys()) {
    if (!['tree', 'signature', 'delegation'].includes(String(key))) throw new Error(`unknown field ${String(key)}`)
  }
  const tree = readTree(fields.get('tree'))
  checkOrder(tree)
  return {
    tree,
    signature,
    delegation: fields.get('delegation'),
    bytes,
    lookup: (path) => lookup(tree, path.map(label)),
    labels: (path) => labelsUnder(tree, path.map(label)),
  }
}

/** @throws unless the released agent accepts it for this network and canister, now. */
export async function verify(bytes: Uint8Array, rootKey: Uint8Array, canisterId: Uint8Array): Promise<void> {
  await AgentCertificate.create({
    certificate: new Uint8Array(bytes),
    rootKey: new Uint8Array(rootKey),
    canisterId: Principal.fromUint8Array(canisterId),
  })
}

const label = (part: Uint8Array | string): Uint8Array => (typeof part === 'string' ? utf8(part) : part)

export function readTree(node: unknown): Tree {
  if (!Array.isArray(node)) throw new Error('a node is a list')
  const [tag, first, second]: unknown[] = node
  const size = [1, 3, 3, 2, 2][Number(tag)]
  if (node.length !== size) throw new Error(`a node of kind ${String(tag)} has ${node.length} parts`)
  if (tag === 0) return { kind: 'empty' }
  if (tag === 1) return { kind: 'fork', left: readTree(first), right: readTree(second) }
  if (!(first instanceof Uint8Array)) throw new Error('labels, values and hashes are bytes')
  if (tag === 2) return { kind: 'labeled', label: first, tree: readTree(second) }
  if (tag === 3) return { kind: 'leaf', value: first }
  if (first.length !== 32) throw new Error('a pruned node has 32 bytes')
  return { kind: 'pruned', hash: first }
}

/** Root hash of a tree, 32 bytes. */
export function rootHash(tree: Tree): Uint8Array {
  switch (tree.kind) {
    case 'empty':
      return sha256(separator('ic-hashtree-empty'))
    case 'fork':
      return sha256(concat(separator('ic-hashtree-fork'), rootHash(tree.left), rootHash(tree.right)))
    case 'labeled':
      return sha256(concat(separator('ic-hashtree-labeled'), tree.label, rootHash(tree.tree)))
    case 'leaf':
      return sha256(concat(separator('ic-hashtree-leaf'), tree.value))
    case 'pruned':
      return tree.hash
  }
}

/** The nodes of one level: forks are only shape. */
const flatten = (tree: Tree): Exclude<Tree, { kind: 'fork' | 'empty' }>[] =>
  tree.kind === 'fork' ? [...flatten(tree.left), ...flatten(tree.right)] : tree.kind === 'empty' ? [] : [tree]

function checkOrder(tree: Tree): void {
  const level = flatten(tree)
  const named = level.filter((node) => node.kind === 'labeled')
  if (level.some(({ kind }) => kind === 'leaf') && level.length > 1) throw new Error('a leaf has no neighbours')
  for (const [index, node] of named.entries()) {
    const next = named[index + 1]
    if (next !== undefined && Buffer.compare(node.label, next.label) >= 0) throw new Error('labels are out of order')
    checkOrder(node.tree)
  }
}

function lookup(tree: Tree, path: readonly Uint8Array[]): Lookup {
  const [wanted, ...rest] = path
  const level = flatten(tree)
  if (wanted === undefined) {
    const [only] = level
    if (only === undefined) return 'absent'
    if (only.kind === 'pruned') return 'unknown'
    return only.kind === 'leaf' ? { found: only.value } : 'not a leaf'
  }
  for (const [index, node] of level.entries()) {
    if (node.kind === 'labeled' && equal(node.label, wanted)) return lookup(node.tree, rest)
    if (node.kind !== 'labeled' || Buffer.compare(node.label, wanted) < 0) continue
    // The first greater label: absence is proven only if nothing pruned stands right before it.
    return index > 0 && level[index - 1]?.kind === 'pruned' ? 'unknown' : 'absent'
  }
  return level.at(-1)?.kind === 'pruned' ? 'unknown' : 'absent'
}

function labelsUnder(tree: Tree, path: readonly Uint8Array[]): Uint8Array[] {
  const [wanted, ...rest] = path
  const named = flatten(tree).filter((node) => node.kind === 'labeled')
  if (wanted === undefined) return named.map((node) => node.label)
  const next = named.find((node) => equal(node.label, wanted))
  return next === undefined ? [] : labelsUnder(next.tree, rest)
}
