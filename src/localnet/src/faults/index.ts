// Chooses, from rules and a seed, what goes wrong when. The network asks at every occasion; see `FaultHooks` in contracts.ts.
import type { FaultHooks, Mishap, Occasion, RejectCode } from '../contracts.ts'
import { createPrng, type Prng } from '../prng.ts'
import { type Fault, type FaultKind, type FaultRule, readFaultRule } from './rules.ts'

export { createLies, type Lies } from './lies.ts'
export { BadFaultRule, type Fault, type FaultKind, type FaultRule, readFaultRule, type Where } from './rules.ts'

/** One thing that went wrong. */
export interface Fired extends Occasion {
  readonly rule: number
  readonly kind: FaultKind
}

export type ListedRule = FaultRule & {
  readonly id: number
  /** Occasions that it fits, and those where it fired. */
  readonly seen: number
  readonly fired: number
}

type Took = Parameters<FaultHooks['ran']>[1]
type OfKind<K extends FaultKind> = Fault & { readonly kind: K }

export interface Faults {
  readonly hooks: FaultHooks
  /** @returns the number by which it can be taken back. @throws BadFaultRule */
  add(rule: FaultRule): number
  /** @returns false when there is no such rule. */
  remove(id: number): boolean
  clear(): void
  rules(): readonly ListedRule[]
  /** What went wrong so far, the newest 10,000. */
  fired(): readonly Fired[]
  /** Told what every run took, for sweeps over all of its steps; null for nobody. */
  watch(listener: ((at: Occasion, took: Took) => void) | null): void
  /** The first rule of a kind that fires here, if any does. @param accepts leaves others of the kind aside, uncounted. */
  readonly firing: <K extends FaultKind>(
    kind: K,
    at: Occasion,
    accepts?: (rule: OfKind<K>) => boolean,
  ) => OfKind<K> | null
}

interface Entry {
  readonly id: number
  readonly rule: FaultRule
  readonly prng: Prng
  seen: number
  fired: number
}

const FIRED_MAX = 10_000
const MANAGEMENT = 'aaaaa-aa'
const nsOf = (ms: number): bigint => BigInt(ms) * 1_000_000n

/** One of the codes that the replica gives with each reject code. */
const ERROR_CODES: Readonly<Record<RejectCode, string>> = {
  1: 'IC0101',
  2: 'IC0201',
  3: 'IC0301',
  4: 'IC0406',
  5: 'IC0503',
  6: 'IC0601',
}

/** @param seed decides every `chance`, and the order of `reorder`. */
export function createFaults(seed: string): Faults {
  const prng = createPrng(`${seed}/faults`)
  const entries = new Map<number, Entry>()
  let fired: Fired[] = []
  let nextId = 1
  let listener: Parameters<Faults['watch']>[0] = null

  const firing: Faults['firing'] = (kind, at, accepts) => {
    for (const entry of entries.values()) {
      if (entry.rule.kind !== kind) continue
      const rule = entry.rule as OfKind<typeof kind>
      if (accepts?.(rule) === false || !firesAt(entry, at)) continue
      entry.fired++
      fired.push({ ...at, rule: entry.id, kind })
      if (fired.length > 2 * FIRED_MAX) fired = fired.slice(-FIRED_MAX)
      return rule
    }
    return null
  }

  const lasting: Lasting = (kind, canister) => {
    const found = [...entries.values()].findLast(
      ({ rule }) => rule.kind === kind && (rule.canister ?? canister) === canister,
    )
    return (found?.rule ?? null) as OfKind<typeof kind> | null
  }

  return {
    hooks: hooksOf({ firing, lasting, order: prng.fork('reorder'), ran: (at, took) => listener?.(at, took) }),
    add(rule) {
      const id = nextId++
      entries.set(id, { id, rule: readFaultRule(rule), prng: prng.fork(`rule ${id}`), seen: 0, fired: 0 })
      return id
    },
    remove: (id) => entries.delete(id),
    clear: () => entries.clear(),
    rules: () => [...entries.values()].map(({ id, rule, seen, fired: times }) => ({ ...rule, id, seen, fired: times })),
    fired: () => fired.slice(-FIRED_MAX),
    watch(next) {
      listener = next
    },
    firing,
  }
}

function firesAt(entry: Entry, at: Occasion): boolean {
  const { canister, method, from, nth, times, chance } = entry.rule
  const fits = (wanted: string | undefined, is: string) => wanted === undefined || wanted === is
  if (!fits(canister, at.canister) || !fits(method, at.method) || !fits(from, at.from)) return false
  entry.seen++
  if (nth !== undefined && entry.seen !== nth) return false
  if (times !== undefined && entry.fired >= times) return false
  return chance === undefined || entry.prng.chance(chance)
}

/** The newest rule of a kind that is a condition rather than an event: it is not counted, and holds while it is there. */
type Lasting = <K extends 'stableCap' | 'heapCap' | 'clock' | 'reorder'>(kind: K, canister: string) => OfKind<K> | null

function hooksOf({
  firing,
  lasting,
  order,
  ran,
}: {
  readonly firing: Faults['firing']
  readonly lasting: Lasting
  readonly order: Prng
  readonly ran: FaultHooks['ran']
}): FaultHooks {
  return {
    ran,
    trap(at) {
      const atSyscall = firing('trapAtSyscall', at)?.at ?? null
      const atInstruction = firing('trapAtInstruction', at)?.at ?? null
      return atSyscall === null && atInstruction === null ? null : { atSyscall, atInstruction }
    },
    failsToEnqueue: (call) => firing('failEnqueue', call) !== null,
    request(call) {
      const ofManagement = call.canister === MANAGEMENT ? managementMishap(firing, call) : null
      if (ofManagement !== null) return ofManagement
      const rejected = firing('reject', call, ({ when }) => when === 'sent')
      return rejected === null ? delayOf(firing, call, 'request') : rejectOf(rejected.code)
    },
    response(call) {
      const rejected = firing('reject', call, ({ when }) => when === 'answered')
      return rejected === null ? delayOf(firing, call, 'response') : rejectOf(rejected.code)
    },
    before(at) {
      const events: ReturnType<FaultHooks['before']>[number][] = []
      for (const kind of ['stop', 'freeze'] as const) {
        const rule = firing(kind, at)
        if (rule !== null) events.push({ kind, forNs: rule.forMs === undefined ? null : nsOf(rule.forMs) })
      }
      const jump = firing('clockJump', at)
      if (jump !== null) events.push({ kind: 'jump', byNs: nsOf(jump.byMs) })
      return events
    },
    duplicates: (ingress) => firing('duplicate', ingress) !== null,
    pick: (count) => (lasting('reorder', '') === null ? null : order.below(count)),
    caps: (canister) => ({
      stablePages: lasting('stableCap', canister)?.pages ?? null,
      heapPages: lasting('heapCap', canister)?.pages ?? null,
    }),
    clock: () => lasting('clock', '')?.how ?? 'runs',
    derivesWrongKey: (from) =>
      firing('vetkd', { canister: MANAGEMENT, method: 'vetkd_derive_key', from }, ({ how }) => how === 'wrongKey') !==
      null,
  }
}

function managementMishap(firing: Faults['firing'], call: Occasion): Mishap | null {
  if (call.method === 'raw_rand') return firing('rawRand', call) === null ? null : rejectOf(2)
  if (call.method !== 'vetkd_derive_key') return null
  const rule = firing('vetkd', call, ({ how }) => how !== 'wrongKey')
  if (rule === null) return null
  return rule.how === 'stall' ? { kind: 'delay', byNs: nsOf(rule.byMs) } : rejectOf(4)
}

function delayOf(firing: Faults['firing'], call: Occasion, way: 'request' | 'response'): Mishap | null {
  const rule = firing('delay', call, ({ what }) => what === way)
  return rule === null ? null : { kind: 'delay', byNs: nsOf(rule.byMs) }
}

const rejectOf = (code: RejectCode): Mishap => ({
  kind: 'reject',
  reject: { code, errorCode: ERROR_CODES[code], message: `Rejected on purpose, with code ${code}.` },
})
