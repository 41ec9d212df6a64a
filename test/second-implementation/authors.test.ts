import {
  AUTHOR_ALGORITHM,
  authorKeyIdOf,
  type AuthorSigner,
  authorSignerOf,
  exportAuthorKeys,
  importAuthorKeys,
  isAuthorKeyProof,
  isManifestSignature,
  newAuthorKeys,
  proveAuthorKey,
  signManifest,
} from '@medguard/crypto'
import { expect, test } from 'vitest'

import vectors from '../vectors/author-signatures.json' with { type: 'json' }
import * as theirs from './authors.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
const flip = (from: Uint8Array) => from.with(5, (from[5] ?? 0) ^ 1)
const base64 = (text: string) => Buffer.from(text, 'hex').toString('base64url')
const [manifestHash, principal] = [bytes(vectors.manifestHash), bytes(vectors.principal)]

test.each(vectors.keys)('the vector of algorithm $algorithm is checked alike', async (vector) => {
  const key = { algorithm: vector.algorithm, publicKey: bytes(vector.publicKey) }
  expect(theirs.keyHashOf(key)).toEqual(bytes(vector.keyHash))
  expect(await authorKeyIdOf(key)).toEqual(bytes(vector.keyId))
  const [signature, proof] = [bytes(vector.signature), bytes(vector.proof)]
  for (const [isRight, hash, who] of [
    [true, manifestHash, principal],
    [false, flip(manifestHash), flip(principal)],
    [false, flip(manifestHash), principal.subarray(1)],
  ] as const) {
    expect(theirs.signed(key, hash, signature)).toBe(isRight)
    expect(await isManifestSignature(key, hash, signature)).toBe(isRight)
    expect(theirs.owned(key, who, proof)).toBe(isRight)
    expect(await isAuthorKeyProof(key, who, proof)).toBe(isRight)
  }
  // Neither passes for the other: what is signed says what it is for.
  expect(await isManifestSignature(key, manifestHash, proof)).toBe(false)
  expect(await isManifestSignature(key, manifestHash, flip(signature))).toBe(false)
  expect(await isManifestSignature(key, manifestHash, signature.subarray(1))).toBe(false)
  expect(await isManifestSignature({ ...key, publicKey: flip(key.publicKey) }, manifestHash, signature)).toBe(false)
})

test('a key kept in a file signs as the vector does', async () => {
  const [ed] = vectors.keys
  if (ed === undefined) throw new Error('the vectors have a key')
  const [x, d] = [base64(ed.publicKey), base64(ed.secret)]
  const kept = await authorSignerOf(await importAuthorKeys({ kty: 'OKP', crv: 'Ed25519', x, d }))
  expect(await signManifest(kept, manifestHash)).toEqual(bytes(ed.signature))
  expect(await proveAuthorKey(kept, principal)).toEqual(bytes(ed.proof))
})

test('signs what the other checks, on a device and out of a file', async () => {
  const inFile = await newAuthorKeys(true)
  const signers: AuthorSigner[] = [
    await authorSignerOf(await newAuthorKeys(false)),
    await authorSignerOf(inFile),
    await authorSignerOf(await importAuthorKeys(await exportAuthorKeys(inFile))),
  ]
  for (const signer of signers) {
    expect(signer.algorithm).toBe(AUTHOR_ALGORITHM.p256)
    expect(theirs.signed(signer, manifestHash, await signManifest(signer, manifestHash))).toBe(true)
    expect(theirs.owned(signer, principal, await proveAuthorKey(signer, principal))).toBe(true)
  }
  expect(signers[1]?.keyId).toEqual(signers[2]?.keyId)
})

test('a key on a device is not given out', async () => {
  await expect(exportAuthorKeys(await newAuthorKeys(false))).rejects.toThrow('not extractable')
  await expect(importAuthorKeys({ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', d: 'AA' })).rejects.toThrow(
    'not an author key',
  )
})
