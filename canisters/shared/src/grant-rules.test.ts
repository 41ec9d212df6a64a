import {
  compareCompartments,
  COMPARTMENT_KIND,
  GRANT_COMPARTMENTS_MAX,
  GRANT_PERIOD_MAX_NS,
  type GrantArg,
  Principal,
  PURPOSES,
  RIGHT,
} from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type GrantFacts, grantOf } from './grant-rules.ts'

const id = (byte: number) => new Uint8Array(16).fill(byte)
const principal = (byte: number) => new Uint8Array([byte, byte, 2])
const NOW = 1_000_000n
const OWN = [id(1), id(2), id(3)]
const category = (cid: Uint8Array) => ({ compartmentKind: COMPARTMENT_KIND.category, cid })
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
  compartments: [category(id(1)), category(id(2))],
  requestId: id(8),
}
const facts: GrantFacts = {
  caller: principal(1),
  patientId: id(100),
  ownsCategory: (cid) => OWN.some((own) => own.join() === cid.join()),
  isKnown: false,
  nowNs: NOW,
}
const refusalOf = (change: Partial<GrantArg>, more: Partial<GrantFacts> = {}) => {
  const checked = grantOf({ ...sound, ...change }, { ...facts, ...more })
  return 'refusal' in checked ? checked.refusal : null
}
const badInput = (field: string, code: string) => ({ BadInput: { field, code } })

describe('a grant that is asked for', () => {
  test('is taken with the patient of whoever asks, whatever it says', () => {
    const { requestId: _, grantee, ...terms } = sound
    expect(grantOf(sound, facts)).toEqual({
      grant: { ...terms, grantee: grantee.toUint8Array(), patientId: facts.patientId },
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
    ['oneself as grantee', { grantee: Principal.fromUint8Array(facts.caller) }, 'grantee', 'self'],
    ['no right', { rights: 0 }, 'rights', 'range'],
    ['the right to wrap anew', { rights: RIGHT.list | RIGHT.rewrap }, 'rights', 'range'],
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
  ])('is taken with %s', (_, change) => {
    expect(refusalOf(change)).toBeNull()
  })

  test('may be repeated when its period is over, but not be asked for anew', () => {
    const late = { nowNs: sound.endNs + 5n }
    expect(refusalOf({}, late)).toEqual(badInput('endNs', 'past'))
    expect(refusalOf({}, { ...late, isKnown: true })).toBeNull()
  })

  test('never throws and is never more than what its patient owns', () => {
    const bytes = fc.uint8Array({ maxLength: 18 })
    const cid = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...OWN, id(4), id(9)) }, bytes)
    /** Mostly as it has to be: where one field is always wrong, nobody looks at the others. */
    const mostly = <T>(usual: T, odd: fc.Arbitrary<T>) =>
      fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: odd })
    const time = fc.bigInt({ min: 0n, max: 2n * NOW })
    const kind = mostly<number>(COMPARTMENT_KIND.category, fc.nat(4))
    const arbitrary = fc.record({
      patientId: fc.constant<[]>([]),
      grantId: mostly(id(9), bytes),
      grantee: mostly(
        sound.grantee,
        fc.uint8Array({ maxLength: 29 }).map((raw) => Principal.fromUint8Array(raw)),
      ),
      rights: mostly(sound.rights, fc.nat(255)),
      purpose: mostly(sound.purpose, fc.nat(10)),
      startNs: mostly(sound.startNs, time),
      endNs: mostly(sound.endNs, time),
      agreementHash: mostly(sound.agreementHash, fc.uint8Array({ minLength: 31, maxLength: 32 })),
      compartments: fc.array(fc.record({ compartmentKind: kind, cid }), { maxLength: 4 }),
      requestId: fc.constant(id(8)),
    })
    fc.assert(
      fc.property(arbitrary, (arg) => {
        const checked = grantOf(arg, facts)
        if ('refusal' in checked) return
        const { grant } = checked
        expect(grant.patientId).toEqual(facts.patientId)
        expect(grant.endNs).toBeGreaterThan(NOW)
        expect(grant.rights & RIGHT.rewrap).toBe(0)
        expect(grant.compartments.toSorted(compareCompartments)).toEqual(grant.compartments)
        for (const { compartmentKind, cid } of grant.compartments) {
          if (compartmentKind === COMPARTMENT_KIND.share) expect(cid).toEqual(grant.grantId)
          else expect(facts.ownsCategory(cid)).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
