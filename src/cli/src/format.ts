import { printable } from '@medguard/client'

/** RFC 3339, UTC, to the millisecond. The one place where chain time becomes text here. */
export const toTime = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString()

/** What `printable` takes out, the joiners too: in JSON an escape loses nothing. */
const MISLEADING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * JSON with bigints as decimal strings; keys that end in `Ns` become RFC 3339 under the name without it. What could command a terminal is written
 * as `\\u` escapes, so that whoever parses it gets what was there.
 */
export function toJson(value: unknown): string {
  const json = JSON.stringify(jsonOf(value), null, 2)
  const escaped = (char: string) =>
    char === '\n'
      ? char
      : Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')
  return json.replaceAll(MISLEADING, escaped)
}

function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(jsonOf)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key.endsWith('Ns') && typeof inner === 'bigint' ? [key.slice(0, -2), toTime(inner)] : [key, jsonOf(inner)],
    ),
  )
}

/** Columns as wide as their widest cell; the last one is not padded. A cell stays a cell, whatever it says. */
export function table(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map((cell) => printable(cell)))
  const widths = rows.reduce<number[]>((widest, row) => row.map((cell, i) => Math.max(widest[i] ?? 0, cell.length)), [])
  return rows
    .map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '))
    .join('\n')
}

const UNITS: Record<string, bigint> = { m: 60n, h: 3_600n, d: 86_400n }
/** `90m`, `12h`, `30d` in nanoseconds; null for anything else. */
export function durationNs(text: string): bigint | null {
  const match = /^([1-9][0-9]{0,5})([mhd])$/.exec(text)
  const unit = UNITS[match?.[2] ?? '']
  return match?.[1] === undefined || unit === undefined ? null : BigInt(match[1]) * unit * 1_000_000_000n
}
