import type { LogReport, Share } from '@medguard/client'
import { msOf } from '../app/dates.ts'

/** By a share and by what it was changed from: when something was opened last, null for never; undefined where the log that was read does not prove it. */
export function lastOpenedMs(report: LogReport, share: Share, shares: readonly Share[]): number | null | undefined {
  const { verification, items } = report
  if (verification.kind !== 'verified' || !verification.checked.includes('complete')) return undefined
  const ids = new Set([share.grantId])
  for (let before = share.inPlaceOf; before !== undefined && !ids.has(before);) {
    ids.add(before)
    const id = before
    before = shares.find(({ grantId }) => grantId === id)?.inPlaceOf
  }
  const opened = items.filter(
    ({ event, grantId, failedOrWithheld }) =>
      event === 'open' && !failedOrWithheld && grantId !== null && ids.has(grantId),
  )
  return opened.length === 0 ? null : Math.max(...opened.map(({ timeNs }) => msOf(timeNs)))
}
