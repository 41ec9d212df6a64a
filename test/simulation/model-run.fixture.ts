import { newTransportKey } from '@medguard/crypto'
import {
  decodeDetail,
  eventName,
  idsInDetail,
  NS_PER_MINUTE,
  NS_PER_SECOND,
  RIGHT,
  toHex,
  type Principal,
} from '@medguard/protocol'
import { decodeLeaf } from '@medguard/tlog'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { CANISTER_NAMES, type CanisterName, freshId, kindOf, type MethodName, Rejected } from '../scenarios/clinic.ts'
import { deriveArg, placeOf, type Reach, seal } from '../scenarios/sealed-record.ts'
import { type Flow, openStepped, somebody, type Stepped } from '../scenarios/stepped.ts'
import { categoryOf, enrol, grantArg } from '../scenarios/ward.ts'
import { type Act, type Agreement, type Half, type LoggedLine, Model, OWNER } from './model.ts'
import { anyKeys } from './any-keys.fixture.ts'

// A run of the model: what people ask and which message is delivered next are data, so that a failing run shrinks. Each run has people of its own.

export type RightName = 'list' | 'open' | 'write'
/** Numbers stand for whoever or whatever there is, by remainder. */
interface Asked {
  readonly who: number
  readonly which: number
  readonly place: number
  /** Of the epoch before the one that is known. */
  readonly isOld: boolean
}
interface Steps {
  readonly share: {
    readonly reader: number
    readonly places: number
    readonly rights: readonly RightName[]
    readonly only: Half | null
    readonly minutes: number
  }
  readonly revoke: { readonly which: number; readonly at: Half | null; readonly who: number }
  readonly derive: Asked
  readonly list: Asked
  readonly open: Asked
  readonly store: Asked
  readonly rules: { readonly at: Half | null; readonly whom: number; readonly isOn: boolean }
  readonly again: { readonly which: number }
  readonly deliver: { readonly at: number; readonly times: number }
  readonly advance: { readonly seconds: number }
  readonly stop: { readonly canister: number }
  readonly upgrade: { readonly canister: number }
}
export type StepName = keyof Steps
/** A command as data, with its own fields. */
export type Step = { readonly [N in StepName]: { readonly do: N } & Steps[N] }[StepName]

const PLACES = ['labs', 'vitals'] as const
const READERS = ['ann', 'bob']
const STRANGER = 'stranger'
const MESSAGES_MAX = 20_000

export interface ModelWorld {
  /** @returns what must not be, in words; nothing when all is well. */
  run(steps: readonly Step[]): Promise<readonly string[]>
}

interface Pending {
  readonly flow: Flow<unknown>
  readonly end: (answer: unknown) => void
}
/** What was sent once, so that it can be sent again. */
interface Sent {
  readonly act: Omit<Act, 'from' | 'to' | 'answer'>
  readonly canister: CanisterName
  readonly method: string
  readonly arg: object
}

export async function openModelWorld(): Promise<ModelWorld> {
  let net = await openStepped()
  const modules = new Map(
    await Promise.all(CANISTER_NAMES.map(async (name) => [name, (await buildCanister(name)).wasm] as const)),
  )
  let runs = 0
  let hasFailed = false
  return {
    async run(steps) {
      // What shrinks has to fail by itself.
      if (hasFailed) net = await openStepped()
      const faults = await (await openRun(net, modules, `run ${runs++}`)).play(steps)
      hasFailed ||= faults.length > 0
      return faults
    },
  }
}

async function openRun(net: Stepped, modules: ReadonlyMap<CanisterName, Uint8Array>, name: string) {
  const personOf = (who: string): Principal => somebody(`${name} ${who}`)
  const account = await enrol(net, personOf(OWNER))
  for (const reader of READERS) await enrol(net, personOf(reader))
  const { patientId } = account
  const reachOf = (place: string, agreementId: string | null): Reach => ({
    patientId,
    compartment: categoryOf(account, place === 'labs' ? 'labs' : 'vitals'),
    grantId: agreementId === null ? null : Uint8Array.from(Buffer.from(agreementId, 'hex')),
  })
  const model = new Model()
  const pending: Pending[] = []
  const sent: Sent[] = []
  const epochs = new Map<string, number>(PLACES.map((place) => [place, 1]))
  const records = new Map<string, Uint8Array[]>(PLACES.map((place) => [place, []]))
  const controlled = new Set<CanisterName>()
  let step = 0
  model.times[0] = net.nowNs()

  const settleAnswers = () => {
    for (const one of pending.filter(({ flow }) => flow.isOver())) {
      pending.splice(pending.indexOf(one), 1)
      one.end(answerOf(one.flow))
    }
  }
  const tick = () => void (model.times[++step] = net.nowNs())
  const deliver = (at: number): boolean => {
    const count = net.deliverable().length
    if (count === 0) return false
    tick()
    net.deliver(at % count)
    settleAnswers()
    return true
  }

  /** Sends; a message that is not let in is nobody's fault and nothing happened. */
  const send = (once: Sent, then?: (answer: unknown) => void): void => {
    const from = step
    try {
      const sender = personOf(once.act.who)
      const flow = net.start(sender, once.canister, once.method as MethodName<CanisterName>, once.arg as never)
      pending.push({
        flow,
        end(answer) {
          model.answered({ ...once.act, from, to: step, answer: answer === null ? null : kindOf(answer) })
          then?.(answer)
        },
      })
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
    }
  }
  /** Sends what the model has no opinion of. A message that does not get in or is not answered counts for nothing. */
  const quietly = (
    who: string,
    canister: CanisterName,
    method: string,
    arg: object,
    then: (answer: unknown) => void,
  ) => {
    try {
      const flow = net.start(personOf(who), canister, method as MethodName<CanisterName>, arg as never)
      pending.push({ flow, end: (answer) => (answer === null ? undefined : then(answer)) })
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
    }
  }
  const actOf = (
    kind: Act['kind'],
    who: string,
    place: string,
    agreementId: string | null,
    requestId: Uint8Array,
    epoch = 0,
  ) => ({ kind, who, place, agreementId, requestId: toHex(requestId), epoch })
  const change = (
    kind: 'grant' | 'revoke',
    who: string,
    half: Half,
    agreementId: string,
    arg: { requestId: Uint8Array },
  ) => {
    const once = {
      act: actOf(kind, who, half, agreementId, arg.requestId),
      canister: half,
      method: kind,
      arg,
    }
    sent.push(once)
    send(once)
  }

  const agreementAt = (which: number): Agreement | undefined =>
    [...model.agreements.values()][which % Math.max(1, model.agreements.size)]
  /** As whom somebody comes, mostly as they may: the patient, the reader of an agreement, another reader, a stranger; some as if they were the patient. */
  const comes = ({ who, which, place }: Asked) => {
    const agreement = which % 8 === 0 ? undefined : agreementAt(which)
    const id = agreement?.id ?? null
    const there = agreement?.places ?? PLACES
    const at = (place % 4 === 0 ? PLACES[which % 2] : there[place % there.length]) ?? 'labs'
    if (who % 4 === 0) return { who: OWNER, place: at, agreementId: null }
    if (who === 1) return { who: STRANGER, place: at, agreementId: id }
    if (who === 2) return { who: READERS[which % 2] ?? 'ann', place: at, agreementId: id }
    return { who: agreement?.reader ?? 'bob', place: at, agreementId: id }
  }

  const doings: { readonly [N in StepName]: (step: Steps[N]) => Promise<void> | void } = {
    share({ reader, places, rights, only, minutes }) {
      const startNs = net.nowNs()
      const named = PLACES.filter((_, i) => ((places % 3) + 1) & (1 << i))
      const to = READERS[reader % 2] ?? 'ann'
      const compartments = named
        .map((place) => reachOf(place, null).compartment)
        .toSorted((a, b) => Buffer.compare(a.cid, b.cid))
      const bits = rights.reduce((sum, right) => sum | RIGHT[right], 0)
      const arg = grantArg({
        to: personOf(to),
        compartments,
        startNs,
        endNs: startNs + BigInt(minutes) * NS_PER_MINUTE,
        rights: bits,
      })
      const id = toHex(arg.grantId)
      model.agreements.set(id, {
        id,
        reader: to,
        places: named,
        rights,
        startNs,
        endNs: arg.endNs,
        copies: { consent: null, records: null },
      })
      for (const half of ['records', 'consent'] as const)
        if (only === null || only === half) change('grant', OWNER, half, id, arg)
    },
    revoke({ which, at, who }) {
      const agreement = agreementAt(which)
      if (agreement === undefined) return
      const by = who % 4 === 0 ? agreement.reader : OWNER
      const grantId = Uint8Array.from(Buffer.from(agreement.id, 'hex'))
      for (const half of ['consent', 'records'] as const)
        if (at === null || at === half)
          change('revoke', by, half, agreement.id, { grantId, requestId: freshId() } as never)
    },
    rules({ at, whom, isOn }) {
      const name = READERS[whom % 3] ?? null
      const rule =
        name === null ? { [isOn ? 'pause' : 'resume']: null } : { [isOn ? 'block' : 'unblock']: personOf(name) }
      for (const half of ['consent', 'records'] as const) {
        if (at !== null && at !== half) continue
        const arg = { patientId: [], change: rule, requestId: freshId() }
        quietly(OWNER, half, 'changeRules', arg, (answer) => {
          if (kindOf(answer) === 'Ok') model.barred(half, name, isOn, step)
          else if (isOn) model.faults.push(`${half} refuses to keep ${name ?? 'everybody'} out: ${kindOf(answer)}`)
        })
      }
    },
    derive(asked) {
      const { who, place, agreementId } = comes(asked)
      const epoch = Math.max(1, (epochs.get(place) ?? 1) - (asked.isOld ? 1 : 0))
      const arg = deriveArg(reachOf(place, agreementId), epoch, TRANSPORT.publicKey)
      send(
        {
          act: actOf('derive', who, place, agreementId, arg.requestId, epoch),
          canister: 'consent',
          method: 'deriveKey',
          arg,
        },
        noteEpoch(place),
      )
    },
    list(asked) {
      const { who, place, agreementId } = comes(asked)
      const arg = { ...placeOf(reachOf(place, agreementId)), requestId: freshId() }
      send({
        act: actOf('list', who, place, agreementId, arg.requestId),
        canister: 'records',
        method: 'beginList',
        arg,
      })
    },
    open(asked) {
      const { who, place, agreementId } = comes(asked)
      const recordId = records.get(place)?.at(-1)
      if (recordId === undefined) return
      const arg = { ...placeOf(reachOf(place, agreementId)), records: [{ recordId, version: 1 }], requestId: freshId() }
      send({ act: actOf('open', who, place, agreementId, arg.requestId), canister: 'records', method: 'open', arg })
    },
    async store(asked) {
      const { who, place, agreementId } = comes(asked)
      const reach = reachOf(place, agreementId)
      const epoch = Math.max(1, (epochs.get(place) ?? 1) - (asked.isOld ? 1 : 0))
      const sealed = await seal(await anyKeys(reach, epoch), reach, { chunkLog2: 16 })
      const [chunk] = sealed.chunks
      if (chunk === undefined) throw new Error('a body has a chunk')
      const commit: Sent = {
        act: actOf('commit', who, place, agreementId, sealed.commit.requestId, epoch),
        canister: 'records',
        method: 'commit',
        arg: sealed.commit,
      }
      const whenOk = (then: () => void) => (answer: unknown) => (kindOf(answer) === 'Ok' ? then() : undefined)
      const beginThen = (then: () => void) => quietly(who, 'records', 'begin', sealed.begin, whenOk(then))
      const putThen = (then: () => void) => quietly(who, 'records', 'putChunk', chunk, whenOk(then))
      beginThen(() =>
        putThen(() => {
          sent.push(commit)
          send(commit, (answer) => {
            if (answer !== null && kindOf(answer) === 'Ok') records.get(place)?.push(sealed.recordId)
            noteEpoch(place)(answer)
          })
        }),
      )
    },
    again({ which }) {
      const once = sent[which % Math.max(1, sent.length)]
      if (once !== undefined) send(once)
    },
    deliver({ at, times }) {
      for (let i = 0; i < times; i++) if (!deliver(at)) return
    },
    advance({ seconds }) {
      net.setTime(net.nowNs() + BigInt(seconds) * NS_PER_SECOND)
      tick()
    },
    stop: ({ canister }) => control(CANISTER_NAMES[canister % 3] ?? 'audit', false),
    upgrade: ({ canister }) => control(CANISTER_NAMES[canister % 3] ?? 'audit', true),
  }
  const noteEpoch = (place: string) => (answer: unknown) => {
    const stale = (answer as { Err?: { StaleEpoch?: { current: number } } } | null)?.Err?.StaleEpoch
    if (stale !== undefined) epochs.set(place, Math.max(stale.current, epochs.get(place) ?? 1))
  }
  /**
   * As the deployment does it: stopped, perhaps upgraded, started, and one such thing at a time. What did not stop is not upgraded (I30): the answer to a
   * call of before would reach whatever the new module asks under the same number.
   */
  const control = (canister: CanisterName, isUpgrade: boolean) => {
    if (controlled.has(canister)) return
    controlled.add(canister)
    const wasm = modules.get(canister) ?? new Uint8Array()
    const then = (flow: Flow<unknown>, end: () => void) => pending.push({ flow, end })
    const start = () => then(net.control(canister, 'start_canister'), () => controlled.delete(canister))
    const stopped = net.control(canister, 'stop_canister')
    then(stopped, () => (isUpgrade && isReplied(stopped) ? then(net.startUpgrade(canister, wasm), start) : start()))
  }

  const settle = (): void => {
    for (let minutes = 0; minutes < 4; minutes++) {
      for (let count = 0; deliver(0); count++)
        if (count > MESSAGES_MAX) throw new Error('the network does not come to rest')
      net.setTime(net.nowNs() + 2n * NS_PER_MINUTE)
      tick()
    }
  }
  const rest = async (): Promise<void> => {
    settle()
    if (pending.length > 0) model.faults.push(`${pending.length} messages never end`)
    // A stop may lose the timer by which leaves go to the log: then they go with the next change.
    await doings.share({ reader: 0, places: 0, rights: ['list'], only: null, minutes: 1 })
    settle()
    await doings.revoke({ which: model.agreements.size - 1, at: null, who: 1 })
    settle()
    for (const place of PLACES) {
      const arg = { ...placeOf(reachOf(place, null)), requestId: freshId() }
      const { count } = await net.ok(personOf(OWNER), 'records', 'beginList', arg)
      if (count !== model.stored(place))
        model.faults.push(`${place} lists ${count} records, and ${model.stored(place)} were stored`)
    }
    model.judgeLog(await linesOf(net, personOf(OWNER), patientId))
  }
  return {
    async play(steps: readonly Step[]): Promise<readonly string[]> {
      for (const each of steps) {
        tick()
        const doing = doings[each.do] as (step: Step) => Promise<void> | void
        await doing(each)
      }
      await rest()
      return model.faults
    },
  }
}

const TRANSPORT = newTransportKey()

function isReplied(flow: Flow<unknown>): boolean {
  try {
    flow.answer()
    return true
  } catch {
    return false
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
