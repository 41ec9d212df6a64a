import { SaxesParser, type SaxesTagPlain } from 'saxes'
import { readMoment } from '../clocks.ts'
import { BLOOD_PRESSURE, measureCalled, type MeasureId } from '../measures.ts'
import type { Flag, Meal, Reading, ReadingInput } from '../reading.ts'
import { tidied, unitOf } from '../units.ts'
import {
  APPLE_DIASTOLIC,
  APPLE_FRACTIONS,
  APPLE_PRESSURE,
  APPLE_QUANTITIES,
  APPLE_SLEEP,
  APPLE_SLEEPS,
  APPLE_SYSTOLIC,
} from './apple-kinds.ts'
import { createImportRun, type ImportBatch, ImportFault, type ImportRun, type Pieces, plainText } from './import-run.ts'

// The `export.xml` of Apple's Health app. Every blood pressure is in it twice, as a correlation and as two records of their own far away from each other; dates carry the offset that the phone
// has when it exports, so that only the moment itself tells what is the same.

/** Without an element in so much text, it is no export. */
const SILENCE_CHARS_MAX = 4 * 1024 * 1024
/** Upper values that wait for their lower one, and pressures that were told: a hundred a day for ten years. */
const PRESSURES_MAX = 400_000

type Attributes = Readonly<Record<string, string>>
interface OpenRecord {
  readonly attributes: Attributes
  readonly metadata: Map<string, string>
}

/** Takes text as it arrives and puts readings into a run. */
export interface AppleExport {
  write(text: string): void
  /** @throws ImportFault for a file that is cut off, or that was none. */
  close(): void
}

export function createAppleExport(run: ImportRun): AppleExport {
  const pressures = createPressures(run)
  let isHealth = false
  let silence = 0
  let record: OpenRecord | null = null
  let correlation: (OpenRecord & { readonly parts: Attributes[] }) | null = null

  const open = ({ name, attributes }: SaxesTagPlain) => {
    silence = 0
    if (!isHealth && name !== 'HealthData') throw new ImportFault('notThisKind', 'no export of Apple Health')
    isHealth = true
    if (name === 'Record') {
      if (correlation !== null) correlation.parts.push(attributes)
      else record = { attributes, metadata: new Map() }
    } else if (name === 'Correlation') correlation = { attributes, metadata: new Map(), parts: [] }
    else if (name === 'MetadataEntry')
      (record ?? correlation)?.metadata.set(attributes['key'] ?? '', attributes['value'] ?? '')
    else if (name === 'ClinicalRecord')
      run.document({ name: plainText(attributes['resourceFilePath'] ?? attributes['identifier'] ?? ''), json: null })
    else if (name === 'Workout') run.skip('unknownKind', 'Workout')
  }
  const close = ({ name }: SaxesTagPlain) => {
    if (name === 'Record' && record !== null) {
      const { type = '' } = record.attributes
      if (type === APPLE_SYSTOLIC || type === APPLE_DIASTOLIC) pressures.part(record)
      else quantity(run, record)
      record = null
    } else if (name === 'Correlation' && correlation !== null) {
      if (correlation.attributes['type'] === APPLE_PRESSURE) pressures.whole(correlation)
      correlation = null
    }
  }

  const parser = new SaxesParser({ xmlns: false, position: false })
  parser.on('opentag', open)
  parser.on('closetag', close)
  parser.on('error', (cause) => {
    throw new ImportFault(isHealth ? 'damaged' : 'notThisKind', 'the file is cut off or spoilt', { cause })
  })
  return {
    write(text) {
      silence += text.length
      if (silence > SILENCE_CHARS_MAX) throw new ImportFault('notThisKind', 'no export of Apple Health')
      parser.write(text)
    },
    close() {
      parser.close()
      pressures.rest()
    },
  }
}

type When = Pick<Reading, 'timeMs' | 'durationMs' | 'offsetMinutes'>
function whenOf(attributes: Attributes): When | null {
  const start = readMoment(attributes['startDate'] ?? '')
  const end = readMoment(attributes['endDate'] ?? '')
  if (start === null) return null
  return {
    timeMs: start.ms,
    durationMs: end === null ? 0 : Math.max(end.ms - start.ms, 0),
    offsetMinutes: start.offsetMinutes,
  }
}

const numberOf = (text: string | undefined): number | null =>
  text === undefined || !/^-?\d/.test(text) || !Number.isFinite(Number(text)) ? null : Number(text)
const deviceOf = (attributes: Attributes) => plainText(attributes['sourceName'] ?? '') || 'Apple Health'
const flagsOf = (metadata: ReadonlyMap<string, string>): readonly Flag[] =>
  metadata.get('HKWasUserEntered') === '1' ? ['typed'] : []
const MEALS_OF_APPLE: Readonly<Record<string, Meal>> = { '1': 'beforeMeal', '2': 'afterMeal' }

function quantity(run: ImportRun, { attributes, metadata }: OpenRecord): void {
  const { type = '', unit: written = '', value: text = '' } = attributes
  const id = type === APPLE_SLEEP ? APPLE_SLEEPS.get(text) : APPLE_QUANTITIES.get(type)
  if (id === undefined) return run.skip('unknownKind', type === APPLE_SLEEP ? text : type)
  const when = whenOf(attributes)
  if (when === null) return run.skip('noTime', type)
  const common = { ...when, device: deviceOf(attributes), flags: flagsOf(metadata) }
  const measure = measureCalled(id)
  if (type === APPLE_SLEEP)
    return run.add(
      { ...common, code: measure.units[0].loinc, unit: 'min', value: tidied(when.durationMs / 60_000) },
      type,
    )
  const value = numberOf(text)
  if (value === null) return run.skip('noValue', type)
  const unit = unitOf(measure, written)
  if (unit === null) return run.skip('unknownUnit', `${type} ${written}`)
  const shown = APPLE_FRACTIONS.has(id) && unit.ucum === '%' && value <= 1 ? tidied(value * 100) : value
  const meal = MEALS_OF_APPLE[metadata.get('HKBloodGlucoseMealTime') ?? ''] ?? null
  run.add({ ...common, code: unit.loinc, unit: unit.ucum, value: shown, meal }, type)
}

/** Blood pressure once, from correlations and from the two halves of the same, in whatever order they come. */
function createPressures(run: ImportRun) {
  const told = new Set<string>()
  const waiting = new Map<string, { input: ReadingInput; type: string }>()
  const inputOf = (id: MeasureId, attributes: Attributes, flags: readonly Flag[]): ReadingInput | null => {
    const { type = '', unit: written = '' } = attributes
    const when = whenOf(attributes)
    const value = numberOf(attributes['value'])
    const unit = unitOf(measureCalled(id), written)
    if (when === null) run.skip('noTime', type)
    else if (value === null) run.skip('noValue', type)
    else if (unit === null) run.skip('unknownUnit', `${type} ${written}`)
    else return { ...when, code: unit.loinc, unit: unit.ucum, value, device: deviceOf(attributes), flags }
    return null
  }
  const tell = (upper: ReadingInput, lower: ReadingInput, what: string) => {
    const key = `${upper.timeMs} ${String(upper.value)} ${String(lower.value)} ${upper.device}`
    if (told.has(key)) return run.skip('twiceInFile', what)
    if (told.size < PRESSURES_MAX) told.add(key)
    const components = [upper, lower].map(({ code, value }) => ({ code, value: value ?? null }))
    run.add({ ...upper, code: BLOOD_PRESSURE, value: null, components }, what)
  }
  return {
    whole({ attributes, metadata, parts }: OpenRecord & { readonly parts: readonly Attributes[] }) {
      const of = (type: string, id: MeasureId) => {
        const part = parts.find((one) => one['type'] === type)
        return part === undefined ? null : inputOf(id, part, flagsOf(metadata))
      }
      const [upper, lower] = [of(APPLE_SYSTOLIC, 'systolic'), of(APPLE_DIASTOLIC, 'diastolic')]
      if (upper === null || lower === null || upper.unit !== lower.unit)
        return run.skip('noValue', attributes['type'] ?? '')
      tell(upper, lower, APPLE_PRESSURE)
    },
    part({ attributes, metadata }: OpenRecord) {
      const { type = '' } = attributes
      const isUpper = type === APPLE_SYSTOLIC
      const input = inputOf(isUpper ? 'systolic' : 'diastolic', attributes, flagsOf(metadata))
      if (input === null) return
      const place = (half: string) => `${half} ${input.timeMs} ${input.unit} ${input.device}`
      const other = waiting.get(place(isUpper ? APPLE_DIASTOLIC : APPLE_SYSTOLIC))
      if (other === undefined) {
        if (waiting.size < PRESSURES_MAX && !waiting.has(place(type))) waiting.set(place(type), { input, type })
        else run.add(input, type)
        return
      }
      waiting.delete(place(other.type))
      if (isUpper) tell(input, other.input, APPLE_PRESSURE)
      else tell(other.input, input, APPLE_PRESSURE)
    },
    /** Halves that stayed alone. */
    rest() {
      for (const { input, type } of waiting.values()) run.add(input, type)
      waiting.clear()
    },
  }
}

/** The export as its XML lies in the zip. */
export async function* importAppleXml(pieces: Pieces): AsyncGenerator<ImportBatch> {
  const run = createImportRun()
  const xml = createAppleExport(run)
  const decoder = new TextDecoder('utf-8')
  let doneBytes = 0
  for await (const piece of pieces) {
    doneBytes += piece.length
    xml.write(decoder.decode(piece, { stream: true }))
    if (run.isFull) yield run.batch(doneBytes)
  }
  xml.write(decoder.decode())
  xml.close()
  yield run.batch(doneBytes)
}
