import type { LogItem, RecordSummary } from '@medguard/client'
import { useId } from 'react'
import { useNamesAndDevices } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'
import { type LogChoice, peopleIn, recordsIn } from './log-choice.ts'
import { recordName } from './log-words.ts'

/** Entries of one person, about one record, or of some days. */
export function LogChoices(props: {
  items: readonly LogItem[]
  records: readonly RecordSummary[]
  me: string
  choice: LogChoice
  onChange: (choice: LogChoice) => void
}) {
  const { choice, onChange } = props
  const nameOf = useNamesAndDevices()
  const people = peopleIn(props.items, props.me)
  const records = recordsIn(props.items, props.records)
  return (
    <div className="mg-log-choices">
      {people.length > 0 && (
        <Select
          label={t('logReport.person')}
          all={t('logReport.anyPerson')}
          value={choice.person}
          options={people.map((code) => ({ value: code, label: nameOf(code) }))}
          onChange={(person) => onChange({ ...choice, person })}
        />
      )}
      {records.length > 0 && (
        <Select
          label={t('logReport.record')}
          all={t('logReport.anyRecord')}
          value={choice.recordId}
          options={records.map((record) => ({ value: record.recordId, label: recordName(record) }))}
          onChange={(recordId) => onChange({ ...choice, recordId })}
        />
      )}
      {(['fromDay', 'untilDay'] as const).map((name) => (
        <Day key={name} name={name} value={choice[name]} onChange={(day) => onChange({ ...choice, [name]: day })} />
      ))}
    </div>
  )
}

function Day(props: { name: 'fromDay' | 'untilDay'; value: string; onChange: (day: string) => void }) {
  const id = useId()
  return (
    <div className="mg-log-choice mg-log-day">
      <label htmlFor={id} className="mg-field-label">
        {t(`logTime.${props.name}`)}
      </label>
      <input
        id={id}
        type="date"
        className="mg-select"
        value={props.value}
        onChange={({ currentTarget: { value } }) => props.onChange(value)}
      />
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
