import Papa from 'papaparse'
import { measureCalled, type MeasureId } from '../measures.ts'
import { unitOf } from '../units.ts'
import { type DateOrder, isDayMs, ordersOf, readClock, readNumber, readTime } from './csv-cells.ts'

// What the columns of a table are: guessed from its beginning, and for a person to confirm before anything is read.

export type CsvEncoding = 'utf-8' | 'utf-16le' | 'windows-1250' | 'windows-1252'
export type CsvColumn =
  | { readonly as: 'ignore' }
  /** Day and time in one; a day alone; a time of that day. */
  | { readonly as: 'time' | 'date' | 'clock' }
  | { readonly as: 'device' }
  /** `unit` is UCUM; null until somebody says it. */
  | { readonly as: 'measure'; readonly measure: MeasureId; readonly unit: string | null }

export interface CsvMapping {
  readonly encoding: CsvEncoding
  readonly delimiter: string
  readonly newline: '\n' | '\r\n' | '\r'
  /** Lines before the first with values. */
  readonly headLines: number
  readonly hasDecimalComma: boolean
  readonly dateOrder: DateOrder
  readonly columns: readonly CsvColumn[]
}
/** What the guess can't know: the order of day and month, the unit of a column, which column is the time, or that any is measured. */
export type CsvQuestion =
  | { readonly ask: 'dateOrder' | 'time' | 'measure' }
  | { readonly ask: 'unit'; readonly column: number }
export interface CsvGuess {
  readonly mapping: CsvMapping
  readonly questions: readonly CsvQuestion[]
  /** Names of the columns, as the file has them, or empty. */
  readonly names: readonly string[]
  /** The first rows with values, to show. */
  readonly rows: readonly (readonly string[])[]
}

/** So much of the file is looked at. */
export const CSV_SAMPLE_BYTES = 64 * 1024
const SAMPLE_ROWS = 60
const HEAD_LINES_MAX = 30
export const CSV_COLUMNS_MAX = 200

/** In the order in which they are tried: the closer word first. Without accents, in lower case. */
const NAMES: readonly (readonly [MeasureId, RegExp])[] = [
  ['meanPressure', /\bmap\b|mean (arterial|blood)|stredni tlak|mitteldruck/],
  ['systolic', /systol|\bsys\b|horni|upper/],
  ['diastolic', /diastol|\bdia\b|dolni|lower/],
  [
    'sensorGlucose',
    /(historic|scan|sensor|cgm|interstitial).*(gluco|gluk)|(gluco|gluk).*(sensor|cgm|interstitial)|\bsgv\b/,
  ],
  ['bloodGlucose', /gluco|gluk|glykem|sugar|cukr|zucker|\bbg\b|سكر/],
  ['oxygen', /spo2|sp02|oxygen|kysl|saturac|sattigung/],
  ['restingPulse', /resting|klidov/],
  ['pulse', /heart ?rate|puls(?!.*(druck|pressure))|\bbpm\b|\bhr\b|\btep|herzfrequenz|نبض/],
  ['bodyFat', /\bfat\b|\btuk|korperfett/],
  ['muscle', /muscle|sval|muskel/],
  ['bmi', /\bbmi\b/],
  ['weight', /weight|hmotnost|\bvaha|gewicht|\bpeso|وزن/],
  ['temperature', /temp|teplota/],
  ['steps', /steps|kroky|schritte/],
  ['breathing', /respirat|breath|\bdech|atem/],
  ['sleep', /sleep|spanek|schlaf/],
]
const DEVICE_NAME = /device|pristroj|gerat|source|serial/
const CLOCK_NAME = /^(time|cas|zeit|uhrzeit|hora)\b/
const DATE_NAME = /date|datum|fecha|\bday\b|\bden\b|\btag\b|timestamp|time|zeit|تاريخ/

export function guessCsv(sample: Uint8Array): CsvGuess {
  const encoding = encodingOf(sample)
  const text = new TextDecoder(encoding).decode(sample)
  const { rows, delimiter, linebreak } = tableOf(text)
  const headLines = headLinesOf(rows)
  const names = (rows[headLines - 1] ?? []).map((name) => name.trim()).slice(0, CSV_COLUMNS_MAX)
  const values = rows.slice(headLines).filter((row) => row.some((cell) => cell.trim() !== ''))
  const hasDecimalComma =
    delimiter !== ',' &&
    values.flat().some((cell) => /^\s*-?\d+,\d{1,2}(\s*[^\d\s,.][^,]*)?$/.test(cell)) &&
    !values.flat().some((cell) => /^\s*-?\d+\.\d{1,2}(\s*[^\d\s,.:][^.:]*)?$/.test(cell))
  const width = Math.min(Math.max(0, ...values.map((row) => row.length)), CSV_COLUMNS_MAX)
  const cellsOf = (place: number) => values.map((row) => (row[place] ?? '').trim()).filter((cell) => cell !== '')
  const columns = Array.from({ length: width }, (_, place) =>
    columnOf(names[place] ?? '', cellsOf(place), hasDecimalComma),
  )
  const orders = ordersOf(columns.flatMap(({ as }, place) => (as === 'time' || as === 'date' ? cellsOf(place) : [])))
  const newline = linebreak === '\r\n' || linebreak === '\r' ? linebreak : '\n'
  const mapping = {
    encoding,
    delimiter,
    newline,
    headLines,
    hasDecimalComma,
    dateOrder: orders[0] ?? 'ymd',
    columns: onePlace(columns),
  } as const
  return { mapping, questions: questionsOf(mapping, orders), names, rows: values.slice(0, 5) }
}

interface Table {
  readonly rows: readonly (readonly string[])[]
  readonly delimiter: string
  readonly linebreak: string
}
/** With the delimiter that cuts most lines into the same number of cells. */
function tableOf(text: string): Table {
  let best: (Table & { readonly alike: number; readonly width: number }) | null = null
  for (const delimiter of [',', ';', '\t', '|']) {
    const { data, meta } = Papa.parse<string[]>(text, { preview: SAMPLE_ROWS, delimiter })
    // The last line may be cut off, or is empty behind the last line end.
    const rows = meta.truncated || data.length < 2 ? data : data.slice(0, -1)
    const widths = new Map<number, number>()
    for (const { length } of rows) if (length > 1) widths.set(length, (widths.get(length) ?? 0) + 1)
    const [[width, alike] = [0, 0]] = [...widths].toSorted(([, a], [, b]) => b - a)
    if (best === null || alike > best.alike || (alike === best.alike && width > best.width))
      best = { rows, delimiter, linebreak: meta.linebreak, alike, width }
  }
  return best ?? { rows: [], delimiter: ',', linebreak: '\n' }
}

function encodingOf(sample: Uint8Array): CsvEncoding {
  if (sample[0] === 0xff && sample[1] === 0xfe) return 'utf-16le'
  try {
    // The last character may be cut off, no other.
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true })
    return 'utf-8'
  } catch {
    return 'windows-1252'
  }
}

const plainName = (name: string) =>
  name
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .toLowerCase()
const isTime = (cell: string) => ordersOf([cell]).length > 0 && /\d[./:-]\d|^\d{10}(\d{3})?$/.test(cell.trim())

/** Lines before the first that has a time and something else with digits. */
function headLinesOf(rows: readonly (readonly string[])[]): number {
  const first = rows.findIndex((row) => row.some(isTime) && row.filter((cell) => /\d/.test(cell)).length > 1)
  return first < 0 || first > HEAD_LINES_MAX ? Math.min(1, rows.length) : first
}

function columnOf(name: string, cells: readonly string[], hasDecimalComma: boolean): CsvColumn {
  const plain = plainName(name)
  const some = cells.slice(0, 20)
  // A broken line makes no other column.
  const isMostly = (is: (cell: string) => boolean) => some.length > 0 && some.filter(is).length >= some.length * 0.7
  const isNumber = (cell: string) => readNumber(cell, hasDecimalComma)?.unit === ''
  if (isMostly((cell) => readClock(cell) !== null) && (CLOCK_NAME.test(plain) || !isMostly(isNumber)))
    return { as: 'clock' }
  if (isMostly(isTime) && (DATE_NAME.test(plain) || isMostly((cell) => /\d[./-]\d/.test(cell)))) {
    const isDay = isMostly((cell) => isDayMs(readTime(cell, ordersOf([cell])[0] ?? 'ymd')?.ms ?? 1))
    return { as: isDay ? 'date' : 'time' }
  }
  const measure = NAMES.find(([, pattern]) => pattern.test(plain))?.[0]
  const numbers = some.flatMap((cell) => readNumber(cell, hasDecimalComma)?.value ?? [])
  if (measure !== undefined && (numbers.length > 0 || cells.length === 0))
    return { as: 'measure', measure, unit: unitIn(name, measure) ?? unitBy(numbers, measure) }
  return { as: DEVICE_NAME.test(plain) ? 'device' : 'ignore' }
}

/** A unit in the name of a column: in brackets, behind a comma, or the last word. */
function unitIn(name: string, id: MeasureId): string | null {
  const measure = measureCalled(id)
  const parts = [...name.matchAll(/[([]([^)\]]+)[)\]]/g)].map(([, inside = '']) => inside)
  for (const part of [...parts, name.split(',').at(-1) ?? '', name.split(/\s+/).at(-1) ?? '', ...name.split(/\s+/)]) {
    const unit = unitOf(measure, part.trim())
    if (unit !== null) return unit.ucum
  }
  return null
}

/** What numbers say by themselves: no living person has 100 mmol/L of glucose, 98 °C or a systolic pressure of 16 mmHg. */
function unitBy(numbers: readonly number[], id: MeasureId): string | null {
  const measure = measureCalled(id)
  const [first, ...others] = [...measure.units, ...(measure.accepted ?? [])]
  if (first === undefined || others.length === 0) return first?.ucum ?? null
  const middle = numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
  if (middle === undefined) return null
  switch (id) {
    case 'bloodGlucose':
    case 'sensorGlucose':
      return middle > 35 ? 'mg/dL' : 'mmol/L'
    case 'temperature':
      return middle > 250 ? 'K' : middle > 60 ? '[degF]' : 'Cel'
    case 'systolic':
    case 'diastolic':
    case 'meanPressure':
      return middle < 30 ? 'kPa' : 'mm[Hg]'
    case 'oxygen':
    case 'bodyFat':
      return middle <= 1 ? '1' : '%'
    case 'pulse':
      return '/min'
    default:
      return null // kilograms and pounds look alike
  }
}

/** Only the first column is the time, the day, the device; a time alone makes day and clock superfluous. */
function onePlace(columns: readonly CsvColumn[]): CsvColumn[] {
  const hasTime = columns.some(({ as }) => as === 'time')
  const seen = new Set<string>()
  return columns.map((column) => {
    const key = column.as === 'measure' ? column.measure : column.as
    const isSpare =
      column.as !== 'ignore' && (seen.has(key) || (hasTime && (column.as === 'date' || column.as === 'clock')))
    seen.add(key)
    return isSpare ? { as: 'ignore' } : column
  })
}

/** Why a mapping reads nothing, or not for sure; none for one that is complete. */
export function questionsOf({ columns }: CsvMapping, orders: readonly DateOrder[] = []): CsvQuestion[] {
  const questions: CsvQuestion[] = []
  if (!columns.some(({ as }) => as === 'time' || as === 'date')) questions.push({ ask: 'time' })
  if (orders.length > 1) questions.push({ ask: 'dateOrder' })
  if (!columns.some(({ as }) => as === 'measure')) questions.push({ ask: 'measure' })
  columns.forEach((column, place) => {
    if (column.as === 'measure' && column.unit === null) questions.push({ ask: 'unit', column: place })
  })
  return questions
}
