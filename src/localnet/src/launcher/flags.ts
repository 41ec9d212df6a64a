import { parseArgs } from 'node:util'
import type { SubnetOptions } from '../index.ts'

export const USAGE = `usage: localnet-launcher --interface-version 1.1.0 --state-dir FOLDER --status-dir FOLDER
  [--bind ADDRESS] [--gateway-port PORT] [--domain NAME]… [--subnet KIND]… [--artificial-delay-ms N] [--verbose]

Started by \`icp network start\` when ICP_CLI_NETWORK_LAUNCHER_PATH names it; runs until SIGINT or SIGTERM.`

/** What the launcher interface asks for, as far as this network has it. */
export interface LauncherFlags {
  readonly stateDir: string
  readonly statusDir: string
  /** 0 for any free one. */
  readonly port: number
  readonly artificialDelayMs: number
  /** Beside the root subnet. */
  readonly subnets: readonly SubnetOptions[]
  readonly verbose: boolean
}

/** A command line that cannot be carried out. The message says why. */
export class UsageProblem extends Error {}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1'])
const DELAY_MS_MAX = 60_000
/** Nobody is told that something runs which does not. */
const NOT_OFFERED: Readonly<Record<string, string>> = {
  ii: 'there is no Internet Identity canister here; sign in at the page that the network has built in',
  nns: 'there are no NNS canisters here but stand-ins for its ledgers',
  'bitcoind-addr': 'there is no Bitcoin integration here',
  'dogecoind-addr': 'there is no Dogecoin integration here',
}

/** @throws UsageProblem */
export function readFlags(argv: readonly string[]): LauncherFlags {
  const values = parse(argv)
  const required = (name: 'interface-version' | 'state-dir' | 'status-dir') => {
    const value = values[name]
    if (value === undefined) throw new UsageProblem(`--${name} is missing`)
    return value
  }
  const version = required('interface-version')
  if (!/^1\.\d+\.\d+$/.test(version)) {
    throw new UsageProblem(`version ${version} of the launcher interface is not known here, only 1`)
  }
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
    stateDir: required('state-dir'),
    statusDir: required('status-dir'),
    port: number('gateway-port', values['gateway-port'], 65_535),
    artificialDelayMs: number('artificial-delay-ms', values['artificial-delay-ms'], DELAY_MS_MAX),
    subnets: readSubnets(values.subnet ?? []),
    verbose: values.verbose ?? false,
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        'interface-version': { type: 'string' },
        'state-dir': { type: 'string' },
        'status-dir': { type: 'string' },
        bind: { type: 'string' },
        'gateway-port': { type: 'string' },
        domain: { type: 'string', multiple: true },
        subnet: { type: 'string', multiple: true },
        'artificial-delay-ms': { type: 'string' },
        verbose: { type: 'boolean' },
        ii: { type: 'boolean' },
        nns: { type: 'boolean' },
        'bitcoind-addr': { type: 'string', multiple: true },
        'dogecoind-addr': { type: 'string', multiple: true },
      },
    }).values
  } catch (error) {
    throw new UsageProblem(error instanceof Error ? error.message : 'unknown option')
  }
}

/** The root subnet, which is always there, takes applications: whoever asks for no more than one such subnet has it. */
function readSubnets(kinds: readonly string[]): SubnetOptions[] {
  const subnets = kinds.map((kind): SubnetOptions => {
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
