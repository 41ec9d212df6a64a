import type { ExportedRecords, MedGuardClient, RecordSummary } from '@medguard/client'
import { createTask } from '../../app/task.ts'
import { kept, type NewFile } from '../../vault/new-file.ts'

export interface Exporting {
  readonly records: readonly RecordSummary[]
  readonly file: NewFile
  readonly signal: AbortSignal
}

/** Chosen records into a file. It is finished only once the log has that they were taken along; until then nothing of it is kept. */
export const createExporting = (client: Pick<MedGuardClient, 'exportRecords'>) =>
  createTask<Exporting, ExportedRecords>(({ records, file, signal }, progress) =>
    kept(file, (sink) => client.exportRecords(records, sink, progress, signal)),
  )
export type ExportTask = ReturnType<typeof createExporting>
