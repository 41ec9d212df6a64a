import { Button, TextInput } from '@mantine/core'
import { type MembershipInfo, ORG_KINDS, type OrgKind } from '@medguard/client'
import { IconBuildingHospital, IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { Choice } from '../app/Choice.tsx'
import { useFresh, useNow, useServices } from '../app/context.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, ProblemNotice, Section } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { listText, t } from '../words/language.ts'
import { rolesText, standingText } from './organisation-words.ts'
import { LooksLike } from './OrganisationFacts.tsx'
import './organisations.css'

/** Where one works, who invited one, and how a new organisation begins. */
export function OrganisationsPage() {
  const { organisations } = useServices()
  const mine = useFresh(organisations.memberships)
  return (
    <Page title={t('organisations.title')} intro={t('organisations.intro')}>
      <MineBody mine={mine} />
      <p>
        <Link to={{ name: 'council' }} className="mg-button-link">
          {t('organisations.council')}
        </Link>
      </p>
      <Section title={t('organisations.register')}>
        <RegisterForm />
      </Section>
    </Page>
  )
}

function MineBody({ mine }: { mine: ReturnType<typeof useFresh<readonly MembershipInfo[]>> }) {
  switch (mine.status) {
    case 'loading':
      return <ListSkeleton label={t('organisations.looking')} rows={2} />
    case 'failed':
      return <ProblemNotice problem={mine.problem} what={t('organisations.notShown')} onRetry={mine.load} />
    case 'ready': {
      const invited = mine.value.filter(({ member }) => member.status === 'invited')
      const others = mine.value.filter(({ member }) => member.status !== 'invited' && member.status !== 'removed')
      return (
        <>
          {invited.map((one) => (
            <Invited key={one.organisation.orgId} membership={one} />
          ))}
          {others.length === 0 && invited.length === 0 ? (
            <EmptyState icon={<IconBuildingHospital size={28} />} title={t('organisations.none')}>
              <p>{t('organisations.noneHint')}</p>
            </EmptyState>
          ) : (
            others.length > 0 && (
              <ul className="mg-card mg-list" aria-label={t('organisations.title')}>
                {others.map((one) => (
                  <MembershipRow key={one.organisation.orgId} membership={one} />
                ))}
              </ul>
            )
          )}
        </>
      )
    }
    default:
      return unreachable(mine)
  }
}

function Invited({ membership: { organisation, member } }: { membership: MembershipInfo }) {
  const { organisations } = useServices()
  const accepting = useStore(organisations.accepting)
  const leaving = useStore(organisations.leaving)
  const nowMs = useNow()
  const { orgId, name } = organisation
  return (
    <Notice
      tone="info"
      title={t('organisations.invitedTitle', { name })}
      actions={
        <>
          <Button loading={accepting.task.status === 'working'} onClick={() => void accepting.run(orgId)}>
            {t('organisations.accept')}
          </Button>
          <Button variant="default" loading={leaving.task.status === 'working'} onClick={() => void leaving.run(orgId)}>
            {t('organisations.decline')}
          </Button>
        </>
      }
    >
      <p>
        {t('organisations.invitedText', {
          roles: rolesText(member.roles),
          standing: standingText(organisation, nowMs),
        })}
      </p>
      <LooksLike organisation={organisation} />
      {accepting.task.status === 'failed' && (
        <ProblemNotice
          problem={accepting.task.problem}
          what={t('organisations.notAccepted')}
          onRetry={() => void accepting.run(orgId)}
        />
      )}
      {leaving.task.status === 'failed' && (
        <ProblemNotice
          problem={leaving.task.problem}
          what={t('organisations.notDeclined')}
          onRetry={() => void leaving.run(orgId)}
        />
      )}
    </Notice>
  )
}

function MembershipRow({ membership: { organisation, member } }: { membership: MembershipInfo }) {
  const nowMs = useNow()
  return (
    <li>
      <Link to={{ name: 'organisation', orgId: organisation.orgId, tab: 'about' }} className="mg-org-link">
        <span className="mg-org-text">
          <strong className="mg-break">
            <bdi>{organisation.name}</bdi>
          </strong>
          <span className="mg-soft mg-small">
            {listText([
              rolesText(member.roles),
              ...(member.status === 'suspended' ? [t('organisations.status_suspended')] : []),
            ])}
          </span>
          <span className="mg-soft mg-small">{standingText(organisation, nowMs)}</span>
        </span>
        <IconChevronRight size={20} aria-hidden className="mg-turns" />
      </Link>
    </li>
  )
}

function RegisterForm() {
  const { organisations } = useServices()
  const { task, run, reset } = useStore(organisations.registering)
  const [name, setName] = useState('')
  const [kind, setKind] = useState<OrgKind | null>(null)
  const [isTried, setIsTried] = useState(false)
  const isNamed = name.trim() !== ''
  if (task.status === 'done') {
    return (
      <Notice
        tone="good"
        loud
        title={t('organisations.registered', { name: task.value.name })}
        actions={
          <Button variant="default" onClick={reset}>
            {t('organisations.registerAnother')}
          </Button>
        }
      >
        <p>{t('organisations.registeredNext')}</p>
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
        if (isNamed && kind !== null) void run({ name: name.trim(), kind })
      }}
    >
      <p className="mg-soft">{t('organisations.registerHint')}</p>
      <TextInput
        label={t('organisations.name')}
        description={t('organisations.nameHint')}
        value={name}
        autoComplete="organization"
        error={isTried && !isNamed ? t('organisations.nameMissing') : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Choice
        legend={t('organisations.kind')}
        name="org-kind"
        value={kind}
        error={isTried && kind === null ? t('organisations.kindMissing') : undefined}
        options={ORG_KINDS.map((value) => ({ value, label: t(`orgKinds.${value}`) }))}
        onChange={setKind}
      />
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('organisations.notRegistered')} />}
      <div className="mg-row">
        <Button type="submit" loading={task.status === 'working'}>
          {t('organisations.register')}
        </Button>
      </div>
    </form>
  )
}
