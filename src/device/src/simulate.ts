import { placed, type Reading, readingOf } from '@medguard/readings'

/**
 * A sensor and the phone that listens to it, with all that goes wrong between them; the same for the same seed. The sensor measures every five minutes, counts what it measures, and keeps it;
 * its clock has no zone, jumps, and begins in 2000 when its battery was out. The phone is away for hours, gets some of it again, gets it in another order, and travels.
 */
export interface SimulatorOptions {
  readonly seed: number
  /** Measurements. */
  readonly count: number
  /** When the first of them is made; the default makes runs of any day the same. */
  readonly fromMs?: number
  readonly device?: string
}

/** `measured`: ground truth, once for each measurement. `delivered`: what the phone gets, in its order. */
export type Simulated =
  | { readonly kind: 'measured'; readonly truth: Truth }
  | { readonly kind: 'delivered'; readonly reading: Reading }

export interface Truth {
  readonly sequence: number
  /** When it really was. */
  readonly trueMs: number
  /** What the sensor's clock said. */
  readonly clockMs: number
  readonly code: string
  readonly value: number
}

const CODE = '15074-8' // glucose in blood, mmol/L
const STEP_MS = 300_000
const HOUR_MS = 3_600_000
/** Where the phone travels, minutes east of UTC. */
const ZONES = [60, 0, -300, 330, 540, -660, 840] as const
const RESET_MS = Date.UTC(2000, 0, 1)
const FROM_MS = Date.UTC(2026, 0, 1)
const AGAIN_MAX = 40

export function* simulate(options: SimulatorOptions): Generator<Simulated> {
  const { seed, count, fromMs = FROM_MS, device = 'Simulated sensor' } = options
  const random = randomOf(seed)
  const chance = (of: number): boolean => random() < of
  let zone: number = ZONES[0]
  /** The sensor's clock, ahead of UTC; set by its owner where the phone was at first. */
  let aheadMs = zone * 60_000
  let awayUntilMs = 0
  let held: Truth[] = []
  const all: Truth[] = []
  let level = 6

  for (let sequence = 0; sequence < count; sequence++) {
    const trueMs = fromMs + sequence * STEP_MS + Math.floor(random() * 20_000)
    if (chance(0.01)) aheadMs += Math.round((random() - 0.5) * 4 * HOUR_MS)
    if (chance(0.004)) aheadMs = RESET_MS - trueMs
    else if (aheadMs < -HOUR_MS * 24 * 365 && chance(0.05)) aheadMs = zone * 60_000
    if (chance(0.01)) zone = ZONES[Math.floor(random() * ZONES.length)] ?? 0
    if (awayUntilMs < trueMs && chance(0.03)) awayUntilMs = trueMs + random() * 8 * HOUR_MS
    level = Math.min(20, Math.max(2.5, level + (random() - 0.5)))
    const truth = { sequence, trueMs, clockMs: trueMs + aheadMs, code: CODE, value: Math.round(level * 10) / 10 }
    all.push(truth)
    held.push(truth)
    yield { kind: 'measured', truth }
    const isLast = sequence === count - 1
    if (trueMs < awayUntilMs && !isLast) continue
    const again = chance(0.08) ? all.slice(-Math.ceil(random() * AGAIN_MAX)) : []
    const sent = [...held, ...again]
    if (chance(0.2)) shuffle(sent, random)
    for (const each of sent) yield { kind: 'delivered', reading: received(each, trueMs, zone, device) }
    held = []
  }
}

function received({ sequence, clockMs, code, value }: Truth, nowMs: number, zone: number, device: string): Reading {
  const time = placed({ clockMs, receivedMs: nowMs, offsetMinutes: zone })
  return readingOf({ ...time, code, unit: 'mmol/L', value, device, sequence })
}

function shuffle(list: Truth[], random: () => number): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const [a, b] = [list[i], list[j]] as [Truth, Truth]
    list[i] = b
    list[j] = a
  }
}

/** Mulberry32: small, and good enough for faults. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
