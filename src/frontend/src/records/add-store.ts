import {
  type Category,
  FILES_MEDIA_TYPE,
  type MedGuardClient,
  type NewRecord,
  type Outcome,
  type Progress,
  RECORD_BYTES_MAX,
  type RecordSummary,
  TITLE_CHARS_MAX,
  type WaitingRecord,
} from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { clinicalMs, sizeText } from '../app/dates.ts'
import { createTask } from '../app/task.ts'
import { t } from '../words/language.ts'
import { beginningOf, mediaTypeOf } from './media.ts'
import { nameOfPicked, pathsWithin, PICKED_FILES_MAX, type PickedFile, sizeOfPicked } from './picked-files.ts'

export interface AddDraft {
  readonly as: 'file' | 'note'
  /** None until chosen; several make one record. */
  readonly files: readonly PickedFile[]
  readonly note: string
  readonly title: string
  /** Null until chosen or guessed from the file. */
  readonly category: Category | null
  /** Calendar day, or empty when unknown. */
  readonly day: string
  /** Whose record it is, as those it is shared with read it; null: not touched yet, the name of the newest record holds. */
  readonly subject: string | null
}
const EMPTY: AddDraft = { as: 'file', files: [], note: '', title: '', category: null, day: '', subject: null }

/** Whether nothing was chosen or typed into it. */
export const isEmptyDraft = ({ files, note, title, category, day, subject }: AddDraft): boolean =>
  files.length === 0 && note + title + day + (subject ?? '') === '' && category === null

export type AddField = 'file' | 'note' | 'title' | 'category' | 'day'
export type AddErrors = Partial<Record<AddField, string>>

export function addErrors(draft: AddDraft): AddErrors {
  const title = draft.title.trim()
  return {
    ...(draft.as === 'file' && fileError(draft.files)),
    ...(draft.as === 'note' && draft.note.trim() === '' && { note: t('add.errorNote') }),
    ...(title === '' && { title: t('add.errorTitle') }),
    ...(Array.from(title).length > TITLE_CHARS_MAX && { title: t('add.errorTitleLong', { max: TITLE_CHARS_MAX }) }),
    ...(draft.category === null && { category: t('add.errorKind') }),
    ...(draft.day !== '' && clinicalMs(draft.day) === null && { day: t('add.errorDay') }),
  }
}

function fileError(files: readonly PickedFile[]): AddErrors {
  const name = nameOfPicked(files)
  const size = sizeOfPicked(files)
  if (files.length === 0) return { file: t('add.errorFile') }
  if (files.length > PICKED_FILES_MAX) return { file: t('add.errorMany', { max: PICKED_FILES_MAX }) }
  if (size === 0) return { file: t('add.errorEmpty', { name }) }
  if (size > RECORD_BYTES_MAX) {
    return { file: t('add.errorLarge', { name, size: sizeText(size), max: sizeText(RECORD_BYTES_MAX) }) }
  }
  return {}
}

/** Files are read while they are encrypted, a piece at a time. @throws DOMException when one was moved or changed since it was chosen. */
async function recordOf(draft: WholeDraft): Promise<NewRecord> {
  const about = {
    title: draft.title.trim(),
    category: draft.category,
    clinicalDate: draft.day || null,
    subject: draft.subject?.trim() || null,
  }
  const [first] = draft.files
  if (draft.as === 'note' || first === undefined) {
    return { ...about, bytes: new TextEncoder().encode(draft.note), fileName: null, mediaType: 'text/plain' }
  }
  if (draft.files.length === 1) {
    const { file } = first
    const mediaType = mediaTypeOf(file.name, file.type, await beginningOf(file))
    return { ...about, bytes: file, fileName: file.name, mediaType }
  }
  const paths = pathsWithin(draft.files)
  const files = draft.files.map(({ file }, i) => ({ name: paths[i] ?? file.name, content: file }))
  return { ...about, bytes: { files }, fileName: null, mediaType: FILES_MEDIA_TYPE }
}

export interface AddFormState {
  readonly draft: AddDraft
  readonly edit: (change: Partial<AddDraft>) => void
  readonly clear: () => void
}
/** A draft without errors. */
export type WholeDraft = AddDraft & { readonly category: Category }

/** A file or a note, to wherever `store` puts it. The draft stays until the record is saved or the reader clears it, wherever they go in between. */
export function createFileFlow(
  store: (record: NewRecord, progress: Progress) => Promise<Outcome<RecordSummary>>,
  onAdded: (record: RecordSummary) => void,
) {
  const form = createStore<AddFormState>()((set, get) => ({
    draft: EMPTY,
    edit: (change) => set({ draft: { ...get().draft, ...change } }),
    clear: () => set({ draft: { ...EMPTY, as: get().draft.as } }),
  }))
  const sending = createTask<WholeDraft, RecordSummary>(async (draft, progress) => {
    const outcome = await store(await recordOf(draft), progress)
    if (outcome.kind === 'done') {
      form.getState().clear()
      onAdded(outcome.value)
    }
    return outcome
  })
  return { form, sending }
}
export type FileFlow = ReturnType<typeof createFileFlow>

/** The same for a vault of one's own, or in the place of its patient. */
export function createAddFlow(
  client: Pick<MedGuardClient, 'add' | 'putOff'>,
  { onAdded, onPutOff }: { readonly onAdded: (record: RecordSummary) => void; readonly onPutOff: () => void },
) {
  const { form, sending } = createFileFlow((record, progress) => client.add(record, progress), onAdded)
  /** Without a network: it waits on this device. */
  const puttingOff = createTask<WholeDraft, WaitingRecord>(async (draft) => {
    const outcome = await client.putOff(await recordOf(draft))
    if (outcome.kind === 'done') {
      form.getState().clear()
      onPutOff()
    }
    return outcome
  })
  return { form, sending, puttingOff }
}
export type AddFlow = ReturnType<typeof createAddFlow>
