import type { RecordSummary } from '@medguard/client'
import { clinicalDayText, clinicalMs, dayTimeText, msOf, sizeText } from '../app/dates.ts'
import { holdsReadings } from '../devices/readings-reader.ts'
import { numberText, t } from '../words/language.ts'
import { typeText } from './media.ts'
import { signatureText } from './signature-text.ts'

type Fact = `fact${'Kind' | 'Date' | 'Person' | 'Author' | 'Signature' | 'Added' | 'File' | 'Size' | 'Version'}`

export function RecordFacts({ record }: { record: RecordSummary }) {
  const added = record.addedNs === null ? null : msOf(record.addedNs)
  const facts: readonly (readonly [Fact, string | null])[] = [
    ['factKind', `${t(`categories.${record.category}`)} · ${typeText(record.mediaType)}`],
    ['factDate', recordDayText(record)],
    ['factPerson', record.subject],
    ['factAuthor', record.author],
    ['factSignature', signatureText(record.signature)],
    ['factAdded', added === null ? null : dayTimeText(added)],
    ['factFile', record.fileName],
    ['factSize', sizeText(record.sizeBytes)],
    ['factVersion', record.version > 1 ? numberText(record.version) : null],
  ]
  return (
    <dl className="mg-card mg-pad mg-facts">
      {facts.map(([name, value]) =>
        value === null ? null : (
          <div key={name} className="mg-fact">
            <dt>{t(`records.${name}`)}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ),
      )}
    </dl>
  )
}

/** The day a record is about, or null. What a device posted many times a day says the time as well: by nothing else could one tell them apart. */
export function recordDayText(record: RecordSummary): string | null {
  const ms =
    holdsReadings(record) && record.clinicalDate?.includes('T') === true ? clinicalMs(record.clinicalDate) : null
  return ms === null ? clinicalDayText(record.clinicalDate) : dayTimeText(ms)
}

/** Under a record's title: what kind it is, of when, and by whom. */
export function recordLine(record: RecordSummary): string {
  const parts = [t(`categories.${record.category}`), recordDayText(record), record.author]
  return parts.filter((part) => part !== null).join(' · ')
}
