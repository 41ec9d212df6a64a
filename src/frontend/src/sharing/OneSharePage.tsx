import { organisationIdOf, type Share } from '@medguard/client'
import { IconFileUnknown } from '@tabler/icons-react'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useLoadable, useNow, useServices } from '../app/context.ts'
import { atText, msOf } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, ProblemNotice, Section } from '../app/elements.tsx'
import { createLoadable } from '../app/loadable.ts'
import type { Route } from '../app/routes.ts'
import { isToInbox } from '../app/words.ts'
import { t } from '../words/language.ts'
import { unreachable } from '../app/unreachable.ts'
import { isOfRecords, kindsOf } from './change-draft.ts'
import { LastOpened } from './LastOpened.tsx'
import { daysText } from './share-draft.ts'
import { ShareRow } from './ShareRow.tsx'
import { useNameOf } from './use-names.ts'
import './sharing.css'

export const toSharing = () => ({ to: { name: 'sharing', tab: 'people' } satisfies Route, label: t('sharing.title') })

/** One share: what it says, exactly what it covers, and when something was opened by it. */
export function OneSharePage({ shareId }: { shareId: string }) {
  const shares = useLoadable(useServices().shares)
  switch (shares.status) {
    case 'loading':
      return (
        <Page title={t('oneShare.title')} back={toSharing()}>
          <ListSkeleton label={t('sharing.finding')} rows={2} />
        </Page>
      )
    case 'failed':
      return (
        <Page title={t('oneShare.title')} back={toSharing()}>
          <ProblemNotice problem={shares.problem} what={t('sharing.notShown')} onRetry={shares.load} />
        </Page>
      )
    case 'ready': {
      const share = shares.value.find(({ grantId }) => grantId === shareId)
      return share === undefined ? <NoShare /> : <TheShare share={share} />
    }
    default:
      return unreachable(shares)
  }
}

export function NoShare() {
  return (
    <Page title={t('oneShare.title')} back={toSharing()}>
      <EmptyState icon={<IconFileUnknown size={28} />} title={t('oneShare.gone')}>
        <p>{t('oneShare.goneText')}</p>
      </EmptyState>
    </Page>
  )
}

function TheShare({ share }: { share: Share }) {
  const nowMs = useNow()
  const name = useNameOf(share.grantee)
  return (
    <Page title={t('oneShare.with', { name })} historyTitle={t('oneShare.title')} back={toSharing()}>
      {share.replacedBy !== undefined && (
        <Notice tone="info" title={t('oneShare.wasChanged', { at: atText(msOf(share.endedNs ?? share.endNs), nowMs) })}>
          <p>
            {t('oneShare.wasChangedText')}{' '}
            <Link to={{ name: 'oneShare', shareId: share.replacedBy }}>{t('oneShare.seeNow')}</Link>
          </p>
        </Notice>
      )}
      <ul className="mg-card mg-list" aria-label={t('oneShare.title')}>
        <ShareRow share={share} nowMs={nowMs} isAlone />
      </ul>
      <Section title={t('oneShare.covers')}>
        <div className="mg-card mg-pad mg-stack">
          <Covers share={share} />
          {share.rights.includes('write') && !isToInbox(share) && <p>{t('oneShare.mayAdd')}</p>}
          <LastOpened share={share} nowMs={nowMs} isAsked />
          {organisationIdOf(share.grantee) === null && (
            <Link to={{ name: 'log', who: 'others' }}>{t('oneShare.logGo')}</Link>
          )}
        </div>
      </Section>
    </Page>
  )
}

function Covers({ share }: { share: Share }) {
  if (isToInbox(share)) return <p>{t('oneShare.coversInbox')}</p>
  if (isOfRecords(share)) return <SingleRecords share={share} />
  const range = share.terms?.range
  const isOfDays = range !== undefined && (range.from !== null || range.until !== null)
  return (
    <>
      <p>{isOfDays ? t('oneShare.coversDays', { days: daysText(range) }) : t('oneShare.coversKinds')}</p>
      <ul className="mg-covers">
        {kindsOf(share).map((kind) => (
          <li key={kind}>
            <Link to={{ name: 'records', show: [kind] }}>{t(`categories.${kind}`)}</Link>
          </li>
        ))}
      </ul>
    </>
  )
}

/** Looked for when somebody asks: to look at a list is a line in the log, as it is for everybody. */
function SingleRecords({ share }: { share: Share }) {
  const [isAsked, setAsked] = useState(false)
  const isOver = share.state === 'ended' || share.state === 'revoked'
  return (
    <>
      <p>{t('oneShare.coversRecords')}</p>
      {isAsked ? (
        <RecordsInIt shareId={share.grantId} />
      ) : (
        !isOver && (
          <Button variant="default" onClick={() => setAsked(true)}>
            {t('oneShare.whichRecords')}
          </Button>
        )
      )}
    </>
  )
}

function RecordsInIt({ shareId }: { shareId: string }) {
  const { client, ...services } = useServices()
  const [store] = useState(() => createLoadable(() => client.recordsInShare(shareId)))
  const held = useLoadable(store)
  const own = useLoadable(services.records)
  if (held.status === 'loading' || own.status === 'loading')
    return <ListSkeleton label={t('oneShare.looking')} rows={2} />
  if (held.status === 'failed')
    return <ProblemNotice problem={held.problem} what={t('oneShare.notLooked')} onRetry={held.load} />
  if (own.status === 'failed')
    return <ProblemNotice problem={own.problem} what={t('records.notShown')} onRetry={own.load} />
  const titleOf = new Map(own.value.map(({ recordId, title }) => [recordId, title]))
  if (held.value.length === 0) return <p className="mg-soft">{t('oneShare.noRecords')}</p>
  return (
    <ul className="mg-covers" aria-label={t('oneShare.records')}>
      {held.value.map(({ recordId }) => (
        <li key={recordId} className="mg-break">
          {titleOf.has(recordId) ? (
            <Link to={{ name: 'record', recordId }}>
              <bdi>{titleOf.get(recordId)}</bdi>
            </Link>
          ) : (
            t('oneShare.unknownRecord')
          )}
        </li>
      ))}
    </ul>
  )
}
