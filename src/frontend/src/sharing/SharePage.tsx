import { Button } from '@mantine/core'
import { organisationIdOf, type Share } from '@medguard/client'
import { IconCircleCheck } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useForgetDone, useKnown, useLoadable, useNow, useRouter, useServices } from '../app/context.ts'
import { atText, momentText, msOf } from '../app/dates.ts'
import { EmptyState, Link, Notice, Page, ProblemNotice } from '../app/elements.tsx'
import type { LoadableStore } from '../app/loadable.ts'
import { ErrorSummary } from '../app/ErrorSummary.tsx'
import type { ShareStep } from '../app/routes.ts'
import { SendingSteps } from '../app/SendingSteps.tsx'
import { useIsWide } from '../app/use-is-wide.ts'
import { isToInbox, scopeText } from '../app/words.ts'
import { countByCategory } from '../records/record-list.ts'
import {
  type DraftErrors,
  type DraftField,
  draftErrors,
  draftSentence,
  type ShareDraft,
  shareOf,
} from './share-draft.ts'
import { t } from '../words/language.ts'
import { Marked } from '../words/Marked.tsx'
import { NamePerson } from '../people/NamePerson.tsx'
import { saveToDisk } from '../records/save-to-disk.ts'
import { endInCalendar } from './calendar.ts'
import { readRecipientCode } from './share-code.ts'
import { isDoubtful } from './doubt.ts'
import { SharePreview } from './SharePreview.tsx'
import { StoppingNote, StopShare } from './StopShare.tsx'
import { HowLongStep, StepFrame, TreatedForStep, WhatStep, WhomKnown, WhomStep } from './ShareSteps.tsx'
import { useNameOf } from './use-names.ts'
import './sharing.css'

const FIELDS_OF_STEP: Record<Exclude<ShareStep, 'again'>, readonly DraftField[]> = {
  1: ['code', 'roles'],
  2: ['what', 'days'],
  3: ['howLong', 'untilDay', 'purpose'],
  4: [],
}

export function SharePage({ step: asked }: { step: ShareStep }) {
  const { sharing, client } = useServices()
  const code = useStore(sharing.form, ({ draft }) => draft.code)
  // Of an address that was kept nobody knows with whom.
  const step = asked === 'again' && readRecipientCode(code, client.principal).kind !== 'code' ? 1 : asked
  const { task, reset } = useStore(sharing.sending)
  useForgetDone(sharing.sending)
  return (
    <Page title={t('share.title')} back={{ to: { name: 'sharing', tab: 'people' }, label: t('sharing.title') }}>
      {task.status === 'done' ? (
        <Done share={task.value} atMs={task.atMs} onAgain={reset} />
      ) : (
        <ShareForm step={step} />
      )}
    </Page>
  )
}

function Done({ share, atMs, onAgain }: { share: Share; atMs: number; onAgain: () => void }) {
  const name = useNameOf(share.grantee)
  const { go } = useRouter()
  const nowMs = useNow()
  const known = useKnown(useServices().shares)?.find(({ grantId }) => grantId === share.grantId) ?? share
  if (known.state === 'revoked') return <DoneStopped share={known} nowMs={nowMs} onAgain={onAgain} />
  return (
    <EmptyState
      icon={<IconCircleCheck size={28} />}
      title={t(isToInbox(share) ? 'inboxShare.doneAt' : 'share.doneAt', { at: atText(atMs, atMs) })}
      actions={
        <>
          <Button onClick={() => go({ name: 'sharing', tab: 'people' })}>{t('share.seeWho')}</Button>
          <Button
            variant="default"
            onClick={() =>
              saveToDisk(
                new TextEncoder().encode(endInCalendar(msOf(share.endNs), Date.now())),
                'medguard-share-ends.ics',
              )
            }
          >
            {t('calendar.save')}
          </Button>
          <Button variant="default" onClick={onAgain}>
            {t('share.another')}
          </Button>
          <StopShare share={known} />
        </>
      }
    >
      <p>
        <Marked
          text={isToInbox(share) ? 'inboxShare.doneText' : 'share.doneText'}
          values={{ name, scope: scopeText(share.scope), until: momentText(msOf(share.endNs), atMs) }}
          marks={{ sharing: (text) => <Link to={{ name: 'sharing', tab: 'people' }}>{text}</Link> }}
        />
      </p>
      {organisationIdOf(share.grantee) === null && <NamePerson code={share.grantee} />}
      <StoppingNote share={known} />
    </EmptyState>
  )
}

/** Stopped again from where it was given. */
function DoneStopped({ share, nowMs, onAgain }: { share: Share; nowMs: number; onAgain: () => void }) {
  const title = useRef<HTMLDivElement>(null)
  useEffect(() => title.current?.focus(), []) // the button that was pressed is gone
  return (
    <div ref={title} tabIndex={-1}>
      <EmptyState
        icon={<IconCircleCheck size={28} />}
        title={t('sharing.whenRevoked', { at: atText(msOf(share.endedNs ?? share.endNs), nowMs) })}
        actions={<Button onClick={onAgain}>{t('share.another')}</Button>}
      />
    </div>
  )
}

/** Four steps: one below the other where there is room, one at a time on a phone, where Back goes to the step before. */
function ShareForm({ step }: { step: ShareStep }) {
  const { sharing, recipients, council, sure, client, records } = useServices()
  const { go } = useRouter()
  const { draft, edit } = useStore(sharing.form)
  const { task, run } = useStore(sharing.sending)
  const [shown, setShown] = useState<DraftErrors>({})
  const summary = useRef<HTMLDivElement>(null)
  const isAgain = step === 'again'
  const isWide = useIsWide() || isAgain // as short as it is, it fits a phone at once
  useLoadable(records) // for the counts and the picker; the form works without
  const isSending = task.status === 'working'

  const change = (changes: Partial<ShareDraft>) => {
    edit(changes)
    setShown({})
    if (task.status === 'failed') sharing.sending.getState().reset()
  }
  const refuse = (errors: DraftErrors) => {
    setShown(errors)
    requestAnimationFrame(() => summary.current?.focus())
  }
  /** What is missing, and whether they have to say that they are sure of the recipient. */
  const missing = (): DraftErrors => {
    const read = readRecipientCode(draft.code, client.principal)
    const isUnsure =
      read.kind === 'code' &&
      sure.getState().code !== read.code &&
      isDoubtful(valueOf(recipients(read.code)), valueOf(council))
    return {
      ...draftErrors(draft, client.principal, Date.now()),
      ...(isUnsure && { code: t('recipient.errorSure') }),
    }
  }
  const next = () => {
    if (step === 'again') return
    const errors = missing()
    const here = Object.fromEntries(
      Object.entries(errors).filter(([field]) => FIELDS_OF_STEP[step].some((one) => one === field)),
    )
    if (Object.keys(here).length > 0) return refuse(here)
    setShown({})
    go({ name: 'share', step: step === 1 ? 2 : step === 2 ? 3 : 4 })
  }
  const send = () => {
    const errors = missing()
    const share = errors.code === undefined ? shareOf(draft, client.principal, Date.now()) : null
    if (share === null) return refuse(errors)
    void run(share)
  }
  const onPhone = (only: ShareStep) => isWide || step === only

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (isWide || step === 4) send()
        else next()
      }}
    >
      {!isWide && !isAgain && <StepCount key={step} step={step} />}
      <ErrorSummary focusRef={summary} errors={shown} idOf={(field) => `share-${field}`} />
      {isAgain && <WhomKnown draft={draft} />}
      {onPhone(1) && !isAgain && <WhomStep draft={draft} errors={shown} onChange={change} />}
      {onPhone(2) && <WhatStep draft={draft} error={shown.what} errorDays={shown.days} onChange={change} />}
      {isAgain && <TreatedForStep draft={draft} errors={shown} onChange={change} />}
      {onPhone(3) && !isAgain && <HowLongStep draft={draft} errors={shown} onChange={change} />}
      {onPhone(4) && (
        <StepFrame number={4} title={t('share.check')}>
          <Check draft={draft} />
          {task.status === 'failed' && (
            <ProblemNotice problem={task.problem} what={t('share.notShared')} onRetry={send} />
          )}
          {isSending && (
            <SendingSteps
              label={t('share.sending')}
              step={task.step}
              steps={SHARE_STEPS.map(({ step, label }) => ({ step, label: t(label) }))}
            />
          )}
        </StepFrame>
      )}
      <div className="mg-step-nav">
        {!isWide && step !== 1 ? (
          <Button variant="default" disabled={isSending} onClick={() => history.back()}>
            {t('share.back')}
          </Button>
        ) : (
          <span />
        )}
        <Button type="submit" size="lg" loading={isSending}>
          {t(isWide || step === 4 ? (draft.what === 'inbox' ? 'inboxShare.go' : 'share.share') : 'share.next')}
        </Button>
      </div>
    </form>
  )
}

const valueOf = <T,>(store: LoadableStore<T>): T | null => {
  const { view } = store.getState()
  return view.status === 'ready' ? view.value : null
}

/** Each step is a new count, which takes the focus: the reader starts at the top of it. */
function StepCount({ step }: { step: Exclude<ShareStep, 'again'> }) {
  const text = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    text.current?.focus()
    window.scrollTo(0, 0)
  }, [])
  return (
    <p className="mg-step-of" ref={text} tabIndex={-1}>
      {t('share.stepOf', { step })}
    </p>
  )
}

function Check({ draft }: { draft: ShareDraft }) {
  const { client, records } = useServices()
  const known = useKnown(records)
  const nowMs = useNow()
  const name = useNameOf(draft.code)
  const counts = known === null ? null : countByCategory(known)
  const sentence = draftSentence(draft, client.principal, nowMs, counts, name)
  if (sentence === null) return <p className="mg-soft">{t('share.checkEmpty')}</p>
  return (
    <>
      <p className="mg-card mg-pad mg-sentence">{sentence}</p>
      {draft.what !== 'inbox' && known !== null && <SharePreview draft={draft} own={known} nowMs={nowMs} />}
      {draft.what === 'inbox' ? <p className="mg-soft">{t('inboxShare.stays')}</p> : <NoTakingBack />}
    </>
  )
}

function NoTakingBack() {
  return (
    <Notice tone="info" title={t('share.noTakingBack')}>
      <p>
        <Marked
          text="share.noTakingBackText"
          marks={{
            help: (text) => <Link to={{ name: 'help', area: 'patient', topic: 'stopping' }}>{text}</Link>,
          }}
        />{' '}
        <Link to={{ name: 'privacy', area: 'patient' }}>{t('privacy.title')}</Link>
      </p>
    </Notice>
  )
}

const SHARE_STEPS = [
  { step: 'asking', label: 'share.stepSending' },
  { step: 'confirming', label: 'share.stepConfirming' },
] as const
