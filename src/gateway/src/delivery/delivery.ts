import { setTimeout as setTimer } from 'node:timers'
import { setTimeout } from 'node:timers/promises'
import type { QuarantineReason } from '../quarantine/quarantine.ts'
import { QUARANTINED_MAX } from '../quarantine/quarantine.ts'
import type { SpoolEntry } from '../spool/spool.ts'
import {
  deposited,
  type DepositingParts,
  grantOf,
  type Outcome,
  readable,
  type Target,
  targetOf,
} from './depositing-entries.ts'
import { inLanes, type Plan, type PutOff } from './lanes.ts'
import { createPuttingOff, type PuttingOff, waitOf } from './putting-off.ts'
import type { Readable } from './reading-entries.ts'

export interface DeliveryParts extends DepositingParts {
  /** Waits before each further try while nobody answers, in milliseconds; the last one for ever. */
  readonly waitsMs?: readonly number[]
  /** How often what waits for a share is tried again. */
  readonly retryMs?: number
}
export interface DeliveryState {
  /** Why nothing goes on at the moment, a fault or a refusal; null while it does. */
  readonly waitsFor: string | null
  readonly delivered: number
  /** Times that something was put into quarantine. */
  readonly quarantined: number
}
export interface Delivery {
  readonly state: DeliveryState
  /** Ends after what is under way. */
  close(): Promise<void>
}

const WAITS_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000] as const
const RETRY_MS = 60 * 60_000

/**
 * Takes what waits in the spool into vaults: each once, those of one patient in the order in which they came, whatever breaks off in between. What is nobody's, or is not taken, goes into
 * quarantine. Nothing is dropped.
 */
export function startDelivery(parts: DeliveryParts): Delivery {
  const { spool, quarantine, matcher, waitsMs = WAITS_MS, retryMs = RETRY_MS, onBug } = parts
  const over = new AbortController()
  const counts = { delivered: 0, quarantined: 0 }
  let waitsFor: string | null = null
  const bell = createBell(over.signal)
  const puttingOff = createPuttingOff(waitsMs)
  /** What was matched before a change to the table is matched anew, and what waits longest comes first. */
  let turn = 0
  const again = (isMeant?: (id: string) => boolean): void => {
    turn++
    quarantine.retryUnmatched()
    quarantine.retryPassing(isMeant)
    bell.ring()
  }
  const stops = [spool.onAppend(bell.ring), quarantine.onRelease(bell.ring), matcher.onChange(again)]
  const retrying = setInterval(() => quarantine.retryPassing(), retryMs)

  const pass = async (): Promise<PutOff | null> => {
    const present = turn
    puttingOff.begin()
    const mayGoOn = () => !over.signal.aborted && present === turn
    const hold = async (entry: SpoolEntry, held: Held): Promise<void> => {
      await quarantine.put(entry, held)
      // What changed while it was asked for may be what it needs.
      if (present !== turn) quarantine.retryPassing((id) => id === entry.id)
    }
    /** Of these grants nothing more is tried this time. */
    const refused = new Set<string>()
    const why = await inLanes(quarantine.released(), mayGoOn, async (id) => {
      const entry = await quarantine.take(id)
      if (entry === null) return null
      return planned(parts, entry, {
        isBehind: (grantId) => refused.has(grantId),
        hasRoom: () => true,
        puttingOff,
        async settle(outcome, held) {
          if (outcome.kind === 'delivered') await quarantine.done(id)
          // What staff said meanwhile stays said.
          if (held !== null && quarantine.isAsTaken(entry)) await hold(entry, held)
          if (held?.reason === 'shareOver' && held.target !== null) refused.add(held.target)
          count(outcome)
        },
      })
    })
    if (why?.isForAll === true || !mayGoOn()) return why
    const waits = await inLanes(spool.pending(), mayGoOn, async (id) => {
      // Not read for nothing.
      const head = spool.head(id)
      if (head?.grantId !== undefined && puttingOff.has(grantOf(parts, head, head.grantId))) return null
      const entry = await spool.read(id)
      return planned(parts, entry, {
        isBehind: (grantId) => quarantine.holds(grantId),
        hasRoom: () => quarantine.count < QUARANTINED_MAX,
        puttingOff,
        async settle(outcome, held) {
          if (held !== null) await hold(entry, held)
          if (outcome.kind !== 'later') await spool.done(id)
          count(outcome)
        },
      })
    })
    return waits ?? why
  }
  const count = ({ kind }: Outcome): void => {
    if (kind === 'delivered') counts.delivered++
    if (kind === 'held') counts.quarantined++
  }
  const run = async (): Promise<void> => {
    for (let failures = 0; !over.signal.aborted;) {
      bell.hush()
      let putOff: PutOff | null
      try {
        putOff = await pass()
      } catch (error) {
        onBug?.(error)
        putOff = { why: 'Bug', isForAll: true }
      }
      const next = puttingOff.next()
      waitsFor = putOff?.why ?? next?.why ?? null
      failures = putOff?.isForAll === true ? failures + 1 : 0
      // What concerns one patient keeps nobody else's waiting.
      await (failures > 0 ? bell.pause(waitOf(waitsMs, failures)) : bell.rung(next?.inMs ?? null))
    }
  }
  const running = run()
  return {
    get state() {
      return { ...counts, waitsFor }
    },
    async close() {
      over.abort()
      clearInterval(retrying)
      for (const stop of stops) stop()
      await running
    },
  }
}

type Held = Parameters<DeliveryParts['quarantine']['put']>[1]

interface How {
  /** Told what became of it, before what comes next in its lane; with how it is held, if it is. */
  readonly settle: (outcome: Outcome, held: Held | null) => Promise<void>
  /** Whether earlier ones wait for this grant. */
  readonly isBehind: (grantId: string) => boolean
  /** Whether more may be held. */
  readonly hasRoom: () => boolean
  readonly puttingOff: PuttingOff
}

/** What is to be done with an entry; null for nothing now. */
function planned(parts: DeliveryParts, entry: SpoolEntry, { settle, isBehind, hasRoom, puttingOff }: How): Plan | null {
  const read = readable(parts, entry)
  const target: Target | null = read === null ? null : targetOf(parts, entry, read)
  const grantId = target?.kind === 'matched' ? target.grantId : null
  if (grantId !== null && puttingOff.has(grantId)) return null
  const identifiers = read?.identifiers ?? []
  return {
    // What is nobody's waits for nobody.
    lane: grantId ?? `entry ${entry.id}`,
    async work() {
      const outcome = await outcomeOf(parts, entry, { read, target, isBehind })
      if (outcome.kind !== 'held') await settle(outcome, null)
      else if (!hasRoom()) return { why: 'QuarantineFull', isForAll: false }
      else await settle(outcome, { reason: outcome.reason, detail: outcome.detail, identifiers, target: grantId })
      if (grantId !== null) puttingOff.note(grantId, outcome.kind === 'later' ? outcome : null)
      return outcome.kind === 'later' ? outcome : null
    },
  }
}

async function outcomeOf(
  parts: DeliveryParts,
  entry: SpoolEntry,
  { read, target, isBehind }: { read: Readable | null; target: Target | null; isBehind: (grantId: string) => boolean },
): Promise<Outcome> {
  const held = (reason: QuarantineReason): Outcome => ({ kind: 'held', reason, detail: '' })
  if (read === null || target === null) return held('content')
  if (target.kind !== 'matched') return held(target.kind)
  return isBehind(target.grantId) ? held('behind') : deposited(parts, entry, read, target.grantId)
}

/** Wakes whoever sleeps until something comes. */
function createBell(signal: AbortSignal) {
  let isRung = false
  let wake = (): void => {}
  const ring = (): void => {
    isRung = true
    wake()
  }
  // Ends early with the signal.
  const pause = (ms: number): Promise<void> => setTimeout(ms, undefined, { signal }).catch(() => {})
  signal.addEventListener('abort', ring)
  return {
    ring,
    hush: () => void (isRung = false),
    /** @param atMostMs null: however long it takes. */
    async rung(atMostMs: number | null): Promise<void> {
      if (isRung || signal.aborted) return
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        wake = resolve
        if (atMostMs !== null) timer = setTimer(resolve, atMostMs)
      })
      clearTimeout(timer)
    },
    pause,
  }
}
