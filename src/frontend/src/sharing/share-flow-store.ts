import type { MedGuardClient, NewShare, Share } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { createTask } from '../app/task.ts'
import { EMPTY_DRAFT, type ShareDraft } from './share-draft.ts'

export interface ShareFlowState {
  readonly draft: ShareDraft
  readonly edit: (change: Partial<ShareDraft>) => void
  /** Anew, with somebody; nothing else is chosen (C07). */
  readonly begin: (code: string) => void
  /** Anew, with these records; nothing else is chosen. */
  readonly beginWith: (records: ShareDraft['records']) => void
  /** Anew, to let somebody send to the inbox; nobody is chosen. */
  readonly beginInbox: () => void
  readonly clear: () => void
}

/** The draft survives a failed sending; only a confirmed share or the reader empties it. */
export function createShareFlow(client: Pick<MedGuardClient, 'share'>, onShared: (share: Share) => void) {
  const form = createStore<ShareFlowState>()((set, get) => ({
    draft: EMPTY_DRAFT,
    edit: (change) => set({ draft: { ...get().draft, ...change } }),
    begin: (code) => set({ draft: { ...EMPTY_DRAFT, code } }),
    beginWith: (records) => set({ draft: { ...EMPTY_DRAFT, what: 'records', records } }),
    beginInbox: () => set({ draft: { ...EMPTY_DRAFT, what: 'inbox' } }),
    clear: () => set({ draft: EMPTY_DRAFT }),
  }))
  const sending = createTask<NewShare, Share>(async (share, progress) => {
    const outcome = await client.share(share, progress)
    if (outcome.kind === 'done') {
      form.getState().clear()
      onShared(outcome.value)
    }
    return outcome
  })
  return { form, sending }
}
export type ShareFlow = ReturnType<typeof createShareFlow>
