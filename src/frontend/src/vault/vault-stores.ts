import {
  type AccountInfo,
  type ArchiveReport,
  type Category,
  type ContentSource,
  type ErasureReceipt,
  type FhirReport,
  type MedGuardClient,
  newArchiveKey,
  type OpenUpload,
} from '@medguard/client'
import { createLoadable } from '../app/loadable.ts'
import { createTask } from '../app/task.ts'
import { kept, type NewFile } from './new-file.ts'

/** An archive that was written, and its key: whoever has both has everything. */
export interface Exported {
  readonly report: ArchiveReport
  readonly key: Uint8Array
}

/** Everything, or a summary of what is in these kinds, for programs of others. */
export interface FhirFile {
  readonly what: 'everything' | readonly Category[]
  readonly file: NewFile
  readonly signal: AbortSignal
}
export interface FhirFileReport extends Pick<FhirReport, 'records' | 'withoutContent' | 'damaged' | 'hasLog'> {
  /** Of a summary. */
  readonly entries: number | null
}

/** A piece at a time: an archive may be larger than memory. */
export const sourceOfFile = (file: Blob): ContentSource => ({
  sizeBytes: file.size,
  read: async (start, end) => new Uint8Array(await file.slice(start, end).arrayBuffer()),
})

/** What is about the vault as a whole: how full it is, taking it along, putting it back, and the end of it. */
export function createVaultStores(client: MedGuardClient, onStored: () => void) {
  const usage = createLoadable(() => client.usage())
  const uploads = createLoadable(() => client.uploads())
  const exporting = createTask<{ file: NewFile; signal: AbortSignal }, Exported>(async ({ file, signal }, progress) => {
    const key = newArchiveKey()
    const outcome = await kept(file, (sink) => client.exportVault(key, sink, progress, signal))
    return outcome.kind === 'refused' ? outcome : { kind: 'done', value: { report: outcome.value, key } }
  })
  const fhir = createTask<FhirFile, FhirFileReport>(async ({ what, file, signal }, progress) => {
    if (what === 'everything') {
      const outcome = await kept(file, (sink) => client.exportFhir(sink, progress, signal))
      return outcome.kind === 'refused' ? outcome : { kind: 'done', value: { ...outcome.value, entries: null } }
    }
    const outcome = await kept(file, (sink) => client.exportSummary(what, sink, progress, signal))
    const whole = { withoutContent: 0, hasLog: true }
    return outcome.kind === 'refused' ? outcome : { kind: 'done', value: { ...outcome.value, ...whole } }
  })
  const importing = createTask<{ key: Uint8Array; file: ContentSource; signal: AbortSignal }, ArchiveReport>(
    async ({ key, file, signal }, progress) => {
      const outcome = await client.importVault(key, file, progress, signal)
      onStored() // also after a refusal: what came before it is there
      void usage.getState().load()
      return outcome
    },
  )
  const abandon = async (upload: OpenUpload) => {
    const outcome = await client.abandon(upload)
    void uploads.getState().load()
    void usage.getState().load()
    return outcome
  }
  const erasing = createTask<AccountInfo, ErasureReceipt>(({ patientId }) => client.erase(patientId))
  return { usage, uploads, exporting, fhir, importing, abandon, erasing }
}
export type VaultStores = ReturnType<typeof createVaultStores>
