import {
  type ArgOf,
  type AudienceMember,
  COMPARTMENT_KIND,
  type ConsentService,
  equalBytes,
  orgIdOf,
  POWER,
  Principal,
  refuse,
  type RetOf,
  RIGHT,
} from '@medguard/protocol'
import { isHome, isHomeKind, nowNs, type VaultFacts, vaultNamed } from '@medguard/shared'
import type { Context } from './context.ts'
import { allOf, decideNow } from './facts.ts'
import { RIGHTS_TO_DERIVE, wrongIds } from './rules.ts'

/** Candidates of one page: each is decided right by right. */
const PAGE_MAX = 50

/**
 * Who can open what is in a compartment, at this moment: the people whom `decide` permits to have its key (A06). Candidates come from what is stored;
 * whether they are in is for no other rule to say.
 */
export function audience(
  context: Context,
  arg: ArgOf<ConsentService['audience']>,
  caller: Uint8Array,
): RetOf<ConsentService['audience']> {
  const { store, facts } = context
  const [patientId] = arg.patientId
  const [grantId = null] = arg.grantId
  const wrong = wrongIds({ cid: arg.cid, patientId: patientId ?? null, grantId })
  if (wrong !== null) return { Err: wrong }
  const vault = vaultNamed(patientId, caller, facts, POWER.read, nowNs())
  if (vault === null || !isThere(context, vault, arg)) return { Err: refuse.notPermitted }
  const place: Place = { patientId: vault.patientId, compartmentKind: arg.compartmentKind, cid: arg.cid }
  const count = Math.min(arg.count, PAGE_MAX)
  return grantId === null
    ? { Ok: grantees(context, place, arg.from, count) }
    : membersOf(context, place, grantId, { from: arg.from, count, grant: store.grants.get(grantId)?.grant })
}

interface Place {
  readonly patientId: Uint8Array
  readonly compartmentKind: number
  readonly cid: Uint8Array
}

/** Whether the compartment is the patient's: one of the eight, the inbox, or a share they made. */
function isThere({ store }: Context, vault: VaultFacts, { compartmentKind, cid }: Omit<Place, 'patientId'>) {
  if (isHomeKind(compartmentKind)) return isHome(vault, { compartmentKind, cid })
  const share = compartmentKind === COMPARTMENT_KIND.share ? store.grants.get(cid) : undefined
  return share !== undefined && equalBytes(share.grant.patientId, vault.patientId)
}

function grantees(context: Context, place: Place, from: number, count: number) {
  const { store } = context
  const members: AudienceMember[] = []
  const organisations: { grantId: Uint8Array; organisation: Principal }[] = []
  if (from === 0)
    for (const principal of holdersOf(context, place.patientId))
      members.push(...decided(context, place, principal, null))
  const live = store.grants.liveOf(place.patientId, nowNs())
  for (const grantId of live.slice(from, from + count)) {
    const grant = store.grants.get(grantId)?.grant
    if (grant === undefined) continue
    if (orgIdOf(grant.grantee) === null)
      for (const each of allOf(context.store, grant.grantee)) members.push(...decided(context, place, each, grantId))
    else if (grant.compartments.some(({ cid }) => equalBytes(cid, place.cid)))
      organisations.push({ grantId, organisation: Principal.fromUint8Array(grant.grantee) })
  }
  return { total: live.length, members, organisations }
}

function membersOf(
  context: Context,
  place: Place,
  grantId: Uint8Array,
  {
    from,
    count,
    grant,
  }: { from: number; count: number; grant: { grantee: Uint8Array; patientId: Uint8Array } | undefined },
): RetOf<ConsentService['audience']> {
  const orgId = grant === undefined ? null : orgIdOf(grant.grantee)
  if (grant === undefined || orgId === null || !equalBytes(grant.patientId, place.patientId))
    return { Err: refuse.notPermitted }
  const { total, principals } = context.store.trust.membersPage(orgId, from, count)
  const members = principals
    .flatMap((principal) => allOf(context.store, principal))
    .flatMap((principal) => decided(context, place, principal, grantId))
  return { Ok: { total, members, organisations: [] } }
}

/** Everybody who may act without a grant. */
function holdersOf(context: Context, patientId: Uint8Array): Uint8Array[] {
  const { people } = context.store
  const representatives = people.representatives(patientId).flatMap(({ principal }) => allOf(context.store, principal))
  // What stands for a dependant who has no sign-in is nobody who could open anything.
  const own = people.circle(patientId).flatMap(({ principal, isActive }) => (isActive ? [principal] : []))
  return [...own, ...representatives]
}

/** One entry for whoever would get the key, none for whoever would not. */
function decided(
  context: Context,
  { patientId, compartmentKind, cid }: Place,
  principal: Uint8Array,
  grantId: Uint8Array | null,
): AudienceMember[] {
  const may = (anyOf: number): boolean =>
    decideNow(context, { caller: principal, patientId, compartmentKind, cid, grantId, anyOf }).kind === 'permit'
  if (!may(RIGHTS_TO_DERIVE)) return []
  let rights = 0
  for (const right of Object.values(RIGHT)) if (may(right)) rights |= right
  return [{ principal: Principal.fromUint8Array(principal), grantId: grantId === null ? [] : [grantId], rights }]
}
