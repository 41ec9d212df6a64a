import type { MembershipInfo, Share } from '@medguard/client'
import { msOf } from '../app/dates.ts'

/** Where somebody is a member at this moment: not where they are invited, suspended, or their time is over. */
export const activeOf = (memberships: readonly MembershipInfo[], nowMs: number): MembershipInfo[] =>
  memberships.filter(
    ({ member: { status, untilNs } }) => status === 'active' && (untilNs === null || msOf(untilNs) > nowMs),
  )

/** The organisation that a share goes to; null for one that goes to the person themselves, who may be a member of several. */
export const behind = (
  active: readonly MembershipInfo[],
  share: Pick<Share, 'grantee'> | null,
): MembershipInfo | null => active.find(({ organisation }) => organisation.principal === share?.grantee) ?? null

export const mayRead = ({ rights }: Share): boolean => rights.includes('list') && rights.includes('open')
export const mayAdd = ({ rights }: Share): boolean => rights.includes('write')
