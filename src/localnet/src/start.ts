// `npm run localnet -- start`: the network on its own, until a signal ends it.
import { parseArgs } from 'node:util'
import { hex } from './certificates/index.ts'
import {
  DEFAULT_PORT,
  type Localnet,
  type LocalnetOptions,
  PortUnavailable,
  startLocalnet,
  StateFolderProblem,
  type SubnetOptions,
  SubnetsProblem,
} from './index.ts'
import { nextSignal } from './signals.ts'

const USAGE = `usage: localnet start [--port NUMBER] [--state FOLDER] [--clean] [--subnet KIND]...

  --port    port of network, pages and sign-in; 0 for any free one (default ${DEFAULT_PORT})
  --state   folder that keeps the network between runs; without it nothing is kept
  --clean   forget what that folder holds
  --subnet  one more subnet beside the root subnet, application or system; once for each`

/** A command that cannot be carried out as written. */
class UsageProblem extends Error {}

/**
 * Prints one line of JSON, `{url, rootKey, port}`, when the network answers, and returns when a signal has ended it.
 * @returns exit code: 0 after SIGINT or SIGTERM, 1 for a network that broke, 2 for a command or setting that cannot work.
 */
export async function main(argv: readonly string[]): Promise<number> {
  let localnet: Localnet
  const stopped = nextSignal()
  try {
    localnet = await startLocalnet(readCommand(argv))
  } catch (error) {
    stopped.now()
    if (error instanceof UsageProblem) console.error(`localnet: ${error.message}\n\n${USAGE}`)
    else if (isExpected(error)) console.error(`localnet: ${error.message}`)
    else throw error
    return 2
  }
  console.log(JSON.stringify({ url: localnet.url, rootKey: hex(localnet.rootKey), port: localnet.port }))
  const fault = await Promise.race([stopped.signal, localnet.broken])
  if (fault !== null) console.error('localnet: the network broke.', fault)
  await localnet.close()
  return fault === null ? 0 : 1
}

const isExpected = (error: unknown): error is Error =>
  error instanceof PortUnavailable || error instanceof StateFolderProblem || error instanceof SubnetsProblem

function readCommand(argv: readonly string[]): LocalnetOptions {
  let parsed
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        state: { type: 'string' },
        clean: { type: 'boolean' },
        subnet: { type: 'string', multiple: true },
      },
    })
  } catch (error) {
    throw new UsageProblem(error instanceof Error ? error.message : 'unknown option')
  }
  const { values, positionals } = parsed
  if (positionals.length !== 1 || positionals[0] !== 'start') throw new UsageProblem('the one command is start')
  const port = values.port ?? String(DEFAULT_PORT)
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageProblem(`${port} is not a port`)
  const clean = values.clean ?? false
  if (clean && values.state === undefined) throw new UsageProblem('--clean needs --state')
  return { port: Number(port), stateDir: values.state ?? null, clean, subnets: (values.subnet ?? []).map(readSubnet) }
}

function readSubnet(kind: string): SubnetOptions {
  if (kind === 'application' || kind === 'system') return { kind }
  throw new UsageProblem(`${kind} is not a kind of subnet`)
}
