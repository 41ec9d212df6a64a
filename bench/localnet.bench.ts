import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openClinic } from '../test/scenarios/clinic.ts'
import { openWard } from '../test/scenarios/ward.ts'
import { measureLargeHeap } from './localnet-heap.ts'
import { measureRates } from './localnet-rates.ts'
import { measureRollback } from './localnet-rollback.ts'
import { measureStart } from './localnet-start.ts'
import { type Row, rowsOf, type Rows } from './rows.ts'

/** What the embedded network costs: per message, per rollback, at its start and when nothing happens. */
export async function run(): Promise<Row[]> {
  const rows = rowsOf('localnet')
  const folder = mkdtempSync(join(tmpdir(), 'medguard-bench-'))
  try {
    await measureStart(rows, join(folder, 'start'))
    await inClinic(rows, null, '')
    await inClinic(rows, join(folder, 'rates'), ', kept on disk')
    await measureLargeHeap(rows)
    await measureRollback(rows)
    return rows.rows
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function inClinic(rows: Rows, stateDir: string | null, place: string): Promise<void> {
  const clinic = await openClinic({ stateDir })
  try {
    await measureRates(rows, clinic, await openWard(clinic), place)
  } finally {
    await clinic.close()
  }
}
