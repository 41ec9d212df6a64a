import { type Category, NS_PER_MS } from '@medguard/protocol'
import type { Share } from '../api-shares.ts'

/** Shares as a whole of a kind that devices' readings go to, in force and to be listed, one for each patient: that which lasts longest. */
export function watchedShares(shares: readonly Share[], category: Category, nowMs: number): Share[] {
  const open = shares.filter(
    (share) =>
      isInForce(share, nowMs) &&
      share.replacedBy === undefined &&
      share.scope.includes(category) &&
      share.rights.includes('list'),
  )
  const longest = open.toSorted((a, b) => Number(b.endNs - a.endNs))
  return longest.filter((share, i) => longest.findIndex(({ patient }) => patient === share.patient) === i)
}

/** By the last certified list, and by the own clock since. */
function isInForce({ state, bar, startNs, endNs }: Share, nowMs: number): boolean {
  const isOver =
    state === 'notFinished' || state === 'revoked' || state === 'ended' || nowMs >= Number(endNs / NS_PER_MS)
  const isToCome = state === 'notStarted' && nowMs < Number(startNs / NS_PER_MS)
  return !isOver && !isToCome && bar === null
}
