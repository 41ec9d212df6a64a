import { ALERTS_MEDIA_TYPE, type RecordSummary } from '@medguard/client'
import { type Reading, SEGMENT_MEDIA_TYPE, summaryOf } from '@medguard/readings'

/** A record as a list shows it: a text, undated, of one's own. */
export const listedRecord = (recordId: string, over: Partial<RecordSummary> = {}): RecordSummary => ({
  vault: { of: 'me' },
  recordId,
  version: 1,
  category: 'labs',
  title: recordId,
  fileName: null,
  mediaType: 'text/plain',
  clinicalDate: null,
  author: null,
  subject: null,
  sizeBytes: 1,
  addedNs: null,
  ...over,
})

/** Readings that were posted together, as far as their header tells. */
export const listedReadings = (
  recordId: string,
  readings: readonly Reading[],
  over: Partial<RecordSummary> = {},
): RecordSummary =>
  listedRecord(recordId, {
    category: 'vitals',
    title: 'Readings',
    mediaType: SEGMENT_MEDIA_TYPE,
    readings: { ...summaryOf(readings) },
    ...over,
  })

/** A limit that somebody set an hour before a moment. */
export const listedLimit = (nowMs: number, limit: { code: string; unit: string; above: number }): RecordSummary =>
  listedRecord('limit', {
    category: 'vitals',
    mediaType: ALERTS_MEDIA_TYPE,
    readings: {
      kind: 'threshold',
      id: '0a'.repeat(16),
      by: 'aaaaa-aa',
      atMs: nowMs - 3_600_000,
      below: null,
      holdMinutes: 0,
      replaces: null,
      ...limit,
    },
  })
