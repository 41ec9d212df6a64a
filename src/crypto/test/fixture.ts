/** Real keys and records for tests: everything is sealed by the package itself, with fixed places and random secrets. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import {
  type CompartmentEpoch,
  type CompartmentKeys,
  CryptoFault,
  type CryptoFaultCode,
  type RecordHeader,
  type RecordPlace,
  type VetKeyBytes,
  deriveCompartmentKeys,
  newRecordSecret,
  sealBody,
  sealHead,
  toHex,
  wrapRecord,
} from '../src/index.ts'

export const hex = toHex
export const unhex = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'hex'))
export const run = (first: number, count: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: count }, (_, i) => first + i)
export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../test/vectors/${name}`, import.meta.url), 'utf8'))
}

export const compartment: CompartmentEpoch = {
  patientId: run(0x10, 16),
  compartmentKind: 1,
  compartmentId: run(0x30, 16),
  epoch: 7,
}
export const place: RecordPlace = { patientId: compartment.patientId, recordId: run(0x50, 16), version: 3 }
export const vetKey = run(0x80, 48) as VetKeyBytes
export const shredSalt = run(0xc0, 32)

export const keysOf = (changes: Partial<CompartmentEpoch> = {}): Promise<CompartmentKeys> =>
  deriveCompartmentKeys(vetKey, shredSalt, { ...compartment, ...changes })

export interface Changes {
  readonly place?: RecordPlace
  readonly cipherRoot?: Uint8Array
  readonly header?: Partial<RecordHeader>
}

/** One record from plaintext to what a canister would store. */
export async function storeRecord(keys: CompartmentKeys, body: Uint8Array, chunkLog2 = 16, changes: Changes = {}) {
  const at = changes.place ?? place
  const secret = newRecordSecret()
  const sealed = await sealBody({ secret, place: at, body, chunkLog2 })
  const chunks: Uint8Array[] = []
  for await (const chunk of sealed.chunks) chunks.push(chunk.bytes)
  const { chunkCount, paddedBytes, streamSalt } = sealed
  const head = await sealHead(
    secret,
    {
      ...at,
      chunkLog2,
      chunkCount,
      paddedBytes,
      streamSalt,
      isAuthorSigned: false,
      homeCompartmentKind: 1,
      homeCompartmentId: compartment.compartmentId,
      cipherRoot: changes.cipherRoot ?? (await sealed.cipherRoot()),
      previousManifestHash: new Uint8Array(32),
    },
    {
      title: 'Blood count',
      mediaType: 'text/plain',
      bodyBytes: body.length,
      bodySha256: sha256Hex(body),
      ...changes.header,
    },
  )
  return { secret, chunks, head, wraps: await wrapRecord(keys, at, secret) }
}

export const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = bytes.slice()
  copy.set([(copy[at] ?? 0) ^ 1], at)
  return copy
}

/** Expects a refusal of exactly this kind: any other error, or none, fails the test. */
export async function expectFault(code: CryptoFaultCode, act: () => unknown): Promise<void> {
  let caught: unknown = 'nothing was thrown'
  try {
    await act()
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(CryptoFault)
  expect((caught as CryptoFault).code).toBe(code)
}
