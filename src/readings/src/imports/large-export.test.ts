import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** The program itself takes most of it: readings that are kept overflow it before 30 MB have passed. */
const HEAP_MB = 28
const BUFFERS_MAX = 24 * 1024 * 1024
const PROGRAM = fileURLToPath(new URL('read-large-export.fixture.ts', import.meta.url))
/** A gigabyte in `npm run test:long`: six years of a watch. */
const SIZE_BYTES = process.env['MEDGUARD_LONG'] === '1' ? 1_000_000_000 : 30_000_000

test.each(['xml', 'zip'] as const)(
  `an export of ${String(SIZE_BYTES / 1e6)} MB (%s) is read in a heap of ${String(HEAP_MB)} MB`,
  (kind) => {
    const flags = [`--max-old-space-size=${String(HEAP_MB)}`, '--max-semi-space-size=1', '--import', 'tsx']
    const said = execFileSync(process.execPath, [...flags, PROGRAM, kind, String(SIZE_BYTES)], { encoding: 'utf8' })
    const { days, readings, bytes, peakBufferBytes } = JSON.parse(said) as Record<
      'days' | 'readings' | 'bytes' | 'peakBufferBytes',
      number
    >
    // 480 pulses, oxygen, glucose and a blood pressure a day; of the last day's pressure only one half is there.
    expect(readings).toBe(days * 483)
    if (kind === 'xml') expect(bytes).toBeGreaterThanOrEqual(SIZE_BYTES)
    expect(peakBufferBytes).toBeLessThan(BUFFERS_MAX)
  },
)
