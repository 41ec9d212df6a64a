import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { assetCanisterModule, type Localnet, startLocalnet } from '@medguard/localnet'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { appendCustomSection } from '../canister/wasm.ts'
import { createManagement, DEVELOPMENT_OPERATOR_ID, DeployFault } from '../deploy.ts'
import { assetCanisterWithin } from '../page/asset-canister.ts'
import { DEPLOYED_NAMES, developmentCanisterId } from './development.ts'
import { deployPage } from './page.ts'

const ID = developmentCanisterId('frontend')
/** The smallest module there is. */
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)

let folder: string
let localnet: Localnet
const management = () => createManagement(localnet.host, DEVELOPMENT_OPERATOR_ID)
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'page-'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>app</title>')
  localnet = await startLocalnet({ port: 0, stateDir: join(folder, '.state') })
  for (const _ of DEPLOYED_NAMES) await management().createCanister()
})
afterEach(async () => {
  await localnet.close()
  rmSync(folder, { recursive: true })
})

const deploy = () => deployPage(localnet, folder, DEVELOPMENT_OPERATOR_ID)
const install = (mode: 'install' | 'upgrade', wasm: Uint8Array) =>
  management().install(ID, { mode, wasm, wasmHash: createHash('sha256').update(wasm).digest() })
const runningHash = async () =>
  Buffer.from((await localnet.host.canister(ID.toUint8Array()))?.moduleHash ?? []).toString('hex')
const hashOf = (wasm: Uint8Array) => createHash('sha256').update(wasm).digest('hex')
/** The worker that holds the keys, which alone may call the network. */
const KEYS = 'assets/key-worker-00000000.js'
const policy = async () => {
  const listed = await assetCanisterWithin((method, arg) => management().call(ID, method, arg)).list()
  const worker = listed.find(({ key }) => key === `/${KEYS}`)
  return worker?.headers[0]?.find(([name]) => name === 'content-security-policy')?.[1]
}

describe('the page of a development network', () => {
  test('is brought once, and again when it changed', async () => {
    expect(await deploy()).toMatchObject({ changed: ['/index.html'], deleted: [] })
    expect(await runningHash()).toBe(hashOf(assetCanisterModule()))
    expect((await deploy()).changed).toEqual([])
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>new</title>')
    expect((await deploy()).changed).toEqual(['/index.html'])
  })

  test('may call the network at the port where it is now', async () => {
    mkdirSync(join(folder, 'assets'))
    writeFileSync(join(folder, KEYS), '')
    await deploy()
    await localnet.close()
    localnet = await startLocalnet({ port: 0, stateDir: join(folder, '.state') })
    expect(await deploy()).toMatchObject({ changed: [`/${KEYS}`], sizeBytes: 0 })
    expect(await policy()).toContain(`.localhost:${localnet.port}/api/v3/`)
  })

  test('stays when its canister comes with another interface', async () => {
    await install('install', appendCustomSection(assetCanisterModule(), 'icp:public older', new Uint8Array()))
    expect((await deploy()).changed).toEqual(['/index.html'])
    await install('upgrade', appendCustomSection(assetCanisterModule(), 'icp:public oldest', new Uint8Array()))
    expect((await deploy()).changed).toEqual([])
    expect(await runningHash()).toBe(hashOf(assetCanisterModule()))
  })

  test('is not forced upon a module that somebody else installed', async () => {
    await install('install', EMPTY)
    await expect(deploy()).rejects.toThrow(DeployFault)
    expect(await runningHash()).toBe(hashOf(EMPTY))
  })
})
