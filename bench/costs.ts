import type { Meters } from '@medguard/localnet'
import type { Clinic } from '../test/scenarios/clinic.ts'
import type { Stepped } from '../test/scenarios/stepped.ts'
import type { Rows } from './rows.ts'

export interface Cost {
  /** Opcodes and fixed charges of the System API: what ceilings are about. */
  readonly instructions: number
  /** 50 for each byte of reply and calls. */
  readonly transmission: number
  /** 1,000 for each page that changed. */
  readonly dirtyPages: number
}

export const costOf = (parts: Meters['parts']): Cost => ({
  instructions: Number(parts.reduce((sum, part) => sum + part.instructions, 0n)),
  transmission: Number(parts.reduce((sum, part) => sum + part.transmission, 0n)),
  dirtyPages: Number(parts.reduce((sum, part) => sum + part.dirtyPages, 0n)),
})

const LEAVES_SENT_NS = 1_000_000n

/**
 * Everything that a call sets going in all canisters, the delivery of its leaf to the log too.
 * @param work throws when its answer is wrong.
 */
export async function spent<T>(clinic: Clinic, work: () => Promise<T>): Promise<{ value: T; parts: Meters['parts'] }> {
  await clinic.advance(LEAVES_SENT_NS)
  return clinic.metered(async () => {
    const value = await work()
    await clinic.advance(LEAVES_SENT_NS)
    return value
  })
}

/** The same where a test holds every message; what the network asks a canister before it takes a call is no part of it. */
export async function spentIn(net: Stepped, work: () => Promise<unknown>): Promise<Meters['parts']> {
  net.settle()
  net.takeMeters()
  await work()
  net.settle()
  const parts = net.takeMeters().filter(({ entry }) => entry !== 'canister_inspect_message')
  if (process.env['MEDGUARD_BENCH_PARTS'] !== undefined)
    console.error(parts.map(({ entry, instructions }) => `${entry} ${Number(instructions) / 1e6}`).join(', '))
  return parts
}

export const MILLIONS = 'M instructions'
export const THOUSANDS = 'k instructions'
const SIZE = { [MILLIONS]: 1_000_000, [THOUSANDS]: 1_000 } as const

/** One row with a ceiling, and what else the network charges for in rows of its own without one (decision 40). */
export function addCost(
  rows: Rows,
  name: string,
  cost: Cost,
  ceiling: number | null,
  count = 1,
  unit: keyof typeof SIZE = MILLIONS,
): void {
  const each = (instructions: number) => instructions / SIZE[unit] / count
  rows.add(name, each(cost.instructions), unit, ceiling)
  rows.add(`${name}: transmission`, each(cost.transmission), unit)
  rows.add(`${name}: dirty pages`, each(cost.dirtyPages), unit)
}
