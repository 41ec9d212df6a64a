import { IconChevronRight } from '@tabler/icons-react'
import type { ComponentProps } from 'react'
import { useKnown, useServices } from '../app/context.ts'
import { clinicalDayText } from '../app/dates.ts'
import { Link } from '../app/elements.tsx'
import { useUnits } from '../notices/use-units.ts'
import { CategoryTile } from '../records/CategoryTile.tsx'
import { t } from '../words/language.ts'
import { type DeviceDay, shapeOf, shapeText } from './device-days.ts'
import { TinyChart } from './TinyChart.tsx'

/** What one device sent on one day, told by what its sealed headers say: nothing is opened for it. */
export function DeviceDayRow(props: {
  of: DeviceDay
  line: ComponentProps<'li'> & { readonly 'data-index'?: number }
}) {
  const { deviceId, day, records } = props.of
  const devices = useKnown(useServices().devices)
  const units = useUnits()
  const device = devices?.find((each) => each.deviceId === deviceId)
  const shape = shapeOf(props.of)
  const facts = [
    shape === null ? null : shapeText(shape, units),
    clinicalDayText(day),
    shape === null ? t('devices.posts', { count: records.length }) : t('devices.dayReadings', { count: shape.count }),
  ]
  return (
    <li {...props.line}>
      <Link to={{ name: 'devices', at: deviceId, day }} className="mg-record-link">
        <CategoryTile category={records[0]?.category ?? 'vitals'} />
        <span className="mg-record-text">
          <span className="mg-record-title">
            <bdi>{device?.name ?? t('devices.dayTitle')}</bdi>
          </span>
          <span className="mg-record-facts">{facts.filter((fact) => fact !== null).join(' · ')}</span>
        </span>
        {shape !== null && shape.spans.length > 1 && <TinyChart {...shape} />}
        <IconChevronRight size={20} aria-hidden className="mg-record-chevron mg-turns" />
      </Link>
    </li>
  )
}
