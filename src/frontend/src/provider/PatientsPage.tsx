import { unreachable } from '../app/unreachable.ts'
import type { Share } from '@medguard/client'
import { useState } from 'react'
import { IconChevronRight, IconUsers } from '@tabler/icons-react'
import { useLoadable, useNow, useServices } from '../app/context.ts'
import { atText, leftText, momentText, msOf } from '../app/dates.ts'
import { CopyButton, EmptyState, Link, ListSkeleton, Page, Person, ProblemNotice, TabLinks } from '../app/elements.tsx'
import type { PatientsTab } from '../app/routes.ts'
import { isToInbox, scopeText } from '../app/words.ts'
import { useNames } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'
import { ShowCode } from '../qr/ShowCode.tsx'
import { AskedList } from './AskedList.tsx'
import { useGrown } from './use-grown.ts'
import { isNew, worklist, WORKLIST_ORDERS, type WorklistOrder } from './worklist.ts'
import '../records/records.css'
import './provider.css'

/** Who shares with me. There is no other way to find a patient. */
export function PatientsPage({ tab }: { tab: PatientsTab }) {
  return (
    <Page
      title={t('provider.patients')}
      intro={t('provider.intro')}
      actions={
        <>
          <Link to={{ name: 'board' }} className="mg-button-link">
            {t('board.title')}
          </Link>
          <Link to={{ name: 'ask' }} className="mg-button-link">
            {t('ask.title')}
          </Link>
        </>
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
  const [order, setOrder] = useState<WorklistOrder>('ending')
  const grown = useGrown(client, received.status === 'ready' && tab === 'now' ? received.value : NONE)
  switch (received.status) {
    case 'loading':
      return <ListSkeleton label={t('provider.finding')} rows={3} />
    case 'failed':
      return <ProblemNotice problem={received.problem} what={t('provider.notShown')} onRetry={received.load} />
    case 'ready': {
      const shown = worklist(received.value, { tab, order, nowMs, grown })
      return (
        <>
          {received.problem !== null && (
            <ProblemNotice problem={received.problem} what={t('page.outOfDate')} onRetry={received.load} />
          )}
          {tab === 'now' && shown.length > 1 && (
            <fieldset className="mg-set mg-chips" aria-label={t('portal.order')}>
              {WORKLIST_ORDERS.map((one) => (
                <button
                  key={one}
                  type="button"
                  className="mg-chip"
                  aria-pressed={one === order}
                  onClick={() => setOrder(one)}
                >
                  {t(`portal.${one}First`)}
                </button>
              ))}
            </fieldset>
          )}
          {shown.length === 0 ? (
            <EmptyState
              icon={<IconUsers size={28} />}
              title={t(tab === 'now' ? 'provider.nobody' : 'provider.nothingEnded')}
              actions={
                tab === 'now' && (
                  <>
                    <CopyButton text={client.principal} label={t('settings.copyCode')} variant="filled" />
                    <ShowCode code={client.principal} />
                  </>
                )
              }
            >
              {tab === 'now' && <p>{t('provider.giveCode')}</p>}
            </EmptyState>
          ) : (
            <div className="mg-card mg-worklist">
              {/* Each line says all of it by itself. */}
              <div className="mg-worklist-head" aria-hidden>
                <span>{t('worklist.patient')}</span>
                <span>{t('worklist.scope')}</span>
                <span>{t('worklist.until')}</span>
              </div>
              <ul className="mg-list" aria-label={t(tab === 'now' ? 'provider.withMe' : 'provider.pastShares')}>
                {shown.map((share) => (
                  <PatientRow
                    key={share.grantId}
                    share={share}
                    nowMs={nowMs}
                    isOver={tab === 'past'}
                    hasMore={grown.has(share.grantId)}
                  />
                ))}
              </ul>
            </div>
          )}
        </>
      )
    }
    default:
      return unreachable(received)
  }
}

const NONE: readonly Share[] = []

/** Access that ends within this time is marked, in words and colour. */
const SOON_MS = 60 * 60_000

const receivedText = (share: Share) => (isToInbox(share) ? t('inboxShare.toTheirs') : scopeText(share.scope))

function PatientRow(props: { share: Share; nowMs: number; isOver: boolean; hasMore: boolean }) {
  const { share, nowMs, isOver } = props
  const endMs = msOf(share.endNs)
  const nameOf = useNames()
  const inside = (
    <>
      <span className="mg-record-text">
        <span className="mg-row">
          <Person code={share.patient} />
          {!isOver && isNew(share, nowMs) && <span className="mg-badge mg-info">{t('portal.isNew')}</span>}
          {props.hasMore && <span className="mg-badge mg-good">{t('worklist.more')}</span>}
        </span>
        <span className="mg-record-facts">
          {receivedText(share)} · {t(`purposes.${share.purpose}`)}
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
        label={t(isToInbox(share) ? 'inboxShare.sendRow' : 'provider.openRow', {
          name: nameOf(share.patient),
          scope: receivedText(share),
          until: momentText(endMs, nowMs),
        })}
      >
        {inside}
        <IconChevronRight size={20} aria-hidden className="mg-record-chevron mg-turns" />
      </Link>
    </li>
  )
}
