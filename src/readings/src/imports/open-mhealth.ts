import { readMoment } from '../clocks.ts'
import { at, numberAt, textAt } from '../json.ts'
import { BLOOD_PRESSURE, measureCalled, type MeasureId } from '../measures.ts'
import type { Meal, Reading } from '../reading.ts'
import { tidied, unitOf } from '../units.ts'
import {
  createImportRun,
  type ImportBatch,
  ImportFault,
  type ImportRun,
  jsonOf,
  type Pieces,
  plainText,
} from './import-run.ts'

// Data points of Open mHealth (openmhealth.org): schema name, member of the body, measure. IEEE 1752.1 uses the same names with another header.

const SCHEMAS: Readonly<Record<string, readonly [member: string, id: MeasureId]>> = {
  'heart-rate': ['heart_rate', 'pulse'],
  'blood-glucose': ['blood_glucose', 'bloodGlucose'],
  'body-weight': ['body_weight', 'weight'],
  'body-height': ['body_height', 'height'],
  'body-temperature': ['body_temperature', 'temperature'],
  'body-mass-index': ['body_mass_index', 'bmi'],
  'body-fat-percentage': ['body_fat_percentage', 'bodyFat'],
  'oxygen-saturation': ['oxygen_saturation', 'oxygen'],
  'respiratory-rate': ['respiratory_rate', 'breathing'],
  'step-count': ['step_count', 'steps'],
  'sleep-duration': ['sleep_duration', 'sleep'],
  'total-sleep-time': ['total_sleep_time', 'sleep'],
}
const MEALS_OF: Readonly<Record<string, Meal>> = {
  fasting: 'fasting',
  'before meal': 'beforeMeal',
  'after meal': 'afterMeal',
  'before breakfast': 'beforeMeal',
  'after breakfast': 'afterMeal',
  'before lunch': 'beforeMeal',
  'after lunch': 'afterMeal',
  'before dinner': 'beforeMeal',
  'after dinner': 'afterMeal',
  'before bed': 'bedtime',
  'at bedtime': 'bedtime',
}
const UNIT_SECONDS: Readonly<Record<string, number>> = { sec: 1, min: 60, h: 3600, d: 86_400 }

export async function* importOpenMhealth(pieces: Pieces): AsyncGenerator<ImportBatch> {
  const { json, bytes } = await jsonOf(pieces)
  const points: readonly unknown[] = Array.isArray(json) ? json : [json]
  if (!points.some((point) => textAt(point, 'header', 'schema_id', 'name') !== null))
    throw new ImportFault('notThisKind', 'no data points')
  const run = createImportRun()
  for (const [place, point] of points.entries()) {
    take(run, point, place + 1)
    if (run.isFull) yield run.batch(bytes)
  }
  yield run.batch(bytes)
}

function take(run: ImportRun, point: unknown, line: number): void {
  const name = textAt(point, 'header', 'schema_id', 'name') ?? ''
  const body = at(point, 'body')
  const schema = SCHEMAS[name]
  const isPressure = name === 'blood-pressure'
  if (schema === undefined && !isPressure) return run.skip('unknownKind', name, line)
  const when = whenOf(at(body, 'effective_time_frame'))
  if (when === null) return run.skip('noTime', name, line)
  const provenance = at(point, 'header', 'acquisition_provenance')
  const device = plainText(textAt(provenance, 'source_name') ?? '') || 'Open mHealth'
  const id = plainText(textAt(point, 'header', 'id') ?? textAt(point, 'header', 'uuid') ?? '') || null
  const isTyped = textAt(provenance, 'modality') === 'self-reported'
  const common = { ...when, device, id, flags: isTyped ? (['typed'] as const) : [] }
  if (isPressure) {
    const parts = (['systolic', 'diastolic'] as const).map((half) =>
      quantityOf(at(body, `${half}_blood_pressure`), half),
    )
    const [upper, lower] = parts
    if (upper === undefined || lower === undefined || upper === null || lower === null || upper.unit !== lower.unit)
      return run.skip('noValue', name, line)
    const components = [upper, lower].map(({ code, value }) => ({ code, value }))
    return run.add({ ...common, code: BLOOD_PRESSURE, unit: upper.unit, components }, name, line)
  }
  if (schema === undefined) return
  const [member, measureId] = schema
  const found =
    member === 'step_count' && numberAt(body, member) !== null
      ? { value: numberAt(body, member), unit: 'steps' }
      : at(body, member)
  const quantity = quantityOf(found, measureId)
  if (quantity === null) return run.skip(numberAt(found, 'value') === null ? 'noValue' : 'unknownUnit', name, line)
  const meal = MEALS_OF[textAt(body, 'temporal_relationship_to_meal') ?? ''] ?? null
  const isAverage = textAt(body, 'descriptive_statistic') === 'average'
  run.add({ ...common, ...quantity, meal, flags: isAverage ? [...common.flags, 'averaged'] : common.flags }, name, line)
}

function quantityOf(json: unknown, id: MeasureId): { code: string; unit: string; value: number } | null {
  const value = numberAt(json, 'value')
  const unit = unitOf(measureCalled(id), textAt(json, 'unit') ?? '')
  return value === null || unit === null ? null : { code: unit.loinc, unit: unit.ucum, value }
}

function whenOf(frame: unknown): Pick<Reading, 'timeMs' | 'durationMs' | 'offsetMinutes'> | null {
  const read = (value: string | null) => (value === null ? null : readMoment(value))
  const moment = read(textAt(frame, 'date_time'))
  if (moment !== null) return { timeMs: moment.ms, durationMs: 0, offsetMinutes: moment.offsetMinutes }
  const interval = at(frame, 'time_interval')
  const [start, end] = [read(textAt(interval, 'start_date_time')), read(textAt(interval, 'end_date_time'))]
  const seconds =
    (numberAt(interval, 'duration', 'value') ?? 0) * (UNIT_SECONDS[textAt(interval, 'duration', 'unit') ?? ''] ?? 0)
  if (start !== null) {
    const durationMs = end === null ? tidied(seconds * 1000) : Math.max(end.ms - start.ms, 0)
    return { timeMs: start.ms, durationMs: Math.round(durationMs), offsetMinutes: start.offsetMinutes }
  }
  return end === null
    ? null
    : {
        timeMs: end.ms - Math.round(seconds * 1000),
        durationMs: Math.round(seconds * 1000),
        offsetMinutes: end.offsetMinutes,
      }
}
