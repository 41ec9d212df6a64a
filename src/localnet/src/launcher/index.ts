// The network behind the launcher interface of the official command line: `icp network start` runs this as its network.
import { existsSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Principal } from '@dfinity/principal'
import { hex } from '../certificates/index.ts'
import { type Localnet, PortUnavailable, startLocalnet, StateFolderProblem, SubnetsProblem } from '../index.ts'
import { nextSignal } from '../signals.ts'
import { type LauncherFlags, readFlags, USAGE, UsageProblem } from './flags.ts'

/** Version of the status file. */
const STATUS_VERSION = '1'
/** Any canister of the root subnet will do: the first that users create. */
const EFFECTIVE_CANISTER_ID = Principal.fromText('bnz7o-iuaaa-aaaaa-qaaaa-cai').toText()

/**
 * Starts the network, writes `status.json` once it answers, and returns when a signal has ended it.
 * @returns exit code: 0 after SIGINT or SIGTERM, 1 for a network that broke, 2 for flags or settings that cannot work.
 */
export async function main(argv: readonly string[]): Promise<number> {
  // Ctrl-C in a terminal reaches icp, which signals in turn, and the launcher itself.
  const stopped = nextSignal('ignore')
  let flags: LauncherFlags
  let localnet: Localnet
  try {
    flags = readFlags(argv)
    const { port, stateDir, artificialDelayMs, subnets } = flags
    if (!existsSync(flags.statusDir)) throw new UsageProblem(`--status-dir ${flags.statusDir} does not exist`)
    localnet = await startLocalnet({ port, stateDir, artificialDelayMs, subnets })
  } catch (error) {
    stopped.now()
    if (error instanceof UsageProblem) console.error(`localnet-launcher: ${error.message}\n\n${USAGE}`)
    else if (
      error instanceof PortUnavailable ||
      error instanceof StateFolderProblem ||
      error instanceof SubnetsProblem
    ) {
      console.error(`localnet-launcher: ${error.message}`)
    } else throw error
    return 2
  }
  const statusFile = join(flags.statusDir, 'status.json')
  try {
    writeFileSync(statusFile, `${JSON.stringify(statusOf(localnet))}\n`)
    console.log(`localnet answers at ${localnet.url}`)
    if (flags.verbose) console.log(`state: ${flags.stateDir}; sign-in page: ${localnet.identityProviderUrl}`)
    const fault = await Promise.race([stopped.signal, localnet.broken])
    if (fault !== null) console.error('localnet-launcher: the network broke.', fault)
    return fault === null ? 0 : 1
  } finally {
    await localnet.close()
    cleanUp(flags.statusDir, statusFile)
  }
}

/** The folder was made for this run and is the launcher's to remove, unless somebody keeps something in it. */
function cleanUp(statusDir: string, statusFile: string): void {
  rmSync(statusFile, { force: true })
  if (existsSync(statusDir) && readdirSync(statusDir).length === 0) rmdirSync(statusDir)
}

const statusOf = ({ port, rootKey }: Localnet) => ({
  v: STATUS_VERSION,
  gateway_port: port,
  root_key: hex(rootKey),
  default_effective_canister_id: EFFECTIVE_CANISTER_ID,
})
