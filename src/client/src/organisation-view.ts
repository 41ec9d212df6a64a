import {
  type MemberView,
  NO_END_NS,
  ORG_KINDS,
  type OrganisationView,
  orgPrincipal,
  Principal,
  rolesIn,
  toHex,
} from '@medguard/protocol'
import { looksOf } from './look-alike.ts'
import type { Member, MemberStatus, Organisation } from './trust-api.ts'

/** Joins what the two canisters say. What is not the same in both is in force in neither. */
export function organisationOf(
  one: OrganisationView,
  other: OrganisationView | undefined,
  verified: readonly OrganisationView[],
): Organisation {
  const { orgId, name, kind, registrant, registeredNs, verifiedNs, verifiedUntilNs, verifiedBy, members } = one
  const isSame =
    other !== undefined &&
    other.name === name &&
    other.kind === kind &&
    other.registrant.toText() === registrant.toText()
  const looks = looksOf(name)
  const id = toHex(orgId)
  return {
    orgId: id,
    principal: Principal.fromUint8Array(orgPrincipal(new Uint8Array(orgId))).toText(),
    name,
    kind: ORG_KINDS[kind] ?? 'other',
    registrant: registrant.toText(),
    registeredNs,
    verified: verifiedNs === 0n ? null : { sinceNs: verifiedNs, untilNs: verifiedUntilNs, act: toHex(verifiedBy) },
    isSuspended: one.isSuspended || other?.isSuspended === true,
    isInForce: isSame && one.isInForce && other.isInForce,
    members,
    looksLike: verified
      .filter((each) => each.isInForce && toHex(each.orgId) !== id && looksOf(each.name) === looks)
      .map((each) => each.name),
  }
}

export const memberOf = ({ principal, roles, validUntilNs, sinceNs, setBy, status }: MemberView): Member => ({
  principal: principal.toText(),
  roles: rolesIn(roles),
  untilNs: validUntilNs === NO_END_NS ? null : validUntilNs,
  sinceNs,
  setBy: setBy.toText(),
  status: Object.keys(status)[0] as MemberStatus,
})
/** The lesser of what the two canisters say of a member. */
export function lesserOf(one: Member, other: Member | undefined): Member {
  if (other === undefined) return { ...one, roles: [], status: one.status === 'active' ? 'invited' : one.status }
  const order: readonly MemberStatus[] = ['active', 'invited', 'suspended', 'removed']
  const status = order[Math.max(order.indexOf(one.status), order.indexOf(other.status))] ?? 'removed'
  return { ...one, status, roles: one.roles.filter((role) => other.roles.includes(role)) }
}
