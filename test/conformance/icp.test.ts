// Localnet under the official command line: every command that works on a network, on one that icp itself has started.
// Source of the cases: the command line's own reference, docs/reference/cli.md of dfinity/icp-cli.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { startLocalnet } from '@medguard/localnet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { greeterWasm } from './icp-greeter.fixture.ts'
import { icpIsMissing, type IcpProject, openIcpProject } from './icp.fixture.ts'

const canister = (name: string) => `
  - name: ${name}
    build:
      steps:
        - type: script
          commands:
            - cp ${name}.wasm "$ICP_WASM_OUTPUT_PATH"`
const MANAGED = `canisters:${canister('greeter')}${canister('large')}
networks:
  - name: local
    mode: managed
    gateway:
      port: PORT
`
const LARGE_BYTES = 2_500_000
const T = 1_000_000_000_000n

const withoutSeparators = (text: string) => text.replaceAll('_', '')
/** The number before a word. */
const numberBefore = (word: string, text: string) =>
  BigInt(new RegExp(String.raw`(\d+) ${word}`).exec(withoutSeparators(text))?.[1] ?? '-1')

describe.skipIf(icpIsMissing !== null)(`icp (skipped: ${icpIsMissing ?? 'never'})`, () => {
  let project: IcpProject
  const icp = (...args: string[]) => project.icp(...args)
  const call = (method: string, ...more: string[]) => icp('canister', 'call', 'greeter', method, '()', ...more)

  beforeAll(async () => {
    project = await openIcpProject({
      'icp.yaml': MANAGED,
      'greeter.wasm': greeterWasm('hello'),
      'large.wasm': greeterWasm('hello from afar', LARGE_BYTES),
    })
    await icp('identity', 'new', 'ann', '--storage', 'plaintext')
    await icp('network', 'start', '--background')
  })
  afterAll(() => project?.close())

  test('network start has seeded the accounts of the identities and installed its canisters', async () => {
    const status = JSON.parse(await icp('network', 'status', '--json')) as Record<string, unknown>
    expect(status).toMatchObject({
      managed: true,
      candid_ui_principal: expect.stringMatching(/-cai$/) as string,
      proxy_canister_principal: expect.stringMatching(/-cai$/) as string,
    })
    expect(numberBefore('cycles', await icp('cycles', 'balance', '--identity', 'ann'))).toBe(1_000n * T)
    expect(await icp('token', 'balance', '--identity', 'ann')).toContain('1000000.00000000 ICP')
  })

  test('network ping and a second start find it running', async () => {
    expect(await icp('network', 'ping')).toContain('"healthy"')
    expect((await project.try('network', 'start', '--background')).output).toContain('already running')
  })

  test('deploy creates, installs and answers, with small and with large modules', async () => {
    const { code, output } = await project.try('deploy')
    expect(output).toContain('Deployed canisters')
    expect(code).toBe(0)
    expect(await call('greet', '--query')).toContain('"hello"')
    expect(await icp('canister', 'call', 'large', 'greet', '()', '--query')).toContain('"hello from afar"')
    expect(await call('count')).toContain('(1 : nat)')
  })

  test('a second deploy upgrades what changed and keeps what is stored', async () => {
    writeFileSync(join(project.folder, 'greeter.wasm'), greeterWasm('hello again'))
    await icp('deploy')
    expect(await call('greet')).toContain('"hello again"')
    expect(await call('count')).toContain('(2 : nat)')
  })

  test('canister status and settings show and change what the network knows', async () => {
    expect(await icp('canister', 'status', 'greeter')).toMatch(/Status: Running[^]*controller: 2vxsx-fae/)
    expect(await icp('canister', 'status', 'greeter', '--public')).toContain('Module hash: 0x')
    await icp('canister', 'settings', 'update', 'greeter', '--freezing-threshold', '8d', '--force')
    expect(withoutSeparators(await icp('canister', 'settings', 'show', 'greeter'))).toContain(
      'Freezing threshold: 691200',
    )
    await icp('canister', 'settings', 'sync', 'greeter')
    expect(await icp('canister', 'metadata', 'greeter', 'candid:service')).toContain('greet : () -> (text) query')
    expect(await icp('canister', 'list')).toContain('greeter')
  })

  test('canister logs show what was printed and what trapped', async () => {
    expect((await project.try('canister', 'call', 'greeter', 'fail', '()')).output).toContain('failed as asked')
    expect(await icp('canister', 'logs', 'greeter')).toMatch(/counted[^]*failed as asked/)
  })

  test('a stopped canister answers nothing until it is started', async () => {
    await icp('canister', 'stop', 'greeter')
    expect((await project.try('canister', 'call', 'greeter', 'greet', '()')).output).toContain('IC0508')
    await icp('canister', 'start', 'greeter')
    expect(await call('greet')).toContain('"hello again"')
  })

  test('a snapshot brings back what was', async () => {
    await icp('canister', 'stop', 'greeter')
    const id = /[0-9a-f]{20,}/.exec(await icp('canister', 'snapshot', 'create', 'greeter'))?.[0] ?? 'none'
    await icp('canister', 'start', 'greeter')
    const before = await call('count')
    await icp('canister', 'stop', 'greeter')
    expect(await icp('canister', 'snapshot', 'list', 'greeter')).toContain(id)
    await icp('canister', 'snapshot', 'restore', 'greeter', id)
    await icp('canister', 'start', 'greeter')
    expect(await call('count')).toBe(before)
    await icp('canister', 'snapshot', 'delete', 'greeter', id)
    expect(await icp('canister', 'snapshot', 'list', 'greeter')).not.toContain(id)
  })

  test('a downloaded snapshot can be uploaded and restored', async () => {
    const folder = join(project.folder, 'snapshot')
    await icp('canister', 'stop', 'greeter')
    const id = /[0-9a-f]{20,}/.exec(await icp('canister', 'snapshot', 'create', 'greeter'))?.[0] ?? 'none'
    await icp('canister', 'snapshot', 'download', 'greeter', id, '--output', folder)
    await icp('canister', 'snapshot', 'delete', 'greeter', id)
    const uploaded = /[0-9a-f]{20,}/.exec(
      await icp('canister', 'snapshot', 'upload', 'greeter', '--input', folder),
    )?.[0]
    await icp('canister', 'snapshot', 'restore', 'greeter', uploaded ?? 'none')
    await icp('canister', 'start', 'greeter')
    expect(await call('greet')).toContain('"hello again"')
  })

  test('cycles are transferred, minted for ICP and given to canisters', async () => {
    const ann = (await icp('identity', 'principal', '--identity', 'ann')).trim()
    const balance = async () => numberBefore('cycles', await icp('cycles', 'balance', '--identity', 'ann'))
    const before = await balance()
    await icp('cycles', 'transfer', '5T', ann)
    expect(await balance()).toBe(before + 5n * T)
    expect(await icp('cycles', 'mint', '--icp', '2', '--identity', 'ann')).toContain('Minted')
    expect(await balance()).toBe(before + 5n * T + 7n * T - 100_000_000n)
    await icp('cycles', 'mint', '--cycles', '1T', '--identity', 'ann')
    expect(await balance()).toBeGreaterThanOrEqual(before + 13n * T - 100_000_000n)
    await icp('token', 'transfer', '1.5', ann)
    expect(await icp('token', 'balance', '--identity', 'ann')).toMatch(/999999\.\d+ ICP/)
    const has = async () =>
      numberBefore(
        '',
        withoutSeparators(await icp('canister', 'status', 'greeter'))
          .replace(/^[^]*Cycles: /, '')
          .replace('\n', ' '),
      )
    const had = await has()
    await icp('canister', 'top-up', 'greeter', '--amount', '3T')
    expect(await has()).toBeGreaterThan(had + 2n * T)
    const poor = await project.try('cycles', 'transfer', '99999T', ann, '--identity', 'ann')
    expect([poor.code, poor.output]).toEqual([1, expect.stringContaining('nsufficient')])
  })

  test('an identity of one’s own controls its canisters, and no other does', async () => {
    const id =
      /[a-z0-9-]+-cai/.exec(await icp('canister', 'create', '--detached', '--quiet', '--identity', 'ann'))?.[0] ?? ''
    expect(await icp('canister', 'status', id, '-n', 'local', '--identity', 'ann')).toContain('Running')
    expect((await project.try('canister', 'stop', id, '-n', 'local', '--identity', 'anonymous')).output).toContain(
      'IC0512',
    )
  })

  test('a canister is created for ICP, through the cycles minting canister', async () => {
    const made = await icp('canister', 'create', '--detached', '--quiet', '--with-icp', '2', '--identity', 'ann')
    const id = /[a-z0-9-]+-cai/.exec(made)?.[0] ?? ''
    const status = withoutSeparators(await icp('canister', 'status', id, '-n', 'local', '--identity', 'ann'))
    const cycles = BigInt(/Cycles: (\d+)/.exec(status)?.[1] ?? '0')
    // Seven trillion cycles for two ICP, less the fee of a creation, less the question for them.
    expect(cycles).toBeLessThan(6_500_000_000_000n)
    expect(cycles).toBeGreaterThan(6_499_000_000_000n)
  })

  test('the proxy forwards calls with cycles', async () => {
    const { proxy_canister_principal: proxy } = JSON.parse(await icp('network', 'status', '--json')) as Record<
      string,
      string
    >
    expect(await call('count', '--proxy', proxy ?? '', '--cycles', '1T')).toContain(': nat)')
  })

  test('canister delete brings the cycles back', async () => {
    const before = numberBefore('cycles', await icp('cycles', 'balance'))
    await icp('canister', 'stop', 'large')
    const { output } = await project.try('canister', 'delete', 'large')
    expect(output).toContain('Recovered')
    expect(numberBefore('cycles', await icp('cycles', 'balance'))).toBeGreaterThan(before + T)
    expect((await project.try('canister', 'status', 'large')).code).not.toBe(0)
  })

  test('network stop ends it, and the next start begins anew', async () => {
    const descriptor = readFileSync(join(project.folder, '.icp/cache/networks/local/descriptor.json'), 'utf8')
    const { pid } = (JSON.parse(descriptor) as { 'child-locator': { pid: number } })['child-locator']
    await icp('network', 'stop')
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect((await project.try('network', 'ping')).output).toContain('not running')
    await icp('network', 'start', '--background')
    expect(await icp('canister', 'list')).toContain('greeter')
    await icp('deploy', 'greeter')
    expect(await call('count')).toContain('(1 : nat)')
  })
})

describe.skipIf(icpIsMissing !== null)(`icp, connected (skipped: ${icpIsMissing ?? 'never'})`, () => {
  test('deploys to a network that was started otherwise, by its address and root key', async () => {
    const localnet = await startLocalnet({ port: 0 })
    const rootKey = Buffer.from(localnet.rootKey).toString('hex')
    const project = await openIcpProject({
      'icp.yaml': `canisters:${canister('greeter')}
networks:
  - name: running
    mode: connected
    url: ${localnet.url}
    root-key: ${rootKey}
environments:
  - name: dev
    network: running
`,
      'greeter.wasm': greeterWasm('hello, you'),
    })
    try {
      await project.icp('deploy', '-e', 'dev')
      expect(await project.icp('canister', 'call', 'greeter', 'greet', '()', '-e', 'dev')).toContain('hello, you')
      // The first canister of the users has the id it has on every development network.
      expect(await project.icp('canister', 'status', 'greeter', '-e', 'dev')).toContain('bnz7o-iuaaa-aaaaa-qaaaa-cai')
      const wrong = ['-n', localnet.url, '-k', rootKey.replace(/.$/, (last) => (last === '0' ? '1' : '0'))]
      const { code } = await project.try('canister', 'status', 'bnz7o-iuaaa-aaaaa-qaaaa-cai', ...wrong)
      expect(code).not.toBe(0)
    } finally {
      await project.close()
      await localnet.close()
    }
  })
})
