import { clinicalMs } from '../app/dates.ts'
import type { Json } from '../records/json-paths.ts'
import { formErrors, numberTyped, resourceOf } from './form-fields.ts'
import type { Values } from './form-store.ts'
import { LAB_FORM } from './measure-forms.ts'

// Many results at once, as a laboratory's table comes out of a letter, a portal or a spreadsheet: one a line. Each becomes what the form for one result makes.

/** More than any panel has; who pastes a whole history imports a file. */
export const PANEL_LINES_MAX = 200

/** One line, as it was understood: values of the form for one result, and what they lack, by field. */
export interface PanelRow {
  /** Counted from 1, as it stands in the text. */
  readonly line: number
  readonly values: Values
  readonly errors: Readonly<Record<string, string>>
}

/** @param text as typed or pasted. @param common day of the sample and laboratory, for lines that name no day of their own. */
export function panelRows(text: string, common: { readonly day: string; readonly who: string }): readonly PanelRow[] {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim())
  return lines.flatMap((line, place) => {
    if (line === '' || isHeading(line, lines.slice(0, place))) return []
    const values = { day: common.day, who: common.who, ...lineValues(line) }
    return [{ line: place + 1, values, errors: formErrors(LAB_FORM, values) }]
  })
}

/** The names of columns, in the languages of the page: two of them in the first line that says anything. */
const COLUMN =
  /^(?:tests?|analytes?|parameter|name|results?|values?|units?|reference.*|(?:usual |normal )?range|vyšetření|analyt|výsledek|hodnota|jednotk[ay]|.*rozmezí|.*meze|التحليل|الفحص|النتيجة|القيمة|الوحدة|المجال.*)$/i
const isHeading = (line: string, before: readonly string[]): boolean =>
  before.every((other) => other === '') && cellsOf(line).filter((cell) => COLUMN.test(cell)).length > 1

/** The resources in one file of FHIR, which the import takes apart again. */
export function panelBundle(rows: readonly PanelRow[], person: string): string {
  const entry = rows.map(({ values }): Json => ({ resource: resourceOf(LAB_FORM, values, person, null) }))
  return JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry })
}

/** Columns stand between tabs in what a spreadsheet copies, else between semicolons, bars or wide gaps; else there is one. */
function cellsOf(line: string): string[] {
  const between = [/\t/, /;/, /\|/, / {2,}/].find((mark) => mark.test(line))
  const cells = between === undefined ? [line] : line.split(between)
  return cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
}

const NUMBER = String.raw`[-+]?[\p{Nd}]+(?:[.,٫][\p{Nd}]+)?`
/** `Haemoglobin A1c 14.1 g/dL 12-16`: the value is the first number that stands alone after words. */
const ONE_CELL = new RegExp(String.raw`^(?<test>\S.*?)[\s:=]+(?<rest>[<>]?\s?${NUMBER}(?:\s.*)?)$`, 'u')
const VALUE_AND_UNIT = new RegExp(String.raw`^(?<value>[<>≤≥]?\s?${NUMBER})\s*(?<unit>\S.*)?$`, 'u')
const RANGE_TEXT = String.raw`(?:[([]\s*)?(?<low>${NUMBER})\s*(?:-|–|—|\.\.|až|to)\s*(?<high>${NUMBER})(?:\s*[)\]])?`
const RANGE = new RegExp(`^${RANGE_TEXT}`, 'u')
const BOUND = new RegExp(String.raw`^[([]?\s*(?<sign>[<>≤≥])=?\s*(?<bound>${NUMBER})\s*[)\]]?$`, 'u')
/** How laboratories mark what is out of range; the range itself says so. */
const FLAG = /^[([]?(?:\*+|!+|\+{1,3}|-{1,3}|[HLN]{1,2}|high|low|normal|↑+|↓+)[)\]]?$/i

function lineValues(line: string): Values {
  const [first = '', ...rest] = cellsOf(line)
  const whole = rest.length === 0 ? ONE_CELL.exec(first)?.groups : undefined
  const test = whole?.['test'] ?? first
  const cells = whole === undefined ? rest : wordsOf(whole['rest'] ?? '')
  return { test: test.replace(/[\s:=]+$/, ''), ...cellValues(cells) }
}
/** A range keeps together where it is written with gaps. */
const wordsOf = (text: string): string[] =>
  text
    .replace(new RegExp(RANGE_TEXT, 'gu'), (range) => range.replaceAll(/\s/g, ''))
    .replaceAll(/([<>≤≥])\s+/g, '$1')
    .split(/\s+/)
    .filter((word) => word !== '')

function cellValues(cells: readonly string[]): Values {
  const found: Record<string, string> = {}
  const put = (name: string, value: string) => {
    found[name] ??= value
  }
  for (const cell of cells) {
    const [range, bound, day] = [RANGE.exec(cell)?.groups, BOUND.exec(cell)?.groups, dayOf(cell)]
    if (day !== null) put('day', day)
    else if (found['value'] === undefined) {
      const both = VALUE_AND_UNIT.exec(cell)?.groups
      put('value', both?.['value']?.trim() ?? cell)
      const unit = both?.['unit']
      if (unit !== undefined && !FLAG.test(unit)) put('unit', unit)
    } else if (range !== undefined) {
      put('low', range['low'] ?? '')
      put('high', range['high'] ?? '')
    } else if (bound !== undefined) put('<≤'.includes(bound['sign'] ?? '') ? 'high' : 'low', bound['bound'] ?? '')
    else if (FLAG.test(cell)) continue
    else if (numberTyped(cell) === null) put('unit', cell)
    else put(found['low'] === undefined ? 'low' : 'high', cell)
  }
  return found
}

/** Only what is the same day to everybody: 03/04/2025 is two. */
function dayOf(cell: string): string | null {
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(cell)
  const dotted = /^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})$/.exec(cell)
  const [year, month, day] = iso?.slice(1) ?? dotted?.slice(1).toReversed() ?? []
  if (year === undefined || month === undefined || day === undefined) return null
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  return clinicalMs(text) === null ? null : text
}
