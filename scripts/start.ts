import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { LOG_SHARDS_FILE, readLogShards, writeLogShards } from '@medguard/cli'
import { DEFAULT_PORT, PortUnavailable, StateFolderProblem, startLocalnet, type Localnet } from '@medguard/localnet'

import { APP_FOLDER, buildApp, developmentTarget, SHARDED_PAGE_FOLDER } from './build-app.ts'
import { councilOfDemo, DEMO_MARK, seedDemo } from './demo.ts'
import { buildCanister, type BuiltCanister } from './canister/build.ts'
import { createLogShard, deploy, DEVELOPMENT_CANISTERS, DEVELOPMENT_OPERATOR_ID, DeployFault } from './deploy.ts'
import { deployPage } from './deploy/page.ts'
import type { Uploaded } from './page/upload.ts'
import { readOptions } from './options.ts'
import { CANISTERS, DEFAULT_STATE, UsageError, type CanisterName } from './project.ts'

const USAGE = `usage: npm start -- [--port NUMBER] [--state FOLDER] [--clean] [--demo] [--upgrade] [--open-log-shard]

  --port   port of everything, 0 for any free one (default ${DEFAULT_PORT})
  --state  folder that keeps network and people between runs (default .medguard)
  --clean  start with an empty network; people keep their keys
  --demo   fill the network with sample people, their records, a hospital and a council
  --upgrade  upgrade the canisters even if nothing in them changed
  --open-log-shard  give the log another canister, for good, where whoever enrols from now on is (docs/log-storage.md)`

/** What stands on the last line of standard output once everything runs. */
export interface Started {
  readonly app: string
  readonly network: string
  /** Hexadecimal DER. */
  readonly rootKey: string
  readonly canisters: Readonly<Record<CanisterName | 'frontend', string>>
  /** Further canisters of the log; absent where there are none. */
  readonly logShards?: readonly string[]
}

interface Options {
  readonly port: number
  readonly stateDir: string
  readonly clean: boolean
  readonly demo: boolean
  readonly upgrade: boolean
  readonly openLogShard: boolean
}

/** Builds what changed, runs the network with canisters and app, and returns when a signal has ended it. */
export async function main(args: readonly string[]): Promise<void> {
  const options = optionsFrom(args)
  const ended = nextSignal()
  const builds = await buildAll()
  let localnet: Localnet
  try {
    const { port, stateDir, clean } = options
    // The command line remembers heads of the log; a new log has no history with them, and nobody of the demo in it.
    const beforeClean = () => {
      for (const file of ['heads', DEMO_MARK, LOG_SHARDS_FILE])
        rmSync(join(stateDir, file), { recursive: true, force: true })
    }
    localnet = await startLocalnet({ port, clean, beforeClean, stateDir: join(stateDir, 'network') })
  } catch (error) {
    if (error instanceof PortUnavailable || error instanceof StateFolderProblem) throw new UsageError(error.message)
    throw error
  }
  try {
    const started = await bringUp(localnet, builds, options)
    if (options.demo) {
      await seedDemo(started, options.stateDir, say)
    }
    say(`ready: open ${started.app} in a browser; Ctrl-C stops it`)
    console.log(JSON.stringify(started))
    const fault = await Promise.race([ended, localnet.broken])
    if (fault !== null) throw fault
  } catch (error) {
    if (error instanceof DeployFault) throw new UsageError(`the canisters could not be deployed: ${error.message}`)
    throw error
  } finally {
    await localnet.close()
  }
}

async function buildAll(): Promise<Record<CanisterName, BuiltCanister>> {
  const builds: Partial<Record<CanisterName, BuiltCanister>> = {}
  for (const name of CANISTERS) {
    const built = await buildCanister(name)
    builds[name] = built
    if (!built.cached) say(`built canister ${name}`)
  }
  if (!(await buildApp()).cached) say('built the app')
  return builds as Record<CanisterName, BuiltCanister>
}

async function bringUp(
  localnet: Localnet,
  builds: Record<CanisterName, BuiltCanister>,
  { upgrade: upgradeUnchanged, demo, stateDir, openLogShard }: Options,
): Promise<Started> {
  const council = demo ? { council: councilOfDemo(DEVELOPMENT_CANISTERS.frontend) } : {}
  const known = readLogShards(stateDir)
  const { canisters, changes } = await deploy(localnet, { builds, upgradeUnchanged, logShards: known, ...council })
  for (const name of CANISTERS) if (changes[name] !== 'unchanged') say(`${changes[name]} ${name} ${canisters[name]}`)
  const logShards = openLogShard ? [...known, await createLogShard(localnet)] : known
  if (openLogShard) {
    // Written down first: whatever happens then, the next start brings it.
    writeLogShards(stateDir, logShards)
    await deploy(localnet, { builds, logShards, ...council })
    say(`opened audit ${logShards.length} ${logShards.at(-1)}`)
  }
  const { changed, deleted } = await bringPage(localnet, logShards)
  if (changed.length + deleted.length > 0) say(`uploaded the app ${canisters.frontend}`)
  const app = localnet.siteUrl(canisters.frontend)
  const rootKey = Buffer.from(localnet.rootKey).toString('hex')
  return { app, network: localnet.url, rootKey, canisters, ...(logShards.length > 0 && { logShards }) }
}

/** The page pins whom it talks to, so that of a log of several canisters is a page of its own. */
async function bringPage(localnet: Localnet, logShards: readonly string[]): Promise<Uploaded> {
  if (logShards.length === 0) return deployPage(localnet, APP_FOLDER, DEVELOPMENT_OPERATOR_ID)
  const canisters = { ...DEVELOPMENT_CANISTERS, logShards }
  await buildApp(developmentTarget(canisters), SHARDED_PAGE_FOLDER)
  return deployPage(localnet, SHARDED_PAGE_FOLDER, DEVELOPMENT_OPERATOR_ID, canisters)
}

function optionsFrom(args: readonly string[]): Options {
  const known = {
    port: { type: 'string', default: String(DEFAULT_PORT) },
    state: { type: 'string' },
    clean: { type: 'boolean', default: false },
    demo: { type: 'boolean', default: false },
    upgrade: { type: 'boolean', default: false },
    'open-log-shard': { type: 'boolean', default: false },
  } as const
  const read = readOptions(args, known, USAGE)
  const { port, state, clean, demo, upgrade } = read
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError(`${port} is not a port\n\n${USAGE}`)
  // A relative folder is the caller's, not the project's.
  const stateDir = state === undefined ? DEFAULT_STATE : resolve(state)
  return { port: Number(port), stateDir, clean, demo, upgrade, openLogShard: read['open-log-shard'] }
}

/** Progress goes to standard error: standard output carries the one line for programs. */
const say = (line: string) => console.error(line)

/** The first signal asks everything to finish, the second ends the process at once. */
function nextSignal(): Promise<null> {
  const names = ['SIGINT', 'SIGTERM'] as const
  return new Promise((resolveSignal) => {
    const onSignal = () => {
      for (const name of names) process.off(name, onSignal)
      for (const name of names) process.once(name, () => process.exit(130))
      resolveSignal(null)
    }
    for (const name of names) process.on(name, onSignal)
  })
}
