import type { Share } from '@medguard/client'
import { msOf } from '../app/dates.ts'

export const WORKLIST_ORDERS = ['ending', 'newest'] as const
export type WorklistOrder = (typeof WORKLIST_ORDERS)[number]

/** What was shared within this time is marked as new: no list is asked for to tell it, which would be in the patient's log. */
export const NEW_MS = 86_400_000

const NONE: ReadonlySet<string> = new Set()

export const isOver = (share: Share, nowMs: number): boolean =>
  share.state === 'ended' || share.state === 'revoked' || msOf(share.endNs) <= nowMs

export const isNew = ({ startNs }: Share, nowMs: number): boolean =>
  msOf(startNs) <= nowMs && msOf(startNs) > nowMs - NEW_MS

/** Shares that are there as a whole: those that still run in the chosen order, or those that are over, the last first. */
export function worklist(
  shares: readonly Share[],
  wanted: {
    readonly tab: 'now' | 'past'
    readonly order: WorklistOrder
    readonly nowMs: number
    /** Ids of those that have more than was looked at: among the new ones they come first. */
    readonly grown?: ReadonlySet<string>
  },
): Share[] {
  const { tab, order, nowMs, grown = NONE } = wanted
  const whole = shares.filter(({ state }) => state !== 'notFinished')
  if (tab === 'past')
    return whole
      .filter((share) => isOver(share, nowMs))
      .toSorted((a, b) => msOf(b.endedNs ?? b.endNs) - msOf(a.endedNs ?? a.endNs))
  const running = whole.filter((share) => !isOver(share, nowMs) && share.replacedBy === undefined)
  return order === 'ending'
    ? running.toSorted((a, b) => msOf(a.endNs) - msOf(b.endNs))
    : running.toSorted(
        (a, b) => Number(grown.has(b.grantId)) - Number(grown.has(a.grantId)) || msOf(b.startNs) - msOf(a.startNs),
      )
}
