import type { QuietHours } from '@medguard/client'

const minutesOf = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

/** Whether it is quiet now, by the clock of this device; over midnight where they end earlier in the day than they begin. */
export function isQuiet(hours: QuietHours | undefined, nowMs: number): boolean {
  if (hours === undefined) return false
  const now = new Date(nowMs)
  const at = now.getHours() * 60 + now.getMinutes()
  const [from, until] = [minutesOf(hours.from), minutesOf(hours.until)]
  return from < until ? at >= from && at < until : at >= from || at < until
}
