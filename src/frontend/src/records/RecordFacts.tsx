import type { RecordSummary } from '@medguard/client'
import { clinicalDayText, dayTimeText, msOf, sizeText } from '../app/dates.ts'
import { numberText, t } from '../words/language.ts'
import { typeText } from './media.ts'
import { signatureText } from './signature-text.ts'

type Fact = `fact${'Kind' | 'Date' | 'Person' | 'Author' | 'Signature' | 'Added' | 'File' | 'Size' | 'Version'}`

export function RecordFacts({ record }: { record: RecordSummary }) {
  const added = record.addedNs === null ? null : msOf(record.addedNs)
  const facts: readonly (readonly [Fact, string | null])[] = [
    ['factKind', `${t(`categories.${record.category}`)} · ${typeText(record.mediaType)}`],
    ['factDate', clinicalDayText(record.clinicalDate)],
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

/** Under a record's title: what kind it is, of when, and by whom. */
export function recordLine(record: RecordSummary): string {
  const parts = [t(`categories.${record.category}`), clinicalDayText(record.clinicalDate), record.author]
  return parts.filter((part) => part !== null).join(' · ')
}
