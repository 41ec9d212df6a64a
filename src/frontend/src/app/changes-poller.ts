import { createStore } from 'zustand/vanilla'

/**
 * A query while the page is visible, as a hint: half of the two seconds within which what happened elsewhere shows (decision 36). The first poll after it is
 * enough; the other half is for its answer and for the question that it leads to.
 */
export const POLL_EVERY_MS = 1_000
/** After so many failed polls in a row nobody can say what is still allowed. */
export const FAILED_POLLS_MAX = 3

export interface Live {
  /** Failed polls in a row. */
  readonly failures: number
  /** Goes up by one whenever something changed at the other end. */
  readonly changes: number
  /** When the last poll was answered; null before the first. */
  readonly answeredMs: number | null
}

export interface PollerParts {
  changes(): Promise<bigint>
  isVisible(): boolean
  now(): number
  setTimer(work: () => void, ms: number): () => void
}

export function createChangesPoller(parts: PollerParts) {
  let counter: bigint | null = null
  let running = 0
  let cancel = () => {}

  const live = createStore<Live>()(() => ({ failures: 0, changes: 0, answeredMs: null }))

  const poll = async (run: number): Promise<void> => {
    if (run !== running) return
    if (parts.isVisible()) {
      const answer = await parts.changes().then(
        (value) => ({ value }),
        () => null, // a hint that did not come: counted, and acted on after the third
      )
      if (run !== running) return
      const before = live.getState()
      if (answer === null) {
        live.setState({ failures: before.failures + 1 })
      } else {
        // The first answer is what later ones are compared with. When it came late, after failed polls (before enrolment every poll is
        // refused), something may have changed since the page last asked, so that it counts as a change.
        const changed = counter === null ? before.failures > 0 : counter !== answer.value
        counter = answer.value
        live.setState({ failures: 0, changes: before.changes + (changed ? 1 : 0), answeredMs: parts.now() })
      }
    }
    cancel = parts.setTimer(() => void poll(run), POLL_EVERY_MS)
  }

  return {
    live,
    /** Starts, or asks at once when it runs already (the page came back into sight). */
    start() {
      cancel()
      void poll(++running)
    },
    stop() {
      running++
      cancel()
    },
  }
}
export type ChangesPoller = ReturnType<typeof createChangesPoller>
