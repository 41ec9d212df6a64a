import type { OpenedRecord, RecordSummary } from '@medguard/client'
import { type ReactNode, useMemo } from 'react'
import { useStore } from 'zustand'
import { HandOutContext } from '../records/hand-out.ts'
import { readBody } from '../records/read-body.ts'
import { summaryOf, type SummaryRow } from '../summary/summary.ts'
import { t } from '../words/language.ts'
import type { OpenGrant } from './OpenPatient.tsx'
import { TakeSection, useTaking } from './Taking.tsx'
import { bundleOf, recordText, rowsText, TAKEN_AS, TAKEN_AS_TEXT, textOf, wordsOf } from './taking-along.ts'
import { usePatient } from './use-patient.ts'

/** A file, a text or a sheet of paper of all that is open. */
export function TakeAlong({ open }: { open: OpenGrant }) {
  const { readings, status } = useStore(open.readings, ({ view }) => view)
  const about = { share: open.share, ...usePatient(open) }
  const { task, take } = useTaking(open)
  const summary = useMemo(() => summaryOf(readings), [readings])
  if (readings.length === 0) return null
  const count = readings.length
  return (
    <TakeSection
      about={t('portal.takeAlongText', { count })}
      ways={TAKEN_AS}
      isBusy={status === 'reading'}
      task={task}
      onTake={(as) =>
        take(
          as === 'bundle'
            ? { as, content: bundleOf(readings, Date.now()), fileName: 'medguard-bundle.json', count }
            : { as, content: textOf(summary, about, Date.now()), count },
        )
      }
    />
  )
}

/** One record, and the ways in which it leaves the page: as the file that it is, as text, on paper. */
export function TakeRecord(props: {
  open: OpenGrant
  record: RecordSummary
  children: (after: (opened: OpenedRecord) => ReactNode) => ReactNode
}) {
  const { open, record, children } = props
  const taking = useTaking(open)
  return (
    <HandOutContext value={(content, fileName) => taking.take({ as: 'file', content, fileName, count: 1 })}>
      {children((opened) => (
        <TakeOpened open={open} opened={opened} {...taking} />
      ))}
      {record.hasFiles === true && (
        <TakeSection about={t('portal.takeFilesText')} ways={[]} task={taking.task} onTake={() => {}} />
      )}
    </HandOutContext>
  )
}

function TakeOpened(props: { open: OpenGrant; opened: OpenedRecord } & ReturnType<typeof useTaking>) {
  const { open, opened, task, take } = props
  const { summary, bytes } = opened
  const about = { share: open.share, ...usePatient(open) }
  const words = useMemo(() => wordsOf(readBody(summary.mediaType, bytes)), [summary.mediaType, bytes])
  return (
    <TakeSection
      about={t(words === null ? 'portal.takeFilesText' : 'portal.takeOneText')}
      ways={words === null ? [] : TAKEN_AS_TEXT}
      task={task}
      onTake={(as) => {
        if (as !== 'bundle' && words !== null)
          take({ as, content: recordText(summary, words, about, Date.now()), count: 1 })
      }}
    />
  )
}

/** What was found of one test. */
export function TakeResults({ open, title, rows }: { open: OpenGrant; title: string; rows: readonly SummaryRow[] }) {
  const about = { share: open.share, ...usePatient(open) }
  const { task, take } = useTaking(open)
  const count = new Set(rows.map(({ record }) => record.recordId)).size
  return (
    <TakeSection
      about={t('portal.takeOneText')}
      ways={TAKEN_AS_TEXT}
      task={task}
      onTake={(as) => as !== 'bundle' && take({ as, content: rowsText(title, rows, about, Date.now()), count })}
    />
  )
}
