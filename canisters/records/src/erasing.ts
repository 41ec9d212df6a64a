import {
  type ArgOf,
  COMPARTMENT_KIND,
  ERASURE_STEPS_PER_CALL,
  equalBytes,
  type RecordsService,
  refuse,
  type RetOf,
} from '@medguard/protocol'
import {
  BUDGET_TAG,
  budgetKey,
  erasable,
  type Erasure,
  forgetPerson,
  homesOf,
  leavesDependantAlone,
  newErasure,
  nowNs,
  type Receipt,
  tooNewUntil,
  WORK_PART,
  workKey,
} from '@medguard/shared'
import type { StoredAccount } from './codec.ts'
import type { Context } from './context.ts'
import { checkKeysOf } from './device-checks.ts'
import { forgetBudget } from './links.ts'
import type { Place } from './lists.ts'
import { wrongIds } from './rules.ts'
import type { RecordsStore } from './store.ts'

/** Crypto-shredding (keys.md, section 17), this canister's half: wraps first, then what they opened. Each step may be asked again. */

/** Phases: 0 shares, then one for each category and the inbox, then the capsules of each, then the rest. */
const SHARES = 0
/** Devices that one step forgets: of each, what it posted is remembered in up to 33 rows. */
const DEVICES_AT_ONCE = 8
/** Links of which, with a body each. */
const LINKS_AT_ONCE = 20
/** Uploads of everybody that the last step looks at for those of this vault, some 100 M instructions: the queue is hardly ever longer. */
const UNFINISHED_LOOKED_AT = 200

export function erase(
  context: Context,
  { patientId, requestId }: ArgOf<RecordsService['erase']>,
  caller: Uint8Array,
): RetOf<RecordsService['erase']> {
  const { store } = context
  const wrong = wrongIds({ patientId, requestId })
  if (wrong !== null) return { Err: wrong }
  const receipt = store.erasures.receiptOf(patientId, caller, nowNs())
  if (receipt !== undefined) return { Ok: viewOf({ ...receipt, isDone: true }) }
  const held = store.heldAccount(caller)
  const hasBegun = () => store.erasures.has(patientId)
  const erasing = erasable(context.people, { patientId, held, hasBegun })
  if ('Err' in erasing) return erasing
  const account = erasing.Ok
  const present = store.erasures.get(patientId)
  if (present === undefined && leavesDependantAlone(context.people, account))
    return { Err: refuse.badInput('patientId', 'last') }
  const waitNs = present === undefined ? tooNewUntil(store.people, { patientId, caller }, nowNs()) : null
  if (waitNs !== null) return { Err: refuse.notYet(waitNs) }
  let erasure = present ?? newErasure(nowNs())
  for (let steps = ERASURE_STEPS_PER_CALL; steps > 0 && !erasure.isDone;) {
    const done = step(context, { account, erasure, steps })
    erasure = done.erasure
    steps -= 1 + done.steps
    if (erasure.isDone) finish(context, { account, erasure, caller })
  }
  if (!erasure.isDone) store.erasures.set(patientId, erasure)
  context.collect()
  return { Ok: viewOf(erasure) }
}

interface At {
  readonly account: StoredAccount
  readonly erasure: Erasure
  readonly steps: number
}

/** One page of one phase. */
function step({ store, people }: Context, { account, erasure, steps }: At): { erasure: Erasure; steps: number } {
  const { patientId } = account
  const { phase, next } = erasure
  if (phase === SHARES) {
    const { total, states } = store.grants.givenBy(patientId, next, Math.min(steps, 10))
    let entries = 0
    for (const state of states) {
      if (state.endedNs === null) store.grants.end(state, nowNs())
      const { grantId, grantee, compartments } = state.grant
      const places = compartments.map((each) => ({ patientId, ...each }))
      forgetUse(store, { who: principalsOf(store, grantee), patientId, places, grantId })
      store.usages.forgetUnder(grantId)
      store.budgetRows.delete(budgetKey(BUDGET_TAG.depositUnder, grantId))
      for (const each of compartments) {
        if (each.compartmentKind !== COMPARTMENT_KIND.share) continue
        const place = { patientId, ...each }
        entries += store.lists.count(place)
        store.lists.clear(place, store.capsules.release)
        store.capsules.forgetAll(place)
      }
    }
    const later = { ...erasure, next: next + states.length, grants: erasure.grants + states.length }
    return { erasure: later.next < total ? later : { ...later, phase: phase + 1, next: 0 }, steps: entries }
  }
  const homes = placesOf(account)
  const place = homes[phase - 1]
  if (place !== undefined) {
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
  const deposits = homes[phase - 1 - homes.length]
  if (deposits !== undefined) {
    const gone = store.capsules.forget(deposits, next, steps)
    const later = { ...erasure, next: next + gone }
    return { erasure: gone === steps ? later : { ...later, phase: phase + 1, next: 0 }, steps: gone }
  }
  const devices = store.devices.forget(patientId, DEVICES_AT_ONCE)
  if (devices.length > 0) {
    for (const deviceId of devices) {
      store.devicePosts.forget(deviceId)
      store.budgetRows.delete(workKey(BUDGET_TAG.devicePost, WORK_PART.caller, deviceId))
      for (const key of checkKeysOf(deviceId)) store.budgetRows.delete(key)
    }
    return { erasure, steps }
  }
  const links = store.links.forget(patientId, LINKS_AT_ONCE)
  if (links.length > 0) {
    for (const linkId of links) forgetBudget({ store }, linkId)
    return { erasure, steps }
  }
  const own = store.people.circle(patientId).map(({ principal }) => principal)
  const carers = store.people.representatives(patientId).flatMap(({ principal }) => principalsOf(store, principal))
  forgetUse(store, { who: [...own, ...carers], patientId, places: placesOf(account), grantId: null })
  for (const principal of own) store.forgetUploads(principal)
  store.tidyUnfinished(UNFINISHED_LOOKED_AT)
  forgetPerson(people, store, { account, actor: own[0] ?? NOBODY, requestId: NO_REQUEST })
  return { erasure: { ...erasure, isDone: true }, steps: 0 }
}

/** The last of it: who it was. Their sign-ins, and whoever asked last in their place, may ask for the receipt again. */
function finish(
  { store, collectMarks }: Context,
  { account, erasure, caller }: { account: StoredAccount; erasure: Erasure; caller: Uint8Array },
): void {
  const { patientId } = account
  const readers = store.people.signIns(patientId)
  store.closeAccount(account)
  store.erasures.finish(patientId, erasure, [...readers, caller], nowNs())
  collectMarks()
}

/** Of whoever read or wrote in places that are erased: how long they might page there, and what they were uploading. */
function forgetUse(
  store: RecordsStore,
  of: { who: readonly Uint8Array[]; patientId: Uint8Array; places: readonly Place[]; grantId: Uint8Array | null },
): void {
  const { who, patientId, places, grantId } = of
  for (const principal of who) {
    for (const place of places) store.forgetListWindow(principal, place, grantId)
    for (const id of store.openUploads(principal)) {
      const upload = store.upload(principal, id)
      if (upload !== undefined && equalBytes(upload.patientId, patientId)) store.abandonUpload(principal, id, upload)
    }
  }
}

/** Whoever a person named is: every principal of theirs, or the name itself where nobody has it. */
function principalsOf({ people }: RecordsStore, named: Uint8Array): readonly Uint8Array[] {
  const account = people.account(named)
  return account === undefined ? [named] : people.principalsOf(account, named)
}

const placesOf = (account: StoredAccount): readonly Place[] =>
  homesOf(account).map((each) => ({ patientId: account.patientId, ...each }))

const NOBODY = new Uint8Array(0)
/** This canister writes no line of what it forgets. */
const NO_REQUEST = new Uint8Array(16)

const viewOf = ({ isDone, begunNs, versions, sizeBytes, grants }: Receipt & Pick<Erasure, 'isDone'>) => ({
  isDone,
  begunNs,
  versions,
  sizeBytes,
  shares: grants,
})
