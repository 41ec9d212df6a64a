// The choice that `run` makes by taking turns, laid open: what could be delivered next, for simulations that decide themselves.
import type { Deliverable } from '../contracts.ts'
import { type Canister, entryOf, idOf, type Message } from './canister.ts'
import type { Task } from './messages.ts'
import { principalText } from './rejects.ts'
import {
  dueTasks,
  expireOne,
  passedDeadlines,
  runDueTask,
  type RunManagement,
  runManagementNumber,
  runNumber,
} from './schedule.ts'
import { type Crossing, firstOfStreams, takeIn } from './streams.ts'
import { currentTime, type Deadline, type World } from './world.ts'

export interface Delivery extends Deliverable {
  readonly run: () => void
}

const MANAGEMENT = 'aaaaa-aa'
const TASK_KINDS = { global_timer: 'timer', heartbeat: 'heartbeat', on_low_wasm_memory: 'lowMemory' } as const

/** Queues first, canister by canister, then what the network itself would start. */
export function deliverables(world: World, management: RunManagement): readonly Delivery[] {
  const found: Delivery[] = []
  const nowNs = currentTime(world)
  const canisters = [...world.canisters.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1))
  for (const [number, message] of firstOfPairs(world.management, nowNs)) {
    const run = () => runManagementNumber(world, number, management)
    if (message.kind === 'call') found.push({ ...sent(message), kind: 'management', canister: MANAGEMENT, run })
  }
  for (const canister of canisters) {
    for (const [number, message] of firstOfPairs(canister.queue, nowNs)) {
      const run = () => runNumber(world, canister, number)
      const what = message.kind === 'call' ? sent(message) : answered(canister, message)
      found.push({ ...what, canister: canister.text, run })
    }
    for (const task of dueTasks(world, canister)) found.push(taskOf(world, canister, task))
  }
  for (const deadline of passedDeadlines(world)) found.push(deadlineOf(world, deadline))
  for (const [number, crossing] of firstOfStreams(world)) found.push(arrivalOf(world, number, crossing))
  for (const [id, { message, arrive }] of world.planned.copies) {
    const run = () => {
      world.planned.copies.delete(id)
      arrive()
    }
    const canister = principalText(message.canisterId)
    found.push({ kind: 'copy', canister, from: principalText(message.sender), entry: message.method, run })
  }
  return found
}

/** Without the calls that an earlier one of the same canister still has before it. */
function firstOfPairs(queue: ReadonlyMap<number, Message>, nowNs: bigint): readonly (readonly [number, Message])[] {
  const callers = new Set<string>()
  return [...queue].filter(([, message]) => {
    const isReady = message.notBeforeNs === undefined || message.notBeforeNs <= nowNs
    if (message.kind !== 'call' || message.origin.kind !== 'call') return isReady
    const { caller } = message.origin
    if (callers.has(caller)) return false
    callers.add(caller)
    return isReady
  })
}

type What = Pick<Delivery, 'kind' | 'from' | 'entry'>

function sent(message: Extract<Message, { kind: 'call' }>): What {
  const kind = message.origin.kind === 'ingress' ? 'ingress' : 'call'
  return { kind, from: principalText(message.caller), entry: message.method }
}

function answered(canister: Canister, message: Extract<Message, { kind: 'response' }>): What {
  const callback = canister.callbacks.get(message.callbackId)
  const from = callback === undefined ? '' : principalText(idOf(callback.callee))
  return { kind: 'response', from, entry: entryOf(canister, message) }
}

/** What only arrives runs nothing yet. */
function arrivalOf(world: World, number: number, crossing: Crossing): Delivery {
  const run = () => takeIn(world, number)
  if (crossing.kind === 'call') {
    const { callee, message } = crossing
    return { ...sent(message), kind: 'arrival', canister: principalText(idOf(callee)), run }
  }
  const { caller, message } = crossing
  const canister = world.canisters.get(caller)
  const what = canister === undefined ? { from: '', entry: '' } : answered(canister, message)
  return { ...what, kind: 'arrival', canister: principalText(idOf(caller)), run }
}

const taskOf = (world: World, canister: Canister, task: Task): Delivery => ({
  kind: TASK_KINDS[task],
  canister: canister.text,
  from: '',
  entry: `canister_${task}`,
  run: () => runDueTask(world, canister, task),
})

function deadlineOf(world: World, deadline: Deadline): Delivery {
  const canister = world.canisters.get(deadline.canister)
  const callback = deadline.callbackId === null ? undefined : canister?.callbacks.get(deadline.callbackId)
  const entry = callback === undefined ? 'stop_canister' : callback.method
  return { kind: 'deadline', canister: canister?.text ?? '', from: '', entry, run: () => expireOne(world, deadline) }
}
