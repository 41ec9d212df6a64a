import type { PeopleInfo, RecoveryInfo } from '@medguard/client'
import { useState } from 'react'
import { useFresh, useNow, useServices } from '../app/context.ts'
import { atText, msOf } from '../app/dates.ts'
import { ListSkeleton, Notice, Page, Person, ProblemNotice, Section } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { t } from '../words/language.ts'
import { GuardianForm } from './GuardianForm.tsx'
import { createRecoveryStores, type RecoveryStores } from './recovery-stores.ts'
import { RecoveryForm } from './RecoveryForm.tsx'
import { RecoveryUnderWay } from './RecoveryUnderWay.tsx'
import { isRecoverySet } from './recovery-draft.ts'
import { Rehearsal } from './Rehearsal.tsx'
import './recovery.css'

/** Who or what may bring the account back, and the help that a guardian gives to somebody else. */
export function RecoveryPage() {
  const { client, around } = useServices()
  const [stores] = useState(() => createRecoveryStores(client, () => void around.getState().load()))
  return (
    <Page
      title={t('recovery.title')}
      intro={t('recovery.intro')}
      back={{ to: { name: 'settings', area: 'patient' }, label: t('shell.settings') }}
    >
      <RecoveryUnderWay />
      <Body stores={stores} />
      <Section title={t('recovery.guardianTitle')}>
        <GuardianForm stores={stores} />
      </Section>
    </Page>
  )
}

function Body({ stores }: { stores: RecoveryStores }) {
  const around = useFresh(useServices().around)
  switch (around.status) {
    case 'loading':
      return <ListSkeleton label={t('recovery.looking')} rows={2} />
    case 'failed':
      return <ProblemNotice problem={around.problem} what={t('recovery.notShown')} onRetry={around.load} />
    case 'ready':
      return (
        <>
          {around.problem !== null && (
            <ProblemNotice problem={around.problem} what={t('page.outOfDate')} onRetry={around.load} />
          )}
          <Present people={around.value} />
          {isRecoverySet(around.value) && (
            <Section title={t('rehearsal.title')}>
              <Rehearsal people={around.value} />
            </Section>
          )}
          <Section title={t('recovery.change')}>
            <Form stores={stores} people={around.value} />
          </Section>
        </>
      )
    default:
      return unreachable(around)
  }
}

/** What is being filled in stays while the list behind it is asked for again. */
function Form({ stores, people }: { stores: RecoveryStores; people: PeopleInfo }) {
  const { home } = useServices()
  return <RecoveryForm key={settingsKey(people)} stores={stores} people={people} home={home} />
}
const settingsKey = ({ recovery, comingRecovery }: PeopleInfo): string =>
  JSON.stringify([
    recovery,
    comingRecovery === null ? null : [comingRecovery.kit, comingRecovery.guardians, comingRecovery.threshold],
  ])

function Present({ people }: { people: PeopleInfo }) {
  const nowMs = useNow()
  const { recovery, comingRecovery, isRecoveryWhole } = people
  if (!isRecoveryWhole) {
    return (
      <Notice tone="warn" title={t('recovery.differ')}>
        <p>{t('recovery.differText')}</p>
      </Notice>
    )
  }
  if (recovery === null) {
    return (
      <Notice tone="warn" title={t('recovery.none')}>
        <p>{t('recovery.noneText')}</p>
      </Notice>
    )
  }
  return (
    <>
      <Section title={t('recovery.now')}>
        <Settings settings={recovery} />
      </Section>
      {comingRecovery !== null && (
        <Section title={t('recovery.coming')}>
          <Settings settings={comingRecovery} />
          <p className="mg-soft mg-small">
            {t('recovery.comingFrom', { from: atText(msOf(comingRecovery.fromNs), nowMs) })}
          </p>
        </Section>
      )}
    </>
  )
}

function Settings({ settings: { kit, guardians, threshold } }: { settings: RecoveryInfo }) {
  return (
    <div className="mg-card mg-pad">
      <dl className="mg-facts">
        <div className="mg-fact">
          <dt>{t('recovery.kitIs')}</dt>
          <dd>{t(kit === null ? 'recovery.kitNot' : 'recovery.kitSet')}</dd>
        </div>
        <div className="mg-fact">
          <dt>{t('recovery.guardians')}</dt>
          <dd>
            {guardians.length === 0
              ? t('recovery.noGuardians')
              : guardians.map((code) => <Person key={code} code={code} />)}
          </dd>
        </div>
        {guardians.length > 0 && (
          <div className="mg-fact">
            <dt>{t('recovery.needed')}</dt>
            <dd>{t('recovery.neededOf', { needed: threshold, all: guardians.length })}</dd>
          </div>
        )}
      </dl>
    </div>
  )
}
