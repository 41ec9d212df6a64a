import { unreachable } from '../app/unreachable.ts'
import type { Category } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconFiles, IconPlus, IconRefresh } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useLoadable, useRouter, useServices } from '../app/context.ts'
import { timeText } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Page, ProblemNotice } from '../app/elements.tsx'
import { stepText } from '../app/words.ts'
import { t } from '../words/language.ts'
import { listed } from './record-list.ts'
import { MoreRecords } from './MoreRecords.tsx'
import type { TimelineFilter } from './timeline-filter.ts'
import { Timeline } from './Timeline.tsx'

const NO_FILTER: TimelineFilter = {}

export function RecordsPage({ show, filter = NO_FILTER }: { show: readonly Category[]; filter?: TimelineFilter }) {
  const { go } = useRouter()
  const store = useServices().records
  const records = useLoadable(store)
  const add = () => go({ name: 'add', as: 'file' })
  return (
    <Page
      title={t('records.title')}
      intro={records.status === 'ready' ? t('records.completeAt', { time: timeText(records.atMs) }) : undefined}
      actions={
        <>
          <Link to={{ name: 'trends' }} className="mg-button-link">
            {t('trends.title')}
          </Link>
          <Link to={{ name: 'report' }} className="mg-button-link">
            {t('report.title')}
          </Link>
          {records.status === 'ready' && (
            <Button
              variant="default"
              loading={records.refreshing}
              onClick={records.load}
              leftSection={<IconRefresh size={18} aria-hidden />}
            >
              {t('records.refresh')}
            </Button>
          )}
          <Button onClick={add} leftSection={<IconPlus size={18} aria-hidden />}>
            {t('records.add')}
          </Button>
        </>
      }
    >
      <MoreRecords vault={{ of: 'me' }} store={store} />
      <RecordsBody records={records} show={show} filter={filter} onAdd={add} />
    </Page>
  )
}

function RecordsBody(props: {
  records: ReturnType<typeof useLoadable<readonly import('@medguard/client').RecordSummary[]>>
  show: readonly Category[]
  filter: TimelineFilter
  onAdd: () => void
}) {
  const { records } = props
  const all = records.status === 'ready' ? records.value : null
  const shown = useMemo(() => listed(all ?? []), [all])
  switch (records.status) {
    case 'loading':
      return <ListSkeleton label={t('records.fetching', { step: stepText(records.step) })} rows={6} />
    case 'failed':
      return <ProblemNotice problem={records.problem} what={t('records.notShown')} onRetry={records.load} />
    case 'ready':
      return (
        <>
          {records.problem !== null && (
            <ProblemNotice problem={records.problem} what={t('page.outOfDate')} onRetry={records.load} />
          )}
          {shown.length === 0 ? (
            <EmptyState
              icon={<IconFiles size={28} />}
              title={t('records.empty')}
              actions={<Button onClick={props.onAdd}>{t('records.addFirst')}</Button>}
            >
              <p>{t('records.emptyText')}</p>
            </EmptyState>
          ) : (
            <Timeline records={shown} show={props.show} filter={props.filter} />
          )}
        </>
      )
    default:
      return unreachable(records)
  }
}
