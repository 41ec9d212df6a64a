import { spawn } from 'node:child_process'
import { createCipheriv, createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Product } from './product.ts'

// A file of any size through the installed command, which can be killed half-way, and what its process took at most.

const BIN = join(import.meta.dirname, '../../src/cli/bin/medguard.mjs')
const MiB = 1024 * 1024

export interface Files {
  readonly folder: string
  readonly path: (name: string) => string
  remove(): void
}
export function openFolder(): Files {
  const folder = mkdtempSync(join(tmpdir(), 'medguard-large-'))
  return { folder, path: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Writes bytes that no compression finds anything in, always the same ones under a number. */
export async function writeLarge(path: string, sizeBytes: number, number = 0): Promise<void> {
  const noise = createCipheriv('aes-128-ctr', new Uint8Array(16).fill(number), new Uint8Array(16))
  const file = await open(path, 'wx')
  for (let done = 0; done < sizeBytes; done += MiB)
    await file.write(noise.update(new Uint8Array(Math.min(MiB, sizeBytes - done))))
  await file.close()
}

export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(path)) hash.update(part as Uint8Array)
  return hash.digest('hex')
}

export interface Run {
  /** Null for one that was killed. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** `VmHWM` at the end, in bytes: what the process had in memory at most. Zero for one that was killed. */
  readonly peakBytes: number
}

/** @param killAt kills the process with SIGKILL as soon as it has said this on standard error. */
export async function runCommand(
  product: Product,
  files: Files,
  who: string,
  args: readonly string[],
  killAt?: string,
): Promise<Run> {
  const hook = files.path('peak.mjs')
  const peak = files.path('peak')
  rmSync(peak, { force: true })
  writeFileSync(
    hook,
    `import { readFileSync, writeFileSync } from 'node:fs'
     process.on('exit', () => writeFileSync(${JSON.stringify(peak)}, /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]))`,
  )
  const common = ['--as', who, '--network', `http://127.0.0.1:${product.port}`, '--state', product.stateDir]
  const child = spawn(BIN, [...args, ...common], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: `--import ${hook}` },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString()
    if (killAt !== undefined && stderr.includes(killAt)) child.kill('SIGKILL')
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr, peakBytes: code === null ? 0 : Number(readFileSync(peak, 'utf8')) * 1024 }
}
