import type { MedGuardClient, RecordSummary } from '@medguard/client'
import { type KeptAlert, type KindAlerts, lookThrough } from '@medguard/client/alert-report'
import type { Reading } from '@medguard/readings'
import { readingsReaderOf } from '../devices/readings-reader.ts'

// Loaded once there is something to look through.

export { type KeptAlert, type KindAlerts, lookThrough }

/** Readings that the reader has opened since the sign-in. */
export function openedReadings(client: MedGuardClient): (record: RecordSummary) => readonly Reading[] | null {
  const reader = readingsReaderOf(client)
  return (record) => (reader.isRead(record) ? reader.of([record]) : null)
}
