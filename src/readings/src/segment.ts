import { createReader, createWriter, type Reader, SegmentFault, type Writer } from './bytes.ts'
import { fromNull, readColumn, readTimes, readWords, toNull, writeColumn, writeTimes, writeWords } from './columns.ts'
import { COMPONENTS_MAX, FLAGS, MEALS, partsOf, problemOf, type Reading, TIME_MAX_MS } from './reading.ts'

// The body of a record that holds readings, byte by byte in docs/readings.md.

export const SEGMENT_MEDIA_TYPE = 'application/vnd.medguard.readings'
/** More than any batch that is posted (16 KB), fewer than would keep a page busy. */
export const SEGMENT_READINGS_MAX = 20_000
/** Of what somebody else wrote: one that says it is larger is no segment. */
export const SEGMENT_BYTES_MAX = 4 * 1024 * 1024
const SERIES_MAX = 256
const MAGIC = 'MGR1'
/** UTF-8 of the longest text. */
const TEXT_BYTES_MAX = 480

/** What of a series is written; a bit that is not set stands for what the right says. */
const HAS = {
  duration: 1, // zero
  clock: 2, // the same as the time
  offset: 4, // null
  received: 8, // null
  receivedSteps: 16, // as moments; else as the time between measuring and receiving
  flags: 32, // none
  meal: 64, // null
  sequence: 128, // null
  ids: 256, // null
  also: 512, // none
  missing: 1024, // every value is there
  doubles: 2048, // whole numbers times a power of ten
} as const
const HAS_ALL = 4095
const DECIMALS_MAX = 9

/** Readings of one device, code, unit and set of components. */
interface Series {
  readonly device: string
  readonly code: string
  readonly unit: string
  readonly parts: readonly string[]
  readonly readings: readonly Reading[]
}

/**
 * Readings as the body of one record: same readings, same bytes, in whatever order they come.
 *
 * @throws SegmentFault for none, for more than `SEGMENT_READINGS_MAX`, and for one that is none (`problemOf`).
 */
export function encodeSegment(readings: readonly Reading[]): Uint8Array {
  if (readings.length === 0 || readings.length > SEGMENT_READINGS_MAX)
    throw new SegmentFault('too many readings or none')
  if (readings.some((reading) => problemOf(reading) !== null)) throw new SegmentFault('a reading that is none')
  const all = seriesOf(readings)
  if (all.length > SERIES_MAX) throw new SegmentFault('too many kinds of readings')
  const writer = createWriter()
  for (const letter of MAGIC) writer.byte(letter.charCodeAt(0))
  writer.varint(all.length)
  for (const series of all) writeSeries(writer, series)
  return writer.done()
}

/**
 * The readings of a segment in the order of `inOrder`. Its author may be hostile.
 *
 * @throws SegmentFault for anything that is no segment of this version.
 */
export function decodeSegment(bytes: Uint8Array): Reading[] {
  if (bytes.length > SEGMENT_BYTES_MAX) throw new SegmentFault('too large')
  const reader = createReader(bytes)
  for (const letter of MAGIC)
    if (reader.byte() !== letter.charCodeAt(0)) throw new SegmentFault('no segment, or of another version')
  const readings: Reading[] = []
  for (let left = reader.varint(SERIES_MAX); left > 0; left--) {
    for (const reading of readSeries(reader, SEGMENT_READINGS_MAX - readings.length)) {
      if (problemOf(reading) !== null) throw new SegmentFault('a reading that is none')
      readings.push(reading)
    }
  }
  if (!reader.isAtEnd) throw new SegmentFault('something follows the last reading')
  if (readings.length === 0) throw new SegmentFault('no readings')
  return inOrder(readings)
}

const compared = (a: number | string, b: number | string) => (a < b ? -1 : a > b ? 1 : 0)
const seriesKey = ({ source, code, unit, components }: Reading) =>
  [source.device, code, unit, ...components.map((part) => part.code)].join('\n')
/** Whatever else two readings of one series at one moment differ in. */
const restKey = (reading: Reading) => JSON.stringify(reading)
/** By time, then by device and kind: the one order that readings have. */
export const inOrder = (readings: readonly Reading[]): Reading[] =>
  readings.toSorted(
    (a, b) => a.timeMs - b.timeMs || compared(seriesKey(a), seriesKey(b)) || compared(restKey(a), restKey(b)),
  )

function seriesOf(readings: readonly Reading[]): Series[] {
  const all = new Map<string, Series & { readings: Reading[] }>()
  for (const reading of inOrder(readings)) {
    const key = seriesKey(reading)
    const known = all.get(key)
    if (known !== undefined) known.readings.push(reading)
    else {
      const { source, code, unit, components } = reading
      all.set(key, {
        device: source.device,
        code,
        unit,
        parts: components.map((part) => part.code),
        readings: [reading],
      })
    }
  }
  return [...all].toSorted(([a], [b]) => compared(a, b)).map(([, series]) => series)
}

function writeSeries(writer: Writer, { device, code, unit, parts, readings }: Series): void {
  const of = (pick: (reading: Reading) => number) => readings.map(pick)
  const received = of(({ receivedMs }) => fromNull(receivedMs))
  const waited = of(({ receivedMs, timeMs }) => fromNull(receivedMs === null ? null : receivedMs - timeMs))
  const asMoments = sizeOf(received) < sizeOf(waited)
  const values = readings.map(partsOf)
  const decimals = decimalsOfAll(values.flatMap((one) => one.map(({ value }) => value ?? 0)))
  const sequences = of(({ source }) => fromNull(source.sequence))
  const columns = [
    [HAS.duration, of(({ durationMs }) => durationMs)],
    [HAS.clock, of(({ clockMs, timeMs }) => clockMs - timeMs)],
    [HAS.offset, of(({ offsetMinutes }) => fromNull(offsetMinutes))],
    [HAS.received, asMoments ? received : waited],
    [HAS.flags, of(({ flags }) => flags.reduce((bits, flag) => bits + 2 ** FLAGS.indexOf(flag), 0))],
    [HAS.meal, of(({ meal }) => (meal === null ? 0 : MEALS.indexOf(meal) + 1))],
    [HAS.sequence, sequences],
  ] as const
  const isWritten = (column: readonly number[]) => column.some((value) => value !== 0)
  const has = {
    ids: readings.some(({ source }) => source.id !== null),
    also: readings.some(({ also }) => also.length > 0),
    missing: values.some((one) => one.some(({ value }) => value === null)),
  }
  writer.text(device)
  writer.text(code)
  writer.text(unit)
  writer.varint(parts.length)
  for (const part of parts) writer.text(part)
  writer.varint(readings.length)
  writer.varint(
    columns.reduce((bits, [bit, column]) => bits + (isWritten(column) ? bit : 0), 0) +
      (asMoments && isWritten(received) ? HAS.receivedSteps : 0) +
      (has.ids ? HAS.ids : 0) +
      (has.also ? HAS.also : 0) +
      (has.missing ? HAS.missing : 0) +
      (decimals === null ? HAS.doubles : 0),
  )
  writeTimes(
    writer,
    of(({ timeMs }) => timeMs),
  )
  for (const [, column] of columns) if (isWritten(column)) writeColumn(writer, column)
  if (has.ids)
    writeWords(
      writer,
      readings.map(({ source }) => source.id ?? ''),
    )
  if (has.also)
    writeWords(
      writer,
      readings.map(({ also }) => also.join('\n')),
    )
  if (decimals !== null) writer.byte(decimals)
  for (let place = 0; place < Math.max(parts.length, 1); place++) {
    const column = values.map((one) => one[place]?.value ?? null)
    if (has.missing)
      writeColumn(
        writer,
        column.map((value) => (value === null ? 0 : 1)),
      )
    if (decimals === null) for (const value of column) writer.double(value ?? 0)
    else
      writeColumn(
        writer,
        column.map((value) => Math.round((value ?? 0) * 10 ** decimals)),
      )
  }
}

function sizeOf(values: readonly number[]): number {
  const tried = createWriter()
  writeColumn(tried, values)
  return tried.length
}

/** How many decimal places make whole numbers of all of them, without losing a bit; null where nine do not. */
function decimalsOfAll(values: readonly number[]): number | null {
  let decimals = 0
  for (const value of values) {
    while (!isWholeAt(value, decimals)) if (++decimals > DECIMALS_MAX) return null
  }
  // More places may spoil what fewer were enough for.
  return values.every((value) => isWholeAt(value, decimals)) ? decimals : null
}
function isWholeAt(value: number, decimals: number): boolean {
  const whole = Math.round(value * 10 ** decimals)
  return Math.abs(whole) <= 2 ** 50 && whole / 10 ** decimals === value
}

function readSeries(reader: Reader, countMax: number): Reading[] {
  const [device, code, unit] = [reader.text(TEXT_BYTES_MAX), reader.text(16), reader.text(24)]
  const parts: string[] = []
  for (let left = reader.varint(COMPONENTS_MAX); left > 0; left--) parts.push(reader.text(16))
  const count = reader.varint(countMax)
  if (count === 0) throw new SegmentFault('a series of none')
  const bits = reader.varint(HAS_ALL)
  const has = (bit: number) => Math.floor(bits / bit) % 2 === 1
  const nothing = Array.from<number>({ length: count }).fill(0)
  const column = (bit: number) => (has(bit) ? readColumn(reader, count) : nothing)
  const times = readTimes(reader, count, TIME_MAX_MS)
  const durations = column(HAS.duration)
  const clocks = column(HAS.clock)
  const offsets = column(HAS.offset)
  const received = column(HAS.received)
  const flags = column(HAS.flags)
  const meals = column(HAS.meal)
  const sequences = column(HAS.sequence)
  const ids = has(HAS.ids) ? readWords(reader, count, TEXT_BYTES_MAX) : []
  const also = has(HAS.also) ? readWords(reader, count, 8 * TEXT_BYTES_MAX) : []
  const decimals = has(HAS.doubles) ? null : reader.byte()
  if (decimals !== null && decimals > DECIMALS_MAX) throw new SegmentFault('too many decimal places')
  const values = Array.from({ length: Math.max(parts.length, 1) }, () =>
    readValues(reader, { count, decimals, hasMissing: has(HAS.missing) }),
  )
  return times.map((timeMs, i) => {
    const at = (numbers: readonly number[]) => numbers[i] ?? 0
    const got = toNull(at(received))
    const numbers = values.map((one) => one[i] ?? null)
    return {
      timeMs,
      durationMs: at(durations),
      clockMs: timeMs + at(clocks),
      offsetMinutes: toNull(at(offsets)),
      receivedMs: got === null ? null : has(HAS.receivedSteps) ? got : got + timeMs,
      code,
      unit,
      value: parts.length === 0 ? (numbers[0] ?? null) : null,
      components: parts.map((part, place) => ({ code: part, value: numbers[place] ?? null })),
      source: { device, id: ids[i] === undefined || ids[i] === '' ? null : ids[i], sequence: toNull(at(sequences)) },
      flags: flagsOf(at(flags)),
      meal: mealOf(at(meals)),
      also: also[i] === undefined || also[i] === '' ? [] : also[i].split('\n'),
    }
  })
}

interface ValueShape {
  readonly count: number
  /** Null for doubles. */
  readonly decimals: number | null
  readonly hasMissing: boolean
}
function readValues(reader: Reader, { count, decimals, hasMissing }: ValueShape): (number | null)[] {
  const there = hasMissing ? readColumn(reader, count) : null
  const values =
    decimals === null
      ? Array.from({ length: count }, () => reader.double())
      : readColumn(reader, count).map((whole) => whole / 10 ** decimals)
  return values.map((value, i) => {
    const isThere = there?.[i] ?? 1
    if (isThere === 1) return value === 0 ? 0 : value
    if (isThere !== 0 || value !== 0) throw new SegmentFault('a value that is there and is not')
    return null
  })
}

function flagsOf(bits: number): Reading['flags'] {
  if (bits < 0 || bits >= 2 ** FLAGS.length) throw new SegmentFault('a flag of another version')
  return FLAGS.filter((_, place) => Math.floor(bits / 2 ** place) % 2 === 1)
}
function mealOf(place: number): Reading['meal'] {
  if (place === 0) return null
  const meal = MEALS[place - 1]
  if (meal === undefined) throw new SegmentFault('a meal of another version')
  return meal
}
