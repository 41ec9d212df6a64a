import type { CallerInfo, IngressMessage, Outcome, QueryMessage, RangesForm, Subnet } from '../contracts.ts'
import type { ExecutionTrap } from '../system-api/execution-trap.ts'
import { joined } from '../system-api/message-functions.ts'
import { MODE, type Mode } from '../system-api/modes.ts'
import { COMPOSITE_CALL_INSTRUCTIONS, INSTRUCTION_LIMIT, QUERY_RESPONSE_BYTES_MAX } from '../system-api/prices.ts'
import { type Answer, newRun, type OutgoingCall, type Run } from '../system-api/run.ts'
import { STABLE_BYTES_PER_MESSAGE } from '../system-api/stable-memory.ts'
import { type Canister, idOf, type Key, missingCycles } from './canister.ts'
import { outcomeOf } from './contexts.ts'
import { certificateOf } from './data-certificate.ts'
import { account, enter, viewOf } from './execution.ts'
import { homeOf, subnetById } from './homes.ts'
import type { Changes, Instance } from './instance.ts'
import { refusalOf } from './messages.ts'
import {
  didNotReply,
  noMethod,
  noModule,
  notFound,
  outOfCycles,
  principalText,
  reject,
  rejected,
  trapReject,
} from './rejects.ts'
import { destinationOf } from './routing.ts'
import { canisterOf, currentTime, meter, type World } from './world.ts'

const COMPOSITE_DEPTH_MAX = 6

/** The management canister's queries. */
export type ManagementQuery = (
  caller: Uint8Array,
  fromCanister: boolean,
  method: string,
  arg: Uint8Array,
  subnet: Subnet,
) => Outcome

/** What the whole graph of one composite query shares. */
interface Graph {
  readonly world: World
  readonly management: ManagementQuery
  readonly rollback: (instance: Instance) => number
  instructions: number
  limit: number
}

interface Call {
  readonly callerInfo: CallerInfo | null
  readonly caller: Uint8Array
  readonly canisterId: Uint8Array
  readonly rangesForm: RangesForm
  readonly method: string
  readonly arg: Uint8Array
  readonly depth: number
}

/** Answers a query from the committed state; nothing it does is kept. */
export function query(world: World, message: QueryMessage, management: ManagementQuery): Outcome {
  const { sender, canisterId, method, arg } = message
  if (canisterId.length === 0) return management(sender, false, method, arg, subnetById(world, message.subnetId))
  return runQuery(graphOf(world, management), callOf(message))
}

// [Note: queries together] Comparing a heap of 12 MB with its shadow takes longer than a small query. Of many queries each is rolled back
// only where runs before it have changed anything, and one full comparison follows the last. If it finds nothing, every one of them ran
// on the committed state, unless one took back to the byte what another had left where nobody looked; a canister can only mislead
// itself that way. If it finds something, one of them has left it behind there: no answer is believed, and all are asked again alone.

/**
 * As `query`, for many at once. The order is of no account, since none leaves anything behind.
 *
 * @returns null for what has to be asked alone.
 */
export function queriesTogether(
  world: World,
  messages: readonly QueryMessage[],
  management: ManagementQuery,
): readonly (Outcome | null)[] {
  // A fault may be for one occasion: to ask twice would use it up.
  if (world.options.faults !== undefined) return messages.map(() => null)
  const kept = world.meters
  const tried = messages.map((message) => {
    const instance = canisterOf(world, message.canisterId)?.instance ?? null
    if (instance?.code.prepared.methods.get(message.method) !== 'query') return null
    world.meters = []
    const call = callOf(message)
    const graph = graphOf(world, management, (used) => used.rollbackWhereLikely())
    try {
      return { instance, call, outcome: answerQuery(graph, call), meters: world.meters }
    } catch {
      return { instance, call, outcome: null, meters: [] } // asked alone it fails again, and whoever asked is told
    }
  })
  world.meters = kept
  const isBelieved = new Map<Instance, boolean>()
  for (const one of tried) {
    if (one !== null && !isBelieved.has(one.instance)) {
      isBelieved.set(one.instance, one.instance.endLikelyRollbacks())
    }
  }
  return tried.map((one) => {
    if (one === null || one.outcome === null || isBelieved.get(one.instance) !== true) return null
    for (const part of one.meters) meter(world, part)
    count(world, one.call, one.outcome)
    return one.outcome
  })
}

const callOf = ({ sender, callerInfo, canisterId, method, arg, rangesForm = 'flat' }: QueryMessage): Call => ({
  callerInfo: callerInfo ?? null,
  caller: sender,
  canisterId,
  rangesForm,
  method,
  arg,
  depth: 0,
})

const graphOf = (world: World, management: ManagementQuery, rollback = fullRollback): Graph => ({
  world,
  management,
  rollback,
  instructions: 0,
  limit: INSTRUCTION_LIMIT.query,
})
const fullRollback = (instance: Instance): number => instance.rollback()

/** Wasm that decides nothing but whether to let an ingress message in. @returns null when accepted. */
export function inspect(world: World, canister: Canister, instance: Instance, message: IngressMessage): Outcome | null {
  const body = instance.entry('canister_inspect_message')
  if (body === undefined) return null
  const run = runFor(world, canister, MODE.inspect, INSTRUCTION_LIMIT.inspect, {
    caller: message.sender,
    callerInfo: message.callerInfo ?? null,
    methodName: message.method,
    data: message.arg,
  })
  const trap = runDropped(world, canister, instance, run, 'canister_inspect_message', body)
  if (trap !== null) return { kind: 'reject', reject: trapReject(canister.text, trap) }
  return run.ingressAccepted ? null : rejected('IC0406', `Canister ${canister.text} rejected the message`)
}

/**
 * Runs a query method of a canister over the response of an HTTP outcall, for the management canister. A canister that is stopping
 * still waits for the outcall, so it runs whatever the status.
 */
export function runTransform(world: World, caller: Key, method: string, arg: Uint8Array): Outcome {
  const canister = world.canisters.get(caller)
  if (canister === undefined) return { kind: 'reject', reject: notFound(principalText(idOf(caller))) }
  const { instance } = canister
  if (instance === null) return { kind: 'reject', reject: noModule(canister.text) }
  const body =
    instance.code.prepared.methods.get(method) === 'query' ? instance.entry(`canister_query ${method}`) : undefined
  if (body === undefined) return { kind: 'reject', reject: noMethod(canister.text, 'query', method) }
  const run = runFor(world, canister, MODE.transform, INSTRUCTION_LIMIT.query, { methodName: method, data: arg })
  const trap = runDropped(world, canister, instance, run, method, body)
  if (trap !== null) return { kind: 'reject', reject: trapReject(canister.text, trap) }
  return run.answer === null ? { kind: 'reject', reject: didNotReply(canister.text) } : outcomeOf(run.answer)
}

function runQuery(graph: Graph, call: Call): Outcome {
  const outcome = answerQuery(graph, call)
  count(graph.world, call, outcome)
  return outcome
}

function count(world: World, call: Call, outcome: Outcome): void {
  const stats = canisterOf(world, call.canisterId)?.queryStats
  if (stats === undefined) return
  stats.calls += 1n
  stats.requestBytes += BigInt(call.arg.length)
  const bytes = outcome.kind === 'reply' ? outcome.reply.length : Buffer.byteLength(outcome.reject.message)
  stats.responseBytes += BigInt(bytes)
}

function answerQuery(graph: Graph, call: Call): Outcome {
  const { world } = graph
  const canister = canisterOf(world, call.canisterId)
  if (canister === undefined) return { kind: 'reject', reject: notFound(principalText(call.canisterId)) }
  const refusal = refusalOf(canister)
  const { instance } = canister
  if (refusal !== null || instance === null) return { kind: 'reject', reject: refusal ?? noModule(canister.text) }
  const missing = missingCycles(canister, 0n)
  if (missing > 0n) return { kind: 'reject', reject: outOfCycles(canister.text, missing) }
  const kind = instance.code.prepared.methods.get(call.method)
  const body = kind === undefined || kind === 'update' ? undefined : instance.entry(`canister_${kind} ${call.method}`)
  if (body === undefined) return { kind: 'reject', reject: noMethod(canister.text, 'query', call.method) }
  // Only the canister the user asked has a certificate.
  const certificate = call.depth === 0 ? () => certificateOf(world, canister, call.rangesForm) : null
  const { caller, callerInfo } = call
  const given: Partial<Run> = { caller, callerInfo, methodName: call.method, data: call.arg, certificate }
  if (kind === 'composite_query') return runComposite(graph, call, canister, instance, given, body)
  const run = runFor(world, canister, MODE.query, budgetOf(graph), given)
  const trap = runDropped(world, canister, instance, run, call.method, body, graph)
  if (trap !== null) return { kind: 'reject', reject: trapReject(canister.text, trap) }
  return run.answer === null ? { kind: 'reject', reject: didNotReply(canister.text) } : outcomeOf(run.answer)
}

const budgetOf = (graph: Graph): number => Math.max(0, graph.limit - graph.instructions)

/** Runs and forgets. */
function runDropped(
  world: World,
  canister: Canister,
  instance: Instance,
  run: Run,
  entry: string,
  body: () => void,
  graph?: Graph,
): ExecutionTrap | null {
  const { trap, instructions } = enter(instance, run, run.instructionLimit, body)
  const rollback = graph?.rollback ?? fullRollback
  const dirty = instance.stable.changedBlocks + rollback(instance)
  account(world, canister, run, entry, instructions, dirty)
  if (graph !== undefined) {
    graph.instructions += instructions
    canister.queryStats.instructions += BigInt(instructions)
  }
  return trap
}

/**
 * Runs a composite query: its entry point, the queries it calls, its callbacks, until it has answered and nothing is open. Its
 * writes live in `changes` between its own runs, so that a callee, be it the canister itself, sees the committed state.
 */
function runComposite(
  graph: Graph,
  call: Call,
  canister: Canister,
  instance: Instance,
  given: Partial<Run>,
  body: () => void,
): Outcome {
  const { world } = graph
  if (call.depth > COMPOSITE_DEPTH_MAX) {
    return rejected('IC0525', 'Composite query calls are nested too deeply.')
  }
  let changes: Changes | null = null
  let answer: Answer | null = null
  let lastTrap: ExecutionTrap | null = null
  let used = 0
  const open: OutgoingCall[] = []

  const step = (mode: Mode, entry: string, more: Partial<Run>, act: () => void): ExecutionTrap | null => {
    if (changes !== null) instance.apply(changes)
    const limit = budgetOf(graph)
    const run = runFor(world, canister, mode, limit, {
      caller: call.caller,
      callerInfo: call.callerInfo,
      contextInstructions: used,
      responded: answer !== null,
      ...more,
    })
    const { trap, instructions } = enter(instance, run, limit, act)
    used += instructions
    graph.instructions += instructions
    canister.queryStats.instructions += BigInt(instructions)
    const dirty = instance.stable.changedBlocks
    const next = trap === null ? instance.detach() : null
    account(world, canister, run, entry, instructions, dirty + (next === null ? instance.rollback() : next.pages.size))
    if (next !== null) {
      changes = next
      answer = run.answer ?? answer
      open.push(...run.calls)
    }
    return trap
  }

  lastTrap = step(MODE.compositeQuery, call.method, given, body)
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    graph.limit += COMPOSITE_CALL_INSTRUCTIONS
    const outcome = runCallee(graph, call, canister, next)
    const [mode, tableIndex, env, more] = callbackOf(next, outcome)
    const entry = `${call.method}#${outcome.kind} of ${next.method}`
    lastTrap = step(mode, entry, more, () => instance.callback(tableIndex, env))
    const { cleanup } = next
    if (lastTrap !== null && cleanup !== null) {
      const after = { rejectCode: outcome.kind === 'reject' ? outcome.reject.code : 0 }
      step(MODE.compositeCleanup, `${call.method}#cleanup of ${next.method}`, after, () =>
        instance.callback(cleanup.tableIndex, cleanup.env),
      )
    }
  }
  if (answer !== null) return outcomeOf(answer)
  return {
    kind: 'reject',
    reject: lastTrap === null ? didNotReply(canister.text) : trapReject(canister.text, lastTrap),
  }
}

function callbackOf(call: OutgoingCall, outcome: Outcome): [Mode, number, number, Partial<Run>] {
  return outcome.kind === 'reply'
    ? [MODE.compositeReplyCallback, call.replyFunction, call.replyEnv, { data: outcome.reply }]
    : [
        MODE.compositeRejectCallback,
        call.rejectFunction,
        call.rejectEnv,
        { rejectCode: outcome.reject.code, rejectMessage: outcome.reject.message },
      ]
}

function runCallee(graph: Graph, parent: Call, caller: Canister, call: OutgoingCall): Outcome {
  const arg = joined(call.payload, call.payloadBytes)
  const { world } = graph
  const home = homeOf(world, caller.id)
  const { subnet, isManagement } = destinationOf(world, home, call.callee, call.method, arg)
  // interface specification, "Composite queries": they reach no other subnet.
  if (subnet !== home) return { kind: 'reject', reject: notFound(principalText(call.callee)) }
  if (isManagement) return graph.management(caller.id, true, call.method, arg, home)
  if (budgetOf(graph) === 0) {
    return {
      kind: 'reject',
      reject: reject('IC0526', 'Composite query exceeded the instruction limit of its call graph.'),
    }
  }
  return runQuery(graph, {
    caller: caller.id,
    callerInfo: null,
    canisterId: call.callee,
    rangesForm: parent.rangesForm,
    method: call.method,
    arg,
    depth: parent.depth + 1,
  })
}

function runFor(world: World, canister: Canister, mode: Mode, instructionLimit: number, given: Partial<Run>): Run {
  return newRun({
    mode,
    canister: viewOf(world, canister),
    timeNs: currentTime(world),
    instructionLimit,
    responseBytesMax: QUERY_RESPONSE_BYTES_MAX,
    stableBytesMax: STABLE_BYTES_PER_MESSAGE.query,
    balance: canister.cycles,
    globalTimerNs: canister.globalTimerNs,
    ...given,
  })
}
