import { describe, expect, test } from 'vitest'
import {
  type RecordSecret,
  compartmentKeyInput,
  studyKeyInput,
  unwrapRecordKey,
  vaultKeyInput,
  VETKD_CONTEXT,
  expectCheckValue,
} from '../src/index.ts'
import { chunkPlace, sealBodyWithSalt } from '../src/body.ts'
import { type Label, infoOf } from '../src/labels.ts'
import { headerSecretOf, listCommitmentOf, openCommitmentOf, recordFields, recordKeyOf } from '../src/secrets.ts'
import { ZERO_SALT, hkdfBytes, importHkdf } from '../src/webcrypto.ts'
import { sealWrap } from '../src/wrap.ts'
import { compartment, expectFault, hex, keysOf, place, readVectors, run, shredSalt, unhex, vetKey } from './fixture.ts'

interface Vectors {
  inputs: Record<string, string | number>
  keyInput: string
  kekList: string
  kekOpen: string
  kekCapsule: string
  keyCheckValue: string
  headerSecret: string
  openCommitment: string
  listCommitment: string
  bodyKey: string
  chunk: { nonce: string; associatedData: string; plaintextText: string; ciphertext: string }
  openWrap: string
}
const vectors = readVectors('keys-section-23.json') as Vectors
const secret = run(0, 32) as RecordSecret
const keyInput = compartmentKeyInput(compartment)

describe('the test vectors of the key design', () => {
  test('inputs are the ones of the vector file', () => {
    const { inputs } = vectors
    expect([
      inputs['patientId'],
      inputs['compartmentId'],
      inputs['recordId'],
      inputs['vetKey'],
      inputs['shredSalt'],
    ]).toEqual([compartment.patientId, compartment.compartmentId, place.recordId, vetKey, shredSalt].map(hex))
    expect(inputs['recordSecret']).toBe(hex(secret))
  })

  test('key input', () => {
    expect(hex(keyInput)).toBe(vectors.keyInput)
  })

  test.each<[Label, keyof Vectors, number]>([
    ['listKek', 'kekList', 32],
    ['openKek', 'kekOpen', 32],
    ['capsuleKek', 'kekCapsule', 32],
    ['checkValue', 'keyCheckValue', 16],
  ])('%s', async (label, name, length) => {
    const key = await importHkdf(vetKey)
    expect(hex(await hkdfBytes({ key, salt: shredSalt, info: infoOf(label, keyInput) }, length))).toBe(vectors[name])
  })

  test('header secret and both commitments', async () => {
    const recordKey = await recordKeyOf(secret)
    const headerSecret = await headerSecretOf(recordKey, place)
    expect(hex(headerSecret)).toBe(vectors.headerSecret)
    expect(hex(await openCommitmentOf(recordKey, place))).toBe(vectors.openCommitment)
    expect(hex(listCommitmentOf(headerSecret, place))).toBe(vectors.listCommitment)
  })

  test('body key', async () => {
    const info = infoOf('body', recordFields(place), Uint8Array.of(1, 20))
    const bits = await hkdfBytes({ key: await recordKeyOf(secret), salt: run(0xa0, 32), info }, 32)
    expect(hex(bits)).toBe(vectors.bodyKey)
  })

  test('a body of one chunk: nonce, associated data and ciphertext', async () => {
    const at = chunkPlace(place, { chunkLog2: 20, chunkCount: 1 }, 0)
    expect(hex(at.nonce)).toBe(vectors.chunk.nonce)
    expect(hex(at.associatedData)).toBe(vectors.chunk.associatedData)
    const body = new TextEncoder().encode(vectors.chunk.plaintextText)
    const sealed = await sealBodyWithSalt({ secret, place, body, chunkLog2: 20 }, run(0xa0, 32))
    const chunks: string[] = []
    for await (const chunk of sealed.chunks) chunks.push(hex(chunk.bytes))
    expect(chunks).toEqual([vectors.chunk.ciphertext])
  })

  test('open wrap, made and opened', async () => {
    const keys = await keysOf()
    expect(hex(keys.checkValue)).toBe(vectors.keyCheckValue)
    expect(hex(await sealWrap(keys, place, 'open', secret, run(0xe0, 12)))).toBe(vectors.openWrap)
    const recordKey = await unwrapRecordKey(keys, place, unhex(vectors.openWrap))
    expect(hex(await openCommitmentOf(recordKey, place))).toBe(vectors.openCommitment)
    expect(recordKey.extractable).toBe(false)
    expect(keys.openKek.extractable).toBe(false)
  })

  test('HKDF agrees with RFC 5869, test case 1', async () => {
    const key = await importHkdf(new Uint8Array(22).fill(0x0b))
    const okm = await hkdfBytes({ key, salt: run(0, 13), info: run(0xf0, 10) }, 42)
    expect(hex(okm)).toBe('3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865')
    expect(ZERO_SALT).toEqual(new Uint8Array(32))
  })

  test('contexts and personal inputs are the design’s bytes', () => {
    expect(Buffer.from(VETKD_CONTEXT.compartment()).toString()).toBe('medguard/vetkd/v1/compartment')
    expect(Buffer.from(VETKD_CONTEXT.vault()).toString()).toBe('medguard/vetkd/v1/vault')
    expect(Buffer.from(VETKD_CONTEXT.study()).toString()).toBe('medguard/vetkd/v1/study')
    expect(hex(vaultKeyInput(run(1, 16)))).toBe(`4d475031${hex(run(1, 16))}`)
    expect(hex(studyKeyInput(run(1, 16), 2))).toBe(`4d475332${hex(run(1, 16))}00000002`)
  })

  test('another check value means a wrong key', async () => {
    const keys = await keysOf()
    expect(() => expectCheckValue(keys, unhex(vectors.keyCheckValue))).not.toThrow()
    await expectFault('WrongKey', () => expectCheckValue(keys, run(0, 16)))
  })
})
