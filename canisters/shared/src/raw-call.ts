import { reportBug } from './bug.ts'
import { cleanUp, currentFlow, enterFlow, type Flow } from './flow.ts'
import { engine, host } from './host.ts'

/** How a call ended. `code` is the network's reject code, 1 to 6; no text of the other side is passed on. */
export type RawOutcome =
  | { readonly kind: 'reply'; readonly bytes: Uint8Array }
  | { readonly kind: 'rejected'; readonly code: number }
type Done = (outcome: RawOutcome) => void

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

/**
 * Calls with bytes as they are; `done` gets the outcome, in a later message or (when the call could not even leave) at the end of this one. If
 * that run traps, the flow ends there and its `onTrap` releases run; no code of the handler sees the cleanup callback, so none can
 * answer from it.
 */
export function callWith(
  canisterId: Uint8Array,
  method: string,
  arg: Uint8Array,
  done: Done,
  cycles: bigint = 0n,
): void {
  // Below that many in all, nobody has to be counted.
  if (slots.length - free.length >= IN_FLIGHT_PER_CANISTER_MAX && inFlightTo(canisterId) >= IN_FLIGHT_PER_CANISTER_MAX)
    return done({ kind: 'rejected', code: SYS_TRANSIENT })
  const slot = free.pop() ?? openSlot()
  slot.done = done
  slot.flow = currentFlow()
  slot.callee = canisterId
  host().callRaw(slot.id, slot.id, canisterId, method, arg, cycles === 0n ? '0' : cycles.toString())
}

/** As `callWith`, for handlers that wait. */
export const callRaw = (
  canisterId: Uint8Array,
  method: string,
  arg: Uint8Array,
  cycles: bigint = 0n,
): Promise<RawOutcome> => new Promise((resolve) => callWith(canisterId, method, arg, resolve, cycles))

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
  onReply[slot.id] = (bytes) => settle(slot, { kind: 'reply', bytes })
  onReject[slot.id] = (error) => {
    if (!isCleanup(error)) return settle(slot, { kind: 'rejected', code: rejectCodeOf(error) })
    const { flow } = slot
    release(slot)
    if (flow !== null) cleanUp(flow)
  }
  return slot
}
const NOBODY = new Uint8Array(0)

function settle(slot: Slot, outcome: RawOutcome): void {
  const { done, flow } = slot
  release(slot)
  if (done === null || flow === null) return
  enterFlow(flow)
  try {
    done(outcome)
  } catch (error) {
    reportBug(error, 'a reply')
  }
}
function release(slot: Slot): void {
  slot.done = null
  slot.flow = null
  free.push(slot)
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
