import { type Deliver, Undelivered } from './channels.ts'
import type { WatchConfig } from './config.ts'
import { createFollowing, type WatchClient } from './following.ts'
import { deliveryOf, type Kept, nothingKept, readKept, writeKept } from './ledger.ts'
import { hasPassed } from './passed.ts'
import { type Due, dueNow, noteDelivered, noteFailed, type Standing, takeNote } from './telling.ts'

/** As often as the page asks. */
export const EVERY_MS = 5_000
/** Without news what is kept is written so often: whoever asks how it stands sees that it runs. */
const SAVE_EVERY_MS = 30_000

/** A line of the process' log: what happened, how often and why; of nobody's health. */
export interface WatchLine {
  readonly event: 'started' | 'told' | 'notTold' | 'notRead' | 'notKept' | 'stopped'
  readonly kind?: string
  readonly channel?: string
  readonly count?: number
  readonly why?: string
}
export interface WatchParts {
  readonly client: WatchClient
  /** Principal of whose readings they are, where they are one's own. */
  readonly owner: string
  readonly config: WatchConfig
  readonly deliver: Deliver
  /** Its own, and locked. */
  readonly folder: string
  readonly now: () => number
  readonly log: (line: WatchLine) => void
}

/**
 * Looks, tells and notes, in that order: what was sent and not noted before a crash is sent once more under the same id, and nothing is noted that was not sent.
 *
 * @throws UsageError where what was kept is damaged.
 */
export function createWatch({ client, owner, config, deliver, folder, now, log }: WatchParts) {
  const kept: Kept = readKept(folder) ?? nothingKept(now())
  Object.assign(kept, { startedMs: now(), blindMinutes: config.blindMinutes })
  const names = new Set(config.people.flatMap(({ channels }) => channels.map(({ name }) => name)))
  for (const name of Object.keys(kept.channels)) if (!names.has(name)) delete kept.channels[name]
  const { of, kinds } = config
  const following = createFollowing({ client, of, kinds, owner, now })

  /** Since this start. */
  let hasRead = false

  const save = (): void => {
    const before = kept.savedMs
    kept.savedMs = now()
    try {
      writeKept(folder, kept)
    } catch (error) {
      // Without room on the disk people are told all the same; it is in memory that they were.
      kept.savedMs = before
      log({ event: 'notKept', why: error instanceof Error && 'code' in error ? String(error.code) : 'failed' })
    }
  }
  // The ids of messages rest on what is drawn for each address: it is on the disk before the first is sent.
  for (const name of names) deliveryOf(kept, name)
  save()

  const tell = async (due: Due): Promise<void> => {
    const { channel, message } = due
    const said = { kind: message.kind, channel: channel.kind, count: message.count }
    try {
      await deliver(channel, message)
      noteDelivered(kept, due, now())
      log({ event: 'told', ...said })
    } catch (error) {
      if (!(error instanceof Undelivered)) throw error
      noteFailed(kept, due, error.message, now())
      log({ event: 'notTold', ...said, why: error.message })
    }
    save()
  }
  const tellAll = async (dues: readonly Due[]): Promise<void> => {
    for (const due of dues) await tell(due)
  }

  return {
    save,
    /** One look, and what follows from it. */
    async round(): Promise<void> {
      const { readMs } = kept
      const why = await following.look()
      if (why !== null) log({ event: 'notRead', why })
      const seen = following.seen()
      if (why === null && seen.length > 0 && seen.every(({ alerts }) => alerts !== null))
        kept.readMs = Math.min(...seen.map(({ heardMs }) => heardMs))
      const standing: Standing = {
        config,
        kept,
        seen,
        over: following.over(),
        signIns: following.signIns(),
        nowMs: now(),
      }
      // Before it was asked, nobody knows what is shared.
      if (following.isKnown()) takeNote(standing)
      await Promise.all(dueNow(standing).map(tellAll))
      const isFirst = !hasRead && kept.readMs !== readMs
      hasRead ||= isFirst
      if (isFirst || hasPassed(kept.savedMs, SAVE_EVERY_MS, now())) save()
    },
  }
}
export type Watch = ReturnType<typeof createWatch>
