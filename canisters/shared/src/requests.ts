import { equalBytes, ID_BYTES, NS_PER_MS, refuse, REQUEST_MEMORY_NS, type RefusalArm } from '@medguard/protocol'
import { onTrap } from './flow.ts'
import type { Rows } from './maps.ts'

/** One caller's requests of the last ten minutes; more in that time are put off. Opening takes 100 records a request. */
export const REQUESTS_PER_CALLER_MAX = 128
const ENTRY_BYTES = ID_BYTES + 8 + 1
const IN_FLIGHT = 0
const DONE = 1

/**
 * Remembers who asked what in the last ten minutes, for answers that are given once (decision 25): derive, list and open. One row per caller
 * in stable memory: `requestId(16) || sinceNs(8) || state(1)` each, oldest first. Only for callers who have an account, since each keeps a row.
 */
export function createRequestMemory(rows: Rows) {
  /** The entries that still count, as bytes. */
  const load = (caller: Uint8Array, nowNs: bigint): Uint8Array => {
    const row = rows.get(caller) ?? new Uint8Array(0)
    const view = new DataView(row.buffer, row.byteOffset, row.length)
    let start = 0
    while (start < row.length && view.getBigUint64(start + ID_BYTES) + REQUEST_MEMORY_NS <= nowNs) start += ENTRY_BYTES
    return row.slice(start)
  }
  const find = (entries: Uint8Array, requestId: Uint8Array): number => {
    for (let at = 0; at < entries.length; at += ENTRY_BYTES)
      if (entries[at] === requestId[0] && equalBytes(entries.subarray(at, at + ID_BYTES), requestId)) return at
    return -1
  }
  const memory = {
    /**
     * Notes that `requestId` is being worked on, unless it is or was. If the flow traps later, the request counts as done.
     * @param requestId 16 bytes.
     * @returns `Busy` while it is in flight or the caller has too many, `AlreadyDone` after it was answered; null to go on.
     */
    begin(caller: Uint8Array, requestId: Uint8Array, nowNs: bigint): RefusalArm | null {
      const entries = load(caller, nowNs)
      const at = find(entries, requestId)
      if (at >= 0) return entries[at + ENTRY_BYTES - 1] === DONE ? refuse.alreadyDone : refuse.busy(1000)
      if (entries.length >= REQUESTS_PER_CALLER_MAX * ENTRY_BYTES) {
        const oldestNs = new DataView(entries.buffer).getBigUint64(ID_BYTES)
        return refuse.busy(Number((oldestNs + REQUEST_MEMORY_NS - nowNs) / NS_PER_MS) + 1)
      }
      const row = new Uint8Array(entries.length + ENTRY_BYTES)
      row.set(entries)
      row.set(requestId, entries.length)
      new DataView(row.buffer).setBigUint64(entries.length + ID_BYTES, nowNs)
      row[row.length - 1] = IN_FLIGHT
      rows.set(caller, row)
      onTrap(() => memory.done(caller, requestId))
      return null
    },
    /** The answer is given: the same request gets `AlreadyDone` from now on. */
    done(caller: Uint8Array, requestId: Uint8Array): void {
      const entries = load(caller, 0n)
      const at = find(entries, requestId)
      if (at < 0) return
      entries[at + ENTRY_BYTES - 1] = DONE
      rows.set(caller, entries)
    },
    /** Nothing happened (refused before any leaf): the caller may ask again under the same id. */
    forget(caller: Uint8Array, requestId: Uint8Array): void {
      const entries = load(caller, 0n)
      const at = find(entries, requestId)
      if (at < 0) return
      const row = new Uint8Array(entries.length - ENTRY_BYTES)
      row.set(entries.subarray(0, at))
      row.set(entries.subarray(at + ENTRY_BYTES), at)
      rows.set(caller, row)
    },
  }
  return memory
}
export type RequestMemory = ReturnType<typeof createRequestMemory>
