import { Button, TextInput } from '@mantine/core'
import { CATEGORIES } from '@medguard/client'
import { IconCircleCheck } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { CheckChoice, Choice } from '../app/Choice.tsx'
import { useForgetDone, useLoadable, useRouter, useServices } from '../app/context.ts'
import { timeText, unitText } from '../app/dates.ts'
import { EmptyState, Page, ProblemNotice, Section } from '../app/elements.tsx'
import { ErrorSummary } from '../app/ErrorSummary.tsx'
import { ReadCode } from '../qr/ReadCode.tsx'
import { HOW_LONG, howLongText } from '../sharing/share-draft.ts'
import { t } from '../words/language.ts'
import {
  ANSWERED_WITHIN_MS,
  type AskDraft,
  type AskErrors,
  askErrors,
  askOf,
  askSentence,
  PURPOSES_ASKED,
} from './asking.ts'
import '../sharing/sharing.css'
import '../requests/requests.css'

const idOf = (field: string) => `ask-${field}`

/** Asks a patient, whose code one was given, for access. */
export function AskPage() {
  const { asking } = useServices()
  const { task, reset } = useStore(asking.sending)
  const { go } = useRouter()
  useForgetDone(asking.sending)
  return (
    <Page
      title={t('ask.title')}
      intro={t('ask.intro')}
      back={{ to: { name: 'patients', tab: 'asked' }, label: t('ask.all') }}
    >
      {task.status === 'done' ? (
        <EmptyState
          icon={<IconCircleCheck size={28} />}
          title={t('ask.sentAt', { at: timeText(task.atMs) })}
          actions={
            <>
              <Button onClick={() => go({ name: 'patients', tab: 'asked' })}>{t('ask.seeAll')}</Button>
              <Button variant="default" onClick={reset}>
                {t('ask.another')}
              </Button>
            </>
          }
        >
          <p>{t('ask.sentText', { time: WITHIN() })}</p>
        </EmptyState>
      ) : (
        <AskForm />
      )}
    </Page>
  )
}

const WITHIN = () => unitText(ANSWERED_WITHIN_MS / 86_400_000, 'day')

function AskForm() {
  const { asking, client, organisations } = useServices()
  const { draft, edit } = useStore(asking.form)
  const { task, run } = useStore(asking.sending)
  const memberships = useLoadable(organisations.memberships)
  const [shown, setShown] = useState<AskErrors>({})
  const summary = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (asking.sending.getState().task.status === 'failed') asking.sending.getState().reset() // of an earlier visit
  }, [asking])
  const mine =
    memberships.status === 'ready'
      ? memberships.value.filter(({ member, organisation }) => member.status === 'active' && organisation.isInForce)
      : []
  const change = (changes: Partial<AskDraft>) => {
    edit(changes)
    setShown({})
  }
  const send = () => {
    const request = askOf(draft, client.principal, Date.now())
    if (request !== null) return void run(request)
    setShown(askErrors(draft, client.principal))
    requestAnimationFrame(() => summary.current?.focus())
  }
  const organisation = mine.find((one) => one.organisation.orgId === draft.forOrganisation)?.organisation.name ?? null
  const sentence = askSentence(draft, client.principal, organisation)
  return (
    <form
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <ErrorSummary focusRef={summary} errors={shown} idOf={idOf} />
      <Section title={t('ask.whom')}>
        <div className="mg-card mg-pad mg-stack">
          <TextInput
            id={idOf('code')}
            label={t('ask.code')}
            description={t('ask.codeHint')}
            value={draft.code}
            error={shown.code}
            onChange={(event) => change({ code: event.currentTarget.value })}
          />
          <ReadCode onCode={(code) => change({ code })} />
          {mine.length > 0 && (
            <Choice
              legend={t('ask.for')}
              name="for"
              value={draft.forOrganisation}
              options={[
                { value: '', label: t('ask.forMe') },
                ...mine.map((one) => ({
                  value: one.organisation.orgId,
                  label: one.organisation.name,
                  hint: t('ask.forHint'),
                })),
              ]}
              onChange={(forOrganisation) => change({ forOrganisation })}
            />
          )}
        </div>
      </Section>
      <Section title={t('ask.what')}>
        <div className="mg-stack">
          <Choice
            id={idOf('purpose')}
            legend={t('share.whatFor')}
            name="purpose"
            error={shown.purpose}
            value={draft.purpose}
            options={PURPOSES_ASKED.map((value) => ({ value, label: t(`purposes.${value}`) }))}
            onChange={(purpose) => change({ purpose })}
          />
          <CheckChoice
            id={idOf('categories')}
            legend={t('ask.kinds')}
            name="kinds"
            error={shown.categories}
            on={draft.categories}
            options={CATEGORIES.map((value) => ({ value, label: t(`categories.${value}`) }))}
            onChange={(categories) => change({ categories })}
          />
          <p className="mg-soft mg-small">{t('ask.kindsHint')}</p>
          <CheckChoice
            id={idOf('parts')}
            legend={t('requests.toDo')}
            name="parts"
            error={shown.parts}
            on={draft.parts}
            options={(['read', 'add'] as const).map((value) => ({ value, label: t(`requests.${value}`) }))}
            onChange={(parts) => change({ parts })}
          />
          <Choice
            id={idOf('howLong')}
            legend={t('share.howLong')}
            name="howLong"
            error={shown.howLong}
            value={draft.howLong}
            options={(['hour', 'day', 'week', 'month'] as const satisfies readonly (keyof typeof HOW_LONG)[]).map(
              (value) => ({ value, label: howLongText(value) }),
            )}
            onChange={(howLong) => change({ howLong })}
          />
        </div>
      </Section>
      <Section title={t('share.check')}>
        <div className="mg-card mg-pad mg-stack">
          <p className="mg-sentence">{sentence ?? t('ask.checkEmpty')}</p>
          <p className="mg-soft mg-small">{t('ask.checkHint', { time: WITHIN() })}</p>
        </div>
      </Section>
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('ask.notSent')} onRetry={send} />}
      {task.status === 'working' && <output className="mg-block mg-soft">{t('ask.sending')}</output>}
      <div className="mg-step-nav">
        <span />
        <Button type="submit" size="lg" loading={task.status === 'working'}>
          {t('ask.send')}
        </Button>
      </div>
    </form>
  )
}
