import { Textarea } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import { useNow, useServices } from '../app/context.ts'
import { unitText } from '../app/dates.ts'
import { Choice, FieldError } from '../app/Choice.tsx'
import { Link } from '../app/elements.tsx'
import { PURPOSES_OFFERED } from '../app/words.ts'
import { t } from '../words/language.ts'
import { LastDay } from './LastDay.tsx'
import { Marked } from '../words/Marked.tsx'
import { RecipientCheck } from './RecipientCheck.tsx'
import { KindsToShare } from './KindsToShare.tsx'
import { PickedRecords } from './PickedRecords.tsx'
import { OrganisationPicker } from './OrganisationPicker.tsx'
import { ReadCode } from '../qr/ReadCode.tsx'
import { readRecipientCode } from './share-code.ts'
import { type DraftErrors, HOW_LONG, howLongText, type ShareDraft, TREATED_FOR } from './share-draft.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

interface StepProps {
  readonly draft: ShareDraft
  readonly error: string | undefined
  readonly onChange: (change: Partial<ShareDraft>) => void
}

export function StepFrame({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  const id = useId()
  return (
    <section className="mg-step" aria-labelledby={id}>
      <div className="mg-step-head">
        <span className="mg-step-number" aria-hidden>
          {number}
        </span>
        <h2 id={id}>{title}</h2>
      </div>
      {children}
    </section>
  )
}

export function WhomStep({ draft, errors, onChange }: Omit<StepProps, 'error'> & { readonly errors: DraftErrors }) {
  const { client } = useServices()
  const read = readRecipientCode(draft.code, client.principal)
  return (
    <StepFrame number={1} title={t('share.whom')}>
      <Textarea
        id="share-code"
        label={t('share.code')}
        description={t('share.codeHint')}
        autosize={false}
        rows={3}
        value={draft.code}
        error={errors.code}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        className="mg-code-field"
        onChange={(event) => onChange({ code: event.currentTarget.value })}
      />
      <ReadCode onCode={(code) => onChange({ code })} />
      {read.kind === 'code' && <RecipientCheck code={read.code} />}
      <OrganisationPicker draft={draft} errorRoles={errors.roles} onChange={onChange} />
      <p className="mg-small">
        <Marked text="links.without" marks={{ link: (text) => <Link to={{ name: 'newLink' }}>{text}</Link> }} />
      </p>
      <p className="mg-soft mg-small">
        <Marked
          text="share.codeUnknown"
          marks={{ help: (text) => <Link to={{ name: 'help', area: 'patient', topic: 'codes' }}>{text}</Link> }}
        />
      </p>
    </StepFrame>
  )
}

/** Picked on the page before: nothing to fill in. */
export function WhomKnown({ draft }: { draft: ShareDraft }) {
  return (
    <StepFrame number={1} title={t('share.whom')}>
      <div className="mg-card mg-pad mg-stack">
        <RecipientCheck code={draft.code} />
      </div>
      <p className="mg-soft mg-small">
        {t('shareAgain.known')} <Link to={{ name: 'share', step: 1 }}>{t('shareAgain.somebodyElse')}</Link>
      </p>
    </StepFrame>
  )
}

const spanText = (ms: number) => (ms < DAY_MS ? unitText(ms / HOUR_MS, 'hour') : unitText(ms / DAY_MS, 'day'))

/** How long and what for in one choice, for what people come for most. */
export function TreatedForStep({
  draft,
  errors,
  onChange,
}: Omit<StepProps, 'error'> & { readonly errors: DraftErrors }) {
  return (
    <StepFrame number={3} title={t('share.howLongFor')}>
      <Choice
        id="share-howLong"
        legend={t('shareAgain.toTreat')}
        name="treated-for"
        error={errors.howLong}
        value={TREATED_FOR.find((howLong) => draft.purpose === 'TREAT' && draft.howLong === howLong) ?? null}
        options={TREATED_FOR.map((value) => ({
          value,
          label: t('shareAgain.treatedFor', { time: spanText(HOW_LONG[value]) }),
        }))}
        onChange={(howLong) => onChange({ howLong, purpose: 'TREAT' })}
      />
      <p className="mg-soft mg-small">
        <Link to={{ name: 'share', step: 3 }}>{t('shareAgain.otherEnd')}</Link>
      </p>
    </StepFrame>
  )
}

export function WhatStep({
  draft,
  error,
  errorDays,
  onChange,
}: StepProps & { readonly errorDays: string | undefined }) {
  return (
    <StepFrame number={2} title={t('share.what')}>
      <div id="share-what" tabIndex={-1} className="mg-stack">
        <Choice
          legend={t('share.by')}
          name="what"
          value={draft.what}
          options={[
            { value: 'categories', label: t('share.byKind'), hint: t('share.byKindHint') },
            {
              value: 'records',
              label: t('share.byRecord'),
              hint: t('share.byRecordHint'),
            },
            { value: 'inbox', label: t('inboxShare.option'), hint: t('inboxShare.optionHint') },
          ]}
          onChange={(what) => onChange({ what })}
        />
        {draft.what === 'categories' && <KindsToShare draft={draft} errorDays={errorDays} onChange={onChange} />}
        {draft.what === 'records' && (
          <PickedRecords records={draft.records} onChange={(records) => onChange({ records })} />
        )}
        {error !== undefined && <FieldError text={error} />}
      </div>
    </StepFrame>
  )
}

export function HowLongStep({ draft, errors, onChange }: Omit<StepProps, 'error'> & { readonly errors: DraftErrors }) {
  const nowMs = useNow()
  return (
    <StepFrame number={3} title={t('share.howLongFor')}>
      <Choice
        id="share-howLong"
        legend={t('share.howLong')}
        name="how-long"
        error={errors.howLong}
        value={draft.howLong}
        options={(['hour', 'day', 'week', 'month', 'date'] as const).map((value) => ({
          value,
          label: value === 'date' ? t('share.untilDate') : howLongText(value),
        }))}
        onChange={(howLong) => onChange({ howLong })}
      />
      {draft.howLong === 'date' && (
        <LastDay
          nowMs={nowMs}
          value={draft.untilDay}
          error={errors.untilDay}
          onChange={(untilDay) => onChange({ untilDay })}
        />
      )}
      <Choice
        id="share-purpose"
        legend={t('share.whatFor')}
        name="purpose"
        error={errors.purpose}
        value={draft.purpose}
        options={PURPOSES_OFFERED.map((value) => ({ value, label: t(`purposes.${value}`) }))}
        onChange={(purpose) => onChange({ purpose })}
      />
    </StepFrame>
  )
}
