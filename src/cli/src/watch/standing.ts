import { lockFolder } from '@medguard/client/node'
import { UsageError } from '../exit-code.ts'
import { readKept } from './ledger.ts'
import { hasPassed } from './passed.ts'

const MINUTE_MS = 60_000

/** How a watch stands, by what it keeps; asks nobody. */
export interface WatchStanding {
  readonly isRunning: boolean
  /** When everything was last known to be read. */
  readonly read: string | null
  readonly isBlind: boolean
  readonly patients: number
  /** Alerts that ask for somebody. */
  readonly open: number
  readonly channels: readonly {
    readonly channel: string
    readonly delivered: string | null
    readonly failures: number
    readonly why: string | null
  }[]
  /** It runs, it reads, and what was sent last was taken by everybody. */
  readonly isWell: boolean
}

/** @throws UsageError where none ever ran. */
export async function standingOf(folder: string, nowMs: number): Promise<WatchStanding> {
  const kept = readKept(folder)
  if (kept === null) throw new UsageError('no watch of this identity ever ran here')
  const release = await lockWatch(folder)
  await release?.()
  const isRunning = release === null
  const isBlind = kept.readMs === null || hasPassed(kept.readMs, kept.blindMinutes * MINUTE_MS, nowMs)
  const channels = Object.entries(kept.channels).map(([channel, { deliveredMs, failures, why }]) => ({
    channel,
    delivered: timeOf(deliveredMs),
    failures,
    why,
  }))
  const isWell = isRunning && !isBlind && channels.every(({ failures }) => failures === 0)
  const { readMs, followed: patients, open } = kept
  return { isRunning, read: timeOf(readMs), isBlind, patients, open, channels, isWell }
}

/** Null where another process has it. */
export const lockWatch = (folder: string): Promise<(() => Promise<void>) | null> => lockFolder(folder, 'medguard-watch')

export function standingText({ isRunning, read, isBlind, patients, open, channels }: WatchStanding): string {
  const last = read === null ? 'nothing was read yet' : `everything was last read at ${read}`
  return [
    isRunning ? 'running' : 'NOT RUNNING: nobody is told of anything',
    `${isBlind ? 'BLIND: ' : ''}${last}`,
    `${patients} patients, ${open} alerts that nobody has answered`,
    ...channels.map(({ channel, delivered, failures, why }) =>
      failures === 0
        ? `${channel}: last message taken at ${delivered ?? '(none yet)'}`
        : `${channel}: NOT REACHED, ${failures} tries (${why ?? 'unknown'}); before that ${delivered ?? 'never'}`,
    ),
  ].join('\n')
}

const timeOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())
