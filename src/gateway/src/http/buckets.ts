import { Refuse } from '../faults.ts'

/** From so many on, those that are full again go: they say nothing. */
const BUCKETS_KEPT = 10_000

/** So many requests a minute for each client, a tenth of that at once. */
export function createBuckets(perMinute: number, nowMs: () => number): (clientId: string) => void {
  const atOnce = Math.max(1, Math.ceil(perMinute / 10))
  const fillMs = (atOnce * 60_000) / perMinute
  const buckets = new Map<string, { left: number; atMs: number }>()
  return (clientId) => {
    const now = nowMs()
    if (buckets.size >= BUCKETS_KEPT) for (const [id, { atMs }] of buckets) if (atMs + fillMs <= now) buckets.delete(id)
    const bucket = buckets.get(clientId) ?? { left: atOnce, atMs: now }
    buckets.set(clientId, bucket)
    bucket.left = Math.min(atOnce, bucket.left + ((now - bucket.atMs) * perMinute) / 60_000)
    bucket.atMs = now
    if (bucket.left < 1) {
      const retryAfterSeconds = Math.max(1, Math.ceil(((1 - bucket.left) * 60) / perMinute))
      throw new Refuse(429, 'throttled', 'too many requests of this client', { retryAfterSeconds })
    }
    bucket.left--
  }
}
