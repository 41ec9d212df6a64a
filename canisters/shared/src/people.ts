import {
  ID_BYTES,
  PEOPLE_CHANGES_PER_HOUR,
  PRINCIPAL_NEW_NS,
  type Principal,
  refuse,
  type RefusalArm,
} from '@medguard/protocol'
import type { Buckets } from './buckets.ts'
import { BUDGET_TAG } from './budgets.ts'
import { type FactSource, samePrincipal, vaultNamed } from './decision.ts'
import { isAnonymous } from './host.ts'
import type { LeafDraft } from './outbox.ts'
import type { HeldAccount, Member, PeopleBook } from './people-book.ts'
import type { RecoveryBook } from './recovery-book.ts'

/** What methods about people work with, in whichever canister they run. */
export interface PeopleHost<A extends HeldAccount = HeldAccount> {
  readonly book: PeopleBook<A>
  readonly recovery: RecoveryBook
  readonly facts: FactSource<A>
  readonly budgets: Buckets
  readonly nowNs: () => bigint
  /** Queues a leaf, in the canister that writes the log of this; the other does nothing (decision 16). */
  readonly log: (draft: () => LeafDraft) => void
  /** Nothing but what ends access is taken while this holds. */
  readonly isLogFull: (patientId: Uint8Array) => boolean
  /** The account's own id, for leaves. */
  readonly accountIdOf: (account: A) => Uint8Array
  /** Something of this patient changed: their page shall look again, and that of whoever else it is about. */
  readonly changed: (patientId: Uint8Array, other?: Uint8Array) => void
  /** Ends what somebody gave in a patient's place: they can no more, and nobody gives for longer than they have. */
  readonly endGiven: (ending: {
    readonly patientId: Uint8Array
    readonly giverId: Uint8Array
    readonly actor: Uint8Array
    readonly requestId: Uint8Array
  }) => void
  /** Somebody lost what they could do in this patient's own vault: compartments whose key they have move on, here where epochs are kept. */
  readonly lost: (patientId: Uint8Array, actor: Uint8Array) => void
}

export type Answer<T> = { Ok: T } | { Err: RefusalArm }
export const OK: { readonly Ok: null } = { Ok: null }
export const NOT_PERMITTED: { readonly Err: RefusalArm } = { Err: refuse.notPermitted }

/** Who calls, and whose people they would change. */
export interface Acting<A> {
  readonly caller: Uint8Array
  readonly account: A
  readonly patientId: Uint8Array
  /** The caller's own place among the account's principals; null for who manages in the patient's place. */
  readonly self: Member | null
}

/** @param powers what somebody else than the holder needs. */
export function actingOn<A extends HeldAccount>(
  { book, facts, nowNs }: PeopleHost<A>,
  caller: Uint8Array,
  named: Uint8Array | undefined,
  powers: number,
): Acting<A> | null {
  const account = facts.account(caller)
  const vault = vaultNamed(named, caller, facts, powers, nowNs())
  if (account === undefined || vault === null) return null
  const { patientId } = vault
  const isHolder = samePrincipal(account.patientId, patientId)
  const self = isHolder
    ? (book.circle(patientId).find(({ principal }) => samePrincipal(principal, caller)) ?? null)
    : null
  return isHolder && self === null ? null : { caller, account, patientId, self }
}

/** Takes one change from who makes it. For whatever gives somebody more; ending is never counted. */
export function refuseChange<A extends HeldAccount>(
  host: PeopleHost<A>,
  { patientId }: HeldAccount,
): RefusalArm | null {
  if (host.isLogFull(patientId)) return refuse.logUnavailable
  const key = new Uint8Array(1 + ID_BYTES)
  key[0] = BUDGET_TAG.people
  key.set(patientId, 1)
  const waitMs = host.budgets.take(key, PEOPLE_CHANGES_PER_HOUR, host.nowNs())
  return waitMs === 0 ? null : refuse.busy(waitMs)
}

/** Until when a principal is too new to take something from others; null when it is not. */
export function newUntil({ sinceNs }: Member, nowNs: bigint): bigint | null {
  return sinceNs !== 0n && nowNs < sinceNs + PRINCIPAL_NEW_NS ? sinceNs + PRINCIPAL_NEW_NS : null
}

/**
 * Until when the principal that a holder comes with is too new for what can never be taken back; null when it is not. Whoever was there before has that
 * long to throw it out.
 */
export function tooNewUntil(
  book: Pick<PeopleBook, 'circle'>,
  holder: { readonly patientId: Uint8Array; readonly caller: Uint8Array },
  nowNs: bigint,
): bigint | null {
  const self = book.circle(holder.patientId).find(({ principal }) => samePrincipal(principal, holder.caller))
  return self === undefined ? null : newUntil(self, nowNs)
}

/** Somebody who can sign: neither nobody in particular, nor an id of the network's reserved form. */
export function wrongPerson(field: string, principal: Principal): RefusalArm | null {
  const raw = principal.toUint8Array()
  const canSign = raw.length > 0 && raw.length <= 29 && !isAnonymous(raw) && raw.at(-1) !== RESERVED_FORM
  return canSign ? null : refuse.badInput(field, 'nobody')
}
const RESERVED_FORM = 0x7f

export function wrongId(field: string, id: Uint8Array): RefusalArm | null {
  return id.length === ID_BYTES ? null : refuse.badInput(field, 'length')
}

/** Changes that are repeatable by what they do. What ends access is, and waits for nothing. */
export const NOTED_PEOPLE = ['acceptLink', 'unlink', 'dismiss', 'vetoRecovery', 'completeRecovery'] as const
/** Changes that would happen twice if their message did. */
export const REPEATED_PEOPLE = [
  'offerLink',
  'appoint',
  'acceptAppointment',
  'resign',
  'announceErasure',
  'setRecovery',
  'startRecovery',
  'approveRecovery',
] as const
