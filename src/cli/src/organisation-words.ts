import type { Organisation } from '@medguard/client'
import { toTime } from './format.ts'

/** Whether the council stands behind an organisation, since when and until when. */
export function standingText({ isSuspended, isInForce, verified }: Organisation): string {
  if (isSuspended) return 'SUSPENDED by the council'
  if (verified === null) return 'NOT VERIFIED'
  const { sinceNs, untilNs } = verified
  return isInForce ? `verified by the council on ${toTime(sinceNs)}, until ${toTime(untilNs)}` : 'NOT VERIFIED any more'
}
