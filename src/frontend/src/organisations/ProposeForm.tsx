import { Button, Textarea, TextInput } from '@mantine/core'
import { type NewAct, organisationIdOf } from '@medguard/client'
import { useState } from 'react'
import { useStore } from 'zustand'
import { Choice } from '../app/Choice.tsx'
import { useNow } from '../app/context.ts'
import { dayKey } from '../app/dates.ts'
import { ProblemNotice } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import type { CouncilStores } from './CouncilPage.tsx'
import { standingText } from './organisation-words.ts'
import { LooksLike } from './OrganisationFacts.tsx'
import { actErrors, actOf, type ActDraft, EMPTY_ACT, isAboutOne } from './act-draft.ts'

const KINDS = ['verify', 'suspend', 'reinstate', 'setPolicy', 'changeCouncil'] as const satisfies NewAct['kind'][]

/** Puts something to the vote. The organisation it is about is looked up first: its name is read before it is trusted. */
export function ProposeForm({ stores }: { stores: CouncilStores }) {
  const finding = useStore(stores.finding)
  const deciding = useStore(stores.deciding)
  const [draft, setDraft] = useState<ActDraft>(EMPTY_ACT)
  const [isTried, setIsTried] = useState(false)
  const nowMs = useNow()
  const edit = (change: Partial<ActDraft>) => setDraft({ ...draft, ...change })
  const orgId = organisationIdOf(draft.code.replaceAll(/\s/g, ''))
  const found = finding.task.status === 'done' && finding.task.value.orgId === orgId ? finding.task.value : null
  const errors = isTried ? actErrors(draft, nowMs) : {}
  const send = async () => {
    setIsTried(true)
    if (Object.values(actErrors(draft, nowMs)).some((each) => each !== undefined)) return
    if (isAboutOne(draft.kind) && orgId !== null && found === null) return finding.run(orgId)
    const act = actOf(draft)
    if (act === null) return
    await deciding.run({ propose: act })
    if (stores.deciding.getState().task.status !== 'done') return
    setDraft(EMPTY_ACT)
    setIsTried(false)
    finding.reset()
  }
  return (
    <form
      noValidate
      className="mg-card mg-pad mg-stack mg-form"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <Choice
        legend={t('council.what')}
        name="act"
        value={draft.kind}
        error={errors.kind}
        options={KINDS.map((value) => ({
          value,
          label: t(`council.act_${value}`),
          hint: t(`council.effect_${value}`),
        }))}
        onChange={(kind) => edit({ kind })}
      />
      {isAboutOne(draft.kind) && (
        <>
          <Textarea
            label={t('council.orgCode')}
            description={t('council.orgCodeHint')}
            autosize={false}
            rows={2}
            dir="ltr"
            className="mg-code-field"
            value={draft.code}
            error={errors.code}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => edit({ code: event.currentTarget.value })}
          />
          <output className="mg-block">
            {found !== null && (
              <>
                <strong className="mg-break">
                  <bdi>{found.name}</bdi>
                </strong>{' '}
                {t(`orgKinds.${found.kind}`)} · {standingText(found, nowMs)}
                <LooksLike organisation={found} />
              </>
            )}
          </output>
          {finding.task.status === 'failed' && (
            <ProblemNotice problem={finding.task.problem} what={t('council.notFound')} />
          )}
        </>
      )}
      {draft.kind === 'verify' && (
        <TextInput
          className="mg-day"
          type="date"
          label={t('council.lastDay')}
          min={dayKey(nowMs)}
          value={draft.day}
          error={errors.day}
          onChange={(event) => edit({ day: event.currentTarget.value })}
        />
      )}
      {draft.kind === 'setPolicy' && (
        <Choice
          legend={t('council.policy')}
          name="policy"
          value={draft.policy}
          error={errors.policy}
          options={(['free', 'required'] as const).map((value) => ({ value, label: t(`council.policy_${value}`) }))}
          onChange={(policy) => edit({ policy })}
        />
      )}
      {draft.kind === 'changeCouncil' && (
        <>
          <Textarea
            label={t('council.newMembers')}
            description={t('council.newMembersHint')}
            autosize={false}
            rows={5}
            dir="ltr"
            className="mg-code-field"
            value={draft.members}
            error={errors.members}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => edit({ members: event.currentTarget.value })}
          />
          <TextInput
            className="mg-day"
            label={t('council.newThreshold')}
            inputMode="numeric"
            value={draft.threshold}
            error={errors.threshold}
            onChange={(event) => edit({ threshold: event.currentTarget.value })}
          />
        </>
      )}
      <div className="mg-row">
        <Button type="submit" loading={deciding.task.status === 'working' || finding.task.status === 'working'}>
          {isAboutOne(draft.kind) && found === null ? t('council.find') : t('council.proposeIt')}
        </Button>
      </div>
    </form>
  )
}
