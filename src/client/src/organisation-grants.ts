import { GRANT_PAGE_MAX, type GrantView } from '@medguard/protocol'
import { Fault } from './api.ts'
import type { Canisters } from './canisters.ts'
import { okOf } from './outcome.ts'
import { allGrants } from './share-list.ts'

/** Every grant somebody may read under: to themselves, and to organisations that they work for. */
export async function allReceived({ consent }: Canisters): Promise<GrantView[]> {
  const [own, memberships] = await Promise.all([allGrants(consent.grantsReceived), consent.memberships(null)])
  const theirs = okOf(memberships).filter(({ member }) => 'active' in member.status)
  const all = [...own]
  for (const { organisation } of theirs) all.push(...(await grantsTo(consent, new Uint8Array(organisation.orgId))))
  return all
}

/** @throws Fault `ListIncomplete` for a list that does not come to its end. */
async function grantsTo(consent: Canisters['consent'], orgId: Uint8Array): Promise<GrantView[]> {
  const grants: GrantView[] = []
  for (let from = 0, total = 1; from < total;) {
    const answer = await consent.organisationGrants({ orgId, from, count: GRANT_PAGE_MAX })
    // Somebody whose membership ended a moment ago has nothing there.
    if ('Err' in answer && 'NotPermitted' in answer.Err) return []
    const page = okOf(answer)
    if (page.total > 0 && page.next <= from) throw new Fault('ListIncomplete', 'a list of shares does not go on')
    total = page.total
    from = page.next
    grants.push(...page.grants)
  }
  return grants
}
