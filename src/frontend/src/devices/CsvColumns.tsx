import { DEVICE_MEASURES, measureCalled, type MeasureId } from '@medguard/readings'
import { type CsvColumn, type DateOrder, questionsOf } from '@medguard/readings/imports'
import { Button } from '@mantine/core'
import { useStore } from 'zustand'
import { Choice } from '../app/Choice.tsx'
import { DIASTOLIC, LABS, SYSTOLIC, VITALS } from '../forms/measures.ts'
import { compareTexts, t } from '../words/language.ts'
import type { ReadingsFileStore, ReadingsFileView } from './readings-file-store.ts'

const ORDERS: readonly DateOrder[] = ['dmy', 'mdy', 'ymd']
const PLAIN = ['ignore', 'time', 'date', 'clock', 'device'] as const
const MEASURES: readonly MeasureId[] = [SYSTOLIC, DIASTOLIC, ...VITALS, ...DEVICE_MEASURES, ...LABS].map(({ id }) => id)

/** What each column of a table is, for its owner to confirm: nothing is read before every question is answered. */
export function CsvColumns(props: {
  store: ReadingsFileStore
  view: Extract<ReadingsFileView, { status: 'columns' }>
}) {
  const { setColumn, setOrder, confirm, clear } = useStore(props.store)
  const { guess, mapping, isOrderAsked } = props.view
  const questions = questionsOf(mapping)
  const isOpen = isOrderAsked || questions.length > 0
  const measures = MEASURES.toSorted((a, b) => compareTexts(t(`codes.${a}`), t(`codes.${b}`)))
  return (
    <div className="mg-stack">
      <p>{t('readingsFile.columnsText')}</p>
      <ul className="mg-card mg-list" aria-label={t('readingsFile.columns')}>
        {mapping.columns.map((column, place) => {
          const name = guess.names[place] ?? ''
          const title = name === '' ? t('readingsFile.columnNo', { number: place + 1 }) : name
          const sample = guess.rows.map((row) => row[place] ?? '').filter((cell) => cell.trim() !== '')
          const units = unitsOf(column)
          return (
            <li key={place} className="mg-csv-column">
              <div className="mg-csv-about">
                <strong className="mg-break">
                  <bdi>{title}</bdi>
                </strong>
                <p className="mg-soft mg-small mg-break">
                  <bdi>{sample.slice(0, 3).join(' · ')}</bdi>
                </p>
              </div>
              <select
                className="mg-select"
                aria-label={t('readingsFile.columnIs', { name: title })}
                value={column.as === 'measure' ? column.measure : column.as}
                onChange={({ currentTarget: { value } }) => setColumn(place, columnOf(value))}
              >
                {PLAIN.map((as) => (
                  <option key={as} value={as}>
                    {t(`readingsFile.as_${as}`)}
                  </option>
                ))}
                {measures.map((id) => (
                  <option key={id} value={id}>
                    {t(`codes.${id}`)}
                  </option>
                ))}
              </select>
              {column.as === 'measure' && (
                <select
                  className="mg-select"
                  aria-label={t('readingsFile.unitOf', { name: title })}
                  value={column.unit ?? ''}
                  onChange={({ currentTarget: { value } }) =>
                    setColumn(place, { ...column, unit: value === '' ? null : value })
                  }
                >
                  <option value="">{t('readingsFile.chooseUnit')}</option>
                  {units.map(({ ucum, text }) => (
                    <option key={ucum} value={ucum}>
                      {text === '' ? t('readingsFile.noUnit') : text}
                    </option>
                  ))}
                </select>
              )}
            </li>
          )
        })}
      </ul>
      <Choice
        legend={t('readingsFile.order')}
        name="order"
        value={isOrderAsked ? null : mapping.dateOrder}
        options={ORDERS.map((value) => ({ value, label: t(`readingsFile.order_${value}`) }))}
        onChange={setOrder}
      />
      {isOpen && (
        <output className="mg-block mg-soft">
          {isOrderAsked && t('readingsFile.ask_dateOrder')}{' '}
          {[...new Set(questions.map(({ ask }) => ask))].map((ask) => t(`readingsFile.ask_${ask}`)).join(' ')}
        </output>
      )}
      <div className="mg-row">
        <Button disabled={isOpen} onClick={() => void confirm()}>
          {t('readingsFile.readTable')}
        </Button>
        <Button variant="default" onClick={clear}>
          {t('readingsFile.other')}
        </Button>
      </div>
    </div>
  )
}

const unitsOf = (column: CsvColumn) => {
  if (column.as !== 'measure') return []
  const { units, accepted = [] } = measureCalled(column.measure)
  return [...units, ...accepted]
}

function columnOf(value: string): CsvColumn {
  const plain = PLAIN.find((each) => each === value)
  if (plain !== undefined) return { as: plain }
  const measure = MEASURES.find((each) => each === value)
  if (measure === undefined) return { as: 'ignore' }
  const { units, accepted = [] } = measureCalled(measure)
  const [only] = units
  return { as: 'measure', measure, unit: units.length + accepted.length === 1 ? only.ucum : null }
}
