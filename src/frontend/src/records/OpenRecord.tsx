import { unreachable } from '../app/unreachable.ts'
import type { OpenedFiles, OpenedRecord, Outcome, Progress, RecordSummary } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconDeviceMobile, IconShieldCheck } from '@tabler/icons-react'
import { type ReactNode, useEffect, useState } from 'react'
import { useLoadable, useNow, useServices } from '../app/context.ts'
import { Link, ListSkeleton, Notice, ProblemNotice } from '../app/elements.tsx'
import { atText } from '../app/dates.ts'
import { createLoadable } from '../app/loadable.ts'
import { isTampering, type Problem, problemText } from '../app/problem.ts'
import type { Area } from '../app/routes.ts'
import { stepText } from '../app/words.ts'
import { t } from '../words/language.ts'
import { Marked } from '../words/Marked.tsx'
import { FilesView } from '../viewers/FilesView.tsx'
import { ReadFrom } from './ReadFrom.tsx'
import { RecordContent } from './RecordContent.tsx'

interface Opening {
  readonly record: RecordSummary
  readonly area: Area
  /** It waits in the inbox, and is no record of the vault yet. */
  readonly isInInbox?: true
  readonly onRefused?: (problem: Problem) => void
  /** What stands below the content. */
  readonly after?: ((opened: OpenedRecord) => ReactNode) | undefined
  /** Told where the log has the opening, once all checks held. */
  readonly onOpened?: (leafIndex: bigint) => void
}

/** Opens one record, shows it, and forgets it when it leaves the page. What fails its checks is never drawn. */
export function OpenRecord(props: Opening) {
  const { client } = useServices()
  const { record } = props
  return record.hasFiles === true && props.isInInbox !== true ? (
    <Opened {...props} ask={(progress) => client.files(record, progress)}>
      {(opened: OpenedFiles) => <FilesView opened={opened} />}
    </Opened>
  ) : (
    <Opened
      {...props}
      ask={(progress) =>
        props.isInInbox === true ? client.openFromInbox(record.recordId, progress) : client.open(record, progress)
      }
    >
      {(opened: OpenedRecord) => (
        <>
          <RecordContent opened={opened} />
          {props.after?.(opened)}
          {props.area === 'patient' && props.isInInbox !== true && <ReadFrom opened={opened} />}
        </>
      )}
    </Opened>
  )
}

interface WithLeaf {
  readonly leafIndex: bigint
  /** Read from this device, where it was kept then. */
  readonly keptMs?: number
}

function Opened<T extends WithLeaf>(
  props: Opening & {
    ask: (progress: Progress) => Promise<Outcome<T>>
    children: (opened: T) => ReactNode
  },
) {
  const { record, onRefused, onOpened, ask } = props
  const [store] = useState(() => createLoadable(ask))
  const opened = useLoadable(store)
  useEffect(() => () => store.getState().forget(), [store])
  useEffect(() => {
    if (opened.status === 'failed') onRefused?.(opened.problem)
    if (opened.status === 'ready' && opened.value.keptMs === undefined) onOpened?.(opened.value.leafIndex)
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- told once per answer, not once per render of the parent
  }, [opened.status])

  switch (opened.status) {
    case 'loading':
      return <ListSkeleton label={t('records.opening', { step: stepText(opened.step) })} rows={3} />
    case 'failed':
      return isTampering(opened.problem) ? (
        <TamperNotice problem={opened.problem} record={record} onRetry={opened.load} />
      ) : (
        <ProblemNotice problem={opened.problem} what={t('records.notOpened')} onRetry={opened.load} />
      )
    case 'ready':
      return (
        <>
          <Verified opened={opened.value} area={props.area} hasFiles={record.hasFiles === true} />
          {props.children(opened.value)}
        </>
      )
    default:
      return unreachable(opened)
  }
}

function TamperNotice({ problem, record, onRetry }: { problem: Problem; record: RecordSummary; onRetry: () => void }) {
  const words = problemText(problem)
  const { recordId, version } = record
  const failed = problem.kind === 'fault' ? problem.code : problem.kind
  const report = JSON.stringify({ from: 'MedGuard', failed, recordId, version })
  const { say } = useServices()
  return (
    <Notice
      tone="bad"
      title={words.title}
      loud
      actions={
        <>
          <Button variant="default" onClick={onRetry}>
            {t('records.fetchAgain')}
          </Button>
          <Button
            variant="default"
            onClick={() => void navigator.clipboard.writeText(report).then(() => say(t('records.reportCopied')))}
          >
            {t('records.copyReport')}
          </Button>
        </>
      }
    >
      <p>{words.text}</p>
      <p>
        <Marked
          text="records.failedCheck"
          values={{ code: failed, record: recordId.slice(0, 8) }}
          marks={{ code: (code) => <strong>{code}</strong>, record: (id) => <code>{id}</code> }}
        />
      </p>
    </Notice>
  )
}

function Verified(props: { opened: WithLeaf; area: Area; hasFiles: boolean }) {
  const { opened, area, hasFiles } = props
  const nowMs = useNow()
  if (opened.keptMs !== undefined) {
    return (
      <p className="mg-verified">
        <IconDeviceMobile size={20} aria-hidden />
        <span>
          <Marked
            text="device.fromDevice"
            values={{ at: atText(opened.keptMs, nowMs) }}
            marks={{ b: (text) => <strong>{text}</strong> }}
          />
        </span>
      </p>
    )
  }
  return (
    <p className="mg-verified">
      <IconShieldCheck size={20} aria-hidden />
      <span>
        <Marked
          text={hasFiles ? 'viewers.filesVerified' : 'records.verified'}
          values={{ entry: String(opened.leafIndex) }}
          marks={{
            b: (text) => <strong>{text}</strong>,
            help: (text) => <Link to={{ name: 'help', area, topic: 'integrity' }}>{text}</Link>,
          }}
        />
      </span>
    </p>
  )
}
