import type { LogItem, RecordSummary } from '@medguard/client'
import { useFresh, useServices } from '../../app/context.ts'
import { Link, Notice, ProblemNotice, Section } from '../../app/elements.tsx'
import { t } from '../../words/language.ts'
import { LogLines } from './LogLines.tsx'

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
  const log = useFresh(useServices().log)
  if (log.status === 'loading') return <output className="mg-block mg-soft">{t('log.fetching')}</output>
  if (log.status === 'failed')
    return <ProblemNotice problem={log.problem} what={t('log.notKnown')} onRetry={log.load} />
  const { items, verification } = log.value
  if (verification.kind === 'failed') return <Notice tone="bad" title={t('log.failed')} />
  const openings = items.filter((item) => isOpening(item, record))
  return (
    <div className="mg-stack">
      {log.problem !== null && <ProblemNotice problem={log.problem} what={t('page.outOfDate')} onRetry={log.load} />}
      {verification.kind === 'cannotTell' && <Notice tone="warn" title={t('log.cannotTell')} />}
      {openings.length === 0 ? (
        <p className="mg-soft">{t('recordPage.nobodyOpened')}</p>
      ) : (
        <LogLines items={openings} label={t('recordPage.whoOpened')} max={SHOWN_MAX} />
      )}
      {openings.length > SHOWN_MAX && (
        <p className="mg-soft mg-small">{t('recordPage.moreOpenings', { count: openings.length - SHOWN_MAX })}</p>
      )}
    </div>
  )
}

const isOpening = ({ event, objectId }: LogItem, { recordId }: RecordSummary) =>
  event === 'open' && objectId === recordId
