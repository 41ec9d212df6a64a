// The official command line, unmodified, in a project, a home and on a network of its own.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const ICP = join(ROOT, 'node_modules/@icp-sdk/icp-cli-linux-x64/bin/icp')
const LAUNCHER = join(ROOT, 'src/localnet/bin/localnet-launcher.mjs')

/** Why icp does not run on this machine, or null. */
export const icpIsMissing: string | null = whyMissing()

function whyMissing(): string | null {
  if (!existsSync(ICP)) return `no build of icp for ${process.platform}-${process.arch} is installed`
  const { status, stderr, error } = spawnSync(ICP, ['--version'], { encoding: 'utf8' })
  if (status === 0) return null
  return `icp does not start: ${error?.message ?? stderr.trim()}`
}

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  /** Standard output and error. */
  readonly output: string
}

export interface IcpProject {
  readonly folder: string
  readonly port: number
  /** Runs `icp` in the project, whatever it ends with. */
  try(...args: string[]): Promise<Ran>
  /** @returns standard output. @throws Error with everything it printed if it fails. */
  icp(...args: string[]): Promise<string>
  /** Stops the network, if it runs, and removes project and home. */
  close(): Promise<void>
}

/** @param files path in the project → content. `PORT` in text stands for a free port. */
export async function openIcpProject(files: Readonly<Record<string, string | Uint8Array>>): Promise<IcpProject> {
  const base = mkdtempSync(join(tmpdir(), 'icp-'))
  const folder = join(base, 'project')
  const port = await freePort()
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), typeof content === 'string' ? content.replaceAll('PORT', String(port)) : content)
  }
  const project: IcpProject = {
    folder,
    port,
    try: (...args) => runIcp(folder, join(base, 'home'), args),
    async icp(...args) {
      const { code, stdout, output } = await project.try(...args)
      if (code !== 0) throw new Error(`icp ${args.join(' ')} ended with ${code}: ${output}`)
      return stdout
    },
    async close() {
      await project.try('network', 'stop')
      rmSync(base, { recursive: true, force: true })
    },
  }
  return project
}

/** Runs icp in a folder with a home of its own: identities, settings and caches of this machine are never touched. */
export async function runIcp(folder: string, home: string, args: readonly string[]): Promise<Ran> {
  const env = {
    ...process.env,
    ICP_HOME: home,
    ICP_CLI_NETWORK_LAUNCHER_PATH: LAUNCHER,
    // A build step that runs icp in another folder still means this project.
    ICP_PROJECT_ROOT: folder,
    DO_NOT_TRACK: '1',
    RUST_BACKTRACE: '0',
  }
  const child = spawn(ICP, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, output] = ['', '']
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString()
    output += part.toString()
  })
  child.stderr.on('data', (part: Buffer) => (output += part.toString()))
  await once(child, 'close')
  return { code: child.exitCode, stdout, output }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}
