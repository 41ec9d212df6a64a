/** From `fromMs` until just before `untilMs`, as long as its text is exact: a year is a year long. */
export interface DateRange {
  readonly fromMs: number
  readonly untilMs: number
}

const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/

/** A FHIR date, dateTime or instant. What names no time zone is taken for UTC. Null for what is none. */
export function dateRange(text: string): DateRange | null {
  const parts = DATE.exec(text)
  if (parts === null) return null
  const [, year = '', month, day, hour, minute, second, fraction, zone = 'Z'] = parts
  const start = `${year}-${month ?? '01'}-${day ?? '01'}`
  const fromMs = Date.parse(
    `${start}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}.${milliseconds(fraction)}${zone}`,
  )
  // The platform moves 31 February on to March: a day has to come back as it was.
  const isDay = !Number.isNaN(fromMs) && new Date(Date.parse(`${start}T00:00:00Z`)).toISOString().startsWith(start)
  if (!isDay) return null
  if (month === undefined) return { fromMs, untilMs: Date.UTC(Number(year) + 1, 0) }
  if (day === undefined) return { fromMs, untilMs: Date.UTC(Number(year), Number(month)) }
  return { fromMs, untilMs: fromMs + lengthMs(hour, second, fraction) }
}
const milliseconds = (fraction = ''): string => fraction.slice(0, 3).padEnd(3, '0')
function lengthMs(hour: string | undefined, second: string | undefined, fraction: string | undefined): number {
  if (hour === undefined) return 86_400_000
  if (second === undefined) return 60_000
  return fraction === undefined ? 1_000 : 1
}

export const PREFIXES = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'] as const
export type Prefix = (typeof PREFIXES)[number]

/** `ge2026-01` in two. */
export function prefixed(text: string): { readonly prefix: Prefix; readonly rest: string } {
  const prefix = PREFIXES.find((each) => text.startsWith(each))
  return prefix === undefined ? { prefix: 'eq', rest: text } : { prefix, rest: text.slice(2) }
}

/** FHIR R4, "Search", section 3.1.1.4.5: ranges of what is there against the one that is asked for. Of numbers as well. */
export function compares(prefix: Prefix, [from, until]: Span, [wantedFrom, wantedUntil]: Span, slack: number): boolean {
  const isWithin = wantedFrom <= from && until <= wantedUntil
  switch (prefix) {
    case 'eq':
      return isWithin
    case 'ne':
      return !isWithin
    case 'gt':
      return until > wantedUntil
    case 'lt':
      return from < wantedFrom
    case 'ge':
      return isWithin || until > wantedUntil
    case 'le':
      return isWithin || from < wantedFrom
    case 'sa':
      return from >= wantedUntil
    case 'eb':
      return until <= wantedFrom
    case 'ap':
      return from < wantedUntil + slack && until > wantedFrom - slack
  }
}
export type Span = readonly [from: number, until: number]
