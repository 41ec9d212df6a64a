import {
  type CompartmentKeys,
  decodeWrap,
  deriveCompartmentKeys,
  expectDecoded,
  type VetKeyBytes,
} from '@medguard/crypto'
import { refuse, type RefusalArm } from '@medguard/protocol'
import { sha256 } from '@noble/hashes/sha2'
import { expect, test, vi } from 'vitest'
import { Fault, type NewRecord } from './api.ts'
import type { Canisters } from './canisters.ts'
import type { Reach } from './place.ts'
import { addRecord } from './writing.ts'

// A records canister that wants what is stored to be readable by somebody who was shut out.

const id = (n: number) => new Uint8Array(16).fill(n)
const reach: Reach = { patientId: id(1), compartment: { compartmentKind: 1, cid: id(2) }, grantId: null }
const record: NewRecord = {
  bytes: new TextEncoder().encode('Haemoglobin 13.9 g/dL'),
  title: 'Blood count',
  fileName: null,
  mediaType: 'text/plain',
  category: 'labs',
  clinicalDate: null,
}
const keysAt = (epoch: number): Promise<CompartmentKeys> => {
  const place = { patientId: id(1), compartmentKind: 1, compartmentId: id(2), epoch }
  return deriveCompartmentKeys(new Uint8Array(48).fill(epoch) as VetKeyBytes, new Uint8Array(32), place)
}

/** Takes everything, and answers each commit with the next of `answers`; then with yes. */
function recordsSaying(answers: (RefusalArm | Fault)[]) {
  const epochs: number[] = []
  const commit = async ({ manifest, openWrap }: { manifest: Uint8Array; openWrap: Uint8Array }) => {
    epochs.push(expectDecoded(decodeWrap(openWrap)).epoch)
    const answer = answers.shift()
    if (answer instanceof Fault) throw answer
    return answer === undefined ? { Ok: { manifestHash: sha256(manifest) } } : { Err: answer }
  }
  const records = {
    store: commit,
    commit,
    abandon: async () => ({ Ok: null }),
  }
  const canisters = { records } as unknown as Canisters
  const writing = { canisters, author: null, reach, record, keysAt, progress: undefined }
  return { epochs, add: async (currentEpoch: number) => addRecord({ ...writing, currentEpoch }) }
}

test('a newer epoch is gone along with, step by step', async () => {
  const { epochs, add } = recordsSaying([refuse.staleEpoch(3), refuse.staleEpoch(4)])
  await add(2)
  expect(epochs).toEqual([2, 3, 4])
})

test.each([1, 2])('from epoch 2 nothing is wrapped for epoch %i when records asks for it', async (current) => {
  const { epochs, add } = recordsSaying([refuse.staleEpoch(current)])
  await expect(add(2)).rejects.toMatchObject({ code: 'WrongKey' })
  expect(epochs).toEqual([2])
})

test('nor for an epoch that was left behind a moment ago', async () => {
  const { epochs, add } = recordsSaying([refuse.staleEpoch(5), refuse.staleEpoch(4)])
  await expect(add(2)).rejects.toMatchObject({ code: 'WrongKey' })
  expect(epochs).toEqual([2, 5])
})

test('an answer that stays out is asked for a few times, and then said to be uncertain', async () => {
  const { epochs, add } = recordsSaying(Array.from({ length: 9 }, () => new Fault('Uncertain', 'no answer')))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const adding = add(2).catch((error: unknown) => error)
  await vi.waitFor(() => expect(epochs.length).toBe(1), { interval: 1 })
  await vi.advanceTimersByTimeAsync(60_000)
  vi.useRealTimers()
  expect(await adding).toMatchObject({ code: 'Uncertain' })
  expect(epochs.length).toBe(4)
})
