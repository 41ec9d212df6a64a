import type { Share } from '@medguard/client'
import { clinicalDayText, dayTimeText } from '../app/dates.ts'
import { scopeText } from '../app/words.ts'
import { t } from '../words/language.ts'
import type { Reading } from '../summary/readings.ts'
import { resourcesIn, SUMMARY_PARTS, type Summary, type SummaryRow } from '../summary/summary.ts'

// What somebody takes out of MedGuard into their own system or onto paper. It is in the patient's log before they have it.

export const TAKEN_AS = ['bundle', 'text', 'print'] as const
export type TakenAs = (typeof TAKEN_AS)[number]

export interface Taken {
  readonly as: TakenAs
  readonly content: string
  readonly count: number
}

/** A FHIR R4 Bundle of everything that is open, as it was stored. */
export function bundleOf(readings: readonly Reading[], nowMs: number): string {
  const entry = readings
    .flatMap(({ json }) => (json === null ? [] : resourcesIn(json)))
    .map((resource) => ({ resource }))
  const timestamp = new Date(nowMs).toISOString()
  return JSON.stringify({ resourceType: 'Bundle', type: 'collection', timestamp, entry }, null, 2)
}

const lineOf = ({ what, value, flag, parts, detail, when }: SummaryRow): string => {
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

export function takenOf(
  as: TakenAs,
  from: { readonly readings: readonly Reading[]; readonly summary: Summary; readonly about: About },
  now: () => number = Date.now,
): Taken {
  const { readings, summary, about } = from
  const content = as === 'bundle' ? bundleOf(readings, now()) : textOf(summary, about, now())
  return { as, content, count: readings.length }
}

/** The summary in words, with whose it is and under which share: for a chart that takes text, and for paper. */
export function textOf(summary: Summary, about: About, nowMs: number): string {
  const { share, name, birthDate } = about
  const born = clinicalDayText(birthDate)
  const parts = SUMMARY_PARTS.filter((part) => summary[part].length > 0).map((part) =>
    [t(`portal.${part}`), ...summary[part].map(lineOf)].join('\n'),
  )
  const results = summary.tests.flatMap(({ rows }) => rows[0] ?? [])
  return [
    [
      [name, born === null ? null : t('records.born', { day: born })].filter((part) => part !== null).join(', '),
      share.patient,
      t('portal.takenFrom', { at: dayTimeText(nowMs), scope: scopeText(share.scope) }),
      t('portal.notComplete'),
    ]
      .filter((line) => line !== '')
      .join('\n'),
    ...parts,
    ...(results.length === 0 ? [] : [[t('portal.results'), ...results.map(lineOf)].join('\n')]),
  ].join('\n\n')
}
