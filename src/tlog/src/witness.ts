/**
 * Reading a hash-tree witness. The bytes come from a server and may be anything: the reader accepts the five node kinds
 * of the interface specification ("Certificate encoding"), definite lengths, limited depth and size, and nothing after
 * the tree.
 */
import { ascii, equalBytes } from './bytes.ts'
import { emptyNodeHash, forkHash, labeledHash, leafNodeHash } from './certified-tree.ts'
import { type Hash, HASH_BYTES } from './tree.ts'
import { type TreeHead, decodeTreeHead } from './tree-head.ts'

const WITNESS_BYTES_MAX = 4096
const DEPTH_MAX = 16
const LOG = ascii('log')

/** `root` is to be compared with the canister's certified data; until it matches, the head proves nothing. */
export interface LogWitness {
  readonly root: Uint8Array
  readonly treeHead: TreeHead
  /** The 68 bytes as certified, for archives. */
  readonly treeHeadBytes: Uint8Array
}

interface Cursor {
  readonly bytes: Uint8Array
  readonly hash: Hash
  at: number
  found: Uint8Array[]
}

/** The witness's root and tree head, or null if the bytes are not a witness that reveals exactly one `log`. */
export function readLogWitness(hash: Hash, bytes: Uint8Array): LogWitness | null {
  try {
    if (bytes.length > WITNESS_BYTES_MAX) return null
    const cursor: Cursor = { bytes, hash, at: 0, found: [] }
    if (bytes[0] === 0xd9 && bytes[1] === 0xd9 && bytes[2] === 0xf7) cursor.at = 3
    const root = readNode(cursor, 0, true)
    const treeHeadBytes = cursor.found[0]
    if (root === null || cursor.at !== bytes.length || cursor.found.length !== 1 || treeHeadBytes === undefined)
      return null
    const decoded = decodeTreeHead(treeHeadBytes)
    return decoded.ok ? { root, treeHead: decoded.value, treeHeadBytes } : null
  } catch {
    return null // not a byte array, or the hash failed
  }
}

/** Hash of the node at the cursor. `top` is true while no label has been passed, where `log` is looked for. */
function readNode(cursor: Cursor, depth: number, top: boolean): Uint8Array | null {
  const items = cursor.bytes[cursor.at]
  const kind = cursor.bytes[cursor.at + 1]
  if (depth > DEPTH_MAX || items === undefined || kind === undefined) return null
  cursor.at += 2
  if (items === 0x81 && kind === 0) return emptyNodeHash(cursor.hash)
  if (items === 0x83 && kind === 1) {
    const left = readNode(cursor, depth + 1, top)
    const right = left === null ? null : readNode(cursor, depth + 1, top)
    return left === null || right === null ? null : forkHash(cursor.hash, left, right)
  }
  if (items === 0x83 && kind === 2) return readLabeled(cursor, depth, top)
  if (items !== 0x82 || (kind !== 3 && kind !== 4)) return null
  const content = readBytes(cursor)
  if (content === null) return null
  if (kind === 3) return leafNodeHash(cursor.hash, content)
  return content.length === HASH_BYTES ? content : null
}

function readLabeled(cursor: Cursor, depth: number, top: boolean): Uint8Array | null {
  const label = readBytes(cursor)
  if (label === null) return null
  if (top && equalBytes(label, LOG)) {
    if (cursor.bytes[cursor.at] !== 0x82 || cursor.bytes[cursor.at + 1] !== 3) return null
    cursor.at += 2
    const content = readBytes(cursor)
    if (content === null) return null
    cursor.found.push(content)
    return labeledHash(cursor.hash, label, leafNodeHash(cursor.hash, content))
  }
  const node = readNode(cursor, depth + 1, false)
  return node === null ? null : labeledHash(cursor.hash, label, node)
}

/** A CBOR byte string of definite length (RFC 8949, section 3.1, major type 2), at most 65 535 bytes. */
function readBytes(cursor: Cursor): Uint8Array | null {
  const head = cursor.bytes[cursor.at]
  if (head === undefined || head < 0x40 || head > 0x59) return null
  const lengthBytes = head === 0x58 ? 1 : head === 0x59 ? 2 : 0
  let length = head - 0x40
  if (lengthBytes > 0) {
    length = 0
    for (let i = 1; i <= lengthBytes; i++) length = length * 256 + (cursor.bytes[cursor.at + i] ?? 0)
  }
  const start = cursor.at + 1 + lengthBytes
  if (start + length > cursor.bytes.length) return null
  cursor.at = start + length
  return cursor.bytes.slice(start, start + length)
}
