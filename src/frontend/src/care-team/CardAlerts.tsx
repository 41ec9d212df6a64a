import { Button, TextInput } from '@mantine/core'
import type { AlertWords, RecordSummary, Share } from '@medguard/client'
import { type Alert, type AlertState, isOpen, seenOf, type Threshold } from '@medguard/readings'
import { IconBell, IconBellOff, IconEye } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { inUnit, limitText, measureText } from '../alerts/alert-words.ts'
import { SetLimit } from '../alerts/LimitForm.tsx'
import { useServices } from '../app/context.ts'
import { atText, momentText, timeText } from '../app/dates.ts'
import { ProblemNotice } from '../app/elements.tsx'
import { createTask } from '../app/task.ts'
import { mayAdd, mayRead } from '../provider/standing.ts'
import { useSigns } from '../provider/use-signs.ts'
import { readShareCode } from '../sharing/share-code.ts'
import { useNameOf } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'

const HOUR_MS = 3_600_000

/** What crossed a limit, who has seen it, who is on duty: and saying so, for whoever may add to what they read. */
export function CardAlerts(props: { share: Share; state: AlertState; alerts: readonly Alert[]; nowMs: number }) {
  const { share, state, alerts, nowMs } = props
  const { client, writing } = useServices()
  const signs = useSigns()
  const [saying] = useState(() =>
    createTask<AlertWords, RecordSummary>(
      async (words) =>
        (await writing.signing(true)) ?? client.sayAlert({ of: 'grant', grantId: share.grantId }, 'vitals', words),
    ),
  )
  const { task, run } = useStore(saying)
  const mayAnswer = mayRead(share) && mayAdd(share)
  const isBusy = task.status === 'working'
  const say = mayAnswer && signs ? (words: AlertWords) => void run(words) : null
  const crossed = alerts.filter(({ matter }) => matter === 'above' || matter === 'below')
  return (
    <>
      {crossed.length > 0 && (
        <ul className="mg-board-alerts" aria-label={t('watch.crossed')}>
          {crossed.map((alert) => (
            <Crossed key={alert.id} alert={alert} nowMs={nowMs} isBusy={isBusy} say={say} />
          ))}
        </ul>
      )}
      <OnDuty state={state} nowMs={nowMs} isBusy={isBusy} say={say} />
      {(say !== null || state.thresholds.length > 0) && (
        <Limits state={state} nowMs={nowMs} isBusy={isBusy} say={say} />
      )}
      {mayAnswer && !signs && <p className="mg-soft mg-small">{t('watch.sharedComputer')}</p>}
      {isBusy && <output className="mg-block mg-soft">{t('watch.saying')}</output>}
      {task.status === 'done' && (
        <output className="mg-block mg-soft">{t('watch.said', { time: timeText(task.atMs) })}</output>
      )}
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('watch.notSaid')} />}
    </>
  )
}

interface Saying {
  readonly nowMs: number
  readonly isBusy: boolean
  /** Null for who may not. */
  readonly say: ((words: AlertWords) => void) | null
}

function Crossed({ alert, nowMs, isBusy, say }: Saying & { alert: Alert }) {
  const open = isOpen(alert)
  if (alert.matter !== 'above' && alert.matter !== 'below') return null
  const { threshold, crossing, acknowledged, snoozed, isNow } = alert
  return (
    <li className={`mg-notice ${open ? 'mg-bad' : 'mg-info'}`}>
      {open ? (
        <IconBell size={22} aria-hidden className="mg-notice-icon" />
      ) : (
        <IconBellOff size={22} aria-hidden className="mg-notice-icon" />
      )}
      <div className="mg-notice-body">
        <p className="mg-notice-title">
          {t(`alerts.${alert.matter}`, {
            what: measureText(threshold.code),
            limit: inUnit(crossing.limit, threshold),
            worst: inUnit(crossing.worst, threshold),
          })}
        </p>
        <p className="mg-notice-text">
          {isNow
            ? t('watch.since', { at: momentText(crossing.fromMs, nowMs) })
            : t('watch.span', { from: momentText(crossing.fromMs, nowMs), to: momentText(crossing.lastMs, nowMs) })}
        </p>
        {acknowledged.map((one) => (
          <SeenBy key={one.id} who={one.by} atMs={one.atMs} nowMs={nowMs} />
        ))}
        {snoozed !== null && (
          <p className="mg-notice-text">{t('watch.snoozed', { until: momentText(snoozed.untilMs, nowMs) })}</p>
        )}
        {open && say !== null && (
          <div className="mg-notice-actions">
            <Button
              loading={isBusy}
              leftSection={<IconEye size={18} aria-hidden />}
              onClick={() => say(seenOf(alert, Date.now()))}
            >
              {t('alerts.seen')}
            </Button>
            <Button
              variant="default"
              loading={isBusy}
              onClick={() => say({ kind: 'snooze', of: alert.of, untilMs: Date.now() + HOUR_MS })}
            >
              {t('watch.snooze')}
            </Button>
          </div>
        )}
      </div>
    </li>
  )
}

function SeenBy({ who, atMs, nowMs }: { who: string; atMs: number; nowMs: number }) {
  return <p className="mg-notice-text">{t('watch.seenBy', { name: useWho(who), at: atText(atMs, nowMs) })}</p>
}

/** Of the reader: that it is they. */
function useWho(code: string): string {
  const { client } = useServices()
  const name = useNameOf(code)
  return code === client.principal ? t('alerts.you') : name
}

function OnDuty({ state, nowMs, isBusy, say }: Saying & { state: AlertState }) {
  const { client } = useServices()
  const { duty, thresholds } = state
  const me = client.principal
  const isMine = duty.who === me
  const offered = duty.offer?.to === me
  // The first word names a limit that somebody else set.
  const after = duty.id ?? thresholds.find(({ by }) => by !== me)?.id ?? null
  const mayTake = !isMine && after !== null && (duty.who === null || offered)
  return (
    <div className="mg-board-duty">
      {duty.who === null ? (
        <p>{t('watch.nobodyOnDuty')}</p>
      ) : (
        <Duty who={duty.who} sinceMs={duty.sinceMs ?? nowMs} nowMs={nowMs} />
      )}
      {duty.offer !== null && <Offered to={duty.offer.to} by={duty.offer.by} />}
      {say !== null && mayTake && (
        <Button variant="default" loading={isBusy} onClick={() => say({ kind: 'takeDuty', after })}>
          {t('watch.takeDuty')}
        </Button>
      )}
      {say !== null && isMine && (
        <>
          <HandOver isBusy={isBusy} offer={(to) => say({ kind: 'offerDuty', after, to })} />
          <Button variant="default" loading={isBusy} onClick={() => say({ kind: 'leaveDuty', after })}>
            {t('watch.leaveDuty')}
          </Button>
        </>
      )}
    </div>
  )
}

const Duty = (props: { who: string; sinceMs: number; nowMs: number }) => (
  <p>{t('watch.onDuty', { name: useWho(props.who), since: momentText(props.sinceMs, props.nowMs) })}</p>
)
const Offered = ({ to, by }: { to: string; by: string }) => (
  <p className="mg-soft">{t('watch.offered', { to: useWho(to), by: useWho(by) })}</p>
)

function HandOver({ isBusy, offer }: { isBusy: boolean; offer: (to: string) => void }) {
  const [to, setTo] = useState('')
  const [isTried, setTried] = useState(false)
  const { client } = useServices()
  const read = readShareCode(to, client.principal)
  const code = read.kind === 'code' ? read.code : null
  return (
    <form
      noValidate
      className="mg-row"
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (code !== null) offer(code)
      }}
    >
      <TextInput
        label={t('watch.handOverTo')}
        description={t('watch.handOverHint')}
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
        error={isTried && code === null ? t('watch.handOverWrong') : undefined}
      />
      <Button type="submit" variant="default" loading={isBusy}>
        {t('watch.handOver')}
      </Button>
    </form>
  )
}

function Limits({ state, nowMs, isBusy, say }: Saying & { state: AlertState }) {
  const { client } = useServices()
  const { thresholds } = state
  return (
    <details className="mg-details">
      <summary>{t('watch.limits', { count: thresholds.length })}</summary>
      {thresholds.length > 0 && (
        <ul className="mg-board-limits">
          {thresholds.map((threshold) => (
            <li key={threshold.id} className="mg-row">
              <Limit threshold={threshold} nowMs={nowMs} />
              {say !== null && threshold.by === client.principal && (
                <Button variant="default" loading={isBusy} onClick={() => say({ kind: 'end', of: threshold.id })}>
                  {t('watch.endLimit')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {say !== null && <SetLimit isOwn={false} isBusy={isBusy} set={say} />}
    </details>
  )
}

function Limit({ threshold, nowMs }: { threshold: Threshold; nowMs: number }) {
  const { atMs } = threshold
  const who = useWho(threshold.by)
  return <span>{t('watch.limit', { limit: limitText(threshold), name: who, at: atText(atMs, nowMs) })}</span>
}
