import { contractViolation, engineTrap, instructionLimitExceeded } from './execution-trap.ts'
import { modeName, type Modes } from './modes.ts'
import type { Run } from './run.ts'
import type { StableMemory } from './stable-memory.ts'

/** Charges are added up as Numbers and taken off the Wasm counter, a BigInt, only this often. */
const FOLD_AT = 100_000

/** Where a run ends on purpose: at a system call, from 1, or when it has used so many instructions. */
export interface PlannedTrap {
  readonly atSyscall: number | null
  readonly atInstruction: number | null
}

/** The host's side of one Wasm instance: its memories, its instruction counter, and the run in progress. */
export class Host {
  readonly stable: StableMemory
  #run: Run | null = null
  #memory: WebAssembly.Memory | null = null
  #counter: WebAssembly.Global<'i64'> | null = null
  #heap = new Uint8Array(0)
  #charged = 0
  #syscalls = 0
  #trapAtSyscall = 0
  /** Part of the budget that a planned trap keeps from the counter. */
  #withheld = 0
  #foldAt = FOLD_AT

  constructor(stable: StableMemory) {
    this.stable = stable
  }

  attach(memory: WebAssembly.Memory | null, counter: WebAssembly.Global<'i64'>): void {
    this.#memory = memory
    this.#counter = counter
    this.#heap = new Uint8Array(memory?.buffer ?? new ArrayBuffer(0))
  }

  get run(): Run {
    if (this.#run === null) throw new Error('no message is running')
    return this.#run
  }

  begin(run: Run, budget: number, planned: PlannedTrap | null = null): void {
    this.#run = run
    this.#charged = 0
    this.#syscalls = 0
    this.#trapAtSyscall = planned?.atSyscall ?? 0
    const granted = Math.min(budget, planned?.atInstruction ?? budget)
    this.#withheld = budget - granted
    // A planned end is met exactly, whatever that costs.
    this.#foldAt = granted === budget ? FOLD_AT : 0
    this.#requireCounter().value = BigInt(granted)
  }

  end(): void {
    this.#run = null
  }

  /** Of the budget. Negative when it is spent. */
  remaining(): number {
    return this.#left() + this.#withheld
  }

  /** Whether the run may not go on: its budget is spent, or it came to the instruction where it shall trap. */
  isSpent(): boolean {
    return this.#left() < 0
  }

  /** System calls of the run so far. */
  get syscalls(): number {
    return this.#syscalls
  }

  #left(): number {
    return Number(this.#requireCounter().value) - this.#charged
  }

  /** Allows or refuses a System API function in the running mode, and charges its fixed price. */
  enter(name: string, modes: Modes, price: number): void {
    const { mode } = this.run
    if (++this.#syscalls === this.#trapAtSyscall) throw engineTrap(`on purpose, at system call ${this.#syscalls}`)
    if ((mode & modes) === 0) throw contractViolation(`"ic0_${name}" cannot be executed in ${modeName(mode)} mode`)
    this.charge(price)
  }

  charge(instructions: number): void {
    this.#charged += instructions
    if (this.#charged < this.#foldAt) return
    const counter = this.#requireCounter()
    counter.value -= BigInt(this.#charged)
    this.#charged = 0
    if (counter.value < 0n) throw instructionLimitExceeded()
  }

  /** The heap as it is now: a view goes empty when the memory grows. */
  get heap(): Uint8Array {
    if (this.#heap.length === 0 && this.#memory !== null) this.#heap = new Uint8Array(this.#memory.buffer)
    return this.#heap
  }

  checkHeap(name: string, address: number, size: number): void {
    if (address + size <= this.heap.length) return
    throw contractViolation(
      `ic0.${name} heap: src=${address} + length=${size} exceeds the slice size=${this.heap.length}`,
    )
  }

  /** A copy of heap bytes, charged by the byte. */
  readHeap(name: string, address: number, size: number): Uint8Array {
    this.checkHeap(name, address, size)
    this.charge(size)
    return this.heap.slice(address, address + size)
  }

  /** @throws ExecutionTrap if the bytes are not UTF-8. */
  readText(name: string, address: number, size: number): string {
    const bytes = this.readHeap(name, address, size)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      throw contractViolation(`ic0.${name}: the text is not valid UTF-8`)
    }
  }

  /** The `*_copy` functions: `size` bytes of `source` from `offset` to `address`. */
  copyOut(name: string, source: Uint8Array, address: number, offset: number, size: number): void {
    if (offset + size > source.length) {
      throw contractViolation(
        `ic0.${name} payload: src=${offset} + length=${size} exceeds the slice size=${source.length}`,
      )
    }
    this.checkHeap(name, address, size)
    this.charge(size)
    this.heap.set(source.subarray(offset, offset + size), address)
  }

  /** 16 bytes, little endian. */
  writeU128(name: string, address: number, value: bigint): void {
    this.checkHeap(name, address, 16)
    const view = new DataView(this.heap.buffer, address, 16)
    view.setBigUint64(0, BigInt.asUintN(64, value), true)
    view.setBigUint64(8, BigInt.asUintN(64, value >> 64n), true)
  }

  #requireCounter(): WebAssembly.Global<'i64'> {
    if (this.#counter === null) throw new Error('the host is not attached to an instance')
    return this.#counter
  }
}
