import { ID_BYTES, NS_PER_MS, refuse, REQUEST_MEMORY_NS, type RefusalArm } from '@medguard/protocol'
import { onTrap } from './flow.ts'
import type { Rows } from './maps.ts'

/** One caller's requests of the last ten minutes; more in that time are put off. Opening takes 100 records a request. */
export const REQUESTS_PER_CALLER_MAX = 128

/**
 * A row per caller: `layout u8 = 1 || 0 u24 || oldest u32`, then entries of `requestId(16) || sinceNs u64 || state u32`, all little endian: a ring that
 * begins at entry `oldest`. It lies on words of four bytes, so that the engine's own search finds an id and nothing here walks over entries.
 */
const LAYOUT = 1
const HEADER_WORDS = 2
const ENTRY_WORDS = 7
const SINCE_WORD = 4
const STATE_WORD = 6
/** Of what an earlier version wrote: it noted in the row when the answer was given. */
const IN_FLIGHT = 0
const DONE = 1
/** The same id was asked again after its ten minutes: this entry only fills its place. */
const REPLACED = 2
/** What the first release wrote: `requestId(16) || sinceNs u64, big endian || state u8` each, oldest first, no header. */
const FIRST_ENTRY_BYTES = ID_BYTES + 8 + 1

/**
 * Remembers who asked what in the last ten minutes, for answers that are given once (decision 25): derive, list and open. Only for callers who have
 * an account, since each keeps a row. What is under way is known in the heap alone, so a row is written once: a trap undoes both, and after an upgrade, which answers to no
 * flow of before it, everything in a row is done.
 */
export function createRequestMemory(rows: Rows) {
  const underWay = new Set<string>()
  const memory = {
    /**
     * Notes that `requestId` is being worked on, unless it is or was. If the flow traps later, the request counts as done.
     * @param requestId 16 bytes.
     * @returns `Busy` while it is in flight or the caller has too many, `AlreadyDone` after it was answered; null to go on.
     */
    begin(caller: Uint8Array, requestId: Uint8Array, nowNs: bigint): RefusalArm | null {
      const id = wordsOf(requestId)
      const window = load(rows, caller)
      const at = find(window, id)
      if (at >= 0) {
        if (sinceNs(window, at) + REQUEST_MEMORY_NS > nowNs)
          return window[at + STATE_WORD] === DONE && !underWay.has(nameOf(caller, requestId))
            ? refuse.alreadyDone
            : refuse.busy(1000)
        window[at + STATE_WORD] = REPLACED
      }
      const oldest = HEADER_WORDS + (window[1] ?? 0) * ENTRY_WORDS
      const newest = (oldest > HEADER_WORDS ? oldest : window.length) - ENTRY_WORDS
      const isLive = (entry: number) => sinceNs(window, entry) + REQUEST_MEMORY_NS > nowNs
      if (newest < HEADER_WORDS || !isLive(newest)) {
        save(rows, caller, write(new Uint32Array(HEADER_WORDS + ENTRY_WORDS), HEADER_WORDS, id, nowNs))
      } else if (!isLive(oldest)) {
        write(window, oldest, id, nowNs)
        const next = oldest + ENTRY_WORDS
        window[1] = next === window.length ? 0 : (next - HEADER_WORDS) / ENTRY_WORDS
        save(rows, caller, window)
      } else if (window.length < HEADER_WORDS + REQUESTS_PER_CALLER_MAX * ENTRY_WORDS) {
        save(rows, caller, write(unrolled(window, ENTRY_WORDS), window.length, id, nowNs))
      } else {
        return refuse.busy(Number((sinceNs(window, oldest) + REQUEST_MEMORY_NS - nowNs) / NS_PER_MS) + 1)
      }
      underWay.add(nameOf(caller, requestId))
      onTrap(() => memory.done(caller, requestId))
      return null
    },
    /** The answer is given: the same request gets `AlreadyDone` from now on. */
    done(caller: Uint8Array, requestId: Uint8Array): void {
      underWay.delete(nameOf(caller, requestId))
    },
    /** Nothing happened (refused before any leaf): the caller may ask again under the same id. */
    forget(caller: Uint8Array, requestId: Uint8Array): void {
      memory.done(caller, requestId)
      const window = load(rows, caller)
      const at = find(window, wordsOf(requestId))
      if (at < 0) return
      const inOrder = unrolled(window, 0)
      const place = find(inOrder, wordsOf(requestId))
      inOrder.copyWithin(place, place + ENTRY_WORDS)
      save(rows, caller, inOrder.subarray(0, inOrder.length - ENTRY_WORDS))
    },
  }
  return memory
}
export type RequestMemory = ReturnType<typeof createRequestMemory>

/** Native work, where byte by byte would be dear. */
const text = (bytes: Uint8Array): string => String.fromCharCode.apply(null, bytes as unknown as number[])
const nameOf = (caller: Uint8Array, requestId: Uint8Array): string => text(requestId) + text(caller)

const wordsOf = (requestId: Uint8Array): Uint32Array => new Uint32Array(requestId.slice(0, ID_BYTES).buffer)

/** The word at which the entry of this id begins, or -1. */
function find(window: Uint32Array, id: Uint32Array): number {
  const [first = 0, second, third, fourth] = id
  let at = window.indexOf(first, HEADER_WORDS)
  while (at >= 0) {
    // Any word may look like the first of an id; only in its place it is one.
    if (
      (at - HEADER_WORDS) % ENTRY_WORDS === 0 &&
      window[at + 1] === second &&
      window[at + 2] === third &&
      window[at + 3] === fourth &&
      window[at + STATE_WORD] !== REPLACED
    )
      return at
    at = window.indexOf(first, at + 1)
  }
  return -1
}

const sinceNs = (window: Uint32Array, at: number): bigint =>
  new DataView(window.buffer, window.byteOffset).getBigUint64(4 * (at + SINCE_WORD), true)

function write(window: Uint32Array, at: number, id: Uint32Array, nowNs: bigint): Uint32Array {
  window.set(id, at)
  new DataView(window.buffer, window.byteOffset).setBigUint64(4 * (at + SINCE_WORD), nowNs, true)
  window[at + STATE_WORD] = DONE
  return window
}

/** The same entries, oldest first and in the ring's first places, with room for `more` words behind them. */
function unrolled(window: Uint32Array, more: number): Uint32Array {
  const copy = new Uint32Array(window.length + more)
  const oldest = HEADER_WORDS + (window[1] ?? 0) * ENTRY_WORDS
  copy.set(window.subarray(oldest), HEADER_WORDS)
  copy.set(window.subarray(HEADER_WORDS, oldest), HEADER_WORDS + window.length - oldest)
  return copy
}

function save(rows: Rows, caller: Uint8Array, window: Uint32Array): void {
  window[0] = LAYOUT
  rows.overwrite(caller, new Uint8Array(window.buffer, window.byteOffset, 4 * window.length))
}

function load(rows: Rows, caller: Uint8Array): Uint32Array {
  const row = rows.get(caller)
  if (row === undefined) return new Uint32Array(HEADER_WORDS)
  const words = row.length / 4
  const window = words % 1 === 0 && row.byteOffset % 4 === 0 ? new Uint32Array(row.buffer, row.byteOffset, words) : null
  const isOurs = window !== null && window[0] === LAYOUT && (words - HEADER_WORDS) % ENTRY_WORDS === 0
  return isOurs ? window : fromFirstLayout(row)
}

/** Rows of the first layout are read as they are met: there is no way to list them, and after ten minutes none of them matters. */
function fromFirstLayout(row: Uint8Array): Uint32Array {
  const count = Math.floor(row.length / FIRST_ENTRY_BYTES)
  const window = new Uint32Array(HEADER_WORDS + count * ENTRY_WORDS)
  const view = new DataView(row.buffer, row.byteOffset, row.length)
  for (let i = 0; i < count; i++) {
    const [from, at] = [i * FIRST_ENTRY_BYTES, HEADER_WORDS + i * ENTRY_WORDS]
    write(window, at, wordsOf(row.subarray(from, from + ID_BYTES)), view.getBigUint64(from + ID_BYTES))
    window[at + STATE_WORD] = row[from + FIRST_ENTRY_BYTES - 1] === DONE ? DONE : IN_FLIGHT
  }
  return window
}
