import type { Look } from './board-store.ts'
import type { Latest } from '../devices/latest.ts'

/** How much somebody needs looking at, for the order of the board alone: the number itself is shown to nobody. */
export function concernOf(look: Look, latest: Latest | null): number {
  if (look.status === 'failed') return 3
  if (latest === null) return 0
  if (latest.silent !== null) return 3
  if (latest.aheadMs !== null || latest.unreadable > 0) return 2
  return latest.gaps.length > 0 || latest.remarked > 0 ? 1 : 0
}
