import { Button } from '@mantine/core'
import {
  type ActAbout,
  type CouncilInfo,
  type OpenActInfo,
  organisationPrincipal,
  type VoteInfo,
} from '@medguard/client'
import { IconScale } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useFresh, useNow, useServices } from '../app/context.ts'
import { momentText, msOf } from '../app/dates.ts'
import { EmptyState, ListSkeleton, Notice, Page, Person, ProblemNotice, Section } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { t } from '../words/language.ts'
import { createCouncilStores } from './organisation-stores.ts'
import { ProposeForm } from './ProposeForm.tsx'
import '../sharing/sharing.css'
import './organisations.css'

export type CouncilStores = ReturnType<typeof createCouncilStores>

/** Who verifies organisations, and for its members what they vote on. */
export function CouncilPage() {
  const { client } = useServices()
  const [stores] = useState(() => createCouncilStores(client))
  const council = useFresh(stores.council)
  return (
    <Page title={t('council.title')} intro={t('council.intro')}>
      <CouncilBody council={council} stores={stores} />
    </Page>
  )
}

function CouncilBody({
  council,
  stores,
}: {
  council: ReturnType<typeof useFresh<CouncilInfo>>
  stores: CouncilStores
}) {
  const { client } = useServices()
  switch (council.status) {
    case 'loading':
      return <ListSkeleton label={t('council.looking')} rows={2} />
    case 'failed':
      return <ProblemNotice problem={council.problem} what={t('council.notShown')} onRetry={council.load} />
    case 'ready': {
      const { council: who, invitationRequired, isSettled } = council.value
      if (who === null) {
        return (
          <EmptyState icon={<IconScale size={28} />} title={t('council.none')}>
            <p>{t('council.noneHint')}</p>
          </EmptyState>
        )
      }
      return (
        <>
          {!isSettled && <Notice tone="warn" title={t('council.unsettled')} />}
          <div className="mg-card mg-pad mg-stack">
            <p>{t('council.threshold', { count: who.members.length, threshold: who.threshold })}</p>
            <ul className="mg-org-people" aria-label={t('council.members')}>
              {who.members.map((member) => (
                <li key={member}>
                  <Person code={member} isMe={member === client.principal} />
                </li>
              ))}
            </ul>
            <p className="mg-soft mg-small">
              {invitationRequired ? t('council.invitationRequired') : t('council.invitationFree')}
            </p>
          </div>
          {who.members.includes(client.principal) ? (
            <Voting stores={stores} threshold={who.threshold} />
          ) : (
            <p className="mg-soft mg-org-after">{t('council.notYou')}</p>
          )}
        </>
      )
    }
    default:
      return unreachable(council)
  }
}

function Voting({ stores, threshold }: { stores: CouncilStores; threshold: number }) {
  const acts = useFresh(stores.acts)
  const { task } = useStore(stores.deciding)
  return (
    <>
      {task.status === 'done' && <Voted vote={task.value} />}
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('council.notVoted')} />}
      <Section title={t('council.open')}>
        <ActsBody acts={acts} stores={stores} threshold={threshold} />
      </Section>
      <Section title={t('council.propose')}>
        <ProposeForm stores={stores} />
      </Section>
    </>
  )
}

function Voted({ vote }: { vote: VoteInfo }) {
  return (
    <Notice
      tone="good"
      loud
      title={
        vote.isDone ? t('council.done') : t('council.counted', { approvals: vote.approvals, threshold: vote.threshold })
      }
    />
  )
}

function ActsBody(props: {
  acts: ReturnType<typeof useFresh<readonly OpenActInfo[]>>
  stores: CouncilStores
  threshold: number
}) {
  const { acts, stores, threshold } = props
  switch (acts.status) {
    case 'loading':
      return <ListSkeleton label={t('council.lookingActs')} rows={2} />
    case 'failed':
      return <ProblemNotice problem={acts.problem} what={t('council.actsNotShown')} onRetry={acts.load} />
    case 'ready':
      return acts.value.length === 0 ? (
        <EmptyState icon={<IconScale size={28} />} title={t('council.nothingOpen')} />
      ) : (
        <ul className="mg-card mg-list" aria-label={t('council.open')}>
          {acts.value.map((act) => (
            <ActRow key={act.actId} act={act} stores={stores} threshold={threshold} />
          ))}
        </ul>
      )
    default:
      return unreachable(acts)
  }
}

function ActRow({ act, stores, threshold }: { act: OpenActInfo; stores: CouncilStores; threshold: number }) {
  const { client } = useServices()
  const { task, run } = useStore(stores.deciding)
  const nowMs = useNow()
  const hasVoted = act.votes.includes(client.principal)
  return (
    <li className="mg-share">
      <div className="mg-share-text">
        <strong>{t(`council.act_${act.about.kind}`)}</strong>
        <About act={act.about} />
        <p className="mg-soft mg-small">
          {t('council.votes', { votes: act.votes.length, threshold })}
          {' · '}
          {t('council.openUntil', { until: momentText(msOf(act.expiresNs), nowMs) })}
        </p>
        <p className="mg-row">
          {t('council.proposedBy')} <Person code={act.proposer} isMe={act.proposer === client.principal} />
        </p>
      </div>
      <div className="mg-share-actions">
        {hasVoted ? (
          <span className="mg-soft">{t('council.youVoted')}</span>
        ) : (
          <Button loading={task.status === 'working'} onClick={() => void run({ vote: act.actId })}>
            {t('council.vote')}
          </Button>
        )}
      </div>
    </li>
  )
}

/** All that there is to tell before one votes for it. */
function About({ act }: { act: ActAbout }) {
  const nowMs = useNow()
  switch (act.kind) {
    case 'verify':
      return (
        <>
          <p className="mg-break">
            {t('council.verifies', {
              name: act.name,
              kind: t(`orgKinds.${act.orgKind}`),
              until: momentText(msOf(act.untilNs), nowMs),
            })}
          </p>
          <p className="mg-row">
            {t('council.codeOf')} <Person code={organisationPrincipal(act.orgId)} />
          </p>
          <p className="mg-row">
            {t('council.registeredBy')} <Person code={act.registrant} />
          </p>
        </>
      )
    case 'suspend':
    case 'reinstate':
      return (
        <p className="mg-row">
          {t('council.codeOf')} <Person code={organisationPrincipal(act.orgId)} />
        </p>
      )
    case 'changeCouncil':
      return (
        <>
          <p>{t('council.threshold', { count: act.members.length, threshold: act.threshold })}</p>
          <ul className="mg-org-people" aria-label={t('council.membersThen')}>
            {act.members.map((member) => (
              <li key={member}>
                <Person code={member} />
              </li>
            ))}
          </ul>
        </>
      )
    case 'setPolicy':
      return <p>{act.invitationRequired ? t('council.invitationRequired') : t('council.invitationFree')}</p>
    default:
      return unreachable(act)
  }
}
