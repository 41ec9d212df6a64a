import { readFileSync } from 'node:fs'
import * as ours from '@medguard/crypto'
import { decodeDeviceBatch, decodePairingCode, encodePairingCode } from '@medguard/protocol'
import { decodeSegment, readingOf } from '@medguard/readings'
import { expect, test } from 'vitest'
import vectors from '../vectors/device-wire.json' with { type: 'json' }
import { pairingOf, wire } from './device-wire.ts'
import { keyInput } from './suite-1.ts'
import { keyPairFor } from './vetkd.ts'

// A batch from a document and node:crypto, and the patient who opens it.

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
const { given, drawn, made } = vectors
const at = { patientId: bytes(given.patientId), kind: 1, cid: bytes(given.cid), epoch: given.epoch }
const drawnBytes = Object.fromEntries(Object.entries(drawn).map(([name, hex]) => [name, bytes(hex)])) as Record<
  keyof typeof drawn,
  Uint8Array
>
const { publicKey: sealingKey, vetKey } = keyPairFor(keyInput(at), bytes(vectors.reader.masterSeed))

test('each step makes what the vectors say', () => {
  expect(Buffer.from(sealingKey).toString('hex')).toBe(given.sealingKey)
  const all = wire({
    at,
    sealingKey,
    deviceId: bytes(given.deviceId),
    seq: given.seq,
    series: given.series,
    header: given.recordHeader,
    drawn: drawnBytes,
    step: given.step,
    signingSeed: bytes(given.signingSeed),
    authority: given.authority,
    nowSeconds: given.nowSeconds,
  })
  expect(all).toEqual(made)
  const documented = readFileSync(new URL('../../docs/device-wire.md', import.meta.url), 'utf8')
  for (const short of [made.stepKey, made.chainSecret, made.segment, made.manifestHash])
    expect(documented).toContain(short)
})

test('a pairing code is read alike, and written as the vector has it', () => {
  const { code, rootKey, records, ...rest } = vectors.pairing
  const { deviceId, patientId, cid } = given
  const ids = { deviceId: bytes(deviceId), patientId: bytes(patientId), cid: bytes(cid), sealingKey }
  const key = { kind: 'private', bytes: bytes(rest.privateKey) } as const
  const all = { ...ids, url: rest.url, rootKey: bytes(rootKey), records: bytes(records), key }
  expect(encodePairingCode(all)).toBe(code)
  expect(decodePairingCode(code)).toEqual(all)
  const short = { ...rest, deviceId, patientId, cid, sealingKey: given.sealingKey, records }
  expect(pairingOf(code)).toEqual({ ...short, rootKey: rootKey.slice(-192) })
})

test('whoever has the compartment’s key opens it, and reads what was measured', async () => {
  const decoded = decodeDeviceBatch(bytes(made.batch))
  if (!decoded.ok) throw new Error(decoded.code)
  const { manifest, header, body, listWrap, openWrap, capsule } = decoded.value
  const place = { patientId: at.patientId, compartmentKind: 1, compartmentId: at.cid, epoch: at.epoch }
  const keys = await ours.deriveCompartmentKeys(vetKey as ours.VetKeyBytes, bytes(vectors.reader.shredSalt), place)
  const start = { capsuleId: drawnBytes.capsuleId, place, secret: await ours.openCapsule(keys, capsule ?? body) }
  const step = await (await ours.walkFrom(start)).keyOf(given.step)
  const of = { patientId: at.patientId, recordId: drawnBytes.recordId, version: 1 }
  const head = await ours.openHead(await ours.unwrapHeaderSecret(step, of, listWrap), of, { manifest, header })
  expect(head.header).toMatchObject(given.recordHeader)
  const content = await ours.openBody(await ours.unwrapRecordKey(step, of, openWrap), head, [body])
  const { device, code, unit, readings } = given.series
  expect(decodeSegment(content)).toEqual(readings.map((each) => readingOf({ ...each, device, code, unit })))
})
