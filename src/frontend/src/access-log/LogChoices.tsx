import type { LogItem, RecordSummary } from '@medguard/client'
import { useId } from 'react'
import { shortCode } from '../app/words.ts'
import { t } from '../words/language.ts'
import { type LogChoice, peopleIn, recordsIn } from './log-choice.ts'

/** Entries of one person, or about one record. */
export function LogChoices(props: {
  items: readonly LogItem[]
  records: readonly RecordSummary[]
  me: string
  choice: LogChoice
  onChange: (choice: LogChoice) => void
}) {
  const { choice, onChange } = props
  const people = peopleIn(props.items, props.me)
  const records = recordsIn(props.items, props.records)
  return (
    <div className="mg-log-choices">
      {people.length > 0 && (
        <Select
          label={t('logReport.person')}
          all={t('logReport.anyPerson')}
          value={choice.person}
          options={people.map((code) => ({ value: code, label: shortCode(code) }))}
          onChange={(person) => onChange({ ...choice, person })}
        />
      )}
      {records.length > 0 && (
        <Select
          label={t('logReport.record')}
          all={t('logReport.anyRecord')}
          value={choice.recordId}
          options={records.map(({ recordId, title }) => ({ value: recordId, label: title }))}
          onChange={(recordId) => onChange({ ...choice, recordId })}
        />
      )}
    </div>
  )
}

function Select(props: {
  label: string
  all: string
  value: string | null
  options: readonly { readonly value: string; readonly label: string }[]
  onChange: (value: string | null) => void
}) {
  const id = useId()
  return (
    <div className="mg-log-choice">
      <label htmlFor={id} className="mg-field-label">
        {props.label}
      </label>
      <select
        id={id}
        className="mg-select"
        value={props.value ?? ''}
        onChange={({ currentTarget: { value } }) => props.onChange(value === '' ? null : value)}
      >
        <option value="">{props.all}</option>
        {props.options.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </div>
  )
}
