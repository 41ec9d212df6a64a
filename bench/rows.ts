export const AREAS = [
  'toolkit',
  'vault',
  'memory',
  'methods',
  'canisters',
  'devices',
  'guard',
  'road',
  'app',
  'gateway',
  'localnet',
  'scale',
] as const
export type Area = (typeof AREAS)[number]

export interface Row {
  readonly area: Area
  readonly name: string
  readonly value: number
  readonly unit: string
  /** The largest value that is fine; null for a figure that is only watched. */
  readonly ceiling: number | null
  readonly ok: boolean
}

/** Collects the rows of one area. A value is never taken before its answer was checked. */
export function rowsOf(area: Area) {
  const rows: Row[] = []
  return {
    rows,
    add(name: string, value: number, unit: string, ceiling: number | null = null): void {
      const rounded = Number(value.toPrecision(4))
      rows.push({ area, name, value: rounded, unit, ceiling, ok: ceiling === null || rounded <= ceiling })
    },
  }
}
export type Rows = ReturnType<typeof rowsOf>

/** A table for each area, in the order of the rows. */
export const tables = (rows: readonly Row[]): string =>
  [...new Set(rows.map(({ area }) => area))]
    .map((area) => `${area}\n\n${table(rows.filter((row) => row.area === area))}`)
    .join('\n\n')

function table(rows: readonly Row[]): string {
  const cells = rows.map(({ name, value, unit, ceiling, ok }) => [
    ceiling === null ? '' : ok ? 'held' : 'NOT held',
    name,
    value.toLocaleString('en', { maximumSignificantDigits: 4 }),
    unit,
    ceiling === null ? '' : `≤ ${ceiling.toLocaleString('en', { maximumSignificantDigits: 4 })}`,
  ])
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 2 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  ')
  return cells.map((row) => `  ${line(row).trimEnd()}`).join('\n')
}

/** @throws Error: a figure for a wrong answer would be worse than none. */
export function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`wrong answer: ${what}`)
}
