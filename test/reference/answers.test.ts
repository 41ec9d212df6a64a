import { COMPARTMENT_KIND, DAYS_NONE, DAYS_OPEN, type Grant, PLAIN_TERMS, PURPOSES, RIGHT } from '@medguard/protocol'
import { exceeding, positionOfId, takesIn } from '@medguard/shared'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mayDo, type World } from './evaluator.ts'

// I4, A16: whatever answers a request opens nothing that approving it as a whole would not have opened, be it by category, by days or by records picked one by one.

const id = (n: number) => new Uint8Array(16).fill(n)
const CIDS = Uint8Array.from({ length: 8 * 16 }, (_, i) => 1 + Math.floor(i / 16))
const CATEGORIES = [1, 2, 3, 4, 5, 6, 7, 8]
const START = 1_000n
const GRANTEES = { bob: Uint8Array.of(1, 2), eve: Uint8Array.of(3, 4) } as const
type Name = keyof typeof GRANTEES

/** As consent keeps it, in one byte: categories and rights as bits. */
const anyRequest = fc.record({
  to: fc.constantFrom<Name>('bob', 'eve'),
  categories: fc.integer({ min: 1, max: 255 }),
  rights: fc.integer({ min: 1, max: 15 }),
  purpose: fc.nat(2),
  periodNs: fc.bigInt({ min: 1n, max: 20n }),
})
const anyScope = fc.oneof(
  fc.record({ kind: fc.constant('categories' as const), categories: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constantFrom('days', 'picked'), categories: fc.nat(255) }),
)
const anyGrant = fc.record({
  to: fc.constantFrom<Name>('bob', 'eve'),
  scope: anyScope,
  rights: fc.integer({ min: 1, max: 15 }),
  purpose: fc.nat(2),
  periodNs: fc.bigInt({ min: 1n, max: 20n }),
})
type AnyGrant = typeof anyGrant extends fc.Arbitrary<infer T> ? T : never

const inMask = (mask: number) => CATEGORIES.filter((category) => (mask & (1 << (category - 1))) !== 0)
function stored({ to, scope, rights, purpose, periodNs }: AnyGrant): Grant {
  const ofCategory = (category: number) => ({ compartmentKind: COMPARTMENT_KIND.category, cid: id(category) })
  const isShare = scope.kind !== 'categories'
  const days = scope.kind === 'picked' ? DAYS_NONE : DAYS_OPEN
  return {
    grantId: id(200),
    patientId: id(100),
    grantee: GRANTEES[to],
    rights,
    purpose,
    startNs: START,
    endNs: START + periodNs,
    agreementHash: new Uint8Array(32),
    compartments: isShare
      ? [{ compartmentKind: COMPARTMENT_KIND.share, cid: id(200) }]
      : inMask(scope.categories).map(ofCategory),
    terms: isShare ? { ...PLAIN_TERMS, ...days, categories: scope.categories } : null,
  }
}

/** What a grant opens of a record that is at home in a category, by the reference; into a share come those records that it takes in. */
function opens(grant: Grant, who: Name, home: number, right: string, now: bigint): boolean {
  const isShare = grant.compartments.some(({ compartmentKind }) => compartmentKind === COMPARTMENT_KIND.share)
  if (isShare && !takesIn(grant, home)) return false
  const named = grant.compartments.map(({ cid }) => (isShare ? 'share given' : `c${positionOfId(CIDS, cid) + 1}`))
  const world: World = {
    now: Number(now),
    hasCouncil: false,
    enrolled: ['pat', 'bob', 'eve'],
    patients: [
      {
        name: 'P',
        owner: 'pat',
        categories: CATEGORIES.map((n) => `c${n}`),
        sensitive: [],
        paused: false,
        blocked: [],
      },
    ],
    carers: [],
    organisations: [],
    members: [],
    grants: [
      {
        name: 'given',
        patient: 'P',
        to: grant.grantee === GRANTEES.bob ? 'bob' : 'eve',
        compartments: named,
        namesSensitive: true,
        rights: Object.entries(RIGHT).flatMap(([name, bit]) => ((grant.rights & bit) === 0 ? [] : [name])),
        purpose: PURPOSES[grant.purpose] ?? '',
        start: Number(grant.startNs),
        end: Number(grant.endNs),
        ended: null,
        roles: [],
        excluded: [],
      },
    ],
  }
  const compartment = isShare ? 'share given' : `c${home}`
  return mayDo(world, { who, patient: 'P', compartment, grant: 'given', right })
}

test('an answer to a request opens no record to anybody, at any time, that the whole of what was asked would not', () => {
  const met = { categories: 0, days: 0, picked: 0 }
  fc.assert(
    fc.property(anyRequest, anyGrant, fc.boolean(), (asked, wanted, isClose) => {
      // Half of them say the same but for the scope: else hardly any would answer.
      const { to, rights, purpose, periodNs } = asked
      const grant = stored(isClose ? { ...wanted, to, rights, purpose, periodNs } : wanted)
      const request = { ...asked, grantee: GRANTEES[to] }
      if (exceeding(request, grant, CIDS) !== null) return
      met[wanted.scope.kind]++
      const whole = stored({ ...asked, scope: { kind: 'categories', categories: asked.categories } })
      for (const who of ['bob', 'eve'] as const)
        for (const home of CATEGORIES)
          for (const right of Object.keys(RIGHT))
            for (const now of [START - 1n, START, grant.endNs - 1n, grant.endNs, whole.endNs])
              if (opens(grant, who, home, right, now))
                expect(opens(whole, who, home, right, now), `${who} ${home} ${right} ${now}`).toBe(true)
    }),
    { numRuns: 1_500 },
  )
  for (const times of Object.values(met)) expect(times).toBeGreaterThan(10)
})

test('records picked one by one without a word of what they are answer nothing', () => {
  const asked = { to: 'bob' as const, categories: 255, rights: 3, purpose: 1, periodNs: 10n }
  const grant = stored({ ...asked, scope: { kind: 'picked', categories: 0 } })
  expect(exceeding({ ...asked, grantee: GRANTEES.bob }, grant, CIDS)).toEqual({
    BadInput: { field: 'compartments', code: 'answering' },
  })
})
