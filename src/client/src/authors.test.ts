import { AUTHOR_ALGORITHM, type AuthorSigner, authorSignerOf, encodeManifest, newAuthorKeys } from '@medguard/crypto'
import { proveAuthorKey, signManifest } from '@medguard/crypto'
import { type AuthorKeyView, type Deposit, Principal, refuse } from '@medguard/protocol'
import { sha256 } from '@noble/hashes/sha2'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type KeyHolders, signaturesOf } from './authors.ts'

// What a signature is said to be, by the period of its key and by what this platform can check.

const AUTHOR = Principal.selfAuthenticating(new Uint8Array(32).fill(7))
const DEPOSITED_NS = 1_000_000_000_000_000n
const manifest = encodeManifest({
  chunkLog2: 20,
  isAuthorSigned: true,
  recordId: new Uint8Array(16).fill(1),
  version: 1,
  patientId: new Uint8Array(16).fill(2),
  homeCompartmentKind: 1,
  homeCompartmentId: new Uint8Array(16).fill(3),
  chunkCount: 1,
  paddedBytes: 0,
  streamSalt: new Uint8Array(32).fill(4),
  openCommitment: new Uint8Array(32).fill(5),
  listCommitment: new Uint8Array(32).fill(6),
  cipherRoot: new Uint8Array(32).fill(7),
  previousManifestHash: new Uint8Array(32),
  headerHash: new Uint8Array(32).fill(8),
})

let p256: AuthorSigner
let ed25519: AuthorSigner
beforeAll(async () => {
  p256 = await authorSignerOf(await newAuthorKeys(false))
  const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new Error('a pair of keys')
  ed25519 = await authorSignerOf(pair)
})
afterEach(() => vi.restoreAllMocks())

/** A consent canister that has this one key. */
async function holding(signer: AuthorSigner, endNs: [] | [bigint] = []): Promise<KeyHolders> {
  const { keyId, algorithm, publicKey } = signer
  const proof = await proveAuthorKey(signer, AUTHOR.toUint8Array())
  const key: AuthorKeyView = { keyId, algorithm, publicKey, proof, principal: AUTHOR, fromNs: DEPOSITED_NS, endNs }
  return {
    consent: {
      authorsOf: async ({ asked }) => ({ Ok: asked.map((): [AuthorKeyView] => [key]) }),
      organisation: async () => ({ Err: refuse.notPermitted }),
    },
  }
}
async function depositBy(signer: AuthorSigner): Promise<Deposit> {
  const signature = await signManifest(signer, sha256(manifest))
  return {
    depositor: AUTHOR.toUint8Array(),
    depositedNs: DEPOSITED_NS,
    isUnderGrant: true,
    orgId: new Uint8Array(16),
    signed: { keyId: signer.keyId, signature },
  }
}
const said = async (holder: KeyHolders, deposit: Deposit) => (await signaturesOf(holder, [{ manifest, deposit }]))[0]

describe('a signature', () => {
  test('made in the period of its key is its owner’s; the end is no part of the period', async () => {
    const deposit = await depositBy(p256)
    expect(await said(await holding(p256), deposit)).toMatchObject({ kind: 'signed', by: AUTHOR.toText() })
    expect(await said(await holding(p256, [DEPOSITED_NS + 1n]), deposit)).toMatchObject({ kind: 'signed' })
    expect(await said(await holding(p256, [DEPOSITED_NS]), deposit)).toMatchObject({
      kind: 'keyEnded',
      by: AUTHOR.toText(),
      keyUntilNs: DEPOSITED_NS,
    })
  })

  test('of more than five minutes before its key was there is nobody’s', async () => {
    const deposit = await depositBy(p256)
    const minutes = (count: bigint) => ({ ...deposit, depositedNs: DEPOSITED_NS - count * 60_000_000_000n })
    expect(await said(await holding(p256), minutes(5n))).toMatchObject({ kind: 'signed' })
    expect(await said(await holding(p256), minutes(6n))).toEqual({ kind: 'wrong' })
  })

  test('of a kind that this platform does not know is not checked, and says whose it would be', async () => {
    const holder = await holding(ed25519)
    const deposit = await depositBy(ed25519)
    expect(ed25519.algorithm).toBe(AUTHOR_ALGORITHM.ed25519)
    expect(await said(holder, deposit)).toMatchObject({ kind: 'signed' })
    const unknown = new DOMException('Unrecognized name.', 'NotSupportedError')
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(unknown)
    expect(await said(holder, deposit)).toEqual({ kind: 'unchecked', by: AUTHOR.toText() })
  })
})
