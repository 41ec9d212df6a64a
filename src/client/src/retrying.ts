import { isUnanswered, Refused } from './outcome.ts'

/** Waits before each further try, in milliseconds: a line that drops for some seconds interrupts nobody. */
const WAITS_MS = [250, 1_000, 4_000] as const

/**
 * Asks again, after a while, when no answer came or the canister was busy. For questions that may be asked twice.
 *
 * @throws what the last try threw; the signal's reason once it is aborted.
 */
export async function retried<T>(ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let turn = 0; ; turn++) {
    signal?.throwIfAborted()
    try {
      return await ask()
    } catch (error) {
      const waitMs = WAITS_MS[turn]
      if (waitMs === undefined || !mayPass(error)) throw error
      await pause(waitMs * (0.5 + Math.random()), signal)
    }
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof Refused) return error.refusal.kind === 'Busy'
  return isUnanswered(error)
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer)
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end)
      resolve()
    }, ms)
    signal?.addEventListener('abort', end, { once: true })
  })
}
