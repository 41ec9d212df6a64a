import { IDL } from '@dfinity/candid'
import type { Outcome, OutcallRequest, OutcallResult, Reject } from '../contracts.ts'
import { RESULTS } from '../management/candid.ts'
import type { Key, Origin } from './canister.ts'
import { runTransform } from './query.ts'
import { nextNumber, respond, type World } from './world.ts'

/** An HTTPS outcall that has no answer yet. */
export interface Outcall {
  readonly request: OutcallRequest
  readonly origin: Origin
  readonly caller: Key
  /** Cycles that go back with the answer. */
  readonly refund: bigint
  readonly transform: { readonly method: string; readonly context: Uint8Array } | null
}

export function addOutcall(world: World, outcall: Omit<Outcall, 'request'>, request: Omit<OutcallRequest, 'id'>): void {
  const id = nextNumber(world)
  world.outcalls.set(id, { ...outcall, request: { ...request, id } })
  world.outcallsToMake.push(id)
  world.unsaved.outcalls.add(id)
}

/** What the host has to make, each once. */
export function takeOutcalls(world: World): readonly OutcallRequest[] {
  const ids = world.outcallsToMake
  world.outcallsToMake = []
  return ids.flatMap((id) => world.outcalls.get(id)?.request ?? [])
}

/** Nobody waits any more for what a stopped network had asked for: whether it was done is not known. */
export function rejectLostOutcalls(world: World): void {
  for (const id of world.outcalls.keys()) {
    settle(world, id, rejection(2, 'The network was restarted before the HTTP request was answered.'))
  }
}

/** Takes the answers of all nodes: what they agree on after the transformation is the answer of the outcall. */
export function answerOutcall(world: World, id: number, results: readonly OutcallResult[]): void {
  const outcall = world.outcalls.get(id)
  if (outcall !== undefined) settle(world, id, agreed(results.map((result) => seenByOne(world, outcall, result))))
}

function settle(world: World, id: number, outcome: Outcome): void {
  const outcall = world.outcalls.get(id)
  if (outcall === undefined) return
  world.outcalls.delete(id)
  world.unsaved.outcalls.add(id)
  respond(world, outcall.origin, outcome, outcall.refund)
}

/** There are no published codes for what goes wrong outside the network. */
const rejection = (code: 1 | 2, message: string): Outcome => ({
  kind: 'reject',
  reject: { code, message, errorCode: `IC0${code}00` } satisfies Reject,
})

function seenByOne(world: World, { request, caller, transform }: Outcall, result: OutcallResult): Outcome {
  if (result.kind === 'failed') return rejection(result.code, result.message)
  const response = { status: BigInt(result.status), headers: result.headers, body: result.body }
  if (transform === null) return { kind: 'reply', reply: IDL.encode([RESULTS.HttpResponse], [response]) }
  const arg = IDL.encode([RESULTS.TransformArgument], [{ response, context: transform.context }])
  const outcome = runTransform(world, caller, transform.method, arg)
  if (outcome.kind === 'reply' && outcome.reply.length > request.maxResponseBytes) {
    return rejection(
      1,
      `Transformed http response exceeds limit: ${request.maxResponseBytes}, its size is ${outcome.reply.length}`,
    )
  }
  return outcome
}

/** As many as a subnet of that size needs for a decision: all but those that may be faulty. */
function agreed(outcomes: readonly Outcome[]): Outcome {
  const needed = outcomes.length - Math.floor((outcomes.length - 1) / 3)
  const groups = new Map<string, { readonly outcome: Outcome; count: number }>()
  for (const outcome of outcomes) {
    const key =
      outcome.kind === 'reply'
        ? `reply ${Buffer.from(outcome.reply).toString('latin1')}`
        : `reject ${outcome.reject.code} ${outcome.reject.message}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { outcome, count: 1 })
    else group.count += 1
  }
  const largest = [...groups.values()].toSorted((a, b) => b.count - a.count)[0]
  if (largest !== undefined && largest.count >= needed) return largest.outcome
  const sizes = [...groups.values()].map(({ count }) => count).join(', ')
  return rejection(
    2,
    `No consensus could be reached. Replicas had different responses. Details: ${outcomes.length} responses fall into groups of ${sizes}, ${needed} equal ones are needed`,
  )
}
