import { useState } from 'react'
import { useFresh, useServices } from '../app/context.ts'
import { ListSkeleton, Page, ProblemNotice } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { createProfileSaving } from '../profile/profile-stores.ts'
import { t } from '../words/language.ts'
import { PreferencesForm } from './PreferencesForm.tsx'

/** What somebody is told, when, and in which units they read: part of their encrypted profile, so the same on every device. */
export function PreferencesPage() {
  return (
    <Page
      title={t('preferences.title')}
      intro={t('preferences.intro')}
      back={{ to: { name: 'settings', area: 'patient' }, label: t('shell.settings') }}
    >
      <Body />
    </Page>
  )
}

function Body() {
  const services = useServices()
  const [saving] = useState(() => createProfileSaving(services.client, services.profile))
  const profile = useFresh(services.profile)
  switch (profile.status) {
    case 'loading':
      return <ListSkeleton label={t('preferences.looking')} rows={3} />
    case 'failed':
      return <ProblemNotice problem={profile.problem} what={t('preferences.notShown')} onRetry={profile.load} />
    case 'ready':
      // What another device changed is looked up first: a form does not change under whoever fills it in.
      if (profile.refreshing) return <ListSkeleton label={t('preferences.looking')} rows={3} />
      return (
        <>
          {profile.problem !== null && (
            <ProblemNotice problem={profile.problem} what={t('page.outOfDate')} onRetry={profile.load} />
          )}
          <PreferencesForm profile={profile.value} saving={saving} />
        </>
      )
    default:
      return unreachable(profile)
  }
}
