import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startLocalnet, type Localnet } from '@medguard/localnet'
import { consentService, decodeRet, encodeArg } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { buildCanister, type BuiltCanister } from './canister/build.ts'
import { appendCustomSection } from './canister/wasm.ts'
import { main as configure } from './configure.ts'
import {
  createLogShard,
  createManagement,
  deploy,
  DeployFault,
  DEVELOPMENT_OPERATOR_ID,
  developmentCanisterId,
} from './deploy.ts'
import { CANISTERS } from './project.ts'

let net: Localnet
let folder: string
const token = randomBytes(32).toString('hex')
const authorised = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'medguard-deploy-'))
  net = await startLocalnet({ port: 0, admin: { token } })
})
afterAll(async () => {
  await net.close()
  rmSync(folder, { recursive: true })
})

const runningHash = async (name: 'consent' | 'records' | 'audit') => {
  const hash = (await net.host.canister(developmentCanisterId(name).toUint8Array()))?.moduleHash
  return hash === null || hash === undefined ? null : Buffer.from(hash).toString('hex')
}

/** The same program with another hash, as after a change that touches nothing. */
async function rebuilt(name: 'consent' | 'records' | 'audit', mark: string): Promise<BuiltCanister> {
  const built = await buildCanister(name)
  const wasm = new Uint8Array(appendCustomSection(built.wasm, 'mark', new TextEncoder().encode(mark)))
  return { ...built, wasm, wasmHash: createHash('sha256').update(wasm).digest('hex') }
}

describe('a deployment to a development network', () => {
  test('creates, installs and configures everything at the pinned ids, and changes nothing when repeated', async () => {
    const first = await deploy(net)
    expect(first.changes).toEqual({ consent: 'installed', records: 'installed', audit: 'installed' })
    for (const name of CANISTERS) expect(await runningHash(name)).toBe((await buildCanister(name)).wasmHash)
    expect((await deploy(net)).changes).toEqual({ consent: 'unchanged', records: 'unchanged', audit: 'unchanged' })
  })

  test('upgrades only what changed, and it runs on with its configuration', async () => {
    const consent = await rebuilt('consent', 'next version')
    const { changes } = await deploy(net, { builds: { consent } })
    expect(changes).toEqual({ consent: 'upgraded', records: 'unchanged', audit: 'unchanged' })
    expect(await runningHash('consent')).toBe(consent.wasmHash)
  })

  test('brings another configuration with an upgrade', async () => {
    const consent = await rebuilt('consent', 'next version')
    await deploy(net, { builds: { consent }, derivationsPerHour: 7 })
    expect((await deploy(net, { builds: { consent }, derivationsPerHour: 7 })).changes.consent).toBe('unchanged')
  })

  test('leaves the old module running when the new one traps in its upgrade', async () => {
    const before = await runningHash('audit')
    const entry = join(folder, 'audit.ts')
    const source = `
      import { postUpgrade, init } from 'azle'
      export default class Refusing {
        @init([]) start(): void {}
        @postUpgrade([]) upgraded(): void { throw new Error('not these data') }
      }`
    writeFileSync(entry, source)
    const audit = await buildCanister('audit', { entry, outDir: folder })
    await expect(deploy(net, { builds: { audit } })).rejects.toThrow(DeployFault)
    expect(await runningHash('audit')).toBe(before)
    expect((await deploy(net)).changes.audit).toBe('unchanged')
  })

  test('opens another canister of the log, and knows of it ever after', async () => {
    const consent = await rebuilt('consent', 'next version')
    const shard = await createLogShard(net)
    // Nobody is sent to one that is not ready: their lines would have no place.
    const faults = new URL('/_localnet/faults', net.url)
    const body = JSON.stringify({ kind: 'rawRand', from: shard })
    expect((await fetch(faults, { method: 'POST', headers: authorised, body })).status).toBe(201)
    const unready = deploy(net, { builds: { consent }, logShards: [shard] })
    await expect(unready).rejects.toThrow('audit 1 refused its configuration: {"kind":"NotReady"}')
    expect((await fetch(faults, { method: 'DELETE', headers: authorised })).status).toBe(204)
    await deploy(net, { builds: { consent }, logShards: [shard] })
    expect((await deploy(net, { builds: { consent }, logShards: [shard] })).changes.audit).toBe('unchanged')
    const operator = createManagement(net.host, DEVELOPMENT_OPERATOR_ID)
    const asked = encodeArg(consentService.whoAmI, null)
    const reply = await operator.call(developmentCanisterId('consent'), 'whoAmI', asked)
    expect(decodeRet(consentService.whoAmI, reply)).toMatchObject({ Ok: { logShards: [1] } })
    // A list that lost one would leave people without their lines: the upgrade that brings it is refused.
    await expect(deploy(net, { builds: { consent } })).rejects.toThrow(DeployFault)
    expect((await deploy(net, { builds: { consent }, logShards: [shard] })).changes.audit).toBe('unchanged')
  })
})

// The network would let it happen: the callbacks of open calls would then run in the new code, at table indices of the old.
test('a canister whose calls are open is not upgraded, and serves on', async () => {
  const busy = await startLocalnet({ port: 0, admin: { token } })
  try {
    const faults = new URL('/_localnet/faults', busy.url)
    const audit = developmentCanisterId('audit').toText()
    const rule = { kind: 'delay', what: 'request', byMs: 3_600_000, canister: audit, method: 'append' }
    expect((await fetch(faults, { method: 'POST', headers: authorised, body: JSON.stringify(rule) })).status).toBe(201)
    // Configured, consent sends an entry to the log; it takes an hour now.
    await deploy(busy)
    const fired = async () =>
      ((await (await fetch(faults, { headers: authorised })).json()) as { fired: object[] }).fired
    await expect.poll(fired).not.toEqual([])
    const again = deploy(busy, { upgradeUnchanged: true, waitMs: 2000 })
    await expect(again).rejects.toThrow(/^stop_canister of .*: no answer within 2 s$/)
    const operator = createManagement(busy.host, DEVELOPMENT_OPERATOR_ID)
    const reply = await operator.call(
      developmentCanisterId('consent'),
      'whoAmI',
      encodeArg(consentService.whoAmI, null),
    )
    expect(decodeRet(consentService.whoAmI, reply)).toHaveProperty('Ok')
  } finally {
    await busy.close()
  }
})

test('another canister of the log is not opened with a default in place of what consent was told', async () => {
  const opening = ['--network', join(folder, 'no-such-file'), '--open-log-shard']
  await expect(configure(opening)).rejects.toThrow('needs --derivations-per-hour')
  await expect(configure([...opening, '--derivations-per-hour', '7'])).rejects.toThrow('cannot read')
})
