import { unreachable } from '../app/unreachable.ts'
import { isProfile, type PeopleInfo, type RecordSummary, type Share } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconPlus, IconShare, IconShieldLock } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'
import { useStore } from 'zustand'
import { useKnown, useLoadable, useNow, useRouter, useServices } from '../app/context.ts'
import { leftText, momentText, msOf } from '../app/dates.ts'
import { Link, ListSkeleton, Notice, Page, Person, ProblemNotice, Section } from '../app/elements.tsx'
import { isToInbox, scopeText, stepText } from '../app/words.ts'
import { ErasureNotice } from '../people/ErasureNotice.tsx'
import { RecoveryUnderWay } from '../recovery/RecoveryUnderWay.tsx'
import { RequestsWaiting } from '../requests/RequestsWaiting.tsx'
import { Grantee } from '../sharing/Grantee.tsx'
import { useNames } from '../sharing/use-names.ts'
import { knownPeople } from '../sharing/known-people.ts'
import { collapsed } from '../devices/device-days.ts'
import { DeviceDayRow } from '../devices/DeviceDayRow.tsx'
import { listed, newestFirst } from '../records/record-list.ts'
import { RecordRow } from '../records/RecordRow.tsx'
import { FirstSteps } from './FirstSteps.tsx'
import { SetUpLeft } from './SetUpLeft.tsx'
import { WhatIsNew } from './WhatIsNew.tsx'
import '../records/records.css'
import './home.css'
import { t } from '../words/language.ts'
import { Marked } from '../words/Marked.tsx'

const NEWEST_MAX = 5

const HomeAlerts = lazy(() => import('../alerts/HomeAlerts.tsx'))
const HomeTrends = lazy(() => import('../trends/HomeTrends.tsx'))

export function HomePage() {
  const { go } = useRouter()
  const services = useServices()
  const records = useLoadable(services.records)
  const shares = useLoadable(services.shares)
  const around = useLoadable(services.around)
  const isWard = services.ward !== null
  // Which values somebody wants to see here is in their profile.
  const profile = useKnown(services.profile)
  const isTold = (profile?.trends ?? []).length > 0
  const hasProfile = records.status === 'ready' && (isTold || records.value.some(isProfile))
  const hasAlerts = useStore(
    services.alerts.view,
    ({ kinds }) => kinds?.some(({ alerts }) => alerts.some(({ isOpen }) => isOpen)) === true,
  )
  const isEmpty = records.status === 'ready' && listed(records.value).length === 0
  return (
    <Page
      title={t('home.title')}
      actions={
        !isEmpty && (
          <>
            <Button
              variant="default"
              onClick={() => go({ name: 'share', step: 1 })}
              leftSection={<IconShare size={18} aria-hidden />}
            >
              {t('home.share')}
            </Button>
            <Button onClick={() => go({ name: 'add', as: 'file' })} leftSection={<IconPlus size={18} aria-hidden />}>
              {t('records.add')}
            </Button>
          </>
        )
      }
    >
      <RecoveryUnderWay />
      <ErasureNotice />
      <RequestsWaiting />
      <SetUpLeft
        around={!isWard && around.status === 'ready' ? around.value : null}
        records={records.status === 'ready' ? records.value : null}
      />
      <NeedsYou shares={shares} />
      {hasAlerts && (
        <Suspense fallback={null}>
          <HomeAlerts />
        </Suspense>
      )}
      <WhatIsNew />
      <Section
        title={t(isWard ? 'ward.whoSees' : 'home.whoSees')}
        aside={<Link to={{ name: 'sharing', tab: 'people' }}>{t('home.allShares')}</Link>}
      >
        <WhoSees shares={shares} around={around} />
      </Section>
      {!isEmpty && <ShareAgain shares={shares} />}
      {isEmpty ? (
        <Section title={t('home.start')}>
          <FirstSteps />
        </Section>
      ) : (
        <Section title={t('home.newest')} aside={<Link to={{ name: 'records', show: [] }}>{t('records.all')}</Link>}>
          <Newest records={records} />
        </Section>
      )}
      {hasProfile && (
        <Suspense fallback={null}>
          <HomeTrends records={records.value} />
        </Suspense>
      )}
      <p className="mg-home-foot">
        <Link to={{ name: 'privacy', area: 'patient' }}>{t('privacy.title')}</Link>
      </p>
    </Page>
  )
}

type View<T> = ReturnType<typeof useLoadable<T>>

/** Only what the reader has to decide. */
function NeedsYou({ shares }: { shares: View<readonly Share[]> }) {
  const { go } = useRouter()
  const unfinished = shares.status === 'ready' ? shares.value.filter(({ state }) => state === 'notFinished').length : 0
  if (unfinished === 0) return null
  return (
    <Notice
      tone="warn"
      title={t('home.unfinished', { count: unfinished })}
      actions={
        <Button variant="default" onClick={() => go({ name: 'sharing', tab: 'people' })}>
          {t('home.unfinishedGo')}
        </Button>
      }
    >
      <p>{t('home.unfinishedText')}</p>
    </Notice>
  )
}

function WhoSees({ shares, around }: { shares: View<readonly Share[]>; around: View<PeopleInfo> }) {
  const nowMs = useNow()
  const isWard = useServices().ward !== null
  switch (shares.status) {
    case 'loading':
      return <ListSkeleton label={t(isWard ? 'ward.sharingFinding' : 'sharing.finding')} rows={1} />
    case 'failed':
      return <ProblemNotice problem={shares.problem} what={t('page.cannotTell')} onRetry={shares.load} />
    case 'ready': {
      const given = shares.value.filter(
        (share) =>
          share.state === 'live' && msOf(share.endNs) > nowMs && !isToInbox(share) && share.replacedBy === undefined,
      )
      const live = given.filter(({ bar }) => bar === null)
      if (live.length === 0) {
        return (
          <div className="mg-card mg-pad mg-nobody">
            <IconShieldLock size={26} aria-hidden />
            <p>
              <Nobody isWard={isWard} isHeld={given.length > 0} around={around} nowMs={nowMs} />
            </p>
          </div>
        )
      }
      return (
        <>
          <ul className="mg-sees" aria-label={t(isWard ? 'ward.sharingWho' : 'sharing.whoSees')}>
            {live
              .toSorted((a, b) => msOf(a.endNs) - msOf(b.endNs))
              .map((share) => (
                <li key={share.grantId} className="mg-card mg-see">
                  <Grantee code={share.grantee} />
                  <span className="mg-see-scope">{scopeText(share.scope)}</span>
                  <span className="mg-soft mg-small">
                    {t('sharing.untilLeft', {
                      until: momentText(msOf(share.endNs), nowMs),
                      left: leftText(msOf(share.endNs), nowMs),
                    })}
                  </span>
                </li>
              ))}
          </ul>
          <p className="mg-home-pause">
            <Link to={{ name: 'rules' }}>{t('rules.pause')}</Link>
          </p>
        </>
      )
    }
    default:
      return unreachable(shares)
  }
}

/** "Nobody but you" is said to whom it is true for: not while a carer sees the records, and not before it is known whether one does. */
function Nobody(props: { isWard: boolean; isHeld: boolean; around: View<PeopleInfo>; nowMs: number }) {
  const { isWard, isHeld, around, nowMs } = props
  const b = (text: string) => <strong>{text}</strong>
  if (isWard) return <Marked text={isHeld ? 'ward.nobodyNow' : 'ward.nobody'} marks={{ b }} />
  if (around.status !== 'ready') return <Marked text={isHeld ? 'ward.held' : 'ward.nothing'} marks={{ b }} />
  const isSeen = around.value.representatives.some(
    ({ isAccepted, powers, endNs }) => isAccepted && powers.includes('read') && (endNs === null || msOf(endNs) > nowMs),
  )
  if (!isSeen) return <Marked text={isHeld ? 'home.nobodyNow' : 'home.nobody'} marks={{ b }} />
  return (
    <Marked
      text={isHeld ? 'ward.ownNobodyNow' : 'ward.ownNobody'}
      marks={{ b, people: (text) => <Link to={{ name: 'people' }}>{text}</Link> }}
    />
  )
}

/** The short way: people whom the reader shared with before. Picking one chooses nothing else. */
function ShareAgain({ shares }: { shares: View<readonly Share[]> }) {
  const { go } = useRouter()
  const { client, sharing } = useServices()
  const nameOf = useNames()
  const people = shares.status === 'ready' ? knownPeople(shares.value, client.principal) : []
  if (people.length === 0) return null
  return (
    <Section title={t('shareAgain.title')}>
      <ul className="mg-sees">
        {people.map((code) => (
          <li key={code}>
            <button
              type="button"
              className="mg-card mg-see mg-again"
              aria-label={t('shareAgain.with', { name: nameOf(code) })}
              onClick={() => {
                sharing.form.getState().begin(code)
                go({ name: 'share', step: 'again' })
              }}
            >
              <Person code={code} />
            </button>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Newest({ records }: { records: View<readonly RecordSummary[]> }) {
  switch (records.status) {
    case 'loading':
      return <ListSkeleton label={t('records.fetching', { step: stepText(records.step) })} rows={4} />
    case 'failed':
      return <ProblemNotice problem={records.problem} what={t('records.notShown')} onRetry={records.load} />
    case 'ready': {
      const { lines, days } = collapsed(newestFirst(listed(records.value)))
      return (
        <ul className="mg-card mg-list" aria-label={t('home.newest')}>
          {lines.slice(0, NEWEST_MAX).map((record) => {
            const { recordId } = record
            const day = days.get(recordId)
            return day === undefined ? (
              <RecordRow key={recordId} record={record} to={{ name: 'record', recordId }} />
            ) : (
              <DeviceDayRow key={recordId} of={day} line={{ className: 'mg-record' }} />
            )
          })}
        </ul>
      )
    }
    default:
      return unreachable(records)
  }
}
