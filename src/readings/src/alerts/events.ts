import { measureOfCode } from '../measures.ts'
import { isLoinc, TIME_MAX_MS, VALUE_MAX } from '../reading.ts'
import { unitOf } from '../units.ts'

// What people say about readings that need looking at: limits, "I have seen it", "not now", "I am on duty". Small records that are only ever added
// (docs/alerts.md); who said each is the client's to vouch for, and no part of what is in here.

/** Which way a limit is crossed, or what else is wrong: one threshold or device may have several at a time. */
export const MATTERS = ['above', 'below', 'silent', 'clockWrong'] as const
export type Matter = (typeof MATTERS)[number]

export interface ThresholdEvent {
  readonly kind: 'threshold'
  readonly id: string
  /** LOINC of a measure of the table, and a unit that this measure has. */
  readonly code: string
  readonly unit: string
  /** Crossed by what is less. Null: no such limit; one of the two there is. */
  readonly below: number | null
  /** Crossed by what is more. */
  readonly above: number | null
  /** Crossed only where every reading for so long is; 0: by a single one. */
  readonly holdMinutes: number
  /** The threshold that this one stands in the place of, or null. */
  readonly replaces: string | null
}
/** How often a device is to be heard of, where somebody knows better than its habits. */
export interface ExpectEvent {
  readonly kind: 'expect'
  readonly id: string
  readonly deviceId: string
  /** 0: its silence means nothing. */
  readonly everyMinutes: number
}
export interface EndEvent {
  readonly kind: 'end'
  readonly id: string
  /** A threshold. */
  readonly of: string
}
export interface AcknowledgeEvent {
  readonly kind: 'acknowledge'
  readonly id: string
  /** A threshold, or a device. */
  readonly of: string
  readonly matter: Matter
  /** What was seen: nothing beyond it is acknowledged. */
  readonly fromMs: number
  readonly toMs: number
}
export interface SnoozeEvent {
  readonly kind: 'snooze'
  readonly id: string
  /** A threshold, or a device. */
  readonly of: string
  /** A moment that is over ends it. */
  readonly untilMs: number
}
interface AboutDuty {
  readonly id: string
  /** The event about duty that this one follows; before the first one, any threshold; null from the patient's own side. Two that follow the same: the first counts. */
  readonly after: string | null
}
export type DutyEvent =
  | (AboutDuty & {
      readonly kind: 'offerDuty'
      /** Principal. Until they take it, nothing changes. */ readonly to: string
    })
  | (AboutDuty & { readonly kind: 'takeDuty' })
  | (AboutDuty & { readonly kind: 'leaveDuty' })
export type AlertEvent = ThresholdEvent | ExpectEvent | EndEvent | AcknowledgeEvent | SnoozeEvent | DutyEvent

const MINUTES_PER_DAY = 1_440
const HOLD_MINUTES_MAX = MINUTES_PER_DAY
export const EXPECT_MINUTES_MAX = 31 * MINUTES_PER_DAY
/** Nobody has seen more than that at a time. */
export const ACKNOWLEDGED_MAX_MS = 31 * 86_400_000
/** What is put off is not put away. */
export const SNOOZE_MAX_MS = 86_400_000

export type ThresholdProblem = 'code' | 'unit' | 'limits' | 'order' | 'hold'

/** What makes a threshold none; null for a good one. */
export function thresholdProblem(
  threshold: Pick<ThresholdEvent, 'code' | 'unit' | 'below' | 'above' | 'holdMinutes'>,
): ThresholdProblem | null {
  const { code, unit, below, above, holdMinutes } = threshold
  const measure = isLoinc(code) ? measureOfCode(code) : null
  if (measure === null) return 'code'
  if (unitOf(measure, unit)?.ucum !== unit) return 'unit'
  const limits = [below, above].filter((limit) => limit !== null)
  if (limits.length === 0 || !limits.every((limit) => Number.isFinite(limit) && Math.abs(limit) <= VALUE_MAX))
    return 'limits'
  if (below !== null && above !== null && below > above) return 'order'
  return isWhole(holdMinutes, HOLD_MINUTES_MAX) ? null : 'hold'
}

/** Reads the JSON of an authenticated header, whose author may still be hostile; null for what says nothing. Members that are unknown are left out. */
export function alertEventOf(json: unknown): AlertEvent | null {
  if (typeof json !== 'object' || json === null) return null
  const from = json as Readonly<Record<string, unknown>>
  const { kind, id } = from
  if (!isId(id)) return null
  switch (kind) {
    case 'threshold':
      return thresholdOf(id, from)
    case 'expect': {
      const { deviceId, everyMinutes } = from
      return isId(deviceId) && isWhole(everyMinutes, EXPECT_MINUTES_MAX) ? { kind, id, deviceId, everyMinutes } : null
    }
    case 'end':
      return isId(from['of']) ? { kind, id, of: from['of'] } : null
    case 'acknowledge': {
      const { of, matter, fromMs, toMs } = from
      const known = MATTERS.find((each) => each === matter)
      if (!isId(of) || known === undefined || !isTime(fromMs) || !isTime(toMs)) return null
      return fromMs <= toMs && toMs - fromMs <= ACKNOWLEDGED_MAX_MS
        ? { kind, id, of, matter: known, fromMs, toMs }
        : null
    }
    case 'snooze': {
      const { of, untilMs } = from
      return isId(of) && isTime(untilMs) ? { kind, id, of, untilMs } : null
    }
    case 'offerDuty': {
      const { after, to } = from
      return isIdOrNull(after) && isPrincipal(to) ? { kind, id, after, to } : null
    }
    case 'takeDuty':
    case 'leaveDuty':
      return isIdOrNull(from['after']) ? { kind, id, after: from['after'] } : null
    default:
      return null // of a newer version
  }
}

function thresholdOf(id: string, from: Readonly<Record<string, unknown>>): ThresholdEvent | null {
  const { code, unit, below, above, holdMinutes, replaces } = from
  if (typeof code !== 'string' || typeof unit !== 'string' || typeof holdMinutes !== 'number') return null
  if (!isNumberOrNull(below) || !isNumberOrNull(above) || !isIdOrNull(replaces)) return null
  const threshold = { kind: 'threshold', id, code, unit, below, above, holdMinutes, replaces } as const
  return thresholdProblem(threshold) === null ? threshold : null
}

const isId = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value)
const isIdOrNull = (value: unknown): value is string | null => value === null || isId(value)
const isPrincipal = (value: unknown): value is string =>
  typeof value === 'string' && /^[a-z2-7]{1,5}(-[a-z2-7]{1,5}){1,12}$/.test(value)
const isNumberOrNull = (value: unknown): value is number | null => value === null || typeof value === 'number'
const isWhole = (value: unknown, max: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max
const isTime = (value: unknown): value is number => isWhole(value, TIME_MAX_MS)
