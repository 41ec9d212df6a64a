import { executionReserve, INSTRUCTION_LIMIT } from '../system-api/prices.ts'
import { type Canister, type Message, missingCycles } from './canister.ts'
import { runCall, runResponse, runTask, type Task } from './messages.ts'
import { reject } from './rejects.ts'
import { currentTime, pruneRequests, respond, touch, type World } from './world.ts'

/** The network runs heartbeats about once a second. */
const HEARTBEAT_EVERY_NS = 1_000_000_000n

export type RunManagement = (message: Extract<Message, { kind: 'call' }>) => void

/**
 * Runs messages until `maxMessages` have run or nothing is left: canisters and the management canister take turns, one message each.
 *
 * @returns whether anything is left to run now.
 */
export function runMessages(world: World, maxMessages: number, management: RunManagement): boolean {
  pruneRequests(world)
  for (let count = 0; count < maxMessages; count++) {
    expire(world)
    if (!runOne(world, management)) return false
  }
  expire(world)
  return world.management.size > 0 || [...world.canisters.values()].some((canister) => hasWork(world, canister))
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
  // A wait ends when its time has passed, not at that very nanosecond.
  if (first !== undefined) consider(first.atNs + 1n)
  return due
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
  const next = world.management.entries().next()
  if (next.done) return false
  const [number, message] = next.value
  world.management.delete(number)
  world.unsaved.management.add(number)
  if (message.kind === 'call') management(message)
  return true
}

function hasWork(world: World, canister: Canister): boolean {
  return canister.queue.size > 0 || dueTask(world, canister) !== null
}

function runCanister(world: World, canister: Canister): boolean {
  const task = dueTask(world, canister)
  // Neither may starve the other: a timer that sets itself again at once, or a queue that never empties.
  if (task !== null && (canister.queue.size === 0 || !canister.taskRanLast)) {
    canister.taskRanLast = true
    runTask(world, canister, task)
    return true
  }
  const next = canister.queue.entries().next()
  if (next.done) return false
  const [number, message] = next.value
  canister.taskRanLast = false
  canister.queue.delete(number)
  canister.unsaved.messages.add(number)
  world.unsaved.canisters.add(canister.key)
  if (message.kind === 'call') runCall(world, canister, message)
  else runResponse(world, canister, message)
  return true
}

function dueTask(world: World, canister: Canister): Task | null {
  if (canister.instance === null || canister.status !== 'running') return null
  const nowNs = currentTime(world)
  const { hooks } = canister.instance.code.prepared
  const due: Task | null =
    canister.lowMemory === 'due' && hooks.has('on_low_wasm_memory')
      ? 'on_low_wasm_memory'
      : canister.globalTimerNs > 0n && canister.globalTimerNs <= nowNs && hooks.has('global_timer')
        ? 'global_timer'
        : hooks.has('heartbeat') && canister.lastHeartbeatNs + HEARTBEAT_EVERY_NS <= nowNs
          ? 'heartbeat'
          : null
  // A frozen canister keeps its timer, for the day it is topped up.
  return due === null || isFrozen(canister) ? null : due
}

const isFrozen = (canister: Canister): boolean =>
  missingCycles(canister, executionReserve(INSTRUCTION_LIMIT.message)) > 0n

function dropDeadDeadlines(world: World): void {
  for (let first = world.deadlines[0]; first !== undefined; first = world.deadlines[0]) {
    const canister = world.canisters.get(first.canister)
    const alive =
      first.callbackId === null
        ? (canister?.stops.some(({ deadlineNs }) => deadlineNs === first.atNs) ?? false)
        : canister?.callbacks.get(first.callbackId)?.answered === false
    if (alive) return
    world.deadlines.shift()
  }
}

/** Answers every wait whose time has passed. */
function expire(world: World): void {
  if (world.deadlines.length === 0) return
  const nowNs = currentTime(world)
  dropDeadDeadlines(world)
  for (let first = world.deadlines[0]; first !== undefined && first.atNs < nowNs; first = world.deadlines[0]) {
    world.deadlines.shift()
    const canister = world.canisters.get(first.canister)
    if (canister !== undefined) {
      if (first.callbackId === null) expireStops(world, canister, nowNs)
      else expireCall(world, canister, first.callbackId)
    }
    dropDeadDeadlines(world)
  }
}

function expireCall(world: World, canister: Canister, callbackId: number): void {
  const outcome = { kind: 'reject', reject: reject('IC0601', 'Call has timed out.') } as const
  // The cycles sent along stay wherever the call is: a caller with bounded wait does not get them back.
  respond(world, { kind: 'call', caller: canister.key, callbackId, version: canister.version }, outcome, 0n)
}

function expireStops(world: World, canister: Canister, nowNs: bigint): void {
  const late = canister.stops.filter(({ deadlineNs }) => deadlineNs < nowNs)
  canister.stops = canister.stops.filter(({ deadlineNs }) => deadlineNs >= nowNs)
  touch(world, canister)
  const outcome = { kind: 'reject', reject: reject('IC0206', 'Stop canister request timed out.') } as const
  for (const { origin, refund } of late) respond(world, origin, outcome, refund)
}
