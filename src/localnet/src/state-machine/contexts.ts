import type { Outcome } from '../contracts.ts'
import type { ExecutionTrap } from '../system-api/execution-trap.ts'
import { joined } from '../system-api/message-functions.ts'
import { CALL_CYCLES, CALL_CYCLES_PER_BYTE } from '../system-api/prices.ts'
import type { Answer, OutgoingCall, Run } from '../system-api/run.ts'
import { type CallContext, type CallMessage, type Canister, keyOf } from './canister.ts'
import { homeOf, subnetNote } from './homes.ts'
import { mishapOf } from './mishaps.ts'
import { didNotReply, notFound, principalText, reject, trapReject, uninstalled } from './rejects.ts'
import { addCallback, enqueue, enqueueManagement, nextNumber, respond, touch, type World } from './world.ts'

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
  const origin = { kind: 'call', caller: canister.key, callbackId, version: canister.version } as const
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
    answered: false,
  })
  context.outstanding += 1
  canister.consumed.transmission += CALL_CYCLES + CALL_CYCLES_PER_BYTE * BigInt(call.methodBytes + call.payloadBytes)
  const message: CallMessage = {
    kind: 'call',
    origin,
    caller: canister.id,
    method: call.method,
    arg: joined(call.payload, call.payloadBytes),
    cycles: call.cycles,
    deadlineNs,
  }
  const target = world.canisters.get(callee)
  const mishap = mishapOf(world, message, principalText(call.callee))
  if (mishap !== null) return respond(world, origin, { kind: 'reject', reject: mishap }, call.cycles)
  if (call.callee.length === 0) {
    enqueueManagement(world, { ...message, ...subnetNote(world, homeOf(world, canister.id)) })
  } else if (target !== undefined) enqueue(world, target, message)
  else respond(world, origin, { kind: 'reject', reject: notFound(principalText(call.callee)) }, call.cycles)
}

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
