import { named, nat32, nat64, nul, record, text, variant, type Infer, type Schema } from './candid.ts'

/**
 * Why a call was refused. Closed: a new arm is a protocol change and breaks every edge on purpose (decision 23).
 *
 * `NotPermitted` is one answer for unknown, foreign, out of scope and never shared, so that it tells nothing.
 */
export const RefusalSchema = named(
  'Refusal',
  variant({
    /** The caller is anonymous. Answered before anything is looked up. */
    NotSignedIn: nul,
    NotPermitted: nul,
    /** Only to the grantee of that very grant. `endNs` is when it ended, by revocation or by its period. */
    ConsentEnded: record({ endNs: nat64 }),
    /** The log cannot append or be reached: nothing was opened. Ask again. */
    LogUnavailable: nul,
    /** The canister is not configured or not seeded yet. */
    NotReady: nul,
    /** The same request is in flight, or a budget is used up. */
    Busy: record({ retryAfterMs: nat32 }),
    /** Answered before; derive, list and open never repeat an answer. Ask again under a new request id. */
    AlreadyDone: nul,
    StaleEpoch: record({ current: nat32 }),
    /** Another version was committed first; `current` is the newest. */
    Stale: record({ current: nat32 }),
    /** The id is taken by other bytes. */
    IdConflict: nul,
    /** A quota of the caller or of the canister is reached. */
    Full: nul,
    TooLarge: record({ maxBytes: nat32 }),
    /** `field` names the argument field, `code` is a fixed word such as `length`, `range`, `order`, `duplicate`. */
    BadInput: record({ field: text, code: text }),
    /** The key service refused or failed; `code` is the network's reject code. */
    KeysUnavailable: record({ code: nat32 }),
    /** The other party is no verified practitioner or organisation, or no longer. To a grantee only about their own standing. */
    Unverified: nul,
    /** The patient has paused all sharing. Only to the grantee of that very grant. */
    Paused: nul,
    /** A waiting time is not over; it is at `atNs`. */
    NotYet: record({ atNs: nat64 }),
    /** Cycles are low: only ending access, reading the log, export and topping up work. */
    LowCycles: nul,
    /** Too old: whether it was stored is not remembered any more, so it is not. */
    Expired: nul,
  }),
)
export type RefusalArm = Infer<typeof RefusalSchema>

export const result = <T>(ok: Schema<T>) => variant({ Ok: ok, Err: RefusalSchema })
