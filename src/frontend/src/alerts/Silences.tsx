import { useId } from 'react'
import { useIfAny, useServices } from '../app/context.ts'
import { unitText } from '../app/dates.ts'
import { t } from '../words/language.ts'
import { deviceNamed } from './alert-words.ts'
import type { Say } from './AlertsPage.tsx'
import type { KindAlerts } from './look.ts'

const HOUR = 60
const DAY = 24 * HOUR
const EVERY = [15, 30, HOUR, 6 * HOUR, DAY, 2 * DAY, 7 * DAY] as const
const HABIT = 'habit'

/** How often each device is to be heard of. */
export function Silences({ kind, say, isBusy }: { kind: KindAlerts; say: Say; isBusy: boolean }) {
  const devices = useIfAny(useServices().devices)
  const present = kind.devices.filter(
    (deviceId) => devices?.find((each) => each.deviceId === deviceId)?.state !== 'removed',
  )
  return (
    <div className="mg-card mg-pad mg-stack">
      <p className="mg-soft">{t('alerts.silencesText')}</p>
      {present.map((deviceId) => (
        <OneDevice
          key={deviceId}
          name={deviceNamed(deviceId, devices)}
          everyMinutes={kind.state.expected.get(deviceId)?.everyMinutes ?? null}
          onChange={(everyMinutes) => say(kind.category, { kind: 'expect', deviceId, everyMinutes })}
          isBusy={isBusy}
        />
      ))}
    </div>
  )
}

function OneDevice(props: {
  name: string
  everyMinutes: number | null
  onChange: (everyMinutes: number) => void
  isBusy: boolean
}) {
  const id = useId()
  const { everyMinutes } = props
  return (
    <div>
      <label htmlFor={id} className="mg-field-label">
        {t('alerts.expect', { device: props.name })}
      </label>
      <select
        id={id}
        className="mg-select"
        disabled={props.isBusy}
        value={everyMinutes ?? HABIT}
        onChange={(event) => props.onChange(Number(event.currentTarget.value))}
      >
        {everyMinutes === null && <option value={HABIT}>{t('alerts.expectHabit')}</option>}
        <option value={0}>{t('alerts.expectNever')}</option>
        {EVERY.map((minutes) => (
          <option key={minutes} value={minutes}>
            {t('alerts.expectEvery', { time: spanText(minutes) })}
          </option>
        ))}
      </select>
    </div>
  )
}

function spanText(minutes: number): string {
  if (minutes % DAY === 0) return unitText(minutes / DAY, 'day')
  return minutes % HOUR === 0 ? unitText(minutes / HOUR, 'hour') : unitText(minutes, 'minute')
}
