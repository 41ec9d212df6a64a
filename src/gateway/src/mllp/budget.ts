/** How many messages a peer may send: a full bucket at once, and then so many in a second. */
export interface RateLimit {
  /** @returns how long to wait before taking more, in milliseconds; 0 for not at all. */
  take(peer: string, nowMs: number): number
}

/** Beyond that, buckets that are full again are forgotten. */
const PEERS_MAX = 1000

export function createRateLimit(perSecond: number): RateLimit {
  const buckets = new Map<string, { left: number; atMs: number }>()
  return {
    take(peer, nowMs) {
      const bucket = buckets.get(peer) ?? { left: perSecond, atMs: nowMs }
      const passedMs = Math.max(0, nowMs - bucket.atMs)
      const left = Math.min(perSecond, bucket.left + (passedMs * perSecond) / 1000) - 1
      buckets.set(peer, { left, atMs: nowMs })
      if (buckets.size > PEERS_MAX)
        for (const [name, { atMs }] of buckets) if (nowMs - atMs > 1000) buckets.delete(name)
      return left >= 0 ? 0 : Math.ceil((-left * 1000) / perSecond)
    },
  }
}
