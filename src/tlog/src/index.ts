/** Merkle hashing, log formats and proofs. No I/O, no globals beyond the language: canisters link all of it. */
export { COUNT_MAX, type DecodeFailure, type Decoded } from './bytes.ts'
export {
  EMPTY_PEAKS,
  HASH_BYTES,
  type Hash,
  type Peaks,
  TREE_SIZE_MAX,
  appendLeaf,
  decodePeaks,
  emptyRoot,
  encodePeaks,
  leafHash,
  nodeHash,
  rootOf,
  rootOfLeaves,
} from './tree.ts'
export { type Fold, foldOf } from './fold.ts'
export { type TileRows, type TileTree, TILE_BYTES, TILED_LEAVES_MAX, openTileTree } from './tiles.ts'
export { type Prover, type TreeNodes, createProver, siblingsFrom } from './proof.ts'
export { type ConsistencyClaim, type InclusionClaim, verifyConsistency, verifyInclusion } from './verify.ts'
export {
  ACTOR_BYTES_MAX,
  AUDIT_KEY_BYTES,
  BLINDING_BYTES,
  LEAF_BYTES,
  LEAF_FLAG,
  type Leaf,
  decodeLeaf,
  encodeLeaf,
  leafBlinding,
} from './leaf.ts'
export { LOG_ID_BYTES, TREE_HEAD_BYTES, type TreeHead, decodeTreeHead, encodeTreeHead, logIdOf } from './tree-head.ts'
export { certifiedRoot, configNodeHash, logWitness } from './certified-tree.ts'
export { type LogWitness, readLogWitness } from './witness.ts'
export { fromBase64, toBase64 } from './base64.ts'
export {
  type Checkpoint,
  cosignedText,
  decodeCheckpoint,
  decodeCosignature,
  decodeNote,
  decodeNoteKey,
  encodeCheckpoint,
  encodeCosignature,
  encodeNote,
  encodeNoteKey,
  isOfKey,
  NOTE_KEY,
  type NoteKey,
  noteBytes,
  noteKeyHash,
  type NoteSignature,
  originOf,
  type SignedNote,
} from './note.ts'
export { EMPTY_SEQUENCE, sequenceHash } from './sequence-hash.ts'
