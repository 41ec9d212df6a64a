import { gapsOf, inOrder, merged, type Reading, usualStepMs } from '@medguard/readings'
import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useId, useMemo, useState } from 'react'
import { dayTimeText } from '../app/dates.ts'
import { useUnits } from '../notices/use-units.ts'
import { useHandOut } from '../records/hand-out.ts'
import { Chart } from '../trends/Chart.tsx'
import { factsOf, type Series, seriesFor, seriesOf, summaryOf, wholeOf } from '../trends/series.ts'
import { ValuesTable } from '../trends/ValuesTable.tsx'
import { t } from '../words/language.ts'
import { readingsBundle, readingsTable } from './readings-out.ts'
import '../trends/trends.css'
import './devices.css'

/** Readings of one or several devices: what was measured over time, where readings are missing, and each with what is known about how good it is. */
export default function ReadingsView({ readings }: { readings: readonly Reading[] }) {
  const id = useId()
  const all = useMemo(() => seriesOf([], readings), [readings])
  const valueless = readings.filter(
    ({ value, components }) => value === null && components.every((part) => part.value === null),
  ).length
  const twice = useMemo(() => merged(inOrder(readings)).duplicates.length, [readings])
  const [key, setKey] = useState<string | null>(null)
  const chosen = all.find((one) => one.key === key) ?? all[0]
  return (
    <div className="mg-stack">
      {all.length > 1 && (
        <div className="mg-trend-pick">
          <label htmlFor={id} className="mg-field-label">
            {t('trends.what')}
          </label>
          <select
            id={id}
            className="mg-select"
            value={chosen?.key}
            onChange={(event) => setKey(event.currentTarget.value)}
          >
            {all.map((one) => (
              <option key={one.key} value={one.key}>
                {t('trends.option', { what: one.label, count: one.points.length })}
              </option>
            ))}
          </select>
        </div>
      )}
      {chosen !== undefined && <OneMeasure key={chosen.key} series={chosen} />}
      {twice > 0 && <p className="mg-soft">{t('devices.twice', { count: twice })}</p>}
      {valueless > 0 && <p className="mg-soft">{t('devices.valueless', { count: valueless })}</p>}
      <TakeAlong readings={readings} />
    </div>
  )
}

/** For other programs: what was stored is packed, and ours alone read it. */
function TakeAlong({ readings }: { readings: readonly Reading[] }) {
  const handOut = useHandOut()
  const save = (text: string, fileName: string) => handOut(new TextEncoder().encode(text), fileName)
  const icon = <IconDownload size={18} aria-hidden />
  return (
    <div className="mg-row">
      <Button variant="default" leftSection={icon} onClick={() => save(readingsTable(readings), 'readings.csv')}>
        {t('devices.saveTable')}
      </Button>
      <Button
        variant="default"
        leftSection={icon}
        onClick={() => save(readingsBundle(readings, Date.now()), 'readings-fhir.json')}
      >
        {t('devices.saveFhir')}
      </Button>
    </div>
  )
}

const GAPS_SHOWN = 10

function OneMeasure({ series: plain }: { series: Series }) {
  const units = useUnits()
  const series = useMemo(() => seriesFor(plain, units), [plain, units])
  const times = useMemo(() => series.points.map(({ ms }) => ms), [series])
  const gaps = useMemo(() => gapsOf(times), [times])
  const span = useMemo(() => wholeOf(series), [series])
  const facts = factsOf(series)
  if (facts === null) return null
  const summary = summaryOf(series, facts)
  const { label } = series
  const older = gaps.length - GAPS_SHOWN
  return (
    <>
      <section className="mg-card mg-pad mg-stack" aria-label={label}>
        <p>{summary}</p>
        <Chart series={series} usual={facts.usual} span={span} label={summary} gaps={gaps} />
        <h3>{t('devices.gaps')}</h3>
        {gaps.length === 0 ? (
          <p className="mg-soft">{t(usualStepMs(times) === null ? 'devices.tooFewForGaps' : 'devices.noGaps')}</p>
        ) : (
          <ul className="mg-device-gaps" aria-label={t('devices.gaps')}>
            {gaps
              .slice(-GAPS_SHOWN)
              .toReversed()
              .map(({ fromMs, toMs, missing }) => (
                <li key={fromMs}>
                  {t('devices.gap', { from: dayTimeText(fromMs), to: dayTimeText(toMs), count: missing })}
                </li>
              ))}
            {older > 0 && <li>{t('devices.gapsMore', { count: older })}</li>}
          </ul>
        )}
      </section>
      <ValuesTable series={series} label={label} by="minute" />
    </>
  )
}
