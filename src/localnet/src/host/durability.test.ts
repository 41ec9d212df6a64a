// The whole network is killed in the middle of writing, again and again. What it answered must be there, once.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { Principal } from '@dfinity/principal'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromHex } from '../certificates/index.ts'
import { startLocalnet } from '../index.ts'
import { agentFor, deploy, tallyActor } from './deploy.fixture.ts'
import { tallyWasm } from './tally.fixture.ts'

let folder: string
const children: ChildProcess[] = []
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'localnet-'))
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

interface Running {
  readonly child: ChildProcess
  readonly url: string
  readonly rootKey: Uint8Array
}

/** @param fileKiB the largest file that the process may write; the disk is full beyond it. */
function command(args: readonly string[], fileKiB?: number): ChildProcess {
  const entry = new URL('../start.ts', import.meta.url).href
  const code = `const { main } = await import(${JSON.stringify(entry)}); process.exitCode = await main(process.argv.slice(1))`
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', code, ...args]
  const limit = fileKiB === undefined ? 'unlimited' : String(fileKiB)
  const child = spawn('bash', ['-c', `ulimit -f ${limit}; exec "$@"`, 'bash', ...node], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  return child
}

async function start(state: string, more: readonly string[] = [], fileKiB?: number): Promise<Running> {
  const child = command(['start', '--port', '0', '--state', state, ...more], fileKiB)
  if (child.stdout === null) throw new Error('no output to read')
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, rootKey } = JSON.parse(line) as { url: string; rootKey: string }
    return { child, url, rootKey: fromHex(rootKey) }
  }
  throw new Error('the network ended before it was ready')
}

async function failure(...args: string[]): Promise<{ code: number | null; text: string }> {
  const child = command(args)
  let text = ''
  child.stderr?.on('data', (part: Buffer) => (text += part.toString('utf8')))
  await once(child, 'close')
  return { code: child.exitCode, text }
}

async function kill({ child }: Running, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
  const closed = once(child, 'close')
  child.kill(signal)
  await closed
  return child.exitCode
}

describe('kill -9', () => {
  test('loses nothing that was answered and doubles nothing', async () => {
    const state = join(folder, 'burst')
    const identity = Ed25519KeyIdentity.generate()
    let network = await start(state)
    const canisterId = await deploy(await agentFor(network, identity), tallyWasm())
    const answered = new Set<number>()
    let next = 0
    for (let round = 0; round < 3; round++) {
      const tally = tallyActor(await agentFor(network, identity), canisterId)
      const first = next
      let isAlive = true
      const writers = Array.from({ length: 8 }, async () => {
        while (isAlive) {
          const n = next++
          try {
            expect(await tally.mark(n)).toBe(1)
            answered.add(n)
          } catch {
            isAlive = false // the network is gone, which is what this test does to it
          }
        }
      })
      await expect.poll(() => answered.size, { timeout: 30_000 }).toBeGreaterThan(first + 30)
      await kill(network, 'SIGKILL')
      await Promise.all(writers)
      network = await start(state)
      const counts = tallyActor(await agentFor(network, identity), canisterId)
      for (let n = first; n < next; n++) {
        const count = await counts.count(n)
        const isAnswered = answered.has(n)
        expect([n, isAnswered, count]).toEqual([n, isAnswered, isAnswered ? 1 : Math.min(count, 1)])
      }
    }
    expect(await kill(network, 'SIGTERM')).toBe(0)
  })
})

describe('a full disk', () => {
  test('stops the network with the reason, and what was answered is there afterwards', async () => {
    const state = join(folder, 'full')
    const identity = Ed25519KeyIdentity.generate()
    const cramped = await start(state, [], 512)
    const closed = once(cramped.child, 'close')
    let words = ''
    cramped.child.stderr?.on('data', (part: Buffer) => (words += part.toString('utf8')))
    const agent = await agentFor(cramped, identity)
    const canisterId = await deploy(agent, tallyWasm())
    let answered = 0
    const fill = async (): Promise<never> => {
      for (;;) {
        await tallyActor(agent, canisterId).mark(answered)
        answered++
      }
    }
    await expect(fill()).rejects.toThrow(/HTTP request failed|fetch/)
    await closed
    expect([cramped.child.exitCode, words]).toEqual([1, expect.stringContaining('no space left')])
    const roomy = await start(state)
    const tally = tallyActor(await agentFor(roomy, identity), canisterId)
    for (let n = 0; n < answered; n++) expect([n, await tally.count(n)]).toEqual([n, 1])
    expect(await kill(roomy, 'SIGTERM')).toBe(0)
  })
})

describe('the command', () => {
  test('a stopped network goes on where it was, and --clean begins anew', async () => {
    const state = join(folder, 'kept')
    const identity = Ed25519KeyIdentity.generate()
    const first = await start(state)
    const canisterId = await deploy(await agentFor(first, identity), tallyWasm())
    await tallyActor(await agentFor(first, identity), canisterId).mark(4)
    expect(await kill(first, 'SIGTERM')).toBe(0)
    const second = await start(state)
    expect(await tallyActor(await agentFor(second, identity), canisterId).count(4)).toBe(1)
    expect(await kill(second, 'SIGTERM')).toBe(0)
    const third = await start(state, ['--clean'])
    const gone = tallyActor(await agentFor(third, identity), canisterId)
    await expect(gone.count(4)).rejects.toThrow(/not found/)
    expect(await kill(third, 'SIGTERM')).toBe(0)
  })

  test('more subnets are asked for one by one', async () => {
    const running = await start(join(folder, 'subnets'), ['--subnet', 'application', '--subnet', 'system'])
    const first = new Uint8Array(fromHex('80000000003000000101'))
    const near = Principal.fromUint8Array(first)
    const agent = await agentFor(running, Ed25519KeyIdentity.generate())
    expect(await deploy(agent, tallyWasm(), near)).toEqual(near)
    expect(await kill(running, 'SIGTERM')).toBe(0)
    expect(await failure('start', '--port', '0', '--state', join(folder, 'subnets'))).toEqual({
      code: 2,
      text: expect.stringContaining('Start it with the same, or clean it'),
    })
  })

  test('a folder and a port that are in use are named', async () => {
    const state = join(folder, 'taken')
    const running = await start(state)
    const port = new URL(running.url).port
    expect(await failure('start', '--port', '0', '--state', state)).toEqual({
      code: 2,
      text: expect.stringContaining('is in use by process'),
    })
    expect(await failure('start', '--port', '0', '--state', state, '--clean')).toEqual({
      code: 2,
      text: expect.stringContaining('is in use by process'),
    })
    expect(await failure('start', '--port', port)).toEqual({
      code: 2,
      text: expect.stringContaining(`Port ${port} of 127.0.0.1 is in use`),
    })
    expect(await kill(running, 'SIGTERM')).toBe(0)
  })

  test('cleaning where the port or the folder is in use forgets nothing', async () => {
    const stateDir = join(folder, 'cleaned')
    const first = await startLocalnet({ port: 0, stateDir })
    let cleaned = 0
    const clean = { stateDir, clean: true, beforeClean: () => void cleaned++ }
    await expect(startLocalnet({ ...clean, port: 0 })).rejects.toThrow('is in use by process')
    await first.close()
    const other = await startLocalnet({ port: 0 })
    const kept = () => readdirSync(join(stateDir, 'state')).map((name) => statSync(join(stateDir, 'state', name)).ino)
    const before = kept()
    expect(before).not.toEqual([])
    await expect(startLocalnet({ ...clean, port: other.port })).rejects.toThrow('is in use by another program')
    expect([kept(), cleaned]).toEqual([before, 0])
    await other.close()
    await (await startLocalnet({ ...clean, port: other.port })).close()
    expect(cleaned).toBe(1)
  })

  test('a folder that holds something else is neither used nor emptied', async () => {
    writeFileSync(join(folder, 'a-file'), 'precious')
    expect(await failure('start', '--port', '0', '--state', folder, '--clean')).toEqual({
      code: 2,
      text: expect.stringContaining("files that are not a network's"),
    })
  })

  test.each([
    [['stop']],
    [[]],
    [['start', '--port', '70000']],
    [['start', '--clean']],
    [['start', '--what']],
    [['start', '--subnet', 'x']],
  ])('%j is not a command, and the usage is shown', async (args) => {
    expect(await failure(...args)).toEqual({ code: 2, text: expect.stringContaining('usage: localnet start') })
  })
})
