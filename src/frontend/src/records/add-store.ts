import {
  type Category,
  type MedGuardClient,
  type NewRecord,
  RECORD_BYTES_MAX,
  type RecordSummary,
  TITLE_CHARS_MAX,
} from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { clinicalMs, sizeText } from '../app/dates.ts'
import { createTask } from '../app/task.ts'
import { mediaTypeOf } from './media.ts'

export interface AddDraft {
  readonly as: 'file' | 'note'
  readonly file: File | null
  readonly note: string
  readonly title: string
  /** Null until chosen or guessed from the file. */
  readonly category: Category | null
  /** Calendar day, or empty when unknown. */
  readonly day: string
  /** Whose record it is, as those it is shared with read it; null: not touched yet, the name of the newest record holds. */
  readonly subject: string | null
}
const EMPTY: AddDraft = { as: 'file', file: null, note: '', title: '', category: null, day: '', subject: null }

export type AddField = 'file' | 'note' | 'title' | 'category' | 'day'
export type AddErrors = Partial<Record<AddField, string>>

export function addErrors(draft: AddDraft): AddErrors {
  const title = draft.title.trim()
  return {
    ...(draft.as === 'file' && fileError(draft.file)),
    ...(draft.as === 'note' && draft.note.trim() === '' && { note: 'Write something first.' }),
    ...(title === '' && { title: 'Give it a title, so that you find it again.' }),
    ...(Array.from(title).length > TITLE_CHARS_MAX && { title: `Use at most ${TITLE_CHARS_MAX} characters.` }),
    ...(draft.category === null && { category: 'Choose what kind of record it is.' }),
    ...(draft.day !== '' && clinicalMs(draft.day) === null && { day: 'This is not a day of the calendar.' }),
  }
}

function fileError(file: File | null): AddErrors {
  if (file === null) return { file: 'Choose a file or take a photo.' }
  if (file.size === 0) return { file: `“${file.name}” is empty. Choose another file.` }
  if (file.size > RECORD_BYTES_MAX) {
    return { file: `“${file.name}” is ${sizeText(file.size)}; the most is ${sizeText(RECORD_BYTES_MAX)}.` }
  }
  return {}
}

/** Reads the file whole. @throws DOMException when the file was moved or changed since it was chosen. */
async function recordOf(draft: AddDraft & { category: Category }): Promise<NewRecord> {
  const about = {
    title: draft.title.trim(),
    category: draft.category,
    clinicalDate: draft.day || null,
    subject: draft.subject?.trim() || null,
  }
  if (draft.as === 'note' || draft.file === null) {
    return { ...about, bytes: new TextEncoder().encode(draft.note), fileName: null, mediaType: 'text/plain' }
  }
  const bytes = new Uint8Array(await draft.file.arrayBuffer())
  return { ...about, bytes, fileName: draft.file.name, mediaType: mediaTypeOf(draft.file.name, draft.file.type, bytes) }
}

export interface AddFormState {
  readonly draft: AddDraft
  readonly edit: (change: Partial<AddDraft>) => void
  readonly clear: () => void
}

/** The draft stays until the record is saved or the reader clears it, wherever they go in between. */
export function createAddFlow(client: Pick<MedGuardClient, 'add'>, onAdded: (record: RecordSummary) => void) {
  const form = createStore<AddFormState>()((set, get) => ({
    draft: EMPTY,
    edit: (change) => set({ draft: { ...get().draft, ...change } }),
    clear: () => set({ draft: { ...EMPTY, as: get().draft.as } }),
  }))
  const sending = createTask<AddDraft & { category: Category }, RecordSummary>(async (draft, progress) => {
    const outcome = await client.add(await recordOf(draft), progress)
    if (outcome.kind === 'done') {
      form.getState().clear()
      onAdded(outcome.value)
    }
    return outcome
  })
  return { form, sending }
}
export type AddFlow = ReturnType<typeof createAddFlow>
