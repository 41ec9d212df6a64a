import { COMPARTMENT_KIND, type CompartmentRef, equalBytes } from '@medguard/protocol'
import type { VaultFacts } from './decision.ts'
import { idsIn, positionOfId } from './id-list.ts'

/**
 * Compartments in which records are at home: the eight categories, and the inbox for what others send and the patient has not looked at. The inbox bears the
 * patient's id, as a share bears its grant's: so every vault has one, also those of before there were any.
 */
export const inboxOf = (patientId: Uint8Array): CompartmentRef => ({
  compartmentKind: COMPARTMENT_KIND.inbox,
  cid: patientId,
})

/** Whether records of their own may be there; a share holds further wraps of them and nothing else. */
export const isHomeKind = (compartmentKind: number): boolean =>
  compartmentKind === COMPARTMENT_KIND.category || compartmentKind === COMPARTMENT_KIND.inbox

/** Whether a compartment is one of the vault's in which records are at home. */
export function isHome({ patientId, cids }: VaultFacts, { compartmentKind, cid }: CompartmentRef): boolean {
  if (compartmentKind === COMPARTMENT_KIND.category) return positionOfId(cids, cid) >= 0
  return compartmentKind === COMPARTMENT_KIND.inbox && equalBytes(cid, patientId)
}

/** All of a vault: the categories in their order, then the inbox. */
export const homesOf = ({ patientId, cids }: VaultFacts): readonly CompartmentRef[] => [
  ...idsIn(cids).map((cid) => ({ compartmentKind: COMPARTMENT_KIND.category, cid })),
  inboxOf(patientId),
]

/** The compartment of a record of which its id is kept. */
export const homeOf = (patientId: Uint8Array, cid: Uint8Array): CompartmentRef =>
  equalBytes(cid, patientId) ? inboxOf(patientId) : { compartmentKind: COMPARTMENT_KIND.category, cid }
