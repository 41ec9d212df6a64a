import { createFaults, type Faults } from '@medguard/localnet'
import { NS_PER_DAY, NS_PER_MINUTE, Principal } from '@medguard/protocol'
import {
  type Arg,
  CANISTER_NAMES,
  type CanisterName,
  freshId,
  kindOf,
  type MethodName,
  Rejected,
} from '../scenarios/clinic.ts'
import {
  deriveArg,
  keysFor,
  placeOf,
  type Reach,
  seal,
  type SealedRecord,
  store,
  wholeOf,
} from '../scenarios/sealed-record.ts'
import { openStepped, somebody, type Stepped } from '../scenarios/stepped.ts'
import { trailOf } from '../scenarios/trail.ts'
import { categoryOf, enrol, give, grantArg } from '../scenarios/ward.ts'

// F1 and I28: a message that traps at any of its system calls leaves what was before it, or what a shorter legal run reaches. Whoever asks
// again is served: no lock stays taken, no answer is lost, no change happens twice.

type AnyArg = Arg<CanisterName, MethodName<CanisterName>>

/** One call, made anew for each case. `repeat` is what the client sends when it got no answer: changes under the same id, readings under a new one. */
interface Asking {
  readonly sender: Principal
  readonly canister: CanisterName
  readonly method: string
  readonly arg: AnyArg
  readonly repeat: () => AnyArg
  /** Makes room for the next case. */
  readonly after?: () => Promise<unknown>
}

export const FLOWS = [
  'enrol',
  'grant in consent',
  'grant in records',
  'revoke in consent',
  'revoke in records',
  'deriveKey',
  'commit',
  'store',
  'beginList',
  'open',
] as const
export type Flow = (typeof FLOWS)[number]

export interface SweptCase {
  readonly flow: Flow
  /** In the words of the meters, with the canister's name before it. */
  readonly entry: string
  readonly atSyscall: number
  /** `Ok`, the kind of the refusal, or the network's error code. */
  readonly answer: string
  /** Of asking again, until it is `Ok`. */
  readonly repeats: readonly string[]
}

const REPEATS_MAX = 3
/** A question and all that it sets off takes a tenth of this. */
const MESSAGES_MAX = 300
/** The longest flow makes 14,000. */
const SYSCALLS_MAX = 40_000

export interface TrapWorld {
  readonly net: Stepped
  /** All of the patient's log. */
  trail(): ReturnType<typeof trailOf>
  sweep(flow: Flow, every: number): Promise<SweptCase[]>
}

export async function openTrapWorld(): Promise<TrapWorld> {
  const faults = createFaults('traps')
  const net = await openStepped({ faults })
  const patient = somebody('patient')
  const account = await enrol(net, patient)
  const labs: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  const keys = await keysFor(net, patient, labs)
  const record = await store(net, patient, await seal(keys, labs))
  const asking = (flow: Flow) => askingOf(flow, { net, patient, labs, record, keys })
  return {
    net,
    trail: () => trailOf(net, patient, account.patientId),
    sweep: (flow, every) => sweepFlow(flow, every, net, faults, asking),
  }
}

interface World {
  readonly net: Stepped
  readonly patient: Principal
  readonly labs: Reach
  readonly record: SealedRecord
  readonly keys: Awaited<ReturnType<typeof keysFor>>
}

let strangers = 0

async function askingOf(flow: Flow, { net, patient, labs, record, keys }: World): Promise<Asking> {
  const nowNs = net.nowNs()
  const terms = {
    to: somebody('clinician'),
    compartments: [labs.compartment],
    startNs: nowNs,
    endNs: nowNs + NS_PER_DAY,
  }
  const same = (sender: Principal, canister: CanisterName, method: string, arg: object): Asking => ({
    sender,
    canister,
    method,
    arg: arg as AnyArg,
    repeat: () => arg as AnyArg,
  })
  const again = (canister: CanisterName, method: string, make: () => object): Asking => ({
    ...same(patient, canister, method, make()),
    repeat: () => make() as AnyArg,
  })
  switch (flow) {
    case 'enrol':
      return same(somebody(`stranger ${strangers++}`), 'consent', 'enrol', { requestId: freshId() })
    case 'grant in consent':
    case 'grant in records': {
      const canister = flow === 'grant in consent' ? 'consent' : 'records'
      const arg = grantArg(terms)
      const { grantId } = arg
      const after = () => net.call(patient, canister, 'revoke', { grantId, requestId: freshId() })
      return { ...same(patient, canister, 'grant', arg), after }
    }
    case 'revoke in consent':
    case 'revoke in records': {
      const grantId = await give(net, patient, grantArg(terms))
      const [first, other] =
        flow === 'revoke in consent' ? (['consent', 'records'] as const) : (['records', 'consent'] as const)
      const after = () => net.call(patient, other, 'revoke', { grantId, requestId: freshId() })
      return { ...same(patient, first, 'revoke', { grantId, requestId: freshId() }), after }
    }
    case 'deriveKey':
      return again('consent', 'deriveKey', () => deriveArg(labs))
    case 'commit': {
      const sealed = await seal(keys, labs)
      await net.ok(patient, 'records', 'begin', sealed.begin)
      for (const chunk of sealed.chunks) await net.ok(patient, 'records', 'putChunk', chunk)
      return same(patient, 'records', 'commit', sealed.commit)
    }
    case 'store':
      return same(patient, 'records', 'store', wholeOf(await seal(keys, labs)))
    case 'beginList':
      return again('records', 'beginList', () => ({ ...placeOf(labs), requestId: freshId() }))
    case 'open':
      return again('records', 'open', () => ({
        ...placeOf(labs),
        records: [{ recordId: record.recordId, version: 1 }],
        requestId: freshId(),
      }))
  }
}

async function sweepFlow(
  flow: Flow,
  every: number,
  net: Stepped,
  faults: Faults,
  asking: (flow: Flow) => Promise<Asking>,
): Promise<SweptCase[]> {
  const runs: { readonly canister: string; readonly method: string; readonly syscalls: number }[] = []
  const counted = await asking(flow)
  // What earlier cases left in the outboxes would be counted as part of this one.
  net.setTime(net.nowNs() + NS_PER_MINUTE)
  net.settle()
  faults.watch(({ canister, method }, { syscalls }) => runs.push({ canister, method, syscalls }))
  const undisturbed = ask(net, counted, counted.arg)
  faults.watch(null)
  if (undisturbed !== 'Ok') throw new Error(`${flow}, undisturbed: ${undisturbed}`)
  const total = runs.reduce((sum, { syscalls }) => sum + syscalls, 0)
  if (total > SYSCALLS_MAX) throw new Error(`${flow} makes ${total} system calls: it does what others left undone`)

  const cases: SweptCase[] = []
  let number = 0
  for (const { canister, method, syscalls } of runs) {
    for (let at = 1; at <= syscalls; at++) {
      if (number++ % every !== 0) continue
      const question = await asking(flow)
      const rule = faults.add({ kind: 'trapAtSyscall', canister, method, at, times: 1 })
      const answer = ask(net, question, question.arg)
      faults.remove(rule)
      const repeats: string[] = []
      for (let tries = 0; tries < REPEATS_MAX && repeats.at(-1) !== 'Ok'; tries++) {
        repeats.push(ask(net, question, question.repeat()))
        net.setTime(net.nowNs() + NS_PER_MINUTE)
        net.settle()
      }
      await question.after?.()
      cases.push({ flow, entry: `${nameOf(net, canister)}.${method}`, atSyscall: at, answer, repeats })
    }
  }
  return cases
}

function ask(net: Stepped, { sender, canister, method }: Asking, arg: AnyArg): string {
  try {
    const flow = net.start(sender, canister, method as MethodName<CanisterName>, arg)
    const ran: (string | null)[] = []
    do ran.push(net.step())
    while (ran.at(-1) !== null && ran.length < MESSAGES_MAX)
    if (ran.length === MESSAGES_MAX) throw new Error(`${method} goes on for ever: ${ran.slice(-6).join(', ')}`)
    return kindOf(flow.answer())
  } catch (error) {
    if (error instanceof Rejected) return error.reject.errorCode
    throw error
  }
}

function nameOf(net: Stepped, id: string): CanisterName {
  const name = CANISTER_NAMES.find((known) => net.ids[known].toText() === id)
  if (name === undefined) throw new Error(`${id} is none of the three`)
  return name
}
