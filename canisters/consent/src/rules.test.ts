import { concatBytes, COMPARTMENT_KIND, RIGHT } from '@medguard/protocol'
import { idsIn, type GrantState } from '@medguard/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Deriver, StoredAccount } from './codec.ts'
import {
  type Asked,
  decide,
  derivedAsOwner,
  derivedUnder,
  type Facts,
  isStale,
  refuseEpoch,
  wrongIds,
} from './rules.ts'

const id = (byte: number) => new Uint8Array(16).fill(byte)
const OWNER = new Uint8Array([1, 1, 2])
const GRANTEE = new Uint8Array([7, 7, 2])
const PATIENT = id(100)
const NO_GRANT = id(0)
const NOT_PERMITTED = { kind: 'refuse', refusal: { NotPermitted: null } }

const accountOf = (patientId: Uint8Array): StoredAccount => ({
  accountId: id(50),
  patientId,
  enrolledNs: 1n,
  isConfirmed: true,
  leafSeq: 0n,
  cids: concatBytes(...[1, 2, 3, 4, 5, 6, 7, 8].map(id)),
})
const grantState = (change: Partial<GrantState['grant']> = {}, endedNs: bigint | null = null): GrantState => ({
  grant: {
    grantId: id(9),
    patientId: PATIENT,
    grantee: GRANTEE,
    rights: RIGHT.list | RIGHT.open,
    purpose: 1,
    startNs: 100n,
    endNs: 200n,
    agreementHash: new Uint8Array(32),
    compartments: [{ compartmentKind: COMPARTMENT_KIND.category, cid: id(1) }],
    ...change,
  },
  endedNs,
})
const byOwner: Asked = {
  caller: OWNER,
  patientId: PATIENT,
  compartmentKind: COMPARTMENT_KIND.category,
  cid: id(1),
  grantId: null,
  anyOf: RIGHT.open,
}
const byGrantee: Asked = { ...byOwner, caller: GRANTEE, grantId: id(9) }
const factsOf = (change: Partial<Facts> = {}): Facts => ({
  account: accountOf(PATIENT),
  state: undefined,
  nowNs: 150n,
  ...change,
})

describe('a decision', () => {
  test('lets patients into each of their own categories, whatever they want to do', () => {
    for (const cid of idsIn(accountOf(PATIENT).cids))
      for (const anyOf of Object.values(RIGHT))
        expect(decide({ ...byOwner, cid, anyOf }, factsOf()).kind).toBe('permit')
  })

  test.each<[what: string, asked: Partial<Asked>, facts: Partial<Facts>]>([
    ['without an account', {}, { account: undefined }],
    ['at the vault of somebody else', {}, { account: accountOf(id(101)) }],
    ['in a category that is not theirs', { cid: id(20) }, {}],
    ['under a reserved kind', { compartmentKind: COMPARTMENT_KIND.emergency }, {}],
    ['under an unknown kind', { compartmentKind: 0 }, {}],
  ])('refuses whoever comes as the owner %s', (_, asked, facts) => {
    expect(decide({ ...byOwner, ...asked }, factsOf(facts))).toEqual(NOT_PERMITTED)
  })

  test('needs an account of the grantee too', () => {
    const facts = factsOf({ account: accountOf(id(101)), state: grantState() })
    expect(decide(byGrantee, facts).kind).toBe('permit')
    expect(decide(byGrantee, { ...facts, account: undefined })).toEqual(NOT_PERMITTED)
  })

  test('refuses a grant that nobody made, also to the owner', () => {
    expect(decide(byGrantee, factsOf())).toEqual(NOT_PERMITTED)
    expect(decide({ ...byOwner, grantId: id(9) }, factsOf({ state: grantState() }))).toEqual(NOT_PERMITTED)
  })

  test('tells of an end to the grantee of that very grant and to nobody else', () => {
    const facts = factsOf({ account: accountOf(id(101)), state: grantState({}, 150n) })
    expect(decide(byGrantee, facts)).toEqual({ kind: 'refuse', refusal: { ConsentEnded: { endNs: 150n } } })
    for (const caller of [OWNER, id(3)]) expect(decide({ ...byGrantee, caller }, facts)).toEqual(NOT_PERMITTED)
  })

  test('permits nobody but owners in their own vault and grantees in what their live grant names', () => {
    const any = fc.record({
      caller: fc.constantFrom(OWNER, GRANTEE, new Uint8Array([8, 8, 2])),
      patientId: fc.constantFrom(PATIENT, id(101), id(102)),
      compartmentKind: fc.nat(5),
      cid: fc.constantFrom(id(1), id(2), id(9), id(11)),
      grantId: fc.constantFrom(null, id(9), id(10), NO_GRANT),
      anyOf: fc.integer({ min: 1, max: 15 }),
    })
    const facts = fc.record({
      account: fc.constantFrom(undefined, accountOf(PATIENT), accountOf(id(101))),
      state: fc.constantFrom(undefined, grantState(), grantState({}, 150n)),
      nowNs: fc.bigInt({ min: 50n, max: 250n }),
    })
    fc.assert(
      fc.property(any, facts, (asked, known) => {
        if (decide(asked, known).kind === 'refuse') return
        if (known.account === undefined) throw new Error('somebody without an account was permitted')
        if (asked.grantId === null) {
          expect(asked.patientId).toEqual(known.account.patientId)
          expect([COMPARTMENT_KIND.category, COMPARTMENT_KIND.share]).toContain(asked.compartmentKind)
          return
        }
        if (known.state === undefined) throw new Error('somebody was permitted under no grant')
        const { grant, endedNs } = known.state
        expect([asked.caller, asked.patientId, asked.cid]).toEqual([grant.grantee, grant.patientId, id(1)])
        expect(asked.anyOf & grant.rights).not.toBe(0)
        expect(known.nowNs >= grant.startNs && known.nowNs < (endedNs ?? grant.endNs)).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('epochs', () => {
  test('can be derived from the lowest to the current one', () => {
    const epochs = { minEpoch: 2, currentEpoch: 4 }
    const refused = [0, 1, 2, 3, 4, 5].map((epoch) => refuseEpoch(epoch, epochs) !== null)
    expect(refused).toEqual([true, true, false, false, false, true])
    expect(refuseEpoch(1, epochs)).toEqual({ StaleEpoch: { current: 4 } })
  })

  const owner: Deriver = { principal: OWNER, grantId: NO_GRANT }
  const grantee: Deriver = { principal: GRANTEE, grantId: id(9) }
  const facts = (state: GrantState | undefined, nowNs: bigint) => ({ owner: OWNER, grant: () => state, nowNs })

  test('stay while everybody who has the key may have it', () => {
    expect(isStale([], facts(undefined, 0n))).toBe(false)
    expect(isStale([owner], facts(undefined, 0n))).toBe(false)
    expect(isStale([owner, grantee], facts(grantState(), 150n))).toBe(false)
  })

  test('are stale from the nanosecond in which one of them may not any more', () => {
    const stale = (state: GrantState | undefined, nowNs: bigint) => isStale([owner, grantee], facts(state, nowNs))
    expect([stale(grantState(), 199n), stale(grantState(), 200n)]).toEqual([false, true])
    expect([stale(grantState({}, 150n), 149n), stale(grantState({}, 150n), 150n)]).toEqual([true, true])
    expect(stale(undefined, 150n)).toBe(true)
    expect(isStale([{ principal: GRANTEE, grantId: NO_GRANT }], facts(undefined, 0n))).toBe(true)
    expect(isStale([owner], { ...facts(undefined, 0n), owner: undefined })).toBe(true)
  })

  test('count what was derived under a grant, and what as the owner', () => {
    expect(derivedUnder([owner, grantee], id(9))).toBe(true)
    expect(derivedUnder([owner, grantee], id(8))).toBe(false)
    expect(derivedAsOwner([owner], OWNER)).toBe(true)
    expect(derivedAsOwner([grantee, { principal: OWNER, grantId: id(9) }], OWNER)).toBe(false)
  })
})

test('ids have 16 bytes, and the first that has not is named', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const wrong = wrongIds({ cid: id(1), grantId: null, requestId: bytes })
      expect(wrong).toEqual(bytes.length === 16 ? null : { BadInput: { field: 'requestId', code: 'length' } })
    }),
  )
})
