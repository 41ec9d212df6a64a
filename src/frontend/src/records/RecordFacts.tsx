import type { RecordSummary } from '@medguard/client'
import { clinicalDayText, dayText, msOf, sizeText, timeText } from '../app/dates.ts'
import { t } from '../words/language.ts'
import { typeText } from './media.ts'

export function RecordFacts({ record }: { record: RecordSummary }) {
  const added = record.addedNs === null ? null : msOf(record.addedNs)
  const facts: readonly (readonly [string, string | null])[] = [
    ['Kind', `${t(`categories.${record.category}`)}, ${typeText(record.mediaType)}`],
    ['Date', clinicalDayText(record.clinicalDate)],
    ['Person', record.subject],
    ['Author', record.author],
    ['Added', added === null ? null : `${dayText(added)}, ${timeText(added)}`],
    ['File', record.fileName],
    ['Size', sizeText(record.sizeBytes)],
    ['Version', record.version > 1 ? String(record.version) : null],
  ]
  return (
    <dl className="mg-card mg-pad mg-facts">
      {facts.map(([name, value]) =>
        value === null ? null : (
          <div key={name} className="mg-fact">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  )
}

/** Under a record's title: what kind it is, of when, and by whom. */
export function recordLine(record: RecordSummary): string {
  const parts = [t(`categories.${record.category}`), clinicalDayText(record.clinicalDate), record.author]
  return parts.filter((part) => part !== null).join(' · ')
}
