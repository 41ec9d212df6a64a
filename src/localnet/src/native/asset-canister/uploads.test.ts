import { AnonymousIdentity } from '@dfinity/agent'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AssetActor, ask, type AssetNetwork, startAssetNetwork } from './asset-canister.fixture.ts'
import { BATCH_EXPIRY_NS } from './batches.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const CONTENT = { content_encoding: 'identity', chunk_ids: [], last_chunk: [], sha256: [] }
const ASSET = { content_type: 'text/plain', max_age: [], headers: [], enable_aliasing: [], allow_raw_access: [] }
const KEEP = { max_age: [], headers: [], allow_raw_access: [], is_aliased: [] }

let assets: AssetNetwork
let canister: AssetActor
beforeAll(async () => {
  assets = await startAssetNetwork()
  canister = assets.canister
})
afterAll(() => assets.network.close())
beforeEach(async () => {
  await canister.clear({})
  await canister.configure({ max_batches: [[]], max_chunks: [[]], max_bytes: [[]] })
})

const batch = async (): Promise<bigint> => ((await canister.create_batch({})) as { batch_id: bigint }).batch_id
const chunk = async (batch_id: bigint, content: string): Promise<bigint> =>
  ((await canister.create_chunk({ batch_id, content: bytes(content) })) as { chunk_id: bigint }).chunk_id
const commit = (batch_id: bigint, ...operations: unknown[]) => canister.commit_batch({ batch_id, operations })
const create = (key: string, more: object = {}) => ({ CreateAsset: { key, ...ASSET, ...more } })
const setContent = (key: string, more: object) => ({ SetAssetContent: { key, ...CONTENT, ...more } })
const textAt = async (url: string) => (await ask(canister, { url })).text
const keys = async () => ((await canister.list({ start: [], length: [] })) as { key: string }[]).map(({ key }) => key)

describe('a batch', () => {
  test('puts chunks of several calls into place at once', async () => {
    const id = await batch()
    const first = await chunk(id, 'one ')
    const { chunk_ids } = (await canister.create_chunks({
      batch_id: id,
      content: [bytes('two '), bytes('three ')],
    })) as {
      chunk_ids: bigint[]
    }
    expect(await textAt('/a')).toBe('not found')
    await commit(id, create('/a'), setContent('/a', { chunk_ids: [first, ...chunk_ids], last_chunk: [bytes('four')] }))
    expect(await textAt('/a')).toBe('one two three four')
    await expect(canister.delete_batch({ batch_id: id })).rejects.toThrow('batch not found')
  })

  test('whose last operation fails changes nothing, not even the batch', async () => {
    await canister.store({
      key: '/old',
      content_type: 'text/plain',
      content_encoding: 'identity',
      content: bytes('old'),
      sha256: [],
      aliased: [],
    })
    const id = await batch()
    const chunk_ids = [await chunk(id, 'new')]
    const operations = [{ DeleteAsset: { key: '/old' } }, create('/new'), setContent('/new', { chunk_ids })]
    await expect(
      commit(id, ...operations, { UnsetAssetContent: { key: '/none', content_encoding: 'gzip' } }),
    ).rejects.toThrow('asset not found')
    expect([await textAt('/old'), await textAt('/new')]).toEqual(['old', 'not found'])
    await commit(id, ...operations)
    expect([await textAt('/old'), await textAt('/new')]).toEqual(['not found', 'new'])
  })

  test.each([
    ['an asset that exists', [create('/a'), create('/a')], 'asset already exists'],
    ['contents of an asset that does not', [setContent('/a', { last_chunk: [bytes('x')] })], 'asset not found'],
    ['no content', [create('/a'), setContent('/a', {})], 'at least one chunk'],
    ['a chunk that nobody sent', [create('/a'), setContent('/a', { chunk_ids: [999n] })], 'chunk not found'],
    [
      'content with the hash of another',
      [create('/a'), setContent('/a', { last_chunk: [bytes('x')], sha256: [new Uint8Array(32)] })],
      'sha256 mismatch',
    ],
    [
      'a hash of another length',
      [create('/a'), setContent('/a', { last_chunk: [bytes('x')], sha256: [bytes('x')] })],
      'invalid SHA-256',
    ],
    ['properties of an asset that is not there', [{ SetAssetProperties: { key: '/a', ...KEEP } }], 'asset not found'],
    ['a key that no address has', [create('a')], 'begins with a slash'],
    ['a key that no address tells from another', [create('/a//b')], 'two slashes'],
    ['a key that certificates use', [create('/a/<*>')], 'certificates use'],
    ['a header that ends early', [create('/a', { headers: [[['x-a', 'b\r\nset-cookie: c=d']]] })], 'HTTP cannot carry'],
    ['a header without a name', [create('/a', { headers: [[['', 'b']]] })], 'no name of a header'],
    ['a certificate of its own', [create('/a', { headers: [[['IC-Certificate', 'b']]] })], "the canister's own"],
    ['a type that ends early', [create('/a', { content_type: 'text/html\n' })], 'HTTP cannot carry'],
    [
      'an encoding that is none',
      [create('/a'), setContent('/a', { content_encoding: 'g zip', last_chunk: [bytes('x')] })],
      'no content encoding',
    ],
  ])('with %s is refused', async (_, operations, why) => {
    await expect(commit(await batch(), ...operations)).rejects.toThrow(why)
    expect(await keys()).toEqual([])
  })

  test('takes a chunk once', async () => {
    const id = await batch()
    const chunk_ids = [await chunk(id, 'once')]
    const twice = [create('/a'), create('/b'), setContent('/a', { chunk_ids }), setContent('/b', { chunk_ids })]
    await expect(commit(id, ...twice)).rejects.toThrow('chunk not found')
  })

  test('expires five minutes after its last chunk, when the next one begins', async () => {
    const [kept, expired] = [await batch(), await batch()]
    await assets.network.host.advance(BATCH_EXPIRY_NS / 2n)
    await chunk(kept, 'in time')
    await assets.network.host.advance(BATCH_EXPIRY_NS / 2n)
    await batch()
    await expect(chunk(expired, 'too late')).rejects.toThrow('batch not found')
    await chunk(kept, 'still there')
  })

  test('keeps to the limits that were set', async () => {
    await canister.configure({ max_batches: [[2n]], max_chunks: [[3n]], max_bytes: [[10n]] })
    expect(await canister.get_configuration()).toEqual({ max_batches: [2n], max_chunks: [3n], max_bytes: [10n] })
    const [id] = [await batch(), await batch()]
    await expect(batch()).rejects.toThrow('batch limit exceeded')
    await expect(chunk(id, '12345678901')).rejects.toThrow('byte limit exceeded')
    await canister.create_chunks({ batch_id: id, content: [bytes('1'), bytes('2'), bytes('3')] })
    await expect(chunk(id, '4')).rejects.toThrow('chunk limit exceeded')
    await expect(commit(id, create('/a'), setContent('/a', { last_chunk: [bytes('4')] }))).rejects.toThrow(
      'chunk limit exceeded',
    )
    await canister.delete_batch({ batch_id: id })
    await chunk(await batch(), '4')
  })
})

describe('an asset', () => {
  test('is listed with all that is known of it, a page at a time', async () => {
    const operations = Array.from({ length: 105 }, (_, index) =>
      create(`/${String(index).padStart(3, '0')}`, { max_age: [7n] }),
    )
    await commit(0n, ...operations, setContent('/000', { last_chunk: [bytes('x')] }))
    const first = (await canister.list({ start: [], length: [] })) as { key: string; encodings: object[] }[]
    expect([first.length, first.at(-1)?.key]).toEqual([100, '/099'])
    expect(first[0]).toMatchObject({
      content_type: 'text/plain',
      max_age: [7n],
      encodings: [{ content_encoding: 'identity', length: 1n }],
    })
    expect(((await canister.list({ start: [100n], length: [3n] })) as { key: string }[]).map(({ key }) => key)).toEqual(
      ['/100', '/101', '/102'],
    )
    expect(await canister.list({ start: [1000n], length: [] })).toEqual([])
  })

  test('has properties that can be changed and taken away, and its answers follow', async () => {
    await commit(
      0n,
      create('/a', { headers: [[['x-a', '1']]], max_age: [60n] }),
      setContent('/a', { last_chunk: [bytes('a')] }),
    )
    await canister.set_asset_properties({ ...KEEP, key: '/a', headers: [[[['x-b', '2']]]] })
    expect(await canister.get_asset_properties('/a')).toEqual({
      max_age: [60n],
      headers: [[['x-b', '2']]],
      allow_raw_access: [],
      is_aliased: [],
    })
    await canister.set_asset_properties({
      ...KEEP,
      key: '/a',
      headers: [[]],
      max_age: [[]],
      allow_raw_access: [[false]],
    })
    expect(await canister.get_asset_properties('/a')).toMatchObject({
      max_age: [],
      headers: [],
      allow_raw_access: [false],
    })
    const names = (await ask(canister, { url: '/a' })).headers.map(([name]) => name.toLowerCase())
    expect(names).not.toContain('x-b')
    expect(names).not.toContain('cache-control')
  })

  test('loses one encoding and keeps the other', async () => {
    const both = ['identity', 'gzip'].map((content_encoding) =>
      setContent('/a', { content_encoding, last_chunk: [bytes(content_encoding)] }),
    )
    await commit(0n, create('/a'), ...both)
    await canister.unset_asset_content({ key: '/a', content_encoding: 'identity' })
    expect(await textAt('/a')).toBe('gzip')
    await expect(canister.get({ key: '/a', accept_encodings: ['identity'] })).rejects.toThrow('no such encoding')
    await canister.delete_asset({ key: '/a' })
    await expect(canister.get({ key: '/a', accept_encodings: ['gzip'] })).rejects.toThrow('asset not found')
  })

  test('is read in chunks of the content that was first seen, or not at all', async () => {
    await commit(0n, create('/a'), setContent('/a', { last_chunk: [bytes('old')] }))
    const seen = (await canister.get({ key: '/a', accept_encodings: ['identity'] })) as { sha256: [Uint8Array] }
    const token = { key: '/a', content_encoding: 'identity', index: 0n }
    expect(await canister.get_chunk({ ...token, sha256: seen.sha256 })).toEqual({ content: bytes('old') })
    await expect(canister.get_chunk({ ...token, index: 1n, sha256: seen.sha256 })).rejects.toThrow('out of bounds')
    await expect(canister.get_chunk({ ...token, sha256: [] })).rejects.toThrow('sha256 required')
    await canister.set_asset_content({ ...CONTENT, key: '/a', last_chunk: [bytes('new')] })
    await expect(canister.get_chunk({ ...token, sha256: seen.sha256 })).rejects.toThrow('sha256 mismatch')
    expect(await canister.retrieve('/a')).toEqual(bytes('new'))
  })
})

describe('permissions', () => {
  const ONE = {
    key: '/a',
    content_type: 'text/plain',
    content_encoding: 'identity',
    content: bytes('x'),
    sha256: [],
    aliased: [],
  }

  test('are needed for everything that changes anything', async () => {
    const nobody = await assets.as(new AnonymousIdentity())
    const id = await batch()
    const refused: readonly [keyof AssetActor, unknown[], string][] = [
      ['store', [ONE], 'Commit'],
      ['create_asset', [{ key: '/a', ...ASSET }], 'Commit'],
      ['set_asset_content', [{ key: '/a', ...CONTENT }], 'Commit'],
      ['unset_asset_content', [{ key: '/a', content_encoding: 'gzip' }], 'Commit'],
      ['delete_asset', [{ key: '/a' }], 'Commit'],
      ['clear', [{}], 'Commit'],
      ['commit_batch', [{ batch_id: id, operations: [] }], 'Commit'],
      ['set_asset_properties', [{ key: '/a', ...KEEP }], 'Commit'],
      ['configure', [{ max_batches: [], max_chunks: [], max_bytes: [] }], 'Commit'],
      ['create_batch', [{}], 'Prepare'],
      ['create_chunk', [{ batch_id: id, content: bytes('x') }], 'Prepare'],
      ['create_chunks', [{ batch_id: id, content: [] }], 'Prepare'],
      ['delete_batch', [{ batch_id: id }], 'Prepare'],
      ['get_configuration', [], 'Prepare'],
      ['take_ownership', [], 'controller'],
      ['grant_permission', [{ to_principal: assets.canisterId, permission: { Commit: null } }], 'ManagePermissions'],
      ['authorize', [assets.canisterId], 'ManagePermissions'],
      ['deauthorize', [await assets.owner.getPrincipal()], 'controller'],
      [
        'revoke_permission',
        [{ of_principal: await assets.owner.getPrincipal(), permission: { Commit: null } }],
        'ManagePermissions',
      ],
    ]
    for (const [method, values, why] of refused) {
      // Rejected by the canister, code 4, or trapped, code 5: where the official one does the one or the other.
      const reject_code = ['deauthorize', 'revoke_permission'].includes(method) ? 5 : 4
      const error: unknown = await nobody[method](...values).catch((failure: unknown) => failure)
      expect(error, method).toMatchObject({ message: expect.stringContaining(why) as string })
      expect(error, method).toMatchObject({ cause: { code: { rejectCode: reject_code } } })
    }
    expect(await canister.list_permitted({ permission: { Commit: null } })).toEqual([await assets.owner.getPrincipal()])
  })

  test('to prepare are not to commit, and each can be given, given up and taken', async () => {
    const identity = Ed25519KeyIdentity.generate()
    const helper = await assets.as(identity)
    const helperId = identity.getPrincipal()
    await canister.grant_permission({ to_principal: helperId, permission: { Prepare: null } })
    await helper.create_batch({})
    await expect(helper.store(ONE)).rejects.toThrow('Commit permission')
    await canister.grant_permission({ to_principal: helperId, permission: { ManagePermissions: null } })
    await helper.authorize(helperId)
    await helper.store(ONE)
    await helper.deauthorize(helperId)
    await expect(helper.store(ONE)).rejects.toThrow('Commit permission')
    await canister.revoke_permission({ of_principal: helperId, permission: { ManagePermissions: null } })
    await expect(helper.authorize(helperId)).rejects.toThrow('ManagePermissions')
    await canister.take_ownership()
    await expect(helper.create_batch({})).rejects.toThrow('Prepare permission')
    expect(await canister.list_authorized()).toEqual([await assets.owner.getPrincipal()])
  })
})

test('whoever votes on a change is shown what it would do', async () => {
  const permission = { Commit: null }
  const shown = [
    await canister.validate_grant_permission({ to_principal: assets.canisterId, permission }),
    await canister.validate_revoke_permission({ of_principal: assets.canisterId, permission }),
    await canister.validate_take_ownership(),
    await canister.validate_configure({ max_batches: [[1n]], max_chunks: [[]], max_bytes: [] }),
    await canister.validate_commit_proposed_batch({ batch_id: 77n, evidence: bytes('') }),
    await canister.validate_commit_proposed_batch({ batch_id: await batch(), evidence: bytes('') }),
  ]
  expect(shown).toEqual([
    { Ok: `grant Commit permission to principal ${assets.canisterId.toText()}` },
    { Ok: `revoke Commit permission from principal ${assets.canisterId.toText()}` },
    { Ok: 'revoke all permissions, then gives the caller Commit permissions' },
    { Ok: 'configure: ConfigureArguments { max_batches: Some(Some(1)), max_chunks: Some(None), max_bytes: None }' },
    { Err: 'batch not found' },
    { Err: 'batch does not have CommitBatchArguments' },
  ])
})

test('ids count from the beginning after everything was cleared', async () => {
  const id = await batch()
  expect([id, await chunk(id, 'x')]).toEqual([1n, 1n])
})
