import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  EMPTY_PEAKS,
  type TileRows,
  TILE_BYTES,
  appendLeaf,
  createProver,
  foldOf,
  leafHash,
  openTileTree,
  rootOf,
} from '../src/index.ts'
import { hex, sha256, slowNodes, slowPath } from './slow-tree.ts'

const fold = foldOf(sha256)
const LEAVES = Array.from({ length: 4500 }, (_, i) => Uint8Array.of(i >>> 8, i))

/** Rows in memory; `written` counts those of the tree. */
function rowsOf(leaves: readonly Uint8Array[]) {
  const tiles = new Map<string, Uint8Array>()
  const rows: TileRows = {
    leafHash: (index) => leafHash(sha256, leaves[index] ?? new Uint8Array(99)),
    tile(height, index) {
      const tile = tiles.get(`${height}/${index}`)
      if (tile === undefined) throw new Error(`tile ${height}/${index} was never written`)
      return tile
    },
    putTile(height, index, bytes) {
      expect(bytes).toHaveLength(TILE_BYTES)
      expect(tiles.has(`${height}/${index}`)).toBe(false)
      tiles.set(`${height}/${index}`, bytes.slice())
    },
  }
  return { rows, tiles }
}

describe('a tree in tiles', () => {
  test('has the root and every node that the definition gives, whether it was open all the time or is opened again', () => {
    const { rows, tiles } = rowsOf(LEAVES)
    const tree = openTileTree(fold, rows, 0)
    const nodes = new Map(
      [...slowNodes(LEAVES.map((leaf) => leafHash(sha256, leaf)))].map(([at, node]) => [at, hex(node)]),
    )
    let peaks = EMPTY_PEAKS
    expect(tree.peaks()).toHaveLength(0)
    for (const [i, leaf] of LEAVES.entries()) {
      const before = tiles.size
      peaks = appendLeaf(sha256, peaks, leafHash(sha256, leaf)).peaks
      tree.append(leafHash(sha256, leaf))
      expect(tiles.size - before).toBeLessThanOrEqual(1)
      expect(tree.size()).toBe(i + 1)
      expect(hex(fold(tree.peaks()).subarray(0, 32))).toBe(hex(rootOf(sha256, peaks)))
      if (i % 97 > 2 && (i + 1) % 256 > 3) continue
      const again = openTileTree(fold, rows, i + 1)
      expect(hex(again.peaks())).toBe(hex(tree.peaks()))
      const last = (level: number) => Math.floor((i + 1) / 2 ** level) - 1
      for (let level = 0; last(level) >= 0; level++)
        for (const index of [last(level), last(level) - 1, last(level) >> 1, 0]) {
          if (index < 0) continue
          expect(hex(tree.nodes().node(level, index))).toBe(nodes.get(`${level}/${index}`))
          expect(hex(again.nodes().node(level, index))).toBe(nodes.get(`${level}/${index}`))
        }
    }
    for (const [name, hash] of nodes) {
      const [level = 0, index = 0] = name.split('/').map(Number)
      expect(hex(tree.nodes().node(level, index))).toBe(hash)
    }
  })

  test('goes on after it was opened again at any size', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 8 }), (runs) => {
        const { rows } = rowsOf(LEAVES)
        let peaks = EMPTY_PEAKS
        for (const run of runs) {
          const tree = openTileTree(fold, rows, peaks.size)
          for (let i = 0; i < run; i++) {
            const own = leafHash(sha256, LEAVES[peaks.size] ?? new Uint8Array())
            tree.append(own)
            peaks = appendLeaf(sha256, peaks, own).peaks
          }
          expect(hex(fold(tree.peaks()).subarray(0, 32))).toBe(hex(rootOf(sha256, peaks)))
        }
      }),
      { numRuns: 30 },
    )
  })

  test('proves with one row for every four levels', () => {
    const { rows } = rowsOf(LEAVES)
    const tree = openTileTree(fold, rows, 0)
    for (const leaf of LEAVES) tree.append(leafHash(sha256, leaf))
    for (const index of [0, 1, 17, 255, 256, 4095, 4096, 4499]) {
      let reads = 0
      let last = ''
      const read: TileRows['tile'] = (height, number) => {
        if (last !== `${height}/${number}`) reads++
        last = `${height}/${number}`
        return rows.tile(height, number)
      }
      const path = createProver(fold, tree.nodes(read), 4500).inclusion(index)
      expect(path.map(hex)).toEqual(slowPath(index, LEAVES).map(hex))
      expect(reads).toBeLessThanOrEqual(4)
    }
  })

  test('refuses what is no leaf hash', () => {
    const tree = openTileTree(fold, rowsOf([]).rows, 0)
    expect(() => tree.append(new Uint8Array(31))).toThrow(RangeError)
  })
})
