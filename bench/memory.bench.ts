import { createPrng } from '@medguard/localnet'
import { CANISTER_NAMES, freshId, kindOf } from '../test/scenarios/clinic.ts'
import { keysFor, placeOf, seal } from '../test/scenarios/sealed-record.ts'
import { openStepped, somebody } from '../test/scenarios/stepped.ts'
import { give } from '../test/scenarios/ward.ts'
import { check, type Row, rowsOf } from './rows.ts'
import { grantTo, openArg, openWorld } from './vault-world.ts'

/** For trying out: how many fewer. */
const SHRINK = Number(process.env['MEDGUARD_BENCH_SHRINK'] ?? 1)
const MIXED_CALLS = 100_000 / SHRINK
const WARM_CALLS = MIXED_CALLS / 10

/** I38: calls of all kinds, refused and served, for as long as it takes for anything that grows to show. */
export async function run(): Promise<Row[]> {
  const rows = rowsOf('memory')
  const net = await openStepped()
  const { patient, reader, owned, granted, record } = await openWorld(net)
  const random = createPrng('mixed calls')
  const page = { from: 0, count: 10 }
  const keys = await keysFor(net, patient, owned)
  const kinds = [
    () => net.call(patient, 'consent', 'whoAmI', null),
    () => net.call(patient, 'consent', 'grantsGiven', { ...page, patientId: [] }),
    () => net.call(reader, 'consent', 'grantsReceived', page),
    () => net.call(somebody('stranger'), 'records', 'open', openArg(granted, record)),
    () => net.call(reader, 'records', 'open', openArg(granted, record)),
    () => net.call(reader, 'records', 'beginList', { ...placeOf(granted), requestId: freshId() }),
    () => net.call(reader, 'records', 'headers', { ...placeOf(granted), fromSeq: random.below(90), count: 10 }),
    () => net.call(patient, 'audit', 'leaves', { of: { actor: null }, fromSeq: 0n, count: 10 }),
    () => net.call(patient, 'audit', 'inclusionProof', { leafIndex: BigInt(random.below(1_000)), treeSize: 1_900n }),
    async () => {
      const grant = grantTo(net, somebody('another'), owned)
      await give(net, patient, grant)
      await net.ok(patient, 'consent', 'revoke', { grantId: grant.grantId, requestId: freshId() })
      return net.call(patient, 'records', 'revoke', { grantId: grant.grantId, requestId: freshId() })
    },
    async () => {
      const upload = await seal(keys, owned, { chunkLog2: 16 })
      await net.ok(patient, 'records', 'begin', upload.begin)
      const { recordId, version } = upload
      return net.call(patient, 'records', 'abandon', { recordId, version, uploadId: [] })
    },
  ] as const
  const heap = () => CANISTER_NAMES.map((name) => net.heapOf(name) / 2 ** 20)
  let warm: number[] = []
  const seen = new Set<string>()
  for (let i = 0; i < MIXED_CALLS; i++) {
    if (i === WARM_CALLS) warm = heap()
    const work = kinds[random.below(kinds.length)]
    check(work !== undefined, 'there is a call of each number')
    seen.add(kindOf(await work()))
    // Budgets refill, and requests are remembered for ten minutes.
    if (i % 40 === 0) net.setTime(net.nowNs() + 660_000_000_000n)
    net.takeMeters()
  }
  check(seen.has('Ok'), 'calls are served')
  const after = heap()
  for (const [i, name] of CANISTER_NAMES.entries()) {
    rows.add(`Wasm memory of ${name} after ${MIXED_CALLS} mixed calls`, after[i] ?? 0, 'MiB')
    rows.add(`growth of it since call ${WARM_CALLS}`, (after[i] ?? 0) - (warm[i] ?? 0), 'MiB', 0)
  }
  return rows.rows
}
