import { MILLIONS, THOUSANDS } from './costs.ts'
import { check, type Area, type Row, rowsOf } from './rows.ts'

/** What the figures of the product's scale are taken from: measured once, whoever asks. */
export const SCALE_NEEDS = ['vault', 'devices'] as const satisfies readonly Area[]

const LARGE = ' (10^6)'
/** Per call, from a thousand objects to a million. */
const GROWTH = 1.3
const READINGS = 60

interface Ceiling {
  readonly name: string
  readonly of: (named: (area: Area, name: string) => number) => number
  readonly unit: string
  readonly ceiling: number
}

const CEILINGS: readonly Ceiling[] = [
  {
    name: 'open through three canisters, the log’s line included',
    of: (named) => named('vault', `records.open by a grantee, in three canisters${LARGE}`),
    unit: MILLIONS,
    ceiling: 6,
  },
  {
    name: 'derive a key, without vetKD’s fee',
    of: (named) => named('vault', `consent.deriveKey, in all canisters${LARGE}`),
    unit: MILLIONS,
    ceiling: 6,
  },
  ...(['consent', 'records'] as const).map((canister) => ({
    name: `${canister}.grant, its leaf left out`,
    of: (named: (area: Area, name: string) => number) => named('vault', `${canister}.grant, its leaf left out${LARGE}`),
    unit: MILLIONS,
    ceiling: 0.5,
  })),
  {
    name: 'a list of 100 headers',
    of: (named) => named('vault', `a page of 100 headers${LARGE}`),
    unit: MILLIONS,
    ceiling: 2,
  },
  {
    name: `a device’s reading in batches of ${READINGS} by call, its share of the log included`,
    of: (named) => named('devices', 'a reading: 60 readings, 1.5 kB'),
    unit: THOUSANDS,
    ceiling: 100,
  },
  ...(['Ed25519', 'P-256'] as const).map((curve) => ({
    name: `the same by HTTPS, signed with ${curve}`,
    of: (named: (area: Area, name: string) => number) =>
      (named('devices', `a batch over HTTPS, ${curve}: a later one`) * 1_000) / READINGS,
    unit: THOUSANDS,
    ceiling: 1_000,
  })),
]

/** The ceilings of scale beside figures that were measured in the same run, and how much each call grows. */
export function scaleOf(measured: readonly Row[]): Row[] {
  const rows = rowsOf('scale')
  const named = (area: Area, name: string): number => {
    const row = measured.find((each) => each.area === area && each.name === name)
    check(row !== undefined, `${area} measures ${name}`)
    return row.value
  }
  for (const { name, of, unit, ceiling } of CEILINGS) rows.add(name, of(named), unit, ceiling)
  for (const { area, name, value, unit } of measured) {
    const isGrowth = /: growth from |: times as much as with /.test(name)
    if (isGrowth && SCALE_NEEDS.some((each) => each === area)) rows.add(name, value, unit, GROWTH)
  }
  return rows.rows
}
