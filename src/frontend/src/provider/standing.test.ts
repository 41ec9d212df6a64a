import { type MembershipInfo, organisationPrincipal } from '@medguard/client'
import { expect, test } from 'vitest'
import { activeOf, behind } from './standing.ts'

const NOW_MS = 1_800_000_000_000
const memberOf = (name: string, more: Partial<MembershipInfo['member']> = {}): MembershipInfo => {
  const orgId = name.repeat(32)
  const times = { registeredNs: 1n, verified: null, members: 1, looksLike: [] }
  return {
    organisation: {
      ...times,
      orgId,
      principal: organisationPrincipal(orgId),
      name,
      kind: 'hospital',
      registrant: 'r',
      isSuspended: false,
      isInForce: true,
    },
    member: { principal: 'p', roles: ['nurse'], untilNs: null, sinceNs: 1n, setBy: 's', status: 'active', ...more },
  }
}

test('who is invited, suspended, or whose time is over is no member', () => {
  const inTime = memberOf('b', { untilNs: BigInt(NOW_MS + 1) * 1_000_000n })
  const all = [
    memberOf('a'),
    inTime,
    memberOf('c', { untilNs: BigInt(NOW_MS) * 1_000_000n }),
    memberOf('d', { status: 'suspended' }),
    memberOf('e', { status: 'invited' }),
  ]
  expect(activeOf(all, NOW_MS).map(({ organisation }) => organisation.name)).toEqual(['a', 'b'])
})

test('of several organisations the share says for which one somebody is here, and one for themselves says none', () => {
  const [first, second] = [memberOf('a'), memberOf('b')]
  expect(behind([first, second], { grantee: second.organisation.principal })).toBe(second)
  expect(behind([first, second], { grantee: 'p' })).toBeNull()
  expect(behind([first, second], null)).toBeNull()
})
