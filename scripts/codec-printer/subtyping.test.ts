import { guardCandid, IDL, type Schema } from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { likeTypes, ownTypes, plain, reference, valuesOf } from './candid-values.fixture.ts'
import { codecOf } from './codecs.fixture.ts'

const schemaOf = (idl: IDL.Type): Schema<unknown> => ({ idl, did: 'value', uses: [] })

/** What the library makes of a message; undefined where it refuses. */
function referenceOf(idl: IDL.Type, bytes: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: plain(IDL.decode([reference(idl)], bytes)[0]) }
  } catch {
    return undefined
  }
}

/** Refused for the size of the sender's types, before they are looked at. */
const BUDGET = ['types', 'fields', 'steps', 'depth']

/** A type of ours, and a message of somebody who thinks it is a little different. */
const exchanges = ownTypes.chain((own) =>
  likeTypes(own).chain((theirs) =>
    fc.record({ own: fc.constant(own), theirs: fc.constant(theirs), value: valuesOf(theirs) }),
  ),
)

describe('codecs of any types', () => {
  test('write what the library writes, and read it back', () => {
    const cases = ownTypes.chain((own) => fc.tuple(fc.constant(own), fc.array(valuesOf(own), { maxLength: 4 })))
    fc.assert(
      fc.property(cases, ([own, values]) => {
        const codec = codecOf(schemaOf(own))
        for (const value of values) {
          const bytes = new Uint8Array(IDL.encode([own], [value]))
          expect(codec.encode(value)).toEqual(bytes)
          expect(codec.decode(bytes)).toEqual({ value })
        }
      }),
      { numRuns: 150 },
    )
  })

  test('read what senders of other types wrote as the library does', () => {
    const seen = { same: 0, coerced: 0, refused: 0 }
    fc.assert(
      fc.property(exchanges, ({ own, theirs, value }) => {
        const bytes = new Uint8Array(IDL.encode([theirs], [value]))
        fc.pre(guardCandid(bytes, 1) === null)
        const decoded = codecOf(schemaOf(own)).decode(bytes)
        const wanted = referenceOf(own, bytes)
        if (decoded.refused !== undefined && BUDGET.includes(decoded.refused)) return
        if (wanted === undefined) expect(decoded).toEqual({ refused: 'type' })
        else expect(decoded).toEqual(wanted)
        seen[wanted === undefined ? 'refused' : own.display() === theirs.display() ? 'same' : 'coerced']++
      }),
      { numRuns: 1000 },
    )
    // The property says little where nearly all senders are refused, or none.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50)
  })

  test('never take what the library does not, nor for another value, whatever happened to the bytes', () => {
    let taken = 0
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(exchanges, changes, ({ own, theirs, value }, flips) => {
        const bytes = new Uint8Array(IDL.encode([theirs], [value]))
        for (const [at, byte] of flips) bytes[at % bytes.length] = byte
        const decoded = codecOf(schemaOf(own)).decode(bytes)
        if ('refused' in decoded) return
        taken++
        expect(decoded).toEqual(referenceOf(own, bytes))
      }),
      { numRuns: 1000 },
    )
    expect(taken).toBeGreaterThan(50)
  })

  test('refuse a boolean that is none also where nobody asked for it', () => {
    const theirs = IDL.Record({ flags: IDL.Vec(IDL.Bool) })
    const bytes = new Uint8Array(IDL.encode([theirs], [{ flags: [true, false] }]))
    const codec = codecOf(schemaOf(IDL.Opt(IDL.Bool)))
    expect(codec.decode(bytes)).toEqual({ value: [] })
    bytes[bytes.length - 1] = 2
    expect(codec.decode(bytes)).toEqual({ refused: 'value' })
    expect(referenceOf(IDL.Opt(IDL.Bool), bytes)).toBeUndefined()
  })
})
