import { parseArgs } from 'node:util'
import type { SubnetOptions } from '../index.ts'

export const USAGE = `usage: localnet-launcher [--interface-version VERSION] [--state-dir FOLDER] [--status-dir FOLDER] [--bind ADDRESS]
  [--gateway-port PORT] [--domain NAME]… [--subnet application|system|nns]… [--artificial-delay-ms N] [--verbose]

Started by \`icp network start\` when ICP_CLI_NETWORK_LAUNCHER_PATH names it; runs until SIGINT or SIGTERM.`

/** What the launcher interface asks for, as far as this network has it. */
export interface LauncherFlags {
  /** null keeps nothing. */
  readonly stateDir: string | null
  /** Where the status file goes; null writes none. */
  readonly statusDir: string | null
  /** 0 for any free one. */
  readonly port: number
  readonly artificialDelayMs: number
  /** Beside the root subnet. */
  readonly subnets: readonly SubnetOptions[]
  readonly verbose: boolean
  /** Flags of a newer interface, which an older launcher is to pass over. */
  readonly unknown: readonly string[]
}

/** A command line that cannot be carried out. The message says why. */
export class UsageProblem extends Error {}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1'])
const DELAY_MS_MAX = 60_000
/** Nobody is told that something runs which does not. */
const NO_POCKET_IC = 'this network is one process without PocketIC'
const NOT_OFFERED: Readonly<Record<string, string>> = {
  ii: 'there is no Internet Identity canister here; sign in at the page that the network has built in',
  nns: 'there are no NNS canisters here but stand-ins for its ledgers',
  'bitcoind-addr': 'there is no Bitcoin integration here',
  'dogecoind-addr': 'there is no Dogecoin integration here',
  'config-port': NO_POCKET_IC,
  'pocketic-server-path': NO_POCKET_IC,
  'stdout-file': NO_POCKET_IC,
  'stderr-file': NO_POCKET_IC,
}

const VERSION_VARIABLE = 'ICP_CLI_NETWORK_LAUNCHER_INTERFACE_VERSION'
/** Minor version of the interface 1 whose flags are all known here. */
const KNOWN_MINOR = 1
const TEXT = { type: 'string' } as const
const TEXTS = { type: 'string', multiple: true } as const
const SWITCH = { type: 'boolean' } as const
const OPTIONS = {
  'interface-version': TEXT,
  'state-dir': TEXT,
  'status-dir': TEXT,
  bind: TEXT,
  'gateway-port': TEXT,
  domain: TEXTS,
  subnet: TEXTS,
  'artificial-delay-ms': TEXT,
  verbose: SWITCH,
  ii: SWITCH,
  nns: SWITCH,
  'bitcoind-addr': TEXTS,
  'dogecoind-addr': TEXTS,
  'config-port': TEXT,
  'pocketic-server-path': TEXT,
  'stdout-file': TEXT,
  'stderr-file': TEXT,
} as const

/**
 * Source: the launcher that icp-cli uses unless told otherwise, dfinity/icp-cli-network-launcher.
 *
 * @throws UsageProblem
 */
export function readFlags(argv: readonly string[], environment: NodeJS.ProcessEnv = {}): LauncherFlags {
  const { known, unknown } = sortOut(argv)
  const values = parse(known)
  const version = values['interface-version'] ?? environment[VERSION_VARIABLE]
  const isNewer = isNewerInterface(version)
  if (unknown[0] !== undefined && !isNewer)
    throw new UsageProblem(`${unknown[0]} is not a flag of the launcher interface`)
  for (const [name, why] of Object.entries(NOT_OFFERED)) {
    if (Object.hasOwn(values, name)) throw new UsageProblem(`--${name} cannot be served: ${why}`)
  }
  const bind = values.bind ?? '127.0.0.1'
  if (!LOOPBACK.has(bind)) throw new UsageProblem(`--bind ${bind} is refused: this network listens on loopback only`)
  for (const domain of values.domain ?? []) {
    if (!LOOPBACK.has(domain) && !domain.endsWith('.localhost')) {
      throw new UsageProblem(`--domain ${domain} is refused: this network answers under localhost only`)
    }
  }
  return {
    stateDir: values['state-dir'] ?? null,
    statusDir: values['status-dir'] ?? null,
    unknown,
    port: number('gateway-port', values['gateway-port'], 65_535),
    artificialDelayMs: number('artificial-delay-ms', values['artificial-delay-ms'], DELAY_MS_MAX),
    subnets: readSubnets(values.subnet ?? []),
    verbose: values.verbose ?? false,
  }
}

/** Parts what is a flag here, with its value, from everything else. */
function sortOut(argv: readonly string[]): { readonly known: string[]; readonly unknown: string[] } {
  const { tokens } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const known: string[] = []
  const unknown: string[] = []
  for (const token of tokens) {
    if (token.kind === 'option' && Object.hasOwn(OPTIONS, token.name)) {
      known.push(token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`)
    } else unknown.push(token.kind === 'option' ? token.rawName : token.kind === 'positional' ? token.value : '--')
  }
  return { known, unknown }
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values
  } catch (error) {
    throw new UsageProblem(error instanceof Error ? error.message : 'unknown option')
  }
}

/** @throws UsageProblem for another interface altogether. */
function isNewerInterface(version: string | undefined): boolean {
  if (version === undefined) return false
  const minor = /^1\.(\d+)\.\d+$/.exec(version)?.[1]
  if (minor === undefined) {
    throw new UsageProblem(`version ${version} of the launcher interface is not known here, only 1`)
  }
  return Number(minor) > KNOWN_MINOR
}

/** The root subnet, which is always there, takes applications: whoever asks for no more than one such subnet has it. It is the NNS subnet too. */
function readSubnets(kinds: readonly string[]): SubnetOptions[] {
  const subnets = kinds
    .filter((kind) => kind !== 'nns')
    .map((kind): SubnetOptions => {
      if (kind === 'application' || kind === 'system') return { kind }
      throw new UsageProblem(`--subnet ${kind} cannot be served: subnets here are of kind application or system`)
    })
  return subnets.length === 1 && subnets[0]?.kind === 'application' ? [] : subnets
}

function number(name: string, text: string | undefined, max: number): number {
  if (text === undefined) return 0
  if (!/^\d{1,6}$/.test(text) || Number(text) > max)
    throw new UsageProblem(`--${name} ${text} is not a number up to ${max}`)
  return Number(text)
}
