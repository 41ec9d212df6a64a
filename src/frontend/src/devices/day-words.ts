import type { DeviceInfo } from '@medguard/client'
import { useEffect } from 'react'
import { useKnown, useServices } from '../app/context.ts'
import { clinicalDayText } from '../app/dates.ts'
import { useUnits } from '../notices/use-units.ts'
import { t } from '../words/language.ts'
import { type DeviceDay, type DayShape, shapeOf, shapeText } from './device-days.ts'

export interface DayWords {
  /** What the patient calls the device, where that is known. */
  readonly title: string
  readonly facts: string
  readonly shape: DayShape | null
}

/**
 * What devices are called, asked for where it is wanted. Their names are sealed and opening them stands in the log: a list that is only looked at does without
 * until something else asked.
 */
export function useDeviceNames(isWanted: boolean): readonly DeviceInfo[] | null {
  const { devices } = useServices()
  useEffect(() => {
    if (isWanted) devices.getState().ensure()
  }, [devices, isWanted])
  return useKnown(devices)
}

/** What a line says that stands for all that one device sent on one day. */
export function useDayWords(): (day: DeviceDay) => DayWords {
  const devices = useKnown(useServices().devices)
  const units = useUnits()
  return (of) => {
    const { deviceId, day, records } = of
    const shape = shapeOf(of)
    const facts = [
      shape === null ? null : shapeText(shape, units),
      clinicalDayText(day),
      shape === null ? t('devices.posts', { count: records.length }) : t('devices.dayReadings', { count: shape.count }),
    ]
    return {
      title: devices?.find((each) => each.deviceId === deviceId)?.name ?? t('devices.dayTitle'),
      facts: facts.filter((fact) => fact !== null).join(' · '),
      shape,
    }
  }
}
