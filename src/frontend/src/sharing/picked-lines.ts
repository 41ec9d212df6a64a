import { type RecordSummary, SHARE_RECORDS_MAX } from '@medguard/client'
import { useDayWords } from '../devices/day-words.ts'
import type { DeviceDay } from '../devices/device-days.ts'
import { recordDayText } from '../records/RecordFacts.tsx'
import { t } from '../words/language.ts'

// A line that is picked is a record, or all that a device posted on a day.

/** What a line says. The kind is always told: who picks a sensitive one has to see that. */
export function useLineWords(): (
  record: RecordSummary,
  day: DeviceDay | undefined,
) => { title: string; facts: string } {
  const dayWords = useDayWords()
  return (record, day) => {
    const { title, facts } = day === undefined ? { title: record.title, facts: recordDayText(record) } : dayWords(day)
    return { title, facts: [t(`categories.${record.category}`), facts].filter((part) => part !== null).join(' · ') }
  }
}

/** How much of a line is among the chosen, and whether the rest of it may join them: a line goes whole. */
export function choiceOf<R extends Pick<RecordSummary, 'recordId'>>(own: readonly R[], chosen: ReadonlySet<string>) {
  const left = own.filter(({ recordId }) => !chosen.has(recordId))
  return {
    left,
    isChosen: left.length === 0,
    isPartly: left.length > 0 && left.length < own.length,
    isTooMany: left.length > 0 && chosen.size + left.length > SHARE_RECORDS_MAX,
  }
}
