import type { NoticeInfo, NoticeKind, NoticeChoices, Notices, Share } from '@medguard/client'
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
export type ToldKind = NoticeKind | 'shareEnding'

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

/** All that the reader wants to be told, newest first. @param shares null while they are not known. */
export function toldOf(notices: Notices, shares: readonly Share[] | null, nowMs: number): Told[] {
  const { notifications } = choicesOf(notices)
  const wanted = (kind: ToldKind) => kind === 'security' || notifications === undefined || notifications.includes(kind)
  const read = new Set(notices.read)
  const events = notices.notices.map((each) => ({ ...each, about: 'event' as const, atMs: msOf(each.atNs) }))
  const ending = (shares ?? []).flatMap((share) => endingOf(share, read, nowMs))
  return [...events, ...ending].filter(({ kind }) => wanted(kind)).toSorted((a, b) => b.atMs - a.atMs)
}

/** Those that ask for attention: unread, and in quiet hours only matters of security. */
export function asking(told: readonly Told[], notices: Notices, nowMs: number): readonly Told[] {
  const quiet = isQuiet(choicesOf(notices).quietHours, nowMs)
  return told.filter(({ isRead, kind }) => !isRead && (!quiet || kind === 'security'))
}

export const choicesOf = ({ choices }: Notices): NoticeChoices['profile'] => choices?.profile ?? {}
