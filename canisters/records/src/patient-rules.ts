import { type ArgOf, POWER, type RecordsService, refuse, type RetOf } from '@medguard/protocol'
import { changedRules, nowNs, vaultNamed } from '@medguard/shared'
import type { Context } from './context.ts'
import { wrongIds } from './rules.ts'

export function rules(
  context: Context,
  arg: ArgOf<RecordsService['rules']>,
  caller: Uint8Array,
): RetOf<RecordsService['rules']> {
  const wrong = wrongIds({ patientId: arg.patientId[0] ?? null })
  if (wrong !== null) return { Err: wrong }
  const vault = vaultNamed(arg.patientId[0], caller, context.facts, POWER.share, nowNs())
  return vault === null ? { Err: refuse.notPermitted } : { Ok: context.store.rules.of(vault.patientId) }
}

/** Changes this canister's copy, which holds by itself from this message on. Consent has the line in the log. */
export function changeRules(
  context: Context,
  arg: ArgOf<RecordsService['changeRules']>,
  caller: Uint8Array,
): RetOf<RecordsService['changeRules']> {
  const { store } = context
  const wrong = wrongIds({ requestId: arg.requestId, patientId: arg.patientId[0] ?? null })
  if (wrong !== null) return { Err: wrong }
  const vault = vaultNamed(arg.patientId[0], caller, context.facts, POWER.share, nowNs())
  if (vault === null) return { Err: refuse.notPermitted }
  const { patientId } = vault
  const own = store.ownerOf(patientId) ?? caller
  const changed = changedRules(store.rules.of(patientId), arg.change, { own, nowNs: nowNs() })
  if ('refusal' in changed) return { Err: changed.refusal }
  if (!changed.isSame) store.rules.set(patientId, changed.rules)
  return { Ok: changed.rules }
}
