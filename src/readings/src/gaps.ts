/** A time in which readings were to be expected. */
export interface Gap {
  /** Of the last reading before it, and the first after. */
  readonly fromMs: number
  readonly toMs: number
  /** About how many are missing. */
  readonly missing: number
}

/** So many times the usual step is a gap: one late or lost reading is none. */
const STEPS = 2.5
/** Fewer say nothing about what is usual. */
const FEWEST = 6

/** The usual step between moments in order: the middle one. Null where there are too few of them. */
export function usualStepMs(times: readonly number[]): number | null {
  if (times.length < FEWEST) return null
  const steps = times.slice(1).map((ms, i) => ms - (times[i] ?? ms))
  const middle = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0
  return middle > 0 ? middle : null
}

/**
 * Where readings are missing.
 *
 * @param times when there are readings, oldest first.
 * @param stepMs how often there should be one; by default as often as there usually is.
 */
export function gapsOf(times: readonly number[], stepMs: number | null = usualStepMs(times)): Gap[] {
  if (stepMs === null) return []
  return times.slice(1).flatMap((toMs, i) => {
    const fromMs = times[i] ?? toMs
    const steps = (toMs - fromMs) / stepMs
    return steps > STEPS ? [{ fromMs, toMs, missing: Math.round(steps) - 1 }] : []
  })
}
