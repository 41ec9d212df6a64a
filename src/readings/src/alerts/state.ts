import {
  type AcknowledgeEvent,
  type AlertEvent,
  alertEventOf,
  type DutyEvent,
  type ExpectEvent,
  type SnoozeEvent,
  SNOOZE_MAX_MS,
  type ThresholdEvent,
} from './events.ts'

// What stands, by what was said. The same for every reader of the same list, in whatever order they got it: what was said has a place there, which the list's proof covers, and
// no rule asks for a clock but those that keep people from speaking about what has not been.

/** Something that was said about readings of one kind of record, by somebody whom the client vouches for. */
export interface Said {
  /** As the header has it: `alertEventOf` reads it. */
  readonly event: unknown
  /** Principal. */
  readonly by: string
  /** The patient, or somebody in their place; not under a share. */
  readonly isPatient: boolean
  /** When, by the speaker's clock. */
  readonly atMs: number
  /** Where it stands in the list. */
  readonly place: number
}

interface Spoken {
  readonly by: string
  readonly isPatient: boolean
  readonly atMs: number
}
export interface Threshold extends ThresholdEvent, Spoken {}
export interface Acknowledged extends AcknowledgeEvent, Spoken {}
export interface Snoozed extends SnoozeEvent, Spoken {}
export interface Duty {
  /** What comes next names it; null before anything was said. */
  readonly id: string | null
  /** Principal who is on duty; null: nobody is. */
  readonly who: string | null
  readonly sinceMs: number | null
  /** It is the patient, or somebody in their place. */
  readonly isPatient: boolean
  /** To whom it is offered, and by whom; they have not taken it. */
  readonly offer: { readonly to: string; readonly by: string; readonly atMs: number } | null
}
export interface AlertState {
  /** In force, in the order they were set. */
  readonly thresholds: readonly Threshold[]
  /** By device. */
  readonly expected: ReadonlyMap<string, ExpectEvent & Spoken>
  /** In the order they came. */
  readonly acknowledged: readonly Acknowledged[]
  /** The last one about each threshold or device. */
  readonly snoozed: ReadonlyMap<string, Snoozed>
  readonly duty: Duty
}

/** Clocks of devices differ by less. */
const CLOCKS_DIFFER_MS = 10 * 60_000
/** One who sets more says nothing with them: their first ones stand. */
export const THRESHOLDS_PER_PERSON_MAX = 32

/** @param said in any order. */
export function alertStateOf(said: readonly Said[], nowMs: number): AlertState {
  const spoken = eventsOf(said, nowMs)
  const all = spoken.filter((each): each is Threshold => each.kind === 'threshold')
  const set = all.filter((one) => all.filter(({ by }) => by === one.by).indexOf(one) < THRESHOLDS_PER_PERSON_MAX)
  const known = new Map(set.map((threshold) => [threshold.id, threshold]))
  const ended = new Set<string>()
  const expected = new Map<string, ExpectEvent & Spoken>()
  const acknowledged: Acknowledged[] = []
  const snoozed = new Map<string, Snoozed>()
  let duty: Duty = { id: null, who: null, sinceMs: null, isPatient: false, offer: null }
  for (const each of spoken)
    switch (each.kind) {
      case 'threshold':
        if (each.replaces !== null && mayEnd(known.get(each.replaces), each)) ended.add(each.replaces)
        break
      case 'end':
        if (mayEnd(known.get(each.of), each)) ended.add(each.of)
        break
      case 'expect':
        if (each.isPatient || (each.everyMinutes > 0 && expected.get(each.deviceId)?.isPatient !== true))
          expected.set(each.deviceId, each)
        break
      case 'acknowledge':
        if (each.toMs <= each.atMs + CLOCKS_DIFFER_MS) acknowledged.push(each)
        break
      case 'snooze':
        if (each.untilMs <= each.atMs + SNOOZE_MAX_MS) snoozed.set(each.of, each)
        break
      default:
        duty = dutyAfter(duty, each, known)
    }
  return { thresholds: set.filter(({ id }) => !ended.has(id)), expected, acknowledged, snoozed, duty }
}

/** What is sound, each once, in the order of the list. What is of the future waits for its time. */
function eventsOf(said: readonly Said[], nowMs: number): (AlertEvent & Spoken)[] {
  const ids = new Set<string>()
  return said
    .filter(({ atMs }) => atMs <= nowMs + CLOCKS_DIFFER_MS)
    .toSorted((a, b) => a.place - b.place)
    .flatMap(({ event: json, by, isPatient, atMs }) => {
      const event = alertEventOf(json)
      if (event === null || ids.has(event.id)) return []
      ids.add(event.id)
      return [{ ...event, by, isPatient, atMs }]
    })
}

/** A limit is ended by whoever set it, and by the patient: nobody else makes another's silent for good. */
const mayEnd = (threshold: Threshold | undefined, { by, isPatient }: Spoken): boolean =>
  threshold !== undefined && (isPatient || by === threshold.by)

/** It changes hands only by somebody who knows how it stands; whoever has it keeps it until another takes it. */
function dutyAfter(duty: Duty, event: DutyEvent & Spoken, known: ReadonlyMap<string, Threshold>): Duty {
  const { id, after, by, isPatient, atMs } = event
  // Before the first word, a reader's knowledge of a limit shows that they read here; who may only add knows none but their own.
  const begins = duty.id === null && (isPatient ? after === null : after !== null && isOfAnother(known.get(after), by))
  if (!begins && (after === null || after !== duty.id)) return duty
  const has = duty.who === by || isPatient
  switch (event.kind) {
    case 'offerDuty':
      return has ? { ...duty, id, offer: { to: event.to, by, atMs } } : duty
    case 'takeDuty':
      return has || duty.who === null || duty.offer?.to === by
        ? { id, who: by, sinceMs: atMs, isPatient, offer: null }
        : duty
    case 'leaveDuty':
      return has ? { id, who: null, sinceMs: atMs, isPatient, offer: null } : duty
    default:
      return duty
  }
}
const isOfAnother = (threshold: Threshold | undefined, by: string): boolean =>
  threshold !== undefined && threshold.by !== by
