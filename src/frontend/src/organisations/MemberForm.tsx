import { Button, Textarea, TextInput } from '@mantine/core'
import { type Member, type Role, ROLES } from '@medguard/client'
import { useState } from 'react'
import { useStore } from 'zustand'
import { CheckChoice } from '../app/Choice.tsx'
import { useNow, useServices } from '../app/context.ts'
import { dayKey, endOfDayMs, msOf, nsOf } from '../app/dates.ts'
import { Notice, ProblemNotice } from '../app/elements.tsx'
import { readShareCode, shareCodeError } from '../sharing/share-code.ts'
import { t } from '../words/language.ts'
import type { OrganisationStores } from './organisation-stores.ts'

/** Two years, a day short: the network's clock is not this one. */
const LONGEST_MS = 729 * 86_400_000

interface Draft {
  readonly code: string
  readonly roles: readonly Role[]
  readonly day: string
}

const draftOf = (present: Member | null): Draft =>
  present === null
    ? { code: '', roles: [], day: '' }
    : {
        code: present.principal,
        roles: present.roles,
        day: present.untilNs === null ? '' : dayKey(msOf(present.untilNs) - 1),
      }

/** To administrate is a role of its own, and the only one without an end (canisters/shared/src/trust-rules.ts). */
const administers = ({ roles }: Draft) => roles.includes('administrator')

type Errors = { readonly [Field in keyof Draft]?: string | undefined }
/** What is missing, by field. */
function errorsOf(draft: Draft, own: string, nowMs: number): Errors {
  const endMs = endOfDayMs(draft.day)
  return {
    code: shareCodeError(readShareCode(draft.code, own)) ?? undefined,
    roles:
      draft.roles.length === 0
        ? t('organisations.rolesMissing')
        : administers(draft) && draft.roles.length > 1
          ? t('organisations.administratorAlone')
          : undefined,
    day:
      !administers(draft) && (endMs === null || endMs <= nowMs || endMs > nowMs + LONGEST_MS)
        ? t('organisations.dayMissing')
        : undefined,
  }
}

/** Invites somebody, or changes what they are. @param props.present null for somebody new. */
export function MemberForm(props: { stores: OrganisationStores; present: Member | null; onClose: () => void }) {
  const { client } = useServices()
  const { task, run, reset } = useStore(props.stores.changing)
  const [draft, setDraft] = useState(() => draftOf(props.present))
  const [sent, setSent] = useState(false) // by this form
  const [isTried, setIsTried] = useState(false)
  const edit = (change: Partial<Draft>) => setDraft({ ...draft, ...change })
  const nowMs = useNow()
  const errors: Errors = isTried ? errorsOf(draft, client.principal, nowMs) : {}
  const close = () => {
    if (task.status !== 'working') reset()
    props.onClose()
  }
  const send = async () => {
    setIsTried(true)
    const read = readShareCode(draft.code, client.principal)
    if (Object.values(errorsOf(draft, client.principal, nowMs)).some((each) => each !== undefined)) return
    if (read.kind !== 'code') return
    const endMs = endOfDayMs(draft.day)
    const untilNs = administers(draft) || endMs === null ? null : nsOf(endMs)
    setSent(true)
    await run({ kind: 'set', member: { principal: read.code, roles: draft.roles, untilNs } })
  }
  if (sent && task.status === 'done') {
    return (
      <Notice
        tone="good"
        loud
        title={props.present === null ? t('organisations.invitedDone') : t('organisations.changedDone')}
        actions={
          <Button variant="default" onClick={close}>
            {t('page.close')}
          </Button>
        }
      >
        <p>{t('organisations.invitedNext')}</p>
      </Notice>
    )
  }
  return (
    <form
      noValidate
      className="mg-card mg-pad mg-stack mg-form"
      aria-label={props.present === null ? t('organisations.addMember') : t('organisations.change')}
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      {props.present === null && (
        <Textarea
          label={t('organisations.memberCode')}
          description={t('organisations.memberCodeHint')}
          autosize={false}
          rows={2}
          value={draft.code}
          error={errors.code}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          dir="ltr"
          className="mg-code-field"
          onChange={(event) => edit({ code: event.currentTarget.value })}
        />
      )}
      <CheckChoice
        legend={t('organisations.roles')}
        name="roles"
        on={draft.roles}
        error={errors.roles}
        options={ROLES.map((value) => ({ value, label: t(`roles.${value}`) }))}
        onChange={(roles) => edit({ roles: ROLES.filter((role) => roles.includes(role)) })}
      />
      <p className="mg-soft mg-small">{t('organisations.rolesHint')}</p>
      {administers(draft) ? (
        <p className="mg-soft mg-small">{t('organisations.endNoneHint')}</p>
      ) : (
        <TextInput
          className="mg-day"
          type="date"
          label={t('organisations.lastDay')}
          description={t('organisations.lastDayHint')}
          min={dayKey(nowMs)}
          value={draft.day}
          error={errors.day}
          onChange={(event) => edit({ day: event.currentTarget.value })}
        />
      )}
      {sent && task.status === 'failed' && (
        <ProblemNotice problem={task.problem} what={t('organisations.notChanged')} />
      )}
      <div className="mg-row">
        <Button type="submit" loading={task.status === 'working'}>
          {props.present === null ? t('organisations.sendInvite') : t('page.save')}
        </Button>
        <Button variant="default" onClick={close}>
          {t('page.cancel')}
        </Button>
      </div>
    </form>
  )
}
