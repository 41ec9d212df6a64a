import { createHash } from 'node:crypto'
import { AnonymousIdentity } from '@dfinity/agent'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ask, type AssetActor, type AssetNetwork, startAssetNetwork } from './asset-canister.fixture.ts'
import { BATCH_EXPIRY_NS } from './batches.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const sha256 = (text: string) => new Uint8Array(createHash('sha256').update(text).digest())
const hex = (value: Uint8Array | undefined) => Buffer.from(value ?? []).toString('hex')
const ASSET = { content_type: 'text/plain', max_age: [], headers: [], enable_aliasing: [], allow_raw_access: [] }
const CONTENT = { content_encoding: 'identity', chunk_ids: [], last_chunk: [], sha256: [] }
const KEEP = { max_age: [], headers: [], allow_raw_access: [], is_aliased: [] }
const HEADERS = [
  ['b', '2'],
  ['a', '1'],
  ['a', '3'],
]

/** Every kind of operation, every kind of field, present and absent. */
const OPERATIONS = [
  {
    CreateAsset: {
      key: '/a',
      ...ASSET,
      max_age: [5n],
      headers: [HEADERS],
      enable_aliasing: [true],
      allow_raw_access: [false],
    },
  },
  { CreateAsset: { key: '/p.html', ...ASSET } },
  {
    SetAssetContent: {
      key: '/a',
      ...CONTENT,
      chunk_ids: [1n, 2n],
      last_chunk: [bytes('!')],
      sha256: [sha256('onetwo!')],
    },
  },
  { SetAssetContent: { key: '/p.html', ...CONTENT, last_chunk: [bytes('page')] } },
  { SetAssetContent: { key: '/p.html', ...CONTENT, content_encoding: 'gzip', last_chunk: [bytes('packed')] } },
  {
    SetAssetProperties: {
      key: '/a',
      max_age: [[]],
      headers: [[[['x', 'y']]]],
      is_aliased: [[false]],
      allow_raw_access: [[]],
    },
  },
  { SetAssetProperties: { key: '/a', ...KEEP, max_age: [[7n]], headers: [[]] } },
  { UnsetAssetContent: { key: '/p.html', content_encoding: 'gzip' } },
  { DeleteAsset: { key: '/zz' } },
]
// What the official asset canister answered to the same calls on this network: its Wasm of February 2026 (dfinity/sdk, 88043eb).
const EVIDENCE = '3f8df766255b3029cb86717ecb9aacc331ffe11d6a81cb2fcbd70071df4c9356'
const STATE_HASH = '9757ffbf3d2c6d2918b2fe15f24e55247d62eff53f75a724d8c02759a6886d58'
const CLEAR_EVIDENCE = 'beead77994cf573341ec17b58bbf7eb34d2711c993c1d976b128b3188dc1829a'

let assets: AssetNetwork
let canister: AssetActor
beforeEach(async () => {
  assets = await startAssetNetwork({ clock: 'manual' })
  canister = assets.canister
})
afterEach(() => assets.network.close())

const propose = async (operations: readonly unknown[] = OPERATIONS) => {
  const { batch_id } = (await canister.create_batch({})) as { batch_id: bigint }
  await canister.create_chunks({ batch_id, content: [bytes('one'), bytes('two')] })
  await canister.propose_commit_batch({ batch_id, operations })
  return batch_id
}
const evidenceOf = async (batch_id: bigint) => {
  const [evidence] = (await canister.compute_evidence({ batch_id, max_iterations: [] })) as [] | [Uint8Array]
  return evidence
}

describe('an upload by proposal', () => {
  test('has the evidence that the official canister computes, and is committed by naming it', async () => {
    const batch_id = await propose()
    const evidence = await evidenceOf(batch_id)
    expect(hex(evidence)).toBe(EVIDENCE)
    expect(await canister.validate_commit_proposed_batch({ batch_id, evidence })).toEqual({
      Ok: `commit proposed batch 1 with evidence ${EVIDENCE}`,
    })
    await canister.commit_proposed_batch({ batch_id, evidence })
    expect((await ask(canister, { url: '/a' })).text).toBe('onetwo!')
    expect(await canister.compute_state_hash()).toEqual([STATE_HASH])
    expect(await canister.get_state_info()).toMatchObject({ state_hash: [STATE_HASH] })
    await expect(canister.commit_proposed_batch({ batch_id, evidence })).rejects.toThrow('batch not found')
  })

  test('that clears everything has evidence too', async () => {
    expect(hex(await evidenceOf(await propose([{ Clear: {} }])))).toBe(CLEAR_EVIDENCE)
  })

  test('is committed with no other evidence, and not before it is computed', async () => {
    const batch_id = await propose()
    const other = sha256('')
    const commit = () => canister.commit_proposed_batch({ batch_id, evidence: other })
    await expect(commit()).rejects.toThrow('batch does not have computed evidence')
    await evidenceOf(batch_id)
    await expect(commit()).rejects.toThrow(`does not match presented evidence ${hex(other)}`)
    expect((await ask(canister, { url: '/a' })).text).toBe('not found')
  })

  test('takes no more chunks and lets no other batch begin, until it is deleted', async () => {
    const batch_id = await propose()
    await expect(canister.create_chunk({ batch_id, content: bytes('x') })).rejects.toThrow('batch 1 has been proposed')
    await expect(canister.propose_commit_batch({ batch_id, operations: [] })).rejects.toThrow('already has proposed')
    await expect(canister.create_batch({})).rejects.toThrow('has not completed evidence computation')
    await evidenceOf(batch_id)
    await assets.network.host.advance(2n * BATCH_EXPIRY_NS)
    await expect(canister.create_batch({})).rejects.toThrow('Batch 1 is already proposed.')
    await canister.delete_batch({ batch_id })
    await canister.create_batch({})
  })

  test('expires like another while nobody computes its evidence', async () => {
    await propose()
    await assets.network.host.advance(2n * BATCH_EXPIRY_NS)
    expect(await canister.create_batch({})).toEqual({ batch_id: 2n })
    expect(await evidenceOf(1n)).toBeUndefined()
  })

  test('is prepared and committed by those who may', async () => {
    const nobody = await assets.as(new AnonymousIdentity())
    const batch_id = await propose()
    const evidence = sha256('')
    await expect(nobody.propose_commit_batch({ batch_id, operations: [] })).rejects.toThrow('Prepare permission')
    await expect(nobody.compute_evidence({ batch_id, max_iterations: [] })).rejects.toThrow('Prepare permission')
    await expect(nobody.commit_proposed_batch({ batch_id, evidence })).rejects.toThrow('Commit permission')
  })
})

test('the hash of what is held changes with it', async () => {
  const before = await canister.compute_state_hash()
  await canister.create_asset({ key: '/a', ...ASSET })
  expect(await canister.get_state_info()).toMatchObject({ state_hash: [] })
  expect(await canister.compute_state_hash()).not.toEqual(before)
})
