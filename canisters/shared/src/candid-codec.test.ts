import { IDL } from '@dfinity/candid'
import {
  auditService,
  blob,
  consentService,
  guardCandid,
  type Method,
  none,
  recordsService,
  result,
  type Schema,
  update,
  vec,
  nul,
} from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { CandidRows } from './candid-write.ts'

import { plain, valuesOf } from '../../../scripts/codec-printer/candid-values.fixture.ts'
import { leb } from '../../../test/scenarios/candid-bombs.ts'
import { codecOf, methodCodecs, noArgument } from '../../../scripts/codec-printer/codecs.fixture.ts'

const services = { consent: consentService, records: recordsService, audit: auditService }
const methods = Object.entries(services).flatMap(([canister, service]) =>
  Object.entries(service).map(([name, method]) => [`${canister}.${name}`, method as Method<unknown, unknown>] as const),
)

describe.each(methods)('the codec of %s', (_name, method) => {
  const sides: (readonly [string, Schema<unknown>])[] = [['result', method.ret]]
  if (method.arg.did !== '') sides.push(['argument', method.arg])

  test.each(sides)('writes and reads each %s as the Candid library does', (_side, schema) => {
    const codec = codecOf(schema)
    fc.assert(
      fc.property(valuesOf(schema.idl), (value) => {
        const bytes = new Uint8Array(IDL.encode([schema.idl], [value]))
        expect(codec.encode(value)).toEqual(bytes)
        expect(codec.decode(bytes)).toEqual({ value: plain(IDL.decode([schema.idl], bytes)[0]) })
        expect(guardCandid(bytes, 1)).toBeNull()
      }),
      { numRuns: 40 },
    )
  })

  test.each(sides)('refuses each %s that is cut off or has something behind it, and never throws', (_side, schema) => {
    const codec = codecOf(schema)
    const changed = fc.tuple(valuesOf(schema.idl), fc.nat(), fc.nat(255), fc.nat(3))
    fc.assert(
      fc.property(changed, ([value, at, byte, how]) => {
        const whole = codec.encode(value).slice()
        const cut = whole.subarray(0, at % whole.length)
        const longer = Uint8Array.from([...whole, byte])
        const other = whole.slice()
        other[at % whole.length] = byte
        if (how === 0) expect(codec.decode(cut)).toHaveProperty('refused')
        else if (how === 1) expect(codec.decode(longer)).toHaveProperty('refused')
        else codec.decode(other)
      }),
      { numRuns: 40 },
    )
  })
})

/** The same type as a sender of tomorrow has it: one more field in every record, and the value with it. */
function widened(type: IDL.Type): IDL.Type {
  if (type instanceof IDL.RecordClass)
    return IDL.Record({
      ...Object.fromEntries(type._fields.map(([name, inner]) => [name, widened(inner)])),
      addedLater: IDL.Opt(IDL.Vec(IDL.Text)),
    })
  if (type instanceof IDL.VariantClass)
    return IDL.Variant(Object.fromEntries(type._fields.map(([name, inner]) => [name, widened(inner)])))
  if (type instanceof IDL.OptClass) return IDL.Opt(widened(type._type))
  if (type instanceof IDL.VecClass) return IDL.Vec(widened(type._type))
  return type
}
function withMore(type: IDL.Type, value: unknown): unknown {
  if (type instanceof IDL.RecordClass) {
    const record = value as Record<string, unknown>
    const fields = type._fields.map(([name, inner]) => [name, withMore(inner, record[name])])
    return { ...Object.fromEntries(fields), addedLater: [['x', 'y']] }
  }
  if (type instanceof IDL.VariantClass) {
    const [[name, inner] = ['', null]] = Object.entries(value as object)
    const arm = type._fields.find(([known]) => known === name)?.[1] ?? IDL.Null
    return { [name]: withMore(arm, inner) }
  }
  if (value instanceof Uint8Array) return value
  if (type instanceof IDL.OptClass || type instanceof IDL.VecClass)
    return (value as unknown[]).map((item) => withMore(type._type as IDL.Type, item))
  return value
}

describe.each(methods.filter(([, method]) => method.arg.did !== ''))('the codec of %s', (_name, method) => {
  test('reads an argument whose records have a field more', () => {
    const codec = codecOf(method.arg)
    fc.assert(
      fc.property(valuesOf(method.arg.idl), (value) => {
        const foreign = IDL.encode([widened(method.arg.idl)], [withMore(method.arg.idl, value)])
        expect(codec.decode(new Uint8Array(foreign))).toEqual({ value })
      }),
      { numRuns: 20 },
    )
  })

  test('never throws, whatever a field is replaced by', () => {
    const codec = codecOf(method.arg)
    const others = [IDL.Null, IDL.Bool, IDL.Text, IDL.Vec(IDL.Nat8), IDL.Opt(IDL.Nat32), IDL.Record({}), IDL.Nat64]
    const samples = [null, true, 'x', new Uint8Array(3), [7], {}, 5n]
    if (!(method.arg.idl instanceof IDL.RecordClass)) return
    const fields = method.arg.idl._fields
    for (const [name, type] of fields)
      for (const [i, other] of others.entries()) {
        if (type.display() === other.display()) continue
        const mistyped = Object.fromEntries(fields.map(([n, t]) => [n, n === name ? other : t]))
        const values = fc.sample(valuesOf(method.arg.idl), 1)[0] as Record<string, unknown>
        const bytes = IDL.encode([IDL.Record(mistyped)], [{ ...values, [name]: samples[i] }])
        const decoded = codec.decode(new Uint8Array(bytes))
        // An optional of another type is read as absent, and absent is what every sender may leave it (I5).
        if (type instanceof IDL.OptClass)
          expect(decoded).toEqual({ value: IDL.decode([method.arg.idl], new Uint8Array(bytes))[0] })
        else expect(decoded, `${name} as ${other.display()}`).toHaveProperty('refused')
      }
  })
})

describe('a compiled codec', () => {
  test('reads a value whose type is written otherwise, through the guard', () => {
    const codec = codecOf(auditService.chainHead.arg)
    const withMore = IDL.Record({ patientId: IDL.Vec(IDL.Nat8), note: IDL.Opt(IDL.Text) })
    const patientId = new Uint8Array(16).fill(3)
    const bytes = new Uint8Array(IDL.encode([withMore], [{ patientId, note: ['x'] }]))
    expect(codec.decode(bytes)).toEqual({ value: { patientId } })
  })

  test('refuses a vector of nothing before anything walks it', () => {
    const bomb = Uint8Array.of(0x44, 0x49, 0x44, 0x4c, 1, 0x6d, 0x7f, 1, 0, 0xc0, 0x84, 0x3d)
    expect(codecOf(auditService.chainHead.arg).decode(bomb)).toEqual({ refused: 'zeroSize' })
    expect(noArgument.decode(bomb)).toEqual({ refused: 'zeroSize' })
    expect(() => codecOf(vec(nul))).toThrow('endless')
  })

  test('takes no argument but the empty one where there is none', () => {
    const codec = methodCodecs(update(none, none, 64))
    const empty = new Uint8Array(IDL.encode([], []))
    expect(codec.ret.encode(null)).toEqual(empty)
    expect(codec.arg.decode(empty)).toEqual({ value: null })
    expect(codec.arg.decode(codecOf(blob).encode(new Uint8Array(2)))).toEqual({ refused: 'arguments' })
  })

  test('lends bytes until the next encoding, or gives them away', () => {
    const { ret } = methodCodecs(update(none, vec(blob), 64))
    const given = ret.encode([blob16])
    const [bytes, later] = [given.slice(), ret.encodeBriefly([new Uint8Array([7])])]
    expect(later).toEqual(ret.encode([new Uint8Array([7])]))
    const long = new Uint8Array(20_000).fill(3)
    expect(ret.encodeBriefly([long])).toEqual(new Uint8Array(IDL.encode([vec(blob).idl], [[long]])))
    expect(given).toEqual(bytes)
  })

  test('takes stored elements for a vector, from one piece to many', () => {
    const { ret } = methodCodecs(update(none, result(vec(blob)), 64))
    const element = (sizeBytes: number) => Uint8Array.from([...leb(sizeBytes), ...new Uint8Array(sizeBytes).fill(9)])
    const sizes = fc.array(fc.nat(6000), { maxLength: 5 })
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 4 }), (runs) => {
        const pieces = runs.map((run) => Uint8Array.from(run.flatMap((sizeBytes) => [...element(sizeBytes)])))
        const rows = new CandidRows(runs.flat().length, pieces)
        const plainly = { Ok: runs.flat().map((sizeBytes) => new Uint8Array(sizeBytes).fill(9)) }
        expect(ret.encode({ Ok: rows })).toEqual(ret.encode(plainly))
      }),
      { numRuns: 50 },
    )
  })

  test('has one answer for all that is done, and still refuses', () => {
    const { ret } = methodCodecs(update(none, result(nul), 64))
    const idl = result(nul).idl
    expect(ret.encode({ Ok: null })).toEqual(new Uint8Array(IDL.encode([idl], [{ Ok: null }])))
    expect(ret.encodeBriefly({ Ok: null })).toEqual(ret.encode({ Ok: null }))
    const refused = { Err: { TooLarge: { maxBytes: 5 } } }
    expect(ret.encodeBriefly(refused)).toEqual(new Uint8Array(IDL.encode([idl], [refused])))
  })

  test('does not write a number that does not fit', () => {
    const { ret, arg } = consentService.postKeyCheck
    const place = { patientId: [] as [], compartmentKind: 256, cid: blob16, epoch: 1 }
    const value = { ...place, keyCheckValue: blob16, requestId: blob16 }
    expect(() => codecOf(arg).encode(value)).toThrow(RangeError)
    expect(() => codecOf(arg).encode({ ...value, compartmentKind: 1, epoch: -1 })).toThrow(RangeError)
    expect(() => codecOf(ret).encode({ Err: { ConsentEnded: { endNs: 1n << 64n } } })).toThrow(RangeError)
  })
})
const blob16 = new Uint8Array(16)
