import type { OpenedRecord, RecordSummary } from '@medguard/client'
import { IconFileUnknown } from '@tabler/icons-react'
import { type ReactNode, useEffect, useState } from 'react'
import { useLoadable, useServices } from '../app/context.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, ProblemNotice } from '../app/elements.tsx'
import { createLoadable } from '../app/loadable.ts'
import type { Route } from '../app/routes.ts'
import { unreachable } from '../app/unreachable.ts'
import { stepText } from '../app/words.ts'
import { staysAsItCame } from '../records/came-from.ts'
import { NoteForm } from '../records/detail/Notes.tsx'
import type { Json } from '../records/json-paths.ts'
import { t } from '../words/language.ts'
import { type FormSpec, valuesOf } from './form-fields.ts'
import { ALL_SPECS } from './form-specs.ts'
import { type Corrected, OwnRecordForm } from './RecordForm.tsx'

/** A record of one resource, in its form: saving makes a new version, and the one before stays. What is somebody else's word gets a note in place of that. */
export function CorrectPage({ recordId }: { recordId: string }) {
  const { client, records: store } = useServices()
  const records = useLoadable(store)
  const [first, setFirst] = useState<RecordSummary | null>(null)
  const found = records.status === 'ready' ? records.value.find((one) => one.recordId === recordId) : undefined
  // The version that was opened stays the one that is corrected, also when the list moves on to the new one.
  if (first === null && found !== undefined) setFirst(found)
  return (
    <Page
      title={t('forms.correct')}
      intro={first?.title}
      historyTitle={t('forms.correct')}
      back={{ to: { name: 'record', recordId }, label: t('forms.backToRecord') }}
    >
      {first !== null && staysAsItCame(first, client.principal) ? (
        <>
          <Notice tone="info" title={t('recordPage.stays')}>
            <p>{t('recordPage.staysText')}</p>
          </Notice>
          <NoteForm record={first} as="corrects" />
        </>
      ) : first !== null ? (
        <Correcting
          summary={first}
          back={{ name: 'record', recordId }}
          form={(found) => <OwnRecordForm {...found} />}
        />
      ) : records.status === 'failed' ? (
        <ProblemNotice problem={records.problem} what={t('records.oneNotShown')} onRetry={records.load} />
      ) : records.status === 'ready' ? (
        <EmptyState icon={<IconFileUnknown size={28} />} title={t('records.missing')} />
      ) : (
        <ListSkeleton label={t('records.finding', { step: stepText(records.step) })} rows={3} />
      )}
    </Page>
  )
}

/** A form with what a record says now. Opening it is logged like any other. */
export function Correcting(props: Correction & { summary: RecordSummary }) {
  const { summary } = props
  const { client } = useServices()
  const [store] = useState(() => createLoadable((progress) => client.open(summary, progress)))
  const opened = useLoadable(store)
  useEffect(() => () => store.getState().forget(), [store])
  switch (opened.status) {
    case 'loading':
      return <ListSkeleton label={t('records.opening', { step: stepText(opened.step) })} rows={3} />
    case 'failed':
      return <ProblemNotice problem={opened.problem} what={t('records.notOpened')} onRetry={opened.load} />
    case 'ready':
      return <Form opened={opened.value} back={props.back} form={props.form} />
    default:
      return unreachable(opened)
  }
}

function formOf({ bytes, summary }: OpenedRecord) {
  const resource = parsed(bytes)
  for (const spec of ALL_SPECS) {
    const values = valuesOf(spec, resource)
    if (values !== null) return { spec, before: { summary, resource, values } }
  }
  return null
}

interface Correction {
  readonly back: Route
  readonly form: (found: { spec: FormSpec; before: Corrected }) => ReactNode
}

function Form({ opened, back, form }: Correction & { opened: OpenedRecord }) {
  const [found] = useState(() => formOf(opened))
  if (found !== null) return form(found)
  return (
    <EmptyState
      icon={<IconFileUnknown size={28} />}
      title={t('forms.noForm')}
      actions={<Link to={back}>{t('forms.backToRecord')}</Link>}
    >
      <p>{t('forms.noFormText')}</p>
    </EmptyState>
  )
}

function parsed(bytes: Uint8Array): Json {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return json
  } catch {
    return null
  }
}
