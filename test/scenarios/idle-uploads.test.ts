import { CHUNK_LOG2_MIN, NS_PER_DAY, type Principal, UPLOAD_IDLE_MAX_NS } from '@medguard/protocol'
import { beforeAll, expect, test } from 'vitest'

import { kindOf } from './clinic.ts'
import { keysFor, type Reach, seal, type SealedRecord } from './sealed-record.ts'
import { openStepped, somebody, type Stepped } from './stepped.ts'
import { categoryOf, enrol } from './ward.ts'

// I16: what somebody began and left behind takes up room for a day, whether or not they ever come back.

let net: Stepped
beforeAll(async () => {
  net = await openStepped()
})

interface Uploader {
  readonly principal: Principal
  readonly record: SealedRecord
  /** Whether the canister still knows the upload: a chunk is asked for again. */
  isOpen(): Promise<boolean>
}
async function uploaderOf(name: string): Promise<Uploader> {
  const principal = somebody(name)
  const { patientId, ...account } = await enrol(net, principal)
  const compartment = categoryOf({ patientId, ...account }, 'labs')
  const owned: Reach = { patientId, compartment, grantId: null }
  const keys = await keysFor(net, principal, owned)
  const record = await seal(keys, owned, { body: new Uint8Array(100_000), chunkLog2: CHUNK_LOG2_MIN })
  const { recordId, version } = record
  const tooShort = { recordId, version, index: 0, bytes: new Uint8Array(1), uploadId: [] as [] }
  return {
    principal,
    record,
    isOpen: async () => kindOf(await net.call(principal, 'records', 'putChunk', tooShort)) === 'BadInput',
  }
}
const begin = ({ principal, record }: Uploader) => net.ok(principal, 'records', 'begin', record.begin)
async function put({ principal, record }: Uploader, index: number): Promise<void> {
  const chunk = record.chunks[index]
  if (chunk === undefined) throw new Error('the body has two chunks')
  await net.ok(principal, 'records', 'putChunk', chunk)
}

test('uploads of people who stay away are collected by those who come', async () => {
  const gone = [await uploaderOf('gone 1'), await uploaderOf('gone 2'), await uploaderOf('gone 3')]
  const slow = await uploaderOf('slow')
  const others = await Promise.all([1, 2, 3, 4].map((n) => uploaderOf(`other ${n}`)))
  for (const each of [...gone, slow]) await begin(each)
  for (const each of gone) await put(each, 0)

  net.setTime(net.nowNs() + UPLOAD_IDLE_MAX_NS - 1_000_000n)
  await put(slow, 0)
  await begin(await uploaderOf('early'))
  expect(await Promise.all(gone.map((each) => each.isOpen()))).toEqual([true, true, true])

  net.setTime(net.nowNs() + 1_000_000n)
  for (const each of others) await begin(each)
  expect(await Promise.all(gone.map((each) => each.isOpen()))).toEqual([false, false, false])
  expect(await slow.isOpen(), 'it was continued a moment ago').toBe(true)
})

test('somebody who comes back after that begins anew, from the first chunk', async () => {
  const late = await uploaderOf('late')
  await begin(late)
  await put(late, 0)
  expect((await begin(late)).received[0]).toBe(1)
  net.setTime(net.nowNs() + NS_PER_DAY)
  for (let i = 0; i < 6; i++) await begin(await uploaderOf(`visitor ${i}`))
  expect((await begin(late)).received[0]).toBe(0)
  await put(late, 1)
  await put(late, 0)
  expect(kindOf(await net.call(late.principal, 'records', 'commit', late.record.commit))).toBe('Ok')
})
