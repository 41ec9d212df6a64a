import { engineTrap, ExecutionTrap, stableOutOfBounds } from './execution-trap.ts'

export const STABLE_BLOCK_BYTES = 4096
export const WASM_PAGE_BYTES = 65_536
export const STABLE_PAGES_MAX = (500 * 1024 ** 3) / WASM_PAGE_BYTES
const LEGACY_PAGES_MAX = 65_536

/** Blocks and size a message has changed and nobody has committed yet. */
export interface StableChanges {
  readonly pages: number
  readonly blocks: ReadonlyMap<number, Uint8Array>
}

/**
 * Stable memory of one canister: sparse blocks of 4 KiB under one layer of uncommitted blocks. A block that was never written is
 * absent and reads as zero; Azle declares 84 MB and writes a fraction of one.
 */
export class StableMemory {
  /** Size in pages of 64 KiB, with what the running message grew. */
  pages = 0
  /** Growing beyond this is refused. */
  pagesMax = STABLE_PAGES_MAX
  #committedPages = 0
  readonly #committed = new Map<number, Uint8Array>()
  #changed = new Map<number, Uint8Array>()

  get committedPages(): number {
    return this.#committedPages
  }

  get changedBlocks(): number {
    return this.#changed.size
  }

  /** Committed blocks, for storage and for tests. */
  get blocks(): ReadonlyMap<number, Uint8Array> {
    return this.#committed
  }

  /** @returns the old size in pages, or -1 where the network's limit would be passed. */
  grow(pages: number): number {
    const old = this.pages
    if (old + pages > this.pagesMax) return -1
    this.pages = old + pages
    return old
  }

  /** As `grow`, within the 4 GiB the 32-bit functions can address. */
  growLegacy(pages: number): number {
    this.assertLegacy()
    return this.pages + pages > LEGACY_PAGES_MAX ? -1 : this.grow(pages)
  }

  /** @throws ExecutionTrap where the 32-bit functions are of no use any more. */
  assertLegacy(): void {
    if (this.pages > LEGACY_PAGES_MAX) {
      throw engineTrap('32 bit stable memory api used on a memory larger than 4GB')
    }
  }

  /** Copies `size` bytes to `target` at `at`. @throws ExecutionTrap out of bounds. */
  read(offset: number, target: Uint8Array, at: number, size: number): void {
    if (offset + size > this.pages * WASM_PAGE_BYTES) throw stableOutOfBounds()
    let done = 0
    while (done < size) {
      const index = Math.floor((offset + done) / STABLE_BLOCK_BYTES)
      const within = offset + done - index * STABLE_BLOCK_BYTES
      const length = Math.min(STABLE_BLOCK_BYTES - within, size - done)
      const block = this.#changed.get(index) ?? this.#committed.get(index)
      const to = at + done
      if (block === undefined) target.fill(0, to, to + length)
      else if (length <= 16) for (let i = 0; i < length; i++) target[to + i] = block[within + i] ?? 0
      else target.set(block.subarray(within, within + length), to)
      done += length
    }
  }

  /** Copies `size` bytes of `source` from `from`. @throws ExecutionTrap out of bounds. @returns blocks this message had not yet touched. */
  write(offset: number, source: Uint8Array, from: number, size: number): number {
    if (offset + size > this.pages * WASM_PAGE_BYTES) throw stableOutOfBounds()
    const before = this.#changed.size
    let done = 0
    while (done < size) {
      const index = Math.floor((offset + done) / STABLE_BLOCK_BYTES)
      const within = offset + done - index * STABLE_BLOCK_BYTES
      const length = Math.min(STABLE_BLOCK_BYTES - within, size - done)
      const block = this.#own(index)
      const at = from + done
      if (length <= 16) for (let i = 0; i < length; i++) block[within + i] = source[at + i] ?? 0
      else block.set(source.subarray(at, at + length), within)
      done += length
    }
    return this.#changed.size - before
  }

  #own(index: number): Uint8Array {
    const changed = this.#changed.get(index)
    if (changed !== undefined) return changed
    const committed = this.#committed.get(index)
    const block = committed === undefined ? new Uint8Array(STABLE_BLOCK_BYTES) : committed.slice()
    this.#changed.set(index, block)
    return block
  }

  /** Keeps what was written. @returns the blocks whose content really changed. */
  commit(): readonly number[] {
    const changed: number[] = []
    for (const [index, block] of this.#changed) {
      const old = this.#committed.get(index)
      if (old === undefined ? block.every((byte) => byte === 0) : Buffer.compare(old, block) === 0) continue
      this.#committed.set(index, block)
      changed.push(index)
    }
    if (this.#changed.size > 0) this.#changed = new Map()
    this.#committedPages = this.pages
    return changed
  }

  rollback(): void {
    if (this.#changed.size > 0) this.#changed = new Map()
    this.pages = this.#committedPages
  }

  /** Takes the uncommitted changes off, to be put back with `apply`. */
  detach(): StableChanges {
    const changes = { pages: this.pages, blocks: this.#changed }
    this.#changed = new Map()
    this.pages = this.#committedPages
    return changes
  }

  apply(changes: StableChanges): void {
    // Blocks are copied on write, but these may already be owned by the layer they were detached from.
    this.#changed = new Map([...changes.blocks].map(([index, block]) => [index, block.slice()]))
    this.pages = changes.pages
  }

  /** Puts stored state back. */
  restore(pages: number, blocks: ReadonlyMap<number, Uint8Array>): void {
    this.pages = pages
    this.#committedPages = pages
    for (const [index, block] of blocks) this.#committed.set(index, block)
  }
}

/** Bytes of stable memory one message may touch. local network facts 5.8 */
export const STABLE_BYTES_PER_MESSAGE = { message: 2 * 1024 ** 3, install: 8 * 1024 ** 3, query: 1024 ** 3 } as const

export const stableAccessLimit = (): ExecutionTrap =>
  new ExecutionTrap(
    'IC0524',
    'Canister exceeded the limit for the number of modified pages in the stable memory in a single message execution.',
  )
