import {
  FLAGS,
  MEALS,
  placed,
  readMoment,
  type Reading,
  ReadingFault,
  readingOf,
  type ReadingProblem,
} from '@medguard/readings'

/** What is known where a reading comes in, beside what it says itself. */
export interface ReadFrom {
  /** The source's name where a reading names none. */
  readonly device: string
  readonly nowMs: number
  /** Here and now, east of UTC: for a clock that tells no zone. */
  readonly offsetMinutes: number
}

const isText = (value: unknown) => typeof value === 'string'
const isNumber = (value: unknown) => typeof value === 'number'
const isNumberOrNull = (value: unknown) => value === null || isNumber(value)
const isComponent = (value: unknown) =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).toSorted().join() === 'code,value' &&
  isText(Reflect.get(value, 'code')) &&
  isNumberOrNull(Reflect.get(value, 'value'))

/** What each field has to be before it is looked into, and what it is called when it is not. */
const FIELDS: Readonly<Record<string, readonly [(value: unknown) => boolean, ReadingProblem['kind']]>> = {
  code: [isText, 'BadCode'],
  unit: [isText, 'BadUnit'],
  value: [isNumberOrNull, 'BadValue'],
  components: [(value) => Array.isArray(value) && value.every(isComponent), 'BadComponents'],
  time: [isText, 'BadTime'],
  clock: [isText, 'BadTime'],
  durationMs: [isNumber, 'BadTime'],
  device: [isText, 'BadSource'],
  id: [isText, 'BadSource'],
  sequence: [isNumber, 'BadSource'],
  flags: [(value) => Array.isArray(value) && value.every((each) => FLAGS.some((flag) => flag === each)), 'BadFlags'],
  meal: [(value) => MEALS.some((meal) => meal === value), 'BadFlags'],
}

/**
 * Reads one reading as devices write it (docs/readings.md, "As JSON"). `time` is a moment with its zone; `clock` is a clock on the wall, and stays beside the time that it
 * was taken for; with neither it was measured now.
 *
 * @throws ReadingFault, which names what is wrong and nothing of the reading.
 */
export function readingIn(value: unknown, { device, nowMs, offsetMinutes }: ReadFrom): Reading {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ReadingFault({ kind: 'BadValue' })
  const from: Readonly<Partial<Record<string, unknown>>> = { code: '', unit: '', ...value }
  for (const [name, each] of Object.entries(from)) {
    const [isRight, kind] = FIELDS[name] ?? [() => false, 'BadValue']
    if (!isRight(each)) throw new ReadingFault({ kind })
  }
  const time = timeIn(from, nowMs, offsetMinutes)
  return readingOf({
    ...(from as Pick<Reading, 'code' | 'unit'>),
    ...time,
    device: typeof from['device'] === 'string' ? from['device'] : device,
  })
}

function timeIn(from: Readonly<Partial<Record<string, unknown>>>, nowMs: number, offsetMinutes: number) {
  const { time, clock } = from
  const [moment, wall] = [time, clock].map((each) => (typeof each === 'string' ? readMoment(each) : null))
  const isBad =
    (time !== undefined && (moment === null || moment === undefined || moment.offsetMinutes === null)) ||
    (clock !== undefined && (wall === null || wall === undefined || wall.offsetMinutes !== null)) ||
    (time !== undefined && clock !== undefined)
  if (isBad) throw new ReadingFault({ kind: 'BadTime' })
  if (moment) return { timeMs: moment.ms, clockMs: moment.ms, offsetMinutes: moment.offsetMinutes, receivedMs: nowMs }
  return placed({ clockMs: wall?.ms ?? null, receivedMs: nowMs, offsetMinutes })
}
