import { type Grant, GRANT_PAGE_MAX, GRANTS_LIVE_MAX, GRANTS_TOTAL_MAX } from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createGrantBook } from './grant-book.ts'
import { memoryMap } from './maps.ts'

const id = (n: number) => {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setUint32(12, n)
  return bytes
}
const PATIENT = id(1000)
const GRANTEE = new Uint8Array([1, 2, 3])
const grantOf = (n: number, change: Partial<Grant> = {}): Grant => ({
  grantId: id(n),
  patientId: PATIENT,
  grantee: GRANTEE,
  rights: 3,
  purpose: 1,
  startNs: 0n,
  endNs: 1_000n,
  agreementHash: new Uint8Array(32),
  terms: null,
  compartments: [{ compartmentKind: 1, cid: id(1) }],
  ...change,
})
const numberOf = ({ grant }: { grant: Grant }) => new DataView(grant.grantId.slice().buffer).getUint32(12)
const FULL = { refusal: { Full: null } }

describe('the grant book', () => {
  test('gives back what was put in, once, and remembers when it ended', () => {
    const book = createGrantBook(memoryMap())
    expect(book.get(id(1))).toBeUndefined()
    expect(book.add(grantOf(1), 5n)).toEqual({ added: true })
    expect(book.add(grantOf(1), 6n)).toEqual({ added: false })
    expect(book.add(grantOf(1, { rights: 1 }), 6n)).toEqual({ refusal: { IdConflict: null } })
    const state = book.get(id(1))
    expect(state).toEqual({ grant: grantOf(1), endedNs: null })
    if (state === undefined) return
    expect(book.end(state, 70n)).toBe(70n)
    expect(book.get(id(1))).toEqual({ grant: grantOf(1), endedNs: 70n })
    // The same grant again does not come back to life.
    expect(book.add(grantOf(1), 80n)).toEqual({ added: false })
    expect(book.get(id(1))?.endedNs).toBe(70n)
  })

  test('a grant that ran out before it was revoked ended when it ran out', () => {
    const book = createGrantBook(memoryMap())
    book.add(grantOf(1), 5n)
    const state = book.get(id(1))
    if (state !== undefined) expect(book.end(state, 5_000n)).toBe(1_000n)
    expect(book.get(id(1))?.endedNs).toBe(1_000n)
  })

  test('keeps apart patients and grantees that begin alike', () => {
    const book = createGrantBook(memoryMap())
    // A key with its position behind it looks like a longer key, were there no length in front.
    const short = new Uint8Array([1, 2])
    const long = new Uint8Array([1, 2, 0, 0, 0, 0])
    book.add(grantOf(1, { grantee: short }), 0n)
    book.add(grantOf(2, { grantee: long }), 0n)
    book.add(grantOf(3, { grantee: short, patientId: id(1001) }), 0n)
    expect(book.receivedBy([short], 0, 10).states.map(numberOf)).toEqual([1, 3])
    expect(book.receivedBy([long], 0, 10).states.map(numberOf)).toEqual([2])
    expect(book.givenBy(PATIENT, 0, 10).states.map(numberOf)).toEqual([1, 2])
    expect(book.givenBy(id(1001), 0, 10).states.map(numberOf)).toEqual([3])
  })

  test('is read in pages, in the order of its making, at most 50 at once', () => {
    const book = createGrantBook(memoryMap())
    for (let n = 0; n < 70; n++) book.add(grantOf(n), 0n)
    const whole = Array.from({ length: 70 }, (_, n) => n)
    fc.assert(
      fc.property(fc.nat(80), fc.nat(100), (from, count) => {
        const { total, states } = book.givenBy(PATIENT, from, count)
        expect(total).toBe(70)
        expect(states.map(numberOf)).toEqual(whole.slice(from, from + Math.min(count, GRANT_PAGE_MAX)))
      }),
    )
    expect(book.givenBy(PATIENT, 0xffff_ffff, 0xffff_ffff)).toEqual({ total: 70, states: [] })
    expect(book.givenBy(id(5), 0, 10)).toEqual({ total: 0, states: [] })
  })

  test('ends what one person gave in a patient’s place and is active, and nothing else', () => {
    const book = createGrantBook(memoryMap())
    const [mine, other, ward] = [id(7_001), id(7_002), id(7_003)]
    const give = (grant: Grant, giverId: Uint8Array | null, nowNs: bigint) => {
      expect(book.add(grant, nowNs)).toEqual({ added: true })
      if (giverId !== null) book.noteGiver(grant, giverId, nowNs)
    }
    const active = () =>
      [1, 2, 3, 4, 5, 6].filter((n) => book.get(id(n))?.endedNs === null && book.liveOf(PATIENT, 50n).length > 0)
    give(grantOf(1), mine, 5n)
    give(grantOf(2), other, 5n)
    give(grantOf(3), null, 5n)
    give(grantOf(4, { endNs: 40n }), mine, 5n)
    give(grantOf(5), mine, 5n)
    give(grantOf(6, { patientId: ward }), mine, 5n)
    const fifth = book.get(id(5))
    if (fifth !== undefined) book.end(fifth, 20n)
    expect(book.endGivenBy(PATIENT, mine, 50n).map(({ grantId }) => grantId)).toEqual([id(1)])
    expect(book.get(id(1))?.endedNs).toBe(50n)
    expect(book.get(id(5))?.endedNs).toBe(20n)
    expect(active()).toEqual([2, 3, 4, 6]) // the fourth ended by its period
    expect(book.liveOf(PATIENT, 50n)).toEqual([id(2), id(3)])
    expect(book.takeExpired(PATIENT, 50n, 10).map(({ grantId }) => grantId)).toEqual([id(4)])
    expect(book.endGivenBy(PATIENT, mine, 51n)).toEqual([])
    expect(book.endGivenBy(PATIENT, other, 52n)).toHaveLength(1)
    expect(book.endGivenBy(ward, mine, 53n)).toHaveLength(1)
  })

  test('holds 200 live grants of a patient, and each that ends makes room for one', () => {
    const book = createGrantBook(memoryMap())
    for (let n = 0; n < GRANTS_LIVE_MAX; n++) expect(book.add(grantOf(n), 0n)).toEqual({ added: true })
    expect(book.add(grantOf(9_000), 0n)).toEqual(FULL)
    expect(book.add(grantOf(5), 0n), 'a repeat takes no room').toEqual({ added: false })
    expect(book.add(grantOf(9_001, { patientId: id(1001) }), 0n), 'nobody else is touched').toEqual({ added: true })
    const first = book.get(id(0))
    if (first !== undefined) book.end(first, 10n)
    expect(book.add(grantOf(9_000), 10n)).toEqual({ added: true })
    expect(book.add(grantOf(9_002), 10n)).toEqual(FULL)
    // All the others end by themselves at 1,000, and not before.
    expect(book.add(grantOf(9_002), 999n)).toEqual(FULL)
    expect(book.add(grantOf(9_002, { endNs: 2_000n }), 1_000n)).toEqual({ added: true })
  })

  test('counts live grants as a plain list of them would', () => {
    type Step = { kind: 'add'; n: number; endNs: bigint } | { kind: 'end'; n: number } | { kind: 'wait'; byNs: bigint }
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), n: fc.nat(400), endNs: fc.bigInt({ min: 1n, max: 3_000n }) }),
      fc.record({ kind: fc.constant('end' as const), n: fc.nat(400) }),
      fc.record({ kind: fc.constant('wait' as const), byNs: fc.bigInt({ min: 0n, max: 50n }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
        const book = createGrantBook(memoryMap())
        // 195 that last, so that the cap is near.
        for (let n = 1_000; n < 1_195; n++) book.add(grantOf(n, { endNs: 10_000n }), 0n)
        const model = new Map<number, { endNs: bigint; endedNs: bigint | null }>()
        let nowNs = 1n
        for (const each of steps) {
          if (each.kind === 'wait') nowNs += each.byNs
          else if (each.kind === 'add') {
            const known = model.get(each.n)
            const live = [...model.values()].filter(({ endNs, endedNs }) => endedNs === null && nowNs < endNs).length
            const answer = book.add(grantOf(each.n, { endNs: each.endNs }), nowNs)
            if (known !== undefined)
              expect(answer).toEqual(known.endNs === each.endNs ? { added: false } : { refusal: { IdConflict: null } })
            else expect(answer).toEqual(live + 195 >= GRANTS_LIVE_MAX ? FULL : { added: true })
            if ('added' in answer && answer.added) model.set(each.n, { endNs: each.endNs, endedNs: null })
          } else {
            const state = book.get(id(each.n))
            const known = model.get(each.n)
            expect(state?.endedNs).toBe(known?.endedNs)
            if (state === undefined || known === undefined || state.endedNs !== null) continue
            known.endedNs = nowNs < known.endNs ? nowNs : known.endNs
            expect(book.end(state, nowNs)).toBe(known.endedNs)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('holds 10,000 grants of a patient in all, which take no room from others who share with the same grantee', () => {
    const book = createGrantBook(memoryMap())
    for (let n = 0; n < GRANTS_TOTAL_MAX; n++) {
      expect(book.add(grantOf(n), 1n)).toEqual({ added: true })
      const state = book.get(id(n))
      if (state !== undefined) book.end(state, 2n)
    }
    expect(book.add(grantOf(20_000, { grantee: new Uint8Array([9]) }), 3n), 'of the patient').toEqual(FULL)
    expect(book.add(grantOf(20_000, { patientId: id(1001) }), 3n), 'of the grantee').toEqual({ added: true })
    expect(book.receivedBy([GRANTEE], GRANTS_TOTAL_MAX, 50).states.map(numberOf)).toEqual([20_000])
    expect(book.givenBy(PATIENT, 9_990, 50).states.map(numberOf)).toEqual(
      Array.from({ length: 10 }, (_, i) => 9_990 + i),
    )
  })

  test('one layout is known, and a row of another one is never read as this one', () => {
    const rows = memoryMap()
    const book = createGrantBook(rows)
    book.add(grantOf(1), 0n)
    const key = new Uint8Array([0, ...id(1)])
    const row = rows.get(key)
    expect(row?.[0]).toBe(1)
    if (row === undefined) return
    rows.set(key, new Uint8Array([2, ...row.subarray(1)]))
    expect(() => book.get(id(1))).toThrow('a stored grant decodes')
  })
})
