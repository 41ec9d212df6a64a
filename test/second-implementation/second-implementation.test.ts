import { randomBytes } from 'node:crypto'

import * as ours from '@medguard/crypto'
import { IbeCiphertext, IbeIdentity, IbeSeed, DerivedPublicKey, VetKey } from '@dfinity/vetkeys'
import { expect, test } from 'vitest'

import { dictionaryFrom, keptSamples } from '../../scripts/print-dictionary.ts'
import capsules from '../vectors/capsule.json' with { type: 'json' }
import record from '../vectors/sealed-record.json' with { type: 'json' }
import vectors from '../vectors/vetkd-vectors.json' with { type: 'json' }
import * as suite from './suite-1.ts'
import * as vetkd from './vetkd.ts'

// docs/crypto.md is enough to write MedGuard's cryptography again: this folder is what came of it, and both must understand each other.

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
const run = (first: number, count: number) => Uint8Array.from({ length: count }, (_, i) => first + i)
const random = (count: number) => new Uint8Array(randomBytes(count))

const home: suite.Compartment = { patientId: run(0x10, 16), kind: 1, cid: run(0x30, 16), epoch: 7 }
const place: ours.CompartmentEpoch = {
  patientId: home.patientId,
  compartmentKind: home.kind,
  compartmentId: home.cid,
  epoch: home.epoch,
}
const of: suite.Version = { patientId: home.patientId, recordId: run(0x50, 16), version: 3 }
const [vetKey, shredSalt] = [run(0x80, 48), run(0xc0, 32)]

test('derives the public keys of the official vectors, and opens the key they encrypt', () => {
  for (const each of vectors.pocketic_end_to_end) {
    const publicKey = vetkd.publicKeyOf(bytes(each.master_public_key), bytes(each.canister_id), bytes(each.context))
    expect(suite.hex(publicKey)).toBe(each.derived_public_key)
  }
  for (const each of vectors.protocol_flow) {
    const opened = vetkd.openVetKey({
      encrypted: bytes(each.encrypted_key),
      transportSecret: BigInt(`0x${each.transport_secret_key_be}`),
      publicKey: bytes(each.derived_public_key),
      input: bytes(each.input),
    })
    expect(suite.hex(opened)).toBe(each.vetkey)
    expect(() =>
      vetkd.openVetKey({
        encrypted: bytes(each.encrypted_key),
        transportSecret: BigInt(`0x${each.transport_secret_key_be}`),
        publicKey: bytes(each.derived_public_key),
        input: bytes('00'),
      }),
    ).toThrow('a key of something else')
  }
})

test('seals to an identity what the library opens, and opens what it seals', () => {
  const [flow] = vectors.protocol_flow
  if (flow === undefined) throw new Error('the vectors have a flow')
  const [publicKey, identity, key] = [flow.derived_public_key, flow.input, flow.vetkey].map(bytes)
  if (publicKey === undefined || identity === undefined || key === undefined) throw new Error('and all of it')
  const message = random(32)
  const sealed = vetkd.ibeSeal(publicKey, identity, message, random(32))
  expect(IbeCiphertext.deserialize(sealed).decrypt(VetKey.deserialize(key))).toEqual(message)
  const theirs = IbeCiphertext.encrypt(
    DerivedPublicKey.deserialize(publicKey),
    IbeIdentity.fromBytes(identity),
    message,
    IbeSeed.random(),
  ).serialize()
  expect(vetkd.ibeOpen(key, theirs)).toEqual(message)
  expect(() => vetkd.ibeOpen(key, sealed.with(140, (sealed[140] ?? 0) ^ 1))).toThrow('not sealed for this key')
})

/** As MedGuard seals it; `body` in the place of the content that the header describes. */
async function sealedByOurs(
  body: Uint8Array,
  fields: Pick<ours.RecordHeader, 'bodyBytes' | 'bodySha256' | 'encoding'>,
) {
  const keys = await ours.deriveCompartmentKeys(vetKey as ours.VetKeyBytes, shredSalt, place)
  const secret = ours.newRecordSecret()
  const sealed = await ours.sealBody({ secret, place: of, body, chunkLog2: 16 })
  const chunks: Uint8Array[] = []
  for await (const chunk of sealed.chunks) chunks.push(chunk.bytes)
  const head = await ours.sealHead(
    secret,
    {
      ...of,
      chunkLog2: sealed.chunkLog2,
      chunkCount: sealed.chunkCount,
      paddedBytes: sealed.paddedBytes,
      streamSalt: sealed.streamSalt,
      isAuthorSigned: false,
      homeCompartmentKind: home.kind,
      homeCompartmentId: home.cid,
      cipherRoot: await sealed.cipherRoot(),
      previousManifestHash: new Uint8Array(32),
    },
    { title: 'Blood count', mediaType: 'text/plain', ...fields },
  )
  const again = suite.compartmentKeys(vetKey, shredSalt, home)
  expect(suite.hex(again.check)).toBe(suite.hex(keys.checkValue))
  return { of, home, keys: again, ...head, ...(await ours.wrapRecord(keys, of, secret)), chunks }
}

test('reads a record that MedGuard sealed', async () => {
  const body = random(150_000)
  const stored = await sealedByOurs(body, { bodyBytes: body.length, bodySha256: suite.hex(suite.hash(body)) })
  const opened = suite.openRecord(stored)
  expect(opened.header.title).toBe('Blood count')
  expect(opened.body).toEqual(body)
  expect(() => suite.openRecord({ ...stored, of: { ...of, version: 4 } })).toThrow(/./)
  expect(() => suite.openRecord({ ...stored, chunks: stored.chunks.slice(0, 2) })).toThrow('another body')
})

test('reads a text that MedGuard made shorter, with a dictionary from the samples alone', async () => {
  const body = new TextEncoder().encode(keptSamples(1)[3]?.[5])
  const encoded = (await ours.encodeContent(body)) ?? new Uint8Array()
  expect(encoded.length).toBeLessThan(body.length / 2)
  const about = { bodyBytes: body.length, bodySha256: suite.hex(suite.hash(body)), encoding: ours.ENCODING }
  const stored = await sealedByOurs(encoded, about)
  expect(suite.openRecord({ ...stored, dictionary: dictionaryFrom(keptSamples(1)) }).body).toEqual(body)
  expect(() => suite.openRecord(stored)).toThrow('another encoding')
})

test('writes a record that MedGuard reads', async () => {
  const body = random(70_000)
  const sealed = suite.sealRecord({
    of,
    home,
    keys: suite.compartmentKeys(vetKey, shredSalt, home),
    recordSecret: random(32),
    streamSalt: random(32),
    chunkLog2: 16,
    headerSalt: random(16),
    headerNonce: random(12),
    wrapNonces: [random(12), random(12)],
    previousManifestHash: random(32),
    header: { title: 'Röntgen', mediaType: 'image/png' },
    body,
  })
  const keys = await ours.deriveCompartmentKeys(vetKey as ours.VetKeyBytes, shredSalt, place)
  const head = await ours.openHead(await ours.unwrapHeaderSecret(keys, of, sealed.listWrap), of, sealed)
  expect(head.header.title).toBe('Röntgen')
  const recordKey = await ours.unwrapRecordKey(keys, of, sealed.openWrap)
  expect(await ours.openBody(recordKey, head, sealed.chunks)).toEqual(body)
})

test('reads what a device keeps to search in', async () => {
  const keys = await ours.deriveCompartmentKeys(vetKey as ours.VetKeyBytes, shredSalt, place)
  const sealed = await ours.sealSearchWords(keys, new TextEncoder().encode('hæmoglobin zánět التهاب'))
  const again = suite.compartmentKeys(vetKey, shredSalt, home)
  expect(suite.openSearchWords(again, home, sealed)).toBe('hæmoglobin zánět التهاب')
  expect(() => suite.openSearchWords(again, { ...home, epoch: home.epoch + 1 }, sealed)).toThrow(/./)
})

test('makes the record of the vectors from what it was made with, and MedGuard opens it', async () => {
  const { made, stored } = record
  const sealed = suite.sealRecord({
    of: { patientId: bytes(made.patientId), recordId: bytes(made.recordId), version: made.version },
    home: {
      patientId: bytes(made.patientId),
      kind: made.compartmentKind,
      cid: bytes(made.compartmentId),
      epoch: made.epoch,
    },
    keys: suite.compartmentKeys(bytes(made.vetKey), bytes(made.shredSalt), home),
    recordSecret: bytes(made.recordSecret),
    streamSalt: bytes(made.streamSalt),
    chunkLog2: made.chunkLog2,
    headerSalt: bytes(made.headerSalt),
    headerNonce: bytes(made.headerNonce),
    wrapNonces: [bytes(made.listWrapNonce), bytes(made.openWrapNonce)],
    previousManifestHash: bytes(made.previousManifestHash),
    header: made.header,
    body: bytes(made.body),
  })
  const { chunks, ...rest } = sealed
  expect({
    chunks: chunks.map(suite.hex),
    header: suite.hex(rest.header),
    manifest: suite.hex(rest.manifest),
    listWrap: suite.hex(rest.listWrap),
    openWrap: suite.hex(rest.openWrap),
  }).toEqual(stored)
  const keys = await ours.deriveCompartmentKeys(vetKey as ours.VetKeyBytes, shredSalt, place)
  const head = await ours.openHead(await ours.unwrapHeaderSecret(keys, of, sealed.listWrap), of, sealed)
  const opened = await ours.openBody(await ours.unwrapRecordKey(keys, of, sealed.openWrap), head, chunks)
  expect(suite.hex(opened)).toBe(made.body)
})

test('walks the capsule of the vectors; each opens what the other sealed', async () => {
  const { inputs } = capsules
  const [capsuleId, root, nonce] = [inputs.capsuleId, inputs.root, inputs.nonce].map(bytes)
  if (capsuleId === undefined || root === undefined || nonce === undefined) throw new Error('the vectors have inputs')
  const clear = suite.capsuleClear(capsuleId, home, inputs.stepsMax)
  const steps = [0, 1, 2].map((step) => suite.capsuleStep(root, clear, step))
  expect([clear, ...steps.map(({ secret }) => secret)].map(suite.hex)).toEqual([
    capsules.clear,
    capsules.c0,
    capsules.c1,
    capsules.c2,
  ])
  const { key } = suite.capsuleStep(root, clear, inputs.step)
  expect(suite.hex(key)).toBe(capsules.w2)
  const secret = bytes(record.made.recordSecret)
  const wrap = suite.capsuleWrap({ tier: 2, key, at: home, of, capsuleId, step: inputs.step, nonce, secret })
  expect(suite.hex(wrap)).toBe(capsules.openWrap)

  const { publicKey, vetKey: realKey } = vetkd.keyPairFor(suite.keyInput(home), random(32))
  const sealed = vetkd.ibeSeal(publicKey, suite.keyInput(home), root, random(32))
  const keys = await ours.deriveCompartmentKeys(realKey as ours.VetKeyBytes, shredSalt, place)
  expect(suite.hex(await ours.openCapsule(keys, vetkd.join(clear, sealed)))).toBe(capsules.c0)
  const theirs = await ours.newCapsule(publicKey, place)
  const opened = vetkd.ibeOpen(realKey, theirs.capsule.subarray(64))
  const { secret: start } = suite.capsuleStep(opened, theirs.capsule.subarray(0, 64), 0)
  expect(suite.hex(start)).toBe(suite.hex(theirs.chain.secret))
})
