import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { contents, countIn, stateAfter } from './deltas.fixture.ts'
import { openStorage, StorageError } from './index.ts'

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const PROGRAM = fileURLToPath(new URL('storage-process.fixture.ts', import.meta.url))

let root: string
let dir: string
const children: ChildProcess[] = []
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'localnet-storage-'))
  dir = join(root, 'state')
})
afterEach(async () => {
  await Promise.all(children.splice(0).map(kill))
  rmSync(root, { recursive: true, force: true })
})

function start(what: string): ChildProcess {
  const child = spawn(process.execPath, ['--import', TSX, PROGRAM, what, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'close')
  child.kill('SIGKILL')
  await ended
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the child has no output')
  for await (const line of createInterface(child.stdout)) return line
  throw new Error('the child said nothing')
}

/** Small, seeded generator (mulberry32), so that a failing run can be told by its seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

describe('a process that is killed', () => {
  test('at any moment has stored all it acknowledged, each delta whole, and at most one more', async () => {
    const random = seeded(20)
    for (let round = 0; round < 10; round++) {
      const child = start('append')
      const enough = 1 + Math.floor(random() * 60)
      let output = ''
      const closed = once(child, 'close')
      child.stdout?.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        if (output.split('\n').length > enough) child.kill('SIGKILL')
      })
      await closed
      expect(child.signalCode).toBe('SIGKILL')
      const acknowledged = Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1))
      const storage = openStorage(dir)
      const count = countIn(storage)
      const state = contents(storage)
      storage.close()
      expect(count - acknowledged).toBeOneOf([0, 1])
      expect(state).toEqual(stateAfter(count))
    }
  })

  test('leaves a directory that the next one takes over', async () => {
    const holder = start('hold')
    expect(await firstLine(holder)).toBe('held')
    expect(() => openStorage(dir)).toThrow(`in use by process ${holder.pid}`)
    await kill(holder)
    openStorage(dir).close()
  })

  test('is followed by exactly one of many that want its directory', async () => {
    const holder = start('hold')
    expect(await firstLine(holder)).toBe('held')
    await kill(holder)
    const answers = await Promise.all(Array.from({ length: 6 }, () => firstLine(start('hold'))))
    expect(answers.toSorted()).toEqual(['held', 'locked', 'locked', 'locked', 'locked', 'locked'])
    expect(readdirSync(dir).toSorted()).toEqual(['lock-2', 'state.log'])
  })
})

describe('the lock', () => {
  test('keeps out a second opening in the same process, until the first is closed', () => {
    const first = openStorage(dir)
    expect(() => openStorage(dir)).toThrow(StorageError)
    first.close()
    openStorage(dir).close()
  })

  test('is free again when a worker thread ended without closing', async () => {
    const program = JSON.stringify(pathToFileURL(PROGRAM).href)
    const worker = new Worker(`import('tsx/esm/api').then(({ register }) => (register(), import(${program})))`, {
      eval: true,
      argv: ['hold', dir],
    })
    expect(await once(worker, 'message')).toEqual(['held'])
    expect(() => openStorage(dir)).toThrow('in use by process')
    await worker.terminate()
    openStorage(dir).close()
  })

  test.each([
    ['of a process id that is used again', `${process.pid} 0`],
    ['of a process that cannot exist', '4194999 3'],
    ['with nothing in it', ''],
    ['with something else in it', 'x y z'],
  ])('%s counts as left behind', (_name, text) => {
    mkdirSync(dir)
    writeFileSync(join(dir, 'lock-41'), text)
    writeFileSync(join(dir, 'lock-draft-of-a-dead-process'), text)
    openStorage(dir).close()
    expect(readdirSync(dir).toSorted()).toEqual(['lock-42', 'state.log'])
  })
})

test('a full disk refuses a delta as a whole, and the next one that fits is stored', () => {
  // A limit on the size of files stands in for the disk: the write stops in the middle just the same.
  const command = `ulimit -f 4096; exec "$0" --import "${TSX}" "${PROGRAM}" fill "${dir}"`
  const { stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath], { encoding: 'utf8' })
  expect({ stdout, stderr }).toEqual({ stdout: 'stored\nfull\nstored\n', stderr: '' })
  const storage = openStorage(dir)
  expect([...storage.load()].map(([key, value]) => [key, value.length])).toEqual([
    ['a', 1000],
    ['c', 1000],
  ])
  storage.close()
})
