import {
  APPEND_LEAVES_MAX,
  detailFields,
  encodeDetail,
  encodeLeafInput,
  EVENT,
  NS_PER_MINUTE,
  NS_PER_SECOND,
  OUTBOX_WAITING_MAX,
} from '@medguard/protocol'
import { onTrap } from './flow.ts'
import { type Rows, u64Key } from './maps.ts'
import { keepShape } from './shapes.ts'
import { createUpgradeNotes } from './upgrade-notes.ts'

/** What happened, without the number and time that the outbox adds. Lengths as in `LeafInput`. */
export interface LeafDraft {
  readonly event: number
  readonly flags?: number
  readonly compartmentKind?: number
  /** Raw principal. */
  readonly actor: Uint8Array
  /** Absent: zeros, as for every other id here. */
  readonly patientId?: Uint8Array
  readonly objectId?: Uint8Array
  readonly versionOrEpoch?: number
  readonly requestId?: Uint8Array
  readonly purpose?: number
  /** The event's own fields, made with `detailFields`. */
  readonly fields: Uint8Array
  readonly auditKey?: Uint8Array
}

export interface OutboxOptions {
  readonly rows: Rows
  /** `LOG_SOURCE` of this canister. */
  readonly source: number
  readonly nowNs: () => bigint
  /** Hands leaves to the log. @returns one log index for each, or null when the log did not acknowledge them. Never throws. */
  readonly send: (firstSeq: bigint, leaves: Uint8Array[]) => Promise<readonly bigint[] | null>
  /** Runs a job in a message of its own, as a hint. */
  readonly schedule: (delaySeconds: number, job: () => Promise<void>) => void
  /** Runs with the leaves that tell of upgrades, in whichever message writes them. */
  readonly onUpgradeTold?: () => void
}

// What each line is made of on its way, here and in the log.
keepShape('event', 'source', 'sourceSeq', 'eventTimeNs', 'requestId', 'purpose')
keepShape('event', 'flags', 'compartmentKind', 'actor', 'patientId', 'objectId', 'versionOrEpoch', 'detail', 'auditKey')
keepShape('next', 'acknowledged', 'first')

const ZERO_ID = new Uint8Array(16)
const NOBODY = new Uint8Array(0)
const COUNTERS = new Uint8Array([0])
const UPGRADES = new Uint8Array([2])
const RETRY_SECONDS_MAX = 300
/** Leaves that are kept in the heap besides, so that whoever sends them need not read them again. */
const LEAVES_IN_HEAP_MAX = 256
/**
 * The row of the counters: `next u64 || acknowledged u64 || length u16 || leaf`, always that long. The leaf is the oldest one, while a call is under way that
 * carries nothing else: most do, and so it takes no row of its own to write and remove. Whatever waits longer has a row, where earlier releases look for it too; the first one wrote
 * the two numbers alone.
 */
const FIRST_LEAF_AT = 18
const FIRST_LEAF_BYTES_MAX = 384
const COUNTER_ROW_BYTES = FIRST_LEAF_AT + FIRST_LEAF_BYTES_MAX
/** One for all, which a map copies at once. */
const counterRow = new Uint8Array(COUNTER_ROW_BYTES)
const counterView = new DataView(counterRow.buffer)
interface Counters {
  readonly next: bigint
  readonly acknowledged: bigint
  /** The leaf of number `acknowledged`, where it has no row of its own. */
  readonly first: Uint8Array | null
}
/** A batch on its way. */
interface Sent {
  readonly first: bigint
  readonly count: number
  readonly forget: () => void
  readonly answer: ReturnType<OutboxOptions['send']>
}
/** A timer that trapped forgets itself: after this long past its time it counts as lost. */
const TIMER_GRACE_NS = NS_PER_MINUTE

/**
 * The numbered stream of leaves from one source to the log (decision 17), in stable memory. A leaf that has a number is never withdrawn and never
 * changes; it is sent until the log has acknowledged it, and the log takes it once.
 *
 * Every call carries all that is unacknowledged, so flows that wait at the same time do not wait for each other: on the Internet Computer they
 * cannot, since each has to make a call of its own to be resumed.
 */
export function createOutbox(options: OutboxOptions) {
  const { rows, source, nowNs, send, schedule } = options
  /** Numbers that a flow waits for, and their log index once it is known. */
  const awaited = new Map<bigint, bigint | null>()
  /** What is in the rows of these numbers: a trap undoes both, an upgrade forgets this. */
  const inHeap = new Map<bigint, Uint8Array>()
  let failures = 0
  let timerDueNs: bigint | null = null
  let isFlushing = false

  /** As the row has them, which nobody else writes: a trap undoes both, an upgrade forgets this. */
  let cached: Counters | null = null
  const counters = () => (cached ??= storedCounters(rows))
  const setCounters = (next: bigint, acknowledged: bigint, first: Uint8Array | null) => {
    counterRow.fill(0)
    counterView.setBigUint64(0, next)
    counterView.setBigUint64(8, acknowledged)
    if (first !== null) {
      counterView.setUint16(16, first.length)
      counterRow.set(first, FIRST_LEAF_AT)
    }
    rows.overwrite(COUNTERS, counterRow)
    cached = { next, acknowledged, first }
  }
  const leafKey = (seq: bigint) => {
    const key = new Uint8Array(9)
    key[0] = 1
    key.set(u64Key(seq), 1)
    return key
  }

  const upgrades = createUpgradeNotes(rows, UPGRADES)
  const tellOfUpgrades = () => {
    const noted = upgrades.take()
    if (noted.length === 0) return
    for (const { canisterVersion, atNs } of noted) {
      const fields = detailFields.upgrade({ canisterVersion })
      write({ event: EVENT.upgrade, actor: NOBODY, fields }, atNs)
    }
    options.onUpgradeTold?.()
  }
  const put = (draft: LeafDraft, isSentNow = false): bigint => {
    tellOfUpgrades()
    return write(draft, nowNs(), isSentNow)
  }
  const write = (draft: LeafDraft, eventTimeNs: bigint, isSentNow = false): bigint => {
    const { next, acknowledged, first } = counters()
    const { event, purpose = 0, requestId = ZERO_ID } = draft
    const detail = encodeDetail({ event, source, sourceSeq: next, eventTimeNs, requestId, purpose }, draft.fields)
    const leaf = encodeLeafInput({
      event,
      flags: draft.flags ?? 0,
      compartmentKind: draft.compartmentKind ?? 0,
      actor: draft.actor,
      patientId: draft.patientId ?? ZERO_ID,
      objectId: draft.objectId ?? ZERO_ID,
      versionOrEpoch: draft.versionOrEpoch ?? 0,
      detail,
      auditKey: draft.auditKey ?? null,
    })
    const isFirst = isSentNow && next === acknowledged && leaf.length <= FIRST_LEAF_BYTES_MAX
    if (!isFirst) {
      rows.set(leafKey(next), leaf)
      if (inHeap.size < LEAVES_IN_HEAP_MAX) inHeap.set(next, leaf)
    }
    setCounters(next + 1n, acknowledged, isFirst ? leaf : first)
    return next
  }

  /** The oldest unacknowledged leaves, as many as one call takes. */
  const batch = (): { first: bigint; leaves: Uint8Array[] } => {
    const { next, acknowledged, first } = counters()
    const leaves: Uint8Array[] = first === null ? [] : [first]
    for (let seq = acknowledged + BigInt(leaves.length); seq < next && leaves.length < APPEND_LEAVES_MAX; seq++) {
      const leaf = inHeap.get(seq) ?? rows.get(leafKey(seq))
      if (leaf === undefined) throw new Error('a leaf stays until it is acknowledged')
      leaves.push(leaf)
    }
    return { first: acknowledged, leaves }
  }

  /** Sends one batch. The promise is the sender's own: another around it would cost as much again. @returns null where nothing waits. */
  const sendBatch = (): Sent | null => {
    const { first, leaves } = batch()
    if (leaves.length === 0) return null
    return { first, count: leaves.length, forget: onTrap(giveRow), answer: send(first, leaves) }
  }
  /** Once there is an answer. @returns false when the log did not acknowledge it. */
  const isTaken = ({ first, count, forget }: Sent, indices: readonly bigint[] | null): boolean => {
    forget()
    if (indices === null || indices.length !== count) {
      giveRow()
      failures++
      arm()
      return false
    }
    failures = 0
    acknowledge(first, indices)
    return true
  }
  /** The leaf beside the counters waits longer than a call. */
  const giveRow = () => {
    const { next, acknowledged, first } = counters()
    if (first === null) return
    rows.set(leafKey(acknowledged), first)
    setCounters(next, acknowledged, null)
  }
  /** Another flow may have been faster: what it removed is not there any more, and the counter never goes back. */
  const acknowledge = (first: bigint, indices: readonly bigint[]) => {
    const { next, acknowledged, first: inCounters } = counters()
    let seq = first
    for (const index of indices) {
      if (seq > acknowledged || (seq === acknowledged && inCounters === null)) {
        rows.delete(leafKey(seq))
        inHeap.delete(seq)
      }
      if (awaited.has(seq)) awaited.set(seq, index)
      seq++
    }
    if (seq > acknowledged) setCounters(next, seq, null)
  }

  /** The later the more often the log failed. One timer at a time: another is asked for where that one was lost. */
  const arm = () => {
    const delaySeconds = failures === 0 ? 0 : Math.min(2 ** failures, RETRY_SECONDS_MAX)
    const now = nowNs()
    if (timerDueNs !== null && now <= timerDueNs + TIMER_GRACE_NS) return
    timerDueNs = now + BigInt(delaySeconds) * NS_PER_SECOND
    schedule(delaySeconds, async () => {
      timerDueNs = null
      await outbox.flush()
    })
  }

  const outbox = {
    /** Numbers a leaf in this message and sends it soon after. @returns its number. */
    queue(draft: LeafDraft): bigint {
      const seq = put(draft)
      arm() // also behind a failure: whoever was to try again may have trapped
      return seq
    },
    /**
     * Numbers leaves and waits until the log has them. When it does not answer they stay in the stream all the same: queue an outcome leaf that
     * says what became of the act.
     * @returns their log indices in order.
     */
    async appendAcknowledged(drafts: readonly LeafDraft[]): Promise<bigint[] | 'unavailable'> {
      const seqs = drafts.map((draft) => put(draft, true))
      for (const seq of seqs) awaited.set(seq, null)
      const stopWaiting = () => {
        for (const seq of seqs) awaited.delete(seq)
      }
      const forget = onTrap(stopWaiting)
      const known = () => seqs.map((seq) => awaited.get(seq) ?? null).filter((index) => index !== null)
      const roundsMax = Number(outbox.waiting()) / APPEND_LEAVES_MAX + 1
      try {
        for (let round = 0; round < roundsMax && known().length < seqs.length; round++) {
          const sent = sendBatch()
          if (sent !== null && !isTaken(sent, await sent.answer)) break
        }
        const indices = known()
        return indices.length === seqs.length ? indices : 'unavailable'
      } finally {
        forget()
        stopWaiting()
      }
    },
    /** Sends until nothing waits or the log fails; then a timer tries again, later each time. Only one at a time. */
    async flush(): Promise<void> {
      if (isFlushing) return
      isFlushing = true
      const forget = onTrap(() => {
        isFlushing = false
      })
      try {
        tellOfUpgrades()
        for (let sent = sendBatch(); sent !== null; sent = sendBatch()) if (!isTaken(sent, await sent.answer)) return
      } finally {
        forget()
        isFlushing = false
      }
    },
    /** In the message that upgrades, and so drops all timers. Queues the leaf that tells of it. */
    resume(canisterVersion: bigint): void {
      upgrades.add({ canisterVersion, atNs: nowNs() })
      arm()
    },
    /** The number that the next leaf of this message gets. */
    nextSeq(): bigint {
      tellOfUpgrades()
      return counters().next
    },
    isAcknowledged: (seq: bigint): boolean => seq < counters().acknowledged,
    waiting(): bigint {
      const { next, acknowledged } = counters()
      return next - acknowledged
    },
    /** Nothing but revoking and pausing is taken while this holds. */
    isFull: (): boolean => outbox.waiting() >= BigInt(OUTBOX_WAITING_MAX),
  }
  return outbox
}
export type Outbox = ReturnType<typeof createOutbox>

function storedCounters(rows: Rows): Counters {
  const row = rows.get(COUNTERS)
  if (row === undefined) return { next: 0n, acknowledged: 0n, first: null }
  const view = new DataView(row.buffer, row.byteOffset, row.length)
  const sizeBytes = row.length < COUNTER_ROW_BYTES ? 0 : view.getUint16(16)
  const first = sizeBytes === 0 ? null : row.slice(FIRST_LEAF_AT, FIRST_LEAF_AT + sizeBytes)
  return { next: view.getBigUint64(0), acknowledged: view.getBigUint64(8), first }
}
