import type { RecordSummary } from '@medguard/client'

/**
 * Whether a record is somebody else's word: another person or a device stored it, or it came as a file. It stays as it came, since whoever reads it
 * relies on that; what is not right with it is said in a note that goes along. A record of one's own, put back from a copy, is still one's own.
 */
export function staysAsItCame({ depositedBy, origin, fileName }: RecordSummary, me: string): boolean {
  if (fileName !== null) return true
  if (depositedBy !== undefined && depositedBy !== me) return true
  return origin?.storedBy !== undefined && origin.isOwn !== true && origin.storedBy !== me
}
