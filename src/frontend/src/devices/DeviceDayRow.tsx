import { IconChevronRight } from '@tabler/icons-react'
import type { ComponentProps } from 'react'
import { useKnown, useServices } from '../app/context.ts'
import { clinicalDayText } from '../app/dates.ts'
import { Link } from '../app/elements.tsx'
import { measureOfCode, unitOf } from '../forms/measures.ts'
import { CategoryTile } from '../records/CategoryTile.tsx'
import { quantityNumber } from '../records/fhir-values.ts'
import { t } from '../words/language.ts'
import { type DayShape, type DeviceDay, shapeOf } from './device-days.ts'
import './device-day.css'

/** What one device sent on one day, told by what its sealed headers say: nothing is opened for it. */
export function DeviceDayRow(props: {
  of: DeviceDay
  line: ComponentProps<'li'> & { readonly 'data-index'?: number }
}) {
  const { deviceId, day, records } = props.of
  const devices = useKnown(useServices().devices)
  const device = devices?.find((each) => each.deviceId === deviceId)
  const shape = shapeOf(props.of)
  const facts = [
    shape === null ? null : rangeText(shape),
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
        {shape !== null && <TinyChart shape={shape} />}
        <IconChevronRight size={20} aria-hidden className="mg-record-chevron mg-turns" />
      </Link>
    </li>
  )
}

function rangeText({ code, unit, min, max }: DayShape): string {
  const measure = measureOfCode(code)
  const shown = measure === null ? unit : (unitOf(measure, unit)?.text ?? unit)
  const what = measure === null ? code : t(measure.label)
  const [low, high] = [quantityNumber(min), quantityNumber(max)]
  return low === high
    ? t('devices.dayValue', { what, value: low, unit: shown })
    : t('devices.dayRange', { what, low, high, unit: shown })
}

const WIDTH = 72
const HEIGHT = 28
/** Less could not be seen. */
const LEAST = 3

/** From which value to which each posting goes, over the day. It says nothing that the line beside it does not. */
function TinyChart({ shape: { spans, min, max } }: { shape: DayShape }) {
  const [from, to] = [spans[0]?.fromMs ?? 0, Math.max(...spans.map(({ toMs }) => toMs))]
  const across = (ms: number) => ((ms - from) / (to - from || 1)) * (WIDTH - LEAST)
  const up = (value: number) => (HEIGHT - LEAST) * (1 - (value - min) / (max - min || 1))
  return (
    <svg className="mg-day-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden>
      {spans.map((span, i) => (
        <rect
          key={i}
          x={across(span.fromMs)}
          y={up(span.max)}
          width={Math.max(across(span.toMs) - across(span.fromMs), LEAST)}
          height={up(span.min) - up(span.max) + LEAST}
          rx={1}
        />
      ))}
    </svg>
  )
}
