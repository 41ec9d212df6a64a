import {
  encodeSegment,
  inOrder,
  merged,
  momentText,
  type Reading,
  SEGMENT_MEDIA_TYPE,
  summaryOf,
} from '@medguard/readings'
import type { ReadingsHeader } from './sealing.ts'

/** What one batch seals. */
export interface BatchBody {
  readonly content: Uint8Array
  readonly header: ReadingsHeader
}

/** With what stands around it, padding too, below the 16 KiB of a batch: some 2,000 readings of a sensor, some 600 of a cuff. */
const CONTENT_BYTES_MAX = 11 * 1024
const CODES_MAX = 8

/** Readings as the contents of as few batches as they need; one that is there twice is there once. When they were received is now, where nobody says otherwise. */
export function bodiesOf(readings: readonly Reading[], nowMs: number): BatchBody[] {
  const received = readings.map((each) => (each.receivedMs === null ? { ...each, receivedMs: nowMs } : each))
  return parts(inOrder(merged(received).kept)).map(({ content, of }) => ({ content, header: headerOf(of, nowMs) }))
}

interface Part {
  readonly content: Uint8Array
  readonly of: readonly Reading[]
}

function parts(readings: readonly Reading[]): Part[] {
  if (readings.length === 0) return []
  const content = encodeSegment(readings)
  if (content.length <= CONTENT_BYTES_MAX || readings.length === 1) return [{ content, of: readings }]
  const half = Math.ceil(readings.length / 2)
  return [...parts(readings.slice(0, half)), ...parts(readings.slice(half))]
}

function headerOf(readings: readonly Reading[], nowMs: number): ReadingsHeader {
  const [first] = readings
  const codes = [...new Set(readings.map(({ code }) => code))].slice(0, CODES_MAX)
  return {
    title: 'Readings',
    mediaType: SEGMENT_MEDIA_TYPE,
    ...(first === undefined ? {} : { clinicalDate: momentText(first.timeMs, first.offsetMinutes) }),
    codes: codes.map((code) => ({ system: 'http://loinc.org', code })),
    summary: { ...summaryOf(readings) },
    createdAt: new Date(nowMs).toISOString(),
  }
}
