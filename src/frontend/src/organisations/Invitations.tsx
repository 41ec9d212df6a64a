import { Button } from '@mantine/core'
import type { InvitationInfo } from '@medguard/client'
import { IconTicket } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { Choice } from '../app/Choice.tsx'
import { useFresh, useNow } from '../app/context.ts'
import { momentText, msOf, nsOf } from '../app/dates.ts'
import { CopyButton, EmptyState, ListSkeleton, Notice, ProblemNotice, Section } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { ShowCode } from '../qr/ShowCode.tsx'
import { t } from '../words/language.ts'
import type { OrganisationStores } from './organisation-stores.ts'

const DAY_MS = 86_400_000
const PERIODS = { week: 7, month: 30, quarter: 90 } as const
type Period = keyof typeof PERIODS

/** Codes with which patients open an account. They give the organisation nothing. */
export function Invitations({ stores }: { stores: OrganisationStores }) {
  const invitations = useFresh(stores.invitations)
  return (
    <>
      <Section title={t('organisations.inviteTitle')}>
        <InviteForm stores={stores} />
      </Section>
      <Section title={t('organisations.invitationsMade')}>
        <InvitationsBody invitations={invitations} />
      </Section>
    </>
  )
}

function InviteForm({ stores }: { stores: OrganisationStores }) {
  const { task, run, reset } = useStore(stores.inviting)
  const [period, setPeriod] = useState<Period | null>(null)
  const [isTried, setIsTried] = useState(false)
  const nowMs = useNow()
  if (task.status === 'done') {
    return (
      <Notice
        tone="good"
        loud
        title={t('organisations.inviteDone', { until: momentText(msOf(task.value.endNs), nowMs) })}
        actions={
          <>
            <CopyButton text={task.value.code} label={t('organisations.copyInvite')} variant="filled" />
            <ShowCode code={task.value.code} label={t('organisations.invitePicture')} />
            <Button variant="default" onClick={reset}>
              {t('organisations.inviteAnother')}
            </Button>
          </>
        }
      >
        <p>{t('organisations.inviteOnce')}</p>
        <p className="mg-code" dir="ltr" data-testid="invitation-code">
          {task.value.code}
        </p>
      </Notice>
    )
  }
  return (
    <form
      noValidate
      className="mg-card mg-pad mg-stack mg-form"
      onSubmit={(event) => {
        event.preventDefault()
        setIsTried(true)
        if (period !== null) void run({ endNs: nsOf(Date.now() + PERIODS[period] * DAY_MS) })
      }}
    >
      <p className="mg-soft">{t('organisations.inviteHint')}</p>
      <Choice
        legend={t('organisations.inviteFor')}
        name="invite-for"
        value={period}
        error={isTried && period === null ? t('organisations.endMissing') : undefined}
        options={(['week', 'month', 'quarter'] as const).map((value) => ({
          value,
          label: t('organisations.days', { count: PERIODS[value] }),
        }))}
        onChange={setPeriod}
      />
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('organisations.notInvited')} />}
      <div className="mg-row">
        <Button type="submit" loading={task.status === 'working'}>
          {t('organisations.makeInvite')}
        </Button>
      </div>
    </form>
  )
}

function InvitationsBody({ invitations }: { invitations: ReturnType<typeof useFresh<readonly InvitationInfo[]>> }) {
  const nowMs = useNow()
  switch (invitations.status) {
    case 'loading':
      return <ListSkeleton label={t('organisations.lookingInvitations')} rows={2} />
    case 'failed':
      return (
        <ProblemNotice
          problem={invitations.problem}
          what={t('organisations.invitationsNotShown')}
          onRetry={invitations.load}
        />
      )
    case 'ready':
      return invitations.value.length === 0 ? (
        <EmptyState icon={<IconTicket size={28} />} title={t('organisations.noInvitations')} />
      ) : (
        <ul className="mg-card mg-list" aria-label={t('organisations.invitationsMade')}>
          {invitations.value
            .toSorted((a, b) => msOf(b.madeNs) - msOf(a.madeNs))
            .map((each) => (
              <li key={each.codeHash} className="mg-org-link">
                <span className="mg-org-text">
                  <strong>{t('organisations.madeAt', { at: momentText(msOf(each.madeNs), nowMs) })}</strong>
                  <span className="mg-soft mg-small">
                    {each.isClaimed
                      ? t('organisations.claimed')
                      : msOf(each.endNs) <= nowMs
                        ? t('organisations.inviteOver')
                        : t('organisations.openUntil', { until: momentText(msOf(each.endNs), nowMs) })}
                  </span>
                </span>
              </li>
            ))}
        </ul>
      )
    default:
      return unreachable(invitations)
  }
}
