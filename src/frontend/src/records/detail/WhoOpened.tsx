import type { LogItem, RecordSummary } from '@medguard/client'
import { type LogRow, logRow } from '../../access-log/log-words.ts'
import { LogGroupRow } from '../../access-log/LogGroupRow.tsx'
import { useFresh, useKnown, useServices } from '../../app/context.ts'
import { Link, Notice, ProblemNotice, Section } from '../../app/elements.tsx'
import { dayText } from '../../app/dates.ts'
import { useNames } from '../../sharing/use-names.ts'
import { t } from '../../words/language.ts'
import '../../access-log/access-log.css'

const SHOWN_MAX = 5

/** The last who opened it, or tried to, from the log: read anew, so that the opening by this very page is in it. */
export function WhoOpened({ record }: { record: RecordSummary }) {
  return (
    <Section
      title={t('recordPage.whoOpened')}
      aside={<Link to={{ name: 'log', who: 'everyone' }}>{t('recordPage.wholeLog')}</Link>}
    >
      <LastOpenings record={record} />
    </Section>
  )
}

function LastOpenings({ record }: { record: RecordSummary }) {
  const { client, ward, log: store, records, shares, doubts } = useServices()
  const log = useFresh(store)
  const known = { records: useKnown(records), shares: useKnown(shares) }
  const noted = useKnown(doubts) ?? []
  const nameOf = useNames()
  if (log.status === 'loading') return <output className="mg-block mg-soft">{t('log.fetching')}</output>
  if (log.status === 'failed')
    return <ProblemNotice problem={log.problem} what={t('log.notKnown')} onRetry={log.load} />
  const { items, verification } = log.value
  if (verification.kind === 'failed') return <Notice tone="bad" title={t('log.failed')} />
  const context = { about: 'mine' as const, isWard: ward !== null, me: client.principal, nameOf, ...known }
  const openings = items.filter((item) => isOpening(item, record)).toReversed()
  return (
    <div className="mg-stack">
      {log.problem !== null && <ProblemNotice problem={log.problem} what={t('page.outOfDate')} onRetry={log.load} />}
      {verification.kind === 'cannotTell' && <Notice tone="warn" title={t('log.cannotTell')} />}
      {openings.length === 0 ? (
        <p className="mg-soft">{t('recordPage.nobodyOpened')}</p>
      ) : (
        <ul className="mg-card mg-list" aria-label={t('recordPage.whoOpened')}>
          {openings.slice(0, SHOWN_MAX).map((item) => {
            const row = logRow(item, context)
            return (
              <LogGroupRow
                key={row.key}
                group={{ rows: [{ ...row, object: null, reason: reasonOf(row) }] }}
                doubts={noted}
                onDoubt={null}
              />
            )
          })}
        </ul>
      )}
      {openings.length > SHOWN_MAX && (
        <p className="mg-soft mg-small">{t('recordPage.moreOpenings', { count: openings.length - SHOWN_MAX })}</p>
      )}
    </div>
  )
}

/** The page of the log has a heading for each day; here the day stands in the line. */
const reasonOf = ({ timeMs, reason }: LogRow) => [dayText(timeMs), reason].filter((part) => part !== null).join(' · ')

const isOpening = ({ event, objectId }: LogItem, { recordId }: RecordSummary) =>
  event === 'open' && objectId === recordId
