import {
  decodeDetail,
  encodeAct,
  eventName,
  idsInDetail,
  NS_PER_DAY,
  NS_PER_MINUTE,
  type Principal,
  ROLE,
  toHex,
} from '@medguard/protocol'
import { decodeLeaf } from '@medguard/tlog'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { CANISTER_NAMES, type CanisterName, freshId, kindOf, type MethodName, Rejected } from '../scenarios/clinic.ts'
import type { Reach } from '../scenarios/sealed-record.ts'
import { type Flow, openStepped, somebody, type Stepped } from '../scenarios/stepped.ts'
import { utf8 } from '../scenarios/trust-table.ts'
import { categoryOf, enrol, give, grantArg, takeBack } from '../scenarios/ward.ts'
import { type LoggedLine, Model } from './model.ts'
import { CLINIC, HALVES, OWNER, signIn } from './model-facts.ts'
import { doingsOfKeeping, judgeWraps, judgeLists } from './model-keeping.fixture.ts'
import { doingsOfAsking } from './model-asking.fixture.ts'
import { doingsOfRecovery } from './model-recovery.fixture.ts'
import { doingsOfPeople } from './model-people.fixture.ts'
import { doingsOfSharing } from './model-sharing.fixture.ts'
import { doingsOfTheNetwork } from './model-network.fixture.ts'
import { COUNCIL, type Doings, type Pending, PLACES, READERS, type Run, type Step } from './model-steps.fixture.ts'

// A run of the model: what people ask and which message is delivered next are data, so that a failing run shrinks. Each run has people of its own.

const CHIEF = signIn('chief', 1)
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
  const patientIds = new Map<string, Uint8Array>()
  const firstOf = (person: string) => principalOf(signIn(person, 1))
  const account = await enrol(net, firstOf(OWNER))
  patientIds.set(OWNER, account.patientId)
  for (const reader of READERS) patientIds.set(reader, (await enrol(net, firstOf(reader))).patientId)
  await enrol(net, principalOf(CHIEF))
  const orgId = await openClinic(net, principalOf(CHIEF), firstOf('ann'))

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
    principalOf,
    patientIds,
    signIns: new Map([OWNER, ...READERS].map((person) => [person, 1])),
    epochs: new Map(PLACES.map((place) => [place, 1])),
    records: new Map(PLACES.map((place) => [place, []])),
    sent: [],
    step: () => step,
    tick: () => void (model.facts.times[++step] = net.nowNs()),
    reachOf: (place, agreementId): Reach => ({
      patientId: account.patientId,
      compartment: categoryOf(account, place === 'labs' ? 'labs' : 'vitals'),
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
    deliver(at) {
      const count = net.deliverable().length
      if (count === 0) return false
      run.tick()
      net.deliver(at % count)
      for (const one of pending.filter(({ flow }) => flow.isOver())) {
        pending.splice(pending.indexOf(one), 1)
        one.end(answerOf(one.flow))
      }
      return true
    },
  }
  for (const half of HALVES) {
    for (const person of [OWNER, ...READERS]) model.facts.turn(half, `sign-in ${signIn(person, 1)}`, true, 0)
    model.facts.turn(half, CLINIC, true, 0)
    model.facts.turn(half, 'member ann', true, 0)
  }

  const doings: Doings = {
    ...doingsOfSharing(run),
    ...doingsOfPeople(run),
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
      const whole = { places: 2, only: null, minutes: 60, answering: null } as const
      await doings.share({ ...whole, reader: 0, rights: ['list', 'open', 'write'] })
      await doings.share({ ...whole, reader: 2, rights: ['list', 'open'] })
      while (run.deliver(0)) continue
      for (const each of steps) {
        run.tick()
        const doing = doings[each.do] as (step: Step) => Promise<void> | void
        await doing(each)
      }
      settle()
      if (pending.length > 0) model.faults.push(`${pending.length} messages never end`)
      await flush(net)
      await judgeLists(run)
      await judgeWraps(run)
      const reader = logReader(run)
      if (reader !== null) model.judgeLog(await linesOf(net, principalOf(reader), account.patientId))
      return model.faults
    },
  }
}

/** An organisation that the council has verified, in both canisters, and one who works there. */
async function openClinic(net: Stepped, chief: Principal, member: Principal): Promise<Uint8Array> {
  const orgId = freshId()
  const untilNs = net.nowNs() + 300n * NS_PER_DAY
  const named = { orgId, name: 'Clinic', requestId: freshId() }
  const act = {
    kind: 'verify',
    orgId,
    name: 'Clinic',
    orgKind: 0,
    registrant: chief.toUint8Array(),
    untilNs,
  } as const
  const vote = { actId: freshId(), act: encodeAct(act, utf8), requestId: freshId() }
  const term = {
    orgId,
    principal: member,
    roles: ROLE.physician,
    validUntilNs: untilNs,
    requestId: freshId(),
  }
  for (const half of HALVES) {
    await net.ok(chief, half, 'registerOrganisation', { ...named, kind: 0 })
    await net.ok(somebody(COUNCIL), half, 'councilVote', vote)
    await net.ok(chief, half, 'setMember', term)
    await net.ok(member, half, 'acceptMembership', { orgId, requestId: freshId() })
  }
  return orgId
}

/** A stop may lose the timer by which leaves go to the log: then they go with the next change, whoever makes it. */
async function flush(net: Stepped): Promise<void> {
  const [spare, to] = [somebody('spare'), somebody('other')]
  const account = await net.ok(spare, 'consent', 'whoAmI', null)
  const [own] = account.account
  if (own === undefined) throw new Error('spare has an account')
  const startNs = net.nowNs()
  const period = { startNs, endNs: startNs + NS_PER_MINUTE, purpose: 0 }
  const grantId = await give(net, spare, grantArg({ to, compartments: [categoryOf(own, 'labs')], ...period }))
  net.settle()
  await takeBack(net, spare, grantId)
  net.setTime(net.nowNs() + 2n * NS_PER_MINUTE)
  net.settle()
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

/** A sign-in that reads the patient's log, also when the vault is erased; or null. */
function logReader({ model, signIns, step }: Run): string | null {
  const all = Array.from({ length: signIns.get(OWNER) ?? 1 }, (_, i) => signIn(OWNER, i + 1))
  return all.find((who) => model.facts.is('consent', `sign-in ${who}`, step())) ?? null
}

async function linesOf(net: Stepped, patient: Principal, patientId: Uint8Array): Promise<LoggedLine[]> {
  const lines: LoggedLine[] = []
  for (let total = 1n; BigInt(lines.length) < total;) {
    const page = await net.ok(patient, 'audit', 'leaves', {
      of: { patient: patientId },
      fromSeq: BigInt(lines.length),
      count: 50,
    })
    total = page.total
    for (const { leaf, detail } of page.entries) {
      const read = decodeLeaf(new Uint8Array(leaf))
      const told = decodeDetail(new Uint8Array(detail))
      if (!read.ok || told === null) throw new Error('the log holds leaves')
      const event = eventName(read.value.event) ?? 'unknown'
      const { grantId } = event === 'unknown' ? { grantId: null } : idsInDetail(event, told.fields)
      lines.push({
        event,
        requestId: toHex(told.head.requestId),
        grantId: grantId === null ? null : toHex(grantId),
        timeNs: read.value.timeNs,
      })
    }
  }
  return lines
}
