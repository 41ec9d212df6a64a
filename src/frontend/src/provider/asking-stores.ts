import type { AccessRequestInfo, MedGuardClient, NewAccessRequest } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { createLoadable, type LoadableStore } from '../app/loadable.ts'
import { createTask, type TaskStore } from '../app/task.ts'
import { type AskDraft, EMPTY_ASK } from './asking.ts'

/** What somebody asks of patients, and what became of it. @param onSent told once the network has it. */
export function createAskingStores(
  client: Pick<MedGuardClient, 'requestAccess' | 'requests' | 'withdrawRequest'>,
  onSent: () => void,
) {
  const form = createStore<{
    readonly draft: AskDraft
    readonly edit: (change: Partial<AskDraft>) => void
    readonly clear: () => void
  }>()((set, get) => ({
    draft: EMPTY_ASK,
    edit: (change) => set({ draft: { ...get().draft, ...change } }),
    clear: () => set({ draft: EMPTY_ASK }),
  }))
  const sent: LoadableStore<readonly AccessRequestInfo[]> = createLoadable(() => client.requests('sent'))
  const sending = createTask<NewAccessRequest, { askId: string }>(async (request) => {
    const outcome = await client.requestAccess(request)
    if (outcome.kind === 'done') {
      form.getState().clear()
      onSent()
      void sent.getState().load()
    }
    return outcome
  })
  const withdrawing = new Map<string, TaskStore<void, null>>()
  return {
    form,
    sent,
    sending,
    /** One for each request: several may be under way. */
    withdrawingOf(askId: string): TaskStore<void, null> {
      const known = withdrawing.get(askId)
      if (known !== undefined) return known
      const made = createTask<void, null>(async () => {
        const outcome = await client.withdrawRequest(askId)
        await sent.getState().load() // also after a refusal: it may have been answered meanwhile
        return outcome
      })
      withdrawing.set(askId, made)
      return made
    },
  }
}
