import { clinicalDayText } from '../../app/dates.ts'
import { t } from '../../words/language.ts'
import { readFhir } from '../fhir-reading.ts'
import type { Json } from '../json-paths.ts'
import { shownAs } from '../media.ts'

// What changed between two versions of a record, as lines that a person reads.

/** How two versions differ at one place; `same` lines stand around what changed. */
export interface DifferenceLine {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
}

/** One version, as far as it is compared. */
export interface ComparedVersion {
  readonly title: string
  readonly clinicalDate: string | null
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** Of each version; longer ones are not compared: both can be opened. */
const LINES_MAX = 1_500

/** @returns null where there is nothing to compare by words: a picture, a study, a very long text. */
export function differenceOf(before: ComparedVersion, after: ComparedVersion): readonly DifferenceLine[] | null {
  const [from, to] = [linesOf(before), linesOf(after)]
  if (from === null || to === null || from.length > LINES_MAX || to.length > LINES_MAX) return null
  return compareLines(from, to)
}

function linesOf({ title, clinicalDate, mediaType, bytes }: ComparedVersion): readonly string[] | null {
  const as = shownAs(mediaType, bytes)
  if (as !== 'fhir' && as !== 'json' && as !== 'text') return null
  const text = new TextDecoder().decode(bytes)
  const head = [`${t('add.titleLabel')}: ${title}`, `${t('records.factDate')}: ${clinicalDayText(clinicalDate) ?? '–'}`]
  return [...head, ...(as === 'fhir' ? (fhirLines(text) ?? text.split('\n')) : text.split('\n'))]
}

/** Each entry of a resource or bundle in a line of its own, each fact of a single one. */
function fhirLines(text: string): readonly string[] | null {
  const reading = readFhir(parsed(text))
  if (reading === null) return null
  if (reading.single !== null) {
    const { row, facts } = reading.single
    return [
      row.what,
      ...(row.value === null ? [] : [`${t('fhir.value')}: ${row.value}`]),
      ...(row.flag === null ? [] : [t(`fhir.${row.flag}`)]),
      ...row.parts.map(({ what, value }) => `${what}: ${value}`),
      ...facts.map(({ label, value }) => `${t(label)}: ${value}`),
    ]
  }
  return reading.groups.flatMap(({ rows }) =>
    rows.map(({ what, value, detail, when, parts }) =>
      [what, value, ...parts.map((part) => `${part.what}: ${part.value}`), detail, clinicalDayText(when)]
        .filter((part) => part !== null)
        .join(' · '),
    ),
  )
}

function parsed(text: string): Json {
  try {
    const json: unknown = JSON.parse(text)
    return json
  } catch {
    return null
  }
}

/** The fewest lines taken out and put in that turn one text into the other (longest common subsequence). */
export function compareLines(before: readonly string[], after: readonly string[]): readonly DifferenceLine[] {
  const width = after.length + 1
  const common = new Uint16Array((before.length + 1) * width)
  const at = (i: number, j: number) => common[i * width + j] ?? 0
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      common[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const lines: DifferenceLine[] = []
  for (let i = 0, j = 0; i < before.length || j < after.length;) {
    const [old, now] = [before[i], after[j]]
    if (old !== undefined && old === now) {
      lines.push({ kind: 'same', text: old })
      i++
      j++
    } else if (old !== undefined && (now === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: 'removed', text: old })
      i++
    } else if (now !== undefined) {
      lines.push({ kind: 'added', text: now })
      j++
    }
  }
  return lines
}
