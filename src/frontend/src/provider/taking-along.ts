import type { RecordSummary, Share } from '@medguard/client'
import { clinicalDayText, dayTimeText } from '../app/dates.ts'
import { scopeText } from '../app/words.ts'
import { t } from '../words/language.ts'
import { observationOf } from '@medguard/readings'
import { isOfPatient } from '../summary/measured.ts'
import { measuredIn, type Reading } from '../summary/readings.ts'
import type { FhirRow } from '../records/fhir-reading.ts'
import type { ReadBody } from '../records/read-body.ts'
import { resourcesIn, SUMMARY_PARTS, type Summary } from '../summary/summary.ts'

// What somebody takes out of MedGuard into their own system or onto paper. It is in the patient's log before they have it.

export const TAKEN_AS_TEXT = ['text', 'print'] as const
export const TAKEN_AS = ['bundle', ...TAKEN_AS_TEXT] as const
/** `file`: a record as it was stored. */
export type TakenAs = (typeof TAKEN_AS)[number] | 'file'

export type Taken = { readonly count: number } & (
  | { readonly as: (typeof TAKEN_AS_TEXT)[number]; readonly content: string }
  | {
      readonly as: 'bundle' | 'file'
      readonly content: string | Uint8Array | Blob
      readonly fileName: string
    }
)

/** A FHIR R4 Bundle of everything that is open: resources as they were stored, and an Observation of each reading of a device. */
export function bundleOf(readings: readonly Reading[], nowMs: number): string {
  const stored = readings.flatMap(({ json }) => (json === null ? [] : resourcesIn(json)))
  const sent = measuredIn(readings)
    .filter(isOfPatient)
    .map((reading) => observationOf(reading))
  const entry = [...stored, ...sent].map((resource) => ({ resource }))
  const timestamp = new Date(nowMs).toISOString()
  return JSON.stringify({ resourceType: 'Bundle', type: 'collection', timestamp, entry }, null, 2)
}

const lineOf = ({ what, value, flag, parts, detail, when }: FhirRow): string => {
  const values = [value, ...parts.map((part) => `${part.what} ${part.value}`), flag === null ? null : t(`fhir.${flag}`)]
  const said = [...values, detail, clinicalDayText(when)].filter((part) => part !== null)
  return `- ${[what, ...said].join('; ')}`
}

/** Whose it is and under which share. */
interface About {
  readonly share: Share
  readonly name: string | null
  readonly birthDate: string | null
}

function headOf({ share, name, birthDate }: About, nowMs: number): string {
  const born = clinicalDayText(birthDate)
  return [
    [name, born === null ? null : t('records.born', { day: born })].filter((part) => part !== null).join(', '),
    share.patient,
    t('portal.takenFrom', { at: dayTimeText(nowMs), scope: scopeText(share.scope) }),
    t('portal.notComplete'),
  ]
    .filter((line) => line !== '')
    .join('\n')
}

/** What was found of one test, by its day. */
export const rowsText = (title: string, rows: readonly FhirRow[], about: About, nowMs: number): string =>
  [headOf(about, nowMs), [title, ...rows.map(lineOf)].join('\n')].join('\n\n')

/** What a content says, in words; null for one that has none, like a picture. */
export function wordsOf(body: ReadBody): string | null {
  if (body.as === 'text' || body.as === 'json') return body.text
  if (body.as !== 'fhir') return null
  return body.reading.groups.map(({ label, rows }) => [label, ...rows.map(lineOf)].join('\n')).join('\n\n')
}

/** A record in words, with whose it is and of which day. */
export function recordText({ title, clinicalDate }: RecordSummary, words: string, about: About, nowMs: number): string {
  const day = clinicalDayText(clinicalDate)
  return [headOf(about, nowMs), day === null ? title : `${title}, ${day}`, words].join('\n\n')
}

/** The summary in words, with whose it is and under which share: for a chart that takes text, and for paper. */
export function textOf(summary: Summary, about: About, nowMs: number): string {
  const parts = SUMMARY_PARTS.filter((part) => summary[part].length > 0).map((part) =>
    [t(`portal.${part}`), ...summary[part].map(lineOf)].join('\n'),
  )
  const results = summary.tests.flatMap(({ rows }) => rows[0] ?? [])
  return [
    headOf(about, nowMs),
    ...parts,
    ...(results.length === 0 ? [] : [[t('portal.results'), ...results.map(lineOf)].join('\n')]),
  ].join('\n\n')
}
