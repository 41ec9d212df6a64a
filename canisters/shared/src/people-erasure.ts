import { encodeFields, equalBytes, ERASURE_OPEN_NS, ERASURE_WAIT_NS, EVENT, POWER, refuse } from '@medguard/protocol'
import {
  type Acting,
  actingOn,
  type Answer,
  NOT_PERMITTED,
  OK,
  type PeopleHost,
  refuseChange,
  wrongId,
} from './people.ts'
import { hasAllForGood } from './people-links.ts'
import { type HeldAccount, isDependantAlone } from './people-book.ts'

/**
 * Erasing in the place of somebody who cannot sign in. What is gone cannot be brought back, and the one it belongs to cannot object: so whoever has all powers for good says
 * it a week before, it is in the log, and everybody else who manages may stop it until then. Each canister waits for itself.
 */

interface Arg {
  readonly patientId: Uint8Array
  readonly requestId: Uint8Array
}

/** Says that a dependant's vault is to be erased. Nothing changes yet. */
export function announceErasure<A extends HeldAccount>(
  host: PeopleHost<A>,
  arg: Arg,
  caller: Uint8Array,
): Answer<{ readyNs: bigint }> {
  const { book, nowNs } = host
  const wrong = wrongId('patientId', arg.patientId) ?? wrongId('requestId', arg.requestId)
  if (wrong !== null) return { Err: wrong }
  const acting = actingOn(host, caller, arg.patientId, POWER.manage)
  if (acting === null || acting.self !== null || !isHolderOrParent(host, acting)) return NOT_PERMITTED
  const { patientId, account } = acting
  const before = announcedNow(host, patientId)
  if (before !== null) return { Ok: before }
  const refused = refuseChange(host, account)
  if (refused !== null) return { Err: refused }
  const readyNs = nowNs() + ERASURE_WAIT_NS
  book.announceErasure(patientId, { readyNs })
  const { requestId } = arg
  const fields = encodeFields('eraseAnnounced', { readyNs })
  host.log(() => ({ event: EVENT.eraseAnnounced, actor: caller, patientId, requestId, fields }))
  host.changed(patientId)
  return { Ok: { readyNs } }
}

/** By whoever manages, the one who announced it too; once it has begun there is nothing left to stop. */
export function stopErasure<A extends HeldAccount>(host: PeopleHost<A>, arg: Arg, caller: Uint8Array): Answer<null> {
  const { book } = host
  const wrong = wrongId('patientId', arg.patientId) ?? wrongId('requestId', arg.requestId)
  if (wrong !== null) return { Err: wrong }
  const acting = actingOn(host, caller, arg.patientId, POWER.manage)
  if (acting === null) return NOT_PERMITTED
  const { patientId } = acting
  if (book.announcedErasure(patientId) === undefined) return OK
  book.endErasureNotice(patientId)
  const { requestId } = arg
  const fields = encodeFields('eraseStopped', {})
  host.log(() => ({ event: EVENT.eraseStopped, actor: caller, patientId, requestId, fields }))
  host.changed(patientId)
  return OK
}

/** What is announced and neither stopped nor so old that nobody means it any more. */
export function announcedNow<A extends HeldAccount>(
  { book, nowNs }: PeopleHost<A>,
  patientId: Uint8Array,
): { readonly readyNs: bigint } | null {
  const announced = book.announcedErasure(patientId)
  return announced === undefined || nowNs() >= announced.readyNs + ERASURE_OPEN_NS
    ? null
    : { readyNs: announced.readyNs }
}

/**
 * The account that somebody may erase: their own, or a dependant's for whom they manage, a week after it was announced.
 * @param held the caller's own account, also while it is being erased.
 * @param hasBegun from then on nothing is waited for. Asked only for who may know.
 */
export function erasable<A extends HeldAccount>(
  host: PeopleHost<A>,
  { patientId, held, hasBegun }: { patientId: Uint8Array; held: A | undefined; hasBegun: () => boolean },
): Answer<A> {
  const { book, nowNs } = host
  if (held === undefined) return NOT_PERMITTED
  if (equalBytes(held.patientId, patientId)) return { Ok: held }
  if (book.powers(patientId, held, nowNs()) === 0 || !book.isAccount(patientId)) return NOT_PERMITTED
  if (!isHolderOrParent(host, { account: held, self: null, patientId })) return NOT_PERMITTED
  if (hasBegun()) return { Ok: book.accountOf(patientId) }
  const announced = announcedNow(host, patientId)
  if (announced === null) return NOT_PERMITTED
  if (nowNs() < announced.readyNs) return { Err: refuse.notYet(announced.readyNs) }
  return { Ok: book.accountOf(patientId) }
}

/** Whether who acts is the holder, or has all powers for good over somebody who cannot act for themselves. */
export const isHolderOrParent = <A extends HeldAccount>(
  { book }: PeopleHost<A>,
  { self, patientId, account }: Pick<Acting<A>, 'self' | 'patientId' | 'account'>,
): boolean =>
  self !== null || (isDependantAlone(book, patientId) && hasAllForGood(book.power(patientId, account.patientId)))
