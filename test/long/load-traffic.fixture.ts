import type { Faults, FaultRule, Prng } from '@medguard/localnet'
import { readLogWitness, verifyConsistency } from '@medguard/tlog'
import { sha256 } from '@noble/hashes/sha2'
import { CANISTER_NAMES, type CanisterName, kindOf, Rejected } from '../scenarios/clinic.ts'
import { somebody, type Stepped } from '../scenarios/stepped.ts'
import { type Act, Broken, nextAct, type Patient, type Waiting } from './load-people.fixture.ts'

// Several people at once, faults that come and go, modules that are exchanged under way, and how long each call took.

export interface Traffic {
  /** Of each call, by canister and method: milliseconds that this process worked from its sending to its answer, for others who are served meanwhile too. */
  readonly tookMs: ReadonlyMap<string, readonly number[]>
  /** How often each answer came: what kind of refusal, or that there was none. */
  readonly answers: ReadonlyMap<string, number>
  readonly acts: number
  readonly faults: number
  readonly upgrades: number
}
interface Options {
  readonly net: Stepped
  readonly faults: Faults
  readonly patients: readonly Patient[]
  readonly prng: Prng
  readonly modules: Readonly<Record<CanisterName, Uint8Array>>
  /** Whether to go on; asked before each act. */
  readonly isOn: () => boolean
  /** Told now and then how far it is. */
  readonly note: (acts: number) => void
}

const AT_ONCE = 4
const SECOND_NS = 1_000_000_000n
/** Of the network's clock, between two acts: budgets are by the hour. */
const PAUSE_NS = 3n * SECOND_NS
const EVERY = { fault: 25, upgrade: 500, log: 250, note: 1_000 }
const ACTS_OF_A_FAULT = 12
const STEPS_MAX = 200_000

/** @throws Broken. */
export async function traffic({ net, faults, patients, prng, modules, isOn, note }: Options): Promise<Traffic> {
  const took = new Map<string, number[]>()
  const answers = new Map<string, number>()
  const active: { readonly act: Act; waiting: Waiting; sentMs: number }[] = []
  const counts = { acts: 0, faults: 0, upgrades: 0 }
  const log = logOf(net)

  /** The next call of an act; null when it has ended. */
  const send = async (act: Act) => {
    const { value, done } = await act.next()
    return done === true || value === undefined ? null : { act, waiting: value, sentMs: workedMs() }
  }
  const answered = async (): Promise<void> => {
    for (const each of active.filter(({ waiting }) => waiting.flow.isOver())) {
      active.splice(active.indexOf(each), 1)
      const times = took.get(each.waiting.name) ?? []
      times.push(workedMs() - each.sentMs)
      took.set(each.waiting.name, times)
      const answer = answerOf(each.waiting)
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
      const next = await send(each.act)
      if (next !== null) active.push(next)
    }
  }
  /** Until no more than so many are under way. */
  const run = async (most: number): Promise<void> => {
    for (let steps = 0; active.length > most; steps++) {
      if (steps > STEPS_MAX) throw new Broken(`nobody answers ${active.map(({ waiting }) => waiting.name).join()}`)
      // Where nothing is left to run somebody waits for a timer or for a delay to end.
      if (net.step() === null) net.setTime(net.nowNs() + SECOND_NS)
      await answered()
    }
  }

  /** Until nothing goes wrong any more: what was stopped is back after half a minute. */
  const rest = async (): Promise<void> => {
    faults.clear()
    await run(0)
    net.setTime(net.nowNs() + 60n * SECOND_NS)
    net.settle()
  }

  while (isOn()) {
    counts.acts++
    net.setTime(net.nowNs() + PAUSE_NS)
    if (counts.acts % EVERY.fault === 0) {
      faults.add(drawRule(net, prng))
      counts.faults++
    }
    if (counts.acts % EVERY.fault === ACTS_OF_A_FAULT) faults.clear()
    if (counts.acts % EVERY.upgrade === 0) {
      const name = CANISTER_NAMES[(counts.acts / EVERY.upgrade) % CANISTER_NAMES.length] ?? 'audit'
      net.startUpgrade(name, modules[name])
      counts.upgrades++
    }
    if (counts.acts % EVERY.log === 0) {
      await rest()
      log.check()
    }
    if (counts.acts % EVERY.note === 0) note(counts.acts)
    net.takeMeters()
    const begun = await send(nextAct(net, patients, prng))
    if (begun !== null) active.push(begun)
    await run(AT_ONCE - 1)
  }
  await rest()
  log.check()
  return { tookMs: took, answers, ...counts }
}

/** Processor time: what else the machine does is no part of it. */
function workedMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

function answerOf({ flow }: Waiting): string {
  try {
    return kindOf(flow.answer())
  } catch (error) {
    if (error instanceof Rejected) return 'no answer'
    throw error
  }
}

function drawRule({ ids }: Stepped, prng: Prng): FaultRule {
  const pick = <T>(list: readonly T[]): T => list[prng.below(list.length)] as T
  const canister = ids[pick(CANISTER_NAMES)].toText()
  const call = {
    from: ids[pick(['consent', 'records'] as const)].toText(),
    canister: ids[pick(['consent', 'audit'] as const)].toText(),
    times: 2,
  }
  return pick<FaultRule>([
    { kind: 'trapAtSyscall', canister, at: 1 + prng.below(400), times: 1 },
    { kind: 'trapAtInstruction', canister, at: 1 + prng.below(20_000_000), times: 1 },
    { kind: 'failEnqueue', from: call.from, times: 2 },
    { kind: 'reject', code: pick([1, 2, 4, 5] as const), when: 'sent', ...call },
    { kind: 'reject', code: pick([2, 4, 5] as const), when: 'answered', ...call },
    { kind: 'delay', what: pick(['request', 'response'] as const), byMs: 1 + prng.below(20_000), ...call },
    { kind: 'duplicate', canister, times: 1 },
    { kind: 'stop', canister, forMs: 1 + prng.below(30_000), times: 1 },
    { kind: 'vetkd', how: 'reject', times: 1 },
    { kind: 'clockJump', byMs: 1 + prng.below(60_000), times: 1 },
  ])
}

/** A log that only grows: each head follows from the one before. */
function logOf(net: Stepped) {
  const head = () => {
    const answer = net.query(somebody('auditor'), 'audit', 'head', null)
    const read = 'Ok' in answer ? readLogWitness(sha256, new Uint8Array(answer.Ok.witness)) : null
    if (read === null) throw new Broken('the log has a head')
    return read.treeHead
  }
  let before = head()
  return {
    check() {
      const now = head()
      const sizes = { firstSize: BigInt(before.size), secondSize: BigInt(now.size) }
      const answer = net.query(somebody('auditor'), 'audit', 'consistencyProof', sizes)
      const path = 'Ok' in answer ? answer.Ok.map((hash) => new Uint8Array(hash)) : []
      const claim = { oldSize: before.size, oldRoot: before.root, newSize: now.size, newRoot: now.root, path }
      if (!verifyConsistency(sha256, claim))
        throw new Broken(`the log of ${now.size} does not follow from ${before.size}`)
      before = now
    },
  }
}
