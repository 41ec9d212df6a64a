import { NS_PER_MINUTE } from '@medguard/protocol'
import { ALL_METHODS, CANISTER_NAMES, type CanisterName, kindOf, type MethodName } from '../test/scenarios/clinic.ts'
import { openStepped, type Stepped } from '../test/scenarios/stepped.ts'
import {
  type Kind,
  kindFor,
  type Questions,
  storyQuestions,
  wardQuestions,
} from '../test/simulation/method-questions.fixture.ts'
import { AMONG_SHARDS, COUNCIL, liveAmongShards, type Scene } from '../test/simulation/stories.fixture.ts'
import { type WithoutChance, withoutChance } from '../test/simulation/without-chance.fixture.ts'

// What each public method takes in its own canister, told in a fixed story without any chance in it: the same sources give the same figures.

/** By `consent.grant` and so on: opcodes and fixed charges of the method's own messages, answers of others that it waits for included. */
export type MethodCosts = ReadonlyMap<string, number>

/** The cheapest counts: the collector runs in whichever call it likes, and a node of a map may be full. */
const ASKED = 3
/** Nobody is asked these twice: who is there hears so. */
const GOOD: readonly string[] = ['Ok', 'IdConflict']

interface Net {
  readonly net: Stepped
  readonly questionOf: Questions
}
async function openNet(kind: Kind): Promise<Net> {
  const net = await openStepped(kind === 'ward' ? {} : { council: [COUNCIL] })
  return { net, questionOf: kind === 'ward' ? await wardQuestions(net) : storyQuestions(net) }
}

/** @param order methods that come first: what was asked before changes a little what a call costs, so a new method is asked after the known ones. */
export async function methodCosts(order: readonly string[]): Promise<MethodCosts> {
  const chance = withoutChance()
  try {
    return await measured(order, chance)
  } finally {
    chance.restore()
  }
}

async function measured(order: readonly string[], chance: WithoutChance): Promise<MethodCosts> {
  chance.begin('networks')
  const nets: Record<Kind, Net> = { ward: await openNet('ward'), stories: await openNet('stories') }
  const costs = new Map<string, number>()
  const names = ALL_METHODS.map(([canister, method]) => `${canister}.${method}`)
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  const note = (name: string, instructions: number) =>
    costs.set(name, Math.min(instructions, costs.get(name) ?? Number.POSITIVE_INFINITY))
  const askedBy = new Set<string>()
  for (const name of names.toSorted((a, b) => rank(a) - rank(b))) {
    const [canister, method] = partsOf(name)
    const kind = kindFor(canister, method)
    if (nets[kind].questionOf(canister, method) === null) continue
    askedBy.add(name)
    for (let i = 0; i < ASKED; i++) {
      chance.begin(`${name} ${i}`)
      let spent = await askOnce(nets[kind], canister, method)
      if (spent === null) {
        nets[kind] = await openNet(kind)
        spent = await askOnce(nets[kind], canister, method)
      }
      if (spent === null) throw new Error(`${name} is refused`)
      for (const [each, instructions] of spent)
        if (names.includes(each) && (each === name || !askedBy.has(each))) note(each, instructions)
    }
  }
  chance.begin('a log of several canisters')
  for (const [name, instructions] of await amongShards()) note(name, instructions)
  const unmet = names.filter((name) => !costs.has(name))
  if (unmet.length > 0) throw new Error(`nothing calls ${unmet.join(', ')}`)
  return costs
}

/** What canisters ask each other only where the log is several of them. */
async function amongShards(): Promise<MethodCosts> {
  const net = await openStepped({ isSharded: true })
  const costs = new Map<string, number>()
  for (let i = 0; i < ASKED; i++) {
    net.takeMeters()
    await liveAmongShards(net, i)
    for (const { entry, instructions } of net.takeMeters())
      for (const name of AMONG_SHARDS)
        if (name.endsWith(`.${entry}`))
          costs.set(name, Math.min(Number(instructions), costs.get(name) ?? Number.POSITIVE_INFINITY))
  }
  return costs
}

const partsOf = (name: string): [CanisterName, string] => {
  const [canister = '', method = ''] = name.split('.')
  return [canister as CanisterName, method]
}

/** @returns what each method that ran took, a call of it; null when this network has had enough of it. */
async function askOnce({ net, questionOf }: Net, canister: CanisterName, method: string): Promise<MethodCosts | null> {
  let scene: Scene
  try {
    scene = (await questionOf(canister, method)?.()) as Scene
  } catch (error) {
    if (error instanceof Error && error.message.includes('refused')) return null
    throw error
  }
  net.setTime(net.nowNs() + NS_PER_MINUTE)
  net.settle()
  net.takeMeters()
  const flow = net.start(scene.sender, canister, method as MethodName<CanisterName>, scene.arg as never)
  net.settle()
  if (!GOOD.includes(kindOf(flow.answer()))) return null
  const names = new Map(CANISTER_NAMES.map((name) => [net.ids[name].toText(), name]))
  const sums = new Map<string, { instructions: number; calls: number }>()
  for (const { canisterId, entry, instructions } of net.takeMeters()) {
    const [name = '', reply] = entry.split('#')
    const key = `${names.get(canisterId)}.${name}`
    const sum = sums.get(key) ?? { instructions: 0, calls: 0 }
    sums.set(key, {
      instructions: sum.instructions + Number(instructions),
      calls: sum.calls + (reply === undefined ? 1 : 0),
    })
  }
  return new Map([...sums].map(([key, { instructions, calls }]) => [key, instructions / Math.max(1, calls)]))
}
