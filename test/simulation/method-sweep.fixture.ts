import { createFaults, type FaultRule } from '@medguard/localnet'
import { decodeDetail, NS_PER_MINUTE, toHex } from '@medguard/protocol'
import { decodeLeaf } from '@medguard/tlog'
import { buildCanister } from '../../scripts/build-canisters.ts'
import {
  ALL_METHODS,
  CANISTER_NAMES,
  type CanisterName,
  kindOf,
  methodOf,
  type MethodName,
  Rejected,
} from '../scenarios/clinic.ts'
import { openStepped, type Stepped } from '../scenarios/stepped.ts'
import { type Kind, kindFor, type Question, storyQuestions, wardQuestions } from './method-questions.fixture.ts'
import { AMONG_SHARDS, COUNCIL, liveAmongShards, type Scene } from './stories.fixture.ts'

// Every method that changes something, as whoever may call it, and everything that goes wrong once on its way. The table of who may do what has
// an argument for each method that can be asked at once, and there is a story for each that cannot: a new one is swept as soon as it is in the contract.

export interface SweptCase {
  readonly what: string
  /** `Ok`, the kind of the refusal, or the network's error code. */
  readonly answer: string
  /** Of asking again, until it is as it was undisturbed. */
  readonly repeats: readonly string[]
}
export interface SweepWorld {
  /** Updates that somebody may call. */
  readonly methods: readonly (readonly [canister: CanisterName, method: string])[]
  /** Updates that only another canister may call; they run on the way of others. */
  readonly inner: readonly string[]
  /** Whatever ran so far, as `consent.grant`. */
  readonly seen: ReadonlySet<string>
  /** What the method answers when nothing goes wrong. */
  undisturbed(canister: CanisterName, method: string): Promise<string>
  /** Each message traps at its first and last system call and at so many between. */
  traps(canister: CanisterName, method: string, between: number): Promise<SweptCase[]>
  /** Each call to another canister is rejected, before or after it ran. */
  rejects(canister: CanisterName, method: string): Promise<SweptCase[]>
  /** After each message a canister is stopped, upgraded and started: one in turn, or each of them. */
  upgrades(canister: CanisterName, method: string, each: boolean): Promise<SweptCase[]>
  /** Lines of the log that stand there twice. */
  doubles(): readonly string[]
}

const REPEATS_MAX = 4
const MESSAGES_MAX = 500
/** The longest answer comes after eight messages; what follows is timers. */
const BOUNDARIES_MAX = 9

/** What both networks are swept with. */
async function openNet(kind: Kind, seen: Set<string>) {
  const faults = createFaults('sweep')
  const net = await openStepped(kind === 'ward' ? { faults } : { faults, council: [COUNCIL] })
  const questionOf = kind === 'ward' ? await wardQuestions(net) : storyQuestions(net)
  const runs: { readonly canister: string; readonly method: string; readonly syscalls: number }[] = []
  faults.watch(({ canister, method }, { syscalls }) => {
    runs.push({ canister, method, syscalls })
    seen.add(`${nameOf(net, canister)}.${method}`)
  })
  const made: Scene[] = []
  const logs = new Map<string, Scene['log']>()
  const settle = () => {
    const ran = net.settle()
    if (ran.length > MESSAGES_MAX) throw new Error(`the network goes on for ever: ${ran.slice(-5).join(', ')}`)
  }
  const start = (canister: CanisterName, method: string, { sender, arg }: Scene) =>
    net.start(sender, canister, method as MethodName<CanisterName>, arg as never)
  const rest = () => {
    net.setTime(net.nowNs() + NS_PER_MINUTE)
    settle()
  }
  return {
    faults,
    net,
    runs,
    settle,
    start,
    rest,
    /** There is room for sixteen uploads of a person. */
    async tidy() {
      for (const { sender, arg } of made.splice(0)) {
        const { recordId } = (arg ?? {}) as { readonly recordId?: Uint8Array }
        if (recordId !== undefined) await net.call(sender, 'records', 'abandon', { recordId, version: 1, uploadId: [] })
      }
    },
    questionOf(canister: CanisterName, method: string): Question | null {
      const make = questionOf(canister, method)
      if (make === null) return null
      return async () => {
        const scene = await make()
        made.push(scene)
        logs.set(nameOfLog(scene.log), scene.log)
        return scene
      }
    },
    ask(canister: CanisterName, method: string, scene: Scene): string {
      try {
        const flow = start(canister, method, scene)
        settle()
        return kindOf(flow.answer())
      } catch (error) {
        if (error instanceof Rejected) return error.reject.errorCode
        throw error
      }
    },
    doubles(): string[] {
      rest()
      return [...logs.values()].flatMap((log) => doubleLines(net, log))
    },
  }
}

const nameOfLog = ({ reader, of }: Scene['log']): string =>
  `${reader.toText()} ${'patient' in of ? toHex(of.patient) : 'own'}`

/** What runs only where the log is several canisters. */
async function seeAmongShards(seen: Set<string>): Promise<void> {
  const net = await openStepped({ isSharded: true })
  await liveAmongShards(net, 0)
  for (const { entry } of net.takeMeters())
    for (const name of AMONG_SHARDS) if (name.endsWith(`.${entry}`)) seen.add(name)
}

export async function openSweepWorld(): Promise<SweepWorld> {
  const seen = new Set<string>()
  const doubles: string[] = []
  await seeAmongShards(seen)
  const nets = { ward: await openNet('ward', seen), stories: await openNet('stories', seen) }
  const netFor = (canister: CanisterName, method: string) => nets[kindFor(canister, method)]
  const another = async (kind: Kind) => {
    doubles.push(...nets[kind].doubles())
    nets[kind] = await openNet(kind, seen)
  }
  const modules = new Map(
    await Promise.all(CANISTER_NAMES.map(async (name) => [name, (await buildCanister(name)).wasm] as const)),
  )
  const updates = ALL_METHODS.filter(([canister, method]) => methodOf(canister, method).mode === 'update')
  const methods = updates.filter(([canister, method]) => netFor(canister, method).questionOf(canister, method) !== null)
  const inner = updates.filter((one) => !methods.includes(one)).map(([canister, method]) => `${canister}.${method}`)
  const questionFor = (canister: CanisterName, method: string): Question => {
    const question = netFor(canister, method).questionOf(canister, method)
    if (question === null) throw new Error(`somebody may call ${method}`)
    return question
  }
  /** Does it in this network, or, where something is used up in this one, in another. */
  const inEither = async <T>(kind: Kind, work: () => Promise<T>, isGood: (value: T) => boolean): Promise<T> => {
    try {
      const value = await work()
      if (isGood(value)) return value
    } catch (error) {
      if (error instanceof Rejected || !(error instanceof Error && error.message.includes('refused'))) throw error
    }
    await another(kind)
    return work()
  }

  /** Asks once while something goes wrong, then as a client would: the same again, and anew where an answer is given once only. */
  const sweep = (
    canister: CanisterName,
    method: string,
    what: string,
    disturbed: (scene: Scene) => string,
  ): Promise<SweptCase> =>
    inEither(
      kindFor(canister, method),
      async () => {
        const wanted = await world.undisturbed(canister, method)
        const now = netFor(canister, method)
        const question = questionFor(canister, method)
        let scene = await question()
        const answer = disturbed(scene)
        const repeats: string[] = []
        while (repeats.length < REPEATS_MAX && repeats.at(-1) !== wanted) {
          now.rest()
          if (repeats.at(-1) === 'AlreadyDone') scene = await question()
          repeats.push(now.ask(canister, method, scene))
        }
        now.rest()
        await now.tidy()
        return { what: `${canister}.${method}: ${what}`, answer, repeats }
      },
      ({ repeats }) => repeats.at(-1) === known.get(`${canister}.${method}`),
    )
  const withRule = (canister: CanisterName, method: string, what: string, rule: FaultRule) =>
    sweep(canister, method, what, (scene) => {
      const now = netFor(canister, method)
      const id = now.faults.add(rule)
      const answer = now.ask(canister, method, scene)
      now.faults.remove(id)
      return answer
    })
  /** What runs when nothing goes wrong. */
  const countRuns = async (canister: CanisterName, method: string) => {
    const wanted = await world.undisturbed(canister, method)
    const counted = await inEither(
      kindFor(canister, method),
      async () => {
        const now = netFor(canister, method)
        const scene = await questionFor(canister, method)()
        now.rest()
        now.runs.length = 0
        return { answer: now.ask(canister, method, scene), runs: [...now.runs] }
      },
      ({ answer }) => answer === wanted,
    )
    return counted.runs
  }

  const known = new Map<string, string>()
  const world: SweepWorld = {
    methods,
    inner,
    seen,
    async undisturbed(canister, method) {
      const name = `${canister}.${method}`
      const answered = known.get(name)
      if (answered !== undefined) return answered
      const answer = await inEither(
        kindFor(canister, method),
        async () => netFor(canister, method).ask(canister, method, await questionFor(canister, method)()),
        (said) => said === 'Ok' || said === 'IdConflict',
      )
      known.set(name, answer)
      return answer
    },
    async traps(canister, method, between) {
      const cases: SweptCase[] = []
      for (const run of await countRuns(canister, method)) {
        const points = new Set([1, run.syscalls])
        for (let i = 1; i <= between; i++) points.add(1 + Math.floor((i * (run.syscalls - 1)) / (between + 1)))
        for (const at of points) {
          const where = `${nameOf(netFor(canister, method).net, run.canister)}.${run.method} traps at system call ${at}`
          const rule = { kind: 'trapAtSyscall', canister: run.canister, method: run.method, at, times: 1 } as const
          cases.push(await withRule(canister, method, where, rule))
        }
      }
      return cases
    },
    async rejects(canister, method) {
      const calls = (await countRuns(canister, method)).filter((run) => /#reply of (?!<)/.test(run.method))
      const cases: SweptCase[] = []
      for (const call of calls)
        for (const [code, when] of [
          [2, 'sent'],
          [5, 'answered'],
        ] as const) {
          const callee = call.method.replace(/^.*#reply of /, '')
          const where = `${nameOf(netFor(canister, method).net, call.canister)} hears reject ${code} of ${callee}, ${when}`
          const rule = { kind: 'reject', code, when, from: call.canister, method: callee, times: 1 } as const
          cases.push(await withRule(canister, method, where, rule))
        }
      return cases
    },
    async upgrades(canister, method, each) {
      const messages = (await countRuns(canister, method)).length
      const cases: SweptCase[] = []
      for (let after = 0; after <= Math.min(messages, BOUNDARIES_MAX); after++)
        for (const [i, victim] of CANISTER_NAMES.entries()) {
          if (!each && i !== after % CANISTER_NAMES.length) continue
          cases.push(
            await sweep(canister, method, `${victim} is upgraded after ${after} messages`, (scene) => {
              const now = netFor(canister, method)
              const disturbed = now.start(canister, method, scene)
              for (let ran = 0; ran < after; ran++) now.net.step()
              replace(now.net, victim, modules.get(victim) ?? new Uint8Array())
              now.settle()
              try {
                return kindOf(disturbed.answer())
              } catch (error) {
                if (error instanceof Rejected) return error.reject.errorCode
                throw error
              }
            }),
          )
        }
      return cases
    },
    doubles: () => [...doubles, ...nets.ward.doubles(), ...nets.stories.doubles()],
  }
  return world
}

/** Stopped, which waits for what is under way, then upgraded and started. */
function replace(net: Stepped, canister: CanisterName, wasm: Uint8Array): void {
  const ended = (flow: { isOver(): boolean; answer(): unknown }) => {
    while (!flow.isOver()) if (net.step() === null) net.setTime(net.nowNs() + NS_PER_MINUTE)
    return flow.answer()
  }
  ended(net.control(canister, 'stop_canister'))
  ended(net.startUpgrade(canister, wasm))
  ended(net.control(canister, 'start_canister'))
}

function nameOf(net: Stepped, id: string): string {
  return CANISTER_NAMES.find((known) => net.ids[known].toText() === id) ?? 'network'
}

/** The same event of the same request about the same thing is written once, whatever went wrong. */
function doubleLines(net: Stepped, { reader, of }: Scene['log']): string[] {
  const names: string[] = []
  for (let total = 1n; BigInt(names.length) < total;) {
    const page = net.query(reader, 'audit', 'leaves', { of, fromSeq: BigInt(names.length), count: 50 })
    if ('Err' in page) throw new Error(`a log is refused: ${kindOf(page)}`)
    total = page.Ok.total
    for (const { leaf, detail } of page.Ok.entries) {
      const read = decodeLeaf(new Uint8Array(leaf))
      const told = decodeDetail(new Uint8Array(detail))
      if (!read.ok || told === null) throw new Error('the log holds leaves')
      const { event, objectId, versionOrEpoch } = read.value
      const request = toHex(told.head.requestId)
      names.push(/^0+$/.test(request) ? `${names.length}` : [event, request, toHex(objectId), versionOrEpoch].join(' '))
    }
  }
  return names.filter((name, at) => names.indexOf(name) !== at)
}
