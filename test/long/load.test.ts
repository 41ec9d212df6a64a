import { createFaults, createPrng } from '@medguard/localnet'
import { expect, test } from 'vitest'
import { fillVault } from '../../bench/vault-fill.ts'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { CANISTER_NAMES, type CanisterName } from '../scenarios/clinic.ts'
import { openStepped, type Stepped } from '../scenarios/stepped.ts'
import { checkAtTheEnd, openPeople } from './load-people.fixture.ts'
import { traffic } from './load-traffic.fixture.ts'

// An hour of mixed traffic, with faults, among 10^5 patients, 10^6 records and 10^5 shares. MEDGUARD_MINUTES says how long, MEDGUARD_BENCH_SHRINK how many
// times smaller, MEDGUARD_SEED what is drawn.

const MINUTES = Number(process.env['MEDGUARD_MINUTES'] ?? 60)
const SHRINK = Number(process.env['MEDGUARD_BENCH_SHRINK'] ?? 1)
const SEED = process.env['MEDGUARD_SEED'] ?? String(Math.floor(Date.now() / 1000))
const PATIENTS = 30
/** Of all calls, the slowest hundredth beside the median. */
const SLOWEST = 10
const MIB = 2 ** 20

test(`under load for ${MINUTES} minutes, seed ${SEED}, nothing that must hold breaks, no call is slow, and memory stays`, async () => {
  const beganMs = performance.now()
  const seconds = () => Math.round((performance.now() - beganMs) / 1_000)
  const faults = createFaults(SEED)
  const net = await openStepped({ faults })
  await fillVault(net, {
    name: 'load',
    leaves: 1_000_000 / SHRINK,
    patients: 100_000 / SHRINK,
    headers: 1_000_000 / SHRINK,
  })
  console.log(`filled in ${seconds()} s; ${memoryOf(net)}`)
  const patients = await openPeople(net, PATIENTS)
  const modules = {} as Record<CanisterName, Uint8Array>
  for (const name of CANISTER_NAMES) modules[name] = (await buildCanister(name)).wasm
  const endMs = performance.now() + MINUTES * 60_000
  const heaps: { readonly acts: number; readonly mib: readonly number[] }[] = []
  const { tookMs, answers, ...counts } = await traffic({
    net,
    faults,
    patients,
    prng: createPrng(SEED),
    modules,
    isOn: () => performance.now() < endMs,
    note: (acts) => {
      heaps.push({ acts, mib: heapsOf(net) })
      console.log(`${seconds()} s: ${acts} acts; ${memoryOf(net)}`)
    },
  })
  await checkAtTheEnd(net, patients)
  const rows = [...tookMs].map(([call, times]) => ({ call, ...figures(times) }))
  const all = figures([...tookMs.values()].flat())
  console.table([...rows, { call: 'all', ...all }])
  const stored = patients.reduce((sum, { records }) => sum + records.length, 0)
  const released = patients.reduce((sum, patient) => sum + patient.released, 0)
  console.log(
    `seed ${SEED}: ${JSON.stringify({ ...counts, stored, released, ...Object.fromEntries(answers) })}; ${memoryOf(net)}`,
  )
  expect(all.slowest / all.median, 'slowest hundredth beside the median').toBeLessThan(SLOWEST)
  // An upgrade begins a heap anew: it is never more than it was early on.
  const [early] = heaps.filter(({ acts }) => acts >= 2_000)
  const late = heapsOf(net)
  for (const [i, name] of CANISTER_NAMES.entries())
    expect(late[i], `Wasm memory of ${name}`).toBeLessThanOrEqual((early?.mib[i] ?? late[i] ?? 0) + 1)
  const asked = [...answers.values()].reduce((sum, count) => sum + count, 0)
  expect(answers.get('Ok') ?? 0, 'most are served').toBeGreaterThan(asked / 2)
})

const heapsOf = (net: Stepped): number[] => CANISTER_NAMES.map((name) => net.heapOf(name) / MIB)

function memoryOf(net: Stepped): string {
  const { rss } = process.memoryUsage()
  const heaps = heapsOf(net).map((mib, i) => `${CANISTER_NAMES[i]} ${mib.toFixed(2)}`)
  return `Wasm memory in MiB: ${heaps.join(', ')}; this process ${Math.round(rss / MIB)}`
}

function figures(times: readonly number[]) {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2))
  const median = at(0.5)
  const slowest = at(0.99)
  return { count: sorted.length, median, slowest, most: at(1), times: Number((slowest / median).toFixed(1)) }
}
