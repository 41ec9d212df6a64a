import type { Health } from './health.ts'
import { ACUTE, type Illness } from './illnesses.ts'
import type { PanelName } from './measures.ts'
import type { Random } from './random.ts'

const DAY_MS = 24 * 3600 * 1000
const YEAR_MS = 365.25 * DAY_MS

export type Visit = {
  readonly atMs: number
  /** Blood is taken when there are any. */
  readonly panels: readonly PanelName[]
} & (
  | { readonly kind: 'check-up' }
  | { readonly kind: 'follow-up'; readonly illnesses: readonly Illness[] }
  | { readonly kind: 'acute'; readonly reason: (typeof ACUTE)[number] }
)

/** A yearly check-up, one more visit half a year later while anything chronic is known, and what happens to people in between. */
export function planVisits(random: Random, health: Health, years: number, untilMs: number): Visit[] {
  const visits: Visit[] = []
  for (let year = 0; year < years; year++) {
    const yearStartMs = untilMs - (years - year) * YEAR_MS
    const checkUpMs = workingHour(random, yearStartMs + random.between(0.75, 0.98) * YEAR_MS)
    visits.push({
      kind: 'check-up',
      atMs: checkUpMs,
      panels: ['metabolic', 'lipids', 'bloodCount', 'diabetes', 'thyroid'],
    })

    const followUpMs = workingHour(random, yearStartMs + random.between(0.25, 0.5) * YEAR_MS)
    const illnesses = health.diagnoses.filter(({ foundMs }) => foundMs < followUpMs).map(({ illness }) => illness)
    if (illnesses.length > 0) {
      const panels = [...new Set(illnesses.flatMap((illness) => illness.panels))]
      visits.push({ kind: 'follow-up', atMs: followUpMs, illnesses, panels })
    }
    if (random.chance(0.45)) {
      const atMs = workingHour(random, yearStartMs + random.between(0.05, 0.7) * YEAR_MS)
      visits.push({ kind: 'acute', atMs, reason: random.pick(ACUTE), panels: [] })
    }
  }
  return visits.toSorted((a, b) => a.atMs - b.atMs)
}

/** The nearest weekday before, between eight and four, UTC. */
function workingHour(random: Random, aroundMs: number): number {
  let day = Math.floor(aroundMs / DAY_MS)
  while ([0, 6].includes(new Date(day * DAY_MS).getUTCDay())) day--
  return day * DAY_MS + (random.int(8, 15) * 60 + random.pick([0, 10, 20, 30, 40, 50])) * 60_000
}
