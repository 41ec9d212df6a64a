import { executionReserve, INSTRUCTION_LIMIT } from '../system-api/prices.ts'
import { type Canister, entryOf, type Message, missingCycles } from './canister.ts'
import { runCall, runResponse, runTask, type Task } from './messages.ts'
import { befall, mend } from './mishaps.ts'
import { principalText, reject } from './rejects.ts'
import { countInRound, endRound, isRoundOver } from './streams.ts'
import { currentTime, type Deadline, deliver, pruneRequests, respond, touch, type World } from './world.ts'

/** The network runs heartbeats about once a second. */
const HEARTBEAT_EVERY_NS = 1_000_000_000n
const NO_TASKS: readonly Task[] = []

export type RunManagement = (message: Extract<Message, { kind: 'call' }>) => void

/**
 * Runs messages until `maxMessages` have run or nothing is left: canisters and the management canister take turns, one message each.
 * What is on its way to another subnet is taken in when a round is over. [Note: rounds]
 *
 * @param pick runs a message of another choice; false leaves the choice here.
 * @returns whether anything is left to run now.
 */
export function runMessages(
  world: World,
  maxMessages: number,
  management: RunManagement,
  pick?: () => boolean,
): boolean {
  pruneRequests(world)
  for (let count = 0; count < maxMessages; count++) {
    mend(world)
    expire(world)
    receiveCopies(world)
    if (!(pick?.() ?? false) && !runInRound(world, management)) return false
  }
  expire(world)
  receiveCopies(world)
  const hasMore = world.streams.size > 0 || nextReady(world, world.management) !== null
  return hasMore || [...world.canisters.values()].some((canister) => hasWork(world, canister))
}

/** The earliest time at which a timer, a heartbeat or a wait is due. */
export function nextDue(world: World): bigint | null {
  let due: bigint | null = null
  const consider = (atNs: bigint) => {
    if (due === null || atNs < due) due = atNs
  }
  for (const canister of world.canisters.values()) {
    if (canister.status !== 'running' || canister.instance === null || isFrozen(canister)) continue
    const { hooks } = canister.instance.code.prepared
    if (canister.globalTimerNs > 0n && hooks.has('global_timer')) consider(canister.globalTimerNs)
    if (hooks.has('heartbeat')) consider(canister.lastHeartbeatNs + HEARTBEAT_EVERY_NS)
  }
  dropDeadDeadlines(world)
  const first = world.deadlines[0]
  for (const { atNs } of world.planned.mends) consider(atNs)
  for (const queue of [world.management, ...[...world.canisters.values()].map((canister) => canister.queue)]) {
    for (const { notBeforeNs } of queue.values()) if (notBeforeNs !== undefined) consider(notBeforeNs)
  }
  // A wait ends when its time has passed, not at that very nanosecond.
  if (first !== undefined) consider(first.atNs + 1n)
  return due
}

function runInRound(world: World, management: RunManagement): boolean {
  if (isRoundOver(world)) endRound(world)
  let hasRun = runOne(world, management)
  while (!hasRun && endRound(world)) hasRun = runOne(world, management)
  if (hasRun) countInRound(world)
  return hasRun
}

function runOne(world: World, management: RunManagement): boolean {
  const canisters = [...world.canisters.values()]
  const turns = canisters.length + 1
  for (let step = 1; step <= turns; step++) {
    const turn = (world.turn + step) % turns
    const canister = canisters[turn]
    if (canister === undefined ? !runManagementMessage(world, management) : !runCanister(world, canister)) continue
    world.turn = turn
    return true
  }
  return false
}

function runManagementMessage(world: World, management: RunManagement): boolean {
  const number = nextReady(world, world.management)
  if (number === null) return false
  runManagementNumber(world, number, management)
  return true
}

/** Takes a call of the management canister out of its queue and runs it. */
export function runManagementNumber(world: World, number: number, management: RunManagement): void {
  const message = world.management.get(number)
  world.management.delete(number)
  world.unsaved.management.add(number)
  if (message?.kind === 'call') management(message)
}

function hasWork(world: World, canister: Canister): boolean {
  return nextReady(world, canister.queue) !== null || dueTasks(world, canister).length > 0
}

function runCanister(world: World, canister: Canister): boolean {
  const task = dueTasks(world, canister)[0] ?? null
  const number = nextReady(world, canister.queue)
  // Neither may starve the other: a timer that sets itself again at once, or a queue that never empties.
  if (task !== null && (number === null || !canister.taskRanLast)) {
    canister.taskRanLast = true
    runDueTask(world, canister, task)
    return true
  }
  if (number === null) return false
  canister.taskRanLast = false
  runNumber(world, canister, number)
  return true
}

export function runDueTask(world: World, canister: Canister, task: Task): void {
  befall(world, canister, { canister: canister.text, method: `canister_${task}`, from: '' })
  // Stopped or frozen just now: the task stays due.
  if (dueTasks(world, canister).includes(task)) runTask(world, canister, task)
}

/** The first message of a queue that is not held up, and not behind a call of the same canister that is. */
function nextReady(world: World, queue: ReadonlyMap<number, Message>): number | null {
  const behind = new Set<string>()
  for (const [number, message] of queue) {
    const caller = message.kind === 'call' && message.origin.kind === 'call' ? message.origin.caller : null
    const isReady = message.notBeforeNs === undefined || message.notBeforeNs <= currentTime(world)
    if (isReady && (caller === null || !behind.has(caller))) return number
    if (caller !== null) behind.add(caller)
  }
  return null
}

/** In the network's own order a message arrives again once it has run, when it would do the most harm. */
function receiveCopies(world: World): void {
  for (const [id, { arrive }] of world.planned.copies) {
    const status = world.requests.get(id)?.state.status
    if (status === 'received' || status === 'processing') continue
    world.planned.copies.delete(id)
    arrive()
  }
}

/** Takes a message out of a canister's queue and runs it. */
export function runNumber(world: World, canister: Canister, number: number): void {
  const message = canister.queue.get(number)
  if (message !== undefined && world.options.faults !== undefined) {
    const from = message.kind === 'call' ? principalText(message.caller) : ''
    befall(world, canister, { canister: canister.text, method: entryOf(canister, message), from })
  }
  canister.queue.delete(number)
  canister.unsaved.messages.add(number)
  world.unsaved.canisters.add(canister.key)
  if (message?.kind === 'call') runCall(world, canister, message)
  else if (message !== undefined) runResponse(world, canister, message)
}

/** What the network itself would start now, the most urgent first. */
export function dueTasks(world: World, canister: Canister): readonly Task[] {
  if (canister.instance === null || canister.status !== 'running') return NO_TASKS
  const nowNs = currentTime(world)
  const { hooks } = canister.instance.code.prepared
  const due: Task[] = []
  if (canister.lowMemory === 'due' && hooks.has('on_low_wasm_memory')) due.push('on_low_wasm_memory')
  if (canister.globalTimerNs > 0n && canister.globalTimerNs <= nowNs && hooks.has('global_timer')) {
    due.push('global_timer')
  }
  if (hooks.has('heartbeat') && canister.lastHeartbeatNs + HEARTBEAT_EVERY_NS <= nowNs) due.push('heartbeat')
  // A frozen canister keeps its timer, for the day it is topped up.
  return due.length === 0 || isFrozen(canister) ? NO_TASKS : due
}

const isFrozen = (canister: Canister): boolean =>
  missingCycles(canister, executionReserve(INSTRUCTION_LIMIT.message)) > 0n

function dropDeadDeadlines(world: World): void {
  for (let first = world.deadlines[0]; first !== undefined; first = world.deadlines[0]) {
    if (isAlive(world, first)) return
    world.deadlines.shift()
  }
}

/** Whether anybody still waits for this. */
function isAlive(world: World, { atNs, canister: key, callbackId }: Deadline): boolean {
  const canister = world.canisters.get(key)
  return callbackId === null
    ? (canister?.stops.some(({ deadlineNs }) => deadlineNs === atNs) ?? false)
    : canister?.callbacks.get(callbackId)?.answered === false
}

/** Answers every wait whose time has passed. */
function expire(world: World): void {
  if (world.deadlines.length === 0) return
  const nowNs = currentTime(world)
  dropDeadDeadlines(world)
  for (let first = world.deadlines[0]; first !== undefined && first.atNs < nowNs; first = world.deadlines[0]) {
    expireOne(world, first)
    dropDeadDeadlines(world)
  }
}

/** Waits whose time has passed, in the order of their ends. */
export function passedDeadlines(world: World): readonly Deadline[] {
  dropDeadDeadlines(world)
  const nowNs = currentTime(world)
  return world.deadlines.filter((deadline) => deadline.atNs < nowNs && isAlive(world, deadline))
}

export function expireOne(world: World, deadline: Deadline): void {
  world.deadlines.splice(world.deadlines.indexOf(deadline), 1)
  const canister = world.canisters.get(deadline.canister)
  if (canister === undefined) return
  if (deadline.callbackId === null) expireStops(world, canister, currentTime(world))
  else expireCall(world, canister, deadline.callbackId)
}

function expireCall(world: World, canister: Canister, callbackId: number): void {
  const outcome = { kind: 'reject', reject: reject('IC0601', 'Call has timed out.') } as const
  // The cycles sent along stay wherever the call is: a caller with bounded wait does not get them back.
  deliver(world, canister.key, { kind: 'response', callbackId, outcome, refund: 0n })
}

function expireStops(world: World, canister: Canister, nowNs: bigint): void {
  const late = canister.stops.filter(({ deadlineNs }) => deadlineNs < nowNs)
  canister.stops = canister.stops.filter(({ deadlineNs }) => deadlineNs >= nowNs)
  touch(world, canister)
  const outcome = { kind: 'reject', reject: reject('IC0206', 'Stop canister request timed out.') } as const
  for (const { origin, refund } of late) respond(world, origin, outcome, refund)
}
