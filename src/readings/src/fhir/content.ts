import { SegmentFault } from '../bytes.ts'
import type { Reading } from '../reading.ts'
import { decodeSegment, SEGMENT_MEDIA_TYPE } from '../segment.ts'
import { summaryOf } from '../summary.ts'
import { observationOf } from './observation.ts'

// Readings of devices lie in a vault as segments, a few bytes each; whoever is not MedGuard reads Observations.

interface Content {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** A bundle with an Observation for each reading; null for what holds none. */
export function readingsAsFhir(content: Content): Uint8Array | null {
  const readings = readingsIn(content)
  if (readings === null) return null
  const entry = readings.map((reading) => ({ resource: observationOf(reading) }))
  return new TextEncoder().encode(JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry }))
}

/** What a list tells of readings without opening them, made from the readings themselves; empty for what holds none. */
export function readingsSummary(content: Content): { readonly readings?: Readonly<Record<string, unknown>> } {
  const readings = readingsIn(content)
  return readings === null ? {} : { readings: { ...summaryOf(readings) } }
}

function readingsIn({ mediaType, bytes }: Content): readonly Reading[] | null {
  if (mediaType !== SEGMENT_MEDIA_TYPE) return null
  try {
    const readings = decodeSegment(bytes)
    return readings.length === 0 ? null : readings
  } catch (error) {
    if (error instanceof SegmentFault) return null // of another version, or of nobody's: it goes as it is
    throw error
  }
}
