import {
  encodeFields,
  EVENT,
  LINK_OFFER_NS,
  POWER,
  Principal,
  PRINCIPALS_EVER_MAX,
  PRINCIPALS_MAX,
  refuse,
} from '@medguard/protocol'
import { samePrincipal } from './decision.ts'
import {
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
import { ALL_POWERS, type HeldAccount, type Member, type Power } from './people-book.ts'

type Named = [] | [Uint8Array]

/** A further principal for an account, which both sessions agree to within ten minutes (keys.md 13.3). It changes nothing yet. */
export function offerLink<A extends HeldAccount>(
  host: PeopleHost<A>,
  arg: { patientId: Named; newPrincipal: Principal; requestId: Uint8Array },
  caller: Uint8Array,
): Answer<null> {
  const { book, nowNs } = host
  const wrong = wrongId('requestId', arg.requestId) ?? wrongPerson('newPrincipal', arg.newPrincipal)
  if (wrong !== null) return { Err: wrong }
  const acting = actingOn(host, caller, arg.patientId[0], POWER.manage)
  if (acting === null) return NOT_PERMITTED
  const { patientId, account, self } = acting
  // A sign-in of the patient's own can do everything, for good: who has less in their place gives none.
  if (self === null && !hasAllForGood(book.power(patientId, account.patientId))) return NOT_PERMITTED
  if (isCrowded(book.circle(patientId))) return { Err: refuse.full }
  const refusal = refuseChange(host, account)
  if (refusal !== null) return { Err: refusal }
  const before = book.offer(patientId)
  if (before !== undefined) forgetOffer(host, patientId, before.principal)
  book.setOffer(patientId, { principal: arg.newPrincipal.toUint8Array(), untilNs: nowNs() + LINK_OFFER_NS })
  book.noteAppointment(patientId, arg.newPrincipal.toUint8Array())
  return OK
}

/** By the new principal itself: nobody gets a place who did not ask for it in their own name. */
export function acceptLink<A extends HeldAccount>(
  host: PeopleHost<A>,
  arg: { home: Principal; requestId: Uint8Array },
  caller: Uint8Array,
): Answer<null> {
  const { book, nowNs } = host
  const wrong = wrongId('requestId', arg.requestId)
  if (wrong !== null) return { Err: wrong }
  const patientId = book.appointedBy(arg.home.toUint8Array(), caller)
  if (patientId === undefined) return NOT_PERMITTED
  const circle = book.circle(patientId)
  if (circle.some(({ principal, isActive }) => isActive && samePrincipal(principal, caller))) return OK
  const offer = book.offer(patientId)
  const isOffered = offer !== undefined && samePrincipal(offer.principal, caller) && nowNs() < offer.untilNs
  if (!isOffered || book.isTaken(caller)) return NOT_PERMITTED
  if (isCrowded(circle)) return { Err: refuse.full }
  if (host.isLogFull(patientId)) return { Err: refuse.logUnavailable }
  book.endOffer(patientId)
  book.link(patientId, caller, nowNs(), PRINCIPALS_EVER_MAX)
  logLink(host, { event: EVENT.principalLinked, patientId, principal: caller, actor: caller, requestId: arg.requestId })
  host.changed(patientId)
  return OK
}

/**
 * Takes its place from another principal, at once. A new one cannot shut out an older one: with a stolen session an account would be gone in ten
 * minutes. Who manages for a dependant takes back only what is new: after that, the dependant is their own.
 */
export function unlink<A extends HeldAccount>(
  host: PeopleHost<A>,
  arg: { patientId: Named; principal: Principal; requestId: Uint8Array },
  caller: Uint8Array,
): Answer<null> {
  const { book, nowNs } = host
  const wrong = wrongId('requestId', arg.requestId)
  if (wrong !== null) return { Err: wrong }
  const acting = actingOn(host, caller, arg.patientId[0], POWER.manage)
  if (acting === null) return NOT_PERMITTED
  const { patientId, self } = acting
  const principal = arg.principal.toUint8Array()
  const target = book.circle(patientId).find((member) => samePrincipal(member.principal, principal))
  if (target === undefined) return NOT_PERMITTED
  if (!target.isActive) return OK
  if (self === null) {
    if (newUntil(target, nowNs()) === null) return NOT_PERMITTED
  } else {
    if (samePrincipal(principal, caller)) return { Err: refuse.badInput('principal', 'self') }
    const waitNs = target.sinceNs <= self.sinceNs ? newUntil(self, nowNs()) : null
    if (waitNs !== null) return { Err: refuse.notYet(waitNs) }
  }
  book.retire(patientId, [principal])
  logLink(host, { event: EVENT.principalUnlinked, patientId, principal, actor: caller, requestId: arg.requestId })
  host.lost(patientId, caller)
  host.changed(patientId)
  return OK
}

/** Whether a representative may do everything without an end, as a parent may: what nobody can take back is theirs to do. */
export const hasAllForGood = (power: Power | undefined): boolean => power?.powers === ALL_POWERS && power.endNs === 0n

/** What led the principal here who was offered a place before, unless it leads it elsewhere too: nothing is kept for who did not come. */
function forgetOffer<A extends HeldAccount>(
  { book }: PeopleHost<A>,
  patientId: Uint8Array,
  principal: Uint8Array,
): void {
  const isSame = (each: { readonly principal: Uint8Array }) => samePrincipal(each.principal, principal)
  if (!book.circle(patientId).some(isSame) && !book.representatives(patientId).some(isSame))
    book.endAppointment(patientId, principal)
}

/** Places that are taken by principals which act or acted; a dependant's own, which nobody can sign as, is none. */
function isCrowded(circle: readonly Member[]): boolean {
  return circle.length >= PRINCIPALS_EVER_MAX || circle.filter(({ isActive }) => isActive).length >= PRINCIPALS_MAX
}

/** Who reads the patient's log follows from these lines (decision 21). */
export function logLink<A extends HeldAccount>(
  { log, book, accountIdOf }: PeopleHost<A>,
  change: { event: number; patientId: Uint8Array; principal: Uint8Array; actor: Uint8Array; requestId: Uint8Array },
): void {
  const { event, patientId, principal, actor, requestId } = change
  log(() => {
    const account = book.accountOf(patientId)
    const accountId = accountIdOf(account)
    return {
      event,
      actor,
      patientId,
      objectId: accountId,
      requestId,
      fields: encodeFields('principalLinked', { accountId, principal }),
    }
  })
}
