import type { AlertWords, Category } from '@medguard/client'
import { SNOOZE_MAX_MS, seenOf } from '@medguard/readings'
import { Button } from '@mantine/core'
import { IconBellCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useForgetDone, useIfAny, useLoadable, useNow, useServices } from '../app/context.ts'
import { atText } from '../app/dates.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, ProblemNotice, Section } from '../app/elements.tsx'
import type { Route } from '../app/routes.ts'
import { stepText } from '../app/words.ts'
import { useNames } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'
import { alertText, whenText } from './alert-words.ts'
import { Duty } from './Duty.tsx'
import { Limits } from './Limits.tsx'
import type { KeptAlert, KindAlerts } from './look.ts'
import { Silences } from './Silences.tsx'
import { NOTHING_SAID } from './nothing-said.ts'
import './alerts.css'

const HOUR_MS = 3_600_000
const back = () => ({ to: { name: 'devices', at: '' } satisfies Route, label: t('devices.back') })

export type Say = (category: Category, words: AlertWords) => void

/** What needs looking at, who looks after it, and what is told of at all. */
export function AlertsPage() {
  const { alerts, records } = useServices()
  const list = useLoadable(records)
  const { kinds } = useStore(alerts.view)
  useForgetDone(alerts.saying)
  return (
    <Page title={t('alerts.title')} intro={t('alerts.intro')} back={back()}>
      <div className="mg-stack">
        <Notice tone="info" title={t('alerts.notAlarm')}>
          <p>{t('alerts.notAlarmText')}</p>
          <p>{t('alerts.watch')}</p>
        </Notice>
        {list.status === 'failed' && (
          <ProblemNotice problem={list.problem} what={t('alerts.notShown')} onRetry={list.load} />
        )}
        {list.status !== 'failed' && kinds === null && (
          <ListSkeleton
            label={
              list.status === 'loading' ? t('records.fetching', { step: stepText(list.step) }) : t('alerts.looking')
            }
            rows={3}
          />
        )}
        {kinds !== null && list.status === 'ready' && <Known kinds={kinds} />}
      </div>
    </Page>
  )
}

function Known({ kinds }: { kinds: readonly KindAlerts[] }) {
  const { alerts } = useServices()
  const { task, run } = useStore(alerts.saying)
  const [last, setLast] = useState<Parameters<Say> | null>(null)
  const say: Say = (category, words) => {
    setLast([category, words])
    void run({ category, words })
  }
  const shown = kinds.length === 0 ? [NOTHING_SAID] : kinds
  return (
    <>
      <Looked />
      {task.status === 'working' && <output className="mg-block mg-soft">{t('alerts.saying')}</output>}
      {task.status === 'failed' && (
        <ProblemNotice
          problem={task.problem}
          what={t('alerts.notSaid')}
          onRetry={last === null ? undefined : () => say(...last)}
        />
      )}
      {shown.map((kind) => (
        <div key={kind.category} className="mg-stack">
          {shown.length > 1 && <h2>{t(`categories.${kind.category}`)}</h2>}
          <Section title={t('alerts.list')}>
            <Alerts kind={kind} say={say} isBusy={task.status === 'working'} />
          </Section>
          <Section title={t('alerts.duty')}>
            <Duty kind={kind} say={say} isBusy={task.status === 'working'} />
          </Section>
          <Section title={t('alerts.limits')}>
            <Limits kind={kind} say={say} isBusy={task.status === 'working'} />
          </Section>
          {kind.devices.length > 0 && (
            <Section title={t('alerts.silences')}>
              <Silences kind={kind} say={say} isBusy={task.status === 'working'} />
            </Section>
          )}
        </div>
      ))}
    </>
  )
}

/** When this page last knew that nothing newer had come, and that it does not know now. */
function Looked() {
  const { alerts } = useServices()
  const { lookedMs, problem } = useStore(alerts.view)
  const nowMs = useNow(5_000)
  const [isLooking, setLooking] = useState(false)
  const look = () => {
    setLooking(true)
    void alerts.look().finally(() => setLooking(false))
  }
  return (
    <>
      {problem !== null && <ProblemNotice problem={problem} what={t('alerts.notLooked')} onRetry={look} />}
      <div className="mg-row">
        <Button variant="default" loading={isLooking} onClick={look}>
          {t('alerts.look')}
        </Button>
        {lookedMs !== null && <span className="mg-soft">{t('alerts.looked', { at: atText(lookedMs, nowMs) })}</span>}
      </div>
    </>
  )
}

function Alerts({ kind, say, isBusy }: { kind: KindAlerts; say: Say; isBusy: boolean }) {
  const devices = useIfAny(useServices().devices)
  const nowMs = useNow()
  const { alerts, unread, state } = kind
  return (
    <>
      {alerts.length === 0 ? (
        <EmptyState icon={<IconBellCheck size={28} />} title={t('alerts.none')}>
          <p>{t(state.thresholds.length === 0 ? 'alerts.noneWithout' : 'alerts.noneText')}</p>
        </EmptyState>
      ) : (
        <ul className="mg-card mg-list" aria-label={t('alerts.list')}>
          {alerts.map((alert) => (
            <Row
              key={alert.id}
              alert={alert}
              text={alertText(alert, devices, nowMs)}
              say={(words) => say(kind.category, words)}
              isBusy={isBusy}
            />
          ))}
        </ul>
      )}
      {unread.length > 0 && <p className="mg-soft">{t('alerts.unread')}</p>}
    </>
  )
}

function Row(props: { alert: KeptAlert; text: string; say: (words: AlertWords) => void; isBusy: boolean }) {
  const { alert, text, say, isBusy } = props
  const { client } = useServices()
  const names = useNames()
  const nowMs = useNow()
  const nameOf = (code: string) => (code === client.principal ? t('alerts.you') : names(code))
  const [seen] = alert.acknowledged
  const deviceId = 'deviceId' in alert ? alert.deviceId : null
  const { isOpen } = alert
  const snooze = (ms: number) =>
    say({ kind: 'snooze', of: alert.of, untilMs: Date.now() + Math.min(ms, SNOOZE_MAX_MS) })
  return (
    <li className="mg-alert" data-open={isOpen}>
      <p className="mg-alert-text">{text}</p>
      <p className="mg-soft mg-small">{whenText(alert)}</p>
      {'crossing' in alert && !alert.crossing.isSure && <p className="mg-soft mg-small">{t('alerts.unsure')}</p>}
      {seen !== undefined && (
        <p className="mg-small">{t('alerts.seenBy', { name: nameOf(seen.by), at: atText(seen.atMs, nowMs) })}</p>
      )}
      {alert.snoozed !== null && (
        <p className="mg-small">
          {t('alerts.snoozedBy', { name: nameOf(alert.snoozed.by), at: atText(alert.snoozed.untilMs, nowMs) })}
        </p>
      )}
      <div className="mg-row">
        {seen === undefined && (
          <Button
            loading={isBusy}
            aria-label={t('alerts.seenOf', { what: text })}
            onClick={() => say(seenOf(alert, Date.now()))}
          >
            {t('alerts.seen')}
          </Button>
        )}
        {seen === undefined && alert.snoozed === null && (
          <Button
            variant="default"
            disabled={isBusy}
            aria-label={t('alerts.snoozeOf', { what: text })}
            onClick={() => snooze(HOUR_MS)}
          >
            {t('alerts.snooze')}
          </Button>
        )}
        {alert.snoozed !== null && (
          <Button
            variant="default"
            disabled={isBusy}
            aria-label={t('alerts.wakeOf', { what: text })}
            onClick={() => snooze(0)}
          >
            {t('alerts.wake')}
          </Button>
        )}
        {deviceId !== null && <Link to={{ name: 'devices', at: deviceId }}>{t('alerts.toDevice')}</Link>}
      </div>
    </li>
  )
}
