import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { Actor, HttpAgent } from '@dfinity/agent'
import { openIdentities } from '@medguard/cli'
import { parseNetwork, type Network } from '@medguard/client'
import {
  auditService,
  consentService,
  DERIVATIONS_PER_HOUR_DEFAULT,
  idlFactoryOf,
  Principal,
  recordsService,
  refusalOf,
  type Result,
  type Service,
} from '@medguard/protocol'

import { ROOT, UsageError, type CanisterName } from './project.ts'

const USAGE = `usage: npm run configure -- --network FILE [--derivations-per-hour N] [--as NAME]

  --network    network file: url, rootKey, canister ids, keyName (docs/network-file.md)
  --derivations-per-hour   what consent allows one person (default 12)
  --as         an identity of this machine that controls the canisters; without it the commands for dfx are printed`

interface Step {
  readonly name: CanisterName
  readonly service: Service
  readonly argument: Readonly<Record<string, Principal | string | number>>
}

/** Tells freshly installed canisters about each other, once (they answer `NotReady` before). */
export async function main(args: readonly string[]): Promise<void> {
  const { network, keyName, derivationsPerHour, identityName } = readOptions(args)
  const id = (name: CanisterName) => Principal.fromText(network.canisters[name])
  const [consent, records, audit] = [id('consent'), id('records'), id('audit')]
  const steps: readonly Step[] = [
    { name: 'audit', service: auditService, argument: { consent, records } },
    { name: 'consent', service: consentService, argument: { records, audit, keyName, derivationsPerHour } },
    { name: 'records', service: recordsService, argument: { consent, audit } },
  ]
  if (identityName === undefined) {
    for (const step of steps) console.log(commandOf(step))
    return
  }
  const identity = openIdentities(join(ROOT, '.medguard')).open(identityName)
  const agent = HttpAgent.createSync({ identity, host: network.url, rootKey: network.rootKey })
  for (const step of steps) await configure(agent, id(step.name), step)
}

async function configure(agent: HttpAgent, canisterId: Principal, { name, service, argument }: Step): Promise<void> {
  const actor = Actor.createActor(idlFactoryOf(service), { agent, canisterId })
  const result = (await actor['configure']?.(argument)) as Result<null>
  if ('Ok' in result) return console.log(`${name}: configured`)
  const { kind } = refusalOf(result.Err)
  if (kind === 'AlreadyDone') return console.log(`${name}: was configured before`)
  throw new UsageError(`${name} refused its configuration: ${kind}`)
}

function commandOf({ name, argument }: Step): string {
  const fields = Object.entries(argument).map(([field, value]) => {
    if (typeof value === 'number') return `${field} = ${value} : nat32`
    return typeof value === 'string' ? `${field} = "${value}"` : `${field} = principal "${value.toText()}"`
  })
  return `dfx canister call ${name} configure '(record { ${fields.join('; ')} })'`
}

function readOptions(args: readonly string[]) {
  const parse = () =>
    parseArgs({
      args: [...args],
      options: {
        network: { type: 'string' },
        'derivations-per-hour': { type: 'string', default: String(DERIVATIONS_PER_HOUR_DEFAULT) },
        as: { type: 'string' },
      },
    }).values
  let values: ReturnType<typeof parse>
  try {
    values = parse()
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : 'unknown option'}\n\n${USAGE}`)
  }
  const { network: file, 'derivations-per-hour': perHour, as } = values
  if (file === undefined) throw new UsageError(USAGE)
  if (!/^[1-9]\d{0,5}$/.test(perHour)) throw new UsageError(`${perHour} is not a number of derivations`)
  return { ...readNetwork(file), derivationsPerHour: Number(perHour), identityName: as }
}

/** `keyName` is the vetKD key of that network; it can never be changed without losing all data. */
function readNetwork(file: string): { readonly network: Network; readonly keyName: string } {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new UsageError(`cannot read ${file}`)
  }
  const network = parseNetwork(text)
  if (network === null) throw new UsageError(`${file} is not a network file (docs/network-file.md)`)
  // Present and known, or the line above had thrown.
  const { keyName } = JSON.parse(text) as { keyName: string }
  return { network, keyName }
}
