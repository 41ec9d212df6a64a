import type { LogEntry } from '@medguard/protocol'
import { consistencyProof, type Hash, inclusionProof } from '@medguard/tlog'
import type { AuditStore } from './store.ts'

/**
 * Proofs for one answer. Entries of one answer share most of their nodes, and the nodes at the tree's right edge are hashed anew for each proof:
 * so both are remembered while the answer is made, and forgotten with it.
 */
export function createProver(store: AuditStore, hash: Hash) {
  const nodes = new Map<string, Uint8Array | undefined>()
  const hashes = new Map<string, Uint8Array>()
  const node = (level: number, index: number): Uint8Array | undefined => {
    const name = `${level} ${index}`
    let known = nodes.get(name)
    if (known === undefined) nodes.set(name, (known = store.node(level, index)))
    return known
  }
  const remembered: Hash = (bytes) => {
    const name = String.fromCharCode.apply(null, bytes as unknown as number[])
    let known = hashes.get(name)
    if (known === undefined) hashes.set(name, (known = hash(bytes)))
    return known
  }
  return {
    inclusion: (index: number, size: number): Uint8Array[] => inclusionProof(remembered, node, index, size),
    consistency: (firstSize: number, secondSize: number): Uint8Array[] =>
      consistencyProof(remembered, node, firstSize, secondSize),
    /** A leaf with everything that proves it at `size`. */
    entry(index: number, size: number): LogEntry {
      const { leaf, detail } = store.leaf(index)
      return { leaf, detail, proof: inclusionProof(remembered, node, index, size) }
    },
  }
}
