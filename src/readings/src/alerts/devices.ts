import { usualStepMs } from '../gaps.ts'
import type { Piece } from './crossings.ts'

// Devices that are not heard of, and clocks that cannot be right.

/** Earlier postings say nothing of how it is used now. */
const POSTINGS = 50
/** As of readings: one late posting is no silence. */
const STEPS = 2.5
/** Nobody hurries for a device that is late by less. */
const SHORTEST_MS = 30 * 60_000
/** A device that was put away is no news for ever. */
export const SILENT_MAX_MS = 14 * 86_400_000
/** Readings cannot be of later than when they came. */
const AHEAD_MS = 10 * 60_000

export interface Silence {
  /** When it was heard last. */
  readonly fromMs: number
  /** After how long it is silent. */
  readonly afterMs: number
  readonly lastRecord: string
}

/**
 * Whether a device that usually posts has not: by how often somebody said it should, else by its own habit, where it has one.
 *
 * @param pieces of this device.
 * @param everyMinutes 0: its silence means nothing; null: nobody said.
 */
export function silenceOf(
  pieces: readonly Piece[],
  { everyMinutes, nowMs }: { readonly everyMinutes: number | null; readonly nowMs: number },
): Silence | null {
  const heard = pieces
    .flatMap(({ heardMs, recordId }) => (heardMs === null ? [] : [{ heardMs, recordId }]))
    .toSorted((a, b) => a.heardMs - b.heardMs)
    .slice(-POSTINGS)
  const last = heard.at(-1)
  if (last === undefined || everyMinutes === 0) return null
  const stepMs = everyMinutes === null ? usualStepMs(heard.map(({ heardMs }) => heardMs)) : everyMinutes * 60_000
  if (stepMs === null) return null
  const afterMs = everyMinutes === null ? Math.max(STEPS * stepMs, SHORTEST_MS) : stepMs
  const silentMs = nowMs - last.heardMs
  return silentMs > afterMs && silentMs <= SILENT_MAX_MS + afterMs
    ? { fromMs: last.heardMs, afterMs, lastRecord: last.recordId }
    : null
}

/** Records whose readings are of later than when they came, or that say so themselves. Of each the first and the last moment that it claims. */
export const wronglyTimed = (pieces: readonly Piece[]): readonly Piece[] =>
  pieces.filter(({ summary, heardMs, readings }) => {
    const isAhead = summary !== null && heardMs !== null && summary.toMs > heardMs + AHEAD_MS
    return isAhead || (readings ?? []).some(({ flags }) => flags.includes('clockWrong'))
  })
