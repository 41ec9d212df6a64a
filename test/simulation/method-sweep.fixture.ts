import { createFaults, type FaultRule } from '@medguard/localnet'
import { decodeDetail, NS_PER_MINUTE, toHex } from '@medguard/protocol'
import { decodeLeaf } from '@medguard/tlog'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { accessTable, casesOf } from '../scenarios/access-table.ts'
import {
  ALL_METHODS,
  CANISTER_NAMES,
  type CanisterName,
  kindOf,
  methodOf,
  type MethodName,
  Rejected,
} from '../scenarios/clinic.ts'
import { CONTROLLER, openStepped, somebody, type Stepped } from '../scenarios/stepped.ts'
import { CALLERS, type Caller, openWard, type Ward, type WardClinic } from '../scenarios/ward.ts'

// Every method that changes something, as whoever may call it, and everything that goes wrong once on its way. The table of who may do what has
// an argument for each method, so a new one is swept as soon as it is in the contract.

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
  doubles(): Promise<readonly string[]>
}

const REPEATS_MAX = 4
const MESSAGES_MAX = 500
/** The longest answer comes after eight messages; what follows is timers. */
const BOUNDARIES_MAX = 9

interface Question {
  readonly caller: Caller
  readonly make: () => Promise<unknown>
}

/** Everything that one network is asked with. A person has so many children, requests and organisations and no more: then another is opened. */
async function openNet(seen: Set<string>) {
  const faults = createFaults('sweep')
  const net = await openStepped({ faults })
  const ward = await openWard(clinicOn(net))
  const table = accessTable(ward)
  const runs: { readonly canister: string; readonly method: string; readonly syscalls: number }[] = []
  faults.watch(({ canister, method }, { syscalls }) => {
    runs.push({ canister, method, syscalls })
    seen.add(`${nameOf(net, canister)}.${method}`)
  })
  const made: [caller: Caller, arg: unknown][] = []
  const settle = () => {
    const ran = net.settle()
    if (ran.length > MESSAGES_MAX) throw new Error(`the network goes on for ever: ${ran.slice(-5).join(', ')}`)
  }
  const start = (canister: CanisterName, method: string, { caller }: Question, arg: unknown) =>
    net.start(ward.senderOf(caller), canister, method as MethodName<CanisterName>, arg as never)
  return {
    faults,
    net,
    ward,
    runs,
    settle,
    start,
    rest() {
      net.setTime(net.nowNs() + NS_PER_MINUTE)
      settle()
    },
    /** There is room for sixteen uploads of a person. */
    async tidy() {
      for (const [caller, arg] of made.splice(0)) {
        const { recordId } = (arg ?? {}) as { readonly recordId?: Uint8Array }
        if (recordId === undefined) continue
        await net.call(ward.senderOf(caller), 'records', 'abandon', { recordId, version: 1 })
      }
    },
    questionOf(canister: CanisterName, method: string): Question | null {
      for (const { expected, tries } of casesOf(table, canister, method))
        for (const caller of CALLERS) {
          const isTheirs = expected[caller] === 'Ok' || (expected[caller] === 'IdConflict' && caller === 'controller')
          if (!isTheirs) continue
          const make = async () => {
            const arg = (await tries(caller))[0]?.exists
            made.push([caller, arg])
            return arg
          }
          return { caller, make }
        }
      return null
    },
    ask(canister: CanisterName, method: string, question: Question, arg: unknown): string {
      try {
        const flow = start(canister, method, question, arg)
        settle()
        return kindOf(flow.answer())
      } catch (error) {
        if (error instanceof Rejected) return error.reject.errorCode
        throw error
      }
    },
  }
}

export async function openSweepWorld(): Promise<SweepWorld> {
  const seen = new Set<string>()
  const doubles: string[] = []
  let now = await openNet(seen)
  const another = async () => {
    now.rest()
    doubles.push(...(await doubleLines(now.net, now.ward)))
    now = await openNet(seen)
  }
  const modules = new Map(
    await Promise.all(CANISTER_NAMES.map(async (name) => [name, (await buildCanister(name)).wasm] as const)),
  )
  const updates = ALL_METHODS.filter(([canister, method]) => methodOf(canister, method).mode === 'update')
  const methods = updates.filter(([canister, method]) => now.questionOf(canister, method) !== null)
  const inner = updates.filter((one) => !methods.includes(one)).map(([canister, method]) => `${canister}.${method}`)
  const questionFor = (canister: CanisterName, method: string): Question => {
    const question = now.questionOf(canister, method)
    if (question === null) throw new Error(`somebody may call ${method}`)
    return question
  }
  /** Does it in this network, or, where something is used up in this one, in another. */
  const inEither = async <T>(work: () => Promise<T>, isGood: (value: T) => boolean): Promise<T> => {
    try {
      const value = await work()
      if (isGood(value)) return value
    } catch (error) {
      if (error instanceof Rejected || !(error instanceof Error && error.message.includes('refused'))) throw error
    }
    await another()
    return work()
  }

  /** Asks once while something goes wrong, then as a client would: the same again, and anew where an answer is given once only. */
  const sweep = (
    canister: CanisterName,
    method: string,
    what: string,
    disturbed: (question: Question, arg: unknown) => string,
  ): Promise<SweptCase> =>
    inEither(
      async () => {
        const wanted = await world.undisturbed(canister, method)
        const question = questionFor(canister, method)
        let arg = await question.make()
        const answer = disturbed(question, arg)
        const repeats: string[] = []
        while (repeats.length < REPEATS_MAX && repeats.at(-1) !== wanted) {
          now.rest()
          if (repeats.at(-1) === 'AlreadyDone') arg = await question.make()
          repeats.push(now.ask(canister, method, question, arg))
        }
        now.rest()
        await now.tidy()
        return { what: `${canister}.${method}: ${what}`, answer, repeats }
      },
      ({ repeats }) => repeats.at(-1) === known.get(`${canister}.${method}`),
    )
  const withRule = (canister: CanisterName, method: string, what: string, rule: FaultRule) =>
    sweep(canister, method, what, (question, arg) => {
      const id = now.faults.add(rule)
      const answer = now.ask(canister, method, question, arg)
      now.faults.remove(id)
      return answer
    })
  /** What runs when nothing goes wrong. */
  const countRuns = async (canister: CanisterName, method: string) => {
    const wanted = await world.undisturbed(canister, method)
    const counted = await inEither(
      async () => {
        const question = questionFor(canister, method)
        const arg = await question.make()
        now.rest()
        now.runs.length = 0
        return { answer: now.ask(canister, method, question, arg), runs: [...now.runs] }
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
        async () => {
          const question = questionFor(canister, method)
          return now.ask(canister, method, question, await question.make())
        },
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
          const where = `${nameOf(now.net, run.canister)}.${run.method} traps at system call ${at}`
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
          const where = `${nameOf(now.net, call.canister)} hears reject ${code} of ${callee}, ${when}`
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
            await sweep(canister, method, `${victim} is upgraded after ${after} messages`, (asked, arg) => {
              const disturbed = now.start(canister, method, asked, arg)
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
    async doubles() {
      now.rest()
      return [...doubles, ...(await doubleLines(now.net, now.ward))]
    },
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

/** A network of messages as the ward asks for it. */
export function clinicOn(net: Stepped): WardClinic {
  return {
    ids: net.ids,
    call: net.call,
    ok: net.ok,
    controller: CONTROLLER,
    person: (name) => ({ principal: somebody(name) }),
    nowNs: async () => net.nowNs(),
    async advance(byNs) {
      net.setTime(net.nowNs() + byNs)
      net.settle()
    },
  }
}

/** The same event of the same request about the same thing is written once, whatever went wrong. */
async function doubleLines(net: Stepped, ward: Ward<WardClinic>): Promise<string[]> {
  const names: string[] = []
  for (let total = 1n; BigInt(names.length) < total;) {
    const page = await net.ok(ward.senderOf('owner'), 'audit', 'leaves', {
      of: { patient: ward.account.patientId },
      fromSeq: BigInt(names.length),
      count: 50,
    })
    total = page.total
    for (const { leaf, detail } of page.entries) {
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
