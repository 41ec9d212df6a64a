import type { Device } from './device.ts'

/** Waits grow from a second to five minutes, whatever was answered at first. */
const FIRST_WAIT_MS = 1_000
const WAIT_MAX_MS = 300_000
/** What somebody who answers may ask for at most. */
const ASKED_WAIT_MAX_MS = 3_600_000

export interface SendingOptions {
  readonly signal?: AbortSignal
  /** A batch was taken. */
  readonly onKept?: () => void
  /** What it waits for, and how long. */
  readonly onWait?: (why: string, waitMs: number) => void
  /** 0 to 1. */
  readonly random?: () => number
  readonly pause?: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

/**
 * The wait before the next try: twice as long after each, somewhere in its upper half, so that devices that lost the same network do not come back together; and never before
 * the time that was asked for.
 */
export function waitMsOf(turn: number, afterMs: number | null, random: () => number): number {
  const grown = Math.min(WAIT_MAX_MS, FIRST_WAIT_MS * 2 ** Math.min(turn, 20))
  const asked = Math.min(Math.max(afterMs ?? 0, 0), ASKED_WAIT_MAX_MS)
  return Math.max(grown * (0.5 + random() / 2), asked * (1 + random() / 10))
}

/** Posts until nothing waits any more. Gives up for no answer; ends with the signal alone. */
export async function sendAll(device: Pick<Device, 'send'>, options: SendingOptions = {}): Promise<void> {
  const { signal, onKept, onWait, random = Math.random, pause = pauseFor } = options
  let turn = 0
  for (;;) {
    if (signal?.aborted === true) return
    const sent = await device.send()
    if (sent.kind === 'nothing') return
    if (sent.kind === 'kept') {
      turn = 0
      onKept?.()
      continue
    }
    const waitMs = waitMsOf(turn++, sent.afterMs, random)
    onWait?.(sent.why, waitMs)
    await pause(waitMs, signal)
  }
}

function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end, { once: true })
  })
}
