import { createHash } from 'node:crypto'
import { type StableMemory, WASM_PAGE_BYTES } from '../system-api/stable-memory.ts'
import { type NativeStore, NativeTrap } from './native-canister.ts'

// [Note: layout of a native store] Version 1. All numbers are u32, little endian; places count in units of 64 bytes, 0 is none.
//   header, unit 0 to 3   magic | version | root | next free unit | head of the free list of each size class
//   entry                 left | right | priority | value | value bytes | key bytes | key, UTF-16 little endian
//   value                 the bytes
// Entries form a treap: a search tree by key that is a heap by priority, and the priority is a hash of the key, so that the same
// keys make the same tree in whichever order they came. Space comes in powers of two; what is freed waits in a list for its size.
const MAGIC = 0x4b_56_4e_4c
const VERSION = 1
const UNIT_BYTES = 64
const HEADER = { magic: 0, version: 4, root: 8, nextUnit: 12, free: 16 } as const
const HEADER_UNITS = 4
const ENTRY = { left: 0, right: 4, priority: 8, value: 12, valueBytes: 16, keyBytes: 20, key: 24 } as const
/** Two gibibytes a value. */
const CLASS_MAX = 25

interface Entry {
  readonly key: string
  readonly left: number
  readonly right: number
  readonly priority: number
  readonly value: number
  readonly valueBytes: number
}

/** The store of a native canister, all of it in stable memory: nothing is kept here between calls. */
export class StableStore implements NativeStore {
  readonly #stable: StableMemory
  readonly #charge: (bytes: number) => void

  /** @param charge told of every byte read or written, before it is. */
  constructor(stable: StableMemory, charge: (bytes: number) => void) {
    this.#stable = stable
    this.#charge = charge
    if (stable.pages === 0) return
    const [magic, version] = [this.#word(HEADER.magic), this.#word(HEADER.version)]
    if (magic !== MAGIC || version !== VERSION) throw new NativeTrap('the stable memory holds no store of this version')
  }

  get(key: string): Uint8Array | null {
    const at = this.#find(key)
    if (at === 0) return null
    const { value, valueBytes } = this.#entry(at)
    return this.#read(value * UNIT_BYTES, valueBytes)
  }

  put(key: string, value: Uint8Array): void {
    if (this.#stable.pages === 0) this.#format()
    const at = this.#find(key)
    if (at === 0) {
      const place = this.#store(value)
      const entry = this.#newEntry(key, place, value.length)
      this.#setWord(HEADER.root, this.#insert(this.#root, entry, key, priorityOf(key)))
      return
    }
    const old = this.#entry(at)
    if (classOf(old.valueBytes) === classOf(value.length)) this.#write(old.value * UNIT_BYTES, value)
    else {
      this.#free(old.value, old.valueBytes)
      this.#setWord(at * UNIT_BYTES + ENTRY.value, this.#store(value))
    }
    this.#setWord(at * UNIT_BYTES + ENTRY.valueBytes, value.length)
  }

  delete(key: string): void {
    const at = this.#find(key)
    if (at === 0) return
    const { value, valueBytes } = this.#entry(at)
    this.#setWord(HEADER.root, this.#remove(this.#root, key))
    this.#free(value, valueBytes)
    this.#free(at, ENTRY.key + 2 * key.length)
  }

  keys(prefix: string): readonly string[] {
    const found: string[] = []
    const visit = (at: number) => {
      if (at === 0) return
      const { key, left, right } = this.#entry(at)
      const matches = key.startsWith(prefix)
      if (matches || key > prefix) visit(left)
      if (matches) found.push(key)
      if (matches || key < prefix) visit(right)
    }
    visit(this.#root)
    return found
  }

  get #root(): number {
    return this.#stable.pages === 0 ? 0 : this.#word(HEADER.root)
  }

  #find(key: string): number {
    let at = this.#root
    while (at !== 0) {
      const entry = this.#entry(at)
      if (entry.key === key) return at
      at = key < entry.key ? entry.left : entry.right
    }
    return 0
  }

  /** @returns the root of the tree at `at` with the entry in it. */
  #insert(at: number, entry: number, key: string, priority: number): number {
    if (at === 0) return entry
    const here = this.#entry(at)
    if (priority > here.priority) {
      const [smaller, larger] = this.#split(at, key)
      this.#link(entry, ENTRY.left, smaller)
      this.#link(entry, ENTRY.right, larger)
      return entry
    }
    if (key < here.key) this.#link(at, ENTRY.left, this.#insert(here.left, entry, key, priority))
    else this.#link(at, ENTRY.right, this.#insert(here.right, entry, key, priority))
    return at
  }

  /** Parts a tree at a key that is not in it. */
  #split(at: number, key: string): [smaller: number, larger: number] {
    if (at === 0) return [0, 0]
    const here = this.#entry(at)
    if (here.key < key) {
      const [smaller, larger] = this.#split(here.right, key)
      this.#link(at, ENTRY.right, smaller)
      return [at, larger]
    }
    const [smaller, larger] = this.#split(here.left, key)
    this.#link(at, ENTRY.left, larger)
    return [smaller, at]
  }

  #remove(at: number, key: string): number {
    const here = this.#entry(at)
    if (key === here.key) return this.#merge(here.left, here.right)
    if (key < here.key) this.#link(at, ENTRY.left, this.#remove(here.left, key))
    else this.#link(at, ENTRY.right, this.#remove(here.right, key))
    return at
  }

  /** Joins two trees; every key of the first is smaller. */
  #merge(smaller: number, larger: number): number {
    if (smaller === 0 || larger === 0) return smaller + larger
    const [low, high] = [this.#entry(smaller), this.#entry(larger)]
    if (low.priority > high.priority) {
      this.#link(smaller, ENTRY.right, this.#merge(low.right, larger))
      return smaller
    }
    this.#link(larger, ENTRY.left, this.#merge(smaller, high.left))
    return larger
  }

  #link(at: number, side: number, to: number): void {
    this.#setWord(at * UNIT_BYTES + side, to)
  }

  #entry(at: number): Entry {
    const place = at * UNIT_BYTES
    // Most entries fit into one unit: one read, not two.
    const head = Buffer.from(this.#read(place, UNIT_BYTES).buffer)
    const keyBytes = head.readUInt32LE(ENTRY.keyBytes)
    const fits = ENTRY.key + keyBytes <= UNIT_BYTES
    const key = fits
      ? head.toString('utf16le', ENTRY.key, ENTRY.key + keyBytes)
      : Buffer.from(this.#read(place + ENTRY.key, keyBytes).buffer).toString('utf16le')
    return {
      key,
      left: head.readUInt32LE(ENTRY.left),
      right: head.readUInt32LE(ENTRY.right),
      priority: head.readUInt32LE(ENTRY.priority),
      value: head.readUInt32LE(ENTRY.value),
      valueBytes: head.readUInt32LE(ENTRY.valueBytes),
    }
  }

  #newEntry(key: string, value: number, valueBytes: number): number {
    const keyBytes = Buffer.from(key, 'utf16le')
    const bytes = Buffer.alloc(ENTRY.key + keyBytes.length)
    bytes.writeUInt32LE(priorityOf(key), ENTRY.priority)
    bytes.writeUInt32LE(value, ENTRY.value)
    bytes.writeUInt32LE(valueBytes, ENTRY.valueBytes)
    bytes.writeUInt32LE(keyBytes.length, ENTRY.keyBytes)
    keyBytes.copy(bytes, ENTRY.key)
    return this.#store(bytes)
  }

  #store(bytes: Uint8Array): number {
    const at = this.#allocate(bytes.length)
    this.#write(at * UNIT_BYTES, bytes)
    return at
  }

  #allocate(bytes: number): number {
    const size = classOf(bytes)
    if (size > CLASS_MAX) throw new NativeTrap(`a value of ${bytes} bytes is too large`)
    const head = HEADER.free + 4 * size
    const waiting = this.#word(head)
    if (waiting !== 0) {
      this.#setWord(head, this.#word(waiting * UNIT_BYTES))
      return waiting
    }
    const at = this.#word(HEADER.nextUnit)
    const end = at + 2 ** size
    const pages = Math.ceil((end * UNIT_BYTES) / WASM_PAGE_BYTES) - this.#stable.pages
    if (pages > 0 && this.#stable.grow(pages) === -1) throw new NativeTrap('the stable memory is full')
    this.#setWord(HEADER.nextUnit, end)
    return at
  }

  #free(at: number, bytes: number): void {
    const head = HEADER.free + 4 * classOf(bytes)
    this.#setWord(at * UNIT_BYTES, this.#word(head))
    this.#setWord(head, at)
  }

  #format(): void {
    if (this.#stable.grow(1) === -1) throw new NativeTrap('the stable memory is full')
    this.#setWord(HEADER.magic, MAGIC)
    this.#setWord(HEADER.version, VERSION)
    this.#setWord(HEADER.nextUnit, HEADER_UNITS)
  }

  #word(at: number): number {
    return Buffer.from(this.#read(at, 4).buffer).readUInt32LE()
  }

  #setWord(at: number, value: number): void {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value)
    this.#write(at, bytes)
  }

  #read(at: number, size: number): Uint8Array<ArrayBuffer> {
    this.#charge(size)
    const bytes = new Uint8Array(size)
    this.#stable.read(at, bytes, 0, size)
    return bytes
  }

  #write(at: number, bytes: Uint8Array): void {
    this.#charge(bytes.length)
    this.#stable.write(at, bytes, 0, bytes.length)
  }
}

/** Class n holds up to 64 · 2ⁿ bytes. */
const classOf = (bytes: number): number => Math.max(0, Math.ceil(Math.log2(bytes / UNIT_BYTES)))

/** Hashed, so that no order of keys makes a deep tree by accident. */
const priorityOf = (key: string): number => createHash('sha256').update(key, 'utf16le').digest().readUInt32LE()
