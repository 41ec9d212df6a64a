import type { AccessRequestInfo, Approval, MedGuardClient, Outcome, Share } from '@medguard/client'
import { createLoadable, type LoadableStore } from '../app/loadable.ts'
import { createTask, type TaskStore } from '../app/task.ts'

export type Answer =
  | { readonly kind: 'approve'; readonly approval: Approval }
  | { readonly kind: 'decline' }
  /** The person who asked, also where they asked for an organisation. */
  | { readonly kind: 'block' }
export interface Answered {
  readonly kind: Answer['kind']
  /** What an approval became. */
  readonly share: Share | null
}

/** What others ask of the signed-in patient, and what becomes of it. @param onAnswered also after a refusal: it may say that something changed. */
export function createRequestStores(client: MedGuardClient, onAnswered: (answered: Answered | null) => void) {
  const received: LoadableStore<readonly AccessRequestInfo[]> = createLoadable(() => client.requests('received'))
  const answering = new Map<string, TaskStore<Answer, Answered>>()
  return {
    received,
    /** One for each request: several may be under way. */
    answeringOf({ askId, requester }: Pick<AccessRequestInfo, 'askId' | 'requester'>): TaskStore<Answer, Answered> {
      const known = answering.get(askId)
      if (known !== undefined) return known
      const made = createTask<Answer, Answered>(async (answer) => {
        const outcome = await answered(client, { askId, requester }, answer)
        void received.getState().load()
        onAnswered(outcome.kind === 'done' ? outcome.value : null)
        return outcome
      })
      answering.set(askId, made)
      return made
    },
  }
}
export type RequestStores = ReturnType<typeof createRequestStores>

async function answered(
  client: MedGuardClient,
  { askId, requester }: Pick<AccessRequestInfo, 'askId' | 'requester'>,
  answer: Answer,
): Promise<Outcome<Answered>> {
  if (answer.kind === 'approve') {
    const outcome = await client.approveRequest(askId, answer.approval)
    return outcome.kind === 'done' ? { kind: 'done', value: { kind: 'approve', share: outcome.value } } : outcome
  }
  if (answer.kind === 'block') {
    const blocked = await client.changeRules({ kind: 'block', whom: requester })
    if (blocked.kind === 'refused') return blocked
  }
  const denied = await client.denyRequest(askId)
  return denied.kind === 'done' ? { kind: 'done', value: { kind: answer.kind, share: null } } : denied
}
