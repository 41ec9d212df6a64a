import { unreachable } from '../app/unreachable.ts'
import type { RecordSummary } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconShare } from '@tabler/icons-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useKnown, useLoadable, useRouter, useServices } from '../app/context.ts'
import { Link, ListSkeleton, Page, ProblemNotice } from '../app/elements.tsx'
import type { Route } from '../app/routes.ts'
import { stepText } from '../app/words.ts'
import { t } from '../words/language.ts'
import { noticesOf } from './badges.ts'
import { OpenRecord } from './OpenRecord.tsx'
import { recordLine } from './RecordFacts.tsx'

const RecordPanels = lazy(() => import('./detail/RecordPanels.tsx'))
const Trace = lazy(() => import('./detail/Trace.tsx'))

const back = () => ({ to: { name: 'records', show: [] } satisfies Route, label: t('records.all') })

export function RecordPage({ recordId }: { recordId: string }) {
  const records = useLoadable(useServices().records)
  switch (records.status) {
    case 'loading':
      return (
        <Page title={t('records.one')} back={back()}>
          <ListSkeleton label={t('records.finding', { step: stepText(records.step) })} rows={3} />
        </Page>
      )
    case 'failed':
      return (
        <Page title={t('records.one')} back={back()}>
          <ProblemNotice problem={records.problem} what={t('records.oneNotShown')} onRetry={records.load} />
        </Page>
      )
    case 'ready': {
      const record = records.value.find((one) => one.recordId === recordId)
      return record === undefined ? <NotFound recordId={recordId} /> : <Found key={record.version} record={record} />
    }
    default:
      return unreachable(records)
  }
}

function NotFound({ recordId }: { recordId: string }) {
  return (
    <Page title={t('records.one')} back={back()}>
      <Suspense fallback={<output className="mg-block mg-soft">{t('page.looking')}</output>}>
        <Trace recordId={recordId} />
      </Suspense>
    </Page>
  )
}

function Found({ record }: { record: RecordSummary }) {
  const { sharing, notices } = useServices()
  const { go } = useRouter()
  const told = useKnown(notices.report)
  // Whoever has it open has read that it came.
  useEffect(() => {
    const ids = noticesOf(told, record.recordId)
    if (ids.length > 0) void notices.read(ids)
  }, [told, notices, record.recordId])
  const [leafIndex, setLeafIndex] = useState<bigint | null>(null)
  const share = () => {
    sharing.form.getState().beginWith([{ recordId: record.recordId, version: record.version, title: record.title }])
    sharing.sending.getState().reset()
    go({ name: 'share', step: 1 })
  }
  return (
    <Page
      title={record.title}
      historyTitle={t('records.one')}
      intro={recordLine(record)}
      back={back()}
      actions={
        <>
          {record.mediaType === 'application/fhir+json' && record.isDamaged !== true && (
            <Link to={{ name: 'correct', recordId: record.recordId }} className="mg-button-link">
              {t('forms.correct')}
            </Link>
          )}
          <Button onClick={share} leftSection={<IconShare size={18} aria-hidden />}>
            {t('records.share')}
          </Button>
        </>
      }
    >
      <OpenRecord record={record} area="patient" onOpened={setLeafIndex} />
      <Suspense fallback={<output className="mg-block mg-soft">{t('page.looking')}</output>}>
        <RecordPanels record={record} leafIndex={leafIndex} />
      </Suspense>
    </Page>
  )
}
