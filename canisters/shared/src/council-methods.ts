import {
  type ArgOf,
  type CouncilAct,
  COUNCIL_ACT,
  encodeFields,
  equalBytes,
  EVENT,
  orgPrincipal,
  Principal,
  refuse,
  type RefusalArm,
  type RetOf,
  type TrustMethods,
} from '@medguard/protocol'
import { samePrincipal } from './decision.ts'
import { sha256 } from './sha256.ts'
import type { TrustContext } from './trust-methods.ts'
import { actOf, malformedAct, wrongAct, wrongOrgIds } from './trust-rules.ts'

type Arg<M extends keyof TrustMethods> = ArgOf<TrustMethods[M]>
type Ret<M extends keyof TrustMethods> = RetOf<TrustMethods[M]>
export type WhenReady = <A, R>(
  handle: (arg: A, caller: Uint8Array) => R,
) => (arg: A, caller: Uint8Array) => R | { Err: RefusalArm }

const NOT_PERMITTED = { Err: refuse.notPermitted }

/**
 * The council's methods. Each canister counts the votes it was given itself; nothing here knows grants, keys or records. To suspend is taken also when the
 * log is full: ending access never waits.
 */
export function createCouncilMethods({ book, isShutOut, nowNs, log, changed }: TrustContext, whenReady: WhenReady) {
  const { council } = book
  /** A member whom their owner shut out of the account no longer votes; who takes their place, the others decide. */
  const sits = (caller: Uint8Array): boolean => council.isMember(caller) && !isShutOut(caller)

  const vote = ({ actId, act: bytes, requestId }: Arg<'councilVote'>, caller: Uint8Array): Ret<'councilVote'> => {
    const shape = council.council()
    if (shape === null || !sits(caller)) return NOT_PERMITTED
    const wrongIds = wrongOrgIds({ actId, requestId })
    if (wrongIds !== null) return { Err: wrongIds }
    const act = actOf(bytes)
    if (act === null) return { Err: refuse.badInput('act', 'format') }
    const malformed = malformedAct(act)
    if (malformed !== null) return { Err: malformed }
    const now = nowNs()
    const wrong = wrongAct(act, book.organisation, now)
    const stored = council.act(actId, now)
    // Of an act that was done, what stands against it now no longer matters: a repeat gets its answer.
    if (wrong !== null && stored?.isDone !== true) return { Err: wrong }
    if (stored !== null && !equalBytes(stored.act, bytes)) return { Err: refuse.idConflict }
    const counts = (votes: readonly Uint8Array[]) =>
      shape.members.filter((member) => votes.some((each) => samePrincipal(each, member))).length
    if (stored?.isDone === true)
      return { Ok: { approvals: counts(stored.votes), threshold: shape.threshold, isDone: true } }
    if (act.kind !== 'suspend' && log?.isFull(null) === true) return { Err: refuse.logUnavailable }

    const isRepeat = stored?.votes.some((each) => samePrincipal(each, caller)) === true
    const votes = stored === null ? [caller] : isRepeat ? stored.votes : [...stored.votes, caller]
    if (stored === null && !council.open(actId, bytes, caller, now)) return { Err: refuse.full }
    const approvals = counts(votes)
    const isDone = approvals >= shape.threshold
    if (isDone || stored !== null)
      council.setAct(actId, { isDone, openedNs: stored?.openedNs ?? now, votes, act: bytes })
    if (!isRepeat || isDone) {
      const orgId = 'orgId' in act ? act.orgId : undefined
      const actHash = sha256(bytes)
      const fields = { act: COUNCIL_ACT[act.kind], approvals, threshold: shape.threshold, actHash }
      log?.queue({
        event: EVENT.councilAct,
        actor: caller,
        objectId: actId,
        requestId,
        fields: encodeFields('councilAct', orgId === undefined ? fields : { ...fields, orgId }),
      })
    }
    if (isDone) carryOut(act, { actId, caller, requestId, now })
    return { Ok: { approvals, threshold: shape.threshold, isDone } }
  }

  const carryOut = (
    act: CouncilAct,
    by: { actId: Uint8Array; caller: Uint8Array; requestId: Uint8Array; now: bigint },
  ): void => {
    if (act.kind === 'changeCouncil') return council.setCouncil(act.council)
    if (act.kind === 'setPolicy') return council.setInvitationRequired(act.invitationRequired)
    const before = book.organisation(act.orgId)
    if (before === undefined) return
    const { actId, caller, requestId, now } = by
    const after =
      act.kind === 'verify'
        ? { ...before, verifiedNs: now, verifiedUntilNs: act.untilNs, verifiedBy: actId }
        : { ...before, isSuspended: act.kind === 'suspend' }
    book.setOrganisation(act.orgId, after)
    changed(orgPrincipal(act.orgId))
    const event = act.kind === 'suspend' ? 'organisationSuspended' : 'organisationVerified'
    const endNs = act.kind === 'suspend' ? 0n : after.verifiedUntilNs
    const fields = encodeFields(event, { orgId: act.orgId, endNs })
    log?.queue({ event: EVENT[event], actor: caller, objectId: act.orgId, requestId, fields })
  }

  const acts = (_: null, caller: Uint8Array): Ret<'councilActs'> => {
    if (!sits(caller)) return NOT_PERMITTED
    const now = nowNs()
    const open = council.openActs(now).flatMap(({ actId, proposer, expiresNs }) => {
      const stored = council.act(actId, now)
      if (stored === null) return []
      const votes = stored.votes.map((each) => Principal.fromUint8Array(each))
      return [{ actId, act: stored.act, proposer: Principal.fromUint8Array(proposer), expiresNs, votes }]
    })
    return { Ok: open }
  }

  const view = (): Ret<'council'> => {
    const shape = council.council()
    const members = shape?.members.map((each) => Principal.fromUint8Array(each)) ?? []
    return {
      Ok: {
        council: shape === null ? [] : [{ members, threshold: shape.threshold }],
        invitationRequired: council.isInvitationRequired(),
      },
    }
  }
  return { council: whenReady(view), councilActs: whenReady(acts), councilVote: whenReady(vote) }
}
