import {
  type ArgOf,
  COMPARTMENT_KIND,
  ERASURE_STEPS_PER_CALL,
  equalBytes,
  type RecordsService,
  refuse,
  type RetOf,
} from '@medguard/protocol'
import { type Erasure, idsIn, newErasure, nowNs } from '@medguard/shared'
import type { StoredAccount } from './codec.ts'
import type { Context } from './context.ts'
import { wrongIds } from './rules.ts'

/** Crypto-shredding (keys.md, section 17), this canister's half: wraps first, then what they opened. Each step may be asked again. */

/** Phases: 0 shares, then one for each category, then the rest. */
const SHARES = 0

export function erase(
  context: Context,
  { patientId, requestId }: ArgOf<RecordsService['erase']>,
  caller: Uint8Array,
): RetOf<RecordsService['erase']> {
  const { store } = context
  const wrong = wrongIds({ patientId, requestId })
  if (wrong !== null) return { Err: wrong }
  const present = store.erasure(patientId)
  if (present?.isDone === true) return { Ok: viewOf(present) }
  const account = store.heldAccount(caller)
  if (account === undefined || !equalBytes(account.patientId, patientId)) return { Err: refuse.notPermitted }
  let erasure = present ?? newErasure(nowNs())
  for (let steps = ERASURE_STEPS_PER_CALL; steps > 0 && !erasure.isDone;) {
    const done = step(context, { account, erasure, steps })
    erasure = done.erasure
    steps -= 1 + done.steps
  }
  store.setErasure(patientId, erasure)
  context.collect()
  return { Ok: viewOf(erasure) }
}

interface At {
  readonly account: StoredAccount
  readonly erasure: Erasure
  readonly steps: number
}

/** One page of one phase. */
function step({ store }: Context, { account, erasure, steps }: At): { erasure: Erasure; steps: number } {
  const { patientId } = account
  const { phase, next } = erasure
  if (phase === SHARES) {
    const { total, states } = store.grants.givenBy(patientId, next, Math.min(steps, 10))
    let entries = 0
    for (const state of states) {
      if (state.endedNs === null) store.grants.end(state, nowNs())
      for (const each of state.grant.compartments) {
        if (each.compartmentKind !== COMPARTMENT_KIND.share) continue
        const place = { patientId, ...each }
        entries += store.lists.count(place)
        store.lists.clear(place, store.capsules.release)
      }
    }
    const later = { ...erasure, next: next + states.length, grants: erasure.grants + states.length }
    return { erasure: later.next < total ? later : { ...later, phase: phase + 1, next: 0 }, steps: entries }
  }
  const cid = idsIn(account.cids)[phase - 1]
  if (cid !== undefined) {
    const place = { patientId, compartmentKind: COMPARTMENT_KIND.category, cid }
    let { versions, sizeBytes } = erasure
    const ids = store.lists.forget(place, next, steps, store.capsules.release)
    for (const [i, id] of ids.entries()) {
      const former = store.keyStates.former(place, next + i)
      if (former !== undefined) store.keyStates.removeFormer(place, next + i, former)
      const version = store.deletedVersion(id)
      if (version !== undefined) {
        versions += 1
        sizeBytes += version.sizeBytes
        store.dropVersion(id, version)
      }
      store.forgetRecord(id.recordId)
    }
    const later = { ...erasure, versions, sizeBytes, next: next + ids.length }
    if (later.next < store.lists.count(place)) return { erasure: later, steps: ids.length }
    store.lists.erase(place)
    store.keyStates.end(place)
    return { erasure: { ...later, phase: phase + 1, next: 0 }, steps: ids.length }
  }
  for (const { principal } of store.people.circle(patientId))
    for (const id of store.openUploads(principal)) {
      const upload = store.upload(principal, id)
      if (upload !== undefined && equalBytes(upload.patientId, patientId)) store.abandonUpload(principal, id, upload)
    }
  store.rules.forget(patientId)
  store.closeAccount(account)
  return { erasure: { ...erasure, isDone: true }, steps: 0 }
}

const viewOf = ({ isDone, begunNs, versions, sizeBytes, grants }: Erasure) => ({
  isDone,
  begunNs,
  versions,
  sizeBytes,
  shares: grants,
})
