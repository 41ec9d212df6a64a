/** The recursive definitions of RFC 6962, section 2.1, as written there: slow, obvious, for tests only. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]))

const split = (n: number): number => {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

export function slowRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (only === undefined) return sha256(new Uint8Array(0))
  if (leaves.length === 1) return sha256(joined(Uint8Array.of(0), only))
  const k = split(leaves.length)
  return sha256(joined(Uint8Array.of(1), slowRoot(leaves.slice(0, k)), slowRoot(leaves.slice(k))))
}

export function slowPath(m: number, leaves: Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return []
  const k = split(leaves.length)
  return m < k
    ? [...slowPath(m, leaves.slice(0, k)), slowRoot(leaves.slice(k))]
    : [...slowPath(m - k, leaves.slice(k)), slowRoot(leaves.slice(0, k))]
}

export function slowConsistency(m: number, leaves: Uint8Array[], isWhole = true): Uint8Array[] {
  if (m === leaves.length) return isWhole ? [] : [slowRoot(leaves)]
  const k = split(leaves.length)
  return m <= k
    ? [...slowConsistency(m, leaves.slice(0, k), isWhole), slowRoot(leaves.slice(k))]
    : [...slowConsistency(m - k, leaves.slice(k), false), slowRoot(leaves.slice(0, k))]
}

/** Every complete subtree over leaves of these hashes, by `level/index`. */
export function slowNodes(leafHashes: readonly Uint8Array[]): Map<string, Uint8Array> {
  const nodes = new Map<string, Uint8Array>()
  let row = leafHashes
  for (let level = 0; row.length > 0; level++) {
    for (const [index, hash] of row.entries()) nodes.set(`${level}/${index}`, hash)
    const below = row
    const pairOf = (i: number) => below.slice(2 * i, 2 * i + 2)
    row = Array.from({ length: below.length >> 1 }, (_, i) => sha256(joined(Uint8Array.of(1), ...pairOf(i))))
  }
  return nodes
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
/** `count` bytes that run upwards from `first`, as the vectors of the key design are written. */
export const run = (first: number, count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => first + i)

export function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../test/vectors/${name}`, import.meta.url), 'utf8'))
}
