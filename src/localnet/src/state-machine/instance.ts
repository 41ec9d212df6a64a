import { COUNTER_EXPORT, MEMORY_EXPORT, START_EXPORT, TABLE_EXPORT, TOUCHED_EXPORT } from '../contracts.ts'
import { nativeCallback, nativeEntry } from '../native/index.ts'
import { ExecutionTrap } from '../system-api/execution-trap.ts'
import { Host } from '../system-api/host.ts'
import type { Changes, Code, GlobalValue } from './instance-parts.ts'
import { bindImports } from '../system-api/index.ts'
import { STABLE_PAGES_MAX, type StableMemory, WASM_PAGE_BYTES } from '../system-api/stable-memory.ts'
import { withMemoryMaximum } from '../wasm/memory-maximum.ts'

export type { Changes, Code, GlobalValue } from './instance-parts.ts'

export const HEAP_PAGE_BYTES = 4096
/** Blocks are compared first, the pages inside a changed one after that: one comparison of 12 MB takes 0.2 ms this way. */
const BLOCK_BYTES = 65_536

/** Full comparisons after which the blocks that change most are learned anew. */
const HOT_KEPT = 1024

const ZERO_PAGE = Buffer.alloc(HEAP_PAGE_BYTES)
const isZero = (heap: Buffer, at: number): boolean =>
  heap.compare(ZERO_PAGE, 0, HEAP_PAGE_BYTES, at, at + HEAP_PAGE_BYTES) === 0

/**
 * The live instance of one canister and a shadow copy of its heap as last committed. A message runs in the live heap; afterwards the
 * pages that differ are copied one way (commit) or the other (rollback).
 *
 * Tables and dropped segments do not outlive a message: the network makes a new instance for each, this one makes one after a message
 * that changed any. Few do.
 */
export class Instance {
  readonly code: Code
  readonly stable: StableMemory
  readonly host: Host
  #exports: WebAssembly.Exports = {}
  #memory: WebAssembly.Memory | null = null
  #table: WebAssembly.Table | null = null
  #touched: WebAssembly.Global | null = null
  #shadow = Buffer.alloc(0)
  #committedBytes = 0
  #committedGlobals: readonly GlobalValue[] = []
  #heapPagesMax: number | null = null
  #capped: WebAssembly.Module | null = null
  /** Offsets of blocks that full comparisons found changed lately. [Note: queries together] */
  readonly #hot = new Set<number>()
  #comparisons = 0
  /** A full rollback in a series of likely ones hides what those before it left behind: the series is broken. */
  #likelyRollbacks: 'none' | 'some' | 'broken' = 'none'

  constructor(code: Code, stable: StableMemory) {
    this.code = code
    this.stable = stable
    this.host = new Host(stable)
    this.#instantiate()
  }

  /** Pages beyond which growing is refused, of either memory; null for the network's own limits. What is there stays. */
  cap({ stablePages, heapPages }: { stablePages: number | null; heapPages: number | null }): void {
    this.stable.pagesMax = stablePages ?? STABLE_PAGES_MAX
    if (heapPages === this.#heapPagesMax) return
    this.#heapPagesMax = heapPages
    const pages = heapPages === null ? null : Math.max(heapPages, this.heapBytes / WASM_PAGE_BYTES)
    const { wasm } = this.code.prepared
    this.#capped = pages === null ? null : new WebAssembly.Module(withMemoryMaximum(wasm, pages))
    this.#renew()
  }

  /** Entry point by export name; undefined where there is none. */
  entry(name: string): (() => void) | undefined {
    const { native } = this.code
    if (native !== null) return nativeEntry(native, name, this.host)
    const exported = this.#exports[name]
    if (typeof exported !== 'function') return undefined
    // Looked up again when it runs: a cap on the memory may have put another instance in place by then.
    return () => {
      const now = this.#exports[name]
      if (typeof now === 'function') now()
    }
  }

  start(): (() => void) | undefined {
    return this.code.prepared.hasStart ? this.entry(START_EXPORT) : undefined
  }

  /** @throws ExecutionTrap if the table holds no function of type `(i32) -> ()` there. */
  callback(tableIndex: number, env: number): void {
    const { native } = this.code
    if (native !== null) return nativeCallback(native, tableIndex, env, this.host)
    const entry: unknown = this.#table !== null && tableIndex < this.#table.length ? this.#table.get(tableIndex) : null
    if (typeof entry !== 'function') {
      throw new ExecutionTrap(
        'IC0513',
        `Canister requested to invoke a non-existent function at table index ${tableIndex}`,
      )
    }
    if (entry.length !== 1) {
      throw new ExecutionTrap(
        'IC0504',
        `Canister violated contract: function at table index ${tableIndex} has the wrong type`,
      )
    }
    entry(env)
  }

  get heapBytes(): number {
    return this.#memory?.buffer.byteLength ?? 0
  }

  get committedBytes(): number {
    return this.#committedBytes
  }

  get committedGlobals(): readonly GlobalValue[] {
    return this.#committedGlobals
  }

  /** The heap as last committed. A view: copy it to keep it. */
  get committedHeap(): Uint8Array {
    return this.#shadow.subarray(0, this.#committedBytes)
  }

  /** Numbers of the committed pages that hold anything. */
  storedPages(): readonly number[] {
    const pages: number[] = []
    for (let at = 0; at < this.#committedBytes; at += HEAP_PAGE_BYTES) {
      if (!isZero(this.#shadow, at)) pages.push(at / HEAP_PAGE_BYTES)
    }
    return pages
  }

  /** A copy of one committed page; null if it is zero or beyond the heap, and so need not be stored. */
  storedPage(page: number): Uint8Array | null {
    const at = page * HEAP_PAGE_BYTES
    if (at >= this.#committedBytes || isZero(this.#shadow, at)) return null
    return new Uint8Array(this.#shadow.subarray(at, at + HEAP_PAGE_BYTES))
  }

  /** Keeps what the messages since the last commit did to heap and globals. @returns the heap pages that changed. */
  commit(): readonly number[] {
    const bytes = this.heapBytes
    if (bytes > this.#shadow.length) {
      const larger = Buffer.alloc(Math.max(bytes, Math.ceil((this.#shadow.length * 1.25) / BLOCK_BYTES) * BLOCK_BYTES))
      larger.set(this.#shadow.subarray(0, this.#committedBytes))
      this.#shadow = larger
    }
    const live = this.#live()
    const changed = this.#changedPages(live, bytes)
    for (const page of changed) {
      const from = page * HEAP_PAGE_BYTES
      live.copy(this.#shadow, from, from, from + HEAP_PAGE_BYTES)
    }
    const gone = this.#forgetBeyond(bytes)
    this.#committedBytes = bytes
    this.#committedGlobals = this.#globals()
    if (this.#touched?.value === 1) this.#renew()
    return [...changed, ...gone]
  }

  /** Undoes everything since the last commit. @returns how many heap pages had changed. */
  rollback(): number {
    if (this.#likelyRollbacks === 'some') this.#likelyRollbacks = 'broken'
    this.stable.rollback()
    if (this.#isAnother) {
      const touched = this.#changedPages(this.#live(), this.#committedBytes).length
      const grown = (this.heapBytes - this.#committedBytes) / HEAP_PAGE_BYTES
      this.#renew()
      return touched + Math.max(0, grown)
    }
    const live = this.#live()
    const changed = this.#changedPages(live, this.#committedBytes)
    this.#restore(live, changed)
    return changed.length
  }

  /** As `rollback`, but looks for changes only where there were some lately: a tenth of the work, and right most of the time. */
  rollbackWhereLikely(): number {
    if (this.#isAnother) return this.rollback()
    if (this.#likelyRollbacks === 'none') this.#likelyRollbacks = 'some'
    this.stable.rollback()
    const changed: number[] = []
    const live = this.#live()
    for (const block of this.#hot) if (block < this.#committedBytes) this.#compareBlock(live, block, changed)
    this.#restore(live, changed)
    return changed.length
  }

  /**
   * Ends a series of likely rollbacks; to be called before anything else is done with this instance.
   * @returns whether each of them was complete. If not, some run may have seen what another had left behind.
   */
  endLikelyRollbacks(): boolean {
    const isWhole = this.#likelyRollbacks !== 'broken'
    this.#likelyRollbacks = 'none'
    return this.rollback() === 0 && isWhole
  }

  /** Takes the uncommitted changes off and goes back to the committed state. */
  detach(): Changes {
    const live = this.#live()
    const heapBytes = live.length
    const pages = new Map<number, Uint8Array>()
    const copyPage = (page: number) =>
      pages.set(page, new Uint8Array(live.subarray(page * HEAP_PAGE_BYTES, (page + 1) * HEAP_PAGE_BYTES)))
    for (const page of this.#changedPages(live, this.#committedBytes)) copyPage(page)
    for (let page = this.#committedBytes / HEAP_PAGE_BYTES; page < heapBytes / HEAP_PAGE_BYTES; page++) copyPage(page)
    const changes = { heapBytes, pages, globals: this.#globals(), stable: this.stable.detach() }
    this.rollback()
    return changes
  }

  apply(changes: Changes): void {
    this.#grow(changes.heapBytes)
    const live = this.#live()
    for (const [page, bytes] of changes.pages) live.set(bytes, page * HEAP_PAGE_BYTES)
    this.#setGlobals(changes.globals)
    this.stable.apply(changes.stable)
  }

  /** Takes over the committed state of the instance this one replaces, so that the next commit finds what differs from it. */
  succeed(previous: Instance): void {
    this.#shadow = Buffer.from(previous.committedHeap)
    this.#committedBytes = previous.#committedBytes
  }

  /** Puts stored state in place of what instantiation left in the heap. */
  restore(heapBytes: number, pages: ReadonlyMap<number, Uint8Array>, globals: readonly GlobalValue[]): void {
    this.#shadow = Buffer.alloc(heapBytes)
    this.#committedBytes = heapBytes
    this.#committedGlobals = globals
    this.#live().fill(0)
    this.#grow(heapBytes)
    const live = this.#live()
    // Page by page: a large heap with little in it takes little memory.
    for (const [page, bytes] of pages) for (const heap of [this.#shadow, live]) heap.set(bytes, page * HEAP_PAGE_BYTES)
    this.#setGlobals(globals)
  }

  /** Copies the pages of the old heap into the new one: `wasm_memory_persistence = keep`. */
  keepHeapOf(previous: Instance): void {
    this.#grow(previous.#committedBytes)
    this.#live().set(previous.committedHeap)
  }

  /** No copying of pages brings it back: the memory has another size, or a table another content. */
  get #isAnother(): boolean {
    return this.heapBytes !== this.#committedBytes || this.#touched?.value === 1
  }

  /** Between two entry points whose effects count together: tables and segments are as the module has them, all else stays. */
  renewTables(): void {
    if (this.#touched?.value !== 1) return
    const heap = Buffer.from(this.#live())
    const globals = this.#globals()
    this.#instantiate()
    this.#grow(heap.length)
    this.#live().set(heap)
    this.#setGlobals(globals)
  }

  #renew(): void {
    this.#instantiate()
    this.#load()
  }

  #load(): void {
    this.#grow(this.#committedBytes)
    const live = this.#live()
    live.set(this.committedHeap)
    live.fill(0, this.#committedBytes)
    this.#setGlobals(this.#committedGlobals)
  }

  #grow(bytes: number): void {
    const missing = (bytes - this.heapBytes) / WASM_PAGE_BYTES
    if (missing > 0) this.#memory?.grow(missing)
  }

  #live(): Buffer<ArrayBuffer> {
    return Buffer.from(this.#memory?.buffer ?? new ArrayBuffer(0))
  }

  #restore(live: Buffer, pages: readonly number[]): void {
    for (const page of pages) {
      const from = page * HEAP_PAGE_BYTES
      this.#shadow.copy(live, from, from, from + HEAP_PAGE_BYTES)
    }
    this.#setGlobals(this.#committedGlobals)
  }

  /** Pages in which the first `bytes` of the live heap differ from the shadow. Where the shadow is shorter, it counts as zeros. */
  #changedPages(live: Buffer, bytes: number): number[] {
    const changed: number[] = []
    if (++this.#comparisons % HOT_KEPT === 0) this.#hot.clear()
    const end = Math.min(bytes, live.length)
    for (let block = 0; block < end; block += BLOCK_BYTES) {
      if (this.#compareBlock(live, block, changed)) this.#hot.add(block)
    }
    return changed
  }

  /** Adds the pages of one block that differ from the shadow. @returns whether there are any. */
  #compareBlock(live: Buffer, block: number, changed: number[]): boolean {
    const shadow = this.#shadow
    if (live.compare(shadow, block, block + BLOCK_BYTES, block, block + BLOCK_BYTES) === 0) return false
    for (let at = block; at < block + BLOCK_BYTES; at += HEAP_PAGE_BYTES) {
      const differs = live.compare(shadow, at, at + HEAP_PAGE_BYTES, at, at + HEAP_PAGE_BYTES) !== 0
      if (differs) changed.push(at / HEAP_PAGE_BYTES)
    }
    return true
  }

  /** The shadow stays zero beyond the heap, so that growing again finds zeros there. */
  #forgetBeyond(bytes: number): number[] {
    const gone: number[] = []
    for (let at = bytes; at < this.#committedBytes; at += HEAP_PAGE_BYTES) gone.push(at / HEAP_PAGE_BYTES)
    this.#shadow.fill(0, Math.min(bytes, this.#shadow.length), Math.min(this.#committedBytes, this.#shadow.length))
    return gone
  }

  #globals(): readonly GlobalValue[] {
    return this.code.prepared.persistentGlobals.map(({ exportName }) => this.#global(exportName).value as GlobalValue)
  }

  #setGlobals(values: readonly GlobalValue[]): void {
    for (const [index, { exportName }] of this.code.prepared.persistentGlobals.entries()) {
      this.#global(exportName).value = values[index]
    }
  }

  #global(name: string): WebAssembly.Global {
    const exported = this.#exports[name]
    if (!(exported instanceof WebAssembly.Global)) throw new Error(`the prepared module exports no global ${name}`)
    return exported
  }

  #instantiate(): void {
    const { exports } = new WebAssembly.Instance(this.#capped ?? this.code.module, bindImports(this.host))
    this.#exports = exports
    const memory = exports[MEMORY_EXPORT]
    const table = exports[TABLE_EXPORT]
    this.#memory = memory instanceof WebAssembly.Memory ? memory : null
    this.#table = table instanceof WebAssembly.Table ? table : null
    this.#touched = this.#global(TOUCHED_EXPORT)
    this.host.attach(this.#memory, this.#global(COUNTER_EXPORT) as WebAssembly.Global<'i64'>)
  }
}
