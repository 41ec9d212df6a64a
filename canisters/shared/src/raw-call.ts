import type { HostFunctions } from 'azle'
import { reportBug } from './bug.ts'
import type { Later } from './answer.ts'
import { cleanUp, currentFlow, enterFlow, type Flow } from './flow.ts'
import { engine, host } from './host.ts'
import { sameBytes } from './same-bytes.ts'
import { keepShape } from './shapes.ts'

const NOBODY = new Uint8Array(0)

/** How a call ended. `code` is the network's reject code, 1 to 6; no text of the other side is passed on. */
export type RawOutcome =
  | { readonly kind: 'reply'; readonly bytes: Uint8Array }
  | { readonly kind: 'rejected'; readonly code: number }
/** Takes the bytes of the reply, or null and the code of a reject. What it returns is for `Later.then`. */
type Done<T> = (bytes: Uint8Array | null, code: number) => T

const SYS_TRANSIENT = 2
/** The network's queue to one canister holds 500; what would not fit is refused here, where it costs nothing. */
export const IN_FLIGHT_PER_CANISTER_MAX = 400

/**
 * One call that is under way. The host finds its two callbacks under the slot's number, and asks to have them deleted when the call has settled;
 * they stay instead and serve the next call. Making and deleting them for each would cost a quarter of a call.
 */
class Slot {
  /** The host's name for both callbacks. */
  readonly id: string
  /** Null while the slot is free. */
  done: Done<unknown> | null = null
  flow: Flow | null = null
  callee: Uint8Array = NOBODY
  reply: ((value: never) => void) | null = null
  /** The next free one, where this is free itself. A list costs a quarter of what `push` and `pop` do. */
  next: Slot | null = null

  constructor(id: string) {
    this.id = id
  }
  // oxlint-disable-next-line unicorn/no-thenable -- endpoints tell an answer of now from one of later by it
  then(reply: (value: never) => void): void {
    this.reply = reply
  }
}
const slots: Slot[] = []
let free: Slot | null = null
let inFlight = 0
/** Kept, since asking for it each time costs as much as a tenth of a call. */
let hostCallRaw: HostFunctions['callRaw'] | null = null

/**
 * Calls with bytes as they are; `done` gets the outcome, in a later message or (when the call could not even leave) at the end of this one. If
 * that run traps, the flow ends there and its `onTrap` releases run; no code of the handler sees the cleanup callback, so none can
 * answer from it.
 */
export function callWith<T>(
  canisterId: Uint8Array,
  method: string,
  arg: Uint8Array,
  done: Done<T>,
  cycles?: bigint,
): Later<T> {
  // Below that many in all, nobody has to be counted.
  if (inFlight >= IN_FLIGHT_PER_CANISTER_MAX && inFlightTo(canisterId) >= IN_FLIGHT_PER_CANISTER_MAX) {
    const refused = new Slot('')
    const flow = currentFlow()
    // oxlint-disable-next-line promise/no-callback-in-promise -- after this run, as a call that could not leave
    void Promise.resolve().then(() => deliver(done, flow, refused.reply, null, SYS_TRANSIENT))
    return refused
  }
  const slot = free ?? openSlot()
  free = slot.next
  slot.done = done
  slot.flow = currentFlow()
  slot.callee = canisterId
  inFlight++
  hostCallRaw ??= host().callRaw
  hostCallRaw(slot.id, slot.id, canisterId, method, arg, cycles === undefined ? '0' : cycles.toString())
  return slot
}

/** As `callWith`, for handlers that wait. */
export const callRaw = (
  canisterId: Uint8Array,
  method: string,
  arg: Uint8Array,
  cycles?: bigint,
): Promise<RawOutcome> =>
  new Promise((resolve) => {
    const done: Done<void> = (bytes, code) =>
      resolve(bytes === null ? { kind: 'rejected', code } : { kind: 'reply', bytes })
    callWith(canisterId, method, arg, done, cycles)
  })

/** Who calls a peer of theirs mostly passes the very same bytes, so that comparing few hundred slots stays cheap. */
function inFlightTo(canisterId: Uint8Array): number {
  let count = 0
  for (const { done, callee } of slots)
    if (done !== null && (callee === canisterId || sameBytes(callee, canisterId))) count++
  return count
}

const onReply: Record<string, (bytes: Uint8Array) => void> = {}
const onReject: Record<string, (error: unknown) => void> = {}

function openSlot(): Slot {
  if (slots.length === 0) takeOverCallbacks()
  const slot = new Slot(slots.length.toString())
  slots.push(slot)
  onReply[slot.id] = (bytes) => settle(slot, bytes, 0)
  onReject[slot.id] = (error) => {
    if (!isCleanup(error)) return settle(slot, null, rejectCodeOf(error))
    const { flow } = slot
    release(slot)
    if (flow !== null) cleanUp(flow)
  }
  return slot
}

function settle(slot: Slot, bytes: Uint8Array | null, code: number): void {
  const done = slot.done // one by one, which costs the engine half of taking them apart
  const flow = slot.flow
  const reply = slot.reply
  release(slot)
  if (done !== null && flow !== null) deliver(done, flow, reply, bytes, code)
}
function deliver(done: Done<unknown>, flow: Flow, reply: Slot['reply'], bytes: Uint8Array | null, code: number): void {
  enterFlow(flow)
  try {
    const value = done(bytes, code)
    if (reply !== null) reply(value as never)
  } catch (error) {
    reportBug(error, 'a reply')
  }
}
function release(slot: Slot): void {
  slot.done = null
  slot.flow = null
  slot.reply = null
  slot.next = free
  free = slot
  inFlight--
}

/**
 * Azle looks for callbacks in two global tables and has them deleted by dispatching two actions to a global function. Ours stay; whatever else is
 * dispatched (timers, and calls made through Azle itself, whose ids are longer) goes where it went before.
 */
function takeOverCallbacks(): void {
  engine._azleResolveCallbacks = Object.assign(onReply, engine._azleResolveCallbacks)
  engine._azleRejectCallbacks = Object.assign(onReject, engine._azleRejectCallbacks)
  const dispatch = engine._azleDispatch
  if (dispatch === undefined) throw new Error('Azle has another way to forget callbacks')
  engine._azleDispatch = (action) => {
    // Only names have a length; a timer goes by a number. Written for cost: it runs twice a call.
    if (!((action.payload as { length: number }).length <= SLOT_ID_LENGTH_MAX)) dispatch(action)
  }
}
// What the host makes for each callback that it wants deleted.
keepShape('type', 'payload', 'location')
keepShape('filepath', 'functionName')

/** Slots number a few hundred: as many as calls were ever in flight at once. */
const SLOT_ID_LENGTH_MAX = 6

interface HostError {
  readonly type?: unknown
  readonly rejectCode?: unknown
}
const isCleanup = (error: unknown) => (error as HostError | null)?.type === 'CleanupCallback'

/** Calls that never left (no cycles, full queue) have no code of their own: they may work later, as a transient reject may. */
function rejectCodeOf(error: unknown): number {
  const code = (error as HostError | null)?.rejectCode
  return typeof code === 'number' ? code : SYS_TRANSIENT
}
