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
} as const

/** A canister that does everything wrong that a handler can do wrong. */
export const stumblerService = {
  stumble: update(record({ how: nat8 }), result(blob), 64),
  /** Counter in stable memory, whether the lock is taken, and callbacks of calls that the engine still holds. */
  state: query(none, result(record({ counter: nat32, lockTaken: nat8, callbacks: nat32 })), 64),
  /** Calls `method` of a canister as if it were `state`: answers how that ended, or the reject code times ten. */
  ask: update(record({ canister: principal, method: text }), result(nat8), 128),
  /** Has another result than `state`. */
  state2: query(none, result(nul), 64),
} as const
