import { categoryBit, COMPARTMENT_KIND, type Grant, refuse, type RefusalArm } from '@medguard/protocol'
import { samePrincipal } from './decision.ts'
import { positionOfId } from './id-list.ts'

/** What a request for access asks for. Categories and rights are bits. */
interface Asked {
  /** Raw principal, also of an organisation. */
  readonly grantee: Uint8Array
  readonly categories: number
  readonly rights: number
  readonly purpose: number
  readonly periodNs: bigint
}

/** What a grant gives beyond a request; null where it gives that or less. */
export function exceeding(request: Asked, grant: Grant, cids: Uint8Array): RefusalArm | null {
  if (!samePrincipal(request.grantee, grant.grantee)) return refuse.badInput('grantee', 'answering')
  const given = categoriesCovered(grant, cids)
  if (given === 0 || (given & ~request.categories) !== 0) return refuse.badInput('compartments', 'answering')
  // Nobody asks for the inbox: it is given by itself.
  if (grant.compartments.some(({ compartmentKind }) => compartmentKind === COMPARTMENT_KIND.inbox))
    return refuse.badInput('compartments', 'answering')
  if ((grant.rights & ~request.rights) !== 0) return refuse.badInput('rights', 'answering')
  if (grant.purpose !== request.purpose) return refuse.badInput('purpose', 'answering')
  return grant.endNs - grant.startNs > request.periodNs ? refuse.badInput('endNs', 'answering') : null
}

/** Categories a grant covers, or takes records from; 0 for records picked one by one without a word of what they are, which nobody here knows. */
export function categoriesCovered({ compartments, terms }: Grant, cids: Uint8Array): number {
  let covered = terms?.categories ?? 0
  for (const { compartmentKind, cid } of compartments)
    if (compartmentKind === COMPARTMENT_KIND.category) covered |= categoryBit(positionOfId(cids, cid) + 1)
  return covered
}
