import { parseArgs } from 'node:util'

import type { Update } from '../bench/methods.bench.ts'
import { type Area, AREAS, type Row, tables } from '../bench/rows.ts'
import { SCALE_NEEDS, scaleOf } from '../bench/scale.ts'
import { UsageError } from './project.ts'

const RUNS: Readonly<Record<Exclude<Area, 'scale'>, (options: Options) => Promise<Row[]>>> = {
  toolkit: async () => (await import('../bench/toolkit.bench.ts')).run(),
  vault: async () => (await import('../bench/vault.bench.ts')).run(),
  memory: async () => (await import('../bench/memory.bench.ts')).run(),
  methods: async ({ update }) => (await import('../bench/methods.bench.ts')).run(update),
  canisters: async () => (await import('../bench/canisters.bench.ts')).run(),
  devices: async () => (await import('../bench/devices.bench.ts')).run(),
  guard: async () => (await import('../bench/guard.bench.ts')).run(),
  app: async () => (await import('../bench/app.bench.ts')).run(),
  gateway: async () => (await import('../bench/gateway.bench.ts')).run(),
  road: async () => (await import('../bench/road.bench.ts')).run(),
  localnet: async () => (await import('../bench/localnet.bench.ts')).run(),
}

interface Options {
  readonly update: Update | null
}
const USAGE = `usage: npm run bench -- [AREA…] [--json]
       npm run bench -- methods --update-baseline [--why TEXT]

  areas: ${AREAS.join(' ')}; all unless some are named
  --update-baseline  agrees to what methods take now; what became dearer needs a reason`

/**
 * Measures and prints rows of `{area, name, value, unit, ceiling, ok}`.
 * The exit code is 1 when a value is over its ceiling.
 */
export async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = readOptions(args)
  const unknown = positionals.find((name) => !AREAS.some((area) => area === name))
  if (unknown !== undefined) throw new UsageError(`no area "${unknown}"\n\n${USAGE}`)
  const isUpdate = values['update-baseline'] ?? false
  if ((isUpdate && positionals.join() !== 'methods') || (values.why !== undefined && !isUpdate))
    throw new UsageError(USAGE)
  const options: Options = { update: isUpdate ? { why: values.why ?? null } : null }
  const wanted = AREAS.filter((area) => positionals.length === 0 || positionals.includes(area))
  const needed = AREAS.filter((area) => wanted.includes(area) || (wanted.includes('scale') && isNeeded(area)))
  const rows: Row[] = []
  for (const area of needed) {
    console.error(`measuring ${area}`)
    rows.push(...(area === 'scale' ? scaleOf(rows) : await RUNS[area](options)))
  }
  console.log(values.json === true ? JSON.stringify(rows, null, 2) : tables(rows))
  const over = rows.filter(({ ok }) => !ok)
  if (over.length === 0) return
  console.error(`${over.length} of ${rows.length} values are over their ceiling`)
  process.exitCode = 1
}

const isNeeded = (area: Area): boolean => SCALE_NEEDS.some((each) => each === area)

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean' }, 'update-baseline': { type: 'boolean' }, why: { type: 'string' } },
    })
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  }
}
