/**
 * The hash tree behind the log's certified data, in the form certificates use (interface specification,
 * "Certification", "Certificate encoding"):
 *
 *     fork( labeled "cfg", leaf( H(config) ),
 *           labeled "log", leaf( tree head ) )
 *
 * Three-letter labels keep a labelled node within one block of SHA-256.
 */
import { ascii, expectLength } from './bytes.ts'
import { type Hash, HASH_BYTES } from './tree.ts'
import { TREE_HEAD_BYTES } from './tree-head.ts'

/** Separators of the five node kinds; each is preceded by its length (interface specification, "Certificate"). */
const SEPARATOR = {
  empty: separator('ic-hashtree-empty'),
  fork: separator('ic-hashtree-fork'),
  labeled: separator('ic-hashtree-labeled'),
  leaf: separator('ic-hashtree-leaf'),
} as const
const CFG = ascii('cfg')
const LOG = ascii('log')
const EMPTY = new Uint8Array(0)

/** Hash of the `cfg` half. It changes with the configuration only, so a canister keeps it between appends. */
export function configNodeHash(hash: Hash, configHash: Uint8Array): Uint8Array {
  expectLength('the configuration hash', configHash, HASH_BYTES)
  return labeledHash(hash, CFG, leafNodeHash(hash, configHash))
}

/** The three blocks of the root with their separators and labels in place: a hash copies what it is given. */
const HEAD_AT = SEPARATOR.leaf.length
const headBlock = joined(SEPARATOR.leaf, new Uint8Array(TREE_HEAD_BYTES), EMPTY)
const LABELED_AT = SEPARATOR.labeled.length + LOG.length
const labeledBlock = joined(SEPARATOR.labeled, LOG, new Uint8Array(HASH_BYTES))
const FORK_AT = SEPARATOR.fork.length
const forkBlock = joined(SEPARATOR.fork, new Uint8Array(HASH_BYTES), new Uint8Array(HASH_BYTES))

/** The 32 bytes to certify: three hashes, five blocks of SHA-256. */
export function certifiedRoot(hash: Hash, configNode: Uint8Array, treeHead: Uint8Array): Uint8Array {
  expectLength('the configuration node', configNode, HASH_BYTES)
  expectLength('the tree head', treeHead, TREE_HEAD_BYTES)
  headBlock.set(treeHead, HEAD_AT)
  labeledBlock.set(hash(headBlock), LABELED_AT)
  forkBlock.set(configNode, FORK_AT)
  forkBlock.set(hash(labeledBlock), FORK_AT + HASH_BYTES)
  return hash(forkBlock)
}

/**
 * CBOR of the tree with `cfg` pruned to its hash and `log` revealed, under the self-describing tag 55799: 119 bytes.
 * Nothing is hashed here, so a query can make it at no cost.
 */
export function logWitness(configNode: Uint8Array, treeHead: Uint8Array): Uint8Array {
  expectLength('the configuration node', configNode, HASH_BYTES)
  expectLength('the tree head', treeHead, TREE_HEAD_BYTES)
  const head = [0xd9, 0xd9, 0xf7, 0x83, 0x01, 0x82, 0x04, 0x58, HASH_BYTES] // tag, [1, [4, bytes(32)
  const middle = [0x83, 0x02, 0x43, 0x6c, 0x6f, 0x67, 0x82, 0x03, 0x58, TREE_HEAD_BYTES] // [2, "log", [3, bytes(68)
  const bytes = new Uint8Array(head.length + HASH_BYTES + middle.length + TREE_HEAD_BYTES)
  bytes.set(head, 0)
  bytes.set(configNode, head.length)
  bytes.set(middle, head.length + HASH_BYTES)
  bytes.set(treeHead, head.length + HASH_BYTES + middle.length)
  return bytes
}

export function emptyNodeHash(hash: Hash): Uint8Array {
  return hash(SEPARATOR.empty)
}

export function forkHash(hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash(joined(SEPARATOR.fork, left, right))
}

export function labeledHash(hash: Hash, label: Uint8Array, node: Uint8Array): Uint8Array {
  return hash(joined(SEPARATOR.labeled, label, node))
}

export function leafNodeHash(hash: Hash, content: Uint8Array): Uint8Array {
  return hash(joined(SEPARATOR.leaf, content, EMPTY))
}

function separator(text: string): Uint8Array {
  const bytes = new Uint8Array(1 + text.length)
  bytes[0] = text.length
  bytes.set(ascii(text), 1)
  return bytes
}

function joined(a: Uint8Array, b: Uint8Array, c: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length + c.length)
  bytes.set(a, 0)
  bytes.set(b, a.length)
  bytes.set(c, a.length + b.length)
  return bytes
}
