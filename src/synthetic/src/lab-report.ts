import type { LabResult } from './history.ts'
import { measureOf, PANELS, type MeasureName } from './measures.ts'
import { flagOf, rangeText } from './observations.ts'
import { A4, createPdf, type Colour, type PdfPage } from './pdf.ts'
import { LABORATORY, type Person } from './person.ts'

const INK: Colour = [0.12, 0.16, 0.22]
const MUTED: Colour = [0.4, 0.45, 0.5]
const ACCENT: Colour = [0.05, 0.4, 0.45]
const ALERT: Colour = [0.75, 0.1, 0.1]
const BAND: Colour = [0.93, 0.96, 0.96]

const LEFT = 50
const RIGHT = A4.widthPt - 50
const COLUMN = { name: LEFT + 6, value: 230, unit: 295, flag: 380, range: 415 } as const
const ROW_PT = 17

/**
 * The newest result of `labs` as a laboratory would print it: a page of values with flags and ranges and, when there are earlier
 * ones, a second page with the course of what stands out.
 * @throws RangeError when there is no result.
 */
export function writeLabReport(person: Person, labs: readonly LabResult[]): Uint8Array<ArrayBuffer> {
  const newest = labs.at(-1)
  if (newest === undefined) throw new RangeError('a report needs a result')
  const pdf = createPdf({ title: `Laboratory report ${newest.date}` })
  const measures = newest.panels.flatMap(({ values }) => values.map(({ measure }) => measure))
  const courses = measures.map((measure) => courseOf(measure, labs)).filter(({ points }) => points.length >= 3)
  const pageCount = courses.length > 0 ? 2 : 1

  const first = pdf.addPage()
  writeHead(first, person, newest, `Page 1 of ${pageCount}`)
  writeValues(first, newest)
  if (courses.length > 0) {
    const second = pdf.addPage()
    writeHead(second, person, newest, `Page 2 of ${pageCount}`)
    for (const [index, course] of mostNotable(courses).entries()) writeCourse(second, course, 560 - index * 200)
  }
  return pdf.bytes()
}

function writeHead(page: PdfPage, person: Person, { date }: LabResult, pageText: string) {
  page.box({ x: 0, y: A4.heightPt - 70, width: A4.widthPt, height: 70 }, BAND)
  page.text({ x: LEFT, y: A4.heightPt - 38 }, LABORATORY, { sizePt: 15, face: 'bold', colour: ACCENT })
  page.text({ x: LEFT, y: A4.heightPt - 56 }, 'Laboratory report. Sample data: no real person, no medical use.', {
    sizePt: 9,
    colour: MUTED,
  })
  const facts = [
    ['Patient', `${person.family}, ${person.given}`],
    ['Born', person.birthDate],
    ['Sample taken', date],
  ] as const
  for (const [index, [label, value]] of facts.entries()) {
    page.text({ x: LEFT + index * 170, y: 745 }, label, { sizePt: 8, colour: MUTED })
    page.text({ x: LEFT + index * 170, y: 731 }, value, { sizePt: 11, face: 'bold', colour: INK })
  }
  page.line(
    [
      [LEFT, 718],
      [RIGHT, 718],
    ],
    { colour: MUTED },
  )
  page.text({ x: LEFT, y: 40 }, pageText, { sizePt: 8, colour: MUTED })
}

function writeValues(page: PdfPage, { panels }: LabResult) {
  let y = 700
  const heads = { name: 'Test', value: 'Result', unit: 'Unit', flag: '', range: 'Reference range' }
  for (const column of ['name', 'value', 'unit', 'range'] as const) {
    page.text({ x: COLUMN[column], y }, heads[column], { sizePt: 8, colour: MUTED })
  }
  for (const { name, values } of panels) {
    y -= ROW_PT + 4
    page.box({ x: LEFT, y: y - 4, width: RIGHT - LEFT, height: 15 }, BAND)
    page.text({ x: COLUMN.name, y }, PANELS[name].label, { face: 'bold', colour: ACCENT })
    for (const { measure: measureName, value } of values) {
      y -= ROW_PT
      const measure = measureOf(measureName)
      const flag = flagOf(measure, value)
      const colour = flag === 'N' ? INK : ALERT
      page.text({ x: COLUMN.name, y }, measure.label, { colour: INK })
      page.text({ x: COLUMN.value, y }, value.toFixed(measure.decimals), {
        face: flag === 'N' ? 'regular' : 'bold',
        colour,
      })
      page.text({ x: COLUMN.unit, y }, measure.unit, { colour: MUTED })
      if (flag !== 'N') page.text({ x: COLUMN.flag, y }, flag, { face: 'bold', colour })
      page.text({ x: COLUMN.range, y }, rangeText(measure), { sizePt: 9, colour: MUTED })
    }
  }
}

interface Course {
  readonly measure: MeasureName
  readonly points: readonly { readonly date: string; readonly value: number }[]
}

function courseOf(measure: MeasureName, labs: readonly LabResult[]): Course {
  const points = labs.flatMap(({ date, panels }) =>
    panels.flatMap(({ values }) =>
      values.filter((one) => one.measure === measure).map(({ value }) => ({ date, value })),
    ),
  )
  return { measure, points: points.slice(-12) }
}

/** The three with the largest part of their values outside the range; a tie keeps the order of the report. */
function mostNotable(courses: readonly Course[]): Course[] {
  const share = ({ measure, points }: Course) =>
    points.filter(({ value }) => flagOf(measureOf(measure), value) !== 'N').length / points.length
  return courses.toSorted((a, b) => share(b) - share(a)).slice(0, 3)
}

function writeCourse(page: PdfPage, { measure: name, points }: Course, bottom: number) {
  const measure = measureOf(name)
  const chart = { x: LEFT + 40, y: bottom, width: RIGHT - LEFT - 60, height: 110 }
  const values = points.map(({ value }) => value)
  const bounds = [measure.low, measure.high].filter((bound) => bound !== undefined)
  const low = Math.min(...values, ...bounds)
  const high = Math.max(...values, ...bounds)
  const span = high - low || 1
  const times = points.map(({ date }) => Date.parse(date))
  const [start = 0, end = 1] = [times[0], times.at(-1)]
  const toY = (value: number) => chart.y + ((value - low) / span) * chart.height
  const toX = (time: number) => chart.x + ((time - start) / (end - start || 1)) * chart.width

  page.text({ x: LEFT, y: bottom + chart.height + 22 }, `${measure.label} (${measure.unit})`, {
    face: 'bold',
    colour: INK,
  })
  const bandFrom = toY(measure.low ?? low)
  page.box({ x: chart.x, y: bandFrom, width: chart.width, height: toY(measure.high ?? high) - bandFrom }, BAND)
  for (const bound of bounds) page.text({ x: LEFT, y: toY(bound) - 3 }, String(bound), { sizePt: 8, colour: MUTED })
  page.line(
    [
      [chart.x, chart.y],
      [chart.x + chart.width, chart.y],
    ],
    { colour: MUTED },
  )
  page.line(
    points.map(({ value }, index) => [toX(times[index] ?? start), toY(value)] as const),
    { widthPt: 1.2, colour: ACCENT },
  )
  for (const [index, { value }] of points.entries()) {
    const colour = flagOf(measure, value) === 'N' ? ACCENT : ALERT
    page.box({ x: toX(times[index] ?? start) - 2, y: toY(value) - 2, width: 4, height: 4 }, colour)
  }
  page.text({ x: chart.x, y: bottom - 14 }, points[0]?.date ?? '', { sizePt: 8, colour: MUTED })
  page.text({ x: chart.x + chart.width - 45, y: bottom - 14 }, points.at(-1)?.date ?? '', { sizePt: 8, colour: MUTED })
}
