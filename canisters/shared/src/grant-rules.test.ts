import {
  compareCompartments,
  COMPARTMENT_KIND,
  concatBytes,
  decodeGrant,
  encodeGrant,
  GRANT_BYTES_MAX,
  GRANT_COMPARTMENTS_MAX,
  GRANT_PERIOD_MAX_NS,
  type GrantArg,
  type GrantTermsArg,
  PLAIN_TERMS,
  Principal,
  PURPOSES,
  RIGHT,
  SENSITIVE_ALWAYS,
} from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type GrantFacts, grantOf } from './grant-rules.ts'

const id = (byte: number) => new Uint8Array(16).fill(byte)
const principal = (byte: number) => new Uint8Array([byte, byte, 2])
const NOW = 1_000_000n
/** Of the categories 1 to 8. */
const OWN = [1, 2, 3, 14, 15, 16, 17, 18].map(id)
const category = (cid: Uint8Array) => ({ compartmentKind: COMPARTMENT_KIND.category, cid })
const inbox = (cid: Uint8Array) => ({ compartmentKind: COMPARTMENT_KIND.inbox, cid })
const share = (cid: Uint8Array) => ({ compartmentKind: COMPARTMENT_KIND.share, cid })

const sound: GrantArg = {
  patientId: [],
  grantId: id(9),
  grantee: Principal.fromUint8Array(principal(7)),
  rights: RIGHT.list | RIGHT.open,
  purpose: 1,
  startNs: NOW,
  endNs: NOW + 10n,
  agreementHash: new Uint8Array(32).fill(5),
  terms: [],
  compartments: [category(id(1)), category(id(2))],
  requestId: id(8),
}
const facts: GrantFacts = {
  givers: [principal(1), principal(2)],
  patientId: id(100),
  cids: concatBytes(...OWN),
  sensitive: SENSITIVE_ALWAYS,
  isKnown: false,
  nowNs: NOW,
}
const terms = (change: Partial<GrantTermsArg>): [GrantTermsArg] => [{ ...PLAIN_TERMS, excluded: [], ...change }]
const ORGANISATION = Principal.fromUint8Array(new Uint8Array([...id(6), 1, 0x7f]))
const REWRAPS = RIGHT.list | RIGHT.open | RIGHT.rewrap
const members = (...bytes: number[]) => bytes.map((byte) => Principal.fromUint8Array(principal(byte)))
const anyTerms = fc.record({
  roles: fc.nat(255),
  namesSensitive: fc.boolean(),
  categories: fc.nat(255),
  fromDay: fc.constantFrom(0, 5),
  untilDay: fc.constantFrom(5, 0xffff_ffff),
  excluded: fc.constantFrom(members(), members(20), members(20, 21)),
})
const refusalOf = (change: Partial<GrantArg>, more: Partial<GrantFacts> = {}) => {
  const checked = grantOf({ ...sound, ...change }, { ...facts, ...more })
  return 'refusal' in checked ? checked.refusal : null
}
const badInput = (field: string, code: string) => ({ BadInput: { field, code } })

describe('a grant that is asked for', () => {
  test('is taken with the patient of whoever asks, whatever it says', () => {
    const { requestId: _, grantee, ...rest } = sound
    expect(grantOf(sound, facts)).toEqual({
      grant: { ...rest, terms: null, grantee: grantee.toUint8Array(), patientId: facts.patientId },
    })
  })

  const many = Array.from({ length: GRANT_COMPARTMENTS_MAX + 1 }, (_, i) => category(id(i)))
  test.each<[what: string, change: Partial<GrantArg>, field: string, code: string]>([
    ['a short grant id', { grantId: new Uint8Array(15) }, 'grantId', 'length'],
    ['a long grant id', { grantId: new Uint8Array(17) }, 'grantId', 'length'],
    ['the id that stands for no grant', { grantId: new Uint8Array(16) }, 'grantId', 'range'],
    ['no request id', { requestId: new Uint8Array(0) }, 'requestId', 'length'],
    ['a hash of 31 bytes', { agreementHash: new Uint8Array(31) }, 'agreementHash', 'length'],
    ['the anonymous grantee', { grantee: Principal.anonymous() }, 'grantee', 'nobody'],
    ['the management canister as grantee', { grantee: Principal.managementCanister() }, 'grantee', 'nobody'],
    ['oneself as grantee', { grantee: Principal.fromUint8Array(principal(1)) }, 'grantee', 'self'],
    ['another sign-in of one’s own', { grantee: Principal.fromUint8Array(principal(2)) }, 'grantee', 'self'],
    ['no right', { rights: 0 }, 'rights', 'range'],
    ['the right to wrap anew alone', { rights: RIGHT.rewrap }, 'rights', 'range'],
    ['that without the right to open', { rights: RIGHT.list | RIGHT.rewrap }, 'rights', 'range'],
    ['that without the right to list', { rights: RIGHT.open | RIGHT.write | RIGHT.rewrap }, 'rights', 'range'],
    [
      'that for records picked one by one',
      { rights: REWRAPS, compartments: [share(sound.grantId)] },
      'rights',
      'compartments',
    ],
    [
      'that for an organisation',
      { rights: REWRAPS, grantee: ORGANISATION, terms: terms({}) },
      'rights',
      'organisation',
    ],
    ['an unknown right', { rights: 16 }, 'rights', 'range'],
    ['an unknown purpose', { purpose: PURPOSES.length }, 'purpose', 'range'],
    ['a period without length', { startNs: NOW + 5n, endNs: NOW + 5n }, 'endNs', 'order'],
    ['a period that ends before it starts', { startNs: NOW + 9n, endNs: NOW + 5n }, 'endNs', 'order'],
    ['a period longer than the longest', { endNs: NOW + GRANT_PERIOD_MAX_NS + 1n }, 'endNs', 'range'],
    ['a period that is just over', { startNs: 0n, endNs: NOW }, 'endNs', 'past'],
    [
      'a start too far ahead',
      { startNs: NOW + GRANT_PERIOD_MAX_NS + 1n, endNs: NOW + GRANT_PERIOD_MAX_NS + 2n },
      'startNs',
      'range',
    ],
    ['no compartment', { compartments: [] }, 'compartments', 'range'],
    ['more compartments than can be', { compartments: many }, 'compartments', 'range'],
    ['a short compartment id', { compartments: [category(new Uint8Array(15))] }, 'compartments', 'length'],
    ['compartments out of order', { compartments: [category(id(2)), category(id(1))] }, 'compartments', 'order'],
    ['the same compartment twice', { compartments: [category(id(1)), category(id(1))] }, 'compartments', 'order'],
    ['a compartment of somebody else', { compartments: [category(id(4))] }, 'compartments', 'unknown'],
    ['an own id under another kind', { compartments: [{ compartmentKind: 3, cid: id(1) }] }, 'compartments', 'unknown'],
    ['the inbox of somebody else', { rights: RIGHT.write, compartments: [inbox(id(101))] }, 'compartments', 'unknown'],
    ['a category as an inbox', { rights: RIGHT.write, compartments: [inbox(id(1))] }, 'compartments', 'unknown'],
    ['the inbox to be read', { compartments: [inbox(id(100))] }, 'rights', 'inbox'],
    [
      'the inbox to be read too',
      { rights: RIGHT.write | RIGHT.list, compartments: [category(id(1)), inbox(id(100))] },
      'rights',
      'inbox',
    ],
    [
      'a share beside the inbox',
      { rights: RIGHT.write, compartments: [share(id(9)), inbox(id(100))] },
      'compartments',
      'unknown',
    ],
    ['a share of another grant', { compartments: [share(id(1))] }, 'compartments', 'unknown'],
    ['a share beside a category', { compartments: [category(id(1)), share(id(9))] }, 'compartments', 'unknown'],
  ])('is refused for %s', (_, change, field, code) => {
    expect(refusalOf(change)).toEqual(badInput(field, code))
  })

  test.each<[what: string, change: Partial<GrantArg>]>([
    ['the longest period', { endNs: NOW + GRANT_PERIOD_MAX_NS }],
    ['a period that ends in the next nanosecond', { startNs: 0n, endNs: NOW + 1n }],
    ['the latest start', { startNs: NOW + GRANT_PERIOD_MAX_NS, endNs: NOW + GRANT_PERIOD_MAX_NS + 1n }],
    ['its own share compartment', { compartments: [share(sound.grantId)] }],
    ['each purpose', { purpose: PURPOSES.length - 1 }],
    ['the right to write', { rights: RIGHT.write }],
    ['the inbox to be written to', { rights: RIGHT.write, compartments: [inbox(id(100))] }],
    ['the inbox beside a category', { rights: RIGHT.write, compartments: [category(id(1)), inbox(id(100))] }],
    ['the right to wrap anew, for a person', { rights: REWRAPS }],
  ])('is taken with %s', (_, change) => {
    expect(refusalOf(change)).toBeNull()
  })

  test.each<[what: string, change: Partial<GrantArg>, field: string, code: string]>([
    ['an organisation and no word of its members', { grantee: ORGANISATION }, 'terms', 'missing'],
    ['roles of a person', { terms: terms({ roles: 1 }) }, 'roles', 'person'],
    ['excluded members of a person', { terms: terms({ excluded: members(20) }) }, 'excluded', 'person'],
    ['the sensitive category unnamed', { compartments: [category(id(17))] }, 'compartments', 'sensitive'],
    ['it among others', { compartments: [category(id(1)), category(id(17))] }, 'compartments', 'sensitive'],
    ['days and no categories', { compartments: [share(id(9))], terms: terms({ fromDay: 5 }) }, 'categories', 'missing'],
    ['days of whole categories', { terms: terms({ categories: 1, fromDay: 5 }) }, 'categories', 'compartments'],
    [
      'days in reverse',
      { compartments: [share(id(9))], terms: terms({ categories: 1, fromDay: 5, untilDay: 4 }) },
      'untilDay',
      'order',
    ],
    [
      'a share that takes in what is sensitive, unnamed',
      { compartments: [share(id(9))], terms: terms({ categories: 0b100_0001 }) },
      'compartments',
      'sensitive',
    ],
    ...(
      [
        ['seven excluded members', [20, 21, 22, 23, 24, 25, 26], 'range'],
        ['the same excluded twice', [20, 20], 'order'],
        ['excluded out of order', [21, 20], 'order'],
      ] as const
    ).map(([what, bytes, code]): [string, Partial<GrantArg>, string, string] => [
      what,
      { grantee: ORGANISATION, terms: terms({ excluded: members(...bytes) }) },
      'excluded',
      code,
    ]),
    [
      'an excluded organisation',
      { grantee: ORGANISATION, terms: terms({ excluded: [ORGANISATION] }) },
      'excluded',
      'nobody',
    ],
  ])('in its second form is refused for %s', (_, change, field, code) => {
    expect(refusalOf(change)).toEqual(badInput(field, code))
  })

  test.each<[what: string, change: Partial<GrantArg>]>([
    [
      'an organisation, its roles and six members it does not reach',
      {
        grantee: ORGANISATION,
        compartments: OWN.map(category),
        terms: terms({ roles: 3, namesSensitive: true, excluded: members(20, 21, 22, 23, 24, 25) }),
      },
    ],
    ['the sensitive category named', { compartments: [category(id(17))], terms: terms({ namesSensitive: true }) }],
    [
      'a share that takes in days of categories',
      {
        compartments: [share(id(9))],
        terms: terms({ categories: 3, fromDay: 5, untilDay: 5 }),
      },
    ],
    ['a share of records picked by hand', { compartments: [share(id(9))], terms: terms({}) }],
  ])('in its second form is taken with %s', (_, change) => {
    expect(refusalOf(change)).toBeNull()
  })

  test('follows what the patient has marked as sensitive, but for repeats', () => {
    const more = { sensitive: SENSITIVE_ALWAYS | 2 }
    expect(refusalOf({}, more)).toEqual(badInput('compartments', 'sensitive'))
    expect(refusalOf({ compartments: [category(id(1))] }, more)).toBeNull()
    expect(refusalOf({ terms: terms({ namesSensitive: true }) }, more)).toBeNull()
    expect(refusalOf({}, { ...more, isKnown: true })).toBeNull()
  })

  test('may be repeated when its period is over, but not be asked for anew', () => {
    const late = { nowNs: sound.endNs + 5n }
    expect(refusalOf({}, late)).toEqual(badInput('endNs', 'past'))
    expect(refusalOf({}, { ...late, isKnown: true })).toBeNull()
  })

  test('never throws and is never more than what its patient owns', () => {
    const bytes = fc.uint8Array({ maxLength: 18 })
    const cid = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...OWN, id(4), id(9), id(100)) }, bytes)
    /** Mostly as it has to be: where one field is always wrong, nobody looks at the others. */
    const mostly = <T>(usual: T, odd: fc.Arbitrary<T>) =>
      fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: odd })
    const time = fc.bigInt({ min: 0n, max: 2n * NOW })
    const kind = mostly<number>(COMPARTMENT_KIND.category, fc.oneof(fc.nat(4), fc.constant(COMPARTMENT_KIND.inbox)))
    const arbitrary = fc.record({
      patientId: fc.constant<[]>([]),
      grantId: mostly(id(9), bytes),
      grantee: mostly(
        sound.grantee,
        fc.uint8Array({ maxLength: 29 }).map((raw) => Principal.fromUint8Array(raw)),
      ),
      rights: mostly(sound.rights, fc.oneof(fc.constant(RIGHT.write), fc.nat(255))),
      purpose: mostly(sound.purpose, fc.nat(10)),
      startNs: mostly(sound.startNs, time),
      endNs: mostly(sound.endNs, time),
      agreementHash: mostly(sound.agreementHash, fc.uint8Array({ minLength: 31, maxLength: 32 })),
      compartments: fc.array(fc.record({ compartmentKind: kind, cid }), { maxLength: 4 }),
      terms: fc.oneof(fc.constant<[]>([]), fc.tuple(anyTerms)),
      requestId: fc.constant(id(8)),
    })
    fc.assert(
      fc.property(arbitrary, (arg) => {
        const checked = grantOf(arg, facts)
        if ('refusal' in checked) return
        const { grant } = checked
        expect(grant.patientId).toEqual(facts.patientId)
        expect(grant.endNs).toBeGreaterThan(NOW)
        if ((grant.rights & RIGHT.rewrap) !== 0) expect(grant.rights & REWRAPS).toBe(REWRAPS)
        expect(encodeGrant(grant).length).toBeLessThanOrEqual(GRANT_BYTES_MAX)
        expect(decodeGrant(encodeGrant(grant))).toEqual(grant)
        const covers7 = grant.compartments.some(({ cid }) => String(cid) === String(id(17)))
        if (covers7) expect(grant.terms?.namesSensitive).toBe(true)
        expect(grant.compartments.toSorted(compareCompartments)).toEqual(grant.compartments)
        for (const { compartmentKind, cid } of grant.compartments) {
          if (compartmentKind === COMPARTMENT_KIND.share) expect(cid).toEqual(grant.grantId)
          else if (compartmentKind === COMPARTMENT_KIND.inbox) {
            expect(cid).toEqual(facts.patientId)
            expect(grant.rights).toBe(RIGHT.write)
          } else expect(OWN.map(String)).toContain(String(cid))
        }
      }),
      { numRuns: 2000 },
    )
  })
})
