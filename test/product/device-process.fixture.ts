import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startDevice } from './product.ts'

// `medguard-device stream` as the process it is: what it writes down is seen operation by operation, and it can be killed in the midst of each.

/** What `stream` says, a line each. */
export type Told = Readonly<Record<string, unknown>>

/**
 * Loaded before the command. Each change of its folder and each line that it says is noted in the order it happens; at the one that was asked for the process
 * is gone, as by `kill -9`, a write half-way through.
 */
const HOOK = `
import { appendFileSync } from 'node:fs'
import files from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
let left = Number(process.env.KILL_AT)
const note = (what) => appendFileSync(process.env.TRACE, what + '\\n')
const isLast = () => left-- === 0
const die = () => process.kill(process.pid, 'SIGKILL')
const step = (what) => { if (isLast()) die(); note(what) }
const { open, rename, rm } = files
files.open = async (path, flags, mode) => {
  const file = await open(path, flags, mode)
  const { writeFile, sync } = file
  file.writeFile = async (bytes) => {
    if (isLast()) { await writeFile.call(file, bytes.subarray(0, bytes.length >> 1)); die() }
    note('write ' + basename(path))
    return writeFile.call(file, bytes)
  }
  file.sync = async () => { step('sync ' + (flags === 'r' ? 'folder' : basename(path))); return sync.call(file) }
  return file
}
files.rename = async (from, to) => { step('rename ' + basename(to)); return rename(from, to) }
files.rm = async (path, options) => { step('remove ' + basename(path)); return rm(path, options) }
syncBuiltinESMExports()
const write = process.stdout.write
process.stdout.write = (text, ...rest) => { step('say ' + String(text).trim()); return write.call(process.stdout, text, ...rest) }
`

export interface DeviceProcess {
  readonly child: ChildProcessWithoutNullStreams
  readonly told: readonly Told[]
  /** Gives it a line of input each. */
  feed(lines: readonly string[]): void
  /** Resolves when it has said this, or is gone. */
  until(is: (told: Told) => boolean): Promise<void>
  /** @returns the exit code; null for one that was killed. */
  readonly ended: Promise<number | null>
  /** `kill -9`. */
  kill(): Promise<void>
}
export interface DeviceFolder {
  /** Its state. */
  readonly path: string
  /** What the last process did, in order. */
  trace(): string[]
  /** @param killAt which of its operations is its last, counted from 0. */
  stream(options?: { readonly killAt?: number; readonly args?: readonly string[] }): DeviceProcess
  remove(): void
}

export function deviceFolder(): DeviceFolder {
  const root = mkdtempSync(join(tmpdir(), 'medguard-device-'))
  const [path, hook, trace] = ['state', 'hook.mjs', 'trace'].map((name) => join(root, name)) as [string, string, string]
  writeFileSync(hook, HOOK)
  return {
    path,
    trace: () => (existsSync(trace) ? readFileSync(trace, 'utf8').split('\n').slice(0, -1) : []),
    stream({ killAt = -1, args = [] } = {}) {
      rmSync(trace, { force: true })
      const env = { NODE_OPTIONS: `--import ${hook}`, TRACE: trace, KILL_AT: String(killAt) }
      return running(startDevice(path, ['stream', '--every', '0.02', ...args], env))
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

function running(child: ChildProcessWithoutNullStreams): DeviceProcess {
  const told: Told[] = []
  let errors = ''
  let looks: (() => void)[] = []
  const look = () => {
    for (const each of looks) each()
  }
  createInterface({ input: child.stdout }).on('line', (line) => {
    told.push(JSON.parse(line) as Told)
    look()
  })
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()))
  child.stdin.on('error', () => {}) // it was killed while it was given something
  const ended = once(child, 'close').then(([code, signal]) => {
    look()
    if (code !== 0 && signal !== 'SIGKILL') throw new Error(`medguard-device ended with ${String(code)}: ${errors}`)
    return code as number | null
  })
  ended.catch(() => {}) // whoever waits for the end gets it
  return {
    child,
    told,
    ended,
    feed: (lines) => void child.stdin.write(lines.map((line) => `${line}\n`).join('')),
    async until(is) {
      const said = new Promise<void>((resolve) => {
        const seen = () => {
          if (told.some(is)) resolve()
        }
        looks = [...looks, seen]
        seen()
      })
      await Promise.race([ended, said])
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
