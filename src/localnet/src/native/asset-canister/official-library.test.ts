import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AssetManager } from '@dfinity/assets'
import { HttpAgent } from '@dfinity/agent'
import { getCanisterEnv } from '@dfinity/agent/canister-env'
import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { agentFor } from '../../host/deploy.fixture.ts'
import { assetCanisterModule, startLocalnet } from '../../index.ts'
import { assetActor, ask, type AssetNetwork, header, startAssetNetwork, verify } from './asset-canister.fixture.ts'

let assets: AssetNetwork
let stateDir: string
beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'assets-'))
  assets = await startAssetNetwork({ stateDir })
})
afterAll(async () => {
  await assets.network.close()
  rmSync(stateDir, { recursive: true })
})

const content = (size: number) => new Uint8Array(size).map((_, index) => index % 253)
const manager = () => new AssetManager({ agent: assets.owner, canisterId: assets.canisterId })

test('the official library uploads, reads, certifies and deletes', async () => {
  const large = content(3_000_000)
  await manager().store(content(10), { fileName: 'small.txt', contentType: 'text/plain' })
  const batch = manager().batch()
  await batch.store(large, { fileName: 'large.bin', path: '/data', headers: [['x-kind', 'large']] })
  await batch.commit()
  expect((await manager().list()).map(({ key }) => key)).toEqual(['/data/large.bin', '/small.txt'])
  const read = await manager().get('/data/large.bin')
  expect(Buffer.compare(await read.toUint8Array(), large)).toBe(0)
  expect(await read.verifySha256()).toBe(true)
  expect(await (await manager().get('/small.txt')).isCertified()).toBe(true)
  await manager().delete('/small.txt')
  expect((await manager().list()).map(({ key }) => key)).toEqual(['/data/large.bin'])
})

const Variables = IDL.Opt(IDL.Vec(IDL.Record({ name: IDL.Text, value: IDL.Text })))
const Settings = IDL.Record({ canister_id: IDL.Principal, settings: IDL.Record({ environment_variables: Variables }) })
const Install = IDL.Record({
  mode: IDL.Variant({ upgrade: IDL.Opt(IDL.Reserved) }),
  canister_id: IDL.Principal,
  wasm_module: IDL.Vec(IDL.Nat8),
  arg: IDL.Vec(IDL.Nat8),
})
const manage = (agent: HttpAgent, methodName: string, type: IDL.Type, value: unknown) =>
  agent.call(Principal.managementCanister(), {
    methodName,
    arg: IDL.encode([type], [value]),
    effectiveCanisterId: assets.canisterId,
  })

test('pages carry the network and the public variables in a cookie that the released reader reads, from the next upload on', async () => {
  const page = { key: '/index.html', content_type: 'text/html', content_encoding: 'identity', sha256: [], aliased: [] }
  await assets.canister.store({ ...page, content: content(10) })
  const value = [
    { name: 'PUBLIC_CANISTER_ID:app', value: 'aaaaa-aa' },
    { name: 'SECRET', value: 'hidden' },
  ]
  const settings = { environment_variables: [value] }
  await manage(assets.owner, 'update_settings', Settings, { canister_id: assets.canisterId, settings })
  const cookie = async (url: string) => header(await ask(assets.canister, { url }), 'set-cookie') ?? ''
  expect(await cookie('/')).not.toContain('aaaaa')
  await assets.canister.commit_batch({ batch_id: 0n, operations: [] })
  vi.stubGlobal('document', { cookie: (await cookie('/')).split(';')[0] })
  const environment: Readonly<Record<string, unknown>> = { ...getCanisterEnv() }
  vi.unstubAllGlobals()
  expect(environment['IC_ROOT_KEY']).toEqual(assets.network.rootKey)
  expect(environment['PUBLIC_CANISTER_ID:app']).toBe('aaaaa-aa')
  expect(JSON.stringify(environment)).not.toContain('hidden')
  expect(await cookie('/some/place')).toBe(await cookie('/'))
  expect(await cookie('/data/large.bin')).toBe('')
})

test('an upgrade and a restart keep every asset, certified as before', async () => {
  const before = await manager().list()
  const upgrade = {
    mode: { upgrade: [] },
    canister_id: assets.canisterId,
    wasm_module: assetCanisterModule(),
    arg: new Uint8Array(),
  }
  await manage(assets.owner, 'install_code', Install, upgrade)
  expect(await manager().list()).toEqual(before)
  await assets.network.close()
  const network = await startLocalnet({ port: 0, stateDir })
  const canister = assetActor(await agentFor(network), assets.canisterId)
  assets = { ...assets, network, canister }
  for (const url of ['/', '/data/large.bin', '/elsewhere']) {
    const answered = await ask(canister, { url })
    expect((await verify(assets, { url }, answered)).verificationVersion).toBe(2)
  }
})
