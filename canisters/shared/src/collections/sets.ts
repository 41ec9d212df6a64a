import type { Rows } from '../maps.ts'

const LAYOUT = Uint8Array.of(1)

/** A set of keys: who may read a chain. Rows: key -> 1. */
export function createSet(rows: Rows) {
  return {
    has: (key: Uint8Array): boolean => rows.has(key),
    add: (key: Uint8Array): void => rows.set(key, LAYOUT),
    delete: (key: Uint8Array): void => rows.delete(key),
  }
}
export type KeySet = ReturnType<typeof createSet>
