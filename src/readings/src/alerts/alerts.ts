import { APART_MS, type Crossing, crossingsOf, type Piece } from './crossings.ts'
import { silenceOf, wronglyTimed } from './devices.ts'
import { ACKNOWLEDGED_MAX_MS, type Matter } from './events.ts'
import type { Acknowledged, AlertState, Snoozed, Threshold } from './state.ts'

/** Something in readings that somebody should look at. Worked out where it is read, and nowhere else: no canister knows of it. */
export type Alert = Found & {
  /** Who has seen it, first of all; empty: nobody said so. */
  readonly acknowledged: readonly Acknowledged[]
  /** In force: nobody is to be told until then. */
  readonly snoozed: Snoozed | null
}
type Found = Span & About
interface Span {
  /** The same for the same thing, whoever looks and whatever they opened, as long as nothing earlier comes: then it is among `aliases`. */
  readonly id: string
  /** Every name that it may have been told under. */
  readonly aliases: readonly string[]
  /** What an answer names: a threshold or a device. */
  readonly of: string
  readonly fromMs: number
  /** Of the last reading that tells it; of silence, now. */
  readonly lastMs: number
  /** Whether it is so as far as anybody knows, or is over. */
  readonly isNow: boolean
}
type About =
  | { readonly matter: Crossing['matter']; readonly threshold: Threshold; readonly crossing: Crossing }
  | { readonly matter: 'silent'; readonly deviceId: string; readonly afterMs: number }
  | { readonly matter: 'clockWrong'; readonly deviceId: string }

export interface AlertReport {
  /** What nobody has seen first, then what is so now, then the newest. */
  readonly alerts: readonly Alert[]
  /** Records that have to be opened before anybody knows. */
  readonly unread: readonly string[]
}

export interface Now {
  /** Devices that are to send, of which the others are silent for a reason; null where that is not known. */
  readonly sending: ReadonlySet<string> | null
  readonly nowMs: number
  /** When the list was read, if not now: a device may have been heard of since. */
  readonly listedMs?: number
}

/** What ended so long ago is told nobody any more. */
export const ALERTS_KEPT_MS = 14 * 86_400_000

/** @param pieces records of readings of the kind that `state` is about. */
export function alertsOf(state: AlertState, pieces: readonly Piece[], now: Now): AlertReport {
  const { nowMs } = now
  const unread = new Set<string>()
  const crossed = state.thresholds.flatMap((threshold) => {
    const crossings = crossingsOf(threshold, pieces)
    for (const recordId of crossings.unread) unread.add(recordId)
    return crossings.found.map((crossing) => crossedOf(threshold, crossing, nowMs))
  })
  const devices = [...byDevice(pieces)].flatMap(([deviceId, own]) => deviceAlerts(deviceId, own, state, now))
  const alerts = [...crossed, ...devices]
    .filter(({ lastMs }) => lastMs > nowMs - ALERTS_KEPT_MS)
    .map((found) => answered(found, state, nowMs))
    .toSorted((a, b) => weightOf(b) - weightOf(a) || b.fromMs - a.fromMs || (a.id < b.id ? -1 : 1))
  return { alerts, unread: [...unread] }
}

/** What somebody says who has seen an alert: of what is there now, and of nothing that comes. */
export function seenOf({ of, matter, fromMs, lastMs }: Alert, nowMs: number) {
  const toMs = Math.max(fromMs, Math.min(lastMs, nowMs))
  return { kind: 'acknowledge', of, matter, fromMs: Math.max(fromMs, toMs - ACKNOWLEDGED_MAX_MS), toMs } as const
}

/** Whether it asks for somebody: seen by nobody, and not put off. */
export const isOpen = ({ acknowledged, snoozed }: Alert): boolean => acknowledged.length === 0 && snoozed === null

function crossedOf(threshold: Threshold, crossing: Crossing, nowMs: number): Found {
  const { matter, fromMs, lastMs, untilMs, records } = crossing
  // A last value that is old says nothing about now.
  const isNow = untilMs === null && nowMs - lastMs <= APART_MS
  return {
    ...namesOf(threshold.id, matter, records),
    of: threshold.id,
    matter,
    fromMs,
    lastMs,
    isNow,
    threshold,
    crossing,
  }
}

function deviceAlerts(
  deviceId: string,
  own: readonly Piece[],
  { expected }: Pick<AlertState, 'expected'>,
  { sending, nowMs, listedMs = nowMs }: Now,
): Found[] {
  const everyMinutes = expected.get(deviceId)?.everyMinutes ?? null
  const silence = sending?.has(deviceId) === false ? null : silenceOf(own, { everyMinutes, nowMs: listedMs })
  const wrong = wronglyTimed(own)
  const times = wrong.flatMap(({ heardMs }) => heardMs ?? [])
  return [
    ...(silence === null
      ? []
      : [
          {
            ...namesOf(deviceId, 'silent', [silence.lastRecord]),
            of: deviceId,
            matter: 'silent' as const,
            fromMs: silence.fromMs,
            lastMs: listedMs,
            isNow: true,
            deviceId,
            afterMs: silence.afterMs,
          },
        ]),
    ...(times.length === 0
      ? []
      : [
          {
            ...namesOf(
              deviceId,
              'clockWrong',
              wrong.map(({ recordId }) => recordId),
            ),
            of: deviceId,
            matter: 'clockWrong' as const,
            fromMs: Math.min(...times),
            lastMs: Math.max(...times),
            isNow: wrong.at(-1) === own.at(-1),
            deviceId,
          },
        ]),
  ]
}

const namesOf = (of: string, matter: Matter, records: readonly string[]) => {
  const aliases = records.map((recordId) => `${matter} ${of} ${recordId}`)
  return { id: aliases[0] ?? `${matter} ${of}`, aliases }
}

/** In the order they came. */
function byDevice(pieces: readonly Piece[]): Map<string, Piece[]> {
  const devices = new Map<string, Piece[]>()
  for (const piece of pieces.toSorted((a, b) => (a.heardMs ?? 0) - (b.heardMs ?? 0))) {
    const { deviceId } = piece
    if (deviceId === null) continue
    const own = devices.get(deviceId)
    if (own === undefined) devices.set(deviceId, [piece])
    else own.push(piece)
  }
  return devices
}

function answered(found: Found, { acknowledged, snoozed }: AlertState, nowMs: number): Alert {
  const { of, matter, fromMs, lastMs } = found
  // What overlaps is the same: opening its records, or one that came late, may move its ends.
  const seen = acknowledged.filter(
    (each) => each.of === of && each.matter === matter && each.fromMs <= lastMs && each.toMs >= fromMs,
  )
  const off = snoozed.get(of)
  return { ...found, acknowledged: seen, snoozed: off !== undefined && off.untilMs > nowMs ? off : null }
}

const weightOf = (alert: Alert): number => (isOpen(alert) ? 2 : 0) + (alert.isNow ? 1 : 0)
