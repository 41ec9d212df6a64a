import {
  encodeFields,
  equalBytes,
  EVENT,
  ID_BYTES,
  POWER,
  Principal,
  refuse,
  type RefusalArm,
  REPRESENTATIVE_PERIOD_MAX_NS,
  REPRESENTATIVES_MAX,
  WARDS_MAX,
} from '@medguard/protocol'
import { samePrincipal } from './decision.ts'
import {
  type Acting,
  actingOn,
  type Answer,
  newUntil,
  NOT_PERMITTED,
  OK,
  type PeopleHost,
  refuseChange,
  wrongId,
  wrongPerson,
} from './people.ts'
import { ALL_POWERS, type HeldAccount, isOver, type Power, type Representative } from './people-book.ts'

const NOBODY_YET = new Uint8Array(ID_BYTES)

interface AppointArg {
  readonly patientId: [] | [Uint8Array]
  readonly representative: Principal
  readonly powers: number
  readonly startNs: bigint
  readonly endNs: [] | [bigint]
  readonly requestId: Uint8Array
}

/** Names somebody who may act in the patient's place, as themselves, once they accept. Nobody gives powers that they do not have themselves. */
export function appoint<A extends HeldAccount>(host: PeopleHost<A>, arg: AppointArg, caller: Uint8Array): Answer<null> {
  const { book, nowNs } = host
  const wrong = wrongId('requestId', arg.requestId) ?? wrongPerson('representative', arg.representative)
  if (wrong !== null) return { Err: wrong }
  const acting = actingOn(host, caller, arg.patientId[0], POWER.manage)
  if (acting === null) return NOT_PERMITTED
  const { patientId, account } = acting
  const principal = arg.representative.toUint8Array()
  const terms = { powers: arg.powers, startNs: arg.startNs, endNs: arg.endNs[0] ?? 0n }
  const refusal = wrongTerms(host, acting, terms)
  if (refusal !== null) return { Err: refusal }
  if (book.circle(patientId).some((member) => samePrincipal(member.principal, principal)))
    return { Err: refuse.badInput('representative', 'self') }
  const all = book.representatives(patientId)
  const present = all.filter((each) => !isOver(each, nowNs()))
  const same = present.find((each) => samePrincipal(each.principal, principal))
  if (same !== undefined) {
    const isSame = same.powers === terms.powers && same.startNs === terms.startNs && same.endNs === terms.endNs
    return isSame ? OK : { Err: refuse.idConflict }
  }
  if (present.length >= REPRESENTATIVES_MAX) return { Err: refuse.full }
  const refused = refuseChange(host, account)
  if (refused !== null) return { Err: refused }
  for (const { principal: gone, representativeId } of all.filter((each) => isOver(each, nowNs()))) {
    book.endAppointment(patientId, gone)
    const held = book.power(patientId, representativeId)
    if (held !== undefined && isOver(held, nowNs())) book.disempower(patientId, representativeId)
  }
  book.setRepresentatives(patientId, [...present, { principal, representativeId: NOBODY_YET, ...terms }])
  book.noteAppointment(patientId, principal)
  host.changed(patientId)
  return OK
}

function wrongTerms<A extends HeldAccount>(
  { book, nowNs }: PeopleHost<A>,
  { patientId, account, self }: Acting<A>,
  { powers, startNs, endNs }: Power,
): RefusalArm | null {
  const isDependant = book.isDependant(patientId)
  const mayGive = isDependant ? ALL_POWERS : ALL_POWERS & ~POWER.manage
  if (powers === 0 || (powers & ~mayGive) !== 0) return refuse.badInput('powers', 'range')
  if (endNs === 0n && !isDependant) return refuse.badInput('endNs', 'range')
  if (endNs !== 0n) {
    if (endNs <= startNs) return refuse.badInput('endNs', 'order')
    if (endNs <= nowNs()) return refuse.badInput('endNs', 'past')
    if (endNs - startNs > REPRESENTATIVE_PERIOD_MAX_NS) return refuse.badInput('endNs', 'range')
  }
  if (startNs > nowNs() + REPRESENTATIVE_PERIOD_MAX_NS) return refuse.badInput('startNs', 'range')
  if (self !== null) return null
  const own = book.power(patientId, account.patientId)
  if (own === undefined || (powers & ~own.powers) !== 0) return refuse.notPermitted
  // Nor for longer than they have them.
  return own.endNs !== 0n && (endNs === 0n || endNs > own.endNs) ? refuse.badInput('endNs', 'range') : null
}

/** By whoever was named: from then on they have the powers, in their own name. */
export function acceptAppointment<A extends HeldAccount>(
  host: PeopleHost<A>,
  arg: { patient: Principal; requestId: Uint8Array },
  caller: Uint8Array,
): Answer<{ patientId: Uint8Array }> {
  const { book, facts, nowNs } = host
  const wrong = wrongId('requestId', arg.requestId)
  if (wrong !== null) return { Err: wrong }
  const account = facts.account(caller)
  if (account === undefined) return NOT_PERMITTED
  // One that was shut out is nobody's any more: the line about it would name somebody who is not there.
  const own = account.people === 0 ? [{ principal: caller, isActive: true }] : book.circle(account.patientId)
  const named = own
    .flatMap(({ principal, isActive }) => (isActive ? [principal] : []))
    .map((principal) => ({ principal, patientId: book.appointedBy(arg.patient.toUint8Array(), principal) }))
    .find(({ patientId }) => patientId !== undefined)
  const patientId = named?.patientId
  if (named === undefined || patientId === undefined) return NOT_PERMITTED
  const all = book.representatives(patientId)
  const offered = all.find(({ principal }) => samePrincipal(principal, named.principal))
  if (offered === undefined || isOver(offered, nowNs())) return NOT_PERMITTED
  if (isAccepted(offered))
    return equalBytes(offered.representativeId, account.patientId) ? { Ok: { patientId } } : NOT_PERMITTED
  const held = book.power(patientId, account.patientId)
  if (held !== undefined && !isOver(held, nowNs())) return { Err: refuse.idConflict }
  if (held === undefined && book.wards(account.patientId).length >= WARDS_MAX) return { Err: refuse.full }
  const refused = refuseChange(host, account)
  if (refused !== null) return { Err: refused }
  const { powers, startNs, endNs } = offered
  book.empower(patientId, account.patientId, { powers, startNs, endNs })
  const accepted = { ...offered, representativeId: account.patientId }
  book.setRepresentatives(
    patientId,
    all.map((each) => (each === offered ? accepted : each)),
  )
  logRepresentative(host, { representative: accepted, patientId, actor: caller, requestId: arg.requestId })
  host.changed(patientId)
  return { Ok: { patientId } }
}

/**
 * Ends what a representative may do, at once. The patient ends everybody; who manages for a dependant ends those who came after them, so that of two
 * parents the one who came later cannot shut out the other.
 */
export function dismiss<A extends HeldAccount>(
  host: PeopleHost<A>,
  arg: { patientId: [] | [Uint8Array]; representative: Principal; requestId: Uint8Array },
  caller: Uint8Array,
): Answer<null> {
  const { book, nowNs } = host
  const wrong = wrongId('requestId', arg.requestId)
  if (wrong !== null) return { Err: wrong }
  const acting = actingOn(host, caller, arg.patientId[0], POWER.manage)
  if (acting === null) return NOT_PERMITTED
  const { patientId, account, self } = acting
  const all = book.representatives(patientId)
  const at = all.findIndex(({ principal }) => samePrincipal(principal, arg.representative.toUint8Array()))
  const target = all[at]
  if (target === undefined) return OK
  if (self === null) {
    const own = all.findIndex(({ representativeId }) => equalBytes(representativeId, account.patientId))
    if (own < 0 || at <= own) return NOT_PERMITTED
  } else if ((target.powers & POWER.manage) !== 0) {
    // Whoever posed as the child would otherwise shut out the parents.
    const waitNs = newUntil(self, nowNs())
    if (waitNs !== null) return { Err: refuse.notYet(waitNs) }
  }
  endRepresentative(host, { patientId, target, actor: caller, requestId: arg.requestId })
  return OK
}

/** By the representative: hands back what they may do. The last who manages for a dependant stays until somebody else can. */
export function resign<A extends HeldAccount>(
  host: PeopleHost<A>,
  arg: { patientId: Uint8Array; requestId: Uint8Array },
  caller: Uint8Array,
): Answer<null> {
  const { book, facts } = host
  const wrong = wrongId('requestId', arg.requestId) ?? wrongId('patientId', arg.patientId)
  if (wrong !== null) return { Err: wrong }
  const account = facts.account(caller)
  if (account === undefined || book.power(arg.patientId, account.patientId) === undefined) return NOT_PERMITTED
  const { patientId } = arg
  const all = book.representatives(patientId)
  const target = all.find(({ representativeId }) => equalBytes(representativeId, account.patientId))
  if (target === undefined) return NOT_PERMITTED
  if (!hasOtherManager(host, patientId, target)) return { Err: refuse.badInput('patientId', 'last') }
  endRepresentative(host, { patientId, target, actor: caller, requestId: arg.requestId })
  return OK
}

/**
 * Whether a patient is looked after without this representative, too, and for as long: by themselves, or by somebody whose own vault is not being erased. Who helps
 * for a week does not take the place of a parent.
 */
export function hasOtherManager<A extends HeldAccount>(
  { book, facts, nowNs }: PeopleHost<A>,
  patientId: Uint8Array,
  target: Representative,
): boolean {
  const manages = (each: Representative) =>
    (each.powers & POWER.manage) !== 0 && isAccepted(each) && each.startNs <= nowNs() && !isOver(each, nowNs())
  const isThere = ({ representativeId }: Representative) => facts.vault(representativeId) !== undefined
  const lasts = ({ endNs }: Representative) => endNs === 0n || (target.endNs !== 0n && endNs >= target.endNs)
  return (
    !book.isDependant(patientId) ||
    !manages(target) ||
    book.circle(patientId).some(({ isActive }, i) => i > 0 && isActive) ||
    book
      .representatives(patientId)
      .some((each) => !samePrincipal(each.principal, target.principal) && manages(each) && lasts(each) && isThere(each))
  )
}

export const isAccepted = ({ representativeId }: Representative): boolean => !equalBytes(representativeId, NOBODY_YET)

export function endRepresentative<A extends HeldAccount>(
  host: PeopleHost<A>,
  ending: { patientId: Uint8Array; target: Representative; actor: Uint8Array; requestId: Uint8Array },
): void {
  const { book } = host
  const { patientId, target, actor, requestId } = ending
  book.setRepresentatives(
    patientId,
    book.representatives(patientId).filter(({ principal }) => !samePrincipal(principal, target.principal)),
  )
  book.endAppointment(patientId, target.principal)
  if (isAccepted(target)) {
    book.disempower(patientId, target.representativeId)
    host.endGiven({ patientId, giverId: target.representativeId, actor, requestId })
    logRepresentative(host, { representative: { ...target, powers: 0 }, patientId, actor, requestId })
    host.lost(patientId, actor)
  }
  host.changed(patientId, isAccepted(target) ? target.principal : undefined)
}

/** Whichever of the representative's sign-ins there are, now and later: they read the log by their account. */
export function logRepresentative<A extends HeldAccount>(
  { log, book, accountIdOf }: PeopleHost<A>,
  change: {
    representative: Pick<Representative, 'principal' | 'representativeId' | 'powers' | 'startNs' | 'endNs'>
    patientId: Uint8Array
    actor: Uint8Array
    requestId: Uint8Array
  },
): void {
  const { representative, patientId, actor, requestId } = change
  const { principal, representativeId, powers, startNs, endNs } = representative
  log(() => ({
    event: EVENT.representativeChanged,
    actor,
    patientId,
    requestId,
    fields: encodeFields('representativeChanged', {
      principal,
      powers,
      startNs,
      endNs,
      ...(book.isAccount(representativeId) ? { accountId: accountIdOf(book.accountOf(representativeId)) } : {}),
    }),
  }))
}
