import { type Area, AREAS, type Row, table } from '../bench/rows.ts'
import { UsageError } from './project.ts'

const RUNS: Readonly<Record<Area, () => Promise<Row[]>>> = {
  toolkit: async () => (await import('../bench/toolkit.bench.ts')).run(),
  vault: async () => (await import('../bench/vault.bench.ts')).run(),
  memory: async () => (await import('../bench/memory.bench.ts')).run(),
  canisters: async () => (await import('../bench/canisters.bench.ts')).run(),
  devices: async () => (await import('../bench/devices.bench.ts')).run(),
  guard: async () => (await import('../bench/guard.bench.ts')).run(),
  app: async () => (await import('../bench/app.bench.ts')).run(),
  gateway: async () => (await import('../bench/gateway.bench.ts')).run(),
  road: async () => (await import('../bench/road.bench.ts')).run(),
  localnet: async () => (await import('../bench/localnet.bench.ts')).run(),
}

/**
 * `npm run bench -- [AREA…] [--json]`: measures and prints rows of `{area, name, value, unit, ceiling, ok}`, all areas unless some are named.
 * The exit code is 1 when a value is over its ceiling.
 */
export async function main(args: readonly string[]): Promise<void> {
  const isJson = args.includes('--json')
  const named = args.filter((arg) => arg !== '--json')
  const unknown = named.find((name) => !AREAS.some((area) => area === name))
  if (unknown !== undefined) throw new UsageError(`no area "${unknown}"; there are ${AREAS.join(', ')}, and --json`)
  const rows: Row[] = []
  for (const area of AREAS) {
    if (named.length > 0 && !named.includes(area)) continue
    console.error(`measuring ${area}`)
    rows.push(...(await RUNS[area]()))
  }
  console.log(isJson ? JSON.stringify(rows, null, 2) : table(rows))
  const over = rows.filter(({ ok }) => !ok)
  if (over.length === 0) return
  console.error(`${over.length} of ${rows.length} values are over their ceiling`)
  process.exitCode = 1
}
