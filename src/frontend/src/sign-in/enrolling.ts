import type { AccountInfo, MedGuardClient, Refusal } from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { createTask } from '../app/task.ts'

/** The code of an invitation; kept until the account is there, whatever the line does. */
export interface InvitationForm {
  /** Whether somebody said that they have one, or cannot go on without. */
  readonly shown: 'no' | 'asked' | 'needed'
  readonly code: string
  readonly wrong: 'codeOdd' | 'codeRefused' | null
}

/** Opening an account: with the code of an invitation where somebody has one or needs one. Each step can be repeated. */
export function createEnrolling(client: MedGuardClient, onEnrolled: (account: AccountInfo) => void) {
  const invitation = createStore<InvitationForm>()(() => ({ shown: 'no', code: '', wrong: null }))
  const enrolling = createTask<void, AccountInfo>(async () => {
    const { shown, code } = invitation.getState()
    invitation.setState({ wrong: null })
    if (shown !== 'no' && code.trim() !== '') {
      const claimed = await client.claimInvitation(code)
      // Who claimed another one before is let in by that one.
      if (claimed.kind === 'refused' && claimed.refusal.kind !== 'AlreadyDone') {
        invitation.setState({ wrong: wrongBy(claimed.refusal) })
        return claimed
      }
    }
    const outcome = await client.enrol()
    if (outcome.kind === 'done') onEnrolled(outcome.value)
    else if (outcome.refusal.kind === 'Unverified') invitation.setState({ shown: 'needed' })
    return outcome
  })
  return { invitation, enrolling }
}

/** The canisters give one answer for used, over and never made. */
function wrongBy({ kind }: Refusal): InvitationForm['wrong'] {
  return kind === 'BadInput' ? 'codeOdd' : kind === 'NotPermitted' ? 'codeRefused' : null
}
