import type { Reading } from '@medguard/readings'
import type { Device } from '../device.ts'
import { DeviceFault } from '../fault.ts'
import { sendAll } from '../sending.ts'
import type { Truth } from '../simulate.ts'
import type { Line } from './lines.ts'

/** What a stream tells as it goes, each as a line of JSON. */
export type Told =
  /** All lines up to this one are safe or were refused: whoever sends them may forget them. */
  | { readonly kept: number }
  | { readonly refused: number; readonly problem: string }
  | { readonly posted: number }
  /** Of a simulation: what was measured. */
  | { readonly truth: Truth }
  | { readonly waiting: string; readonly seconds: number }

export interface StreamOptions {
  readonly everyMs: number
  readonly tell: (told: Told) => void
  /** Ends reading; what came in is still sealed. */
  readonly signal: AbortSignal
  /** Whether to post all that waits before it ends. */
  readonly isFinished: boolean
}

const COLLECTED_MAX = 500
/** How often somebody without room looks whether there is some. */
const ROOM_MS = 1_000

/** Seals lines as they come, and posts beside it: nobody who measures waits for the network. */
export async function stream(device: Device, lines: AsyncIterable<Line>, options: StreamOptions): Promise<void> {
  const { everyMs, tell, signal, isFinished } = options
  const over = new AbortController()
  signal.addEventListener('abort', () => over.abort(), { once: true })
  let collected: Reading[] = []
  let newest = 0
  let posted = 0
  let wake: () => void = () => {}

  const flush = async (): Promise<void> => {
    const [readings, upTo] = [collected, newest]
    collected = []
    if (readings.length > 0) await keepWhenRoom(device, readings, { tell, signal })
    tell({ kept: upTo })
    wake()
  }
  let flushing: Promise<void> = Promise.resolve()
  let failure: unknown = null
  const flushNext = (): Promise<void> => {
    flushing = flushing.then(flush)
    flushing.catch((error: unknown) => {
      failure ??= error
      over.abort()
    })
    return flushing
  }
  const sendOn = async (): Promise<void> => {
    const sending = {
      signal: over.signal,
      onKept: () => tell({ posted: ++posted }),
      onWait: (why: string, waitMs: number) => tell({ waiting: why, seconds: Math.ceil(waitMs / 1000) }),
    }
    while (!over.signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve
        over.signal.addEventListener('abort', () => resolve(), { once: true })
      })
      await sendAll(device, sending)
      await woken
    }
  }
  const sending = sendOn()
  sending.catch((error: unknown) => {
    failure ??= error
    over.abort()
  })

  let timer: NodeJS.Timeout | null = null
  const stop = () => (timer === null ? undefined : clearTimeout(timer))
  const iterator = lines[Symbol.asyncIterator]()
  const aborted = new Promise<null>((resolve) => {
    if (over.signal.aborted) resolve(null)
    over.signal.addEventListener('abort', () => resolve(null), { once: true })
  })
  for (;;) {
    const next = await Promise.race([iterator.next(), aborted])
    if (next === null || next.done === true) break
    const line = next.value
    newest = line.number
    if ('problem' in line) tell({ refused: line.number, problem: line.problem })
    else collected.push(line.reading)
    if (collected.length >= COLLECTED_MAX) {
      stop()
      timer = null
      await flushNext()
    } else
      timer ??= setTimeout(() => {
        timer = null
        void flushNext().catch(() => {})
      }, everyMs)
  }
  stop()
  await flushNext()
  if (isFinished && !over.signal.aborted)
    await sendAll(device, {
      signal: over.signal,
      onKept: () => tell({ posted: ++posted }),
      onWait: (why, waitMs) => tell({ waiting: why, seconds: Math.ceil(waitMs / 1000) }),
    })
  over.abort()
  await sending
  if (failure !== null) throw failure
}

/** Who has no room reads no more, so that whoever sends waits too. */
async function keepWhenRoom(
  device: Device,
  readings: readonly Reading[],
  { tell, signal }: Pick<StreamOptions, 'tell' | 'signal'>,
): Promise<void> {
  for (let turn = 0; ; turn++) {
    try {
      await device.keep(readings)
      return
    } catch (error) {
      if (!(error instanceof DeviceFault) || error.code !== 'Full' || signal.aborted) throw error
      if (turn === 0) tell({ waiting: 'NoRoomHere', seconds: 0 })
      await new Promise((resolve) => setTimeout(resolve, ROOM_MS))
    }
  }
}
