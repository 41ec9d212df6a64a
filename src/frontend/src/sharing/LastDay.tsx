import { TextInput } from '@mantine/core'
import { dayKey, dayText } from '../app/dates.ts'
import { t } from '../words/language.ts'
import { LONGEST_MS } from './share-draft.ts'

const DAY_MS = 86_400_000

/** The last day of a share, as one picks it. */
export function LastDay(props: {
  nowMs: number
  value: string
  error: string | undefined
  onChange: (day: string) => void
}) {
  return (
    <TextInput
      id="share-untilDay"
      className="mg-day"
      label={t('share.lastDay')}
      description={t('share.lastDayHint', { day: dayText(props.nowMs + LONGEST_MS - DAY_MS) })}
      type="date"
      min={dayKey(props.nowMs)}
      value={props.value}
      error={props.error}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  )
}
