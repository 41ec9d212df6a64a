import { createOutbox, type LeafDraft, type Outbox, type OutboxOptions } from './outbox.ts'
import { type Rows, section } from './maps.ts'

export interface OutboxesOptions extends Omit<OutboxOptions, 'send'> {
  /** Where the streams to further shards are, each in a section of its own number. */
  readonly shardRows: Rows
  /** @param shard 0 for the first canister of the log. */
  readonly sendTo: (shard: number) => OutboxOptions['send']
  /** How many canisters the log has besides the first. */
  readonly shardCount: () => number
  /** Which of them has the lines of a patient. Asked only where there are any. */
  readonly shardOf: (patientId: Uint8Array) => number
  /** Runs in the message that queues a line, where there are several shards. */
  readonly onQueued?: (draft: LeafDraft, shard: number) => void
}

/**
 * One stream to each canister of the log. Lines about a patient go to the shard that has the patient, all others to the first one. A shard that does not answer keeps
 * nobody waiting but its own patients.
 *
 * With one canister it is the one stream it always was, in the rows where it always was.
 */
export function createOutboxes(options: OutboxesOptions) {
  const { shardRows, sendTo, shardCount, shardOf, onQueued, source, nowNs, schedule } = options
  const root = createOutbox({ ...options, send: sendTo(0) })
  const further: Outbox[] = []
  const box = (shard: number): Outbox =>
    shard === 0
      ? root
      : (further[shard] ??= createOutbox({
          rows: section(shardRows, shard),
          source,
          nowNs,
          schedule,
          send: sendTo(shard),
        }))
  const numberFor = (patientId: Uint8Array | undefined): number =>
    patientId === undefined || shardCount() === 0 ? 0 : shardOf(patientId)

  return {
    queue(draft: LeafDraft): bigint {
      const shard = numberFor(draft.patientId)
      const seq = box(shard).queue(draft)
      if (onQueued !== undefined && shardCount() > 0) onQueued(draft, shard)
      return seq
    },
    /** @param drafts about one patient. */
    appendAcknowledged: (drafts: readonly LeafDraft[]): ReturnType<Outbox['appendAcknowledged']> =>
      box(numberFor(drafts[0]?.patientId)).appendAcknowledged(drafts),
    /** Of the stream that has the lines of this patient; null: of those about nobody. */
    isFull: (patientId: Uint8Array | null): boolean => box(numberFor(patientId ?? undefined)).isFull(),
    isShardFull: (shard: number): boolean => box(shard).isFull(),
    nextSeq: (patientId: Uint8Array): bigint => box(numberFor(patientId)).nextSeq(),
    isAcknowledged: (patientId: Uint8Array, seq: bigint): boolean => box(numberFor(patientId)).isAcknowledged(seq),
    flush: (patientId: Uint8Array): Promise<void> => box(numberFor(patientId)).flush(),
    /** See `Outbox`. That an upgrade happened the first canister is told. */
    resume(canisterVersion: bigint): void {
      root.resume(canisterVersion)
      for (let shard = 1; shard <= shardCount(); shard++) schedule(0, () => box(shard).flush())
    },
  }
}
export type Outboxes = ReturnType<typeof createOutboxes>
