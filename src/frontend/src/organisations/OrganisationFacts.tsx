import { Button } from '@mantine/core'
import type { Member, Organisation } from '@medguard/client'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useNow, useRouter, useServices } from '../app/context.ts'
import { dayText, momentText, msOf } from '../app/dates.ts'
import { CopyButton, Dialog, Notice, ProblemNotice, Section } from '../app/elements.tsx'
import { listText, t } from '../words/language.ts'
import { rolesText, standingText } from './organisation-words.ts'

/** Names of others that this one could be taken for: read before anything is trusted to it. */
export function LooksLike({ organisation: { looksLike } }: { organisation: Organisation }) {
  if (looksLike.length === 0) return null
  return (
    <p className="mg-bad-text">
      <strong>{t('organisations.looksLike', { names: listText(looksLike) })}</strong>
    </p>
  )
}

/** What it is, who vouches for it, its code, and what one is there. */
export function OrganisationFacts({ organisation, member }: { organisation: Organisation; member: Member | null }) {
  const nowMs = useNow()
  return (
    <>
      {!organisation.isInForce && (
        <Notice tone="warn" title={standingText(organisation, nowMs)}>
          <p>{t('organisations.notInForceHint')}</p>
        </Notice>
      )}
      <LooksLike organisation={organisation} />
      <div className="mg-card mg-pad mg-stack">
        <dl className="mg-facts">
          <Fact name={t('organisations.kind')} value={t(`orgKinds.${organisation.kind}`)} />
          <Fact name={t('organisations.standing')} value={standingText(organisation, nowMs)} />
          {organisation.verified !== null && (
            <Fact
              name={t('organisations.verifiedSince')}
              value={momentText(msOf(organisation.verified.sinceNs), nowMs)}
            />
          )}
          <Fact name={t('organisations.registeredOn')} value={dayText(msOf(organisation.registeredNs))} />
          {member !== null && <Fact name={t('organisations.youAre')} value={rolesText(member.roles)} />}
          {member !== null && member.untilNs !== null && (
            <Fact name={t('organisations.until')} value={momentText(msOf(member.untilNs), nowMs)} />
          )}
        </dl>
      </div>
      <Section title={t('organisations.code')}>
        <div className="mg-card mg-pad mg-stack">
          <p>{t('organisations.codeHint')}</p>
          <p className="mg-code" dir="ltr" aria-label={t('organisations.code')} data-testid="organisation-code">
            {organisation.principal}
          </p>
          <div className="mg-row">
            <CopyButton text={organisation.principal} label={t('organisations.copyCode')} variant="filled" />
          </div>
        </div>
      </Section>
      {member !== null && member.status !== 'removed' && <Leave organisation={organisation} />}
    </>
  )
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div className="mg-fact">
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
)

function Leave({ organisation: { orgId, name } }: { organisation: Organisation }) {
  const { organisations } = useServices()
  const { task, run } = useStore(organisations.leaving)
  const { go } = useRouter()
  const [isAsking, setIsAsking] = useState(false)
  const leave = async () => {
    setIsAsking(false)
    await run(orgId)
    if (organisations.leaving.getState().task.status === 'done') go({ name: 'organisations' })
  }
  return (
    <Section title={t('organisations.leaveTitle')}>
      <div className="mg-card mg-pad mg-stack">
        <p>{t('organisations.leaveHint')}</p>
        <div className="mg-row">
          <Button
            variant="default"
            className="mg-danger"
            loading={task.status === 'working'}
            onClick={() => setIsAsking(true)}
          >
            {t('organisations.leave')}
          </Button>
        </div>
        {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('organisations.notLeft')} />}
      </div>
      {isAsking && (
        <Dialog
          title={t('organisations.leaveQuestion', { name })}
          onClose={() => setIsAsking(false)}
          actions={
            <>
              <Button variant="default" onClick={() => setIsAsking(false)}>
                {t('organisations.stay')}
              </Button>
              <Button className="mg-danger-filled" onClick={() => void leave()}>
                {t('organisations.leave')}
              </Button>
            </>
          }
        >
          <p>{t('organisations.leaveHint')}</p>
        </Dialog>
      )}
    </Section>
  )
}
