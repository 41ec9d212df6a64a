import { Button } from '@mantine/core'
import { useState } from 'react'
import { useFresh, useRouter, useServices } from '../app/context.ts'
import { ListSkeleton, Page, ProblemNotice } from '../app/elements.tsx'
import { HOME } from '../app/routes.ts'
import { ProfileBody } from '../profile/ProfilePage.tsx'
import { isRecoverySet } from '../recovery/recovery-draft.ts'
import { createRecoveryStores } from '../recovery/recovery-stores.ts'
import { RecoveryForm } from '../recovery/RecoveryForm.tsx'
import { t } from '../words/language.ts'

/** The rest of the first run: what brings the account back, chosen or put off in so many words, then whom to call. */
export function WelcomePage({ step }: { step: 1 | 2 }) {
  // A heading that takes the focus for each step.
  return step === 1 ? <RecoveryStep key={1} /> : <ProfileStep key={2} />
}

function RecoveryStep() {
  const { client, around } = useServices()
  const { go } = useRouter()
  const [stores] = useState(() => createRecoveryStores(client, () => void around.getState().load()))
  const people = useFresh(around)
  const isSet = people.status === 'ready' && isRecoverySet(people.value)
  const next = () => go({ name: 'welcome', step: 2 })
  return (
    <Page
      title={t('welcome.recoveryTitle')}
      intro={`${t('welcome.step', { now: 1 })} · ${t('welcome.ready')} ${t('recovery.intro')}`}
    >
      <div className="mg-stack">
        {people.status === 'loading' && <ListSkeleton label={t('recovery.looking')} rows={2} />}
        {people.status === 'failed' && (
          <ProblemNotice problem={people.problem} what={t('recovery.notShown')} onRetry={people.load} />
        )}
        {people.status === 'ready' && <RecoveryForm stores={stores} people={people.value} home={client.principal} />}
        <div className="mg-row">
          <Button variant={isSet ? 'filled' : 'default'} onClick={next}>
            {t(isSet ? 'recovery.next' : 'welcome.notNow')}
          </Button>
        </div>
      </div>
    </Page>
  )
}

function ProfileStep() {
  const { go } = useRouter()
  const [isSaved, setIsSaved] = useState(false)
  return (
    <Page title={t('welcome.profileTitle')} intro={`${t('welcome.step', { now: 2 })} · ${t('profile.intro')}`}>
      <div className="mg-stack">
        <ProfileBody onSaved={() => setIsSaved(true)} />
        <div className="mg-row">
          <Button variant={isSaved ? 'filled' : 'default'} onClick={() => go(HOME)}>
            {t(isSaved ? 'welcome.go' : 'welcome.skip')}
          </Button>
        </div>
      </div>
    </Page>
  )
}
