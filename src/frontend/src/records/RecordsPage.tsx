import { unreachable } from '../app/unreachable.ts'
import type { Category } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconFiles, IconPlus, IconRefresh } from '@tabler/icons-react'
import { useLoadable, useRouter, useServices } from '../app/context.ts'
import { timeText } from '../app/dates.ts'
import { EmptyState, ListSkeleton, Page, ProblemNotice } from '../app/elements.tsx'
import { stepText } from '../app/words.ts'
import { MoreRecords } from './MoreRecords.tsx'
import { RecordList } from './RecordList.tsx'

export function RecordsPage({ show }: { show: readonly Category[] }) {
  const { go } = useRouter()
  const store = useServices().records
  const records = useLoadable(store)
  const add = () => go({ name: 'add', as: 'file' })
  return (
    <Page
      title="Records"
      intro={
        records.status === 'ready' ? `Complete as of ${timeText(records.atMs)}, checked on this device.` : undefined
      }
      actions={
        <>
          {records.status === 'ready' && (
            <Button
              variant="default"
              loading={records.refreshing}
              onClick={records.load}
              leftSection={<IconRefresh size={18} aria-hidden />}
            >
              Refresh
            </Button>
          )}
          <Button onClick={add} leftSection={<IconPlus size={18} aria-hidden />}>
            Add a record
          </Button>
        </>
      }
    >
      <MoreRecords vault={{ of: 'me' }} store={store} />
      <RecordsBody records={records} show={show} onAdd={add} />
    </Page>
  )
}

function RecordsBody(props: {
  records: ReturnType<typeof useLoadable<readonly import('@medguard/client').RecordSummary[]>>
  show: readonly Category[]
  onAdd: () => void
}) {
  const { go } = useRouter()
  const { records } = props
  switch (records.status) {
    case 'loading':
      return <ListSkeleton label={`Fetching your records. ${stepText(records.step)}`} rows={6} />
    case 'failed':
      return <ProblemNotice problem={records.problem} what="Your records are not shown" onRetry={records.load} />
    case 'ready':
      return (
        <>
          {records.problem !== null && (
            <ProblemNotice problem={records.problem} what="This may be out of date" onRetry={records.load} />
          )}
          {records.value.length === 0 ? (
            <EmptyState
              icon={<IconFiles size={28} />}
              title="No records yet"
              actions={<Button onClick={props.onAdd}>Add your first record</Button>}
            >
              <p>A letter, a lab result, a photo of a prescription, or a note in your own words.</p>
            </EmptyState>
          ) : (
            <RecordList
              records={records.value}
              show={props.show}
              onShow={(show) => go({ name: 'records', show })}
              routeOf={({ recordId }) => ({ name: 'record', recordId })}
            />
          )}
        </>
      )
    default:
      return unreachable(records)
  }
}
