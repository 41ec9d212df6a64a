import { COMPARTMENT_KIND, type CompartmentRef, detailFields, equalBytes, EVENT } from '@medguard/protocol'
import { nowNs } from '@medguard/shared'
import type { Deriver } from './codec.ts'
import type { Context } from './context.ts'
import { decideNow } from './facts.ts'
import { RIGHTS_TO_DERIVE } from './rules.ts'

const ZERO_ID = new Uint8Array(16)
const FOR_EVER_NS = (1n << 64n) - 1n

/** Moves a compartment to its next epoch and says so in the log. @returns the new epoch. */
export function bumpEpoch(
  { store, outbox }: Context,
  bump: { patientId: Uint8Array; compartment: CompartmentRef; grantId: Uint8Array; actor: Uint8Array },
): number {
  const { patientId, compartment, grantId, actor } = bump
  const { compartmentKind, cid } = compartment
  const epoch = store.bumpEpoch(patientId, compartment)
  outbox.queue({
    event: EVENT.epochBump,
    compartmentKind,
    actor,
    patientId,
    objectId: cid,
    versionOrEpoch: epoch,
    fields: detailFields.epochBump({ cid, grantId }),
  })
  return epoch
}

/**
 * Before anything is stored: whoever derived the current key and lost the right to it is shut out of what comes. Where nothing that counts has changed
 * since the last time, three look-ups tell.
 *
 * @returns the current epoch.
 */
export function sweep(
  context: Context,
  place: { patientId: Uint8Array; compartment: CompartmentRef; actor: Uint8Array },
): number {
  const { store } = context
  const { patientId, compartment, actor } = place
  const { currentEpoch: epoch } = store.epochs(patientId, compartment)
  if (compartment.compartmentKind === COMPARTMENT_KIND.share) return epoch // its one epoch dies with it
  const sweptNs = nowNs()
  const last = store.swept(patientId, compartment)
  // Two messages may see one time: what changed at that of the sweep may have changed after it.
  if (last?.epoch === epoch && sweptNs < last.untilNs && store.factsChangedNs() < last.sweptNs) return epoch
  let untilNs = FOR_EVER_NS
  for (const deriver of store.derivers(patientId, compartment, epoch)) {
    const heldUntilNs = heldUntil(context, place, deriver)
    if (heldUntilNs <= sweptNs) return bumpEpoch(context, { patientId, compartment, grantId: ZERO_ID, actor })
    if (heldUntilNs < untilNs) untilNs = heldUntilNs
  }
  store.setSwept(patientId, compartment, { epoch, sweptNs, untilNs })
  return epoch
}

/**
 * Until when somebody who derived the current key may derive it, if no fact changes: 0 for who may no more, by the rule that decides everything else. Of who
 * acts in the owner's place, or under a grant to another sign-in of theirs, time alone may take the right in ways unknown here: that is looked at each time.
 */
function heldUntil(
  context: Context,
  { patientId, compartment }: { patientId: Uint8Array; compartment: CompartmentRef },
  { principal, grantId }: Deriver,
): bigint {
  const { store, facts } = context
  const { compartmentKind, cid } = compartment
  const under = equalBytes(grantId, ZERO_ID) ? null : grantId
  const asked = { caller: principal, patientId, compartmentKind, cid, grantId: under, anyOf: RIGHTS_TO_DERIVE }
  if (decideNow(context, asked).kind === 'refuse') return 0n
  const account = facts.account(principal)
  if (account === undefined) return 0n
  if (under === null) return equalBytes(account.patientId, patientId) ? FOR_EVER_NS : nowNs() + 1n
  const grant = store.grants.get(under)?.grant
  const standsNs = grant === undefined ? 0n : store.trust.standsUntil(grant, principal, nowNs())
  if (grant === undefined || standsNs === 0n) return nowNs() + 1n
  return standsNs < grant.endNs ? standsNs : grant.endNs
}
