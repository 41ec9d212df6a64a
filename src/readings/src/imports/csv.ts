import Papa from 'papaparse'
import { BLOOD_PRESSURE, measureCalled, type MeasureId } from '../measures.ts'
import type { Flag, Reading } from '../reading.ts'
import { unitOf } from '../units.ts'
import { type Cell, readClock, readDay, readNumber, readTime } from './csv-cells.ts'
import { type CsvColumn, type CsvMapping, questionsOf } from './csv-mapping.ts'
import { createImportRun, type ImportBatch, ImportFault, type ImportRun, type Pieces, plainText } from './import-run.ts'

/** A quote that is never closed would make one line of a whole file. */
const LINE_CHARS_MAX = 1024 * 1024

export interface CsvOptions {
  readonly mapping: CsvMapping
  /** What to call the source where no column says it. */
  readonly device: string
  /** Of the place where a wall clock showed this, east of UTC in minutes; the page takes the device's own zone, with its summer time. */
  readonly offsetOf: (wallMs: number) => number
}

/**
 * Readings of a table as a person has confirmed its columns.
 *
 * @throws RangeError for a mapping that still has questions; ImportFault for what is no table.
 */
export async function* importCsv(pieces: Pieces, options: CsvOptions): AsyncGenerator<ImportBatch> {
  const { mapping } = options
  if (questionsOf(mapping).length > 0) throw new RangeError('the columns are not settled')
  const run = createImportRun()
  const take = createTaker(run, options)
  const decoder = new TextDecoder(mapping.encoding)
  const parser = new Papa.Parser({ delimiter: mapping.delimiter, newline: mapping.newline })
  let [rest, line, doneBytes] = ['', 0, 0]
  const parse = (text: string, isLast: boolean) => {
    const parsed = parser.parse(text, 0, !isLast) as {
      readonly data: readonly string[][]
      readonly meta: { readonly cursor: number }
    }
    for (const row of parsed.data) {
      line += 1
      if (line > mapping.headLines) take(row, line)
    }
    rest = isLast ? '' : text.slice(parsed.meta.cursor)
    if (rest.length > LINE_CHARS_MAX) throw new ImportFault('notThisKind', 'a line without an end')
  }
  for await (const piece of pieces) {
    doneBytes += piece.length
    parse(rest + decoder.decode(piece, { stream: true }), false)
    if (run.isFull) yield run.batch(doneBytes)
  }
  parse(rest + decoder.decode(), true)
  yield run.batch(doneBytes)
}

type Measured = CsvColumn & { readonly as: 'measure' }

function createTaker(run: ImportRun, { mapping, device, offsetOf }: CsvOptions) {
  const { columns, dateOrder, hasDecimalComma } = mapping
  const placeOf = (as: CsvColumn['as']) => columns.findIndex((column) => column.as === as)
  const places = { time: placeOf('time'), date: placeOf('date'), clock: placeOf('clock'), device: placeOf('device') }
  const measured = columns.flatMap((column, place) => (column.as === 'measure' ? [{ column, place }] : []))

  const when = (
    cell: (place: number) => string,
  ): Pick<Reading, 'timeMs' | 'clockMs' | 'offsetMinutes' | 'flags'> | null => {
    const whole = places.time >= 0 ? readTime(cell(places.time), dateOrder) : null
    const wall = (ms: number) => {
      const offsetMinutes = offsetOf(ms)
      return { timeMs: ms - offsetMinutes * 60_000, clockMs: ms, offsetMinutes, flags: ['zoneAssumed'] as const }
    }
    if (whole !== null)
      return whole.isWall
        ? wall(whole.ms)
        : { timeMs: whole.ms, clockMs: whole.ms, offsetMinutes: whole.offsetMinutes, flags: [] }
    const day = places.date >= 0 ? readDay(cell(places.date), dateOrder) : null
    const clock = places.clock >= 0 ? readClock(cell(places.clock)) : 0
    return day === null || clock === null ? null : wall(day + clock)
  }

  return (row: readonly string[], line: number): void => {
    const cell = (place: number) => row[place] ?? ''
    if (row.every((text) => text.trim() === '')) return
    const filled = measured.filter(({ place }) => cell(place).trim() !== '')
    if (filled.length === 0) return run.skip('noValue', 'line', line)
    const time = when(cell)
    if (time === null) return run.skip('noTime', 'line', line)
    const named = places.device >= 0 ? plainText(cell(places.device)) : ''
    const common = { ...time, device: named || plainText(device) || 'CSV' }
    const found = filled.flatMap(({ column, place }) =>
      valueOf(run, column, { text: cell(place), hasDecimalComma, line }),
    )
    const parts = found.filter(({ id }) => PRESSURES.includes(id))
    const isPressure =
      parts.some(({ id }) => id === 'systolic') &&
      parts.some(({ id }) => id === 'diastolic') &&
      new Set(parts.map(({ unit }) => unit)).size === 1
    const [first] = parts
    if (isPressure && first !== undefined) {
      const components = PRESSURES.flatMap((id) => parts.filter((part) => part.id === id)).map(({ code, value }) => ({
        code,
        value,
      }))
      run.add(
        {
          ...common,
          code: BLOOD_PRESSURE,
          unit: first.unit,
          components,
          flags: [...common.flags, ...parts.flatMap(({ flags }) => flags)],
        },
        'systolic',
        line,
      )
    }
    for (const { id, code, unit, value, flags } of found) {
      if (!isPressure || !PRESSURES.includes(id))
        run.add({ ...common, code, unit, value, flags: [...common.flags, ...flags] }, id, line)
    }
  }
}
const PRESSURES: readonly MeasureId[] = ['systolic', 'diastolic', 'meanPressure']

interface Found {
  readonly id: MeasureId
  readonly code: string
  readonly unit: string
  readonly value: number | null
  readonly flags: readonly Flag[]
}
function valueOf(
  run: ImportRun,
  { measure: id, unit: column }: Measured,
  { text, hasDecimalComma, line }: { readonly text: string; readonly hasDecimalComma: boolean; readonly line: number },
): Found[] {
  const cell: Cell | null = readNumber(text, hasDecimalComma)
  if (cell === null) {
    run.skip('notPlain', id, line)
    return []
  }
  // A unit in the cell is closer than that of the column.
  const unit = unitOf(measureCalled(id), cell.unit === '' ? (column ?? '') : cell.unit)
  if (unit === null) {
    run.skip('unknownUnit', `${id} ${cell.unit}`, line)
    return []
  }
  const flags: readonly Flag[] = cell.isAbove ? ['aboveRange'] : cell.isBelow ? ['belowRange'] : []
  return [{ id, code: unit.loinc, unit: unit.ucum, value: cell.value, flags }]
}
