/** Hash trees as certificates carry them (interface specification, "Certification", "Certificate encoding"). Everything here is from a stranger. */
import { decode, encode } from '@dfinity/cbor'
import { compareBytes, concatBytes, equalBytes } from '@medguard/protocol'
import { sha256 } from '@noble/hashes/sha2'

/** `[0]` empty, `[1, left, right]` fork, `[2, label, tree]` labelled, `[3, content]` leaf, `[4, hash]` pruned. */
export type HashTree =
  | readonly [0]
  | readonly [1, HashTree, HashTree]
  | readonly [2, Uint8Array, HashTree]
  | readonly [3, Uint8Array]
  | readonly [4, Uint8Array]
export type Path = readonly Uint8Array[]

const SELF_DESCRIBED = Uint8Array.of(0xd9, 0xd9, 0xf7) // tag 55799, RFC 8949, section 3.4.6

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

const separator = (kind: string): Uint8Array => {
  const text = utf8(`ic-hashtree-${kind}`)
  return concatBytes(Uint8Array.of(text.length), text)
}
const EMPTY = separator('empty')
const FORK = separator('fork')
const LABELED = separator('labeled')
const LEAF = separator('leaf')

/**
 * One CBOR item in its one encoding, with or without the tag in front; a map is a plain object in the order of its keys. The decoder takes long forms,
 * doubled keys, and what follows: none of these is what it writes itself.
 * @throws Error for anything else.
 */
export function decodeCbor(bytes: Uint8Array): unknown {
  const isTagged = equalBytes(bytes.subarray(0, 3), SELF_DESCRIBED)
  const item = isTagged ? bytes.subarray(3) : bytes
  expectRoom(item)
  const value = decode(item)
  if (!equalBytes(encode(value), item)) throw new Error('a certificate is not encoded as it must be')
  return value
}

/** The decoder makes room for as many things as a list says it holds: here none says that it holds more than there are bytes for, and there are no tags. */
function expectRoom(item: Uint8Array): void {
  let at = 0
  for (let awaited = 1; awaited > 0; awaited--) {
    const head = item[at++] ?? 0
    const [major, low] = [head >> 5, head & 31]
    const width = low < 24 ? 0 : 2 ** (low - 24)
    let count = width === 0 ? low : 0
    for (const byte of item.subarray(at, at + width)) count = 256 * count + byte
    at += width
    if (major === BYTES || major === TEXT) at += count
    if (major === LIST) awaited += count
    if (major === MAP) awaited += 2 * count
    if (major === TAG || low > 27 || awaited > item.length - at + 1)
      throw new Error('a certificate that says more than it holds')
  }
}
const [BYTES, TEXT, LIST, MAP, TAG] = [2, 3, 4, 5, 6] as const // major types, RFC 8949, section 3.1

/** @throws Error for what is no hash tree. */
export function treeOf(value: unknown): HashTree {
  if (!Array.isArray(value)) throw new Error('a node of a hash tree is a list')
  const [kind, first, second]: readonly unknown[] = value
  if (kind === 0 && value.length === 1) return [0]
  if (kind === 1 && value.length === 3) return [1, treeOf(first), treeOf(second)]
  if (kind === 2 && value.length === 3 && first instanceof Uint8Array) return [2, first, treeOf(second)]
  if (kind === 3 && value.length === 2 && first instanceof Uint8Array) return [3, first]
  if (kind === 4 && value.length === 2 && first instanceof Uint8Array && first.length === 32) return [4, first]
  throw new Error('not a node of a hash tree')
}

/** 32 bytes. */
export function rootHash(tree: HashTree): Uint8Array {
  switch (tree[0]) {
    case 0:
      return sha256(EMPTY)
    case 1:
      return sha256(concatBytes(FORK, rootHash(tree[1]), rootHash(tree[2])))
    case 2:
      return sha256(concatBytes(LABELED, tree[1], rootHash(tree[2])))
    case 3:
      return sha256(concatBytes(LEAF, tree[1]))
    case 4:
      return tree[1]
  }
}

/** The content of a leaf; null where the tree does not show one. Labels rise from left to right, so the first one that fits is the only one. */
export function leafAt(tree: HashTree, path: Path): Uint8Array | null {
  const found = subtreeAt(tree, path)
  return found?.[0] === 3 ? found[1] : null
}

/** The labels right below a path, as far as the tree shows them. */
export function labelsAt(tree: HashTree, path: Path): Uint8Array[] {
  const found = subtreeAt(tree, path)
  return found === null ? [] : childrenOf(found).map(([, label]) => label)
}

function subtreeAt(tree: HashTree, path: Path): HashTree | null {
  const [label, ...rest] = path
  if (label === undefined) return tree
  const child = childrenOf(tree).find(([, name]) => compareBytes(name, label) === 0)
  return child === undefined ? null : subtreeAt(child[2], rest)
}
function childrenOf(tree: HashTree): Extract<HashTree, readonly [2, ...unknown[]]>[] {
  if (tree[0] === 1) return [...childrenOf(tree[1]), ...childrenOf(tree[2])]
  return tree[0] === 2 ? [tree] : []
}
