import { type Account, dependantPrincipal, NS_PER_HOUR, NS_PER_MINUTE, Principal } from '@medguard/protocol'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { CANISTER_NAMES, type CanisterName, kindOf, type MethodName, Rejected } from '../scenarios/clinic.ts'
import { enrolChild } from '../scenarios/people.fixture.ts'
import type { Reach } from '../scenarios/sealed-record.ts'
import { type Flow, openStepped, somebody, type Stepped } from '../scenarios/stepped.ts'
import { categoryOf, enrol } from '../scenarios/ward.ts'
import { Model } from './model.ts'
import { CHILD, CLINIC, HALVES, OWNER, PLACES, signIn, vaultOf } from './model-facts.ts'
import { People } from './model-people.ts'
import { Recoveries } from './model-recoveries.ts'
import { doingsOfCarers } from './model-carers.fixture.ts'
import { openClinic } from './model-ground.fixture.ts'
import { flush, linesOf, logReader } from './model-log.fixture.ts'
import { judgeLog } from './model-log.ts'
import { judgeAudiences, judgeNow, judgeStanding } from './model-looking.fixture.ts'
import { doingsOfKeeping, judgeWraps, judgeLists } from './model-keeping.fixture.ts'
import { doingsOfAsking } from './model-asking.fixture.ts'
import { doingsOfRecovery } from './model-recovery.fixture.ts'
import { doingsOfPeople } from './model-people.fixture.ts'
import { doingsOfRules } from './model-rules.fixture.ts'
import { doingsOfSharing } from './model-sharing.fixture.ts'
import { doingsOfTheNetwork } from './model-network.fixture.ts'
import { COUNCIL, type Doings, type Pending, READERS, type Run, type Step } from './model-steps.fixture.ts'

// A run of the model: what people ask and which message is delivered next are data, so that a failing run shrinks. Each run has people of its own.

const CHIEF = signIn('chief', 1)
/** Who enrolled the dependant. */
const PARENT = 'ann'
/** How long the first helper helps. */
const WHILE = { minutes: 24 * 60, isAccepted: true } as const
const MESSAGES_MAX = 20_000

export interface ModelWorld {
  /** @returns what must not be, in words; nothing when all is well. */
  run(steps: readonly Step[]): Promise<readonly string[]>
}

export async function openModelWorld(): Promise<ModelWorld> {
  const modules = new Map(
    await Promise.all(CANISTER_NAMES.map(async (name) => [name, (await buildCanister(name)).wasm] as const)),
  )
  const council = [somebody(COUNCIL)]
  const open = async () => {
    const net = await openStepped({ council })
    for (const name of ['spare', 'other']) await enrol(net, somebody(name))
    return net
  }
  let net = await open()
  let runs = 0
  let hasFailed = false
  return {
    async run(steps) {
      // What shrinks has to fail by itself.
      if (hasFailed) net = await open()
      const faults = await (await openRun(net, modules, `run ${runs++}`)).play(steps)
      hasFailed ||= faults.length > 0
      return faults
    },
  }
}

async function openRun(net: Stepped, modules: ReadonlyMap<CanisterName, Uint8Array>, name: string) {
  const model = new Model()
  const pending: Pending[] = []
  let step = 0
  model.facts.times[0] = net.nowNs()
  const principalOf = (who: string): Principal => somebody(who === COUNCIL ? COUNCIL : `${name} ${who}`)
  const firstOf = (person: string) => principalOf(signIn(person, 1))
  const accounts = new Map<string, Account>()
  for (const person of [OWNER, ...READERS]) accounts.set(person, await enrol(net, firstOf(person)))
  accounts.set(CHILD, await enrolChild(net, firstOf(PARENT)))
  await enrol(net, principalOf(CHIEF))
  const orgId = await openClinic(net, principalOf(CHIEF), firstOf('ann'))
  const accountOf = (person: string): Account => {
    const account = accounts.get(person)
    if (account === undefined) throw new Error(`${person} has an account`)
    return account
  }

  const start = (who: string, canister: CanisterName, method: string, arg: object): Flow<unknown> | null => {
    try {
      return net.start(principalOf(who), canister, method as MethodName<CanisterName>, arg as never)
    } catch (error) {
      if (error instanceof Rejected) return null // a message that is not let in is nobody's fault, and nothing happened
      throw error
    }
  }
  const run: Run = {
    net,
    model,
    modules,
    pending,
    orgId,
    chief: CHIEF,
    people: new People(
      model.facts,
      (what) => model.faults.push(what),
      (ending) => model.ended(ending, step),
    ),
    recoveries: new Recoveries(),
    principalOf,
    patientIds: new Map([...accounts].map(([person, { patientId }]) => [person, patientId])),
    homeOf: (person) =>
      person === CHILD ? Principal.fromUint8Array(dependantPrincipal(accountOf(CHILD).accountId)) : firstOf(person),
    signIns: new Map([...accounts.keys()].map((person) => [person, person === CHILD ? 0 : 1])),
    epochs: new Map(PLACES.map((place) => [place, 1])),
    records: new Map(PLACES.map((place) => [place, []])),
    capsules: [],
    sent: [],
    step: () => step,
    tick: () => void (model.facts.times[++step] = net.nowNs()),
    reachOf: (place, agreementId): Reach => ({
      patientId: accountOf(vaultOf(place)).patientId,
      compartment: categoryOf(accountOf(vaultOf(place)), place === 'vitals' ? 'vitals' : 'labs'),
      grantId: agreementId === null ? null : Uint8Array.from(Buffer.from(agreementId, 'hex')),
    }),
    send(once, then) {
      const from = step
      const flow = start(once.act.who, once.canister, once.method, once.arg)
      if (flow === null) return
      const end = (answer: unknown) => {
        model.answered({
          ...once.act,
          from,
          to: step,
          answer: answer === null ? null : kindOf(answer),
        })
        then?.(answer)
      }
      pending.push({ flow, end })
    },
    quietly(who, canister, method, arg, then) {
      const flow = start(who, canister, method, arg)
      if (flow !== null) pending.push({ flow, end: (answer) => (answer === null ? undefined : then(answer)) })
    },
    wait(hours) {
      while (run.deliver(0)) continue
      run.sent.splice(0)
      net.setTime(net.nowNs() + BigInt(hours) * NS_PER_HOUR)
      run.tick()
    },
    deliver(at) {
      const count = net.deliverable().length
      if (count === 0) return false
      run.tick()
      net.deliver(at % count)
      model.facts.times[step] = net.nowNs() // as that message saw it
      for (const one of pending.filter(({ flow }) => flow.isOver())) {
        pending.splice(pending.indexOf(one), 1)
        one.end(answerOf(one.flow))
      }
      return true
    },
  }
  for (const half of HALVES) {
    for (const person of [OWNER, ...READERS]) model.facts.turn(half, `sign-in ${signIn(person, 1)}`, true, 0)
    run.people.began(half, CHILD, PARENT, 0)
    model.facts.turn(half, CLINIC, true, 0)
    model.facts.turn(half, 'member ann', true, 0)
  }

  const doings: Doings = {
    ...doingsOfSharing(run),
    ...doingsOfRules(run),
    ...doingsOfPeople(run),
    ...doingsOfCarers(run),
    ...doingsOfAsking(run),
    ...doingsOfRecovery(run),
    ...doingsOfKeeping(run),
    ...doingsOfTheNetwork(run),
  }
  const settle = (): void => {
    for (let minutes = 0; minutes < 4; minutes++) {
      for (let count = 0; run.deliver(0); count++)
        if (count > MESSAGES_MAX) throw new Error('the network does not come to rest')
      net.setTime(net.nowNs() + 2n * NS_PER_MINUTE)
      run.tick()
    }
  }
  return {
    async play(steps: readonly Step[]): Promise<readonly string[]> {
      const acting = { whose: 1, by: 1 } as const
      const whole = {
        ...acting,
        isNamed: false,
        excludes: null,
        places: 2,
        only: null,
        minutes: 60,
        answering: null,
      } as const
      await doings.share({ ...whole, reader: 0, rights: ['list', 'open', 'write'] })
      await doings.share({ ...whole, reader: 2, rights: ['list', 'open'] })
      await doings.appoint({ ...acting, whom: 1, at: null, powers: ['read', 'write', 'share'], ...WHILE })
      while (run.deliver(0)) continue
      for (const each of steps) {
        run.tick()
        const doing = doings[each.do] as (step: Step) => Promise<void> | void
        await doing(each)
        judgeNow(run)
      }
      settle()
      if (pending.length > 0) model.faults.push(`${pending.length} messages never end`)
      await flush(net)
      await judgeLists(run)
      await judgeWraps(run)
      await judgeAudiences(run)
      await judgeStanding(run)
      for (const vault of [OWNER, CHILD]) {
        const reader = logReader(run, vault)
        if (reader !== null) judgeLog(model, vault, await linesOf(net, principalOf(reader), accountOf(vault).patientId))
      }
      return model.faults
    },
  }
}

/** The reply, or null for a reject of the network. */
function answerOf(flow: Flow<unknown>): unknown {
  try {
    return flow.answer()
  } catch (error) {
    if (error instanceof Rejected) return null
    throw error
  }
}
