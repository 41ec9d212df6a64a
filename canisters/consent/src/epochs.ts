import { COMPARTMENT_KIND, type CompartmentRef, detailFields, EVENT } from '@medguard/protocol'
import { nowNs } from '@medguard/shared'
import type { Context } from './context.ts'
import { isStale } from './rules.ts'

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
  const stale = isStale(derivers, {
    owner: store.ownerOf(patientId),
    grant: (id) => store.grants.get(id),
    nowNs: nowNs(),
  })
  return stale ? bumpEpoch(context, { patientId, compartment, grantId: ZERO_ID, actor }) : currentEpoch
}
