import {
  FitMessageReaderError,
  type FitRawMessage,
  fitTimestampToUnixMilliseconds,
  readFitMessages,
} from 'fit-file-parser/raw'
import { BLOOD_PRESSURE, measureCalled, type MeasureId } from '../measures.ts'
import type { Flag, ReadingInput } from '../reading.ts'
import {
  createImportRun,
  type ImportBatch,
  ImportFault,
  type ImportRun,
  type Pieces,
  plainText,
  WHOLE_BYTES_MAX,
  wholeOf,
} from './import-run.ts'

// FIT files of watches, scales and cuffs: message and field numbers are those of Garmin's public FIT profile.

const MESSAGE = {
  fileId: 0,
  record: 20,
  weight: 30,
  activity: 34,
  pressure: 51,
  monitoring: 55,
  oxygen: 269,
  breathing: 297,
} as const
const TIMESTAMP = 253

export interface FitOptions {
  /** What to call the device; files have only numbers for it. */
  readonly device: string
}

/** @throws ImportFault for a file that is none, is too large or fails its check. */
export async function* importFit(pieces: Pieces, { device }: FitOptions): AsyncGenerator<ImportBatch> {
  const bytes = await wholeOf(pieces)
  const run = createImportRun()
  let offsetMinutes: number | null = null
  let lastSeconds: number | null = null
  const messages = messagesOf(bytes)
  for (const message of messages)
    if (message.globalMessageNumber === MESSAGE.activity) offsetMinutes = offsetOf(message)
  for (const message of messages) {
    const { timestamp, globalMessageNumber: number } = message
    const seconds: number | null = timestamp ?? shortTime(message, lastSeconds)
    if (seconds !== null) lastSeconds = seconds
    const what = NAMES[number]
    if (what === undefined) continue
    if (seconds === null) run.skip('noTime', what)
    else
      TAKE[number]?.(run, message, {
        timeMs: fitTimestampToUnixMilliseconds(seconds),
        offsetMinutes,
        device: plainText(device) || 'FIT',
      })
    if (run.isFull) yield run.batch(bytes.length)
  }
  yield run.batch(bytes.length)
}

function messagesOf(bytes: Uint8Array): readonly FitRawMessage[] {
  try {
    return readFitMessages(bytes, { maxInputBytes: WHOLE_BYTES_MAX, messageNumbers: Object.values(MESSAGE) }).messages
  } catch (cause) {
    if (!(cause instanceof FitMessageReaderError)) throw cause
    // Bytes 8 to 11 of a header say what it is (FIT protocol, section 3.3.1).
    const isFit = new TextDecoder().decode(bytes.subarray(8, 12)) === '.FIT'
    throw new ImportFault(isFit ? 'damaged' : 'notThisKind', 'no FIT file, or a spoilt one', { cause })
  }
}

const NAMES: Readonly<Record<number, string>> = {
  [MESSAGE.record]: 'record',
  [MESSAGE.weight]: 'weight_scale',
  [MESSAGE.pressure]: 'blood_pressure',
  [MESSAGE.monitoring]: 'monitoring',
  [MESSAGE.oxygen]: 'spo2_data',
  [MESSAGE.breathing]: 'respiration_rate',
}

/** An unsigned field of one, two or four bytes; null where it is not there, or all its bits are set. */
function fieldOf({ fields, littleEndian }: FitRawMessage, number: number): number | null {
  const field = fields.find(({ fieldNumber }) => fieldNumber === number)
  if (field === undefined || (field.size !== 1 && field.size !== 2 && field.size !== 4)) return null
  let [value, all] = [0, 0]
  for (let i = 0; i < field.size; i++) {
    value = value * 256 + (field.bytes[littleEndian ? field.size - 1 - i : i] ?? 0)
    all = all * 256 + 255
  }
  return value === all ? null : value
}

/** Monitoring messages carry the lower 16 bits of the time, after one that carries all. */
function shortTime(message: FitRawMessage, last: number | null): number | null {
  const short = message.globalMessageNumber === MESSAGE.monitoring ? fieldOf(message, 26) : null
  return short === null || last === null ? null : last + ((short - (last % 65_536) + 65_536) % 65_536)
}

/** An activity says what a clock on the wall showed at its end. */
function offsetOf(message: FitRawMessage): number | null {
  const [utc, local] = [fieldOf(message, TIMESTAMP), fieldOf(message, 5)]
  const minutes = utc === null || local === null ? Number.NaN : Math.round((local - utc) / 60)
  return Math.abs(minutes) <= 840 ? minutes : null
}

type Common = Pick<ReadingInput, 'timeMs' | 'offsetMinutes' | 'device'>
type Take = (run: ImportRun, message: FitRawMessage, common: Common) => void

function one(
  run: ImportRun,
  id: MeasureId,
  value: number | null,
  common: Common & { readonly flags?: readonly Flag[] },
): void {
  const [unit] = measureCalled(id).units
  if (value !== null) run.add({ ...common, code: unit.loinc, unit: unit.ucum, value }, id)
}
const scaled = (value: number | null, by: number) => (value === null ? null : value / by)

/** All bits but the last: the scale was still weighing. */
const WEIGHING = 0xfffe
const STATUS_ERRORS = new Set([1, 2, 3])

const TAKE: Readonly<Record<number, Take>> = {
  [MESSAGE.record]: (run, message, common) => {
    const pulse = fieldOf(message, 3)
    if (pulse === null || pulse === 0) run.skip('noValue', 'record')
    else one(run, 'pulse', pulse, common)
  },
  [MESSAGE.monitoring](run, message, common) {
    const pulse = fieldOf(message, 27)
    if (pulse === null || pulse === 0) run.skip('noValue', 'monitoring')
    else one(run, 'pulse', pulse, common)
  },
  [MESSAGE.oxygen]: (run, message, common) => one(run, 'oxygen', fieldOf(message, 0), common),
  [MESSAGE.breathing]: (run, message, common) => one(run, 'breathing', scaled(fieldOf(message, 0), 100), common),
  [MESSAGE.weight](run, message, common) {
    const weight = fieldOf(message, 0)
    if (weight === null || weight === WEIGHING) return run.skip('noValue', 'weight_scale')
    one(run, 'weight', weight / 100, common)
    one(run, 'bodyFat', scaled(fieldOf(message, 1), 100), common)
    one(run, 'muscle', scaled(fieldOf(message, 5), 100), common)
    one(run, 'bmi', scaled(fieldOf(message, 13), 10), common)
  },
  [MESSAGE.pressure](run, message, common) {
    const [upper, lower, mean, pulse] = [0, 1, 2, 6].map((number) => fieldOf(message, number))
    const status = fieldOf(message, 8)
    if (upper === null || upper === undefined || lower === null || lower === undefined)
      return run.skip('noValue', 'blood_pressure')
    const flags: readonly Flag[] =
      status === 4 ? ['irregularPulse'] : status !== null && STATUS_ERRORS.has(status) ? ['deviceError'] : []
    const values: readonly (readonly [MeasureId, number | null | undefined])[] = [
      ['systolic', upper],
      ['diastolic', lower],
      ['meanPressure', mean],
    ]
    const components = values.flatMap(([id, value]) =>
      value === null || value === undefined ? [] : [{ code: measureCalled(id).units[0].loinc, value }],
    )
    run.add({ ...common, code: BLOOD_PRESSURE, unit: 'mm[Hg]', components, flags }, 'blood_pressure')
    one(run, 'pulse', pulse ?? null, { ...common, flags })
  },
}
