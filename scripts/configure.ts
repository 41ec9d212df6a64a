import { Actor, HttpAgent } from '@dfinity/agent'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { openIdentities } from '@medguard/cli'
import type { Network } from '@medguard/client'
import {
  auditService,
  consentService,
  type Council,
  DERIVATIONS_PER_HOUR_DEFAULT,
  idlFactoryOf,
  Principal,
  recordsService,
  refusalOf,
  type Result,
  type Service,
} from '@medguard/protocol'

import { icp, icpEnvironment, type IcpEnvironment } from './deploy/icp-environment.ts'
import { readNetwork } from './deploy/network-file.ts'
import { readOptions } from './options.ts'
import { DEFAULT_STATE, UsageError, type CanisterName } from './project.ts'

const USAGE = `usage: npm run configure -- --network FILE [--derivations-per-hour N] [--council WHO,WHO,WHO --threshold K] [--as NAME] [--open-log-shard]

  --network    network file: url, rootKey, canister ids, keyName (docs/network-file.md)
  --derivations-per-hour   what consent allows one person (default 12; to be given with --open-log-shard)
  --council    share codes of the people who verify organisations; production needs at least three
  --threshold  how many of them have to agree, more than half
  --as         an identity of this machine that controls the canisters; without it the commands for dfx are printed
  --open-log-shard   prints what opens the last of the network file's logShards beside what is there, in this order

  As a sync step of icp on a development network, everything comes from icp, and the canisters are given cycles to work with.`

/** As in `npm start`. */
const DEVELOPMENT: Terms = { keyName: 'dfx_test_key', derivationsPerHour: 600, council: [] }
const DEVELOPMENT_CYCLES = '50T'

interface Terms {
  readonly keyName: string
  readonly derivationsPerHour: number
  /** None: nobody is verified, and nobody has to be. */
  readonly council: [] | [Council]
}
type Value = Principal | string | number | [] | [Council] | [Principal[]]
interface Step {
  readonly name: CanisterName
  readonly service: Service
  /** Default `configure`. */
  readonly method?: 'configure' | 'configureCheckpoints'
  readonly argument: Readonly<Record<string, Value>>
}

/** Tells freshly installed canisters about each other, once (they answer `NotReady` before). */
export async function main(args: readonly string[]): Promise<void> {
  const underIcp = args.length === 0 ? await icpEnvironment() : null
  if (underIcp !== null) return configureUnderIcp(underIcp)
  const { network, keyName, derivationsPerHour, council, identityName, isOpening } = readTarget(args)
  if (isOpening) return printOpening(network.canisters, { keyName, derivationsPerHour, council })
  const id = (name: CanisterName) => Principal.fromText(network.canisters[name])
  const steps = stepsFor(network.canisters, { keyName, derivationsPerHour, council })
  if (identityName === undefined) {
    for (const step of steps) console.log(commandOf(step))
    return
  }
  const identity = openIdentities(DEFAULT_STATE).open(identityName)
  const agent = HttpAgent.createSync({ identity, host: network.url, rootKey: network.rootKey })
  for (const step of steps) await configure(agent, id(step.name), step)
}

/** `npm start` sets up canisters in the same way. A network that people rely on chooses its key itself, and for ever. */
async function configureUnderIcp({ url, rootKey, isDevelopment, canisters }: IcpEnvironment): Promise<void> {
  if (!isDevelopment) return console.log('configure: now tell the canisters about each other, see npm run configure')
  if (canisters === null) return console.log('configure: not all canisters are there yet')
  // Whoever icp acts for may have a key that only icp can use, or none: the canisters refuse anonymous callers.
  const identity = Ed25519KeyIdentity.generate()
  const agent = HttpAgent.createSync({ identity, host: url, rootKey: new Uint8Array(Buffer.from(rootKey, 'hex')) })
  const controller = identity.getPrincipal().toText()
  for (const step of stepsFor(canisters, DEVELOPMENT)) {
    const change = (flag: string) =>
      icp('canister', 'settings', 'update', step.name, flag, controller, '--force', ...environmentFlags())
    await change('--add-controller')
    let isNew: boolean
    try {
      isNew = await configure(agent, Principal.fromText(canisters[step.name]), step)
    } finally {
      await change('--remove-controller')
    }
    // icp creates canisters with the least that they need to live.
    if (isNew && step.method === undefined)
      await icp('canister', 'top-up', step.name, '--amount', DEVELOPMENT_CYCLES, ...environmentFlags())
  }
}

const environmentFlags = (): string[] => {
  const name = process.env['ICP_CLI_ENVIRONMENT']
  return name === undefined ? [] : ['--environment', name]
}

/** The log first: the others announce their configuration to it. */
function stepsFor(
  ids: Network['canisters'],
  { keyName, derivationsPerHour, council }: Terms,
): readonly [log: Step, checkpoints: Step, consent: Step, records: Step] {
  const [consent, records, audit] = [ids.consent, ids.records, ids.audit].map((id) => Principal.fromText(id)) as [
    Principal,
    Principal,
    Principal,
  ]
  const shards = ids.logShards?.map((id) => Principal.fromText(id)) ?? []
  const logShards: [] | [Principal[]] = shards.length === 0 ? [] : [shards]
  const shared = { audit, council, logShards }
  return [
    { name: 'audit', service: auditService, argument: { consent, records, logShards } },
    { name: 'audit', service: auditService, method: 'configureCheckpoints', argument: { keyName } },
    { name: 'consent', service: consentService, argument: { ...shared, records, keyName, derivationsPerHour } },
    { name: 'records', service: recordsService, argument: { ...shared, consent } },
  ]
}

/**
 * Another canister of the log beside those that are there (docs/deployment.md). Consent last: it puts nobody into a shard that records has not said it knows.
 *
 * @throws UsageError for a network file that names none.
 */
function printOpening(ids: Network['canisters'], terms: Terms): void {
  const newest = ids.logShards?.at(-1)
  if (newest === undefined) throw new UsageError('the network file names no logShards')
  const [log, , consent, records] = stepsFor(ids, terms)
  const ofNewest = { ...log, argument: { ...log.argument, logShards: [] as [] } }
  console.log(`dfx canister call ${newest} configure '(${recordText(ofNewest)})'`)
  for (const step of [log, records, consent])
    console.log(`dfx canister install ${step.name} --mode upgrade --argument '(opt ${recordText(step)})'`)
}

/** @returns whether it was not configured before. */
async function configure(agent: HttpAgent, canisterId: Principal, step: Step): Promise<boolean> {
  const { name, service, method = 'configure', argument } = step
  const actor = Actor.createActor(idlFactoryOf(service), { agent, canisterId })
  const result = (await actor[method]?.(argument)) as Result<null>
  if ('Ok' in result) {
    console.log(`${name}: configured`)
    return true
  }
  const { kind } = refusalOf(result.Err)
  if (kind === 'AlreadyDone') {
    console.log(`${name}: was configured before`)
    return false
  }
  throw new UsageError(`${name} refused its configuration: ${kind}`)
}

const commandOf = (step: Step): string =>
  `dfx canister call ${step.name} ${step.method ?? 'configure'} '(${recordText(step)})'`

function recordText({ argument }: Step): string {
  const fields = Object.entries(argument).map(([field, value]) => {
    if (typeof value === 'number') return `${field} = ${value} : nat32`
    if (Array.isArray(value)) return `${field} = ${optionText(value)}`
    return typeof value === 'string' ? `${field} = "${value}"` : `${field} = principal "${value.toText()}"`
  })
  return `record { ${fields.join('; ')} }`
}

function optionText([value]: [] | [Council] | [Principal[]]): string {
  if (value === undefined) return 'null'
  if (Array.isArray(value)) return `opt ${principalsText(value)}`
  return `opt record { members = ${principalsText(value.members)}; threshold = ${value.threshold} : nat8 }`
}
const principalsText = (all: readonly Principal[]): string =>
  `vec { ${all.map((each) => `principal "${each.toText()}"`).join('; ')} }`

/** @throws UsageError for what the canisters would refuse. */
function readCouncil(members: string | undefined, threshold: string | undefined): [] | [Council] {
  if (members === undefined && threshold === undefined) return []
  const wanted = Number(threshold)
  const codes = members?.split(',') ?? []
  if (!(wanted * 2 > codes.length && wanted <= codes.length)) throw new UsageError('more than half of a council agree')
  try {
    return [{ members: codes.map((code) => Principal.fromText(code.trim())), threshold: wanted }]
  } catch {
    throw new UsageError(`not share codes: ${members}`)
  }
}

function readTarget(args: readonly string[]) {
  const options = {
    network: { type: 'string' },
    'derivations-per-hour': { type: 'string' },
    council: { type: 'string' },
    threshold: { type: 'string' },
    as: { type: 'string' },
    'open-log-shard': { type: 'boolean', default: false },
  } as const
  const read = readOptions(args, options, USAGE)
  const { network: file, 'derivations-per-hour': given, council, threshold, as } = read
  if (file === undefined) throw new UsageError(USAGE)
  // An upgrade replaces all settings: a default would take the place of what consent was told before.
  if (read['open-log-shard'] && given === undefined)
    throw new UsageError('--open-log-shard needs --derivations-per-hour, as consent has it')
  const perHour = given ?? String(DERIVATIONS_PER_HOUR_DEFAULT)
  if (!/^[1-9]\d{0,5}$/.test(perHour)) throw new UsageError(`${perHour} is not a number of derivations`)
  const target = { ...readNetwork(file), council: readCouncil(council, threshold) }
  return { ...target, derivationsPerHour: Number(perHour), identityName: as, isOpening: read['open-log-shard'] }
}
