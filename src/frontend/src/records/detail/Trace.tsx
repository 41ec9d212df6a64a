import type { LogItem } from '@medguard/client'
import { IconFileUnknown, IconTrash } from '@tabler/icons-react'
import { actorOf } from '../../access-log/log-words.ts'
import { useFresh, useNow, useServices } from '../../app/context.ts'
import { atText, msOf } from '../../app/dates.ts'
import { EmptyState, Link, Notice, ProblemNotice, Section } from '../../app/elements.tsx'
import { useNames } from '../../sharing/use-names.ts'
import { t } from '../../words/language.ts'
import { LogLines } from './LogLines.tsx'

const SHOWN_MAX = 50

/** Of a record that is not in the list: that it was removed, by whom and when, and what happened to it before. The log goes on telling it. */
export default function Trace({ recordId }: { recordId: string }) {
  const log = useFresh(useServices().log)
  if (log.status === 'loading') return <output className="mg-block mg-soft">{t('log.fetching')}</output>
  if (log.status === 'failed')
    return <ProblemNotice problem={log.problem} what={t('log.notKnown')} onRetry={log.load} />
  const { items, verification } = log.value
  if (verification.kind === 'failed') return <Notice tone="bad" title={t('log.failed')} />
  const own = items.filter(({ objectId }) => objectId === recordId)
  const removal = own.findLast(({ event }) => event === 'recordDelete')
  if (removal === undefined && log.refreshing) return <output className="mg-block mg-soft">{t('log.fetching')}</output>
  return (
    <div className="mg-stack">
      {verification.kind === 'cannotTell' && <Notice tone="warn" title={t('log.cannotTell')} />}
      {removal === undefined ? (
        <EmptyState icon={<IconFileUnknown size={28} />} title={t('records.missing')} />
      ) : (
        <Removed removal={removal} own={own} />
      )}
    </div>
  )
}

function Removed({ removal, own }: { removal: LogItem; own: readonly LogItem[] }) {
  const { client } = useServices()
  const nameOf = useNames()
  const nowMs = useNow(60_000)
  const actor = actorOf(removal)
  const at = atText(msOf(removal.timeNs), nowMs)
  return (
    <>
      <EmptyState icon={<IconTrash size={28} />} title={t('recordPage.gone')}>
        <p>
          {actor === client.principal
            ? t('recordPage.goneByYou', { at })
            : t('recordPage.goneBy', { name: nameOf(actor), at })}
        </p>
        <p>{t('recordPage.goneText')}</p>
      </EmptyState>
      <Section
        title={t('recordPage.goneLog')}
        aside={<Link to={{ name: 'log', who: 'everyone' }}>{t('recordPage.wholeLog')}</Link>}
      >
        <LogLines items={own} label={t('recordPage.goneLog')} max={SHOWN_MAX} />
      </Section>
    </>
  )
}
