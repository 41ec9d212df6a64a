import { createWriter, type Reader, SegmentFault, type Writer } from './bytes.ts'

// A column is one property of many readings. Devices measure in regular steps and say the same of each reading, so most columns are a few bytes however many readings there are.

const MODE = { same: 0, plain: 1, steps: 2, runs: 3 } as const

/** Whole numbers from -(2^51) to 2^51, in the shortest of the ways that a column can be written in. */
export function writeColumn(writer: Writer, values: readonly number[]): void {
  const [first = 0] = values
  if (values.every((value) => value === first)) {
    writer.byte(MODE.same)
    writer.zigzag(first)
    return
  }
  const ways: readonly (readonly [number, (to: Writer) => void])[] = [
    [MODE.plain, (to) => values.forEach((value) => to.zigzag(value))],
    [MODE.steps, (to) => values.forEach((value, i) => to.zigzag(value - (values[i - 1] ?? 0)))],
    [MODE.runs, (to) => writeRuns(to, values)],
  ]
  let best: { mode: number; way: (to: Writer) => void; bytes: number } | null = null
  for (const [mode, way] of ways) {
    const tried = createWriter()
    way(tried)
    if (best === null || tried.length < best.bytes) best = { mode, way, bytes: tried.length }
  }
  writer.byte(best?.mode ?? MODE.plain)
  best?.way(writer)
}

function writeRuns(to: Writer, values: readonly number[]): void {
  let from = 0
  while (from < values.length) {
    const value = values[from] ?? 0
    let end = from + 1
    while (end < values.length && values[end] === value) end++
    to.varint(end - from)
    to.zigzag(value)
    from = end
  }
}

export function readColumn(reader: Reader, count: number): number[] {
  const mode = reader.byte()
  const values: number[] = []
  switch (mode) {
    case MODE.same:
      return Array.from<number>({ length: count }).fill(reader.zigzag())
    case MODE.plain:
      for (let i = 0; i < count; i++) values.push(reader.zigzag())
      return values
    case MODE.steps:
      for (let i = 0, value = 0; i < count; i++) {
        value += reader.zigzag()
        values.push(value)
      }
      return values
    case MODE.runs:
      while (values.length < count) {
        const length = reader.varint(count - values.length)
        if (length === 0) throw new SegmentFault('an empty run')
        const value = reader.zigzag()
        for (let i = 0; i < length; i++) values.push(value)
      }
      return values
    default:
      throw new SegmentFault('a column of another version')
  }
}

/** Moments in order: the first, then the steps in a unit that all of them are whole multiples of. */
export function writeTimes(writer: Writer, times: readonly number[]): void {
  const steps = times.slice(1).map((ms, i) => ms - (times[i] ?? ms))
  const unit = Math.max(steps.reduce(commonDivisor, 0), 1)
  writer.varint(times[0] ?? 0)
  writer.varint(unit)
  writeColumn(
    writer,
    steps.map((step) => step / unit),
  )
}

export function readTimes(reader: Reader, count: number, maxMs: number): number[] {
  const first = reader.varint(maxMs)
  const unit = reader.varint(maxMs)
  let ms = first
  return [
    first,
    ...readColumn(reader, count - 1).map((step) => {
      ms += step * unit
      if (!Number.isSafeInteger(ms) || step < 0 || ms > maxMs) throw new SegmentFault('a time out of bounds')
      return ms
    }),
  ]
}

function commonDivisor(a: number, b: number): number {
  let [x, y] = [a, b]
  while (y !== 0) [x, y] = [y, x % y]
  return x
}

/** A column of words, of which few are different. */
export function writeWords(writer: Writer, values: readonly string[]): void {
  const different = [...new Set(values)]
  const places = new Map(different.map((text, place) => [text, place]))
  writer.varint(different.length)
  for (const text of different) writer.text(text)
  writeColumn(
    writer,
    values.map((text) => places.get(text) ?? 0),
  )
}

export function readWords(reader: Reader, count: number, bytesMax: number): string[] {
  const different: string[] = []
  for (let left = reader.varint(count); left > 0; left--) different.push(reader.text(bytesMax))
  return readColumn(reader, count).map((place) => {
    const text = different[place]
    if (text === undefined) throw new SegmentFault('a word that is not there')
    return text
  })
}

/** Null as zero, others one further from it. */
export const fromNull = (value: number | null): number => (value === null ? 0 : value < 0 ? value : value + 1)
export const toNull = (stored: number): number | null => (stored === 0 ? null : stored < 0 ? stored : stored - 1)
