import { Button } from '@mantine/core'
import type { Share } from '@medguard/client'
import { useRef, useState } from 'react'
import { useStore } from 'zustand'
import { Choice, FieldError } from '../app/Choice.tsx'
import { useNow, useServices } from '../app/context.ts'
import { momentText, msOf } from '../app/dates.ts'
import { ProblemNotice, Section } from '../app/elements.tsx'
import { ErrorSummary } from '../app/ErrorSummary.tsx'
import { SendingSteps } from '../app/SendingSteps.tsx'
import { isToInbox } from '../app/words.ts'
import { t } from '../words/language.ts'
import { LastDay } from './LastDay.tsx'
import {
  type ChangeDraft,
  changeDraftOf,
  type ChangeErrors,
  changeErrors,
  changeOf,
  changeSentences,
  isOfRecords,
} from './change-draft.ts'
import { DaysFields } from './DaysFields.tsx'
import { KindTicks } from './KindTicks.tsx'
import { MayAdd } from './KindsToShare.tsx'
import { PickedRecords } from './PickedRecords.tsx'
import { howLongText, type ShareDraft } from './share-draft.ts'
import { useNameOf, useSensitive } from './use-names.ts'

/** @param held the records of a share of single records */
export function ChangeForm({ share, held }: { share: Share; held: ShareDraft['records'] }) {
  const { changing } = useServices()
  const { task, run, reset } = useStore(changing)
  const { kinds: sensitive } = useSensitive()
  const [draft, setDraft] = useState(() => changeDraftOf(share, held))
  const [shown, setShown] = useState<ChangeErrors>({})
  const summary = useRef<HTMLDivElement>(null)
  const isSending = task.status === 'working'
  const change = (changes: Partial<ChangeDraft>) => {
    setDraft({ ...draft, ...changes })
    setShown({})
    if (task.status === 'failed') reset()
  }
  const send = () => {
    const nowMs = Date.now()
    const errors = changeErrors(share, held, draft, nowMs)
    setShown(errors)
    if (Object.keys(errors).length > 0) return void requestAnimationFrame(() => summary.current?.focus())
    void run({ shareId: share.grantId, change: changeOf(share, held, draft, nowMs, sensitive) })
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <ErrorSummary focusRef={summary} errors={shown} idOf={(field) => `share-${field}`} />
      {!isToInbox(share) && <What share={share} draft={draft} errors={shown} onChange={change} />}
      <Section title={t('changeShare.end')}>
        <End share={share} draft={draft} error={shown.untilDay} onChange={change} />
      </Section>
      <Section title={t('changeShare.differences')}>
        <Differences share={share} held={held} draft={draft} />
        {task.status === 'failed' && (
          <ProblemNotice problem={task.problem} what={t('changeShare.notChanged')} onRetry={send} />
        )}
        {isSending && (
          <SendingSteps
            label={t('changeShare.sending')}
            step={task.step}
            steps={STEPS.map(({ step, label }) => ({ step, label: t(label) }))}
          />
        )}
      </Section>
      <div className="mg-step-nav">
        <span />
        <Button type="submit" size="lg" loading={isSending}>
          {t('changeShare.send')}
        </Button>
      </div>
    </form>
  )
}

interface PartProps {
  readonly share: Share
  readonly draft: ChangeDraft
  readonly onChange: (changes: Partial<ChangeDraft>) => void
}

function What({ share, draft, errors, onChange }: PartProps & { readonly errors: ChangeErrors }) {
  const isOfDays = share.terms?.range !== undefined
  return (
    <Section title={t('share.what')}>
      <div id="share-what" tabIndex={-1} className="mg-stack">
        {isOfRecords(share) ? (
          <PickedRecords records={draft.records} onChange={(records) => onChange({ records })} />
        ) : (
          <KindTicks categories={draft.categories} onChange={(categories) => onChange({ categories })} />
        )}
        {errors.what !== undefined && <FieldError text={errors.what} />}
        {isOfDays && <DaysFields draft={draft} error={errors.days} onChange={onChange} />}
        {!isOfDays && !isOfRecords(share) && (
          <MayAdd mayAdd={draft.mayAdd} onChange={(mayAdd) => onChange({ mayAdd })} />
        )}
      </div>
    </Section>
  )
}

function End({ share, draft, error, onChange }: PartProps & { readonly error: string | undefined }) {
  const nowMs = useNow()
  return (
    <>
      <Choice
        legend={t('share.howLong')}
        name="how-long"
        value={draft.howLong ?? 'same'}
        options={(['same', 'hour', 'day', 'week', 'month', 'date'] as const).map((value) => ({
          value,
          label:
            value === 'same'
              ? t('changeShare.endSame', { until: momentText(msOf(share.endNs), nowMs) })
              : value === 'date'
                ? t('share.untilDate')
                : t('changeShare.endFromNow', { time: howLongText(value) }),
        }))}
        onChange={(value) => onChange({ howLong: value === 'same' ? null : value })}
      />
      {draft.howLong === 'date' && (
        <LastDay nowMs={nowMs} value={draft.untilDay} error={error} onChange={(untilDay) => onChange({ untilDay })} />
      )}
    </>
  )
}

function Differences({ share, held, draft }: { share: Share; held: ShareDraft['records']; draft: ChangeDraft }) {
  const nowMs = useNow()
  const name = useNameOf(share.grantee)
  const sentences = changeSentences(share, held, draft, nowMs, name)
  return (
    <div className="mg-card mg-pad mg-stack" id="share-nothing" tabIndex={-1} aria-live="polite">
      {sentences.length === 0 ? (
        <p className="mg-soft">{t('changeShare.nothing')}</p>
      ) : (
        <ul className="mg-covers" aria-label={t('changeShare.differences')}>
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      {sentences.length > 0 && <p className="mg-soft mg-small">{t('changeShare.seen')}</p>}
    </div>
  )
}

const STEPS = [
  { step: 'asking', label: 'share.stepSending' },
  { step: 'confirming', label: 'share.stepConfirming' },
  { step: 'ending', label: 'changeShare.stepEnding' },
] as const
