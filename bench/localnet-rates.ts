import { encodeArg, decodeRet } from '@medguard/protocol'
import { type Clinic, freshId, methodOf } from '../test/scenarios/clinic.ts'
import { placeOf, seal, store } from '../test/scenarios/sealed-record.ts'
import type { Ward } from '../test/scenarios/ward.ts'
import { openHttpLoad } from './http-load.ts'
import { check, type Rows } from './rows.ts'

const MEASURED_MS = 4_000
const IN_FLIGHT = 64
/** Each reader may open 128 times in ten minutes; there are two. */
const OPENS_AT_ONCE = 64
const TEN_MINUTES_NS = 600_000_000_000n

/** What a message costs, all threads and the sender's own work together: it hardly depends on what else the machine does. */
interface Cost {
  /** Milliseconds of one core. */
  readonly coreMs: number
  readonly perSecond: number
}

/** Rates with 64 messages at a time. @param place '' or ', kept on disk'. */
export async function measureRates(rows: Rows, clinic: Clinic, ward: Ward, place: string): Promise<void> {
  const isInMemory = place === ''
  const owner = clinic.person('patient')
  const add = (name: string, { coreMs, perSecond }: Cost, ceilingMs: number | null) => {
    rows.add(`${name}${place}`, coreMs, 'ms of a core', ceilingMs)
    rows.add(`${name}${place}`, perSecond, '1/s')
  }
  const update = await costOf(async () => {
    const { account } = await clinic.ok(owner.principal, 'consent', 'whoAmI', null)
    check(account.length === 1, 'the patient has an account')
  })
  add('update: whoAmI', update, isInMemory ? 4 : null)
  add('flow: records.open over three canisters', await costOfOpens(clinic, ward), isInMemory ? 12.5 : null)
  if (isInMemory) {
    const query = await costOf(async () => {
      check((await clinic.ok(owner.principal, 'consent', 'changes', null)) > 0n, 'something has changed')
    })
    add('query: changes', query, 1)
  }
  await measureHttp(rows, clinic, place)
}

async function measureHttp(rows: Rows, clinic: Clinic, place: string): Promise<void> {
  const { port, rootKey } = clinic.localnet
  const owner = clinic.person('patient')
  const method = methodOf('consent', 'whoAmI')
  const arg = encodeArg(method, null)
  const load = openHttpLoad({
    port,
    rootKey,
    canisterId: clinic.ids.consent,
    identity: owner.identity,
    nowNs: () => clinic.nowNs(),
  })
  try {
    let answers = 0
    const cost = await costOf(async () => {
      const answer = decodeRet(method, await load.call('whoAmI', arg)) as { Ok?: { account: readonly unknown[] } }
      check(answer.Ok?.account.length === 1, 'the patient has an account')
      answers++
    })
    const signatures = await load.verify()
    rows.add(`update over HTTP, certified: whoAmI${place}`, cost.perSecond, '1/s')
    rows.add(`answers under one signature${place}`, answers / signatures, '')
  } finally {
    load.close()
  }
}

/** Of one of many, 64 at a time. */
export async function costOf(work: () => Promise<void>): Promise<Cost> {
  for (let i = 0; i < IN_FLIGHT; i++) await work()
  const meter = startMeter()
  const endMs = performance.now() + MEASURED_MS
  let count = 0
  const worker = async () => {
    while (performance.now() < endMs) {
      await work()
      count++
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
  return meter.costOf(count)
}

/** The clock moves between rounds, so that no reader meets the limit. */
async function costOfOpens(clinic: Clinic, ward: Ward): Promise<Cost> {
  const { recordId, version } = await store(
    clinic,
    ward.senderOf('owner'),
    await seal(ward.keys, ward.reachOf('owner')),
  )
  const readers = (['owner', 'live'] as const).map((caller) => [ward.senderOf(caller), ward.reachOf(caller)] as const)
  const round = async () => {
    const answers = await Promise.all(
      Array.from({ length: OPENS_AT_ONCE }, (_, i) => {
        const [reader, reach] = readers[i % 2] ?? [ward.senderOf('owner'), ward.reachOf('owner')]
        const arg = { ...placeOf(reach), records: [{ recordId, version }], requestId: freshId() }
        return clinic.ok(reader, 'records', 'open', arg)
      }),
    )
    for (const { openWraps } of answers) check(openWraps.length === 1, 'the record has its wrap')
    await clinic.advance(TEN_MINUTES_NS + 1n)
  }
  await round()
  const meter = startMeter()
  const endMs = performance.now() + MEASURED_MS
  let opened = 0
  while (performance.now() < endMs) {
    await round()
    opened += OPENS_AT_ONCE
  }
  return meter.costOf(opened)
}

/** Starts now. */
export function startMeter(): { costOf(count: number): Cost } {
  const startMs = performance.now()
  const before = process.cpuUsage()
  return {
    costOf(count) {
      const { user, system } = process.cpuUsage(before)
      return { coreMs: (user + system) / 1000 / count, perSecond: (count * 1000) / (performance.now() - startMs) }
    },
  }
}
