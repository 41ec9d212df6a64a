import { isOpen } from '@medguard/readings'
import { IconAlertTriangle, IconClockExclamation, IconPlugConnectedX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { atText, dayTimeText, leftText } from '../app/dates.ts'
import { useUnits } from '../notices/use-units.ts'
import { t } from '../words/language.ts'
import { HOURS_MS, lastText, type Latest, type MeasureLine } from './latest.ts'
import { TinyChart } from './TinyChart.tsx'
import './latest.css'

/** The newest values of somebody's devices, and what is to be looked at about them: out of sealed headers, nothing is opened for it. */
export function LatestValues({ latest, nowMs }: { latest: Latest; nowMs: number }) {
  const { measures, gaps, alerts, remarked, unreadable } = latest
  const [longest] = gaps
  if (measures.length === 0 && unreadable === 0) return <p>{t('latest.nothing')}</p>
  return (
    <>
      <ul className="mg-latest-signs" aria-label={t('latest.signs')}>
        {alerts.map((alert) =>
          alert.matter === 'silent' && isOpen(alert) ? (
            <Sign key={alert.id} icon={<IconPlugConnectedX size={18} aria-hidden />}>
              {t('latest.silent', { at: atText(alert.fromMs, nowMs), after: leftText(alert.afterMs, 0) })}
            </Sign>
          ) : alert.matter === 'clockWrong' && isOpen(alert) ? (
            <Sign key={alert.id} icon={<IconClockExclamation size={18} aria-hidden />}>
              {t('latest.clockWrong', { at: atText(alert.lastMs, nowMs) })}
            </Sign>
          ) : null,
        )}
        {longest !== undefined && (
          <Sign icon={<IconAlertTriangle size={18} aria-hidden />}>
            {t('latest.gaps', {
              count: gaps.length,
              from: dayTimeText(longest.fromMs),
              time: leftText(longest.toMs, longest.fromMs),
            })}
          </Sign>
        )}
        {remarked > 0 && (
          <Sign icon={<IconAlertTriangle size={18} aria-hidden />}>{t('latest.remarked', { count: remarked })}</Sign>
        )}
        {unreadable > 0 && (
          <Sign icon={<IconAlertTriangle size={18} aria-hidden />}>
            {t('devices.notReadable', { count: unreadable })}
          </Sign>
        )}
      </ul>
      <ul className="mg-latest-measures" aria-label={t('latest.newest')}>
        {measures.map((line) => (
          <Measured key={line.key} line={line} nowMs={nowMs} />
        ))}
      </ul>
    </>
  )
}

const Sign = (props: { icon: ReactNode; children: ReactNode }) => (
  <li className="mg-badge mg-warn mg-badge-long">
    {props.icon}
    {props.children}
  </li>
)

function Measured({ line, nowMs }: { line: MeasureLine; nowMs: number }) {
  const { measure, code, atMs, spans } = line
  const units = useUnits()
  return (
    <li className="mg-latest-measure">
      <span className="mg-soft">{measure === null ? code : t(measure.label)}</span>
      <strong className="mg-latest-value">
        <bdi>{lastText(line, units)}</bdi>
      </strong>
      <span className="mg-soft mg-small">
        {atMs > nowMs ? dayTimeText(atMs) : t('latest.ago', { time: leftText(nowMs, atMs) })}
      </span>
      {spans.length > 0 && <TinyChart spans={spans} from={nowMs - HOURS_MS} to={nowMs} />}
    </li>
  )
}
