// Where a script runs that `icp` started as a sync step: it names canister and network in the environment, and knows the rest.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { AnonymousIdentity, type Identity } from '@dfinity/agent'
import { LOCALNET_ROOT_KEY } from '@medguard/localnet'

import { CANISTERS, ROOT, UsageError, type CanisterName } from '../project.ts'
import { pemIdentity } from './pem-identity.ts'

export interface IcpEnvironment {
  /** Origin of the API. */
  readonly url: string
  /** DER, hexadecimal. */
  readonly rootKey: string
  /** Text id of the canister that the step belongs to. */
  readonly canisterId: string
  /** Whether this is a development network, whose keys are public. */
  readonly isDevelopment: boolean
  /** Text ids of our canisters; null if `icp` has not created all of them. */
  readonly canisters: Readonly<Record<CanisterName, string>> | null
}

const INSTALLED = join(ROOT, 'node_modules/@icp-sdk/icp-cli-linux-x64/bin/icp')
const TIMEOUT_MS = 60_000
const run = promisify(execFile)

/** @returns null outside of `icp`. @throws UsageError when `icp` does not know its network. */
export async function icpEnvironment(): Promise<IcpEnvironment | null> {
  const { ICP_CLI_CID: canisterId, ICP_CLI_NETWORK: network } = process.env
  if (canisterId === undefined || network === undefined) return null
  const status: unknown = JSON.parse(await icp('network', 'status', network, '--json'))
  const { api_url: url, root_key: rootKey } = status as Readonly<Record<string, unknown>>
  if (typeof url !== 'string' || typeof rootKey !== 'string') throw new UsageError(`icp says nothing of ${network}`)
  const isDevelopment = rootKey === Buffer.from(LOCALNET_ROOT_KEY).toString('hex')
  return { url, rootKey, canisterId, isDevelopment, canisters: canistersOf(process.env) }
}

function canistersOf(environment: NodeJS.ProcessEnv): Record<CanisterName, string> | null {
  const [consent, records, audit] = CANISTERS.map((name) => environment[`ICP_CLI_CID_${name.toUpperCase()}`])
  return consent === undefined || records === undefined || audit === undefined ? null : { consent, records, audit }
}

/** The identity that `icp` uses unless told otherwise. @throws UsageError when it keeps that key to itself. */
export async function icpIdentity(): Promise<Identity> {
  const name = (await icp('identity', 'default')).trim()
  return name === 'anonymous' ? new AnonymousIdentity() : pemIdentity(await icp('identity', 'export', name))
}

export async function icp(...args: readonly string[]): Promise<string> {
  for (const program of ['icp', ...(existsSync(INSTALLED) ? [INSTALLED] : [])]) {
    try {
      const { stdout } = await run(program, args, { cwd: ROOT, timeout: TIMEOUT_MS })
      return stdout
    } catch (error) {
      const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: unknown }
      if (code === 'ENOENT') continue
      throw new UsageError(`icp ${args.join(' ')} failed: ${typeof stderr === 'string' ? stderr.trim() : String(code)}`)
    }
  }
  throw new UsageError('the command icp is not installed')
}
