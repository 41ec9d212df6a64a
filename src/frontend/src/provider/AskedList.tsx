import { Button } from '@mantine/core'
import type { AccessRequestInfo } from '@medguard/client'
import { IconMailForward } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useFresh, useNow, useServices } from '../app/context.ts'
import { atText, leftText, momentText, msOf } from '../app/dates.ts'
import { Dialog, EmptyState, Link, ListSkeleton, Person, ProblemNotice } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { scopeText } from '../app/words.ts'
import { useNames } from '../sharing/use-names.ts'
import { partsAsked, spanText } from '../requests/approval-draft.ts'
import { t } from '../words/language.ts'
import { stateOf } from './asking.ts'
import '../sharing/sharing.css'

/** What one asked of patients, newest first, and what became of it. */
export function AskedList() {
  const sent = useFresh(useServices().asking.sent)
  const nowMs = useNow(5_000)
  switch (sent.status) {
    case 'loading':
      return <ListSkeleton label={t('ask.finding')} rows={3} />
    case 'failed':
      return <ProblemNotice problem={sent.problem} what={t('ask.notShown')} onRetry={sent.load} />
    case 'ready':
      return (
        <>
          {sent.problem !== null && (
            <ProblemNotice problem={sent.problem} what={t('page.outOfDate')} onRetry={sent.load} />
          )}
          {sent.value.length === 0 ? (
            <EmptyState
              icon={<IconMailForward size={28} />}
              title={t('ask.none')}
              actions={
                <Link to={{ name: 'ask' }} className="mg-button-link">
                  {t('ask.title')}
                </Link>
              }
            >
              <p>{t('ask.noneText')}</p>
            </EmptyState>
          ) : (
            <ul className="mg-card mg-list" aria-label={t('ask.all')}>
              {sent.value.map((request) => (
                <AskedRow key={request.askId} request={request} nowMs={nowMs} />
              ))}
            </ul>
          )}
        </>
      )
    default:
      return unreachable(sent)
  }
}

const TONE = {
  pending: 'info',
  approved: 'good',
  narrowed: 'good',
  denied: 'warn',
  expired: 'warn',
  withdrawn: 'info',
} as const satisfies Record<AccessRequestInfo['state'], string>

function AskedRow({ request, nowMs }: { request: AccessRequestInfo; nowMs: number }) {
  const { asking } = useServices()
  const { task, run } = useStore(asking.withdrawingOf(request.askId))
  const [isAsking, setAsking] = useState(false)
  const state = stateOf(request, nowMs)
  const name = useNames()(request.patient)
  const parts = partsAsked(request)
  const endMs = msOf(request.expiresNs)
  return (
    <li className="mg-share">
      <div className="mg-share-text">
        <Person code={request.patient} />
        <p className="mg-share-scope">{scopeText(request.categories)}</p>
        <p className="mg-soft mg-small">
          {t(parts.length === 2 ? 'requests.both' : parts[0] === 'add' ? 'requests.add' : 'requests.read')} ·{' '}
          {spanText(request.periodNs)} · {t(`purposes.${request.purpose}`)}
        </p>
        <p className="mg-soft mg-small">
          {t('requests.askedAt', { at: atText(msOf(request.askedNs), nowMs) })}
          {request.grantee !== request.requester && ` · ${t('ask.forOrganisation')}`}
        </p>
        {state === 'pending' && (
          <p className="mg-small">
            {t('ask.waits', { until: momentText(endMs, nowMs), left: leftText(endMs, nowMs) })}
          </p>
        )}
        {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('ask.notWithdrawn')} />}
      </div>
      <div className="mg-share-actions">
        <span className={`mg-badge mg-${TONE[state]}`}>{t(`ask.${state}`)}</span>
        {request.grantId !== null && (state === 'approved' || state === 'narrowed') && (
          <Link
            to={{ name: 'patient', grantId: request.grantId, show: [] }}
            className="mg-button-link"
            label={t('ask.openOf', { name })}
          >
            {t('ask.open')}
          </Link>
        )}
        {state === 'pending' && (
          <Button
            variant="default"
            loading={task.status === 'working'}
            onClick={() => setAsking(true)}
            aria-label={t('ask.withdrawFrom', { name })}
          >
            {t('ask.withdraw')}
          </Button>
        )}
      </div>
      {isAsking && (
        <Dialog
          title={t('ask.withdrawAsk')}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button variant="default" onClick={() => setAsking(false)}>
                {t('share.back')}
              </Button>
              <Button
                onClick={() => {
                  setAsking(false)
                  void run()
                }}
              >
                {t('ask.withdraw')}
              </Button>
            </>
          }
        >
          <p>{t('ask.withdrawText')}</p>
        </Dialog>
      )}
    </li>
  )
}
