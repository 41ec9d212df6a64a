import { unreachable } from '../app/unreachable.ts'
import { organisationIdOf, type Share } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconLink, IconShare, IconUsers } from '@tabler/icons-react'
import { useStore } from 'zustand'
import { useLoadable, useNow, useRouter, useServices } from '../app/context.ts'
import { msOf } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, ProblemNotice, Section, TabLinks } from '../app/elements.tsx'
import type { SharingTab } from '../app/routes.ts'
import { isToInbox } from '../app/words.ts'
import { LinksTab } from '../links/LinksTab.tsx'
import { t } from '../words/language.ts'
import { Senders } from './Senders.tsx'
import { ShareRow } from './ShareRow.tsx'
import './sharing.css'

export function SharingPage({ tab }: { tab: SharingTab }) {
  const { go } = useRouter()
  const services = useServices()
  const shares = useLoadable(services.shares)
  return (
    <Page
      title={t('sharing.title')}
      intro={t(services.ward === null ? 'sharing.intro' : 'ward.sharingIntro')}
      actions={
        tab === 'links' ? (
          <Button onClick={() => go({ name: 'newLink' })} leftSection={<IconLink size={18} aria-hidden />}>
            {t('links.make')}
          </Button>
        ) : (
          <Button onClick={() => go({ name: 'share', step: 1 })} leftSection={<IconShare size={18} aria-hidden />}>
            {t('sharing.go')}
          </Button>
        )
      }
    >
      <TabLinks
        label={t('sharing.shares')}
        tabs={[
          { to: { name: 'sharing', tab: 'people' }, label: t('sharing.people'), current: tab === 'people' },
          { to: { name: 'sharing', tab: 'links' }, label: t('links.tab'), current: tab === 'links' },
          {
            to: { name: 'sharing', tab: 'organisations' },
            label: t('shareOrg.organisations'),
            current: tab === 'organisations',
          },
          { to: { name: 'sharing', tab: 'past' }, label: t('sharing.past'), current: tab === 'past' },
        ]}
      />
      <p className="mg-share-links">
        <Link to={{ name: 'requests' }}>{t('requests.title')}</Link>
        <Link to={{ name: 'rules' }}>{t('rules.title')}</Link>
      </p>
      {tab === 'links' ? <LinksTab /> : <SharesBody shares={shares} tab={tab} />}
    </Page>
  )
}

type SharesTab = Exclude<SharingTab, 'links'>

function SharesBody({ shares, tab }: { shares: ReturnType<typeof useLoadable<readonly Share[]>>; tab: SharesTab }) {
  const nowMs = useNow(5_000)
  const isWard = useServices().ward !== null
  switch (shares.status) {
    case 'loading':
      return <ListSkeleton label={t(isWard ? 'ward.sharingFinding' : 'sharing.finding')} rows={3} />
    case 'failed':
      return <ProblemNotice problem={shares.problem} what={t('sharing.notShown')} onRetry={shares.load} />
    case 'ready': {
      const isOver = ({ state, endNs }: Share) => state === 'ended' || state === 'revoked' || msOf(endNs) <= nowMs
      const unfinished = shares.value.filter(({ state }) => state === 'notFinished')
      const finished = shares.value.filter(({ state }) => state !== 'notFinished')
      const running = finished
        .filter((share) => !isOver(share) && share.replacedBy === undefined)
        .toSorted((a, b) => msOf(a.endNs) - msOf(b.endNs))
      const now = running.filter((share) => !isToInbox(share))
      const isHere = ({ grantee }: Share) => (organisationIdOf(grantee) !== null) === (tab === 'organisations')
      const past = finished.filter(isOver).toSorted((a, b) => msOf(b.endedNs ?? b.endNs) - msOf(a.endedNs ?? a.endNs))
      return (
        <>
          {shares.problem !== null && (
            <ProblemNotice problem={shares.problem} what={t('page.outOfDate')} onRetry={shares.load} />
          )}
          {unfinished.length > 0 && <Unfinished shares={unfinished} nowMs={nowMs} />}
          {tab === 'past' ? (
            <Past shares={past} nowMs={nowMs} />
          ) : (
            <>
              <Now shares={now.filter(isHere)} tab={tab} isNothing={now.length === 0} nowMs={nowMs} />
              <Senders shares={running.filter((share) => isToInbox(share) && isHere(share))} nowMs={nowMs} />
            </>
          )}
        </>
      )
    }
    default:
      return unreachable(shares)
  }
}

function Now(props: {
  shares: readonly Share[]
  tab: 'people' | 'organisations'
  /** Also on the other tab. */
  isNothing: boolean
  nowMs: number
}) {
  const { shares, tab, isNothing, nowMs } = props
  const { go } = useRouter()
  const isWard = useServices().ward !== null
  if (shares.length === 0) {
    const none = isWard ? 'ward.sharingNone' : 'sharing.none'
    return (
      <EmptyState
        icon={<IconUsers size={28} />}
        title={t(isNothing ? none : tab === 'people' ? 'shareOrg.noPeople' : 'shareOrg.noOrganisations')}
        actions={<Button onClick={() => go({ name: 'share', step: 1 })}>{t('sharing.go')}</Button>}
      >
        {isNothing && <p>{t(isWard ? 'ward.sharingNoneText' : 'sharing.noneText')}</p>}
      </EmptyState>
    )
  }
  return (
    <ul
      className="mg-card mg-list"
      aria-label={t(tab === 'organisations' ? 'shareOrg.whoSees' : isWard ? 'ward.sharingWho' : 'sharing.whoSees')}
    >
      {shares.map((share) => (
        <ShareRow key={share.grantId} share={share} nowMs={nowMs} />
      ))}
    </ul>
  )
}

function Past({ shares, nowMs }: { shares: readonly Share[]; nowMs: number }) {
  if (shares.length === 0) {
    return (
      <EmptyState icon={<IconUsers size={28} />} title={t('sharing.noneEnded')}>
        <p>{t('sharing.noneEndedText')}</p>
      </EmptyState>
    )
  }
  return (
    <ul className="mg-card mg-list" aria-label={t('sharing.pastShares')}>
      {shares.map((share) => (
        <ShareRow key={share.grantId} share={share} nowMs={nowMs} />
      ))}
    </ul>
  )
}

/** Shares that an interruption left half done: they give no access, and the reader decides what becomes of them. */
function Unfinished({ shares, nowMs }: { shares: readonly Share[]; nowMs: number }) {
  const { finishing } = useServices()
  const { task, run } = useStore(finishing)
  return (
    <div className="mg-unfinished">
      <Section title={t('sharing.notFinished')}>
        <Notice
          tone="warn"
          title={t('sharing.interrupted', { count: shares.length })}
          actions={
            <Button loading={task.status === 'working'} onClick={() => void run()}>
              {t('sharing.finish', { count: shares.length })}
            </Button>
          }
        >
          <p>{t('sharing.interruptedText', { count: shares.length })}</p>
        </Notice>
        {task.status === 'failed' && (
          <ProblemNotice problem={task.problem} what={t('sharing.notFinished')} onRetry={() => void run()} />
        )}
        <ul className="mg-card mg-list" aria-label={t('sharing.unfinished')}>
          {shares.map((share) => (
            <ShareRow key={share.grantId} share={share} nowMs={nowMs} />
          ))}
        </ul>
      </Section>
    </div>
  )
}
