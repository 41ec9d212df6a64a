export {
  compareBytes,
  concat,
  domainSeparator,
  equalBytes,
  fromHex,
  hex,
  plain,
  sha256,
  uleb128,
  utf8,
} from './bytes.ts'
export { type Cbor, type CborMap, decodeUntrusted, encodeTagged, InvalidCbor } from './cbor.ts'
export { type Certifier, createCertifier, selfAuthenticating } from './certifier.ts'
export { DEVELOPMENT_NODE_SEED, DEVELOPMENT_ROOT_SECRET } from './development-keys.ts'
export {
  buildTree,
  decodeTree,
  type HashTree,
  type Leaf,
  lookup,
  lookupLeaf,
  type Path,
  rootHash,
  treeFromCbor,
} from './hash-tree.ts'
export { certifyDataOf, createNetworkKeys, rootCertifier, type SubnetKeys, topologyOf } from './network-keys.ts'
export { createNodeKey, type Ed25519Key, ed25519FromSeed, type NodeKey } from './node-key.ts'
export { isArray, isMap, representationHash } from './representation-hash.ts'
export { canisterLeaves, rangeLeaves, requestLeaves, subnetLeaves } from './state-tree.ts'
export { readCertificate } from './verify.ts'
export { witness } from './witness.ts'
