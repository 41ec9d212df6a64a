import { Button, TextInput } from '@mantine/core'
import type { RecordSummary } from '@medguard/client'
import { IconCircleCheck } from '@tabler/icons-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useForgetDone, useKnown, useServices } from '../app/context.ts'
import { atText } from '../app/dates.ts'
import { EmptyState, Link, ProblemNotice } from '../app/elements.tsx'
import { ErrorSummary } from '../app/ErrorSummary.tsx'
import type { Problem } from '../app/problem.ts'
import { StoringSteps } from '../app/SendingSteps.tsx'
import { useUnsavedWarning } from '../app/unsaved-warning.ts'
import { useOnline } from '../app/use-online.ts'
import { Waits } from '../offline/Waits.tsx'
import type { Json } from '../records/json-paths.ts'
import { lastSubject } from '../records/record-list.ts'
import { t } from '../words/language.ts'
import { FieldInput, idOfField } from './FieldInput.tsx'
import { asked, formErrors, type FormSpec, resourceOf } from './form-fields.ts'
import type { FormFlow, FormSending, Values } from './form-store.ts'

/** A record that the form corrects, with what it says now. */
export interface Corrected {
  readonly summary: RecordSummary
  readonly resource: Json
  readonly values: Values
}

const SENSITIVE = 'sensitive'
const PERSON = 'person'

/** Where what is filled in goes to, and the words for it. */
export interface FormHome {
  readonly flow: FormFlow
  /** Whose record it is, as the newest one beside it says. */
  readonly person: string | null
  readonly personLabel: string
  readonly personHint: string
  readonly mayBeSensitive: boolean
  readonly send: string
  readonly sending: string
  readonly notSent: string
  /** Instead of sending it, while there is no network. */
  readonly putOff?: { readonly run: (sending: FormSending) => void; readonly problem: Problem | null }
  /** Under the buttons. */
  readonly about: ReactNode
  readonly saved: (done: Done) => ReactNode
}
export interface Done {
  readonly record: RecordSummary
  readonly atMs: number
  readonly onAnother: () => void
}

/** One's own record, or that in whose patient's place one acts. */
export function OwnRecordForm({ spec, before }: { spec: FormSpec; before: Corrected | null }) {
  const { guided, records, ward } = useServices()
  const isOnline = useOnline()
  const off = useStore(guided.puttingOff)
  useForgetDone(guided.puttingOff)
  const known = useKnown(records)
  const isCorrection = before !== null
  // In somebody's place nothing waits: by then the right to add may have ended.
  const waits = !isOnline && ward === null && !isCorrection
  const problem = off.task.status === 'failed' ? off.task.problem : null
  useEffect(() => {
    if (guided.puttingOff.getState().task.status === 'failed') guided.puttingOff.getState().reset() // of another form
  }, [guided])
  if (off.task.status === 'done') return <Waits record={off.task.value} onAnother={off.reset} />
  return (
    <RecordForm
      spec={spec}
      before={before}
      home={{
        flow: guided,
        person: lastSubject(known),
        personLabel: t('add.name'),
        personHint: t('add.nameHint'),
        mayBeSensitive: true,
        send: t(isCorrection ? 'forms.saveCorrection' : 'add.go'),
        sending: t('add.saving'),
        notSent: t('add.notSaved'),
        ...(waits && { putOff: { run: (sending) => void off.run(sending), problem } }),
        about: (
          <>
            {waits && <p>{t('device.addOffline')}</p>}
            <p>{t('forms.kept')}</p>
          </>
        ),
        saved: (done) => <Saved {...done} isCorrection={isCorrection} />,
      }}
    />
  )
}

export function RecordForm(props: { spec: FormSpec; before: Corrected | null; home: FormHome }) {
  const { spec, before, home } = props
  const { flow } = home
  const name = before?.summary.recordId ?? spec.kind
  const { drafts, edit, drop } = useStore(flow.form)
  const { task, run, reset } = useStore(flow.sending)
  useForgetDone(flow.sending)
  const [begun] = useState<Values>(() => before?.values ?? spec.start?.(Date.now()) ?? {})
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({})
  const summary = useRef<HTMLDivElement>(null)
  const draft = drafts[name]
  const values: Values = {
    [PERSON]: (before === null ? home.person : before.summary.subject) ?? '',
    ...begun,
    ...draft,
  }
  useUnsavedWarning(draft !== undefined)
  useEffect(() => {
    if (flow.sending.getState().task.status === 'failed') flow.sending.getState().reset() // of another form
  }, [flow])

  if (task.status === 'done') {
    return home.saved({ record: task.value, atMs: task.atMs, onAnother: reset })
  }
  const problem = home.putOff === undefined ? (task.status === 'failed' ? task.problem : null) : home.putOff.problem
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
    const store = home.putOff?.run ?? ((sending: FormSending) => void run(sending))
    store({
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
        label={home.personLabel}
        description={home.personHint}
        value={values[PERSON]}
        onChange={(event) => change(PERSON, event.currentTarget.value)}
      />
      {before === null && home.mayBeSensitive && (
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
      {problem !== null && <ProblemNotice problem={problem} what={home.notSent} onRetry={send} />}
      {task.status === 'working' && <StoringSteps label={home.sending} step={task.step} />}
      <div className="mg-row">
        <Button type="submit" size="lg" loading={task.status === 'working'}>
          {home.send}
        </Button>
        {draft !== undefined && task.status !== 'working' && (
          <Button variant="default" onClick={() => drop(name)}>
            {t('forms.startAgain')}
          </Button>
        )}
      </div>
      <div className="mg-soft mg-small">{home.about}</div>
    </form>
  )
}

const TITLE_CHARS = 200
/** `2025-05-12`: a month or a year alone is in the resource, not in the header. */
const FULL_DAY_CHARS = 10

function Saved(props: Done & { isCorrection: boolean }) {
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
