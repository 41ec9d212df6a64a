import type { MedGuardClient, NewRecord, RecordSummary, WaitingRecord } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { createTask } from '../app/task.ts'

/** Kinds of records that have a form. */
export const FORM_KINDS = ['allergy', 'condition', 'medicine', 'vaccine', 'lab', 'vital', 'visit'] as const
export type FormKind = (typeof FORM_KINDS)[number]

/** What is typed, by field. */
export type Values = Readonly<Record<string, string>>

/** Keeps what is typed by form: a kind for a new record, a record's id for one that is corrected. */
export interface FormDrafts {
  readonly drafts: Readonly<Record<string, Values>>
  readonly edit: (form: string, change: Values) => void
  readonly drop: (form: string) => void
}

export interface FormSending {
  readonly form: string
  readonly record: NewRecord
  /** The version that this one corrects. */
  readonly before: RecordSummary | null
}

/**
 * What is typed is in the memory of the page only, never in the browser's storage: it survives going elsewhere and a session that ended by
 * itself, and is gone with a lock, a reload or another person.
 */
export function createFormFlow(
  client: Pick<MedGuardClient, 'add' | 'amend'>,
  onSaved: (record: RecordSummary, before: RecordSummary | null) => void,
) {
  const form = createStore<FormDrafts>()((set, get) => ({
    drafts: {},
    edit: (name, change) => set({ drafts: { ...get().drafts, [name]: { ...get().drafts[name], ...change } } }),
    drop: (name) => {
      const { [name]: _, ...others } = get().drafts
      set({ drafts: others })
    },
  }))
  const sending = createTask<FormSending, RecordSummary>(async ({ form: name, record, before }, progress) => {
    const { category: _, ...amended } = record
    const outcome = before === null ? await client.add(record, progress) : await client.amend(before, amended, progress)
    if (outcome.kind === 'done') {
      form.getState().drop(name)
      onSaved(outcome.value, before)
    }
    return outcome
  })
  return { form, sending }
}
export type FormFlow = ReturnType<typeof createFormFlow>

/** Into one's own record, where a new one may wait on this device for a network. A correction never does: the version it corrects may be an older one by then. */
export function createOwnFormFlow(
  client: Pick<MedGuardClient, 'add' | 'amend' | 'putOff'>,
  on: {
    readonly saved: (record: RecordSummary, before: RecordSummary | null) => void
    readonly putOff: () => void
  },
) {
  const flow = createFormFlow(client, on.saved)
  const puttingOff = createTask<FormSending, WaitingRecord>(async ({ form: name, record }) => {
    const outcome = await client.putOff(record)
    if (outcome.kind === 'done') {
      flow.form.getState().drop(name)
      on.putOff()
    }
    return outcome
  })
  return { ...flow, puttingOff }
}
export type OwnFormFlow = ReturnType<typeof createOwnFormFlow>
