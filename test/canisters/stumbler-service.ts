import { blob, nat32, nat8, none, nul, principal, query, record, result, text, update } from '@medguard/protocol'

/** Ways to fail, each after the counter was raised. */
export const STUMBLE = {
  error: 0,
  null: 1,
  errorAfterAwait: 2,
  nullAfterAwait: 3,
  hugeReply: 4,
  hugeReplyAfterAwait: 5,
  fine: 6,
  text: 7,
  textAfterAwait: 8,
  /** Traps by itself after a call, where a `catch` wants to answer. */
  trapsInsideTry: 9,
  /** Promises that nobody looks at: one fails at once, one after a call. */
  unawaited: 10,
  /** Replies by itself, and then as all do. */
  repliesTwice: 11,
  throwsAfterReply: 12,
  neverSettles: 13,
  neverSettlesAfterAwait: 14,
  /** One part fails while the call of another part is under way. */
  failsBesideCall: 15,
  /** Makes more calls at once than one canister may: answers a byte for each that was put off. */
  flood: 16,
} as const

/** What became of an intent. */
export const INTENDED = { busy: 1, conflict: 2, done: 3, full: 4, begun: 5, resumed: 6 } as const

/** A canister that does everything wrong that a handler can do wrong. */
export const stumblerService = {
  stumble: update(record({ how: nat8 }), result(blob), 64),
  /** Counter in stable memory, whether the lock is taken, and callbacks that the engine holds for calls. */
  state: query(none, result(record({ counter: nat32, lockTaken: nat8, callbacks: nat32 })), 64),
  /** Calls `method` of a canister as if it were `state`: answers how that ended, or the reject code times ten. */
  ask: update(record({ canister: principal, method: text }), result(nat8), 128),
  /** The same without a promise; `method` "throw" throws where the outcome is looked at. */
  askThen: update(record({ canister: principal, method: text }), result(nat8), 128),
  /** Works on the intent `id` for `digest`, in two steps with a call between: answers `INTENDED`. `how` is a way to stumble after the call. */
  intend: update(record({ id: blob, digest: blob, how: nat8 }), result(nat8), 128),
  /** Has another result than `state`. */
  state2: query(none, result(nul), 64),
} as const
export type StumblerService = typeof stumblerService
