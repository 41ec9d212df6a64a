import { unreachable } from '../app/unreachable.ts'
import type { RecordSummary } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconFileUnknown, IconShare } from '@tabler/icons-react'
import { useLoadable, useRouter, useServices } from '../app/context.ts'
import { EmptyState, ListSkeleton, Page, ProblemNotice, Section } from '../app/elements.tsx'
import type { Route } from '../app/routes.ts'
import { stepText } from '../app/words.ts'
import { OpenRecord } from './OpenRecord.tsx'
import { RecordFacts, recordLine } from './RecordFacts.tsx'
import { WhoCanOpen } from './WhoCanOpen.tsx'

const BACK = { to: { name: 'records', show: [] } satisfies Route, label: 'All records' }

export function RecordPage({ recordId }: { recordId: string }) {
  const records = useLoadable(useServices().records)
  switch (records.status) {
    case 'loading':
      return (
        <Page title="Record" back={BACK}>
          <ListSkeleton label={`Finding the record. ${stepText(records.step)}`} rows={3} />
        </Page>
      )
    case 'failed':
      return (
        <Page title="Record" back={BACK}>
          <ProblemNotice problem={records.problem} what="The record is not shown" onRetry={records.load} />
        </Page>
      )
    case 'ready': {
      const record = records.value.find((one) => one.recordId === recordId)
      return record === undefined ? <NotFound /> : <Found key={record.version} record={record} />
    }
    default:
      return unreachable(records)
  }
}

function NotFound() {
  return (
    <Page title="Record" back={BACK}>
      <EmptyState icon={<IconFileUnknown size={28} />} title="There is no such record among yours" />
    </Page>
  )
}

function Found({ record }: { record: RecordSummary }) {
  const { sharing } = useServices()
  const { go } = useRouter()
  const share = () => {
    const { draft, edit } = sharing.form.getState()
    const others = draft.what === 'records' ? draft.records.filter((one) => one.recordId !== record.recordId) : []
    edit({
      what: 'records',
      records: [...others, { recordId: record.recordId, version: record.version, title: record.title }],
    })
    sharing.sending.getState().reset()
    go({ name: 'share', step: 1 })
  }
  return (
    <Page
      title={record.title}
      historyTitle="Record"
      intro={recordLine(record)}
      back={BACK}
      actions={
        <Button onClick={share} leftSection={<IconShare size={18} aria-hidden />}>
          Share this record
        </Button>
      }
    >
      <OpenRecord record={record} area="patient" />
      <Section title="Who can open this">
        <WhoCanOpen record={record} />
      </Section>
      <Section title="Details">
        <RecordFacts record={record} />
      </Section>
    </Page>
  )
}
