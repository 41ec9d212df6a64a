import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** A line of `command-host.ts`; the streams in base64. */
export interface HostAnswer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface Host {
  isBusy: boolean
  readonly run: (args: readonly string[]) => Promise<HostAnswer>
}
let host: Host | null = null

/**
 * Runs a `medguard` command in a process that stays: putting the command together and starting it takes longer than most of what it does. That it starts by itself is what `road-cli.test.ts`
 * tries. Null while another one runs there.
 */
export function hosted(args: readonly string[]): Promise<HostAnswer> | null {
  host ??= startHost()
  const own = host
  if (own.isBusy) return null
  own.isBusy = true
  return own.run(args).finally(() => {
    own.isBusy = false
  })
}

function startHost(): Host {
  const root = join(import.meta.dirname, '../..')
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'command-host.ts')], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  letGo(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    isBusy: false,
    async run(args) {
      child.stdin.write(`${JSON.stringify(args)}\n`)
      const line = await lines.next()
      if (line.done === true) throw new Error('the process that runs commands has ended')
      return JSON.parse(line.value) as HostAnswer
    },
  }
}

/** It ends with whoever started it, whose end it does not hold up. */
function letGo(child: ChildProcess & { readonly stdin: Writable; readonly stdout: Readable }): void {
  child.unref()
  for (const stream of [child.stdin, child.stdout])
    if ('unref' in stream && typeof stream.unref === 'function') stream.unref()
}
