import type { NoticeInfo, NoticeChoices, Notices, Share } from '@medguard/client'
import type { AlertsView } from '../alerts/alert-store.ts'
import type { KeptAlert } from '../alerts/look.ts'
import { msOf } from '../app/dates.ts'
import { isQuiet } from './quiet-hours.ts'

/** Something that the reader is told of. */
export type Told =
  | (NoticeInfo & { readonly about: 'event'; readonly atMs: number })
  | {
      readonly about: 'share'
      readonly kind: 'shareEnding'
      readonly id: string
      readonly share: Share
      /** When it came into sight that it ends. */
      readonly atMs: number
      readonly isRead: boolean
    }
  | {
      readonly about: 'alert'
      readonly kind: 'thresholdCrossed' | 'deviceSilent'
      readonly id: string
      readonly alert: KeptAlert
      /** When it began. */
      readonly atMs: number
      /** Also where somebody has said that they saw it, or put it off. */
      readonly isRead: boolean
    }
export type ToldKind = Told['kind']

const NO_ALERTS = { kinds: null }
const ALWAYS: ReadonlySet<ToldKind> = new Set(['security', 'thresholdCrossed', 'deviceSilent'])
const DAY_MS = 86_400_000
const ENDING_MS = 3 * DAY_MS
/** How long somebody who was away still hears that a share has run out. */
const ENDED_MS = 14 * DAY_MS

/** Three days before a share ends, or for a short one, in its last quarter. One that was stopped, or that nobody gets anything by, needs no word. */
function endingOf(share: Share, read: ReadonlySet<string>, nowMs: number): Told[] {
  const { direction, grantId, state, endedNs, bar } = share
  const [startMs, endMs] = [msOf(share.startNs), msOf(share.endNs)]
  const atMs = Math.trunc(endMs - Math.min(ENDING_MS, (endMs - startMs) / 4))
  const isRunning = (state === 'live' && bar === null) || (state === 'ended' && endedNs === null)
  if (direction !== 'given' || !isRunning || share.replacedBy !== undefined || nowMs < atMs || nowMs > endMs + ENDED_MS)
    return []
  const id = `ending ${grantId} ${share.endNs}`
  return [{ about: 'share', kind: 'shareEnding', id, share, atMs, isRead: read.has(id) }]
}

/** A crossing is one notice, however it is known by the records that it is in. Who sets a limit wants to be told of it: no choice of kinds asks again. */
function alertsTold({ kinds }: Pick<AlertsView, 'kinds'>, read: ReadonlySet<string>): Told[] {
  return (kinds ?? []).flatMap(({ alerts }) =>
    alerts.map((alert) => ({
      about: 'alert' as const,
      kind: alert.matter === 'above' || alert.matter === 'below' ? 'thresholdCrossed' : 'deviceSilent',
      id: alert.id,
      alert,
      atMs: alert.fromMs,
      isRead: !alert.isOpen || alert.aliases.some((name) => read.has(name)),
    })),
  )
}

/** All that the reader wants to be told, newest first. @param shares null while they are not known. */
export function toldOf(
  notices: Notices,
  shares: readonly Share[] | null,
  nowMs: number,
  alerts: Pick<AlertsView, 'kinds'> = NO_ALERTS,
): Told[] {
  const { notifications } = choicesOf(notices)
  const wanted = (kind: ToldKind) =>
    ALWAYS.has(kind) || notifications === undefined || notifications.some((chosen) => chosen === kind)
  const read = new Set(notices.read)
  const events = notices.notices.map((each) => ({ ...each, about: 'event' as const, atMs: msOf(each.atNs) }))
  const ending = (shares ?? []).flatMap((share) => endingOf(share, read, nowMs))
  return [...events, ...ending, ...alertsTold(alerts, read)]
    .filter(({ kind }) => wanted(kind))
    .toSorted((a, b) => b.atMs - a.atMs)
}

/** Those that ask for attention: unread, and in quiet hours only matters of security. */
export function asking(told: readonly Told[], notices: Notices, nowMs: number): readonly Told[] {
  const quiet = isQuiet(choicesOf(notices).quietHours, nowMs)
  return told.filter(({ isRead, kind }) => !isRead && (!quiet || kind === 'security'))
}

export const choicesOf = ({ choices }: Notices): NoticeChoices['profile'] => choices?.profile ?? {}
