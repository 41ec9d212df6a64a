import { DETAIL_HEAD_BYTES, decodeFields, EVENT, type LeafInput, POWER } from '@medguard/protocol'
import type { AuditStore } from './store.ts'

/** Events after which somebody may read a patient's chain, or no longer (decision 21). Only consent writes them. */
const OF_PATIENT: ReadonlySet<number> = new Set([
  EVENT.principalLinked,
  EVENT.principalUnlinked,
  EVENT.recoveryDone,
  EVENT.representativeChanged,
])
/** The same for an organisation's own view. */
const OF_ORGANISATION: ReadonlySet<number> = new Set([
  EVENT.organisationRegistered,
  EVENT.memberAdded,
  EVENT.memberChanged,
  EVENT.memberRemoved,
])

/**
 * Lets those read that a leaf names, from that leaf on and back to the beginning. Guardians of a recovery are not among them: who helps to open a door again
 * need not know who went through it.
 *
 * @param isEnrolled Whether the patient's chain began with an enrolment: without one it is nobody's.
 */
export function noteReaders(store: AuditStore, leaf: LeafInput, isEnrolled: boolean): void {
  const { event, patientId } = leaf
  if (OF_PATIENT.has(event)) {
    if (isEnrolled) noteReaderOfPatient(store, event, patientId, leaf.detail.subarray(DETAIL_HEAD_BYTES))
  } else if (OF_ORGANISATION.has(event)) noteReaderOfOrganisation(store, leaf.detail.subarray(DETAIL_HEAD_BYTES))
}

function noteReaderOfPatient(store: AuditStore, event: number, patientId: Uint8Array, fields: Uint8Array): void {
  if (event === EVENT.representativeChanged) {
    const { principal, powers = 0, endNs = 0n } = decodeFields('representativeChanged', fields)
    if (!isNamed(principal)) return
    if ((powers & POWER.read) !== 0) store.allowReading(patientId, principal, endNs)
    else store.forbidReading(patientId, principal)
    return
  }
  const { principal } = decodeFields(event === EVENT.recoveryDone ? 'recoveryDone' : 'principalLinked', fields)
  if (!isNamed(principal)) return
  if (event === EVENT.principalUnlinked) store.forbidReading(patientId, principal)
  else store.allowReading(patientId, principal)
}

function noteReaderOfOrganisation(store: AuditStore, fields: Uint8Array): void {
  const { orgId, principal, readsLog = 0, endNs = 0n } = decodeFields('memberChanged', fields)
  if (orgId === undefined || !isNamed(principal)) return
  if (readsLog === 1) store.allowOrganisation(orgId, principal, endNs)
  else store.forbidOrganisation(orgId, principal)
}

const isNamed = (principal: Uint8Array | undefined): principal is Uint8Array =>
  principal !== undefined && principal.length > 0
