import { CATEGORIES, type Category, fitsLink, fitsSummary, type NewLink, type RecordSummary } from '@medguard/client'
import { Choice, FieldError } from '../app/Choice.tsx'
import { Notice } from '../app/elements.tsx'
import { holdsReadings } from '../devices/readings-reader.ts'
import { RecordPicker } from '../sharing/RecordPicker.tsx'
import { SensitiveTicks } from '../sharing/SensitiveTicks.tsx'
import { listText, t } from '../words/language.ts'

/** What a link is to show: records picked one by one, or a summary that is made when the link is. */
export interface LinkChoice {
  readonly what: 'records' | 'summary'
  readonly records: readonly Pick<RecordSummary, 'recordId' | 'version' | 'title'>[]
  /** Sensitive kinds that go into the summary too. */
  readonly alsoSensitive: readonly Category[]
}
export const NOTHING_CHOSEN: LinkChoice = { what: 'records', records: [], alsoSensitive: [] }

interface Among {
  /** Null while they are not listed. */
  readonly known: readonly RecordSummary[] | null
  /** Kinds that the patient holds for sensitive. */
  readonly sensitive: readonly Category[]
}

const pickedOf = ({ records }: LinkChoice, { known }: Among) =>
  (known ?? []).filter(({ recordId }) => records.some((one) => one.recordId === recordId))
const kindsOf = ({ alsoSensitive }: LinkChoice, { sensitive }: Among) =>
  CATEGORIES.filter((kind) => !sensitive.includes(kind) || alsoSensitive.includes(kind))
/** Those that a summary is made of. */
const summarised = (choice: LinkChoice, among: Among) => {
  const kinds = kindsOf(choice, among)
  return (among.known ?? []).filter(
    ({ category, mediaType }) => fitsSummary(mediaType) && kinds.some((kind) => kind === category),
  )
}
const isEmpty = (choice: LinkChoice, among: Among) => among.known !== null && summarised(choice, among).length === 0
const unfitOf = (choice: LinkChoice, among: Among) =>
  pickedOf(choice, among).filter(({ mediaType }) => !fitsLink(mediaType))

/** A device posts so many that what a link can show would be lost among them, and readings it cannot show. */
const isNoReading = (record: RecordSummary): boolean => !holdsReadings(record)
const titlesOf = (records: readonly RecordSummary[]): string => listText(records.map(({ title }) => title))

/** Null while it cannot be made. */
export function contentOf(choice: LinkChoice, among: Among): NewLink['content'] | null {
  if (choice.what === 'summary') return isEmpty(choice, among) ? null : { summaryOf: kindsOf(choice, among) }
  const records = pickedOf(choice, among)
  return records.length === 0 || unfitOf(choice, among).length > 0 ? null : { records }
}

export function LinkContents(props: {
  choice: LinkChoice
  among: Among
  isTried: boolean
  onChange: (choice: LinkChoice) => void
}) {
  const { choice, among, isTried, onChange } = props
  const unfit = unfitOf(choice, among)
  return (
    <>
      <Choice
        legend={t('links.what')}
        name="what"
        value={choice.what}
        options={[
          { value: 'records', label: t('links.whatRecords'), hint: t('links.whatRecordsHint') },
          { value: 'summary', label: t('links.whatSummary'), hint: t('links.whatSummaryHint') },
        ]}
        onChange={(what) => onChange({ ...choice, what })}
      />
      {choice.what === 'records' ? (
        <>
          <RecordPicker
            chosen={choice.records}
            isOffered={isNoReading}
            noneOffered={t('links.onlyReadings')}
            onChange={(records) => onChange({ ...choice, records })}
          />
          {isTried && choice.records.length === 0 && <FieldError text={t('links.errorRecords')} />}
          {unfit.length > 0 && <FieldError text={t('links.errorKind', { names: titlesOf(unfit) })} />}
        </>
      ) : (
        <>
          <SensitiveTicks
            fits={fitsSummary}
            on={choice.alsoSensitive}
            onChange={(alsoSensitive) => onChange({ ...choice, alsoSensitive })}
          />
          {isTried && isEmpty(choice, among) && <FieldError text={t('links.errorSummary')} />}
        </>
      )}
    </>
  )
}

/** What is sensitive in it, named before the link is made: what somebody opened cannot be taken back. */
export function SensitiveInIt({ choice, among }: { choice: LinkChoice; among: Among }) {
  const held = choice.what === 'summary' ? summarised(choice, among) : pickedOf(choice, among)
  const kinds = among.sensitive.filter((kind) => held.some(({ category }) => category === kind))
  if (kinds.length === 0) return null
  return (
    <Notice tone="warn" title={t('links.sensitive')}>
      <ul>
        {kinds.map((kind) => (
          <li key={kind} className="mg-break">
            {choice.what === 'summary'
              ? t(`categories.${kind}`)
              : t('links.sensitiveKind', {
                  kind: t(`categories.${kind}`),
                  names: titlesOf(held.filter(({ category }) => category === kind)),
                })}
          </li>
        ))}
      </ul>
    </Notice>
  )
}
