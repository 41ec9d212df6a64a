import {
  type ArgOf,
  COMPARTMENT_KIND,
  type ConsentService,
  DEVICES_EVER_MAX,
  encodeFields,
  equalBytes,
  ERASURE_STEPS_PER_CALL,
  EVENT,
  HASH_BYTES,
  refuse,
  type RetOf,
} from '@medguard/protocol'
import {
  erasable,
  type Erasure,
  forgetPerson,
  homesOf,
  leavesDependantAlone,
  newErasure,
  nowNs,
  tooNewUntil,
} from '@medguard/shared'
import { forgetRequests } from './access-requests.ts'
import type { Context } from './context.ts'
import { wrongIds } from './rules.ts'
import type { ConsentStore } from './store.ts'

/** Crypto-shredding (keys.md, section 17), this canister's half: the salt, and everything that says who it was. Each step may be asked again. */

export function eraseBegin(
  { store, outbox, people }: Context,
  { patientId, requestId }: ArgOf<ConsentService['eraseBegin']>,
  caller: Uint8Array,
): RetOf<ConsentService['eraseBegin']> {
  const wrong = wrongIds({ patientId, requestId })
  if (wrong !== null) return { Err: wrong }
  const receipt = store.erasures.receiptOf(patientId, caller, nowNs())
  if (receipt !== undefined) return { Ok: { begunNs: receipt.begunNs } }
  // Who asks first: nobody else learns that a vault is being erased, or was.
  const held = store.heldAccount(caller)
  const erasing = erasable(people, { patientId, held, hasBegun: () => store.erasures.has(patientId) })
  if ('Err' in erasing) return erasing
  const present = store.erasures.get(patientId)
  if (present !== undefined) return { Ok: { begunNs: present.begunNs } }
  if (store.account(caller) === undefined) return { Err: refuse.notPermitted }
  const account = erasing.Ok
  if (leavesDependantAlone(people, account)) return { Err: refuse.badInput('patientId', 'last') }
  const waitNs = tooNewUntil(store.people, { patientId, caller }, nowNs())
  if (waitNs !== null) return { Err: refuse.notYet(waitNs) }
  if (outbox.isFull(patientId)) return { Err: refuse.logUnavailable }
  const begunNs = nowNs()
  store.erasures.set(patientId, newErasure(begunNs))
  store.eraseShredSalt(patientId)
  outbox.queue({
    event: EVENT.eraseBegin,
    actor: caller,
    patientId,
    objectId: account.accountId,
    requestId,
    fields: encodeFields('eraseBegin', {}),
  })
  return { Ok: { begunNs } }
}

export function eraseFinish(
  context: Context,
  { patientId, receiptHash, requestId }: ArgOf<ConsentService['eraseFinish']>,
  caller: Uint8Array,
): RetOf<ConsentService['eraseFinish']> {
  const { store, outbox, people, collectMarks } = context
  const wrong = wrongIds({ patientId, requestId })
  if (wrong !== null) return { Err: wrong }
  if (receiptHash.length !== HASH_BYTES) return { Err: refuse.badInput('receiptHash', 'length') }
  const receipt = store.erasures.receiptOf(patientId, caller, nowNs())
  if (receipt !== undefined)
    return equalBytes(receipt.receiptHash, receiptHash) ? { Ok: { isDone: true } } : { Err: refuse.notPermitted }
  const erasing = erasable(people, { patientId, held: store.heldAccount(caller), hasBegun: () => true })
  if ('Err' in erasing) return erasing
  const erasure = store.erasures.get(patientId)
  if (erasure === undefined) return { Err: refuse.notPermitted }
  const account = erasing.Ok
  if (outbox.isFull(patientId)) return { Err: refuse.logUnavailable }
  const next = endGrants(store, patientId, erasure)
  if (next !== null) {
    store.erasures.set(patientId, next)
    return { Ok: { isDone: false } }
  }
  store.devices.forget(patientId, DEVICES_EVER_MAX)
  for (const each of homesOf(account)) store.forgetCompartment(patientId, each)
  forgetRequests(context, patientId, requestId)
  forgetPerson(people, store, { account, actor: caller, requestId })
  const readers = store.people.signIns(patientId)
  store.closeAccount(account, nowNs())
  store.erasures.finish(patientId, { ...erasure, receiptHash }, [...readers, caller], nowNs())
  collectMarks()
  outbox.queue({
    event: EVENT.eraseDone,
    actor: caller,
    patientId,
    objectId: account.accountId,
    requestId,
    fields: encodeFields('eraseDone', { receiptHash }),
  })
  return { Ok: { isDone: true } }
}

/** Ends what the patient gave and removes the texts, a page of grants in a call; null when there is no more. */
function endGrants(store: ConsentStore, patientId: Uint8Array, erasure: Erasure): Erasure | null {
  const { total, states } = store.grants.givenBy(patientId, erasure.next, ERASURE_STEPS_PER_CALL)
  for (const state of states) {
    const { grantId, compartments, grantee } = state.grant
    if (state.endedNs === null) store.grants.end(state, nowNs())
    const text = store.agreements.get(grantId)
    if (text !== undefined) {
      store.agreements.set(grantId, new Uint8Array(text.length))
      store.agreements.delete(grantId)
    }
    for (const each of compartments)
      if (each.compartmentKind === COMPARTMENT_KIND.share) store.forgetCompartment(patientId, each)
    store.requests.forgetKnown(patientId, grantee)
    store.noteChange(grantee)
  }
  const next = erasure.next + states.length
  return next < total ? { ...erasure, next } : null
}

/** The vault of somebody whose erasure has begun and is not done: so that another device can go on with it. */
export function erasingOf(store: ConsentStore, caller: Uint8Array): [] | [Uint8Array] {
  const account = store.heldAccount(caller)
  return account !== undefined && store.erasures.has(account.patientId) ? [account.patientId] : []
}
