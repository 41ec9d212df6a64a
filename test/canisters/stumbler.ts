import {
  call,
  callRaw,
  callThen,
  createCanister,
  createIntents,
  MANAGEMENT,
  onTrap,
  openMap,
  rawRand,
  type RawOutcome,
  section,
} from '@medguard/shared'

import { stateCall, stumblerEndpoints } from './stumbler-codecs.ts'
import { INTENDED, STUMBLE } from './stumbler-service.ts'

const map = openMap(0)
const KEY = new Uint8Array(1)
const counter = () => map.get(KEY)?.[0] ?? 0
const raise = () => map.set(KEY, Uint8Array.of(counter() + 1))
const HUGE = 2_000_001
const FLOOD = 405
const NO_ARGUMENTS = Uint8Array.of(0x44, 0x49, 0x44, 0x4c, 0, 0)
let lockTaken = false
const intents = createIntents({ rows: section(map, 2), openMax: 2, doneMax: 2 })

/** A pair for as many calls as ever were under way at once. */
function callbacks(): number {
  const kept = globalThis as { _azleResolveCallbacks?: object; _azleRejectCallbacks?: object }
  return [kept._azleResolveCallbacks, kept._azleRejectCallbacks].flatMap((calls) => Object.keys(calls ?? {})).length
}

/** What has to be refused: throwing what is no error. */
const throwValue = (value: unknown): never => {
  throw value
}
interface RawHost {
  msgReply(bytes: Uint8Array): void
  trap(text: string): never
}
const rawHost = () => (globalThis as unknown as { _azleIc: RawHost })._azleIc

async function locked<T>(work: () => Promise<T>): Promise<T> {
  lockTaken = true
  const forget = onTrap(() => {
    lockTaken = false
  })
  try {
    return await work()
  } finally {
    lockTaken = false
    forget()
  }
}

async function failLater() {
  await rawRand()
  raise()
  throw new Error('secret claim')
}

async function flood(): Promise<{ Ok: Uint8Array }> {
  const calls = Array.from({ length: FLOOD }, () => callRaw(MANAGEMENT, 'raw_rand', NO_ARGUMENTS))
  const outcomes = await Promise.allSettled(calls)
  const isPutOff = (outcome: PromiseSettledResult<RawOutcome>) =>
    outcome.status === 'fulfilled' && outcome.value.kind === 'rejected' && outcome.value.code === 2
  return { Ok: new Uint8Array(outcomes.filter(isPutOff).length) }
}

async function later(how: number): Promise<{ Ok: Uint8Array }> {
  raise()
  if (how === STUMBLE.failsBesideCall) await Promise.all([rawRand(), failLater()])
  await rawRand()
  raise()
  if (how === STUMBLE.nullAfterAwait) throwValue(null)
  if (how === STUMBLE.textAfterAwait) throwValue('secret claim')
  if (how === STUMBLE.errorAfterAwait) throw new Error('secret claim')
  if (how === STUMBLE.neverSettlesAfterAwait) await new Promise(() => {})
  return { Ok: new Uint8Array(how === STUMBLE.hugeReplyAfterAwait ? HUGE : 3) }
}

async function trapInsideTry(): Promise<{ Ok: Uint8Array }> {
  try {
    raise()
    await rawRand()
    raise()
    return rawHost().trap('own code')
  } catch {
    return { Ok: new Uint8Array(4) }
  }
}

function now(how: number): { Ok: Uint8Array } | Promise<{ Ok: Uint8Array }> {
  raise()
  if (how === STUMBLE.null) throwValue(null)
  if (how === STUMBLE.text) throwValue('secret claim')
  if (how === STUMBLE.error) throw new Error('secret claim')
  if (how === STUMBLE.repliesTwice || how === STUMBLE.throwsAfterReply) rawHost().msgReply(Uint8Array.of(1, 2, 3))
  if (how === STUMBLE.throwsAfterReply) throw new Error('secret claim')
  if (how === STUMBLE.neverSettles) return new Promise(() => {})
  if (how === STUMBLE.unawaited) {
    void Promise.reject(new Error('secret claim'))
    void failLater()
    return { Ok: new Uint8Array(3) }
  }
  return { Ok: new Uint8Array(HUGE) }
}

const LATER: readonly number[] = [
  STUMBLE.errorAfterAwait,
  STUMBLE.nullAfterAwait,
  STUMBLE.textAfterAwait,
  STUMBLE.hugeReplyAfterAwait,
  STUMBLE.fine,
  STUMBLE.neverSettlesAfterAwait,
  STUMBLE.failsBesideCall,
]

async function intend({ id, digest, how }: { id: Uint8Array; digest: Uint8Array; how: number }) {
  const entered = intents.enter(id, digest)
  if (!('held' in entered)) return { Ok: INTENDED[entered.kind] }
  const { held, kind } = entered
  try {
    if (held.step === 0) {
      raise()
      held.reach(1)
    }
    await rawRand()
    if (how === STUMBLE.errorAfterAwait) throw new Error('secret claim')
    raise()
    held.finish(Uint8Array.of(INTENDED[kind]))
    return { Ok: INTENDED[kind] }
  } finally {
    held.release()
  }
}

export default createCanister({
  service: stumblerEndpoints,
  anonymous: ['state'],
  handlers: {
    stumble({ how }) {
      if (LATER.includes(how)) return locked(() => later(how))
      if (how === STUMBLE.flood) return flood()
      return how === STUMBLE.trapsInsideTry ? locked(trapInsideTry) : now(how)
    },
    state: () => ({ Ok: { counter: counter(), lockTaken: lockTaken ? 1 : 0, callbacks: callbacks() } }),
    async ask({ canister, method }) {
      const outcome = await call(canister.toUint8Array(), { ...stateCall, name: method }, null)
      if (outcome.kind === 'rejected') return { Ok: 10 * outcome.code }
      return { Ok: outcome.kind === 'reply' ? 1 : 2 }
    },
    askThen: ({ canister, method }) =>
      callThen(canister.toUint8Array(), { ...stateCall, name: method }, null, (outcome) => {
        if (method === 'throw') throw new Error('secret claim')
        if (outcome.kind === 'rejected') return { Ok: 10 * outcome.code }
        return { Ok: outcome.kind === 'reply' ? 1 : 2 }
      }),
    intend,
    state2: () => ({ Ok: null }),
  },
})
