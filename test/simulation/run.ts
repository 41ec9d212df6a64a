import { Fault } from '@medguard/client'
import { CANISTER_NAMES } from '../scenarios/clinic.ts'
import { checkLog, checkPerson, type Doing, drawDoing, enrol, type Model, newModel, Violation } from './doings.ts'
import { describeStep, type Hospital, openHospital, type Person } from './hospital.ts'
import { createMischief } from './mischief.ts'

// One run: people do things at once, the seed chooses which message is delivered next, things go wrong, and in the end all must be well.

export interface RunOptions {
  readonly seed: string
  /** How many things people do. */
  readonly doings: number
  /** Of a fault, and of a lost request or answer, at each step. */
  readonly faultChance: number
}

/** `seed:doings:faultChance`, which is all there is to know of a run. */
export const runName = ({ seed, doings, faultChance }: RunOptions): string => `${seed}:${doings}:${faultChance}`

/** @throws Error for what is not the name of a run. */
export function readRun(name: string): RunOptions {
  const [, seed, doings, chance] = /^([^:]+):(\d{1,6}):(0|1|0?\.\d+)$/u.exec(name) ?? []
  if (seed === undefined) throw new Error(`${name} names no run; it is seed:doings:chance, as 17:60:0.01`)
  return { seed, doings: Number(doings), faultChance: Number(chance) }
}

export interface RunReport {
  readonly steps: number
  /** Simulated, in seconds. */
  readonly seconds: number
  readonly faultsPlanned: number
  /** By kind: how often something went wrong. */
  readonly fired: Readonly<Record<string, number>>
  /** By doing and how it ended. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Of the whole network at the end. */
  readonly digest: string
}

const NAMES = ['Ada', 'Ben', 'Cleo', 'Dan']
const AT_ONCE = 3
/** For fewer there are only two people. */
const FEW_DOINGS = 5
const STEPS_MAX = 200_000
/** Faults that a world without lies may give. */
const HONEST_FAULTS: ReadonlySet<string> = new Set(['Unreachable', 'Uncertain', 'SessionEnded'])
const MENDING_TRIES = 8

/** @throws Violation, with the last steps before it. */
export async function simulate(options: RunOptions): Promise<RunReport> {
  const names = NAMES.slice(0, options.doings < FEW_DOINGS ? 2 : NAMES.length)
  const hospital = await openHospital(options.seed, names)
  try {
    return await runIn(hospital, options)
  } finally {
    hospital.close()
  }
}

async function runIn(hospital: Hospital, options: RunOptions): Promise<RunReport> {
  const { doings, faultChance } = options
  const { net } = hospital
  const choice = net.prng.fork('choices')
  const mischief = createMischief(hospital, net.prng.fork('mischief'), faultChance)
  const model = newModel()
  const outcomes = new Map<string, number>()
  const trace: string[] = []
  const violations: Violation[] = []
  const active = new Set<string>()
  let steps = 0
  const note = (line: string) => {
    trace.push(`${steps} ${line}`)
    if (trace.length > 400) trace.splice(0, 200)
  }
  const count = (name: string) => outcomes.set(name, (outcomes.get(name) ?? 0) + 1)

  const begin = (doing: Doing): void => {
    const startedAt = steps
    const id = `${doing.name}, ${doing.who} (${startedAt})`
    active.add(id)
    note(`begins: ${id}`)
    const end = (result: string) => {
      active.delete(id)
      count(`${doing.name}: ${result}`)
      note(`ends: ${id}: ${result}`)
    }
    doing
      .run(startedAt, () => steps)
      .then(end, (error: unknown) => {
        end(error instanceof Fault ? `fault ${error.code}` : 'broken')
        const isHonest = error instanceof Fault && (HONEST_FAULTS.has(error.code) || mischief.hasLiedSince(startedAt))
        if (isHonest) return
        violations.push(
          error instanceof Violation ? error : new Violation(`${id} ended with ${String(error)}`, { cause: error }),
        )
      })
  }

  /** Runs one message, or lets time pass. */
  const step = async (): Promise<void> => {
    await hospital.quiet()
    const found = violations[0]
    if (found !== undefined) throw withTrace(found, options, trace)
    if (++steps > STEPS_MAX) throw withTrace(new Violation('the network does not come to rest'), options, trace)
    const deliverable = net.deliverable()
    if (deliverable.length === 0) {
      if (active.size > 0 && !hospital.waitForSomething()) {
        throw withTrace(
          new Violation(`nothing will ever happen, and these wait: ${[...active].join('; ')}`),
          options,
          trace,
        )
      }
      return
    }
    const index = choice.below(deliverable.length)
    const chosen = deliverable[index]
    if (chosen !== undefined) note(describeStep(chosen))
    net.deliver(index)
  }
  const settle = async (): Promise<void> => {
    do await step()
    while (active.size > 0 || net.deliverable().length > 0)
  }

  for (const person of hospital.people) begin(enrol(person))
  await settle()

  hospital.lossChance = faultChance
  for (let begun = 0; begun < doings || active.size > 0;) {
    if (begun < doings && active.size < AT_ONCE && choice.chance(0.3)) {
      begin(drawDoing(hospital, model, choice))
      begun++
      if (choice.chance(0.04)) begin(upgradeOf(hospital, CANISTER_NAMES[choice.below(3)] ?? 'audit'))
    }
    const before = mischief.planned()
    mischief.step(steps)
    if (mischief.planned() > before) note(`planned: ${JSON.stringify(net.faults.rules().at(-1))}`)
    if (choice.chance(0.01)) net.advance(BigInt(choice.below(120)) * 1_000_000_000n)
    if (choice.chance(faultChance / 10)) {
      note('restart')
      net.restart()
    }
    await step()
  }

  // All is well again.
  hospital.lossChance = 0
  mischief.end()
  await settle()
  for (const canister of CANISTER_NAMES)
    begin({ name: 'start', who: canister, run: async () => String(await hospital.manage('start_canister', canister)) })
  await settle()
  net.advance(120_000_000_000n)
  await settle()
  for (const check of [checkPerson, checkLog]) {
    for (const person of hospital.people) begin(checking(check, person, model))
    await settle()
  }
  await hospital.quiet()
  const found = violations[0]
  if (found !== undefined) throw withTrace(found, options, trace)
  return {
    steps,
    seconds: Number((net.machine().timeNs() - 1_700_000_000_000_000_000n) / 1_000_000_000n),
    faultsPlanned: mischief.planned(),
    fired: counted(net.faults.fired().map(({ kind }) => kind)),
    outcomes: Object.fromEntries([...outcomes].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    digest: net.digest(),
  }
}

/** As a person would: what is busy is asked again. */
const checking = (check: (person: Person, model: Model) => Promise<void>, person: Person, model: Model): Doing => ({
  name: check.name,
  who: person.name,
  async run() {
    for (let tries = 1; ; tries++) {
      try {
        await check(person, model)
        return 'done'
      } catch (error) {
        const isBusy = error instanceof Violation && /refused: (Busy|LogUnavailable|NotReady)/.test(error.message)
        const isUnclear = error instanceof Fault && HONEST_FAULTS.has(error.code)
        if (!(isBusy || isUnclear) || tries === MENDING_TRIES) throw error
        await new Promise((resolve) => setTimeout(resolve, 30_000))
      }
    }
  },
})

/** As the deployment does it: stopped, so that no answer comes to another module than the one that asked. */
const upgradeOf = (
  hospital: Hospital,
  canister: Hospital['ids'] extends Readonly<Record<infer Name, string>> ? Name : never,
): Doing => ({
  name: 'upgrade',
  who: canister,
  async run() {
    const isStopped = await hospital.manage('stop_canister', canister)
    const isInstalled = isStopped && (await hospital.manage('install_code', canister))
    for (let tries = 0; tries < 20; tries++) if (await hospital.manage('start_canister', canister)) break
    return isInstalled ? 'done' : 'not now'
  },
})

function withTrace(violation: Violation, options: RunOptions, trace: readonly string[]): Error {
  const lines = [
    violation.message,
    `to see it again: MEDGUARD_SEED=${runName(options)} npm run test:long -- simulation`,
    ...trace.slice(-60),
  ]
  return new Error(lines.join('\n'), { cause: violation })
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
