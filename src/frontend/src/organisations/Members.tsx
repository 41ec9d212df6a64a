import { Button } from '@mantine/core'
import type { Member } from '@medguard/client'
import { IconUserPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useFresh, useNow, useServices } from '../app/context.ts'
import { momentText, msOf } from '../app/dates.ts'
import { Dialog, ListSkeleton, Person, ProblemNotice, Section } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { useNames } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'
import { MemberForm } from './MemberForm.tsx'
import type { OrganisationStores } from './organisation-stores.ts'
import { rolesText } from './organisation-words.ts'

export function Members({ stores }: { stores: OrganisationStores }) {
  const members = useFresh(stores.members)
  const [isAdding, setIsAdding] = useState(false)
  return (
    <Section
      title={t('organisations.tab_members')}
      aside={
        !isAdding && (
          <Button onClick={() => setIsAdding(true)} leftSection={<IconUserPlus size={18} aria-hidden />}>
            {t('organisations.addMember')}
          </Button>
        )
      }
    >
      <div className="mg-stack">
        {isAdding && <MemberForm stores={stores} present={null} onClose={() => setIsAdding(false)} />}
        <MembersBody members={members} stores={stores} />
      </div>
    </Section>
  )
}

function MembersBody({
  members,
  stores,
}: {
  members: ReturnType<typeof useFresh<readonly Member[]>>
  stores: OrganisationStores
}) {
  switch (members.status) {
    case 'loading':
      return <ListSkeleton label={t('organisations.lookingMembers')} rows={3} />
    case 'failed':
      return (
        <ProblemNotice problem={members.problem} what={t('organisations.membersNotShown')} onRetry={members.load} />
      )
    case 'ready':
      return (
        <>
          {members.problem !== null && (
            <ProblemNotice problem={members.problem} what={t('page.outOfDate')} onRetry={members.load} />
          )}
          <ul className="mg-card mg-list" aria-label={t('organisations.tab_members')}>
            {members.value
              .filter(({ status }) => status !== 'removed')
              .map((member) => (
                <MemberRow key={member.principal} member={member} stores={stores} />
              ))}
          </ul>
        </>
      )
    default:
      return unreachable(members)
  }
}

function MemberRow({ member, stores }: { member: Member; stores: OrganisationStores }) {
  const { client } = useServices()
  const { task, run } = useStore(stores.changing)
  const [asking, setAsking] = useState<'suspend' | 'remove' | null>(null)
  const [isEditing, setIsEditing] = useState(false)
  const [isMine, setIsMine] = useState(false) // the change under way is about this row
  const nowMs = useNow()
  const isMe = member.principal === client.principal
  const who = useNames()(member.principal)
  const act = async (kind: 'suspend' | 'remove') => {
    setAsking(null)
    setIsMine(true)
    await run({ kind, principal: member.principal })
  }
  const isOver = member.untilNs !== null && msOf(member.untilNs) <= nowMs
  return (
    <li className="mg-share">
      <div className="mg-share-text">
        <Person code={member.principal} isMe={isMe} />
        <p>{rolesText(member.roles)}</p>
        <p className="mg-soft mg-small">
          {t(`organisations.status_${member.status}`)}
          {' · '}
          {member.untilNs === null
            ? t('organisations.noEnd')
            : isOver
              ? t('organisations.overSince', { at: momentText(msOf(member.untilNs), nowMs) })
              : t('organisations.memberUntil', { until: momentText(msOf(member.untilNs), nowMs) })}
        </p>
        <output className="mg-block">
          {isMine && task.status === 'working' && <span className="mg-soft">{t('page.sending')}</span>}
        </output>
        {isMine && task.status === 'failed' && (
          <ProblemNotice problem={task.problem} what={t('organisations.notChanged')} />
        )}
      </div>
      {!isMe && !isEditing && (
        <div className="mg-share-actions">
          <Button
            variant="default"
            aria-label={t('organisations.changeOf', { who })}
            onClick={() => setIsEditing(true)}
          >
            {t('organisations.change')}
          </Button>
          {member.status !== 'suspended' && (
            <Button
              variant="default"
              aria-label={t('organisations.suspendWho', { who })}
              onClick={() => setAsking('suspend')}
            >
              {t('organisations.suspend')}
            </Button>
          )}
          <Button
            variant="default"
            className="mg-danger"
            aria-label={t('organisations.removeWho', { who })}
            onClick={() => setAsking('remove')}
          >
            {t('organisations.remove')}
          </Button>
        </div>
      )}
      {isEditing && (
        <div className="mg-org-edit">
          <MemberForm stores={stores} present={member} onClose={() => setIsEditing(false)} />
        </div>
      )}
      {asking !== null && (
        <Dialog
          title={
            asking === 'suspend'
              ? t('organisations.suspendQuestion', { who })
              : t('organisations.removeQuestion', { who })
          }
          onClose={() => setAsking(null)}
          actions={
            <>
              <Button variant="default" onClick={() => setAsking(null)}>
                {t('page.cancel')}
              </Button>
              <Button className="mg-danger-filled" onClick={() => void act(asking)}>
                {asking === 'suspend' ? t('organisations.suspend') : t('organisations.remove')}
              </Button>
            </>
          }
        >
          <p>{asking === 'suspend' ? t('organisations.suspendEffect') : t('organisations.removeEffect')}</p>
        </Dialog>
      )}
    </li>
  )
}
