import { measureOfCode } from './measures.ts'
import { ALSO_MAX, partsOf, type Reading } from './reading.ts'
import { saysTheSame, unitOf } from './units.ts'

// The same reading twice: sent again by its device (after being offline, after a journey, by a restored backup), or told by two sources, as when a cuff's own app and the
// phone's health store both export it.

/**
 * Who a reading is: device, kind, the device's own clock and value, and the number the device gave it. When it was received, and what time that was taken for, are no part of it:
 * these differ when a phone sends it once more from another time zone.
 */
export function readingKey(reading: Reading): string {
  const { source, code, unit, clockMs, durationMs } = reading
  const values = partsOf(reading).map((part) => `${part.code}=${String(part.value)}`)
  return [source.device, code, unit, clockMs, durationMs, source.sequence ?? '', ...values].join('\n')
}

/** How far apart two sources may put one reading: apps cut off the seconds; of what is measured all the time only the same second is the same. */
export const APART_MS = 60_000
const APART_DENSE_MS = 1_000

const toleranceOf = (code: string) => (measureOfCode(code)?.isDense === true ? APART_DENSE_MS : APART_MS)
/** Codes of one measure are told apart by their units, not by who they are of. */
export const kindOf = (code: string): string => measureOfCode(code)?.id ?? code

/** Whether two sources tell one reading. */
export function tellsTheSame(a: Reading, b: Reading): boolean {
  if (a.source.device === b.source.device || kindOf(a.code) !== kindOf(b.code)) return false
  const apartMs = toleranceOf(a.code)
  if (Math.abs(a.timeMs - b.timeMs) > apartMs || Math.abs(a.durationMs - b.durationMs) > apartMs) return false
  const [some, others] = [partsOf(a), partsOf(b)]
  const pairs = some.flatMap((part) => {
    const other = others.find(({ code }) => kindOf(code) === kindOf(part.code))
    return other === undefined ? [] : [[part, other] as const]
  })
  // A mean pressure that one of them leaves out makes no other reading.
  if (pairs.length < Math.min(some.length, others.length)) return false
  return pairs.every(([{ code, value }, { value: other }]) => {
    if (value === null || other === null) return value === other
    const measure = measureOfCode(code)
    const [from, to] = measure === null ? [null, null] : [unitOf(measure, a.unit), unitOf(measure, b.unit)]
    return from === null || to === null ? a.unit === b.unit && value === other : saysTheSame(value, from, other, to)
  })
}

export interface Duplicate {
  readonly dropped: Reading
  /** Place in `kept` of the one that stays. */
  readonly of: number
  /** `repeat`: sent again by the same source. */
  readonly why: 'repeat' | 'otherSource'
}
export interface Merged {
  /** In the order they came, each with the sources that told it too. */
  readonly kept: readonly Reading[]
  readonly duplicates: readonly Duplicate[]
}

/**
 * What is new in a list, and what is there twice. Of two the earlier in the list stays: put those first that are stored. One reading takes at most one of each other source to
 * itself, so that two equal values of a dense source stay two.
 */
export function merged(readings: readonly Reading[]): Merged {
  const kept: Reading[] = []
  const duplicates: Duplicate[] = []
  const byKey = new Map<string, number>()
  const near = new Map<string, number[]>()
  for (const reading of readings) {
    const key = readingKey(reading)
    const same = byKey.get(key)
    if (same !== undefined) {
      duplicates.push({ dropped: reading, of: same, why: 'repeat' })
      continue
    }
    const kind = kindOf(reading.code)
    const bucket = Math.floor(reading.timeMs / APART_MS)
    const around = [bucket - 1, bucket, bucket + 1].flatMap((place) => near.get(`${kind} ${place}`) ?? [])
    const other = nearest(reading, around, kept)
    const { device } = reading.source
    if (other !== null) {
      const stays = kept[other]
      if (stays !== undefined) kept[other] = { ...stays, also: [...stays.also, device].slice(0, ALSO_MAX) }
      byKey.set(key, other) // and the same sent again is a repeat of it
      duplicates.push({ dropped: reading, of: other, why: 'otherSource' })
      continue
    }
    byKey.set(key, kept.length)
    const place = `${kind} ${bucket}`
    const there = near.get(place)
    if (there === undefined) near.set(place, [kept.length])
    else there.push(kept.length)
    kept.push(reading)
  }
  return { kept, duplicates }
}

function nearest(reading: Reading, places: readonly number[], kept: readonly Reading[]): number | null {
  let best: { place: number; apart: number } | null = null
  for (const place of places) {
    const other = kept[place]
    if (other === undefined || other.also.includes(reading.source.device) || !tellsTheSame(other, reading)) continue
    const apart = Math.abs(other.timeMs - reading.timeMs)
    if (best === null || apart < best.apart) best = { place, apart }
  }
  return best?.place ?? null
}
