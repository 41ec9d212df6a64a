import { COMPARTMENT_KIND, type CompartmentRef, detailFields, equalBytes, EVENT } from '@medguard/protocol'
import type { Deriver } from './codec.ts'
import type { Context } from './context.ts'
import { decideNow } from './facts.ts'
import { RIGHTS_TO_DERIVE } from './rules.ts'

const ZERO_ID = new Uint8Array(16)

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

/** Before anything is stored: whoever derived the current key and lost the right to it is shut out of what comes. @returns the current epoch. */
export function sweep(
  context: Context,
  place: { patientId: Uint8Array; compartment: CompartmentRef; actor: Uint8Array },
): number {
  const { store } = context
  const { patientId, compartment, actor } = place
  const { currentEpoch } = store.epochs(patientId, compartment)
  if (compartment.compartmentKind === COMPARTMENT_KIND.share) return currentEpoch // its one epoch dies with it
  const derivers = store.derivers(patientId, compartment, currentEpoch)
  const isStale = derivers.some((deriver) => hasLost(context, place, deriver))
  return isStale ? bumpEpoch(context, { patientId, compartment, grantId: ZERO_ID, actor }) : currentEpoch
}

/** Whether somebody who derived the current key may derive it no more, by the rule that decides everything else. */
function hasLost(
  context: Context,
  { patientId, compartment }: { patientId: Uint8Array; compartment: CompartmentRef },
  { principal, grantId }: Deriver,
): boolean {
  const { compartmentKind, cid } = compartment
  const under = equalBytes(grantId, ZERO_ID) ? null : grantId
  const asked = { caller: principal, patientId, compartmentKind, cid, grantId: under, anyOf: RIGHTS_TO_DERIVE }
  return decideNow(context, asked).kind === 'refuse'
}
