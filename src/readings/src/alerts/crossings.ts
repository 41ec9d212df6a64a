import { measureOfCode } from '../measures.ts'
import { partsOf, type Reading } from '../reading.ts'
import { CODES_MAX, type SegmentSummary } from '../summary.ts'
import { converted, tidied, unitOf } from '../units.ts'
import type { ThresholdEvent } from './events.ts'

// Where readings crossed a limit, by the readings themselves, or, of records that nobody has opened, by what their headers say: lowest and highest value of a stretch of time.

/** A record of readings. */
export interface Piece {
  readonly recordId: string
  readonly deviceId: string | null
  /** When the network, or else its author, says that it came. */
  readonly heardMs: number | null
  /** Of its header; null for one that says nothing that can be read. */
  readonly summary: SegmentSummary | null
  /** Null until it is opened. */
  readonly readings: readonly Reading[] | null
}

/** One reading, or a stretch of them. */
interface Sample {
  readonly recordId: string
  readonly fromMs: number
  readonly toMs: number
  /** In the unit of the threshold. */
  readonly low: number
  readonly high: number
}
export interface Side {
  readonly matter: 'above' | 'below'
  readonly limit: number
}
export interface Crossing extends Side {
  /** Of the first and the last reading beyond the limit. */
  readonly fromMs: number
  readonly lastMs: number
  /** Of the first reading after it that is within; null where none has come. */
  readonly untilMs: number | null
  /** Farthest beyond. */
  readonly worst: number
  /** Records that it is in, in the order of time. */
  readonly records: readonly string[]
  /** False where only opening some of its records tells how long it lasted. */
  readonly isSure: boolean
}
export interface Crossings {
  readonly found: readonly Crossing[]
  /** Records that cannot be judged before they are opened. */
  readonly unread: readonly string[]
}

/** Two readings that are farther apart say nothing about what was in between: the later one is a crossing of its own. */
export const APART_MS = 6 * 3_600_000
/** Whoever sets a limit wants to know how it stands. */
const SET_BACK_MS = 3_600_000
const MS_PER_MINUTE = 60_000

/** @param threshold with when it was set: what was measured long before is no news. */
export function crossingsOf(
  threshold: Pick<ThresholdEvent, 'code' | 'unit' | 'below' | 'above' | 'holdMinutes'> & { readonly atMs: number },
  pieces: readonly Piece[],
): Crossings {
  const unread: string[] = []
  const samples: Sample[] = []
  for (const piece of pieces) {
    const found = samplesOf(piece, threshold)
    if (found === null) unread.push(piece.recordId)
    else samples.push(...found)
  }
  const inOrder = samples
    .filter(({ toMs }) => toMs >= threshold.atMs - SET_BACK_MS)
    .toSorted((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)
  const { below, above, holdMinutes } = threshold
  const sides: Side[] = [
    ...(below === null ? [] : [{ matter: 'below', limit: below } as const]),
    ...(above === null ? [] : [{ matter: 'above', limit: above } as const]),
  ]
  return { found: sides.flatMap((side) => runsOf(inOrder, side, holdMinutes * MS_PER_MINUTE)), unread }
}

/** What a record says about a measure; null where only opening it tells. Nothing is of later than when it came, whatever a clock said. */
function samplesOf({ recordId, heardMs, summary, readings }: Piece, to: Called): readonly Sample[] | null {
  const sampleOf = (span: { fromMs: number; toMs: number }, low: number | null, high: number | null): Sample[] => {
    const [fromMs, toMs] = [span.fromMs, span.toMs].map((ms) => Math.min(ms, heardMs ?? ms)) as [number, number]
    return low === null || high === null ? [] : [{ recordId, fromMs, toMs, low, high }]
  }
  if (readings !== null)
    return readings.flatMap((reading) => {
      // An implausible value may be the one that somebody has to hear of: only what is not of the patient is left out.
      if (reading.flags.includes('calibration')) return []
      const { timeMs, durationMs, unit } = reading
      return partsOf(reading).flatMap(({ code, value }) => {
        const there = value === null ? null : valueIn(value, { code, unit }, to)
        return sampleOf({ fromMs: timeMs, toMs: timeMs + durationMs }, there, there)
      })
    })
  if (summary === null) return null
  const found = summary.codes.flatMap((one) => sampleOf(summary, valueIn(one.min, one, to), valueIn(one.max, one, to)))
  return found.length === 0 && summary.codes.length >= CODES_MAX ? null : found // it names no more codes than these
}

interface Called {
  readonly code: string
  readonly unit: string
}
/** Null for what is of another measure, or has no conversion. */
function valueIn(value: number, from: Called, to: Called): number | null {
  const measure = measureOfCode(to.code)
  if (measure === null || measureOfCode(from.code) !== measure) return null
  const [here, there] = [unitOf(measure, from.unit), unitOf(measure, to.unit)]
  return here === null || there === null ? null : tidied(converted(value, here, there))
}

/** @param samples in the order of time. */
function runsOf(samples: readonly Sample[], side: Side, holdMs: number): Crossing[] {
  const isAbove = side.matter === 'above'
  const reaches = ({ low, high }: Sample) => (isAbove ? high > side.limit : low < side.limit)
  const isWhollyBeyond = ({ low, high }: Sample) => (isAbove ? low > side.limit : high < side.limit)
  const runs: { samples: Sample[]; untilMs: number | null }[] = []
  let run: Sample[] | null = null
  for (const sample of samples) {
    if (!reaches(sample)) {
      const last = runs.at(-1)
      if (run !== null && last !== undefined) last.untilMs = sample.fromMs
      run = null
      continue
    }
    if (run === null || sample.fromMs - endOf(run) > APART_MS) {
      run = [sample]
      runs.push({ samples: run, untilMs: null })
    } else run.push(sample)
  }
  return runs.flatMap((each) => {
    const [first] = each.samples
    if (first === undefined) return []
    const lastMs = endOf(each.samples)
    if (lastMs - first.fromMs < holdMs) return []
    const ends = each.samples.map(({ low, high }) => (isAbove ? high : low))
    return [
      {
        ...side,
        fromMs: first.fromMs,
        lastMs,
        untilMs: each.untilMs,
        worst: ends.reduce((worst, end) => (isAbove ? Math.max(worst, end) : Math.min(worst, end))),
        records: [...new Set(each.samples.map(({ recordId }) => recordId))],
        isSure: holdMs === 0 || each.samples.every(isWhollyBeyond),
      },
    ]
  })
}

const endOf = (samples: readonly Sample[]): number => samples.reduce((end, { toMs }) => Math.max(end, toMs), 0)
