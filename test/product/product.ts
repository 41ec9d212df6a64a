import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { hosted } from './hosted-command.ts'

// The product as a person runs it: `npm start` and `npm run medguard`, as processes of their own that can be killed.

const ROOT = join(import.meta.dirname, '../..')
const BOOT = join(ROOT, 'scripts/boot.mjs')

export interface Ready {
  readonly app: string
  readonly network: string
  readonly rootKey: string
  readonly canisters: {
    readonly consent: string
    readonly records: string
    readonly audit: string
    readonly frontend: string
  }
}

export interface Product {
  readonly stateDir: string
  readonly port: number
  ready: Ready
  /** Everything the running process printed to standard error. */
  readonly errors: () => string
  /** `kill -9`, then a new start on the same state. */
  crashAndRestart(extra?: readonly string[]): Promise<void>
  start(extra?: readonly string[]): Promise<void>
  crash(): Promise<void>
  /** Ends the process and removes its state. */
  close(): Promise<void>
}

export async function startProduct(extra: readonly string[] = []): Promise<Product> {
  const stateDir = mkdtempSync(join(tmpdir(), 'medguard-'))
  /** Any at first, the same one after a restart. */
  let port = 0
  let child: ChildProcess | null = null
  let errors = ''

  const start = async (more: readonly string[] = []): Promise<Ready> => {
    const args = [BOOT, 'start', '--port', String(port), '--state', stateDir, ...more]
    const started = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    child = started
    started.stderr.on('data', (data: Buffer) => (errors += data.toString()))
    const exited = once(started, 'exit').then(([code]) => {
      throw new Error(`npm start ended with ${code}: ${errors}`)
    })
    const ready = (async () => {
      for await (const line of createInterface({ input: started.stdout })) {
        if (line.startsWith('{')) return JSON.parse(line) as Ready
      }
      throw new Error(`npm start closed its output: ${errors}`)
    })()
    exited.catch(() => {}) // only the start waits for it; a later end is the test's own doing
    return Promise.race([ready, exited])
  }
  const crash = async () => {
    const running = child
    child = null
    if (running === null || running.exitCode !== null) return
    running.kill('SIGKILL')
    await once(running, 'exit')
  }

  const ready = await start(extra)
  port = Number(new URL(ready.network).port)
  const product: Product = {
    stateDir,
    port,
    ready,
    errors: () => errors,
    crash,
    async start(more) {
      product.ready = await start(more)
    },
    async crashAndRestart(more) {
      await crash()
      product.ready = await start(more)
    },
    async close() {
      await crash()
      rmSync(stateDir, { recursive: true, force: true })
    },
  }
  return product
}

export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Standard output of a `--json` command. */
  json(): unknown
}

const commonOf = ({ port, stateDir }: Product, who: string) =>
  ['--as', who, '--network', `http://127.0.0.1:${port}`, '--state', stateDir] as const

/** Runs one `medguard` command against a product, as `who`. */
export async function medguard(product: Product, who: string, ...args: string[]): Promise<CommandResult> {
  const answer = await hosted([...args, ...commonOf(product, who)])
  if (answer === null) return medguardAlone(product, who, ...args)
  const bytes = Buffer.from(answer.stdout, 'base64')
  return {
    code: answer.code,
    stdout: bytes.toString('latin1'),
    stderr: Buffer.from(answer.stderr, 'base64').toString(),
    json: () => JSON.parse(bytes.toString('utf8')) as unknown,
  }
}

/** The same in a process of its own, as a person runs it. */
export const medguardAlone = (product: Product, who: string, ...args: string[]): Promise<CommandResult> =>
  resultOf(spawnCommand('medguard', [...args, ...commonOf(product, who)]), null)

/** Starts a `medguard` command that runs until it is stopped. */
export const startMedguard = (product: Product, who: string, ...args: string[]): ChildProcessWithoutNullStreams =>
  spawnCommand('medguard', [...args, ...commonOf(product, who)])

/** Starts one `medguard-device` command on a folder. */
export const startDevice = (
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcessWithoutNullStreams => spawnCommand('medguard-device', [...args, '--state', folder], env)

/** Runs one `medguard-device` command on a folder, with what it reads from standard input. */
export const medguardDevice = (folder: string, input: string, ...args: string[]): Promise<CommandResult> =>
  resultOf(startDevice(folder, args), input)

const spawnCommand = (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [BOOT, command, ...args], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })

async function resultOf(child: ChildProcessWithoutNullStreams, input: string | null): Promise<CommandResult> {
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString('latin1')))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  child.stdin.on('error', () => {}) // a command that refuses its arguments does not read
  child.stdin.end(input ?? '')
  const [code] = (await once(child, 'close')) as [number]
  return { code, stdout, stderr, json: () => JSON.parse(Buffer.from(stdout, 'latin1').toString('utf8')) as unknown }
}
