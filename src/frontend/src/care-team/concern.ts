import { isOpen } from '@medguard/readings'
import type { Look } from './board-store.ts'
import type { Latest } from '../devices/latest.ts'

/** How much somebody needs looking at, for the order of the board alone: the number itself is shown to nobody. */
export function concernOf(look: Look, latest: Latest | null): number {
  if (look.status === 'failed') return 3
  if (latest === null) return 0
  const open = latest.alerts.filter(isOpen)
  if (open.some(({ matter }) => matter === 'above' || matter === 'below')) return 4
  if (open.some(({ matter }) => matter === 'silent')) return 3
  if (open.length > 0 || latest.unreadable > 0) return 2
  return latest.gaps.length > 0 || latest.remarked > 0 ? 1 : 0
}
