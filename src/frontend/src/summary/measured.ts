import { BLOOD_PRESSURE, type Component, momentText, partsOf, type Reading as Measured } from '@medguard/readings'
import { measureOfCode, unitOf } from '../forms/measures.ts'
import type { FhirRow } from '../records/fhir-reading.ts'
import { valueText } from '../trends/series.ts'
import { listText, t } from '../words/language.ts'

// What a device sent, as rows beside those of structured records. A posting may hold thousands of readings: few of a measure are a row each, many are one row, of the
// newest, that says how many there are and between what they lie.

export interface MeasuredTest {
  /** As `testOf` of the summary names a test: what a device measured and what a laboratory wrote are the same test. */
  readonly key: string
  readonly label: string
  readonly rows: readonly FhirRow[]
}

/** Readings of one measure in one posting that stand there one by one. */
export const ROWS_MAX = 10

/** Not of the patient. */
export const isOfPatient = ({ flags }: Measured): boolean => !flags.includes('calibration')

export function measuredTests(readings: readonly Measured[]): MeasuredTest[] {
  const byTest = new Map<string, Measured[]>()
  for (const reading of readings) {
    if (!isOfPatient(reading) || partsOf(reading).every(({ value }) => value === null)) continue
    const key = measureOfCode(reading.code)?.id ?? reading.code
    const own = byTest.get(key)
    if (own === undefined) byTest.set(key, [reading])
    else own.push(reading)
  }
  return [...byTest].map(([key, own]) => {
    own.sort((a, b) => b.timeMs - a.timeMs)
    const [newest] = own
    const label = newest === undefined ? key : nameOf(newest.code)
    if (newest === undefined || own.length <= ROWS_MAX) return { key, label, rows: own.map((one) => rowOf(one)) }
    return { key, label, rows: [rowOf(newest, t('devices.newestOf', { count: own.length, range: rangesOf(own) }))] }
  })
}

const nameOf = (code: string): string => {
  const measure = measureOfCode(code)
  if (measure !== null) return t(measure.label)
  return code === BLOOD_PRESSURE ? t('codes.bloodPressure') : code
}

const shownIn = (code: string, unit: string): string => {
  const measure = measureOfCode(code)
  return (measure === null ? null : unitOf(measure, unit)?.text) ?? unit
}

const partRow = ({ code, value }: Component, unit: string) =>
  value === null ? [] : [{ what: nameOf(code), value: valueText(value, shownIn(code, unit)) }]

function rowOf(reading: Measured, of: string | null = null): FhirRow {
  const { code, unit, value, components, timeMs, offsetMinutes, flags } = reading
  const said = [...(of === null ? [] : [of]), ...flags.map((flag) => t(`devices.flag_${flag}`))]
  return {
    what: nameOf(code),
    code: `LOINC ${code}`,
    value: value === null ? null : valueText(value, shownIn(code, unit)),
    flag: null,
    detail: said.length === 0 ? null : said.join(' · '),
    when: momentText(timeMs, offsetMinutes),
    parts: components.flatMap((part) => partRow(part, unit)),
  }
}

/** What lies between which two values, for each unit in which there are some. */
function rangesOf(readings: readonly Measured[]): string {
  const ranges = new Map<string, { low: number; high: number }>()
  for (const reading of readings)
    for (const { code, value } of partsOf(reading)) {
      if (value === null) continue
      const unit = shownIn(code, reading.unit)
      const name = reading.components.length === 0 ? unit : `${nameOf(code)} ${unit}`
      const known = ranges.get(name)
      if (known === undefined) ranges.set(name, { low: value, high: value })
      else {
        known.low = Math.min(known.low, value)
        known.high = Math.max(known.high, value)
      }
    }
  return listText(
    [...ranges].map(([of, { low, high }]) => t('fhir.range', { low: valueText(low, ''), high: valueText(high, of) })),
  )
}
