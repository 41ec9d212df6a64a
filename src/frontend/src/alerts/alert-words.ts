import type { DeviceInfo } from '@medguard/client'
import { measureOfCode, type Threshold } from '@medguard/readings'
import { atText, dayTimeText, unitText } from '../app/dates.ts'
import { unitOf } from '../forms/measures.ts'
import { measureOfCode as named } from '../forms/measures.ts'
import { valueText } from '../trends/series.ts'
import { listText, t } from '../words/language.ts'
import type { KeptAlert } from './look.ts'

type Limits = Pick<Threshold, 'code' | 'unit' | 'below' | 'above' | 'holdMinutes'>

export function measureText(code: string): string {
  const measure = named(code)
  return measure === null ? code : t(measure.label)
}

export function inUnit(value: number, { code, unit }: Pick<Limits, 'code' | 'unit'>): string {
  const measure = measureOfCode(code)
  const known = measure === null ? null : unitOf(measure, unit)
  return valueText(value, known?.text ?? unit)
}

/** "Pulse: below 45 /min or above 120 /min, for 10 minutes". */
export function limitText(limits: Limits): string {
  const { code, below, above, holdMinutes } = limits
  const parts = [
    ...(below === null ? [] : [t('alerts.limitBelow', { limit: inUnit(below, limits) })]),
    ...(above === null ? [] : [t('alerts.limitAbove', { limit: inUnit(above, limits) })]),
    ...(holdMinutes === 0 ? [] : [t('alerts.limitHold', { time: unitText(holdMinutes, 'minute') })]),
  ]
  return t('alerts.limit', { what: measureText(code), limits: listText(parts) })
}

export const deviceNamed = (deviceId: string, devices: readonly DeviceInfo[] | null): string =>
  devices?.find((each) => each.deviceId === deviceId)?.name ?? t('devices.nameless')

/** What it is, in one line. */
export function alertText(alert: KeptAlert, devices: readonly DeviceInfo[] | null, nowMs: number): string {
  switch (alert.matter) {
    case 'silent':
      return t('alerts.silent', { device: deviceNamed(alert.deviceId, devices), at: atText(alert.fromMs, nowMs) })
    case 'clockWrong':
      return t('alerts.clockWrong', { device: deviceNamed(alert.deviceId, devices) })
    default: {
      const { threshold, crossing } = alert
      return t(`alerts.${alert.matter}`, {
        what: measureText(threshold.code),
        limit: inUnit(crossing.limit, threshold),
        worst: inUnit(crossing.worst, threshold),
      })
    }
  }
}

/** When, and whether it is over. */
export function whenText({ fromMs, lastMs, isNow }: KeptAlert): string {
  const [from, to] = [dayTimeText(fromMs), dayTimeText(lastMs)]
  const span = from === to ? from : t('alerts.span', { from, to })
  return t(isNow ? 'alerts.isNow' : 'alerts.isOver', { span })
}
