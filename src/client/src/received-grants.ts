import { GRANT_PAGE_MAX, type GrantView, refuse, refusalOf, toHex } from '@medguard/protocol'
import { Fault } from './api.ts'
import type { Canisters } from './canisters.ts'
import { idOf, okOf, Refused } from './outcome.ts'

/**
 * How many of the newest in a list of what others gave are read. They make it as long as they like, so a list that is longer is no fault.
 */
export const RECEIVED_READ_MAX = 10_000

interface Page {
  readonly total: number
  /** In the order of their making. */
  readonly grants: readonly GrantView[]
  /** Whether those that do not reach the caller are left out. */
  readonly isSifted: boolean
}
/** Null for a list that is not the caller's to read any more. */
type Pages = (page: { from: number; count: number }) => Promise<Page | null>

/**
 * Every grant somebody may read under, to themselves and to organisations that they work for: each list in the order of its making, and of a longer one the
 * newest `RECEIVED_READ_MAX`.
 */
export async function allReceived(canisters: Canisters): Promise<GrantView[]> {
  const all: GrantView[] = []
  for await (const pages of listsOf(canisters)) {
    const listed: GrantView[] = []
    for await (const page of pagesOf(pages)) listed.push(...page)
    // From the end, for the newest page came first.
    all.push(...unique(listed.toReversed()).toReversed())
  }
  return all
}

/** The grant of that id. @throws Refused `NotPermitted` where there is none. */
export async function grantReceived(canisters: Canisters, grantId: string): Promise<GrantView> {
  idOf(grantId)
  for await (const pages of listsOf(canisters))
    for await (const page of pagesOf(pages)) {
      const found = page.find((each) => toHex(each.grantId) === grantId)
      if (found !== undefined) return found
    }
  throw new Refused(refusalOf(refuse.notPermitted))
}

async function* listsOf({ consent }: Canisters): AsyncGenerator<Pages> {
  // Sent beside the first page of one's own list; where that has what was looked for, nobody waits for this.
  const memberships = consent.memberships(null)
  memberships.catch(() => {})
  yield async (page) => ({ ...okOf(await consent.grantsReceived(page)), isSifted: false })
  for (const { member, organisation } of okOf(await memberships)) {
    if (!('active' in member.status)) continue
    yield async (page) => {
      const answer = await consent.organisationGrants({ orgId: new Uint8Array(organisation.orgId), ...page })
      // Somebody whose membership ended a moment ago has nothing there.
      if ('Err' in answer && 'NotPermitted' in answer.Err) return null
      return { ...okOf(answer), isSifted: true }
    }
  }
}

/**
 * Pages of a list: the newest, then all in the order of their making. Some come twice, since what is added meanwhile, to whichever of somebody's sign-ins, moves
 * others back; none is missed.
 *
 * @throws Fault `ListIncomplete` for a page that no honest canister gives: doubled or cut short.
 */
async function* pagesOf(ask: Pages): AsyncGenerator<readonly GrantView[]> {
  const first = await checked(ask, { from: 0, count: GRANT_PAGE_MAX })
  if (first === null) return
  const { total } = first
  if (total <= GRANT_PAGE_MAX) return yield first.grants
  const newest = await checked(ask, { from: total - GRANT_PAGE_MAX, count: GRANT_PAGE_MAX })
  yield newest?.grants ?? []
  const oldest = Math.max(0, total - RECEIVED_READ_MAX)
  for (let from = oldest, until = total; from < until && from < oldest + RECEIVED_READ_MAX; from += GRANT_PAGE_MAX) {
    const page = await checked(ask, { from, count: GRANT_PAGE_MAX })
    if (page === null) return
    yield page.grants
    until = page.total
  }
}

async function checked(ask: Pages, wanted: { from: number; count: number }): Promise<Page | null> {
  const page = await ask(wanted)
  if (page === null) return null
  const { grants, total, isSifted } = page
  const due = Math.max(0, Math.min(wanted.count, total - wanted.from))
  const isWhole = isSifted ? grants.length <= due : grants.length === due
  if (isWhole && unique(grants).length === grants.length) return page
  throw new Fault('ListIncomplete', 'a list of shares does not add up')
}

const unique = (grants: readonly GrantView[]): GrantView[] => [
  ...new Map(grants.map((grant) => [toHex(grant.grantId), grant])).values(),
]
