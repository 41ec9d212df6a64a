import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { HttpAgent } from '@dfinity/agent'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { startLocalnet } from '@medguard/localnet'
import { buildCanister } from '../scripts/build-canisters.ts'
import { ROOT } from '../scripts/project.ts'
import { operatorOf } from '../test/scenarios/management.ts'
import { check, type Rows } from './rows.ts'

const STARTS = 5
const READY_MS_MAX = 1_500
const IDLE_MB_MAX = 400
/** Until the compiler's threads have nothing left to do. */
const IDLE_AFTER_MS = 2_000

/** How long `npm run localnet -- start` takes with five different Azle canisters installed, and what memory it then holds. */
export async function measureStart(rows: Rows, stateDir: string): Promise<void> {
  await installFive(stateDir)
  const starts: Started[] = []
  for (let i = 0; i < STARTS; i++) starts.push(await start(stateDir))
  const best = Math.min(...starts.map(({ readyMs }) => readyMs))
  rows.add('the command is ready, five canisters installed', best, 'ms', READY_MS_MAX)
  const residents = starts.flatMap(({ idleMb }) => (idleMb === null ? [] : [idleMb]))
  if (residents.length > 0) rows.add('memory of that network, idle', Math.max(...residents), 'MB', IDLE_MB_MAX)
}

async function installFive(stateDir: string): Promise<void> {
  const modules = await Promise.all([
    ...(['consent', 'records', 'audit'] as const).map((name) => buildCanister(name)),
    ...['forwarder', 'stumbler'].map((name) => buildCanister(name, { entry: `test/canisters/${name}.ts` })),
  ])
  const localnet = await startLocalnet({ port: 0, stateDir })
  try {
    const { url, rootKey } = localnet
    const operator = operatorOf(HttpAgent.createSync({ host: url, rootKey, identity: Ed25519KeyIdentity.generate() }))
    for (const { wasm } of modules) await operator.install(await operator.create(), wasm)
  } finally {
    await localnet.close()
  }
}

interface Started {
  readonly readyMs: number
  /** Null where the system does not tell. */
  readonly idleMb: number | null
}

async function start(stateDir: string): Promise<Started> {
  const startMs = performance.now()
  const args = ['scripts/boot.mjs', 'localnet', 'start', '--port', '0', '--state', stateDir]
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const readyMs = performance.now() - startMs
    check('url' in (JSON.parse(line.toString('utf8')) as object), 'the network tells its address')
    await new Promise((resolve) => setTimeout(resolve, IDLE_AFTER_MS))
    return { readyMs, idleMb: residentMb(child.pid) }
  } finally {
    child.kill('SIGTERM')
    await closed
  }
}

function residentMb(pid: number | undefined): number | null {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kib === undefined ? null : (Number(kib) * 1024) / 1e6
  } catch {
    return null // not Linux
  }
}
