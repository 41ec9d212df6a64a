import type { MedGuardClient, Profile } from '@medguard/client'
import type { LoadableStore } from '../app/loadable.ts'
import { createTask } from '../app/task.ts'
import { isSame, merged } from './profile-draft.ts'

export interface ProfileChange {
  /** As the form began. */
  readonly before: Profile
  readonly wanted: Profile
}

/** @param profile is told what was stored. */
export const createProfileSaving = (client: MedGuardClient, profile: LoadableStore<Profile>) =>
  createTask<ProfileChange, { readonly isMerged: boolean }>(async ({ before, wanted }) => {
    const stored = await client.profile()
    if (stored.kind === 'refused') return stored
    const next = merged(stored.value ?? {}, before, wanted)
    const outcome = await client.setProfile(next)
    if (outcome.kind === 'refused') return outcome
    profile.getState().put(outcome.value)
    return { kind: 'done', value: { isMerged: !isSame(stored.value ?? {}, before) } }
  })
export type ProfileSaving = ReturnType<typeof createProfileSaving>
