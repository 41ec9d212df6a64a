import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { decodeCandid, HostileCandid } from './index.ts'

const HEADER = [0x44, 0x49, 0x44, 0x4c]
/** 2³² - 1, as LEB128. */
const MANY = [0xff, 0xff, 0xff, 0xff, 0x0f]
const [VEC, RECORD, OPT, NULL, RESERVED, EMPTY] = [0x6d, 0x6c, 0x6e, 0x7f, 0x70, 0x6f]

describe('Candid from strangers', () => {
  test.each([
    ['vec null', [1, VEC, NULL], 0],
    ['vec reserved', [1, VEC, RESERVED], 0],
    ['vec empty', [1, VEC, EMPTY], 0],
    ['vec record {}', [2, RECORD, 0, VEC, 0], 1],
    ['vec record { null; reserved }', [2, VEC, 1, RECORD, 2, 0, NULL, 1, RESERVED], 0],
    ['vec record { record {} }', [3, VEC, 1, RECORD, 1, 0, 2, RECORD, 0], 0],
    ['a vec null after a function and a service', [3, 0x6a, 1, NULL, 1, NULL, 1, 1, 0x69, 1, 1, 0x61, 0, VEC, NULL], 2],
    ['a vec null after a type of the future', [2, 0x60, 2, 9, 9, VEC, NULL], 1],
    ['a vec null behind a long way to write vec', [1, 0xed, ...Array.from({ length: 7 }, () => 0xff), 0x7f, NULL], 0],
    ['opt vec null', [2, VEC, NULL, OPT, 0], 1],
  ])('%s is refused before it is built', (_, table, type) => {
    const bytes = Uint8Array.from([...HEADER, ...table, 1, type, ...MANY])
    for (const types of [[], [IDL.Reserved], [IDL.Opt(IDL.Text)], [IDL.Vec(IDL.Null)]]) {
      expect(() => decodeCandid(types, bytes)).toThrow(HostileCandid)
    }
  })

  test.each([
    ['a record that holds itself', [1, RECORD, 1, 0, 0, 0]],
    ['a vector of records with something in them', [2, RECORD, 2, 0, NULL, 1, 0x7d, VEC, 0, 0]],
    ['a vector of optional nothing', [2, OPT, NULL, VEC, 0, 0]],
  ])('%s is not mistaken for one', (_, table) => {
    expect(decodeCandid([], Uint8Array.from([...HEADER, ...table]))).toEqual([])
  })

  test('what honest encoders make is decoded as the library does', () => {
    const Node = IDL.Rec()
    Node.fill(IDL.Record({ next: IDL.Opt(Node) }))
    const Method = IDL.Func([IDL.Text], [IDL.Vec(IDL.Nat8)], ['query'])
    const values: [IDL.Type, unknown][] = [
      [IDL.Vec(IDL.Nat8), Uint8Array.of(1, 2)],
      [IDL.Opt(IDL.Null), [null]],
      [Node, { next: [{ next: [] }] }],
      [Method, [Principal.anonymous(), 'go']],
      [IDL.Service({ go: Method }), Principal.anonymous()],
      [IDL.Variant({ a: IDL.Null, b: IDL.Vec(IDL.Tuple(IDL.Text, IDL.Nat)) }), { b: [['x', 1n]] }],
    ]
    for (const [type, value] of values) {
      const bytes = IDL.encode([type], [value])
      expect(decodeCandid([type], bytes)).toEqual(IDL.decode([type], bytes))
    }
  })

  test('what is long is decoded as the library does, or refused as it does', () => {
    const Install = IDL.Record({
      mode: IDL.Variant({ install: IDL.Null, more: IDL.Opt(IDL.Text) }),
      module: IDL.Vec(IDL.Nat8),
    })
    const module = Uint8Array.from({ length: 30_000 }, (_, at) => at & 0xff)
    const value = { mode: { more: ['é'] }, module }
    const types = [IDL.Text, Install, IDL.Opt(IDL.Int)]
    const bytes = new Uint8Array(IDL.encode(types, ['first', value, [-300n]]))
    const within = Uint8Array.from([1, 2, 3, ...bytes, 4]).subarray(3, -1)
    for (const asked of [types, types.slice(0, 2), types.slice(0, 1), [], [...types, IDL.Opt(IDL.Nat)], [IDL.Nat]]) {
      for (const given of [bytes, within, bytes.subarray(0, -1), Uint8Array.of(...bytes, 0)]) {
        const [ours, theirs] = [decodeCandid, IDL.decode].map((decode) => {
          try {
            return decode(asked, given.slice())
          } catch (error) {
            return (error as Error).message
          }
        })
        expect(ours).toEqual(theirs)
      }
    }
    expect(decodeCandid(types, bytes)[1]).toEqual(value)
  })

  test('a long message is not copied for each type in it', () => {
    const fields = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`f${i}`, IDL.Opt(IDL.Null)]))
    const Long = IDL.Record({ ...fields, module: IDL.Vec(IDL.Nat8) })
    const value = {
      ...Object.fromEntries(Object.keys(fields).map((name) => [name, []])),
      module: new Uint8Array(2_000_000),
    }
    const bytes = new Uint8Array(IDL.encode([Long], [value]))
    const copied = vi.spyOn(Uint8Array.prototype, 'slice')
    decodeCandid([Long], bytes)
    const large = copied.mock.results.filter(({ value: copy }) => (copy as Uint8Array).length > 1_000_000)
    copied.mockRestore()
    expect(large.length).toBeLessThan(4)
  })

  test('any bytes are decoded or refused as the library does, unless they are hostile', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (tail) => {
        const bytes = Uint8Array.from([...HEADER, ...tail])
        const refusal = (decode: () => unknown[]): unknown => {
          try {
            decode()
            return null
          } catch (error) {
            return error
          }
        }
        const ours = refusal(() => decodeCandid([], bytes))
        if (ours instanceof HostileCandid) return
        expect(ours === null).toBe(refusal(() => IDL.decode([], bytes)) === null)
      }),
    )
  })
})
