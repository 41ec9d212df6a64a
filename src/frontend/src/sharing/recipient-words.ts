import type { Organisation, Recipient } from '@medguard/client'
import { momentText, msOf } from '../app/dates.ts'
import { rolesText } from '../organisations/organisation-words.ts'
import { listText, t } from '../words/language.ts'

/** Who vouches for somebody, and what to beware of, each in a sentence. */
export function recipientWords(
  recipient: Recipient,
  nowMs: number,
): { readonly vouched: readonly string[]; readonly warnings: readonly string[] } {
  const { isVerified, organisation, memberships, looksLike } = recipient
  const warnings = [
    ...(isVerified ? [] : [t('requests.whoUnverified')]),
    ...(looksLike.length === 0 ? [] : [t('requests.whoLooksLike', { names: listText(looksLike) })]),
  ]
  if (!isVerified) return { vouched: [], warnings }
  if (organisation !== null)
    return { vouched: [t('requests.whoVerified', { until: untilOf(organisation, nowMs) })], warnings }
  const vouched = memberships
    .filter(({ organisation, member }) => organisation.isInForce && member.status === 'active')
    .map(({ organisation, member }) =>
      t('requests.whoMember', {
        roles: rolesText(member.roles),
        organisation: organisation.name,
        until: untilOf(organisation, nowMs, member.untilNs),
      }),
    )
  return { vouched, warnings }
}

/** Whichever ends first. */
function untilOf({ verified }: Organisation, nowMs: number, memberNs: bigint | null = null): string {
  const ends = [verified?.untilNs, memberNs].filter((ns) => ns !== null && ns !== undefined).map(msOf)
  return momentText(Math.min(...ends), nowMs)
}
