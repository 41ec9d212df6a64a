import type { Reject } from '../contracts.ts'
import { MODE, type Mode } from '../system-api/modes.ts'
import {
  CALL_CYCLES_PER_BYTE,
  executionReserve,
  INSTRUCTION_LIMIT,
  MAX_RESPONSE_CYCLES,
  RESPONSE_BYTES_MAX,
} from '../system-api/prices.ts'
import { newRun, type Run } from '../system-api/run.ts'
import { STABLE_BYTES_PER_MESSAGE } from '../system-api/stable-memory.ts'
import {
  type CallContext,
  type Callback,
  type CallMessage,
  type Canister,
  missingCycles,
  type ResponseMessage,
} from './canister.ts'
import { release, settleContext } from './contexts.ts'
import { execute, viewOf } from './execution.ts'
import type { Instance } from './instance.ts'
import { compositeAsUpdate, noMethod, noModule, outOfCycles, reject, stopped, stopping } from './rejects.ts'
import { currentTime, nextNumber, nextTime, respond, touch, type World } from './world.ts'

export type Task = 'heartbeat' | 'global_timer' | 'on_low_wasm_memory'

/** Why a canister takes no calls now, or null. */
export function refusalOf(canister: Canister): Reject | null {
  if (canister.status === 'stopped') return stopped(canister.text)
  if (canister.status === 'stopping') return stopping(canister.text)
  return canister.instance === null ? noModule(canister.text) : null
}

interface Entry {
  readonly mode: Mode
  readonly body: () => void
}

function findEntry(canister: Canister, instance: Instance, method: string): Entry | Reject {
  const kind = instance.code.prepared.methods.get(method)
  if (kind === 'composite_query') return compositeAsUpdate(canister.text, method)
  const body = kind === undefined ? undefined : instance.entry(`canister_${kind} ${method}`)
  if (body === undefined) return noMethod(canister.text, 'update', method)
  return { mode: kind === 'update' ? MODE.update : MODE.replicatedQuery, body }
}

/** interface specification, setting `minimum_incoming_canister_call_cycles` */
function refusePoorCall(canister: Canister, { origin, cycles }: CallMessage): Reject | null {
  const { minimumIncomingCallCycles: minimum } = canister.settings
  if (cycles >= minimum || origin.kind !== 'call' || origin.caller === canister.key) return null
  return reject(
    'IC0520',
    `Error from Canister ${canister.text}: The call requires at least ${minimum} transferred cycles, but only ${cycles} cycles were sent.`,
  )
}

/** Runs a call of an update or query method: the first message of a call context. */
export function runCall(world: World, canister: Canister, message: CallMessage): void {
  const { origin } = message
  const refuse = (reason: Reject) => respond(world, origin, { kind: 'reject', reject: reason }, message.cycles)
  if (message.deadlineNs > 0n && message.deadlineNs < currentTime(world)) {
    // The caller of a bounded-wait call has its answer already; an ingress message that waited too long gets one now.
    if (origin.kind === 'ingress') refuse(reject('IC0202', 'Ingress message timed out waiting to start executing.'))
    return
  }
  const { instance } = canister
  const refusal = refusalOf(canister)
  if (refusal !== null || instance === null) return refuse(refusal ?? noModule(canister.text))
  const tooFew = refusePoorCall(canister, message)
  if (tooFew !== null) return refuse(tooFew)
  const entry = findEntry(canister, instance, message.method)
  if ('errorCode' in entry) return refuse(entry)
  const reserve = executionReserve(INSTRUCTION_LIMIT.message)
  const missing = missingCycles(canister, reserve)
  if (missing > 0n) return refuse(outOfCycles(canister.text, missing))

  const context: CallContext = {
    id: nextNumber(world),
    origin,
    caller: message.caller,
    ...(message.callerInfo === undefined ? {} : { callerInfo: message.callerInfo }),
    method: message.method,
    // interface specification, "Method arguments": a query has no deadline, run replicated or not.
    deadlineNs: origin.kind === 'call' && entry.mode === MODE.update ? message.deadlineNs : 0n,
    responded: false,
    available: message.cycles,
    deleted: false,
    instructions: 0,
    outstanding: 0,
  }
  canister.cycles -= reserve
  const run = runFor(world, canister, entry.mode, context, { methodName: message.method, data: message.arg })
  const keeps = entry.mode === MODE.update
  const { trap, instructions, cost } = execute(world, canister, instance, run, message.method, entry.body, keeps)
  canister.cycles += reserve - cost
  context.instructions += instructions
  if (trap === null) release(world, canister, context, run)
  settleContext(world, canister, context, trap)
  if (origin.kind === 'ingress' && canister.contexts.has(context.id)) markProcessing(world, origin.request)
}

function markProcessing(world: World, id: string): void {
  const request = world.requests.get(id)
  if (request?.state.status !== 'received') return
  request.state = { status: 'processing' }
  world.unsaved.requests.add(id)
}

/** Runs the callback that awaits this response, and its cleanup should it trap. */
export function runResponse(world: World, canister: Canister, message: ResponseMessage): void {
  const callback = canister.callbacks.get(message.callbackId)
  const context = callback === undefined ? undefined : canister.contexts.get(callback.contextId)
  if (callback === undefined || context === undefined) return
  canister.callbacks.delete(message.callbackId)
  canister.unsaved.callbacks.add(message.callbackId)
  context.outstanding -= 1
  const { instance } = canister
  const reserve = executionReserve(INSTRUCTION_LIMIT.message)
  const bytes = message.outcome.kind === 'reply' ? message.outcome.reply.length : message.outcome.reject.message.length
  // All of the response and its execution was paid for at `call_perform`; what it did not need comes back.
  const unused = MAX_RESPONSE_CYCLES - CALL_CYCLES_PER_BYTE * BigInt(bytes)
  canister.cycles += message.refund + (unused > 0n ? unused : 0n)
  canister.consumed.transmission += CALL_CYCLES_PER_BYTE * BigInt(bytes)
  touch(world, canister)
  if (context.deleted || instance === null) {
    canister.cycles += reserve
    settleContext(world, canister, context, null)
    return
  }
  const { outcome } = message
  const given: Partial<Run> =
    outcome.kind === 'reply'
      ? { data: outcome.reply, refunded: message.refund }
      : { rejectCode: outcome.reject.code, rejectMessage: outcome.reject.message, refunded: message.refund }
  const mode = outcome.kind === 'reply' ? MODE.replyCallback : MODE.rejectCallback
  const [tableIndex, env] =
    outcome.kind === 'reply'
      ? [callback.replyFunction, callback.replyEnv]
      : [callback.rejectFunction, callback.rejectEnv]
  const run = runFor(world, canister, mode, context, given)
  const entry = `${context.method}#${outcome.kind} of ${callback.method}`
  const { trap, instructions, cost } = execute(world, canister, instance, run, entry, () =>
    instance.callback(tableIndex, env),
  )
  context.instructions += instructions
  const spent = trap === null ? cost : cost + runCleanup(world, canister, instance, context, callback, given.rejectCode)
  canister.cycles += spent < reserve ? reserve - spent : 0n
  if (trap === null) release(world, canister, context, run)
  settleContext(world, canister, context, trap)
}

/** @returns the price. */
function runCleanup(
  world: World,
  canister: Canister,
  instance: Instance,
  context: CallContext,
  { cleanup, method }: Callback,
  rejectCode = 0,
): bigint {
  if (cleanup === null) return 0n
  const run = runFor(world, canister, MODE.cleanup, context, { rejectCode })
  const entry = `${context.method}#cleanup of ${method}`
  const ended = execute(world, canister, instance, run, entry, () => instance.callback(cleanup.tableIndex, cleanup.env))
  context.instructions += ended.instructions
  return ended.cost
}

export function runTask(world: World, canister: Canister, task: Task): void {
  const { instance } = canister
  const body = instance?.entry(`canister_${task}`)
  if (instance === null || body === undefined) return
  const context: CallContext = {
    id: nextNumber(world),
    origin: { kind: 'task' },
    caller: new Uint8Array(0),
    method: `canister_${task}`,
    deadlineNs: 0n,
    responded: true,
    available: 0n,
    deleted: false,
    instructions: 0,
    outstanding: 0,
  }
  const reserve = executionReserve(INSTRUCTION_LIMIT.message)
  canister.cycles -= reserve
  if (task === 'global_timer') canister.globalTimerNs = 0n
  if (task === 'on_low_wasm_memory') canister.lowMemory = 'told'
  const run = runFor(world, canister, MODE.task, context, {})
  if (task === 'heartbeat') canister.lastHeartbeatNs = run.timeNs
  const { trap, instructions, cost } = execute(world, canister, instance, run, context.method, body)
  canister.cycles += reserve - cost
  context.instructions += instructions
  if (trap === null) release(world, canister, context, run)
  settleContext(world, canister, context, trap)
}

function runFor(world: World, canister: Canister, mode: Mode, context: CallContext, given: Partial<Run>): Run {
  return newRun({
    mode,
    canister: viewOf(world, canister),
    caller: context.caller,
    callerInfo: context.callerInfo ?? null,
    timeNs: nextTime(world),
    deadlineNs: context.deadlineNs,
    instructionLimit: INSTRUCTION_LIMIT.message,
    contextInstructions: context.instructions,
    responseBytesMax: RESPONSE_BYTES_MAX,
    stableBytesMax: STABLE_BYTES_PER_MESSAGE.message,
    responded: context.responded,
    available: context.available,
    balance: canister.cycles,
    globalTimerNs: canister.globalTimerNs,
    ...given,
  })
}
