/**
 * The tree of a long log, kept in tiles: four levels of it, 16 hashes wide at the bottom, are one row. A leaf then costs a sixteenth of a row instead
 * of a row for each node that it completes, and a proof a row for every four levels.
 *
 * Tiles of height L lie on one another: `L = 0` stands on leaf hashes, `L = 1` on the roots of those, and so on. The tile at the right edge of each
 * height is in memory; a complete one is written with the L + 1-th leaf behind it, so that no leaf writes two, nor one that completes many subtrees any.
 */
import { expectLength } from './bytes.ts'
import type { Fold } from './fold.ts'
import type { TreeNodes } from './proof.ts'
import { HASH_BYTES } from './tree.ts'

const LEVELS = 4
const WIDTH = 16
/** 16, 8, 4 and 2 hashes of its levels, from the left, and the root of them all. */
export const TILE_BYTES = 31 * HASH_BYTES
const ROOT_AT = 30 * HASH_BYTES
/** Tiles are numbered with 32 bits, and so are leaves. */
export const TILED_LEAVES_MAX = 2 ** 32 - 1

/** Where complete tiles and leaf hashes are kept. A row that was written is there whenever it is asked for. */
export interface TileRows {
  readonly leafHash: (index: number) => Uint8Array
  /** 992 bytes, which are not changed. */
  readonly tile: (height: number, index: number) => Uint8Array
  readonly putTile: (height: number, index: number, bytes: Uint8Array) => void
}

export interface TileTree {
  size(): number
  /** @throws RangeError for a leaf hash that is not 32 bytes, or a full tree. */
  append(leafHash: Uint8Array): void
  /** The peaks, largest first, one after the other: what `fold` makes a root of. Empty for an empty tree. */
  peaks(): Uint8Array
  /** What proofs are made of. @param tile reads a row: a caller may remember rows. */
  nodes(tile?: TileRows['tile']): TreeNodes
}

/** The tree of `size` leaves that `rows` holds. Reads at most 20 rows for each height, to have its edge in memory. */
export function openTileTree(fold: Fold, rows: TileRows, leaves: number): TileTree {
  let size = leaves
  const edge: Uint8Array[] = []
  let peaks: Uint8Array = new Uint8Array(0)

  function readEdge(height: number): Uint8Array {
    const tile = new Uint8Array(TILE_BYTES)
    for (let index = WIDTH * writtenAt(height, size); index < entriesAt(height, size); index++) {
      const entry = height === 0 ? rows.leafHash(index) : rootOfTile(tileAt(rows.tile, height - 1, index))
      tile.set(entry, placeOf(0, index))
      for (let level = 1; level <= LEVELS && (index + 1) % 2 ** level === 0; level++) {
        const left = placeOf(level - 1, ((index + 1) >>> (level - 1)) - 2)
        const pair = fold(tile.subarray(left, left + 2 * HASH_BYTES))
        tile.set(pair.subarray(0, HASH_BYTES), placeOf(level, index >>> level))
      }
    }
    return tile
  }
  function edgeTile(height: number): Uint8Array {
    const tile = edge[height]
    if (tile === undefined) throw new RangeError(`there is no tile of height ${height} yet`)
    return tile
  }
  const tileAt = (read: TileRows['tile'], height: number, index: number) =>
    index < writtenAt(height, size) ? read(height, index) : edgeTile(height)
  /** The complete tile whose turn it is, if any. */
  function writeTile(): void {
    const height = size % WIDTH
    const complete = size - height
    const leaves = WIDTH ** (height + 1)
    if (complete > 0 && height < edge.length && complete % leaves === 0)
      rows.putTile(height, complete / leaves - 1, edgeTile(height))
  }
  function readPeaks(): Uint8Array {
    const { node } = tree.nodes()
    const hashes: Uint8Array[] = []
    for (let level = 31; level >= 0; level--)
      if ((size >>> level) % 2 === 1) hashes.push(node(level, (size >>> level) - 1))
    return joined(hashes)
  }

  const tree: TileTree = {
    size: () => size,
    peaks: () => peaks,
    append(leafHash) {
      expectLength('the leaf hash', leafHash, HASH_BYTES)
      if (size >= TILED_LEAVES_MAX) throw new RangeError('the tree is full')
      writeTile()
      // An odd index has a complete left sibling, and that sibling is always the smallest peak.
      const siblings = trailingOnes(size)
      const kept = peaks.length - siblings * HASH_BYTES
      const path = new Uint8Array((siblings + 1) * HASH_BYTES)
      path.set(peaks.subarray(kept))
      path.set(leafHash, siblings * HASH_BYTES)
      const nodes = siblings === 0 ? path : fold(path)
      // Written out: one leaf may complete twenty subtrees, and a call for each would cost as much as its hash.
      for (let level = 0; level <= siblings; level++) {
        const at = (siblings - level) * HASH_BYTES
        const node = nodes.subarray(at, at + HASH_BYTES)
        const height = level >>> 2
        const width = WIDTH >>> (level & 3)
        const tile = (edge[height] ??= new Uint8Array(TILE_BYTES))
        tile.set(node, (2 * WIDTH - 2 * width + ((size >>> level) & (width - 1))) * HASH_BYTES)
        if (width === WIDTH && height > 0) edgeTile(height - 1).set(node, ROOT_AT)
      }
      const next = new Uint8Array(kept + HASH_BYTES)
      next.set(kept === peaks.length ? peaks : peaks.subarray(0, kept))
      next.set(nodes.subarray(0, HASH_BYTES), kept)
      peaks = next
      size++
    },
    nodes: (tile = rows.tile) => ({
      node(level, index) {
        const height = level >>> 2
        const place = level % LEVELS
        const at = placeOf(place, index)
        return tileAt(tile, height, Math.floor(index / 2 ** (LEVELS - place))).subarray(at, at + HASH_BYTES)
      },
      siblings(index, levels) {
        const path: Uint8Array[] = []
        for (let height = 0; height * LEVELS < levels; height++) {
          const entry = index >>> (height * LEVELS)
          const bytes = tileAt(tile, height, entry >>> LEVELS)
          const places = Math.min(LEVELS, levels - height * LEVELS)
          for (let place = 0; place < places; place++) {
            const at = placeOf(place, (entry >>> place) ^ 1)
            path.push(bytes.subarray(at, at + HASH_BYTES))
          }
        }
        return path
      },
    }),
  }
  for (let height = 0; entriesAt(height, size) > 0; height++) edge.push(readEdge(height))
  peaks = readPeaks()
  return tree
}

/** How many hashes stand at the bottom of the tiles of a height. */
const entriesAt = (height: number, size: number): number => Math.floor(size / WIDTH ** height)
/** How many tiles of a height are written at a size: each of them with the `height + 1`-th leaf that comes behind it. */
const writtenAt = (height: number, size: number): number =>
  size <= height ? 0 : Math.floor((size - height - 1) / WIDTH ** (height + 1))

/** Where a hash of a tile stands in it: its levels one after the other, each half as wide as the one below. */
function placeOf(level: number, index: number): number {
  const width = WIDTH >>> level
  return (2 * WIDTH - 2 * width + (index & (width - 1))) * HASH_BYTES
}
const rootOfTile = (tile: Uint8Array): Uint8Array => tile.subarray(ROOT_AT, TILE_BYTES)

function trailingOnes(index: number): number {
  let ones = 0
  for (let rest = index; rest % 2 === 1; rest = Math.floor(rest / 2)) ones++
  return ones
}

function joined(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * HASH_BYTES)
  for (let i = 0; i < hashes.length; i++) bytes.set(hashes[i] as Uint8Array, i * HASH_BYTES)
  return bytes
}
