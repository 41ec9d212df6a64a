import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

import { ROOT } from './project.ts'

export interface ToolResult {
  /** Exit code, or null when a signal ended it. */
  readonly code: number | null
  /** Standard output and error, empty when they went to the terminal. */
  readonly output: string
}

export interface ToolOptions {
  readonly env?: Readonly<Record<string, string>>
  /** `show` lets it write to the terminal as it goes, `keep` collects. */
  readonly output: 'show' | 'keep'
}

const running = new Set<ChildProcess>()

/** Runs a program to its end, in the project's folder. @throws Error when it cannot be started. */
export function runTool(command: string, args: readonly string[], options: ToolOptions): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...options.env },
      stdio: options.output === 'show' ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    const parts: Buffer[] = []
    child.stdout?.on('data', (part: Buffer) => parts.push(part))
    child.stderr?.on('data', (part: Buffer) => parts.push(part))
    child.once('error', (error) => {
      running.delete(child)
      reject(error)
    })
    child.once('close', (code) => {
      running.delete(child)
      resolve({ code, output: Buffer.concat(parts).toString('utf8') })
    })
  })
}

/** A program that npm installed, run by this very Node. */
export const runBin = (path: string, args: readonly string[], options: ToolOptions) =>
  runTool(process.execPath, [join(ROOT, 'node_modules', path), ...args], options)

/** A signal to this process alone, as from a supervisor, must not leave the tool running. */
export function stopToolsOnSignal(): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      for (const child of running) child.kill(name)
      process.exit(130)
    })
  }
}
