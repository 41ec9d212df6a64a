import { Button } from '@mantine/core'
import { useState } from 'react'
import { dayText, dayTimeText } from '../app/dates.ts'
import { listText, t } from '../words/language.ts'
import { type Point, type Series, valueText } from './series.ts'

const ROWS = { day: 20, minute: 50 } as const

/** Every value of a series as text, newest first. What a device sent has its minute. @param by the day, or the minute with what is known about how good each reading is. */
export function ValuesTable(props: { series: Series; label: string; by: 'day' | 'minute' }) {
  const { label, by } = props
  const { points, unit } = props.series
  const [rows, setRows] = useState<number>(ROWS[by])
  const isMinute = by === 'minute'
  return (
    <>
      <div className="mg-card mg-content">
        <table className="mg-fhir-table" aria-label={label}>
          <thead>
            <tr>
              <th scope="col">{t(isMinute ? 'devices.time' : 'fhir.date')}</th>
              <th scope="col">{t('fhir.value')}</th>
              {isMinute && <th scope="col">{t('devices.remarks')}</th>}
            </tr>
          </thead>
          <tbody>
            {points
              .slice(-rows)
              .toReversed()
              .map((point, place) => (
                <tr key={place}>
                  <th scope="row">
                    {isMinute || point.reading !== undefined ? dayTimeText(point.ms) : dayText(point.ms)}
                  </th>
                  <td className="mg-fhir-value">
                    <bdi>{valueText(point.value, unit)}</bdi>
                  </td>
                  {isMinute && <td>{remarksOf(point)}</td>}
                </tr>
              ))}
          </tbody>
        </table>
      </div>
      {points.length > rows && (
        <p className="mg-more">
          <Button variant="default" onClick={() => setRows(rows + ROWS[by])}>
            {t('page.showMore', { number: Math.min(ROWS[by], points.length - rows) })}
          </Button>
        </p>
      )}
    </>
  )
}

const remarksOf = ({ reading }: Point): string =>
  listText((reading?.flags ?? []).map((flag) => t(`devices.flag_${flag}`)))
