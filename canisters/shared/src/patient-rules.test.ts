import { BLOCKS_MAX, type PatientRules, Principal, type RulesChange } from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { memoryMap } from './maps.ts'
import { changedRules, createRulesBook } from './patient-rules.ts'

const PATIENT = new Uint8Array(16).fill(1)
const OWN = new Uint8Array([1, 2, 3])
const principal = (...bytes: number[]) => Principal.fromUint8Array(new Uint8Array(bytes))

function apply(rules: PatientRules, change: RulesChange): PatientRules | string {
  const changed = changedRules(rules, change, { own: OWN, nowNs: 5n })
  return 'rules' in changed ? changed.rules : JSON.stringify(changed.refusal)
}
const first = createRulesBook(memoryMap()).of(PATIENT)

describe('the rules of a patient', () => {
  test('who laid nothing down: nothing paused, nobody blocked, category 7 sensitive, verified people may ask', () => {
    expect(first).toEqual({ pausedNs: [], sensitive: 0b100_0000, requestsFrom: 2, blocked: [] })
    expect(createRulesBook(memoryMap()).bar(PATIENT, [OWN])).toBeNull()
  })

  test('come back as they were stored', () => {
    const anyPrincipal = fc
      .uint8Array({ minLength: 1, maxLength: 29 })
      .map((bytes) => Principal.fromUint8Array(new Uint8Array(bytes)))
    const anyRules = fc.record({
      pausedNs: fc.oneof(fc.constant<[]>([]), fc.tuple(fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }))),
      sensitive: fc.nat(255),
      requestsFrom: fc.nat(2),
      blocked: fc.array(anyPrincipal, { maxLength: BLOCKS_MAX }),
    })
    fc.assert(
      fc.property(anyRules, (rules) => {
        const book = createRulesBook(memoryMap())
        book.set(PATIENT, rules)
        expect(book.of(PATIENT)).toEqual(rules)
        expect(book.sensitive(PATIENT)).toBe(rules.sensitive)
      }),
    )
  })

  test('bar whoever is blocked, under any of their principals, before they say that all is paused', () => {
    const book = createRulesBook(memoryMap())
    book.set(PATIENT, { ...first, blocked: [principal(9, 9), principal(7, 7, 2)] })
    const bar = (...principals: number[][]) =>
      book.bar(
        PATIENT,
        principals.map((each) => new Uint8Array(each)),
      )
    expect([bar([7, 7, 2]), bar([8], [9, 9]), bar([9]), bar([7, 7]), bar([9, 9, 0]), bar([8])]).toEqual([
      'blocked',
      'blocked',
      null,
      null,
      null,
      null,
    ])
    book.set(PATIENT, { ...first, pausedNs: [3n], blocked: [principal(9, 9)] })
    expect([bar([9, 9]), bar([8])]).toEqual(['blocked', 'paused'])
  })

  test('find nobody across the edge of two entries', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 29 }), { maxLength: 8 }), fc.nat(), (all, pick) => {
        const book = createRulesBook(memoryMap())
        const blocked = all.map((bytes) => Principal.fromUint8Array(new Uint8Array(bytes)))
        book.set(PATIENT, { ...first, blocked })
        // Any run of bytes that lies somewhere in the row.
        const row = all.flatMap((bytes) => [bytes.length, ...bytes, ...new Uint8Array(29 - bytes.length)])
        const at = row.length === 0 ? 0 : pick % row.length
        const asked = new Uint8Array(row.slice(at, at + 1 + (pick % 29)))
        const isBlocked = all.some((bytes) => String(bytes) === String(asked))
        expect(book.bar(PATIENT, [asked])).toBe(isBlocked ? 'blocked' : null)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a change', () => {
  test('twice is once', () => {
    const changes: RulesChange[] = [{ pause: null }, { block: principal(9) }, { sensitive: 0xff }, { requestsFrom: 0 }]
    for (const change of changes) {
      const once = apply(first, change) as PatientRules
      const twice = changedRules(once, change, { own: OWN, nowNs: 900n })
      expect(twice).toEqual({ rules: once, isSame: true })
    }
  })

  test('is undone by its opposite', () => {
    for (const [there, back] of [
      [{ pause: null }, { resume: null }],
      [{ block: principal(9) }, { unblock: principal(9) }],
    ] as const)
      expect(apply(apply(first, there) as PatientRules, back)).toEqual(first)
  })

  test('never makes less sensitive than category 7, lets in nobody unknown, and blocks neither oneself nor nobody', () => {
    expect(apply(first, { sensitive: 0 })).toContain('sensitive')
    expect(apply(first, { sensitive: 0b1011_1111 })).toContain('sensitive')
    expect(apply(first, { requestsFrom: 3 })).toContain('requestsFrom')
    expect(apply(first, { block: Principal.fromUint8Array(OWN) })).toContain('self')
    expect(apply(first, { block: Principal.anonymous() })).toContain('nobody')
    expect(apply(first, { block: Principal.managementCanister() })).toContain('nobody')
  })

  test('blocks at most a hundred', () => {
    let rules = first
    for (let i = 0; i < BLOCKS_MAX; i++) rules = apply(rules, { block: principal(9, i) }) as PatientRules
    expect(rules.blocked).toHaveLength(BLOCKS_MAX)
    expect(apply(rules, { block: principal(8) })).toContain('Full')
    expect(apply(rules, { block: principal(9, 5) })).toEqual(rules)
  })
})
