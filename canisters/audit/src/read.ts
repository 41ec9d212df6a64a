import type { LogEntry } from '@medguard/protocol'
import { createProver, type Fold } from '@medguard/tlog'
import type { Log } from './append.ts'
import type { AuditStore } from './store.ts'

/** Proofs for one answer, in the tree of one size. Its entries share most of their rows: each is read once, and forgotten with the answer. */
export function createReader(store: AuditStore, log: Log, fold: Fold, size: number) {
  const tiles = new Map<number, Uint8Array>()
  const tile = (height: number, index: number): Uint8Array => {
    const name = height * 2 ** 32 + index
    let known = tiles.get(name)
    if (known === undefined) tiles.set(name, (known = store.tile(height, index)))
    return known
  }
  const prover = createProver(fold, log.nodes(tile), size)
  return {
    inclusion: prover.inclusion,
    consistency: prover.consistency,
    subtree: log.nodes(tile).node,
    /** A leaf with everything that proves it. */
    entry: (index: number): LogEntry => {
      const { leaf, detail } = store.leaf(index)
      return { leaf, detail, proof: prover.inclusion(index) }
    },
  }
}

/**
 * Finds the leaves that a source has sent, by their numbers. They are asked for in order, each of them is in the log of `size` leaves. Looks at two
 * rows for each doubling of how many leaves came since the first: what is sent again is what was not acknowledged a moment ago.
 */
export function createLeafFinder(store: AuditStore, source: number, size: number): (seq: number) => number {
  const last = size - 1
  let previous: number | null = null
  return (seq) => {
    const isIn = (index: number) => store.sourceCountAt(index, source) > seq
    let width = 1
    let start: number
    let end = last
    if (previous === null) {
      for (; end - width >= 0 && isIn(end - width); width *= 2) end -= width
      start = Math.max(0, end - width + 1)
    } else {
      start = previous + 1
      for (; start + width - 1 < last && !isIn(start + width - 1); width *= 2) start += width
      end = Math.min(last, start + width - 1)
    }
    while (start < end) {
      const middle = Math.floor((start + end) / 2)
      if (isIn(middle)) end = middle
      else start = middle + 1
    }
    return (previous = end)
  }
}
