import { Button, TextInput } from '@mantine/core'
import type { RecordSummary } from '@medguard/client'
import { IconCircleCheck } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useForgetDone, useKnown, useServices } from '../app/context.ts'
import { atText } from '../app/dates.ts'
import { EmptyState, Link, ProblemNotice } from '../app/elements.tsx'
import { ErrorSummary } from '../app/ErrorSummary.tsx'
import { SendingSteps } from '../app/SendingSteps.tsx'
import type { Json } from '../records/json-paths.ts'
import { lastSubject } from '../records/record-list.ts'
import { t } from '../words/language.ts'
import { FieldInput, idOfField } from './FieldInput.tsx'
import { asked, formErrors, type FormSpec, resourceOf } from './form-fields.ts'
import type { Values } from './form-store.ts'

/** A record that the form corrects, with what it says now. */
export interface Corrected {
  readonly summary: RecordSummary
  readonly resource: Json
  readonly values: Values
}

const SENSITIVE = 'sensitive'
const PERSON = 'person'

export function RecordForm({ spec, before }: { spec: FormSpec; before: Corrected | null }) {
  const { guided, records } = useServices()
  const name = before?.summary.recordId ?? spec.kind
  const { drafts, edit, drop } = useStore(guided.form)
  const { task, run, reset } = useStore(guided.sending)
  useForgetDone(guided.sending)
  const [begun] = useState<Values>(() => before?.values ?? spec.start?.(Date.now()) ?? {})
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({})
  const summary = useRef<HTMLDivElement>(null)
  const known = useKnown(records)
  const draft = drafts[name]
  const values: Values = {
    [PERSON]: (before === null ? lastSubject(known) : before.summary.subject) ?? '',
    ...begun,
    ...draft,
  }
  useUnsavedWarning(draft !== undefined)
  useEffect(() => {
    if (guided.sending.getState().task.status === 'failed') guided.sending.getState().reset() // of another form
  }, [guided])

  if (task.status === 'done') {
    return <Saved record={task.value} atMs={task.atMs} isCorrection={before !== null} onAnother={reset} />
  }
  const change = (field: string, value: string) => {
    edit(name, { [field]: value })
    const { [field]: _, ...others } = errors
    setErrors(others)
  }
  const send = () => {
    const found = formErrors(spec, values)
    setErrors(found)
    if (Object.keys(found).length > 0) {
      requestAnimationFrame(() => summary.current?.focus())
      return
    }
    const person = (values[PERSON] ?? '').trim()
    const resource = resourceOf(spec, values, person, before?.resource ?? null)
    const day = spec.day(values)
    void run({
      form: name,
      before: before?.summary ?? null,
      record: {
        bytes: new TextEncoder().encode(JSON.stringify(resource)),
        title: Array.from(spec.title(values)).slice(0, TITLE_CHARS).join(''),
        category: values[SENSITIVE] === 'yes' ? 'sensitive' : spec.category,
        clinicalDate: day.length < FULL_DAY_CHARS ? null : day,
        subject: person === '' ? null : person,
        fileName: null,
        mediaType: 'application/fhir+json',
      },
    })
  }
  return (
    <form
      className="mg-form"
      noValidate
      autoComplete="off" // or the browser writes half of it to disk, to restore it
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <ErrorSummary focusRef={summary} errors={errors} idOf={idOfField} />
      {asked(spec, values).map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          values={values}
          error={errors[field.name]}
          onChange={(value) => change(field.name, value)}
        />
      ))}
      <TextInput
        id={idOfField(PERSON)}
        label={t('add.name')}
        description={t('add.nameHint')}
        value={values[PERSON]}
        onChange={(event) => change(PERSON, event.currentTarget.value)}
      />
      {before === null && (
        <label className="mg-choice">
          <input
            type="checkbox"
            checked={values[SENSITIVE] === 'yes'}
            aria-label={t('forms.sensitive')}
            aria-describedby="form-sensitive-hint"
            onChange={(event) => change(SENSITIVE, event.currentTarget.checked ? 'yes' : '')}
          />
          <span className="mg-choice-text">
            <span className="mg-choice-label">{t('forms.sensitive')}</span>
            <span className="mg-choice-hint" id="form-sensitive-hint">
              {t('forms.sensitiveHint', { kind: t(`categories.${spec.category}`) })}
            </span>
          </span>
        </label>
      )}
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('add.notSaved')} onRetry={send} />}
      {task.status === 'working' && (
        <SendingSteps
          label={t('add.saving')}
          step={task.step}
          steps={STEPS.map(({ step, label }) => ({ step, label: t(label) }))}
        />
      )}
      <div className="mg-row">
        <Button type="submit" size="lg" loading={task.status === 'working'}>
          {t(before === null ? 'add.go' : 'forms.saveCorrection')}
        </Button>
        {draft !== undefined && task.status !== 'working' && (
          <Button variant="default" onClick={() => drop(name)}>
            {t('forms.startAgain')}
          </Button>
        )}
      </div>
      <p className="mg-soft mg-small">{t('forms.kept')}</p>
    </form>
  )
}

const TITLE_CHARS = 200
/** `2025-05-12`: a month or a year alone is in the resource, not in the header. */
const FULL_DAY_CHARS = 10
const STEPS = [
  { step: 'askingForKey', label: 'add.stepPrepare' },
  { step: 'sealing', label: 'add.stepSeal' },
  { step: 'uploading', label: 'add.stepSend' },
  { step: 'confirming', label: 'add.stepConfirm' },
] as const

/** A reload or a closed tab forgets what is typed: the browser asks first. */
function useUnsavedWarning(isTyped: boolean) {
  useEffect(() => {
    if (!isTyped) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [isTyped])
}

function Saved(props: { record: RecordSummary; atMs: number; isCorrection: boolean; onAnother: () => void }) {
  const { record, atMs, isCorrection } = props
  const open = (
    <Link to={{ name: 'record', recordId: record.recordId }} className="mg-button-link">
      {t('add.open')}
    </Link>
  )
  return (
    <EmptyState
      icon={<IconCircleCheck size={28} />}
      title={t('add.saved', { at: atText(atMs, atMs) })}
      actions={
        isCorrection ? (
          open
        ) : (
          <>
            <Button onClick={props.onAnother}>{t('add.another')}</Button>
            {open}
          </>
        )
      }
    >
      <p>
        {isCorrection
          ? t('forms.corrected', { title: record.title, version: record.version })
          : t('add.savedText', { title: record.title, kind: t(`categories.${record.category}`) })}
      </p>
    </EmptyState>
  )
}
