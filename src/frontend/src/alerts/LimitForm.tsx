import type { AlertWords } from '@medguard/client'
import { type MeasureId, measureCalled, thresholdProblem } from '@medguard/readings'
import { Button, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useId, useState } from 'react'
import { unitText } from '../app/dates.ts'
import { numberTyped } from '../forms/form-fields.ts'
import { converted, unitIn } from '../forms/measures.ts'
import { useUnits } from '../notices/use-units.ts'
import { quantityNumber } from '../records/fhir-values.ts'
import { t } from '../words/language.ts'
import { LIMITED, SUGGESTIONS } from './suggestions.ts'

const HOLDS = [0, 5, 10, 15, 30, 60] as const

/** A button, and behind it the form of a limit. */
export function SetLimit(props: {
  /** Of one's own readings. Of those of others nothing is proposed: which limit is right for whom is for those who treat them. */
  isOwn: boolean
  isBusy: boolean
  set: (words: AlertWords) => void
}) {
  const { isOwn, isBusy, set } = props
  const [isSetting, setSetting] = useState(false)
  if (isSetting)
    return (
      <LimitForm
        isOwn={isOwn}
        onSet={(words) => {
          set(words)
          setSetting(false)
        }}
        onCancel={() => setSetting(false)}
      />
    )
  return (
    <div className="mg-row">
      <Button
        variant="default"
        loading={isBusy}
        onClick={() => setSetting(true)}
        leftSection={<IconPlus size={18} aria-hidden />}
      >
        {t('alerts.set')}
      </Button>
    </div>
  )
}

/** A limit for one measure, in the unit that its reader reads. */
function LimitForm(props: { isOwn: boolean; onSet: (words: AlertWords) => void; onCancel: () => void }) {
  const { isOwn, onSet, onCancel } = props
  const [measureField, holdField] = [useId(), useId()]
  const units = useUnits()
  const [measureId, setMeasureId] = useState<MeasureId>('pulse')
  const [below, setBelow] = useState('')
  const [above, setAbove] = useState('')
  const [holdMinutes, setHold] = useState(0)
  const [isTried, setTried] = useState(false)
  const measure = measureCalled(measureId)
  const unit = unitIn(measure, units)
  const suggestion = isOwn ? SUGGESTIONS[measureId] : undefined

  const numberOf = (text: string): number | null | 'wrong' =>
    text.trim() === '' ? null : (numberTyped(text) ?? 'wrong')
  const [low, high] = [numberOf(below), numberOf(above)]
  const words = { code: unit.loinc, unit: unit.ucum, below: numberIn(low), above: numberIn(high), holdMinutes }
  const problem = low === 'wrong' || high === 'wrong' ? 'number' : thresholdProblem(words)
  const errorOf = (of: 'below' | 'above') => {
    if (!isTried || problem === null) return undefined
    if (problem === 'number') return (of === 'below' ? low : high) === 'wrong' ? t('alerts.wrongNumber') : undefined
    return of === 'above' ? t(problem === 'order' ? 'alerts.wrongOrder' : 'alerts.wrongEmpty') : undefined
  }
  const textIn = (value: number | null) =>
    value === null ? '' : quantityNumber(Math.round(10 * converted(value, measure.units[0], unit)) / 10)

  return (
    <form
      noValidate
      className={isOwn ? 'mg-card mg-pad mg-stack' : 'mg-stack'}
      autoComplete="off"
      aria-label={t('alerts.set')}
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (problem === null) onSet({ kind: 'threshold', ...words, replaces: null })
      }}
    >
      <div>
        <label htmlFor={measureField} className="mg-field-label">
          {t('alerts.measure')}
        </label>
        <select
          id={measureField}
          className="mg-select"
          value={measureId}
          onChange={(event) => setMeasureId(LIMITED.find((each) => each === event.currentTarget.value) ?? 'pulse')}
        >
          {LIMITED.map((each) => (
            <option key={each} value={each}>
              {t(`codes.${each}`)}
            </option>
          ))}
        </select>
      </div>
      <TextInput
        label={t('alerts.tellBelow', { unit: unit.text })}
        value={below}
        inputMode="decimal"
        error={errorOf('below')}
        onChange={(event) => setBelow(event.currentTarget.value)}
      />
      <TextInput
        label={t('alerts.tellAbove', { unit: unit.text })}
        value={above}
        inputMode="decimal"
        error={errorOf('above')}
        onChange={(event) => setAbove(event.currentTarget.value)}
      />
      {suggestion !== undefined && (
        <div className="mg-row">
          <button
            type="button"
            className="mg-chip"
            onClick={() => {
              setBelow(textIn(suggestion.below))
              setAbove(textIn(suggestion.above))
            }}
          >
            {t('alerts.suggest')}
          </button>
          <span className="mg-soft mg-small">{t('alerts.noAdvice')}</span>
        </div>
      )}
      <div>
        <label htmlFor={holdField} className="mg-field-label">
          {t('alerts.hold')}
        </label>
        <select
          id={holdField}
          className="mg-select"
          value={holdMinutes}
          onChange={(event) => setHold(Number(event.currentTarget.value))}
        >
          {HOLDS.map((minutes) => (
            <option key={minutes} value={minutes}>
              {minutes === 0 ? t('alerts.holdNone') : t('alerts.holdFor', { time: unitText(minutes, 'minute') })}
            </option>
          ))}
        </select>
      </div>
      <p className="mg-soft mg-small">{t(isOwn ? 'alerts.whoSees' : 'watch.limitHint')}</p>
      <div className="mg-row">
        <Button type="submit">{t('alerts.save')}</Button>
        <Button variant="default" onClick={onCancel}>
          {t('page.cancel')}
        </Button>
      </div>
    </form>
  )
}

const numberIn = (typed: number | null | 'wrong'): number | null => (typed === 'wrong' ? null : typed)
