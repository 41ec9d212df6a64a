import type { DeviceInfo, RecordSummary } from '@medguard/client'
import {
  BLOOD_PRESSURE,
  type CodeSummary,
  DIASTOLIC,
  measureOfCode,
  type Reading,
  silenceOf,
  summaryFromJson,
  SYSTOLIC,
  wronglyTimed,
} from '@medguard/readings'
import { msOf } from '../app/dates.ts'

// How a device is doing, told by what its sealed headers say and by what was opened: nothing is opened for it.

export interface LastReading {
  readonly code: string
  /** UCUM. */
  readonly unit: string
  /** Upper and lower value of a blood pressure, else one. */
  readonly values: readonly number[]
  readonly ms: number
}
export interface DeviceHealth {
  readonly last: LastReading | null
  /** Since when it is silent although it usually is not. */
  readonly silentMs: number | null
  readonly isClockWrong: boolean
}

/** @param own records that it posted. @param readingsOf what was opened of one. */
export function healthOf(
  { state }: Pick<DeviceInfo, 'state'>,
  own: readonly RecordSummary[],
  nowMs: number,
  readingsOf: (record: RecordSummary) => readonly Reading[],
): DeviceHealth {
  const pieces = own.map((record) => {
    const readings = readingsOf(record)
    return {
      recordId: record.recordId,
      deviceId: record.deviceId ?? null,
      heardMs: record.addedNs === null ? null : msOf(record.addedNs),
      summary: summaryFromJson(record.readings),
      readings: readings.length === 0 ? null : readings,
    }
  })
  const [newest] = pieces.flatMap(({ summary }) => summary ?? []).toSorted((a, b) => b.toMs - a.toMs)
  return {
    last: newest === undefined ? null : lastOf(newest.codes, newest.toMs),
    silentMs: state === 'active' ? (silenceOf(pieces, { everyMinutes: null, nowMs })?.fromMs ?? null) : null,
    isClockWrong: wronglyTimed(pieces).length > 0,
  }
}

function lastOf(codes: readonly CodeSummary[], ms: number): LastReading | null {
  const valueOf = (wanted: string) => codes.find(({ code }) => measureOfCode(code)?.id === wanted)
  const [upper, lower, first] = [valueOf(SYSTOLIC.id), valueOf(DIASTOLIC.id), codes[0]]
  const shown = upper ?? first
  if (shown === undefined) return null
  const pair = upper !== undefined && lower?.unit === upper.unit ? [upper.last, lower.last] : [shown.last]
  return { code: pair.length === 2 ? BLOOD_PRESSURE : shown.code, unit: shown.unit, values: pair, ms }
}
