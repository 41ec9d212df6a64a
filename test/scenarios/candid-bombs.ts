import { encodeArg, IDL, type Method } from '@medguard/protocol'

// Argument bytes made to hurt: small messages that a trusting decoder pays for with billions of instructions (reliability.md, section 3).

export interface Bomb {
  readonly name: string
  readonly bytes: Uint8Array
}

const MAGIC = [0x44, 0x49, 0x44, 0x4c]
const NULL = 0x7f
const BOOL = 0x7e
const NAT = 0x7d
const NAT8 = 0x7b
const TEXT = 0x71
const RESERVED = 0x70
const OPT = 0x6e
const VEC = 0x6d
const RECORD = 0x6c
const VARIANT = 0x6b

/** Types of the table, types of the arguments (one byte each), and whatever follows. */
const candid = (
  table: readonly (readonly number[])[],
  args: readonly number[],
  values: Uint8Array | readonly number[] = [],
): Uint8Array =>
  Uint8Array.from([...MAGIC, ...leb(table.length), ...table.flat(), ...leb(args.length), ...args, ...values])

export function leb(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80)
  return [...bytes, rest]
}

/** As long as a message may be and a little under three million: twelve bytes in all for a vector of nothing. */
const MANY = leb(2_000_000)
const times = (count: number, ...bytes: readonly number[]): number[] =>
  Array.from({ length: Math.max(0, Math.floor(count)) }, () => bytes).flat()

/** Bombs that do not depend on the method. None is longer than 64 bytes, the least that a method accepts, unless it says so. */
const BOMBS: readonly Bomb[] = [
  { name: 'nothing', bytes: new Uint8Array() },
  { name: 'magic alone', bytes: Uint8Array.from(MAGIC) },
  { name: 'wrong magic', bytes: Uint8Array.from([0x44, 0x49, 0x44, 0x4d, 0, 0]) },
  { name: 'two million nulls in twelve bytes', bytes: candid([[VEC, NULL]], [0], MANY) },
  {
    name: 'vector of vectors of nulls',
    bytes: candid(
      [
        [VEC, 1],
        [VEC, NULL],
      ],
      [0],
      [1, ...MANY],
    ),
  },
  { name: 'two million reserved values', bytes: candid([[VEC, RESERVED]], [0], MANY) },
  {
    name: 'two million empty records',
    bytes: candid(
      [
        [VEC, 1],
        [RECORD, 0],
      ],
      [0],
      MANY,
    ),
  },
  {
    name: 'two million records of nulls',
    bytes: candid(
      [
        [VEC, 1],
        [RECORD, 2, 0, NULL, 1, NULL],
      ],
      [0],
      MANY,
    ),
  },
  {
    name: 'nulls in an unknown field',
    bytes: candid(
      [
        [RECORD, 1, 9, 1],
        [VEC, NULL],
      ],
      [0],
      MANY,
    ),
  },
  { name: 'a claimed length of four billion', bytes: candid([[VEC, NAT8]], [0], [0xff, 0xff, 0xff, 0xff, 0x0f]) },
  { name: 'a claimed length beyond 64 bits', bytes: candid([[VEC, NAT8]], [0], [...times(11, 0xff), 1]) },
  { name: 'a record inside itself', bytes: candid([[RECORD, 1, 0, 0]], [0]) },
  {
    name: 'two records inside each other',
    bytes: candid(
      [
        [RECORD, 1, 0, 1],
        [RECORD, 1, 0, 0],
      ],
      [0],
    ),
  },
  { name: 'a type that is not in the table', bytes: candid([[VEC, 9]], [0], [0]) },
  { name: 'an argument type that is not in the table', bytes: candid([], [3]) },
  { name: 'a function', bytes: candid([[0x6a, 0, 0, 0]], [0], [0]) },
  { name: 'a service', bytes: candid([[0x69, 0]], [0], [1, 0]) },
  { name: 'a type of the future', bytes: candid([[0x60, 1, 0]], [0], [0, 0]) },
  { name: 'a table of four billion types', bytes: Uint8Array.from([...MAGIC, 0xff, 0xff, 0xff, 0xff, 0x0f]) },
  { name: 'four billion arguments', bytes: Uint8Array.from([...MAGIC, 0, 0xff, 0xff, 0xff, 0xff, 0x0f]) },
  { name: 'a record of four billion fields', bytes: candid([[RECORD, 0xff, 0xff, 0xff, 0xff, 0x0f]], [0]) },
  { name: 'fields out of order', bytes: candid([[RECORD, 2, 5, NULL, 5, NULL]], [0]) },
  { name: 'an optional inside itself, thirty deep', bytes: candid([[OPT, 0]], [0], [...times(30, 1), 0]) },
  { name: 'an arm that the variant does not have', bytes: candid([[VARIANT, 1, 0, NULL]], [0], [7]) },
  { name: 'a number without end', bytes: candid([], [NAT], times(40, 0xff)) },
  { name: 'text that is not UTF-8', bytes: candid([], [TEXT], [4, 0xed, 0xa0, 0x80, 0xc0]) },
  { name: 'an overlong number', bytes: candid([[VEC, NAT8]], [0], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]) },
  { name: 'a principal of a hundred bytes', bytes: candid([], [0x68], [1, 100, ...times(20, 1)]) },
  { name: 'an opaque principal', bytes: candid([], [0x68], [0]) },
]

/** Everything to throw at one method: no longer than it accepts, so that size alone does not save it. */
const UNKNOWN_FIELD = 'booleans in an unknown field'
const isAllOptional = ({ arg: { idl } }: Method<unknown, unknown>): boolean =>
  idl instanceof IDL.RecordClass && idl._fields.every(([, type]) => type instanceof IDL.OptClass)

export function bombsFor(method: Method<unknown, unknown>, good: unknown): Bomb[] {
  const max = method.argBytesMax
  const honest = encodeArg(method, good)
  return [
    ...BOMBS,
    { name: 'a byte too many', bytes: Uint8Array.from([...honest, 0]) },
    { name: 'the last byte missing', bytes: honest.slice(0, -1) },
    { name: 'an argument too many', bytes: withExtraArgument(method, good) },
    ...(method.arg.did === '' ? [] : [{ name: 'an argument too few', bytes: candid([], []) }]),
    { name: 'an argument of another type', bytes: candid([], [NAT8], [5]) },
    // Where nothing has to be there, a record with something else in it is an argument.
    ...sized(max).filter(
      ({ bytes, name }) => bytes.length <= max && !(isAllOptional(method) && name === UNKNOWN_FIELD),
    ),
  ]
}

/** Bombs that grow with what a method accepts. */
function sized(max: number): Bomb[] {
  // Tables and steps are bounded: beyond these sizes more of the same adds nothing.
  const room = Math.min(max - 24, 30_000)
  const levels = Math.min(31, Math.floor(room / 6))
  const nested = Array.from({ length: levels }, (_, i) =>
    i === levels - 1 ? [RECORD, 2, 0, BOOL, 1, BOOL] : [RECORD, 2, 0, i + 1, 1, i + 1],
  )
  const fields = Math.min(64, Math.floor(room / 2))
  const wide = [RECORD, fields, ...Array.from({ length: fields }, (_, i) => [i, NULL]).flat()]
  return [
    { name: 'records that double at each level', bytes: candid(nested, [0]) },
    {
      name: 'more types than allowed',
      bytes: candid(
        Array.from({ length: 33 }, () => [OPT, BOOL]),
        [0],
        [0],
      ),
    },
    {
      name: 'a record of 65 fields',
      bytes: candid([[RECORD, 65, ...Array.from({ length: 65 }, (_, i) => [i, NULL]).flat()]], [0]),
    },
    { name: 'a wide record of nulls', bytes: candid([wide], [0]) },
    { name: 'a vector of wide records of nulls', bytes: candid([[VEC, 1], wide], [0], leb(500)) },
    {
      name: 'a vector of records of one byte and many nulls',
      bytes: candid(
        [
          [VEC, 1],
          [RECORD, fields, 0, BOOL, ...wide.slice(4)],
        ],
        [0],
        [...leb(room - 150), ...times(room - 150, 1)],
      ),
    },
    { name: 'booleans as many as fit', bytes: candid([[VEC, BOOL]], [0], [...leb(room), ...times(room, 1)]) },
    {
      name: UNKNOWN_FIELD,
      bytes: candid(
        [
          [RECORD, 1, 9, 1],
          [VEC, BOOL],
        ],
        [0],
        [...leb(room - 8), ...times(room - 8, 1)],
      ),
    },
    { name: 'empty texts as many as fit', bytes: candid([[VEC, TEXT]], [0], [...leb(room), ...times(room, 0)]) },
    {
      name: 'empty vectors as many as fit',
      bytes: candid(
        [
          [VEC, 1],
          [VEC, NAT8],
        ],
        [0],
        [...leb(room), ...times(room, 0)],
      ),
    },
    { name: 'a long number', bytes: candid([], [NAT], [...times(room, 0xff), 1]) },
    { name: 'a long number in an unknown field', bytes: candid([[RECORD, 1, 9, NAT]], [0], [...times(room, 0xff), 1]) },
    { name: 'a text as long as fits', bytes: candid([], [TEXT], [...leb(max - 20), ...times(max - 20, 0x61)]) },
    {
      name: 'a text of wide characters',
      bytes: candid([], [TEXT], [...leb(Math.floor((max - 24) / 2) * 2), ...times((max - 24) / 2, 0xc3, 0xa9)]),
    },
    {
      name: 'optionals of optionals',
      bytes: candid(
        Array.from({ length: 20 }, (_, i) => [OPT, i === 19 ? BOOL : i + 1]),
        [0],
        times(21, 1),
      ),
    },
  ]
}

function withExtraArgument(method: Method<unknown, unknown>, good: unknown): Uint8Array {
  const isNone = method.arg.did === ''
  const types = isNone ? [IDL.Null] : [method.arg.idl, IDL.Null]
  return new Uint8Array(IDL.encode(types, isNone ? [null] : [good, null]))
}

/** One byte more than the method looks at. */
export const oversized = (method: Method<unknown, unknown>): Uint8Array =>
  candid([[VEC, NAT8]], [0], new Uint8Array(method.argBytesMax)).slice(0, method.argBytesMax + 1)
