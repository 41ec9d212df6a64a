import type { OpenedRecord, RecordSummary } from '@medguard/client'
import { IconFileUnknown } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useLoadable, useServices } from '../app/context.ts'
import { EmptyState, Link, ListSkeleton, Page, ProblemNotice } from '../app/elements.tsx'
import { createLoadable } from '../app/loadable.ts'
import { unreachable } from '../app/unreachable.ts'
import { stepText } from '../app/words.ts'
import type { Json } from '../records/json-paths.ts'
import { t } from '../words/language.ts'
import { valuesOf } from './form-fields.ts'
import { ALL_SPECS } from './form-specs.ts'
import { RecordForm } from './RecordForm.tsx'

/** A record of one resource, in its form: saving makes a new version, and the one before stays. */
export function CorrectPage({ recordId }: { recordId: string }) {
  const records = useLoadable(useServices().records)
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
      {first !== null ? (
        <Opened summary={first} />
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

function Opened({ summary }: { summary: RecordSummary }) {
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
      return <Form opened={opened.value} />
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

function Form({ opened }: { opened: OpenedRecord }) {
  const [found] = useState(() => formOf(opened))
  if (found !== null) return <RecordForm {...found} />
  return (
    <EmptyState
      icon={<IconFileUnknown size={28} />}
      title={t('forms.noForm')}
      actions={<Link to={{ name: 'record', recordId: opened.summary.recordId }}>{t('forms.backToRecord')}</Link>}
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
