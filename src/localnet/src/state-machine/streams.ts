import { type CallMessage, idOf, type Key, type ResponseMessage } from './canister.ts'
import { notFound, principalText } from './rejects.ts'
import { deliver, enqueue, enqueueManagement, nextNumber, respond, type World } from './world.ts'

// [Note: rounds] The subnets of a network take their rounds together. In a round every canister and the management canister run what
// they have to run, by turns, until nothing is left or ROUND_MESSAGES_MAX messages have run. A call or an answer within a subnet is in
// its queue at once, and may run in the same round. One that leaves for another subnet waits in a stream: what was sent in a round
// is taken in at the end of it, in the order in which it was sent, and runs in the next at the earliest. So a call to another
// subnet and its answer take a round each, however little there is to do, and what is busy on one subnet holds up no other for ever.
// A network of one subnet has no streams, and its rounds cannot be told apart.

/** A message between two subnets, which stand by their ids. */
export type Crossing = { readonly from: Key; readonly towards: Key } & (
  | {
      readonly kind: 'call'
      readonly message: CallMessage
      /** Empty: the management canister. */ readonly callee: Key
    }
  | { readonly kind: 'response'; readonly message: ResponseMessage; readonly caller: Key }
)

const ROUND_MESSAGES_MAX = 1000

export const isRoundOver = (world: World): boolean => world.roundMessages >= ROUND_MESSAGES_MAX

export function countInRound(world: World): void {
  if (world.options.topology.length > 1) world.roundMessages++
}

/** @returns false when nothing was on its way. */
export function endRound(world: World): boolean {
  world.roundMessages = 0
  const numbers = [...world.streams.keys()]
  for (const number of numbers) takeIn(world, number)
  return numbers.length > 0
}

export function sendAcross(world: World, crossing: Crossing): void {
  const number = nextNumber(world)
  world.streams.set(number, crossing)
  world.unsaved.streams.add(number)
}

/** A message arrives on its subnet: it stands in its queue then. */
export function takeIn(world: World, number: number): void {
  const crossing = world.streams.get(number)
  world.streams.delete(number)
  world.unsaved.streams.add(number)
  if (crossing === undefined) return
  if (crossing.kind === 'response') return deliver(world, crossing.caller, crossing.message)
  const { message, callee } = crossing
  if (callee === '') return enqueueManagement(world, message)
  const canister = world.canisters.get(callee)
  if (canister !== undefined) return enqueue(world, canister, message)
  const reject = notFound(principalText(idOf(callee)))
  respond(world, message.origin, { kind: 'reject', reject }, message.cycles)
}

/** The first message of each stream: streams keep their order and know nothing of each other. */
export function firstOfStreams(world: World): readonly (readonly [number, Crossing])[] {
  const seen = new Set<string>()
  return [...world.streams].filter(([, { from, towards }]) => {
    const stream = `${from} ${towards}`
    const isFirst = !seen.has(stream)
    seen.add(stream)
    return isFirst
  })
}
