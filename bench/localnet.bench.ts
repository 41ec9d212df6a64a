import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clinic, freshId, openClinic } from '../test/scenarios/clinic.ts'
import { placeOf, seal, store } from '../test/scenarios/sealed-record.ts'
import { openWard, type Ward } from '../test/scenarios/ward.ts'
import { check, type Row, rowsOf, type Rows } from './rows.ts'

const MEASURED_MS = 4_000
const IN_FLIGHT = 64

/** How many messages the embedded network runs in a second. Rates depend on the machine, so they are watched and have no ceiling. */
export async function run(): Promise<Row[]> {
  const rows = rowsOf('localnet')
  const stateDir = mkdtempSync(join(tmpdir(), 'medguard-bench-'))
  try {
    await measure(rows, null, '')
    await measure(rows, stateDir, ', kept on disk')
    return rows.rows
  } finally {
    rmSync(stateDir, { recursive: true, force: true })
  }
}

async function measure(rows: Rows, stateDir: string | null, what: string): Promise<void> {
  const clinic = await openClinic({ stateDir })
  try {
    const ward = await openWard(clinic)
    const owner = clinic.person('patient')
    rows.add(
      `whoAmI, an update${what}`,
      await perSecond(async () => {
        const { account } = await clinic.ok(owner.principal, 'consent', 'whoAmI', null)
        check(account.length === 1, 'the patient has an account')
      }),
      '1/s',
    )
    rows.add(`records.open over three canisters${what}`, await opensPerSecond(clinic, ward), '1/s')
    if (stateDir !== null) return
    rows.add(
      'changes, a query',
      await perSecond(async () => {
        check((await clinic.ok(owner.principal, 'consent', 'changes', null)) > 0n, 'something has changed')
      }),
      '1/s',
    )
    rows.add(
      'whoAmI over HTTP, signed by the caller and certified for them',
      await perSecond(async () => {
        const answer = await clinic.overHttp(owner, 'consent', 'whoAmI', null)
        check('Ok' in answer, 'the patient is known')
      }),
      '1/s',
    )
  } finally {
    await clinic.close()
  }
}

/** A reader opens at most 128 times in ten minutes, so every ten minutes' worth moves the clock. */
async function opensPerSecond(clinic: Clinic, ward: Ward): Promise<number> {
  const { recordId, version } = await store(
    clinic,
    ward.senderOf('owner'),
    await seal(ward.keys, ward.reachOf('owner')),
  )
  const readers = (['owner', 'live'] as const).map((caller) => [ward.senderOf(caller), ward.reachOf(caller)] as const)
  let opened = 0
  let spentMs = 0
  while (spentMs < MEASURED_MS) {
    const startMs = performance.now()
    const answers = await Promise.all(
      Array.from({ length: IN_FLIGHT }, (_, i) => {
        const [reader, reach] = readers[i % 2] ?? [ward.senderOf('owner'), ward.reachOf('owner')]
        const arg = { ...placeOf(reach), records: [{ recordId, version }], requestId: freshId() }
        return clinic.ok(reader, 'records', 'open', arg)
      }),
    )
    spentMs += performance.now() - startMs
    for (const { openWraps } of answers) check(openWraps.length === 1, 'the record has its wrap')
    opened += answers.length
    await clinic.advance(11n * 60_000_000_000n)
  }
  return (opened * 1000) / spentMs
}

async function perSecond(work: () => Promise<void>): Promise<number> {
  for (let i = 0; i < IN_FLIGHT; i++) await work()
  const endMs = performance.now() + MEASURED_MS
  let count = 0
  const startMs = performance.now()
  const worker = async () => {
    while (performance.now() < endMs) {
      await work()
      count++
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
  return (count * 1000) / (performance.now() - startMs)
}
