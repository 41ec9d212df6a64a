import { unreachable } from '../app/unreachable.ts'
import type { Share } from '@medguard/client'
import { IconChevronRight, IconUsers } from '@tabler/icons-react'
import { useLoadable, useNow, useServices } from '../app/context.ts'
import { atText, leftText, momentText, msOf } from '../app/dates.ts'
import { CopyButton, EmptyState, Link, ListSkeleton, Page, Person, ProblemNotice, TabLinks } from '../app/elements.tsx'
import type { PatientsTab } from '../app/routes.ts'
import { scopeText, shortCode } from '../app/words.ts'
import { t } from '../words/language.ts'
import { AskedList } from './AskedList.tsx'
import '../records/records.css'
import './provider.css'

/** Who shares with me. There is no other way to find a patient. */
export function PatientsPage({ tab }: { tab: PatientsTab }) {
  return (
    <Page
      title={t('provider.patients')}
      intro={t('provider.intro')}
      actions={
        <Link to={{ name: 'ask' }} className="mg-button-link">
          {t('ask.title')}
        </Link>
      }
    >
      <TabLinks
        label={t('provider.patients')}
        tabs={[
          { to: { name: 'patients', tab: 'now' }, label: t('provider.withMe'), current: tab === 'now' },
          { to: { name: 'patients', tab: 'past' }, label: t('provider.past'), current: tab === 'past' },
          { to: { name: 'patients', tab: 'asked' }, label: t('ask.all'), current: tab === 'asked' },
        ]}
      />
      {tab === 'asked' ? <AskedList /> : <PatientsBody tab={tab} />}
    </Page>
  )
}

function PatientsBody({ tab }: { tab: 'now' | 'past' }) {
  const { client, received: list } = useServices()
  const received = useLoadable(list)
  const nowMs = useNow(5_000)
  switch (received.status) {
    case 'loading':
      return <ListSkeleton label={t('provider.finding')} rows={3} />
    case 'failed':
      return <ProblemNotice problem={received.problem} what={t('provider.notShown')} onRetry={received.load} />
    case 'ready': {
      const whole = received.value.filter(({ state }) => state !== 'notFinished')
      const isOver = (share: Share) =>
        share.state === 'ended' || share.state === 'revoked' || msOf(share.endNs) <= nowMs
      const shown =
        tab === 'now'
          ? whole.filter((share) => !isOver(share)).toSorted((a, b) => msOf(a.endNs) - msOf(b.endNs))
          : whole.filter(isOver).toSorted((a, b) => msOf(b.endedNs ?? b.endNs) - msOf(a.endedNs ?? a.endNs))
      return (
        <>
          {received.problem !== null && (
            <ProblemNotice problem={received.problem} what={t('page.outOfDate')} onRetry={received.load} />
          )}
          {shown.length === 0 ? (
            <EmptyState
              icon={<IconUsers size={28} />}
              title={t(tab === 'now' ? 'provider.nobody' : 'provider.nothingEnded')}
              actions={
                tab === 'now' && <CopyButton text={client.principal} label={t('settings.copyCode')} variant="filled" />
              }
            >
              {tab === 'now' && <p>{t('provider.giveCode')}</p>}
            </EmptyState>
          ) : (
            <ul className="mg-card mg-list" aria-label={t(tab === 'now' ? 'provider.withMe' : 'provider.pastShares')}>
              {shown.map((share) => (
                <PatientRow key={share.grantId} share={share} nowMs={nowMs} isOver={isOver(share)} />
              ))}
            </ul>
          )}
        </>
      )
    }
    default:
      return unreachable(received)
  }
}

/** Access that ends within this time is marked, in words and colour. */
const SOON_MS = 60 * 60_000

function PatientRow({ share, nowMs, isOver }: { share: Share; nowMs: number; isOver: boolean }) {
  const endMs = msOf(share.endNs)
  const inside = (
    <>
      <span className="mg-record-text">
        <Person code={share.patient} />
        <span className="mg-record-facts">
          {scopeText(share.scope)} · {t(`purposes.${share.purpose}`)}
        </span>
      </span>
      <span className="mg-until">
        {isOver ? (
          <span className="mg-soft">
            {t('provider.ended', { at: atText(msOf(share.endedNs ?? share.endNs), nowMs) })}
          </span>
        ) : share.state === 'notStarted' && msOf(share.startNs) > nowMs ? (
          <span className="mg-soft">{t('provider.starts', { at: atText(msOf(share.startNs), nowMs) })}</span>
        ) : share.bar !== null ? (
          <span className="mg-badge mg-warn">{t(share.bar === 'paused' ? 'provider.paused' : 'provider.notOpen')}</span>
        ) : (
          <>
            <span>{t('provider.until', { until: momentText(endMs, nowMs) })}</span>
            <span className={endMs - nowMs < SOON_MS ? 'mg-badge mg-warn' : 'mg-soft mg-small'}>
              {t('provider.left', { time: leftText(endMs, nowMs) })}
            </span>
          </>
        )}
      </span>
    </>
  )
  if (isOver) return <li className="mg-record-link">{inside}</li>
  return (
    <li className="mg-record">
      <Link
        to={{ name: 'patient', grantId: share.grantId, show: [] }}
        className="mg-record-link"
        label={t('provider.openRow', {
          name: shortCode(share.patient),
          scope: scopeText(share.scope),
          until: momentText(endMs, nowMs),
        })}
      >
        {inside}
        <IconChevronRight size={20} aria-hidden className="mg-record-chevron mg-turns" />
      </Link>
    </li>
  )
}
