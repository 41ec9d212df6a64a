import type { Outcome, Reject } from '../contracts.ts'
import type { ExecutionTrap } from '../system-api/execution-trap.ts'
import { joined } from '../system-api/message-functions.ts'
import { CALL_CYCLES, CALL_CYCLES_PER_BYTE, REQUEST_BYTES_ACROSS_MAX } from '../system-api/prices.ts'
import type { Answer, OutgoingCall, Run } from '../system-api/run.ts'
import { type CallContext, type CallMessage, type Canister, keyOf } from './canister.ts'
import { homeOf, subnetNote } from './homes.ts'
import { mishapOf } from './mishaps.ts'
import { didNotReply, notFound, principalText, reject, trapReject, uninstalled } from './rejects.ts'
import { destinationOf } from './routing.ts'
import { sendAcross } from './streams.ts'
import { addCallback, deliver, enqueue, enqueueManagement, nextNumber, respond, touch, type World } from './world.ts'

const NS_PER_SECOND = 1_000_000_000n
/** Candid for no values. */
export const EMPTY_REPLY = Uint8Array.of(0x44, 0x49, 0x44, 0x4c, 0, 0)

export function outcomeOf(answer: Answer): Outcome {
  return answer.kind === 'reply'
    ? { kind: 'reply', reply: answer.bytes }
    : { kind: 'reject', reject: reject('IC0406', answer.message) }
}

/** Sends what a run that ended well has recorded: its calls first, then its answer. */
export function release(world: World, canister: Canister, context: CallContext, run: Run): void {
  for (const call of run.calls) sendCall(world, canister, context, run, call)
  context.available = run.available
  if (run.answer === null) return
  context.responded = true
  respond(world, context.origin, outcomeOf(run.answer), context.available)
  context.available = 0n
}

function sendCall(world: World, canister: Canister, context: CallContext, run: Run, call: OutgoingCall): void {
  const callbackId = nextNumber(world)
  const deadlineNs = call.timeoutSeconds === null ? 0n : run.timeNs + BigInt(call.timeoutSeconds) * NS_PER_SECOND
  const callee = keyOf(call.callee)
  const arg = joined(call.payload, call.payloadBytes)
  const home = homeOf(world, canister.id)
  const { subnet, isManagement } = destinationOf(world, home, call.callee, call.method, arg)
  const isAcross = subnet.id !== home.id
  addCallback(world, canister, callbackId, {
    contextId: context.id,
    callee,
    method: call.method,
    replyFunction: call.replyFunction,
    replyEnv: call.replyEnv,
    rejectFunction: call.rejectFunction,
    rejectEnv: call.rejectEnv,
    cleanup: call.cleanup,
    deadlineNs,
    ...(isAcross ? { across: keyOf(subnet.id) } : {}),
    answered: false,
  })
  context.outstanding += 1
  const bytes = call.methodBytes + call.payloadBytes
  canister.consumed.transmission += CALL_CYCLES + CALL_CYCLES_PER_BYTE * BigInt(bytes)
  const message: CallMessage = {
    kind: 'call',
    origin: { kind: 'call', caller: canister.key, callbackId, version: canister.version },
    caller: canister.id,
    method: call.method,
    arg,
    cycles: call.cycles,
    deadlineNs,
    ...(isManagement ? subnetNote(world, subnet) : {}),
  }
  const target = world.canisters.get(callee)
  const turnedBack =
    mishapOf(world, message, principalText(call.callee)) ??
    (isAcross && bytes > REQUEST_BYTES_ACROSS_MAX ? tooLargeToCross(canister.text, bytes) : null) ??
    (isAcross || isManagement || target !== undefined ? null : notFound(principalText(call.callee)))
  if (turnedBack !== null) {
    const outcome = { kind: 'reject', reject: turnedBack } as const
    deliver(world, canister.key, { kind: 'response', callbackId, outcome, refund: call.cycles })
  } else if (isAcross) {
    const towards = keyOf(subnet.id)
    sendAcross(world, { kind: 'call', from: keyOf(home.id), towards, callee: isManagement ? '' : callee, message })
  } else if (isManagement) enqueueManagement(world, message)
  else if (target !== undefined) enqueue(world, target, message)
}

const tooLargeToCross = (canister: string, bytes: number): Reject =>
  reject(
    'IC0504',
    `Canister ${canister} violated contract: a request of ${bytes} bytes to another subnet is larger than ${REQUEST_BYTES_ACROSS_MAX} bytes`,
  )

/**
 * After every run of a context: keeps it while responses are due, answers for it when none is and it has not, then forgets it.
 *
 * @param trap how the last run ended.
 */
export function settleContext(
  world: World,
  canister: Canister,
  context: CallContext,
  trap: ExecutionTrap | null,
): void {
  if (context.outstanding > 0) {
    canister.contexts.set(context.id, context)
  } else {
    if (!context.responded) {
      const reason = trap === null ? didNotReply(canister.text) : trapReject(canister.text, trap)
      respond(world, context.origin, { kind: 'reject', reject: reason }, context.available)
    }
    if (canister.contexts.delete(context.id)) settleStop(world, canister)
    else return
  }
  canister.unsaved.contexts.add(context.id)
  touch(world, canister)
}

/** A stopping canister is stopped when its last context closes; whoever asked for it hears then. */
export function settleStop(world: World, canister: Canister): void {
  if (canister.status !== 'stopping' || canister.contexts.size > 0) return
  canister.status = 'stopped'
  canister.version += 1n
  for (const { origin, refund } of canister.stops) respond(world, origin, { kind: 'reply', reply: EMPTY_REPLY }, refund)
  canister.stops = []
  touch(world, canister)
}

/** Uninstalling answers every open call and leaves later responses nothing but their cycles to bring. */
export function abandonContexts(world: World, canister: Canister): void {
  for (const context of canister.contexts.values()) {
    if (!context.responded) respond(world, context.origin, { kind: 'reject', reject: uninstalled() }, context.available)
    context.responded = true
    context.available = 0n
    context.deleted = true
    canister.unsaved.contexts.add(context.id)
  }
  touch(world, canister)
}
