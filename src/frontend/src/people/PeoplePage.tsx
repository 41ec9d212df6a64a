import { Button } from '@mantine/core'
import type { PeopleInfo, Power, WardInfo } from '@medguard/client'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useFresh, useNow, useOwn, useRouter, useServices } from '../app/context.ts'
import { dayText, momentText, msOf, nsOf } from '../app/dates.ts'
import { EndButton } from '../app/EndButton.tsx'
import { ListSkeleton, Notice, Page, Person, ProblemNotice, Section } from '../app/elements.tsx'
import type { LoadableStore } from '../app/loadable.ts'
import { unreachable } from '../app/unreachable.ts'
import { shortCode } from '../app/words.ts'
import { listText, t } from '../words/language.ts'
import { AppointForm, POWERS } from './AppointForm.tsx'
import { CodeForm } from './CodeForm.tsx'
import { ErasureNotice } from './ErasureNotice.tsx'
import { createPeopleStores, type PeopleStores } from './people-stores.ts'
import '../sharing/sharing.css'

/** Whose records one can open, who acts in the place of whose record is open, and how that person signs in. */
export function PeoplePage() {
  const open = useServices()
  const own = useOwn()
  const [stores] = useState(() => createPeopleStores(open, own))
  return (
    <Page
      title={t('people.title')}
      intro={t('people.intro')}
      back={{ to: { name: 'settings', area: 'patient' }, label: t('shell.settings') }}
    >
      <ErasureNotice />
      <Section title={t('people.profiles')}>
        <People of={own.around}>{(people) => <Profiles people={people} stores={stores} />}</People>
      </Section>
      <Section title={t('people.carers')}>
        <div className="mg-stack">
          <People of={open.around}>{(people) => <Carers people={people} stores={stores} />}</People>
          <AppointForm stores={stores} />
        </div>
      </Section>
      {open.ward === null && (
        <>
          <Section title={t('people.signIns')}>
            <div className="mg-stack">
              <People of={open.around}>{(people) => <SignIns people={people} stores={stores} />}</People>
              <CodeForm
                task={stores.offering}
                name={t('people.addSignIn')}
                text={t('people.addSignInText')}
                label={t('people.newSignIn')}
                go={t('people.offer')}
                failed={t('people.notOffered')}
                done={t('people.offered', { code: open.home })}
              />
            </div>
          </Section>
          <Section title={t('people.accept')}>
            <CodeForm
              task={stores.accepting}
              name={t('people.accept')}
              text={t('people.acceptText')}
              label={t('people.code')}
              go={t('people.acceptGo')}
              failed={t('people.notAccepted')}
              done={t('people.accepted')}
            />
          </Section>
          <Section title={t('people.child')}>
            <ChildForm stores={stores} />
          </Section>
        </>
      )}
    </Page>
  )
}

function People(props: { of: LoadableStore<PeopleInfo>; children: (people: PeopleInfo) => React.ReactNode }) {
  const people = useFresh(props.of)
  switch (people.status) {
    case 'loading':
      return <ListSkeleton label={t('people.looking')} rows={2} />
    case 'failed':
      return <ProblemNotice problem={people.problem} what={t('people.notShown')} onRetry={people.load} />
    case 'ready':
      return (
        <>
          {people.problem !== null && (
            <ProblemNotice problem={people.problem} what={t('page.outOfDate')} onRetry={people.load} />
          )}
          {!people.value.isWhole && <p className="mg-soft">{t('people.half')}</p>}
          {props.children(people.value)}
        </>
      )
    default:
      return unreachable(people)
  }
}

const powersText = (powers: readonly Power[]) =>
  listText(POWERS.filter((each) => powers.includes(each)).map((each) => t(`people.power_${each}`)))
function Terms({ powers, endNs }: { powers: readonly Power[]; endNs: bigint | null }) {
  const nowMs = useNow()
  return (
    <p className="mg-soft mg-small">
      {t('people.may', { powers: powersText(powers) })}
      {' · '}
      {endNs === null ? t('people.noEnd') : t('people.until', { until: momentText(msOf(endNs), nowMs) })}
    </p>
  )
}

function Profiles({ people, stores }: { people: PeopleInfo; stores: PeopleStores }) {
  const { ward, switchTo } = useRouter()
  const nowMs = useNow()
  const wards = people.wards.filter(({ endNs }) => endNs === null || endNs > nsOf(nowMs))
  const button = (patientId: string | null, who: string) =>
    ward === patientId ? (
      <strong>{t('people.openNow')}</strong>
    ) : (
      <Button aria-label={t('people.openWho', { who })} onClick={() => switchTo(patientId)}>
        {t('people.open')}
      </Button>
    )
  return (
    <ul className="mg-card mg-list" aria-label={t('people.profiles')}>
      <li className="mg-share">
        <div className="mg-share-text">
          <strong>{t('profiles.mine')}</strong>
        </div>
        <div className="mg-share-actions">{button(null, t('profiles.mine'))}</div>
      </li>
      {wards.map((each) => (
        <WardRow key={each.patientId} ward={each} stores={stores} button={button} />
      ))}
    </ul>
  )
}

function WardRow(props: {
  ward: WardInfo
  stores: PeopleStores
  button: (patientId: string, who: string) => React.ReactNode
}) {
  const { patientId, patient, powers, endNs, isDependant } = props.ward
  const who = shortCode(patient)
  return (
    <li className="mg-share">
      <div className="mg-share-text">
        <Person code={patient} />
        <p>{t(isDependant ? 'people.dependant' : 'people.forSomebody')}</p>
        <Terms powers={powers} endNs={endNs} />
      </div>
      <div className="mg-share-actions">
        {props.button(patientId, who)}
        <EndButton
          end={() => props.stores.resign(patientId)}
          label={t('people.resign')}
          name={t('people.resignWho', { who })}
          texts={[t('people.resignText')]}
          notEnded={t('people.notEnded')}
        />
      </div>
    </li>
  )
}

function Carers({ people, stores }: { people: PeopleInfo; stores: PeopleStores }) {
  const { client } = useServices()
  const nowMs = useNow()
  const carers = people.representatives.filter(({ endNs }) => endNs === null || endNs > nsOf(nowMs))
  if (carers.length === 0) return <p className="mg-card mg-pad">{t('people.carersNone')}</p>
  return (
    <ul className="mg-card mg-list" aria-label={t('people.carers')}>
      {carers.map(({ principal, powers, endNs, isAccepted }) => (
        <li key={principal} className="mg-share">
          <div className="mg-share-text">
            <Person code={principal} isMe={principal === client.principal} />
            {!isAccepted && <p>{t('people.notAgreed')}</p>}
            <Terms powers={powers} endNs={endNs} />
          </div>
          {principal !== client.principal && (
            <div className="mg-share-actions">
              <EndButton
                end={() => stores.dismiss(principal)}
                label={t('people.dismiss')}
                name={t('people.dismissWho', { who: shortCode(principal) })}
                texts={[t('people.dismissText')]}
                notEnded={t('people.notEnded')}
              />
            </div>
          )}
        </li>
      ))}
    </ul>
  )
}

function SignIns({ people, stores }: { people: PeopleInfo; stores: PeopleStores }) {
  const { client } = useServices()
  return (
    <ul className="mg-card mg-list" aria-label={t('people.signIns')}>
      {people.principals.map(({ principal, isActive, sinceNs }) => (
        <li key={principal} className="mg-share">
          <div className="mg-share-text">
            <Person code={principal} />
            <p className="mg-soft mg-small">
              {listText([
                sinceNs === 0n ? t('people.first') : t('people.since', { day: dayText(msOf(sinceNs)) }),
                ...(principal === client.principal ? [t('people.thisOne')] : []),
                ...(isActive ? [] : [t('people.ended')]),
              ])}
            </p>
          </div>
          {isActive && principal !== client.principal && (
            <div className="mg-share-actions">
              <EndButton
                end={() => stores.unlink(principal)}
                label={t('people.dismiss')}
                name={t('people.unlinkWho', { who: shortCode(principal) })}
                texts={[t('people.unlinkText')]}
                notEnded={t('people.notEnded')}
              />
            </div>
          )}
        </li>
      ))}
    </ul>
  )
}

function ChildForm({ stores }: { stores: PeopleStores }) {
  const { task, run, reset } = useStore(stores.enrolling)
  if (task.status === 'done') {
    return (
      <Notice
        tone="good"
        loud
        title={t('people.childDone')}
        actions={
          <Button variant="default" onClick={reset}>
            {t('page.close')}
          </Button>
        }
      >
        <p>{t('people.childNext')}</p>
      </Notice>
    )
  }
  return (
    <div className="mg-card mg-pad mg-stack">
      <p>{t('people.childText')}</p>
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('people.notMade')} />}
      <div className="mg-row">
        <Button variant="default" loading={task.status === 'working'} onClick={() => void run()}>
          {t('people.childGo')}
        </Button>
      </div>
    </div>
  )
}
