import type { ExportedRecords, MedGuardClient, RecordSummary } from '@medguard/client'
import { createTask } from '../../app/task.ts'
import type { NewFile } from '../../vault/new-file.ts'

export interface Exporting {
  readonly records: readonly RecordSummary[]
  readonly file: NewFile
  readonly signal: AbortSignal
}

/** Chosen records into a file. It is finished only once the log has that they were taken along; until then nothing of it is kept. */
export const createExporting = (client: Pick<MedGuardClient, 'exportRecords'>) =>
  createTask<Exporting, ExportedRecords>(async ({ records, file, signal }, progress) => {
    let isWhole = false
    try {
      const outcome = await client.exportRecords(records, (bytes) => file.write(bytes), progress, signal)
      if (outcome.kind === 'refused') return outcome
      await file.finish()
      isWhole = true
      return outcome
    } finally {
      if (!isWhole) await file.discard()
    }
  })
export type ExportTask = ReturnType<typeof createExporting>
