import { Button } from '@mantine/core'
import {
  IconActivityHeartbeat,
  IconBell,
  IconCalendarTime,
  IconChecks,
  IconDeviceHeartMonitor,
  IconEye,
  IconFilePlus,
  IconMailbox,
  IconShieldHalf,
} from '@tabler/icons-react'
import { useStore } from 'zustand'
import { useKnown, useLoadable, useNow, useServices } from '../app/context.ts'
import { NOBODY } from '../access-log/log-words.ts'
import { dayTimeText } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, ProblemNotice } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { useNameOf, useNames } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'
import { answerOf, spokenOf, toldText } from './notice-words.ts'
import { isQuiet } from './quiet-hours.ts'
import { choicesOf, type Told, type ToldKind, toldOf } from './told.ts'
import './notices.css'

const ICONS = {
  requestMade: IconMailbox,
  recordOpened: IconEye,
  recordAdded: IconFilePlus,
  shareEnding: IconCalendarTime,
  security: IconShieldHalf,
  thresholdCrossed: IconActivityHeartbeat,
  deviceSilent: IconDeviceHeartMonitor,
} as const satisfies Record<ToldKind, typeof IconEye>

/** What there is to know, newest first. Looking at the list reads nothing: each is read by itself. */
export function NoticesPage() {
  return (
    <Page title={t('notices.title')} intro={t('notices.intro')}>
      <Body />
      <p className="mg-notices-foot">
        <Link to={{ name: 'preferences' }}>{t('notices.choose')}</Link>
      </p>
      <p className="mg-soft mg-small">{t('notices.kept')}</p>
    </Page>
  )
}

function Body() {
  const { notices, shares, alerts, records } = useServices()
  const report = useLoadable(notices.report)
  const given = useKnown(shares)
  const known = useKnown(records)
  const kept = useStore(alerts.view)
  const nowMs = useNow()
  switch (report.status) {
    case 'loading':
      return <ListSkeleton label={t('notices.looking')} rows={3} />
    case 'failed':
      return <ProblemNotice problem={report.problem} what={t('notices.notShown')} onRetry={report.load} />
    case 'ready': {
      const told = toldOf(report.value, given, nowMs, kept).map((each) => spokenOf(each, known))
      const { quietHours } = choicesOf(report.value)
      const unread = told.filter(({ isRead }) => !isRead)
      return (
        <div className="mg-stack">
          {report.problem !== null && (
            <ProblemNotice problem={report.problem} what={t('page.outOfDate')} onRetry={report.load} />
          )}
          {report.value.verification === 'failed' && <BrokenLog />}
          {report.value.verification === 'cannotTell' && (
            <Notice tone="warn" title={t('page.outOfDate')}>
              <p>{t('notices.cannotTell')}</p>
            </Notice>
          )}
          {quietHours !== undefined && isQuiet(quietHours, nowMs) && (
            <Notice tone="info" title={t('notices.quiet', { time: quietHours.until })}>
              <p>{t('notices.quietText')}</p>
            </Notice>
          )}
          {unread.length > 1 && (
            <div className="mg-row">
              <Button
                variant="default"
                onClick={() => void notices.read(unread.map(({ id }) => id))}
                leftSection={<IconChecks size={18} aria-hidden />}
              >
                {t('notices.readAll')}
              </Button>
            </div>
          )}
          {told.length === 0 ? (
            <EmptyState icon={<IconBell size={28} />} title={t('notices.none')}>
              <p>{t('notices.noneText')}</p>
            </EmptyState>
          ) : (
            <ul className="mg-card mg-list" aria-label={t('notices.list')}>
              {told.map((each) => (
                <Row key={each.id} told={each} nowMs={nowMs} />
              ))}
            </ul>
          )}
        </div>
      )
    }
    default:
      return unreachable(report)
  }
}

function BrokenLog() {
  return (
    <Notice
      tone="bad"
      loud
      title={t('problems.LogBroken')}
      actions={<Link to={{ name: 'log', who: 'everyone' }}>{t('notices.toLog')}</Link>}
    >
      <p>{t('notices.brokenText')}</p>
    </Notice>
  )
}

function Row({ told, nowMs }: { told: Told; nowMs: number }) {
  const { notices, client } = useServices()
  const nameOf = useNames()
  const Icon = ICONS[told.kind]
  const grantee = useNameOf(told.about === 'share' ? told.share.grantee : '')
  const text = toldText(told, nowMs, () => grantee)
  const { to, label } = answerOf(told)
  const read = () => void notices.read([told.id])
  const actor = told.kind === 'security' && told.who !== NOBODY ? told.who : null
  const who = actor === client.principal ? t('page.you') : actor
  return (
    <li className="mg-told" data-read={told.isRead}>
      <span className={`mg-tile mg-hue-${told.kind === 'security' ? 2 : 4}`} aria-hidden>
        <Icon size={22} />
      </span>
      <div className="mg-told-body">
        <p className="mg-told-text">
          {!told.isRead && <span className="mg-told-new">{t('notices.new')}</span>} {text}
        </p>
        <p className="mg-soft mg-small">
          {dayTimeText(told.atMs)}
          {who !== null && (
            <>
              {' · '}
              <bdi>{nameOf(who)}</bdi>
            </>
          )}
        </p>
        <p className="mg-soft mg-small">{t(`notices.why_${told.kind}`)}</p>
        <div className="mg-row mg-told-actions">
          <Link to={to} {...(!told.isRead && { onGo: read })}>
            {t(label)}
          </Link>
          {!told.isRead && (
            <button type="button" className="mg-chip" aria-label={t('notices.readOf', { what: text })} onClick={read}>
              {t('notices.read')}
            </button>
          )}
        </div>
      </div>
    </li>
  )
}
