import {
  type ArgOf,
  type ConsentService,
  encodeFields,
  EVENT,
  POWER,
  refuse,
  type RetOf,
  type RulesChange,
} from '@medguard/protocol'
import { changedRules, changesOf, homesOf, nowNs, payerOf, samePrincipal, sha256, vaultNamed } from '@medguard/shared'
import type { Context } from './context.ts'
import { sweep } from './epochs.ts'
import { wrongIds } from './rules.ts'

export function rules(
  context: Context,
  arg: ArgOf<ConsentService['rules']>,
  caller: Uint8Array,
): RetOf<ConsentService['rules']> {
  const wrong = wrongIds({ patientId: arg.patientId[0] ?? null })
  if (wrong !== null) return { Err: wrong }
  const vault = vaultNamed(arg.patientId[0], caller, context.facts, POWER.share, nowNs())
  return vault === null ? { Err: refuse.notPermitted } : { Ok: context.store.rules.of(vault.patientId) }
}

/**
 * Lays down what holds for all sharing of a patient, from this message on. What ends access is taken even when the log is full, and moves on the
 * compartments whose present key somebody derived who may not any more.
 */
export function changeRules(
  context: Context,
  arg: ArgOf<ConsentService['changeRules']>,
  caller: Uint8Array,
): RetOf<ConsentService['changeRules']> {
  const { store, outbox } = context
  const { change, requestId } = arg
  const wrong = wrongIds({ requestId, patientId: arg.patientId[0] ?? null })
  if (wrong !== null) return { Err: wrong }
  const vault = vaultNamed(arg.patientId[0], caller, context.facts, POWER.share, nowNs())
  if (vault === null) return { Err: refuse.notPermitted }
  const endsAccess = 'pause' in change || 'block' in change
  if (!endsAccess && outbox.isFull(vault.patientId)) return { Err: refuse.logUnavailable }
  const { patientId } = vault
  const own = store.ownerOf(patientId) ?? caller
  const changed = changedRules(store.rules.of(patientId), change, { own, nowNs: nowNs() })
  if ('refusal' in changed) return { Err: changed.refusal }
  if (changed.isSame) return { Ok: changed.rules }
  // Only what ends access is free: it cannot be done twice without something between that is not.
  const wait = endsAccess
    ? null
    : changesOf(context.budgets, payerOf(arg.patientId[0], vault, caller, context.facts), nowNs()).take()
  if (wait !== null) return { Err: wait }
  const row = store.rules.set(patientId, changed.rules)
  outbox.queue({ ...leafOf(change, row), actor: caller, patientId, requestId })
  if (endsAccess) for (const compartment of homesOf(vault)) sweep(context, { patientId, compartment, actor: caller })
  store.noteChange(own)
  tellReaders(context, patientId, change)
  return { Ok: changed.rules }
}

/** Whoever a share that lives reaches, and what they may do changes: all of them by a pause, one by a block. */
function tellReaders({ store, facts }: Context, patientId: Uint8Array, change: RulesChange): void {
  const whom = 'block' in change ? change.block : 'unblock' in change ? change.unblock : null
  if (whom === null && !('pause' in change || 'resume' in change)) return
  const one = whom?.toUint8Array()
  const account = one === undefined ? undefined : store.account(one)
  const told = new Set<string>()
  for (const grantId of store.grants.liveOf(patientId, nowNs())) {
    const grant = store.grants.get(grantId)?.grant
    if (grant === undefined) continue
    const reaches =
      one === undefined ||
      samePrincipal(grant.grantee, one) ||
      (account !== undefined && facts.standing(grant, account, one, nowNs()) !== 'nobody')
    const whose = one ?? grant.grantee
    const key = whose.join()
    if (!reaches || told.has(key)) continue
    told.add(key)
    store.noteChange(whose)
  }
}

/** @param row the rules as they are stored now: their hash binds the line to them. */
function leafOf(change: RulesChange, row: Uint8Array): { event: number; fields: Uint8Array } {
  if ('pause' in change) return { event: EVENT.paused, fields: encodeFields('paused', {}) }
  if ('resume' in change) return { event: EVENT.resumed, fields: encodeFields('resumed', {}) }
  if ('block' in change)
    return { event: EVENT.blocked, fields: encodeFields('blocked', { principal: change.block.toUint8Array() }) }
  if ('unblock' in change)
    return { event: EVENT.unblocked, fields: encodeFields('unblocked', { principal: change.unblock.toUint8Array() }) }
  return { event: EVENT.rulesChanged, fields: encodeFields('rulesChanged', { rulesHash: sha256(row) }) }
}
