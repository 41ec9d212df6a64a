import {
  type AuthorPublicKey,
  authorKeyIdOf,
  CryptoFault,
  decodeManifest,
  isAuthorKeyProof,
  isManifestSignature,
} from '@medguard/crypto'
import { sha256 } from '@noble/hashes/sha2'
import {
  AUTHORS_PER_CALL_MAX,
  type AuthorKeyView,
  type Deposit,
  equalBytes,
  hasToSign,
  NS_PER_MINUTE,
  Principal,
  toHex,
} from '@medguard/protocol'
import type { Signature, SignedBy } from './author-api.ts'
import { Fault } from './api.ts'
import type { Canisters } from './canisters.ts'
import { okOf } from './outcome.ts'

/** The two canisters' clocks may differ, and a key may be registered a moment before it is used. */
const CLOCKS_DIFFER_NS = 5n * NS_PER_MINUTE
const NOBODY = new Uint8Array(16)

/** Who knows whose a key is, and which organisations have to sign. */
export interface KeyHolders {
  readonly consent: Pick<Canisters['consent'], 'authorsOf' | 'organisation'>
}

/** A record version and how it is said to have come to be stored. */
export interface Stored {
  readonly manifest: Uint8Array
  readonly deposit: Deposit | null
}

/**
 * What the signatures on some records say, in their order. A manifest says whether its author signed it; records has the signature, who deposited it and when;
 * consent, asked by update, whose key it is. So neither canister alone makes a false author, and one replica takes no signature away.
 *
 * @throws Fault `BadReply`. @throws Refused.
 */
export async function signaturesOf(canisters: KeyHolders, stored: readonly Stored[]): Promise<Signature[]> {
  const [keys, strict] = await Promise.all([keysOf(canisters, stored), strictOf(canisters, stored)])
  return Promise.all(stored.map((each) => signatureOf(each, keys, strict)))
}

async function signatureOf(
  { manifest, deposit }: Stored,
  keys: ReadonlyMap<string, AuthorKeyView>,
  strict: ReadonlySet<string>,
): Promise<Signature> {
  const decoded = decodeManifest(manifest)
  const isSigned = decoded.ok && decoded.value.isAuthorSigned
  if (deposit?.signed === undefined)
    return isSigned
      ? { kind: 'wrong' }
      : { kind: 'unsigned', isExpected: deposit !== null && strict.has(toHex(deposit.orgId)) }
  const { signed, depositor, depositedNs, orgId } = deposit
  const key = keys.get(nameOf(signed.keyId, depositor))
  if (!isSigned || key === undefined || depositedNs + CLOCKS_DIFFER_NS < key.fromNs) return { kind: 'wrong' }
  try {
    if (!(await isTheirs(key, signed, sha256(manifest)))) return { kind: 'wrong' }
  } catch (error) {
    if (!(error instanceof CryptoFault) || error.code !== 'Unavailable') throw error
    return { kind: 'unchecked', by: Principal.fromUint8Array(depositor).toText() }
  }
  const by: SignedBy = {
    by: Principal.fromUint8Array(depositor).toText(),
    keyId: toHex(signed.keyId),
    keyFromNs: key.fromNs,
    depositedNs,
    orgId: equalBytes(orgId, NOBODY) ? null : toHex(orgId),
  }
  const [keyUntilNs] = key.endNs
  return keyUntilNs !== undefined && depositedNs >= keyUntilNs
    ? { kind: 'keyEnded', ...by, keyUntilNs }
    : { kind: 'signed', ...by }
}

/** Whether the key is the one that was named, its holder says that it is the registrant's, and it made the signature. */
async function isTheirs(
  key: AuthorKeyView,
  signed: { readonly keyId: Uint8Array; readonly signature: Uint8Array },
  manifestHash: Uint8Array,
): Promise<boolean> {
  const pair: AuthorPublicKey = { algorithm: key.algorithm, publicKey: new Uint8Array(key.publicKey) }
  return (
    equalBytes(await authorKeyIdOf(pair), signed.keyId) &&
    (await isAuthorKeyProof(pair, key.principal.toUint8Array(), new Uint8Array(key.proof))) &&
    isManifestSignature(pair, manifestHash, signed.signature)
  )
}

/** Whose keys the records name, each asked once: a vault of many reports has few authors. */
async function keysOf(canisters: KeyHolders, stored: readonly Stored[]): Promise<Map<string, AuthorKeyView>> {
  const wanted = new Map<string, { keyId: Uint8Array; depositor: Principal }>()
  for (const { deposit } of stored) {
    if (deposit?.signed === undefined) continue
    const { keyId } = deposit.signed
    wanted.set(nameOf(keyId, deposit.depositor), { keyId, depositor: Principal.fromUint8Array(deposit.depositor) })
  }
  const names = [...wanted.keys()]
  const asked = [...wanted.values()]
  const keys = new Map<string, AuthorKeyView>()
  for (let from = 0; from < asked.length; from += AUTHORS_PER_CALL_MAX) {
    const some = asked.slice(from, from + AUTHORS_PER_CALL_MAX)
    const found = okOf(await canisters.consent.authorsOf({ asked: some }))
    if (found.length !== some.length) throw new Fault('BadReply', 'not one answer for each key')
    for (const [i, [key]] of found.entries()) if (key !== undefined) keys.set(names[from + i] ?? '', key)
  }
  return keys
}
const nameOf = (keyId: Uint8Array, depositor: Uint8Array): string => `${toHex(keyId)} ${toHex(depositor)}`

/** Of the organisations through which something came unsigned, those that have to sign; in hexadecimal. */
async function strictOf(canisters: KeyHolders, stored: readonly Stored[]): Promise<Set<string>> {
  const through = new Map<string, Uint8Array>()
  for (const { deposit } of stored)
    if (deposit !== null && deposit.signed === undefined && !equalBytes(deposit.orgId, NOBODY))
      through.set(toHex(deposit.orgId), deposit.orgId)
  const strict = new Set<string>()
  for (const [name, orgId] of through) if (await isStrict(canisters, orgId)) strict.add(name)
  return strict
}

/** Whether an organisation has to sign what it deposits. */
export async function isStrict({ consent }: KeyHolders, orgId: Uint8Array): Promise<boolean> {
  const answer = await consent.organisation({ orgId })
  return 'Ok' in answer && hasToSign(answer.Ok.organisation.kind)
}
