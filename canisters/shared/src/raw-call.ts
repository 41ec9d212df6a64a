import type { HostFunctions } from 'azle'
import { reportBug } from './bug.ts'
import { cleanUp, currentFlow, enterFlow, type Flow } from './flow.ts'
import { engine, host } from './host.ts'

/** How a call ended. `code` is the network's reject code, 1 to 6; no text of the other side is passed on. */
export type RawOutcome =
  | { readonly kind: 'reply'; readonly bytes: Uint8Array }
  | { readonly kind: 'rejected'; readonly code: number }
/** Bytes of the reply; null and the code of a reject. */
type Done = (bytes: Uint8Array | null, code: number) => void

const SYS_TRANSIENT = 2
/** The network's queue to one canister holds 500; what would not fit is refused here, where it costs nothing. */
export const IN_FLIGHT_PER_CANISTER_MAX = 400

/**
 * One call that is under way. The host finds its two callbacks under the slot's number, and asks to have them deleted when the call has settled;
 * they stay instead and serve the next call. Making and deleting them for each would cost a quarter of a call.
 */
interface Slot {
  /** The host's name for both callbacks. */
  readonly id: string
  /** Null while the slot is free. */
  done: Done | null
  flow: Flow | null
  callee: Uint8Array
}
const slots: Slot[] = []
const free: Slot[] = []
let inFlight = 0
/** Kept, since asking for it each time costs as much as a tenth of a call. */
let hostCallRaw: HostFunctions['callRaw'] | null = null

/**
 * Calls with bytes as they are; `done` gets the outcome, in a later message or (when the call could not even leave) at the end of this one. If
 * that run traps, the flow ends there and its `onTrap` releases run; no code of the handler sees the cleanup callback, so none can
 * answer from it.
 */
export function callWith(canisterId: Uint8Array, method: string, arg: Uint8Array, done: Done, cycles?: bigint): void {
  // Below that many in all, nobody has to be counted.
  if (inFlight >= IN_FLIGHT_PER_CANISTER_MAX && inFlightTo(canisterId) >= IN_FLIGHT_PER_CANISTER_MAX) {
    const flow = currentFlow()
    // oxlint-disable-next-line promise/no-callback-in-promise -- as for a call that could not leave: after this run
    void Promise.resolve().then(() => finish(done, flow, null, SYS_TRANSIENT))
    return
  }
  const slot = free.pop() ?? openSlot()
  slot.done = done
  slot.flow = currentFlow()
  slot.callee = canisterId
  inFlight++
  hostCallRaw ??= host().callRaw
  hostCallRaw(slot.id, slot.id, canisterId, method, arg, cycles === undefined ? '0' : cycles.toString())
}

/** As `callWith`, for handlers that wait. */
export const callRaw = (
  canisterId: Uint8Array,
  method: string,
  arg: Uint8Array,
  cycles?: bigint,
): Promise<RawOutcome> =>
  new Promise((resolve) => {
    const done: Done = (bytes, code) => resolve(bytes === null ? { kind: 'rejected', code } : { kind: 'reply', bytes })
    callWith(canisterId, method, arg, done, cycles)
  })

const inFlightTo = (canisterId: Uint8Array): number => {
  const name = canisterId.join()
  return slots.filter(({ done, callee }) => done !== null && callee.join() === name).length
}

const onReply: Record<string, (bytes: Uint8Array) => void> = {}
const onReject: Record<string, (error: unknown) => void> = {}

function openSlot(): Slot {
  if (slots.length === 0) takeOverCallbacks()
  const slot: Slot = { id: slots.length.toString(), done: null, flow: null, callee: NOBODY }
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
const NOBODY = new Uint8Array(0)

function settle(slot: Slot, bytes: Uint8Array | null, code: number): void {
  const { done, flow } = slot
  release(slot)
  if (done !== null && flow !== null) finish(done, flow, bytes, code)
}
function release(slot: Slot): void {
  slot.done = null
  slot.flow = null
  inFlight--
  free.push(slot)
}
function finish(done: Done, flow: Flow, bytes: Uint8Array | null, code: number): void {
  enterFlow(flow)
  try {
    done(bytes, code)
  } catch (error) {
    reportBug(error, 'a reply')
  }
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
    const { payload } = action
    if (typeof payload === 'string' && payload.length <= SLOT_ID_LENGTH_MAX) return
    dispatch(action)
  }
}
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
