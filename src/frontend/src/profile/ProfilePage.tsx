import { useState } from 'react'
import { useFresh, useServices } from '../app/context.ts'
import { ListSkeleton, Page, ProblemNotice } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { t } from '../words/language.ts'
import { createProfileSaving } from './profile-stores.ts'
import { ProfileForm } from './ProfileForm.tsx'

/** Who somebody is, as they tell it. */
export function ProfilePage() {
  return (
    <Page
      title={t('profile.title')}
      intro={t('profile.intro')}
      back={{ to: { name: 'settings', area: 'patient' }, label: t('shell.settings') }}
    >
      <ProfileBody />
    </Page>
  )
}

export function ProfileBody({ onSaved }: { onSaved?: () => void }) {
  const services = useServices()
  const [saving] = useState(() => createProfileSaving(services.client, services.profile))
  const profile = useFresh(services.profile)
  switch (profile.status) {
    case 'loading':
      return <ListSkeleton label={t('profile.looking')} rows={3} />
    case 'failed':
      return <ProblemNotice problem={profile.problem} what={t('profile.notShown')} onRetry={profile.load} />
    case 'ready':
      // What another device changed is looked up first: a form does not change under whoever fills it in.
      if (profile.refreshing) return <ListSkeleton label={t('profile.looking')} rows={3} />
      return (
        <div className="mg-stack">
          {profile.problem !== null && (
            <ProblemNotice problem={profile.problem} what={t('page.outOfDate')} onRetry={profile.load} />
          )}
          <ProfileForm profile={profile.value} saving={saving} onSaved={onSaved} />
        </div>
      )
    default:
      return unreachable(profile)
  }
}
