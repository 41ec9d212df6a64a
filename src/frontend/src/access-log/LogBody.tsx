import { unreachable } from '../app/unreachable.ts'
import type { LogItem, LogReport } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { type useLoadable, useKnown, useNow, useServices } from '../app/context.ts'
import { relativeDayText, timeText } from '../app/dates.ts'
import { EmptyState, ListSkeleton, ProblemNotice } from '../app/elements.tsx'
import type { LogFilter } from '../app/routes.ts'
import { useNamesAndDevices } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'
import { Evidence } from './Evidence.tsx'
import { EVERYTHING, fitsChoice, type LogChoice } from './log-choice.ts'
import { LogChoices } from './LogChoices.tsx'
import { LogGroupRow } from './LogGroupRow.tsx'
import { groupRows, type LogGroup, logRow, type LogRow, summaryText } from './log-words.ts'
import { NotRecognised } from './NotRecognised.tsx'
import { VerificationNotice } from './VerificationNotice.tsx'
import './access-log.css'

const PAGE_GROUPS = 100

export function LogBody(props: {
  log: ReturnType<typeof useLoadable<LogReport>>
  who: LogFilter
  filters: ReactNode
  /** The reader's own acts with other people's records, instead of what happened to their own. */
  isActivity?: boolean
}) {
  const { log, who } = props
  const [choice, setChoice] = useState(EVERYTHING)
  switch (log.status) {
    case 'loading':
      return <ListSkeleton label={t('log.fetching')} rows={6} />
    case 'failed':
      return (
        <ProblemNotice problem={log.problem} what={t('log.notKnown')} onRetry={log.load}>
          <p>{t('log.notKnownText')}</p>
        </ProblemNotice>
      )
    case 'ready':
      return (
        <div className="mg-stack">
          <VerificationNotice report={log.value} atMs={log.atMs} isChecking={log.refreshing} onVerify={log.load} />
          {log.problem !== null && <ProblemNotice problem={log.problem} what={t('page.outOfDate')} />}
          {log.value.verification.kind !== 'failed' && (
            <>
              {props.filters}
              <Entries
                key={who}
                report={log.value}
                who={who}
                isActivity={props.isActivity === true}
                choice={choice}
                onChoice={setChoice}
              />
            </>
          )}
        </div>
      )
    default:
      return unreachable(log)
  }
}

function Entries(props: {
  report: LogReport
  who: LogFilter
  isActivity: boolean
  choice: LogChoice
  onChoice: (choice: LogChoice) => void
}) {
  const { report, who, isActivity, choice } = props
  const { client, ward, records, shares, received, doubts } = useServices()
  const isWard = ward !== null
  const [groups, setGroups] = useState(PAGE_GROUPS)
  const [doubted, setDoubted] = useState<LogRow | null>(null)
  const nowMs = useNow(60_000)
  const ownRecords = useKnown(records)
  const given = useKnown(shares)
  const gotten = useKnown(received)
  const noted = useKnown(doubts)
  const nameOf = useNamesAndDevices()
  const context = isActivity
    ? { about: 'activity' as const, me: client.principal, records: null, shares: gotten, nameOf }
    : { about: 'mine' as const, isWard, me: client.principal, records: ownRecords, shares: given, nameOf }
  const rowsOf = (items: readonly LogItem[]) => items.toReversed().map((item) => logRow(item, context)) // newest first
  const choices = !isActivity && (
    <LogChoices
      items={report.items}
      records={ownRecords ?? []}
      me={client.principal}
      choice={choice}
      onChange={props.onChoice}
    />
  )
  const rows = rowsOf(report.items.filter((item) => fitsChoice(item, choice))).filter(
    ({ isMe }) => who === 'everyone' || isMe === (who === 'me'),
  )
  if (rows.length === 0) {
    return (
      <>
        {choices}
        <EmptyState
          icon={<IconHistory size={28} />}
          title={t(report.items.length === 0 ? 'log.none' : 'log.noneOfKind')}
        >
          {report.verification.kind === 'verified' && <p>{t('log.noneText')}</p>}
        </EmptyState>
      </>
    )
  }
  const all = groupRows(rows)
  return (
    <>
      {!isActivity && <p className="mg-summary">{summaryText(report.items, client.principal, nowMs, isWard)}</p>}
      {choices}
      {byDay(all.slice(0, groups), nowMs).map((day) => (
        <section key={day.label} aria-label={day.label}>
          <h2 className="mg-day-head">{day.label}</h2>
          <ul className="mg-card mg-list">
            {day.groups.map((group) => (
              <LogGroupRow
                key={group.rows[0].key}
                group={group}
                doubts={isActivity ? [] : (noted ?? [])}
                onDoubt={isActivity ? null : setDoubted}
              />
            ))}
          </ul>
        </section>
      ))}
      {all.length > groups && (
        <p className="mg-more">
          <Button variant="default" onClick={() => setGroups(groups + PAGE_GROUPS)}>
            {t('log.older')}
          </Button>
        </p>
      )}
      {!isActivity && <Evidence key={Object.values(choice).join(' ')} choice={choice} rowsOf={rowsOf} />}
      {doubted !== null && <NotRecognised row={doubted} onClose={() => setDoubted(null)} />}
    </>
  )
}

function byDay(groups: readonly LogGroup[], nowMs: number): { label: string; groups: LogGroup[] }[] {
  const days: { label: string; groups: LogGroup[] }[] = []
  for (const group of groups) {
    const label = relativeDayText(group.rows[0].timeMs, nowMs)
    const last = days[days.length - 1]
    if (last?.label === label) last.groups.push(group)
    else days.push({ label, groups: [group] })
  }
  return days
}

/** `10:02` or `10:02–10:09`. */
export function spanText(rows: readonly LogRow[]): string {
  const [newest] = rows
  const oldest = rows[rows.length - 1]
  if (newest === undefined || oldest === undefined) return ''
  const [from, to] = [timeText(oldest.timeMs), timeText(newest.timeMs)]
  return from === to ? to : `${from}–${to}`
}
