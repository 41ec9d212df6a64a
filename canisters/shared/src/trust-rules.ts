import {
  COUNCIL_MEMBERS_MAX,
  type CouncilAct,
  type CouncilShape,
  decodeAct,
  encodeAct,
  equalBytes,
  ID_BYTES,
  isCleanName,
  MEMBER_PERIOD_MAX_NS,
  NO_END_NS,
  ORG_KINDS,
  orgIdOf,
  refuse,
  type RefusalArm,
  ROLE,
  VERIFIED_PERIOD_MAX_NS,
} from '@medguard/protocol'
import { samePrincipal } from './decision.ts'
import { isAnonymous } from './host.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'
import type { StoredOrganisation } from './trust-rows.ts'

/** What arguments of the trust methods have to be, as functions of facts: what one canister takes, the other takes. */

export function wrongOrgIds(ids: Readonly<Record<string, Uint8Array>>): RefusalArm | null {
  for (const [field, id] of Object.entries(ids)) if (id.length !== ID_BYTES) return refuse.badInput(field, 'length')
  return null
}

export function wrongOrganisation({ orgId, name, kind }: { orgId: Uint8Array; name: string; kind: number }) {
  // Sixteen zeros stand for "no organisation" in leaves.
  if (orgId.every((byte) => byte === 0)) return refuse.badInput('orgId', 'range')
  if (!isCleanName(name)) return refuse.badInput('name', 'characters')
  return kind < ORG_KINDS.length ? null : refuse.badInput('kind', 'range')
}

/** Somebody who can sign: organisations are no members of organisations, nor of a council. */
export const isSomebody = (principal: Uint8Array): boolean =>
  principal.length > 0 && principal.length <= 29 && !isAnonymous(principal) && orgIdOf(principal) === null

/** Every role ends by itself, within two years; to administrate alone may last until it is changed. */
export function wrongRoles(roles: number, validUntilNs: bigint, nowNs: bigint): RefusalArm | null {
  if (roles === 0) return refuse.badInput('roles', 'range')
  if (validUntilNs <= nowNs) return refuse.badInput('validUntilNs', 'past')
  if (roles === ROLE.administrator && validUntilNs === NO_END_NS) return null
  return validUntilNs > nowNs + MEMBER_PERIOD_MAX_NS ? refuse.badInput('validUntilNs', 'range') : null
}

/** More than half have to agree: two parts of a council never decide against each other. */
export function wrongCouncil({ members, threshold }: CouncilShape): RefusalArm | null {
  if (members.length < 1 || members.length > COUNCIL_MEMBERS_MAX) return refuse.badInput('council', 'range')
  if (!members.every(isSomebody)) return refuse.badInput('council', 'nobody')
  if (members.some((one, i) => members.slice(0, i).some((other) => samePrincipal(one, other))))
    return refuse.badInput('council', 'duplicate')
  const isMajority = 2 * threshold > members.length && threshold <= members.length
  return isMajority ? null : refuse.badInput('council', 'threshold')
}

export const councilOf = ({
  members,
  threshold,
}: {
  readonly members: readonly { toUint8Array(): Uint8Array }[]
  readonly threshold: number
}): CouncilShape => ({ members: members.map((each) => each.toUint8Array()), threshold })

/** The act that bytes are; null for any that `encodeAct` never makes. */
export function actOf(bytes: Uint8Array): CouncilAct | null {
  const act = decodeAct(bytes, decodeUtf8)
  return act !== null && equalBytes(encodeAct(act, encodeUtf8), bytes) ? act : null
}

/** What an act has to be in itself, whatever else is true. */
export function malformedAct(act: CouncilAct): RefusalArm | null {
  return act.kind === 'changeCouncil' ? wrongCouncil(act.council) : null
}

/** What stands against an act as things are in this message: one that is voted on can be done. */
export function wrongAct(
  act: CouncilAct,
  organisation: (orgId: Uint8Array) => StoredOrganisation | undefined,
  nowNs: bigint,
): RefusalArm | null {
  if (!('orgId' in act)) return null
  const found = organisation(act.orgId)
  if (found === undefined) return refuse.badInput('orgId', 'unknown')
  if (act.kind !== 'verify') return null
  const isThisOne =
    found.kind === act.orgKind &&
    samePrincipal(found.registrant, act.registrant) &&
    samePrincipal(found.name, encodeUtf8(act.name))
  if (!isThisOne) return refuse.badInput('orgId', 'other')
  if (act.untilNs <= nowNs) return refuse.badInput('untilNs', 'past')
  return act.untilNs > nowNs + VERIFIED_PERIOD_MAX_NS ? refuse.badInput('untilNs', 'range') : null
}
