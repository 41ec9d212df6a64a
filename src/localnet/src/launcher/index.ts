// The network behind the launcher interface of the official command line: `icp network start` runs this as its network.
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Principal } from '@dfinity/principal'
import { hex } from '../certificates/index.ts'
import { type Localnet, PortUnavailable, startLocalnet, StateFolderProblem, SubnetsProblem } from '../index.ts'
import { nextSignal } from '../signals.ts'
import { type LauncherFlags, readFlags, USAGE, UsageProblem } from './flags.ts'

/** Version of the status file. */
const STATUS_VERSION = '1'
const STATUS_FILE = 'status.json'
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
    flags = readFlags(argv, process.env)
    const { port, stateDir, artificialDelayMs, subnets } = flags
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
  const { statusDir, stateDir, unknown, verbose } = flags
  try {
    if (unknown.length > 0) console.error(`localnet-launcher: passed over ${unknown.join(' ')}, unknown here`)
    if (statusDir !== null) writeStatus(statusDir, localnet)
    console.log(`localnet answers at ${localnet.url}`)
    if (verbose) console.log(`state: ${stateDir ?? 'none'}; sign-in page: ${localnet.identityProviderUrl}`)
    const fault = await Promise.race([stopped.signal, localnet.broken])
    if (fault !== null) console.error('localnet-launcher: the network broke.', fault)
    return fault === null ? 0 : 1
  } finally {
    await localnet.close()
    if (statusDir !== null) cleanUp(statusDir)
  }
}

/** One line, written at once: whoever waits for the file reads it when it has a whole line. */
function writeStatus(statusDir: string, localnet: Localnet): void {
  mkdirSync(statusDir, { recursive: true })
  writeFileSync(join(statusDir, STATUS_FILE), `${JSON.stringify(statusOf(localnet))}\n`)
}

/** The folder was made for this run and is the launcher's to remove, unless somebody keeps something in it. */
function cleanUp(statusDir: string): void {
  rmSync(join(statusDir, STATUS_FILE), { force: true })
  if (existsSync(statusDir) && readdirSync(statusDir).length === 0) rmdirSync(statusDir)
}

const statusOf = ({ port, rootKey }: Localnet) => ({
  v: STATUS_VERSION,
  gateway_port: port,
  root_key: hex(rootKey),
  default_effective_canister_id: EFFECTIVE_CANISTER_ID,
})
