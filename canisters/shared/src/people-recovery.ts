import {
  encodeFields,
  EVENT,
  POWER,
  Principal,
  PRINCIPALS_EVER_MAX,
  RECOVERY_WAIT_NS,
  type RecoverySettings,
  refuse,
  type RefusalArm,
} from '@medguard/protocol'
import { samePrincipal } from './decision.ts'
import {
  actingOn,
  type Answer,
  NOT_PERMITTED,
  OK,
  type PeopleHost,
  refuseChange,
  tooNewUntil,
  wrongId,
  wrongPerson,
} from './people.ts'
import { isHolderOrParent } from './people-erasure.ts'
import { logLink } from './people-links.ts'
import type { HeldAccount } from './people-book.ts'
import {
  approvalsFor,
  countingApprovals,
  isLive,
  NO_SETTINGS,
  type Settings,
  settingsAt,
  type Waiting,
  withApproval,
  withSettings,
  withStart,
  wrongSettings,
} from './recovery-rules.ts'

/**
 * Says who may bring the account back. Only its holder does, or who has all powers for good over a dependant without a sign-in of its own; and not with a sign-in that is
 * new. A recovery that waits goes on.
 */
export function setRecovery<A extends HeldAccount>(
  host: PeopleHost<A>,
  arg: { patientId: [] | [Uint8Array]; settings: RecoverySettings; requestId: Uint8Array },
  caller: Uint8Array,
): Answer<{ fromNs: bigint }> {
  const { book, recovery, nowNs } = host
  const { kit, guardians, threshold } = arg.settings
  const wrong =
    wrongId('requestId', arg.requestId) ??
    guardians.map((each) => wrongPerson('guardians', each)).find((each) => each !== null) ??
    (kit[0] === undefined ? null : wrongPerson('kit', kit[0]))
  if (wrong !== null) return { Err: wrong }
  const settings: Settings = {
    kit: kit[0]?.toUint8Array() ?? null,
    guardians: guardians.map((each) => each.toUint8Array()),
    threshold,
  }
  const field = wrongSettings(settings)
  if (field !== null) return { Err: refuse.badInput(field, 'range') }
  const acting = actingOn(host, caller, arg.patientId[0], POWER.manage)
  if (acting === null || !isHolderOrParent(host, acting)) return NOT_PERMITTED
  const waitNs = tooNewUntil(book, { patientId: acting.account.patientId, caller }, nowNs())
  if (waitNs !== null) return { Err: refuse.notYet(waitNs) }
  const { patientId, account } = acting
  const named = settings.kit === null ? settings.guardians : [settings.kit, ...settings.guardians]
  if (book.circle(patientId).some(({ principal }) => named.some((each) => samePrincipal(each, principal))))
    return { Err: refuse.badInput('guardians', 'self') }
  const ofKit = settings.kit === null ? undefined : recovery.patientOfKit(settings.kit)
  if (ofKit !== undefined && !samePrincipal(ofKit, patientId)) return { Err: refuse.badInput('kit', 'taken') }
  const refused = refuseChange(host, account)
  if (refused !== null) return { Err: refused }
  const before = recovery.settings(patientId)
  const next = withSettings(before, settings, nowNs())
  recovery.setSettings(patientId, book.homeOfPatient(patientId), next)
  const fromNs = next.coming === null ? nowNs() : next.fromNs
  host.log(() => ({
    event: EVENT.recoveryChanged,
    actor: caller,
    patientId,
    requestId: arg.requestId,
    fields: encodeFields('recoveryChanged', {
      threshold,
      guardians: guardians.length,
      waitNs: RECOVERY_WAIT_NS,
      hasKit: kit.length,
    }),
  }))
  host.changed(patientId)
  return { Ok: { fromNs } }
}

/** By the printed kit. */
export function startRecovery<A extends HeldAccount>(
  host: PeopleHost<A>,
  arg: { newPrincipal: Principal; requestId: Uint8Array },
  caller: Uint8Array,
): Answer<{ home: Principal; readyNs: bigint }> {
  const { book, recovery, nowNs } = host
  const wrong = wrongId('requestId', arg.requestId) ?? wrongPerson('newPrincipal', arg.newPrincipal)
  if (wrong !== null) return { Err: wrong }
  const patientId = recovery.patientOfKit(caller)
  if (patientId === undefined) return NOT_PERMITTED
  const { current, sinceNs } = settingsAt(recovery.settings(patientId), nowNs())
  if (current?.kit === null || current?.kit === undefined || !samePrincipal(current.kit, caller)) return NOT_PERMITTED
  const newPrincipal = arg.newPrincipal.toUint8Array()
  const started = start(host, { patientId, by: 'kit', newPrincipal, sinceNs, actor: caller, requestId: arg.requestId })
  if ('refusal' in started) return { Err: started.refusal }
  const home = Principal.fromUint8Array(book.homeOfPatient(patientId))
  return { Ok: { home, readyNs: started.waiting.readyNs } }
}

/** By a guardian, who was told by the patient, out of band, whom to let in. Nobody else can even ask for it. */
export function approveRecovery<A extends HeldAccount>(
  host: PeopleHost<A>,
  arg: { ward: Principal; newPrincipal: Principal; requestId: Uint8Array },
  caller: Uint8Array,
): Answer<{ approvals: number; threshold: number; readyNs: [] | [bigint] }> {
  const { book, facts, recovery, nowNs } = host
  const wrong = wrongId('requestId', arg.requestId) ?? wrongPerson('newPrincipal', arg.newPrincipal)
  if (wrong !== null) return { Err: wrong }
  const account = facts.account(caller)
  if (account === undefined) return NOT_PERMITTED
  const own = book.principalsOf(account, caller)
  const ward = arg.ward.toUint8Array()
  const patientId = own.map((each) => recovery.wardOf(ward, each)).find((each) => each !== undefined)
  if (patientId === undefined) return NOT_PERMITTED
  const { current, sinceNs } = settingsAt(recovery.settings(patientId), nowNs())
  const guardian = current?.guardians.find((each) => own.some((principal) => samePrincipal(principal, each)))
  if (current === null || guardian === undefined) return NOT_PERMITTED
  const refused = refuseChange(host, account)
  if (refused !== null) return { Err: refused }
  const newPrincipal = arg.newPrincipal.toUint8Array()
  const counting = countingApprovals(recovery.approvals(patientId), current, nowNs())
  const approval = { guardianId: account.patientId, guardian, newPrincipal, atNs: nowNs() }
  const approvals = withApproval(counting, approval)
  recovery.setApprovals(patientId, approvals)
  const count = approvalsFor(approvals, newPrincipal)
  const { threshold } = current
  const step = { patientId, actor: caller, requestId: arg.requestId }
  logStep(host, EVENT.recoveryApproved, { ...step, newPrincipal, readyNs: 0n, approvals: count, threshold })
  host.changed(patientId)
  if (count < threshold) return { Ok: { approvals: count, threshold, readyNs: [] } }
  const started = start(host, { ...step, by: 'guardians', newPrincipal, sinceNs })
  // What they said stays said: a recovery that has more behind it goes first.
  if ('refusal' in started) return { Ok: { approvals: count, threshold, readyNs: [] } }
  return { Ok: { approvals: count, threshold, readyNs: [started.waiting.readyNs] } }
}

/** By any principal of the account: whoever can still sign in as the patient is the patient. For a dependant also by whoever manages. */
export function vetoRecovery<A extends HeldAccount>(
  host: PeopleHost<A>,
  arg: { patientId: [] | [Uint8Array]; requestId: Uint8Array },
  caller: Uint8Array,
): Answer<null> {
  const { book, recovery } = host
  const wrong = wrongId('requestId', arg.requestId)
  if (wrong !== null) return { Err: wrong }
  const acting = actingOn(host, caller, arg.patientId[0], POWER.manage)
  if (acting === null) return NOT_PERMITTED
  const { patientId } = acting
  const waiting = recovery.waiting(patientId)
  recovery.setApprovals(patientId, [])
  if (waiting === null) return OK
  recovery.endWaiting(patientId, book.homeOfPatient(patientId))
  const { newPrincipal, readyNs } = waiting
  const step = { patientId, actor: caller, requestId: arg.requestId, newPrincipal, readyNs }
  logStep(host, EVENT.recoveryVetoed, { ...step, approvals: 0, threshold: 0 })
  host.changed(patientId)
  return OK
}

/**
 * By the new principal, when nobody stopped it: it takes the place of all others, which are shut out at once. What could bring the account back is
 * forgotten, since somebody else may have laid it down; the holder says it anew.
 */
export function completeRecovery<A extends HeldAccount>(
  host: PeopleHost<A>,
  arg: { home: Principal; requestId: Uint8Array },
  caller: Uint8Array,
): Answer<null> {
  const { book, recovery, nowNs } = host
  const wrong = wrongId('requestId', arg.requestId)
  if (wrong !== null) return { Err: wrong }
  const patientId = recovery.patientOfCandidate(arg.home.toUint8Array(), caller)
  if (patientId === undefined) return isHolder(host, arg.home, caller) ? OK : NOT_PERMITTED
  const waiting = recovery.waiting(patientId)
  if (waiting === null || !isLive(waiting, nowNs()) || book.isTaken(caller)) return NOT_PERMITTED
  if (nowNs() < waiting.readyNs) return { Err: refuse.notYet(waiting.readyNs) }
  if (host.isLogFull(patientId)) return { Err: refuse.logUnavailable }
  const home = book.homeOfPatient(patientId)
  const others = book.circle(patientId).flatMap(({ principal, isActive }) => (isActive ? [principal] : []))
  // Not new: it has waited already.
  book.link(patientId, caller, 0n, PRINCIPALS_EVER_MAX)
  book.retire(patientId, others)
  book.endOffer(patientId)
  recovery.endWaiting(patientId, home)
  recovery.setApprovals(patientId, [])
  recovery.setSettings(patientId, home, NO_SETTINGS)
  const { readyNs } = waiting
  const step = { patientId, actor: caller, requestId: arg.requestId, newPrincipal: caller, readyNs }
  logStep(host, EVENT.recoveryDone, { ...step, approvals: 0, threshold: 0 })
  for (const principal of others)
    logLink(host, { event: EVENT.principalUnlinked, patientId, principal, actor: caller, requestId: arg.requestId })
  host.lost(patientId, caller)
  host.changed(patientId)
  return OK
}

/** A repeat, after it was completed. */
function isHolder<A extends HeldAccount>({ book, facts }: PeopleHost<A>, home: Principal, caller: Uint8Array): boolean {
  const known = facts.account(caller) === undefined ? undefined : book.homeOf(caller)
  return known !== undefined && !samePrincipal(known, caller) && samePrincipal(known, home.toUint8Array())
}

function start<A extends HeldAccount>(
  host: PeopleHost<A>,
  starting: {
    patientId: Uint8Array
    by: 'kit' | 'guardians'
    newPrincipal: Uint8Array
    sinceNs: bigint
    actor: Uint8Array
    requestId: Uint8Array
  },
): { readonly waiting: Waiting } | { readonly refusal: RefusalArm } {
  const { book, recovery, nowNs } = host
  const { patientId, newPrincipal, actor, requestId } = starting
  const before = recovery.waiting(patientId)
  const next = withStart(before, starting, nowNs())
  if ('notYetNs' in next) return { refusal: refuse.notYet(next.notYetNs) }
  const { waiting } = next
  if (waiting === before) return next
  if (host.isLogFull(patientId)) return { refusal: refuse.logUnavailable }
  recovery.setWaiting(patientId, book.homeOfPatient(patientId), waiting)
  const step = { patientId, actor, requestId, newPrincipal, readyNs: waiting.readyNs }
  logStep(host, EVENT.recoveryStarted, { ...step, approvals: 0, threshold: 0 })
  host.changed(patientId)
  return next
}

function logStep<A extends HeldAccount>(
  { log, book, accountIdOf }: PeopleHost<A>,
  event: number,
  step: {
    patientId: Uint8Array
    actor: Uint8Array
    requestId: Uint8Array
    newPrincipal: Uint8Array
    readyNs: bigint
    approvals: number
    threshold: number
  },
): void {
  const { patientId, actor, requestId, newPrincipal: principal, readyNs, approvals, threshold } = step
  log(() => ({
    event,
    actor,
    patientId,
    requestId,
    fields: encodeFields('recoveryStarted', {
      principal,
      readyNs,
      approvals,
      threshold,
      ...(event === EVENT.recoveryDone ? { accountId: accountIdOf(book.accountOf(patientId)) } : {}),
    }),
  }))
}
