import { numberAt, textAt } from '../json.ts'
import type { Flag, ReadingInput } from '../reading.ts'
import { createImportRun, type ImportBatch, ImportFault, jsonOf, type Pieces, plainText } from './import-run.ts'

// The entries list of Nightscout (api/v1/entries.json): glucose of sensors, and of meters for calibrating them, in mg/dL.

/** Below this a sensor tells what is wrong with it. */
const LOWEST_VALUE = 39
const HIGHEST_VALUE = 400

export async function* importNightscout(pieces: Pieces): AsyncGenerator<ImportBatch> {
  const { json, bytes } = await jsonOf(pieces)
  if (!Array.isArray(json)) throw new ImportFault('notThisKind', 'no list of entries')
  const entries: readonly unknown[] = json
  if (!entries.some((entry) => numberAt(entry, 'date') !== null && textAt(entry, 'type') !== null))
    throw new ImportFault('notThisKind', 'no list of entries')
  const run = createImportRun()
  for (const entry of entries) {
    const type = textAt(entry, 'type') ?? ''
    const field = type === 'sgv' || type === 'mbg' ? type : null
    const timeMs = numberAt(entry, 'date')
    const value = field === null ? null : numberAt(entry, field)
    if (field === null) run.skip(type === 'cal' ? 'notOfThePatient' : 'unknownKind', type)
    else if (timeMs === null) run.skip('noTime', type)
    else if (value === null) run.skip('noValue', type)
    else
      run.add(
        {
          ...measured(field, value),
          timeMs: Math.round(timeMs),
          offsetMinutes: offsetOf(entry),
          device: plainText(textAt(entry, 'device') ?? '') || 'Nightscout',
        },
        type,
      )
    if (run.isFull) yield run.batch(bytes)
  }
  yield run.batch(bytes)
}

/** Uploaders say minutes; some say nothing, some say what no zone has. */
function offsetOf(entry: unknown): number | null {
  const minutes = numberAt(entry, 'utcOffset')
  return minutes !== null && Number.isInteger(minutes) && Math.abs(minutes) <= 840 ? minutes : null
}

// Its own id is left out: it is another one each time an uploader sends an entry again.
function measured(field: 'sgv' | 'mbg', value: number): Pick<ReadingInput, 'code' | 'unit' | 'value' | 'flags'> {
  if (field === 'mbg') return { code: '2339-0', unit: 'mg/dL', value }
  const flags: readonly Flag[] =
    value < LOWEST_VALUE
      ? ['deviceError']
      : value === LOWEST_VALUE
        ? ['belowRange']
        : value > HIGHEST_VALUE
          ? ['aboveRange']
          : []
  return { code: '99504-3', unit: 'mg/dL', value: value < LOWEST_VALUE ? null : value, flags }
}
