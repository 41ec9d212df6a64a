// Faults as data: the same rules in a test and over the administration endpoint.
import type { RejectCode } from '../contracts.ts'

/** Which occasions a rule is about. What is left out fits every occasion. */
export interface Where {
  /** Text id of the canister where it happens, or that is called; `aaaaa-aa` is the management canister. */
  readonly canister?: string
  /** A method, or another entry in the words of the meters, such as `deriveKey#reply of append` or `canister_global_timer`. */
  readonly method?: string
  /** Text id of whoever sent the message or made the call. */
  readonly from?: string
  /** Only this one of the occasions that fit, from 1. */
  readonly nth?: number
  /** So often at most. */
  readonly times?: number
  /** With this probability, from 0 to 1, drawn from the seed. */
  readonly chance?: number
}

/**
 * What goes wrong there. Times are milliseconds of the network's clock, pages have 64 KiB.
 *
 * - `trapAtSyscall`, `trapAtInstruction`: the run traps at its n-th system call, or when it has used n instructions.
 * - `failEnqueue`: `call_perform` answers 2, as with a full queue.
 * - `reject`: a call gets a reject, though its callee has run (`answered`) or without its ever running (`sent`). Ingress: `sent` only.
 * - `delay`: a request or a response is held up. Calls between the same two canisters stay in order behind it.
 * - `duplicate`: an ingress message arrives a second time, which must not run it again.
 * - `reorder`: what runs next is drawn from the seed, within the order that the network keeps.
 * - `stop`, `freeze`: before it runs the message the canister is stopped, or behaves as if it had no cycles; for ever unless `forMs` is given.
 * - `stableCap`, `heapCap`: growing a memory beyond so many pages is refused.
 * - `clock`: time stands still, or makes steps of one nanosecond, whatever the computer's clock says. `clockJump`: it leaps ahead.
 * - `vetkd`: derivations are rejected, take `byMs`, or give the key of another input. `from` is the canister that asks.
 * - `rawRand`: `raw_rand` is rejected.
 * - `lieInQuery`: a node signs a changed reply to a query: one byte changed, cut short, empty, or the reply to the same query before.
 * - `killAtFileOp`: the process ends, as by SIGKILL, at the n-th change it makes to the state folder from now on.
 */
export type Fault =
  | { readonly kind: 'trapAtSyscall' | 'trapAtInstruction' | 'killAtFileOp'; readonly at: number }
  | { readonly kind: 'failEnqueue' | 'duplicate' | 'reorder' | 'rawRand' }
  | { readonly kind: 'reject'; readonly code: RejectCode; readonly when: 'sent' | 'answered' }
  | { readonly kind: 'delay'; readonly what: 'request' | 'response'; readonly byMs: number }
  | { readonly kind: 'stop' | 'freeze'; readonly forMs?: number }
  | { readonly kind: 'stableCap' | 'heapCap'; readonly pages: number }
  | { readonly kind: 'clock'; readonly how: 'stands' | 'steps' }
  | { readonly kind: 'clockJump'; readonly byMs: number }
  | { readonly kind: 'vetkd'; readonly how: 'reject' | 'wrongKey' }
  | { readonly kind: 'vetkd'; readonly how: 'stall'; readonly byMs: number }
  | { readonly kind: 'lieInQuery'; readonly how: 'change' | 'cut' | 'empty' | 'stale' }

export type FaultRule = Where & Fault
export type FaultKind = Fault['kind']

/** What a rule must look like is not what was given. The message names the field. */
export class BadFaultRule extends Error {
  override readonly name = 'BadFaultRule'
}

type Check = (value: unknown) => boolean
const text: Check = (value) => typeof value === 'string' && value.length <= 200
const whole =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && values.includes(value)
const count = whole(1, Number.MAX_SAFE_INTEGER)
const ms = whole(0, 1_000_000_000_000)
const pages = whole(0, 8_192_000)
const chance: Check = (value) => typeof value === 'number' && value >= 0 && value <= 1
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)

const WHERE: Readonly<Record<keyof Where, Check>> = {
  canister: optional(text),
  method: optional(text),
  from: optional(text),
  nth: optional(count),
  times: optional(count),
  chance: optional(chance),
}

const FIELDS: Readonly<Record<FaultKind, Readonly<Record<string, Check>>>> = {
  trapAtSyscall: { at: count },
  trapAtInstruction: { at: count },
  killAtFileOp: { at: count },
  failEnqueue: {},
  duplicate: {},
  reorder: {},
  rawRand: {},
  reject: { code: whole(1, 6), when: oneOf('sent', 'answered') },
  delay: { what: oneOf('request', 'response'), byMs: ms },
  stop: { forMs: optional(ms) },
  freeze: { forMs: optional(ms) },
  stableCap: { pages },
  heapCap: { pages },
  clock: { how: oneOf('stands', 'steps') },
  clockJump: { byMs: ms },
  vetkd: { how: oneOf('reject', 'stall', 'wrongKey'), byMs: optional(ms) },
  lieInQuery: { how: oneOf('change', 'cut', 'empty', 'stale') },
}

/** @param value whatever a stranger sent. @throws BadFaultRule */
export function readFaultRule(value: unknown): FaultRule {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BadFaultRule('a rule is an object')
  const given = value as Readonly<Record<string, unknown>>
  const { kind } = given
  const own = typeof kind === 'string' && Object.hasOwn(FIELDS, kind) ? FIELDS[kind as FaultKind] : undefined
  if (own === undefined || typeof kind !== 'string')
    throw new BadFaultRule(`kind is one of ${Object.keys(FIELDS).join(', ')}`)
  const checks: Readonly<Record<string, Check>> = { ...WHERE, ...own }
  for (const name of Object.keys(given)) {
    if (name !== 'kind' && !Object.hasOwn(checks, name))
      throw new BadFaultRule(`${kind} has no such field as ${JSON.stringify(name.slice(0, 40))}`)
  }
  for (const [name, check] of Object.entries(checks)) {
    if (!check(given[name])) throw new BadFaultRule(`${name} of ${kind} is missing or not what it may be`)
  }
  if (kind === 'vetkd' && (given['how'] === 'stall') !== (given['byMs'] !== undefined)) {
    throw new BadFaultRule('byMs goes with a stall, and only with that')
  }
  return given as unknown as FaultRule
}
