import { DETAIL_HEAD_BYTES, decodeFields, EVENT, type LeafInput, POWER } from '@medguard/protocol'
import { isZeroId } from './rules.ts'
import type { AuditStore } from './store.ts'

/** Events after which somebody may read a patient's chain, or no longer (decision 21). Only consent writes them. */
const SIGN_INS: ReadonlySet<number> = new Set([EVENT.principalLinked, EVENT.principalUnlinked, EVENT.recoveryDone])
const OF_PATIENT: ReadonlySet<number> = new Set([...SIGN_INS, EVENT.representativeChanged])
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
  const { event } = leaf
  if (OF_PATIENT.has(event)) {
    if (isEnrolled) noteReaderOfPatient(store, leaf, leaf.detail.subarray(DETAIL_HEAD_BYTES))
  } else if (OF_ORGANISATION.has(event)) noteReaderOfOrganisation(store, leaf.detail.subarray(DETAIL_HEAD_BYTES))
}

function noteReaderOfPatient(store: AuditStore, leaf: LeafInput, fields: Uint8Array): void {
  const { event, patientId, actor } = leaf
  if (event === EVENT.representativeChanged) {
    const { principal, powers = 0, startNs = 0n, endNs = 0n, accountId } = decodeFields('representativeChanged', fields)
    if (!isNamed(principal)) return
    const mayRead = (powers & POWER.read) !== 0
    // Lines of before name no account: then the one sign-in that was named reads.
    if (!isAccountId(accountId)) {
      if (mayRead) store.allowReading(patientId, principal, { startNs, endNs })
      else store.forbidReading(patientId, principal)
      return
    }
    store.forbidReading(patientId, principal)
    if (powers !== 0) for (const own of [principal, actor]) store.setHolder(own, accountId) // who agreed is the actor
    if (mayRead) store.allowAccount(patientId, accountId, { startNs, endNs })
    else store.forbidAccount(patientId, accountId)
    return
  }
  const signIn = signInOf(event, fields)
  if (!isNamed(signIn.principal)) return
  if (event === EVENT.principalUnlinked) store.forbidReading(patientId, signIn.principal)
  else store.allowReading(patientId, signIn.principal)
  noteSignIn(store, event, signIn)
}

interface SignIn {
  readonly principal?: Uint8Array
  readonly accountId?: Uint8Array
}
const signInOf = (event: number, fields: Uint8Array): SignIn =>
  event === EVENT.recoveryDone ? decodeFields('recoveryDone', fields) : decodeFields('principalLinked', fields)
/** Whose sign-in a principal is from now on, or that it is nobody's. */
function noteSignIn(store: AuditStore, event: number, { principal, accountId }: SignIn): void {
  if (!isNamed(principal)) return
  if (event === EVENT.principalUnlinked) store.shutOut(principal)
  else if (isAccountId(accountId)) store.setHolder(principal, accountId)
}

/**
 * What a line that another canister of the log has says of readers here: whose sign-in somebody is, and who reads for an organisation. Lines of a patient are never
 * elsewhere, so nobody becomes a reader of a chain by a note.
 */
export function noteReadersElsewhere(store: AuditStore, { event, detail }: LeafInput): void {
  const fields = detail.subarray(DETAIL_HEAD_BYTES)
  if (OF_ORGANISATION.has(event)) noteReaderOfOrganisation(store, fields)
  else if (SIGN_INS.has(event)) noteSignIn(store, event, signInOf(event, fields))
}

function noteReaderOfOrganisation(store: AuditStore, fields: Uint8Array): void {
  const { orgId, principal, readsLog = 0, endNs = 0n } = decodeFields('memberChanged', fields)
  if (orgId === undefined || !isNamed(principal)) return
  if (readsLog === 1) store.allowOrganisation(orgId, principal, endNs)
  else store.forbidOrganisation(orgId, principal)
}

const isAccountId = (accountId: Uint8Array | undefined): accountId is Uint8Array =>
  accountId !== undefined && !isZeroId(accountId)
const isNamed = (principal: Uint8Array | undefined): principal is Uint8Array =>
  principal !== undefined && principal.length > 0
