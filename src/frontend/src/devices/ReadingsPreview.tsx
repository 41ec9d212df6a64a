import { CATEGORIES, type Category } from '@medguard/client'
import { BLOOD_PRESSURE } from '@medguard/readings'
import type { KindPreview } from '@medguard/readings/imports'
import { useId } from 'react'
import { dayText } from '../app/dates.ts'
import { measureOfCode, SYSTOLIC, unitOf } from '../forms/measures.ts'
import { listText, t } from '../words/language.ts'

// What is looked at before readings are saved, wherever they come from.

/** What there is of each kind; nothing where there is none. */
export function ReadingsKinds({ kinds, label }: { kinds: readonly KindPreview[]; label: string }) {
  if (kinds.length === 0) return null
  return (
    <div className="mg-card mg-content">
      <table className="mg-fhir-table" aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{t('readingsFile.kind')}</th>
            <th scope="col">{t('readingsFile.count')}</th>
            <th scope="col">{t('readingsFile.range')}</th>
            <th scope="col">{t('readingsFile.sources')}</th>
          </tr>
        </thead>
        <tbody>
          {kinds.map(({ code, unit, count: number, fromMs, toMs, devices }) => (
            <tr key={`${code} ${unit}`}>
              <th scope="row">{kindText(code)}</th>
              <td>{t('readingsFile.number', { number, unit: unitText(code, unit) })}</td>
              <td>{daysText(fromMs, toMs)}</td>
              <td>{listText(devices)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Where the readings go. */
export function CategorySelect(props: { value: Category; onChange: (category: Category) => void }) {
  const id = useId()
  return (
    <>
      <label htmlFor={id} className="mg-field-label">
        {t('devices.category')}
      </label>
      <select
        id={id}
        className="mg-select"
        value={props.value}
        onChange={({ currentTarget: { value } }) =>
          props.onChange(CATEGORIES.find((each) => each === value) ?? props.value)
        }
      >
        {CATEGORIES.map((each) => (
          <option key={each} value={each}>
            {t(`categories.${each}`)}
          </option>
        ))}
      </select>
      <p className="mg-soft">{t('readingsFile.categoryHint')}</p>
    </>
  )
}

export function kindText(code: string): string {
  if (code === BLOOD_PRESSURE) return t('codes.bloodPressure')
  const measure = measureOfCode(code)
  return measure === null ? code : t(measure.label)
}

/** As people write it: of a blood pressure that of its values. */
export function unitText(code: string, ucum: string): string {
  const measure = code === BLOOD_PRESSURE ? SYSTOLIC : measureOfCode(code)
  return measure === null ? ucum : (unitOf(measure, ucum)?.text ?? ucum)
}

function daysText(fromMs: number, toMs: number): string {
  const [from, to] = [dayText(fromMs), dayText(toMs)]
  return from === to ? from : t('readingsFile.fromTo', { from, to })
}
