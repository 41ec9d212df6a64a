import { authorKeyIdInput, AUTHOR_SIGNATURE_BYTES, isAuthorKeyShape } from '@medguard/crypto/verify'
import {
  type ArgOf,
  AUTHOR_KEYS_EVER_MAX,
  AUTHOR_KEYS_LIVE_MAX,
  AUTHORS_PER_CALL_MAX,
  type AuthorKeyView,
  type ConsentService,
  encodeFields,
  equalBytes,
  EVENT,
  ID_BYTES,
  Principal,
  refuse,
  type RefusalArm,
  type RetOf,
  toHex,
} from '@medguard/protocol'
import { nowNs, refuseChange, sha256 } from '@medguard/shared'
import type { AuthorKey } from './author-key-book.ts'
import type { Context } from './context.ts'
import { wrongIds } from './rules.ts'
import type { ConsentStore } from './store.ts'

/**
 * Keys with which people sign what they store (keys.md, section 5.2). This canister vouches whose a key is and from when to when; it checks no signature, and none
 * decides who may read. Records keeps the signatures, so neither canister alone makes a false author.
 */

/** Changes that are repeatable by what they do. */
export const NOTED_AUTHORS = ['addAuthorKey', 'endAuthorKey'] as const

export function addAuthorKey(
  context: Context,
  arg: ArgOf<ConsentService['addAuthorKey']>,
  caller: Uint8Array,
): RetOf<ConsentService['addAuthorKey']> {
  const { store, outbox, people } = context
  const { algorithm, publicKey, proof, requestId } = arg
  const wrong = wrongIds({ requestId })
  if (wrong !== null) return { Err: wrong }
  if (!isAuthorKeyShape(algorithm, publicKey)) return { Err: refuse.badInput('publicKey', 'format') }
  if (proof.length !== AUTHOR_SIGNATURE_BYTES) return { Err: refuse.badInput('proof', 'length') }
  const account = store.account(caller)
  if (account === undefined) return { Err: refuse.notPermitted }
  const { patientId } = account
  const keyHash = sha256(authorKeyIdInput(algorithm, publicKey))
  const keyId = keyHash.slice(0, ID_BYTES)
  const present = store.authorKeys.get(keyId)
  if (present !== undefined)
    return equalBytes(present.patientId, patientId) ? { Ok: viewOf(keyId, present) } : { Err: refuse.idConflict }
  const ids = store.authorKeys.idsOf(patientId)
  const live = ids.filter((each) => store.authorKeys.get(each)?.endNs === 0n)
  if (live.length >= AUTHOR_KEYS_LIVE_MAX || ids.length >= AUTHOR_KEYS_EVER_MAX) return { Err: refuse.full }
  const refusal = refuseChange(people, account)
  if (refusal !== null) return { Err: refusal }
  const key = { algorithm, publicKey, proof, patientId, principal: caller, fromNs: nowNs(), endNs: 0n }
  store.authorKeys.add(keyId, key)
  outbox.queue({
    event: EVENT.authorKeyAdded,
    actor: caller,
    patientId,
    objectId: keyId,
    requestId,
    fields: encodeFields('authorKeyAdded', { keyHash, algorithm }),
  })
  return { Ok: viewOf(keyId, key) }
}

export function endAuthorKey(
  { store, outbox }: Context,
  { keyId, requestId }: ArgOf<ConsentService['endAuthorKey']>,
  caller: Uint8Array,
): RetOf<ConsentService['endAuthorKey']> {
  const wrong = wrongIds({ keyId, requestId })
  if (wrong !== null) return { Err: wrong }
  const account = store.account(caller)
  const key = account === undefined ? undefined : store.authorKeys.ofAccount(account.patientId, keyId)
  if (account === undefined || key === undefined) return { Err: refuse.notPermitted }
  if (key.endNs !== 0n) return { Ok: viewOf(keyId, key) }
  const ended = store.authorKeys.end(keyId, key, nowNs())
  const { algorithm, publicKey } = key
  outbox.queue({
    event: EVENT.authorKeyEnded,
    actor: caller,
    patientId: account.patientId,
    objectId: keyId,
    requestId,
    fields: encodeFields('authorKeyEnded', { keyHash: sha256(authorKeyIdInput(algorithm, publicKey)), algorithm }),
  })
  return { Ok: viewOf(keyId, ended) }
}

export function authorKeys(
  { store }: Context,
  _arg: ArgOf<ConsentService['authorKeys']>,
  caller: Uint8Array,
): RetOf<ConsentService['authorKeys']> {
  const account = store.account(caller)
  if (account === undefined) return { Err: refuse.notPermitted }
  const views = store.authorKeys.idsOf(account.patientId).flatMap((keyId) => {
    const key = store.authorKeys.get(keyId)
    return key === undefined ? [] : [viewOf(keyId, key)]
  })
  return { Ok: views }
}

/** Nothing of it lets anybody look for keys: who asks names both a key, which only what it signed tells, and who is said to have stored that. */
export function authorsOf(
  { store }: Context,
  { asked }: ArgOf<ConsentService['authorsOf']>,
  caller: Uint8Array,
): RetOf<ConsentService['authorsOf']> {
  if (store.account(caller) === undefined) return { Err: refuse.notPermitted }
  if (asked.length < 1 || asked.length > AUTHORS_PER_CALL_MAX) return { Err: refuse.badInput('asked', 'range') }
  if (asked.some(({ keyId }) => keyId.length !== ID_BYTES)) return { Err: refuse.badInput('keyId', 'length') }
  const names = new Set(asked.map(({ keyId, depositor }) => toHex(keyId) + toHex(depositor.toUint8Array())))
  if (names.size !== asked.length) return { Err: refuse.badInput('asked', 'duplicate') }
  return {
    Ok: asked.map(({ keyId, depositor }): [] | [AuthorKeyView] => {
      const key = store.authorKeys.get(keyId)
      const isTheirs = key !== undefined && isOf(store, key, depositor.toUint8Array())
      return isTheirs ? [viewOf(keyId, key)] : []
    }),
  }
}

/** Null for a key in force of the caller's own. */
export function refuseAuthorKey(store: ConsentStore, caller: Uint8Array, keyId: Uint8Array): RefusalArm | null {
  const account = store.account(caller)
  const key = account === undefined ? undefined : store.authorKeys.ofAccount(account.patientId, keyId)
  return key?.endNs === 0n ? null : refuse.badInput('author', 'unknown')
}

/** Whether a key is of the account of this principal, also one that does not act for it any more. */
function isOf(store: ConsentStore, key: AuthorKey, depositor: Uint8Array): boolean {
  if (equalBytes(key.principal, depositor)) return true
  const home = store.people.homeOf(depositor)
  return home !== undefined && equalBytes(store.ownerOf(key.patientId) ?? NO_PRINCIPAL, home)
}
const NO_PRINCIPAL = new Uint8Array(0)

const viewOf = (keyId: Uint8Array, key: AuthorKey): AuthorKeyView => ({
  keyId,
  algorithm: key.algorithm,
  publicKey: key.publicKey,
  proof: key.proof,
  principal: Principal.fromUint8Array(key.principal),
  fromNs: key.fromNs,
  endNs: key.endNs === 0n ? [] : [key.endNs],
})
