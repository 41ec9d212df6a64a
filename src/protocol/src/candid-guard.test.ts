import { IDL } from '@dfinity/candid'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { guardCandid } from './candid-guard.ts'
import type { GuardCode } from './candid-opcodes.ts'
import { encodeArg } from './candid.ts'
import { auditService } from './audit.ts'

const MAGIC = [0x44, 0x49, 0x44, 0x4c]
const candid = (...bytes: number[]) => Uint8Array.from([...MAGIC, ...bytes])
const repeat = (count: number, ...bytes: number[]) => Array.from({ length: count }, () => bytes).flat()

// Type codes as they stand on the wire (Candid specification, "Binary Format"): SLEB128 of the negative opcode.
const NULL = 0x7f
const BOOL = 0x7e
const NAT = 0x7d
const INT = 0x7c
const NAT8 = 0x7b
const TEXT = 0x71
const RESERVED = 0x70
const EMPTY = 0x6f
const OPT = 0x6e
const VEC = 0x6d
const RECORD = 0x6c
const VARIANT = 0x6b
const FUNC = 0x6a
const SERVICE = 0x69
const PRINCIPAL = 0x68

/** 32 records, each with 64 fields of the next, the last one with 64 of `leaf`: no bytes, and 64^32 values. */
function towerOfRecords(leaf: number): Uint8Array {
  const fields = (type: number) => Array.from({ length: 64 }, (_, id) => [id, type]).flat()
  const entries = Array.from({ length: 32 }, (_, i) => [RECORD, 64, ...fields(i === 31 ? leaf : i + 1)]).flat()
  return candid(32, ...entries, 1, 0)
}

const REFUSED: readonly (readonly [what: string, bytes: Uint8Array, argumentCount: number, code: GuardCode])[] = [
  ['no bytes', new Uint8Array(0), 0, 'magic'],
  ['another magic word', Uint8Array.of(0x44, 0x49, 0x44, 0x4d, 0, 0), 0, 'magic'],
  ['the magic word alone', candid(), 0, 'truncated'],
  ['no list of arguments', candid(0), 0, 'truncated'],
  ['too few arguments', candid(0, 0), 1, 'arguments'],
  ['an argument too many', candid(0, 1, NULL), 0, 'arguments'],
  ['a second argument', candid(0, 2, NULL, NULL), 1, 'arguments'],
  ['bytes behind the value', candid(0, 1, BOOL, 1, 0), 1, 'trailing'],
  ['bytes behind no value', candid(0, 0, 0), 0, 'trailing'],
  ['a value that is cut off', candid(0, 1, 0x78, 1, 2, 3), 1, 'truncated'],
  ['33 types', candid(33, ...repeat(33, OPT, NULL), 1, 0, 0), 1, 'types'],
  ['a million types', candid(0xc0, 0x84, 0x3d), 1, 'types'],
  ['65 fields', candid(1, RECORD, 65), 1, 'fields'],
  ['a type index past the table', candid(1, OPT, 1, 1, 0, 0), 1, 'index'],
  ['an argument past the table', candid(0, 1, 0), 1, 'index'],
  ['a type index of two bytes', candid(1, OPT, 0xff, 0x01, 1, 0), 1, 'index'],
  ['a record that holds itself', candid(1, RECORD, 1, 0, 0, 1, 0), 1, 'cycle'],
  ['two records that hold each other', candid(2, RECORD, 1, 0, 1, RECORD, 1, 0, 0, 1, 0), 1, 'cycle'],
  ['a function type', candid(1, FUNC, 0, 0, 0, 1, 0), 1, 'kind'],
  ['a service type', candid(1, SERVICE, 0, 1, 0), 1, 'kind'],
  ['a type of the future', candid(1, 0x60, 0, 1, 0), 1, 'kind'],
  ['an empty type', candid(0, 1, EMPTY), 1, 'kind'],
  ['a primitive as an entry', candid(1, BOOL, 1, 0, 1), 1, 'kind'],
  ['a million nulls in twelve bytes', candid(1, VEC, NULL, 1, 0, 0xc0, 0x84, 0x3d), 1, 'zeroSize'],
  ['a million of reserved', candid(1, VEC, RESERVED, 1, 0, 0xc0, 0x84, 0x3d), 1, 'zeroSize'],
  ['a million empty records', candid(2, VEC, 1, RECORD, 0, 1, 0, 0xc0, 0x84, 0x3d), 1, 'zeroSize'],
  [
    'a million records of records of null',
    candid(3, VEC, 1, RECORD, 1, 0, 2, RECORD, 1, 5, NULL, 1, 0, 0xc0, 0x84, 0x3d),
    1,
    'zeroSize',
  ],
  ['such a vector that no value uses', candid(1, VEC, NULL, 0), 0, 'zeroSize'],
  ['such a vector in a field', candid(2, RECORD, 1, 0, 1, VEC, NULL, 1, 0, 0xc0, 0x84, 0x3d), 1, 'zeroSize'],
  ['fields out of order', candid(1, RECORD, 2, 1, BOOL, 0, BOOL, 1, 0, 1, 1), 1, 'order'],
  ['a field twice', candid(1, RECORD, 2, 1, BOOL, 1, BOOL, 1, 0, 1, 1), 1, 'order'],
  ['a natural number without bound', candid(0, 1, NAT, 1), 1, 'number'],
  ['an integer without bound', candid(1, OPT, INT, 1, 0, 0), 1, 'number'],
  ['a length beyond 32 bits', candid(1, VEC, NAT8, 1, 0, 0xff, 0xff, 0xff, 0xff, 0x1f), 1, 'number'],
  ['a length of eleven bytes', candid(1, VEC, NAT8, 1, 0, ...repeat(10, 0x80), 0), 1, 'number'],
  ['a blob longer than the bytes', candid(1, VEC, NAT8, 1, 0, 3, 1, 2), 1, 'length'],
  ['a vector longer than the bytes', candid(1, VEC, BOOL, 1, 0, 0xc0, 0x84, 0x3d, 1), 1, 'length'],
  ['a text longer than the bytes', candid(0, 1, TEXT, 3, 97), 1, 'length'],
  ['a text of 4,097 bytes', candid(0, 1, TEXT, 0x81, 0x20, ...repeat(4097, 97)), 1, 'text'],
  ['a text that is no UTF-8', candid(0, 1, TEXT, 2, 0xc3, 0x28), 1, 'text'],
  ['an overlong UTF-8 form', candid(0, 1, TEXT, 2, 0xc0, 0x80), 1, 'text'],
  ['a boolean of 2', candid(0, 1, BOOL, 2), 1, 'value'],
  ['an option of 2', candid(1, OPT, BOOL, 1, 0, 2), 1, 'value'],
  ['an arm that is not there', candid(1, VARIANT, 1, 0, NULL, 1, 0, 1), 1, 'value'],
  ['a principal by reference', candid(0, 1, PRINCIPAL, 0), 1, 'value'],
  ['a principal of 30 bytes', candid(0, 1, PRINCIPAL, 1, 30, ...repeat(30, 1)), 1, 'value'],
  ['17 options in each other', candid(1, OPT, 0, 1, 0, ...repeat(17, 1), 0), 1, 'depth'],
  ['32 records of 64 records of nothing', towerOfRecords(NULL), 1, 'steps'],
  ['64 records of 64 fields of nothing, in 200 bytes', twoFloors(), 1, 'steps'],
]

function twoFloors(): Uint8Array {
  const fields = (type: number) => Array.from({ length: 64 }, (_, id) => [id, type]).flat()
  return candid(2, RECORD, 64, ...fields(1), RECORD, 64, ...fields(NULL), 1, 0)
}

describe('the Candid guard', () => {
  test.each(REFUSED)('refuses %s', (_what, bytes, argumentCount, code) => {
    expect(guardCandid(bytes, argumentCount)).toBe(code)
  })

  test('lets pass what is at each limit', () => {
    expect(guardCandid(candid(0, 0), 0)).toBeNull()
    expect(guardCandid(candid(32, ...repeat(32, OPT, NULL), 1, 0, 0), 1)).toBeNull()
    expect(guardCandid(candid(1, OPT, 0, 1, 0, ...repeat(15, 1), 0), 1)).toBeNull()
    expect(guardCandid(candid(0, 1, TEXT, 0x80, 0x20, ...repeat(4096, 97)), 1)).toBeNull()
    expect(guardCandid(candid(0, 1, PRINCIPAL, 1, 29, ...repeat(29, 1)), 1)).toBeNull()
    expect(guardCandid(candid(0, 1, TEXT, 4, 0xf0, 0x9f, 0x92, 0x8a), 1)).toBeNull()
  })

  test('does not look inside a blob of any size', () => {
    const bytes = new Uint8Array(IDL.encode([IDL.Vec(IDL.Nat8)], [new Uint8Array(1_000_000)]))
    expect(guardCandid(bytes, 1, 10)).toBeNull()
  })

  test('refuses every beginning of an argument, and an argument with anything behind it', () => {
    const whole = encodeArg(auditService.append, { firstSeq: 7n, leaves: [new Uint8Array(3), new Uint8Array(200)] })
    expect(guardCandid(whole, 1)).toBeNull()
    for (let length = 0; length < whole.length; length++) {
      expect(guardCandid(whole.subarray(0, length), 1), `${length} bytes`).not.toBeNull()
    }
    expect(guardCandid(Uint8Array.from([...whole, 0]), 1)).toBe('trailing')
  })

  test('answers for any bytes, and what it lets pass the decoder ends with', () => {
    const whole = encodeArg(auditService.leaves, { of: { patient: new Uint8Array(16) }, fromSeq: 0n, count: 5 })
    const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 })
    const mutated = flips.map((changes) => {
      const bytes = whole.slice()
      for (const [at, byte] of changes) bytes[at] = byte
      return bytes
    })
    const headed = fc.uint8Array({ maxLength: 60 }).map((tail) => candid(...tail))
    fc.assert(
      fc.property(fc.oneof(mutated, headed, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        if (guardCandid(bytes, 1) !== null) return
        try {
          IDL.decode([auditService.leaves.arg.idl], bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(Error) // another type; what counts is that it ended
        }
      }),
      { numRuns: 20_000 },
    )
  })
})
