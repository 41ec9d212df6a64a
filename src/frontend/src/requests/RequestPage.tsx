import { Button } from '@mantine/core'
import type { AccessRequestInfo } from '@medguard/client'
import { IconCircleCheck } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { useStore } from 'zustand'
import { CheckChoice, Choice } from '../app/Choice.tsx'
import { useForgetDone, useLoadable, useNow, useRouter, useServices } from '../app/context.ts'
import { momentText, msOf, timeText } from '../app/dates.ts'
import { EmptyState, ListSkeleton, Notice, Page, ProblemNotice, Section } from '../app/elements.tsx'
import { ErrorSummary } from '../app/ErrorSummary.tsx'
import { scopeText } from '../app/words.ts'
import { unreachable } from '../app/unreachable.ts'
import { HOW_LONG } from '../sharing/share-draft.ts'
import { t } from '../words/language.ts'
import {
  approvalDifferences,
  type ApprovalErrors,
  approvalErrors,
  approvalOf,
  approvalSentence,
  beginApproval,
  isOpen,
  partsAsked,
  shorterPeriods,
  spanText,
} from './approval-draft.ts'
import { RequestFacts } from './RequestFacts.tsx'
import { RequestOver } from './RequestOver.tsx'
import { RequestUnderWay } from './RequestUnderWay.tsx'
import { useNameOf, useSensitive } from '../sharing/use-names.ts'
import { nsOf } from '../app/dates.ts'
import '../sharing/sharing.css'
import './requests.css'

/** One request, of which the patient gives less than what was asked for. */
export function RequestPage({ askId }: { askId: string }) {
  const { requests, rules } = useServices()
  const received = useLoadable(requests.received)
  const laid = useLoadable(rules.laid)
  return (
    <Page title={t('requests.approveLess')} back={{ to: { name: 'requests' }, label: t('requests.title') }}>
      {received.status === 'loading' || laid.status === 'loading' ? (
        <ListSkeleton label={t('requests.finding')} rows={3} />
      ) : received.status === 'failed' ? (
        <ProblemNotice problem={received.problem} what={t('requests.notShown')} onRetry={received.load} />
      ) : (
        <One request={received.value.find((request) => request.askId === askId)} />
      )}
    </Page>
  )
}

function One({ request }: { request: AccessRequestInfo | undefined }) {
  if (request === undefined) return <Notice tone="warn" title={t('requests.gone')} />
  return <Answering request={request} />
}

function Answering({ request }: { request: AccessRequestInfo }) {
  const { requests } = useServices()
  const { go } = useRouter()
  const store = requests.answeringOf(request)
  const { task } = useStore(store)
  const nowMs = useNow(5_000)
  useForgetDone(store)
  switch (task.status) {
    case 'done': {
      const { share } = task.value
      return (
        <EmptyState
          icon={<IconCircleCheck size={28} />}
          title={t('share.doneAt', { at: timeText(task.atMs) })}
          actions={<Button onClick={() => go({ name: 'sharing', tab: 'people' })}>{t('share.seeWho')}</Button>}
        >
          {share !== null && (
            <p>
              {t('requests.doneText', {
                scope: scopeText(share.scope),
                until: momentText(msOf(share.endNs), task.atMs),
              })}
            </p>
          )}
        </EmptyState>
      )
    }
    case 'idle':
    case 'working':
    case 'failed':
      return (
        <>
          <div className="mg-card mg-pad">
            <RequestFacts request={request} />
          </div>
          {task.status === 'working' || isOpen(request, nowMs) ? (
            <LessForm request={request} />
          ) : (
            <RequestOver request={request} />
          )}
        </>
      )
    default:
      return unreachable(task)
  }
}

function LessForm({ request }: { request: AccessRequestInfo }) {
  const { requests } = useServices()
  const { kinds: sensitive } = useSensitive()
  const name = useNameOf(request.grantee)
  const { task, run } = useStore(requests.answeringOf(request))
  const [draft, setDraft] = useState(() => beginApproval(request, sensitive))
  const [shown, setShown] = useState<ApprovalErrors>({})
  const summary = useRef<HTMLDivElement>(null)
  const change = (changes: Partial<typeof draft>) => {
    setDraft({ ...draft, ...changes })
    setShown({})
  }
  const send = () => {
    const approval = approvalOf(draft, request, sensitive)
    if (approval !== null) return void run({ kind: 'approve', approval })
    setShown(approvalErrors(draft))
    requestAnimationFrame(() => summary.current?.focus())
  }
  const sentence = approvalSentence(draft, request, name)
  const less = approvalDifferences(draft, request)
  return (
    <form
      noValidate
      className="mg-ask-form"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <ErrorSummary focusRef={summary} errors={shown} idOf={(field) => `request-${field}`} />
      <Section title={t('requests.whatYouGive')}>
        <div className="mg-stack">
          <CheckChoice
            id="request-categories"
            legend={t('requests.kinds')}
            name="kinds"
            error={shown.categories}
            on={draft.categories}
            options={request.categories.map((value) => ({
              value,
              label: t(`categories.${value}`),
              ...(sensitive.includes(value) && { hint: t('requests.leftOut') }),
            }))}
            onChange={(categories) => change({ categories })}
          />
          {partsAsked(request).length > 1 && (
            <CheckChoice
              id="request-parts"
              legend={t('requests.toDo')}
              name="parts"
              error={shown.parts}
              on={draft.parts}
              options={partsAsked(request).map((value) => ({
                value,
                label: t(value === 'add' ? 'requests.add' : 'requests.read'),
              }))}
              onChange={(parts) => change({ parts })}
            />
          )}
          <Choice
            legend={t('share.howLong')}
            name="period"
            value={draft.period}
            options={[
              ...shorterPeriods(request).map((value) => ({ value, label: spanText(nsOf(HOW_LONG[value])) })),
              { value: 'asked' as const, label: spanText(request.periodNs), hint: t('requests.asAsked') },
            ]}
            onChange={(period) => change({ period })}
          />
        </div>
      </Section>
      <Section title={t('share.check')}>
        <div className="mg-card mg-pad mg-stack">
          <p className="mg-sentence">{sentence ?? t('share.checkEmpty')}</p>
          <output className="mg-block">
            {less.length === 0 ? (
              <span className="mg-soft">{t('requests.allOfIt')}</span>
            ) : (
              <>
                <strong>{t('requests.lessThanAsked')}</strong>
                <ul className="mg-ask-less">
                  {less.map((text) => (
                    <li key={text}>{text}</li>
                  ))}
                </ul>
              </>
            )}
          </output>
          <p className="mg-soft mg-small">{t('requests.stopAnyTime')}</p>
        </div>
      </Section>
      {task.status === 'failed' && (
        <ProblemNotice problem={task.problem} what={t('requests.notAnswered')} onRetry={send} />
      )}
      {task.status === 'working' && <RequestUnderWay step={task.step} />}
      <div className="mg-step-nav">
        <span />
        <Button type="submit" size="lg" loading={task.status === 'working'}>
          {t('share.share')}
        </Button>
      </div>
    </form>
  )
}
