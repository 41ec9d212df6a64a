import { Button, TextInput } from '@mantine/core'
import type { AlertWords } from '@medguard/client'
import { HOLD_MINUTES_MAX, measureCalled, type MeasureId, thresholdProblem } from '@medguard/readings'
import { useId, useState } from 'react'
import { LIMITED } from '../alerts/suggestions.ts'
import { numberTyped } from '../forms/form-fields.ts'
import { t } from '../words/language.ts'

/** A limit for a measure. Nothing is proposed: which limit is right for whom is for those who treat them. */
export function LimitForm({ isBusy, set }: { isBusy: boolean; set: (words: AlertWords) => void }) {
  const id = useId()
  const [measureId, setMeasure] = useState<MeasureId>('pulse')
  const [typed, setTyped] = useState({ below: '', above: '', hold: '' })
  const [isTried, setTried] = useState(false)
  const [unit] = measureCalled(measureId).units
  const numbers = {
    below: numberTyped(typed.below),
    above: numberTyped(typed.above),
    holdMinutes: typed.hold.trim() === '' ? 0 : (numberTyped(typed.hold) ?? Number.NaN),
  }
  const words = { kind: 'threshold', code: unit.loinc, unit: unit.ucum, ...numbers, replaces: null } as const
  const isMistyped = (['below', 'above'] as const).some((side) => typed[side].trim() !== '' && numbers[side] === null)
  const problem = isMistyped ? 'limits' : thresholdProblem(words)
  const field = (name: keyof typeof typed, error: string | null) => (
    <TextInput
      label={name === 'hold' ? t('watch.fieldHold') : t(`watch.field_${name}`, { unit: unit.text })}
      value={typed[name]}
      inputMode="decimal"
      onChange={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
      error={isTried ? error : null}
      className="mg-day"
    />
  )
  const limits = problem === 'limits' ? t('watch.wrongLimits') : problem === 'order' ? t('watch.wrongOrder') : null
  return (
    <form
      noValidate
      className="mg-stack"
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (problem === null) set(words)
      }}
    >
      <p className="mg-soft">{t('watch.limitHint')}</p>
      <div>
        <label htmlFor={id} className="mg-field-label">
          {t('watch.measure')}
        </label>
        <select
          id={id}
          className="mg-select"
          value={measureId}
          onChange={(event) => setMeasure(LIMITED.find((one) => one === event.currentTarget.value) ?? 'pulse')}
        >
          {LIMITED.map((one) => (
            <option key={one} value={one}>
              {t(`codes.${one}`)}
            </option>
          ))}
        </select>
      </div>
      <div className="mg-row">
        {field('below', limits)}
        {field('above', null)}
        {field('hold', problem === 'hold' ? t('watch.wrongHold', { max: HOLD_MINUTES_MAX }) : null)}
      </div>
      <Button type="submit" loading={isBusy} className="mg-board-set">
        {t('watch.setLimit')}
      </Button>
    </form>
  )
}
