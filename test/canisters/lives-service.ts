import { blob, nat32, nat64, none, query, record, result, text, update } from '@medguard/protocol'

/** A canister that shows what it keeps from one life of its heap to the next, and what each life has of its own. */
export const livesService = {
  /** Counters in stable memory and in the heap, both raised by `raise` and by its timer; and how often a life began. */
  state: query(none, result(record({ stored: nat32, inHeap: nat32, lives: nat32 })), 64),
  raise: update(none, result(nat32), 64),
  raiseLater: update(record({ seconds: nat32 }), result(nat32), 64),
  /** The engine's own clock, in milliseconds since 1970. */
  clock: query(none, result(nat64), 64),
  /** Writes to the canister's log. */
  print: update(record({ line: text }), result(nat32), 1_000),
  /** So many calls inside each other. */
  dive: update(record({ depth: nat32 }), result(nat32), 64),
  /** From the toolkit, or `NotReady`. */
  random: update(record({ length: nat32 }), result(blob), 64),
  /** The same in a query, where two get the same. */
  randomInQuery: query(record({ length: nat32 }), result(blob), 64),
  /** By what libraries ask: 32 bytes, and eight of a number. `NotReady` when either throws. */
  randomForLibraries: update(none, result(blob), 64),
  /** Throws, before or after a call. */
  fail: update(record({ afterCall: nat32 }), result(nat32), 64),
} as const
export type LivesService = typeof livesService
