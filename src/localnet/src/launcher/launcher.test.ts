// The launcher as `icp network start` runs it: a process, its flags, its status file and its end.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HttpAgent } from '@dfinity/agent'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromHex } from '../certificates/index.ts'
import { LOCALNET_ROOT_KEY } from '../index.ts'
import { readFlags, UsageProblem } from './flags.ts'

const LAUNCHER = fileURLToPath(new URL('../../bin/localnet-launcher.mjs', import.meta.url))

let folder: string
const children: ChildProcess[] = []
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'launcher-'))
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const flagsOf = (name: string, ...more: string[]): string[] => {
  const dirs = { state: join(folder, name, 'state'), status: join(folder, name, 'status') }
  for (const dir of Object.values(dirs)) mkdirSync(dir, { recursive: true })
  return ['--interface-version', '1.1.0', '--state-dir', dirs.state, '--status-dir', dirs.status, ...more]
}

interface Launched {
  readonly child: ChildProcess
  /** Standard output and error so far. */
  readonly output: () => string
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>
}

function launch(flags: readonly string[]): Launched {
  const child = spawn(LAUNCHER, flags, { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()))
  return { child, output: () => output, ended: once(child, 'close').then(() => child.exitCode) }
}

/** Until it says that it answers. */
async function launched(flags: readonly string[]): Promise<Launched> {
  const running = launch(flags)
  while (!running.output().includes('\n')) {
    await Promise.race([once(running.child.stdout ?? running.child, 'data'), running.ended])
    if (running.child.exitCode !== null) throw new Error(running.output())
  }
  return running
}

describe('the launcher', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('tells where the network is, runs it, and ends with %s', async (signal) => {
    const flags = flagsOf(signal, '--bind', '127.0.0.1', '--domain=localhost', '--verbose')
    const statusDir = join(folder, signal, 'status')
    const { child, ended } = await launched(flags)
    const text = readFileSync(join(statusDir, 'status.json'), 'utf8')
    expect(text).toMatch(/^\{.*\}\n$/)
    const status = JSON.parse(text) as { gateway_port: number; root_key: string }
    expect(status).toMatchObject({ v: '1', default_effective_canister_id: 'bnz7o-iuaaa-aaaaa-qaaaa-cai' })
    expect(fromHex(status.root_key)).toEqual(LOCALNET_ROOT_KEY)
    const agent = HttpAgent.createSync({ host: `http://127.0.0.1:${status.gateway_port}` })
    expect(await agent.status()).toMatchObject({ replica_health_status: 'healthy' })
    child.kill(signal)
    expect(await ended).toBe(0)
    expect(existsSync(statusDir)).toBe(false)
  })

  test('ends in good order however often it is told to', async () => {
    const { child, ended } = await launched(flagsOf('often'))
    child.kill('SIGINT')
    child.kill('SIGINT')
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(existsSync(join(folder, 'often/status'))).toBe(false)
  })

  test('keeps its state where it is told, and answers at the port it is told', async () => {
    const first = await launched(flagsOf('kept'))
    const { gateway_port: port } = JSON.parse(readFileSync(join(folder, 'kept/status/status.json'), 'utf8')) as {
      gateway_port: number
    }
    first.child.kill('SIGINT')
    await first.ended
    expect(existsSync(join(folder, 'kept/state/localnet.json'))).toBe(true)
    const again = await launched(flagsOf('kept', '--gateway-port', String(port)))
    expect(again.output()).toContain(`http://127.0.0.1:${port}`)
    again.child.kill('SIGINT')
    expect(await again.ended).toBe(0)
  })

  test('says which port is in use', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { ended, output } = launch(flagsOf('taken', '--gateway-port', String(port)))
    expect(await ended).toBe(2)
    server.close()
    expect(output()).toContain(`Port ${port} of 127.0.0.1 is in use`)
    expect(existsSync(join(folder, 'taken/status/status.json'))).toBe(false)
  })

  test('neither uses nor empties a folder that holds something else', async () => {
    const flags = flagsOf('foreign')
    writeFileSync(join(folder, 'foreign/state/letter.txt'), 'dear')
    const { ended, output } = launch(flags)
    expect(await ended).toBe(2)
    expect(output()).toContain(join(folder, 'foreign/state'))
    expect(readFileSync(join(folder, 'foreign/state/letter.txt'), 'utf8')).toBe('dear')
  })
})

describe('the flags of the launcher interface', () => {
  const needed = ['--interface-version', '1.1.0', '--state-dir', 'state', '--status-dir', 'status']

  test('are read as icp gives them', () => {
    const given = ['--bind', '127.0.0.1', '--gateway-port', '4943', '--domain=localhost', '--domain=app.localhost']
    expect(readFlags([...needed, ...given, '--subnet=application', '--artificial-delay-ms=20'])).toEqual({
      stateDir: 'state',
      statusDir: 'status',
      port: 4943,
      artificialDelayMs: 20,
      subnets: [],
      verbose: false,
      unknown: [],
    })
  })

  test('name the subnets beside the root subnet, which is itself an application subnet', () => {
    const subnetsOf = (...kinds: string[]) => readFlags([...needed, ...kinds.map((kind) => `--subnet=${kind}`)]).subnets
    expect(subnetsOf()).toEqual([])
    expect(subnetsOf('application', 'application')).toEqual([{ kind: 'application' }, { kind: 'application' }])
    expect(subnetsOf('system')).toEqual([{ kind: 'system' }])
    expect(subnetsOf('nns', 'application')).toEqual([])
  })

  test.each([
    [['--interface-version', '2.0.0'], 'launcher interface'],
    [['--bind', '0.0.0.0'], 'loopback only'],
    [['--domain', 'example.org'], 'under localhost only'],
    [['--gateway-port', '65536'], 'not a number'],
    [['--artificial-delay-ms', '-1'], 'artificial-delay-ms'],
    [['--subnet', 'bitcoin'], 'application or system'],
    [['--ii'], 'Internet Identity'],
    [['--nns'], 'NNS'],
    [['--bitcoind-addr', '127.0.0.1:18444'], 'Bitcoin'],
    [['--config-port', '4944'], 'PocketIC'],
    [['--stdout-file', 'log'], 'PocketIC'],
    [['--verbose=yes'], 'verbose'],
    [['--bind'], 'bind'],
    [['--colour'], '--colour is not a flag'],
    [['words'], 'words is not a flag'],
  ])('%j is refused', (given, why) => {
    expect(() => readFlags([...needed, ...given])).toThrow(why)
    expect(() => readFlags([...needed, ...given])).toThrow(UsageProblem)
  })

  test('may all be missing, and then nothing is kept and no status is written', () => {
    expect(readFlags([])).toMatchObject({ stateDir: null, statusDir: null, port: 0, verbose: false })
  })

  test('of a newer interface are passed over, if they are not known', () => {
    const newer = ['--interface-version', '1.2.0', '--colour', 'red', '--verbose', '--size=3']
    expect(readFlags(newer)).toMatchObject({ verbose: true, unknown: ['--colour', 'red', '--size'] })
    const said = { ICP_CLI_NETWORK_LAUNCHER_INTERFACE_VERSION: '1.7.0' }
    expect(readFlags(['--colour'], said).unknown).toEqual(['--colour'])
    expect(() => readFlags(['--colour'], { ...said, ICP_CLI_NETWORK_LAUNCHER_INTERFACE_VERSION: '3.0.0' })).toThrow(
      '3.0.0',
    )
  })
})
