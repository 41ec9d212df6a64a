import { developmentIdentity, type Localnet } from '@medguard/localnet'
import {
  AuditConfiguration,
  auditService,
  ConsentConfiguration,
  consentService,
  type Council,
  decodeRet,
  encodeArg,
  encodeValue,
  opt,
  Principal,
  RecordsConfiguration,
  recordsService,
  refusalOf,
} from '@medguard/protocol'

import { buildCanister, type BuiltCanister } from './canister/build.ts'
import {
  DEPLOYED_NAMES,
  DEVELOPMENT_CANISTERS,
  developmentCanisterId,
  type DeployedName,
} from './deploy/development.ts'
import { createManagement, DeployFault, type Management } from './deploy/management.ts'
import { CANISTERS, type CanisterName } from './project.ts'

export { DEVELOPMENT_CANISTERS, developmentCanisterId, type DeployedName } from './deploy/development.ts'
export { createManagement, DeployFault, type Management } from './deploy/management.ts'

export type Change = 'installed' | 'upgraded' | 'unchanged'
export interface Deployment {
  /** Text ids, the same on every development network because they follow from the order of creation. */
  readonly canisters: Readonly<Record<DeployedName, string>>
  readonly changes: Readonly<Record<CanisterName, Change>>
}

export interface DeployOptions {
  /** Modules to use instead of building the sources. */
  readonly builds?: Partial<Record<CanisterName, BuiltCanister>>
  /** Key derivations that consent allows one person in an hour. Default 600, for demonstrations; production uses 12. */
  readonly derivationsPerHour?: number
  /** Who verifies organisations, if nobody does yet: a council that is there stays. None, the default: nobody is verified, and nobody has to be. */
  readonly council?: Council
  /** Further canisters of the log, in their order; `createLogShard` makes one. Those that were there once are named for ever. Default none. */
  readonly logShards?: readonly string[]
  /** How long one step may take; an upgrade is given up when calls of the canister are still open then. Default 60,000. */
  readonly waitMs?: number
  /** Upgrades a canister to the module that it runs already: a rehearsal of the next real one. */
  readonly upgradeUnchanged?: boolean
}

type Terms = Pick<DeployOptions, 'derivationsPerHour' | 'council' | 'logShards'>

const KEY_NAME = 'dfx_test_key'

/** Who controls the canisters of a development network: an identity with a public secret, like all of them there. */
export const DEVELOPMENT_OPERATOR = developmentIdentity({ origin: 'http://localhost', name: 'operator' })
export const DEVELOPMENT_OPERATOR_ID = Principal.fromUint8Array(DEVELOPMENT_OPERATOR.principal)

/**
 * Brings a development network to the current sources: creates what is missing, installs, upgrades where the module's hash differs,
 * and configures. Never reinstalls: what people stored stays.
 * @throws DeployFault when the network refuses a step, for instance an upgrade that traps; the old module then runs on.
 */
export async function deploy({ host }: Pick<Localnet, 'host'>, options: DeployOptions = {}): Promise<Deployment> {
  const management = createManagement(host, DEVELOPMENT_OPERATOR_ID, options.waitMs)
  for (const name of DEPLOYED_NAMES) {
    if ((await host.canister(developmentCanisterId(name).toUint8Array())) !== undefined) continue
    const created = (await management.createCanister()).toText()
    if (created === DEVELOPMENT_CANISTERS[name]) continue
    throw new DeployFault(`the network gave ${name} the id ${created}: other canisters were created on it first`)
  }
  const changes: Partial<Record<CanisterName, Change>> = {}
  const builds: Partial<Record<CanisterName, BuiltCanister>> = {}
  for (const name of CANISTERS) {
    const built = options.builds?.[name] ?? (await buildCanister(name))
    const current = (await host.canister(developmentCanisterId(name).toUint8Array()))?.moduleHash ?? null
    const upgradeUnchanged = options.upgradeUnchanged ?? false
    await management.protect(developmentCanisterId(name))
    changes[name] = await bring(management, developmentCanisterId(name), built, { current, upgradeUnchanged })
    builds[name] = built
  }
  for (const [i, shard] of (options.logShards ?? []).entries()) {
    const id = Principal.fromText(shard)
    const current = (await host.canister(id.toUint8Array()))?.moduleHash ?? null
    const built = builds.audit ?? (await buildCanister('audit'))
    await management.protect(id)
    await bring(management, id, built, { current, upgradeUnchanged: options.upgradeUnchanged ?? false })
    const { callArg } = configurationOf('audit', {})
    const result = decodeRet(auditService.configure, await management.call(id, 'configure', callArg))
    if ('Ok' in result) continue
    throw new DeployFault(`audit ${i + 1} refused its configuration: ${JSON.stringify(refusalOf(result.Err))}`)
  }
  // The log first: the others announce their configuration to it.
  for (const name of ['audit', 'consent', 'records'] as const) {
    await configure(management, name, builds[name], options)
  }
  return { canisters: DEVELOPMENT_CANISTERS, changes: changes as Deployment['changes'] }
}

/** Another canister for the log, empty. Whoever writes down its id has the next deployment install it and tell the others of it. */
export async function createLogShard({ host }: Pick<Localnet, 'host'>): Promise<string> {
  return (await createManagement(host, DEVELOPMENT_OPERATOR_ID).createCanister()).toText()
}

async function bring(
  management: Management,
  id: Principal,
  built: BuiltCanister,
  { current, upgradeUnchanged }: { current: Uint8Array | null; upgradeUnchanged: boolean },
): Promise<Change> {
  const wasmHash = Buffer.from(built.wasmHash, 'hex')
  if (current === null) {
    await management.install(id, { mode: 'install', wasm: built.wasm, wasmHash })
    return 'installed'
  }
  if (wasmHash.equals(current) && !upgradeUnchanged) {
    await management.start(id) // a deployment that was cut short may have left it stopped
    return 'unchanged'
  }
  await upgrade(management, id, built)
  return 'upgraded'
}

async function upgrade(management: Management, id: Principal, built: BuiltCanister, arg?: Uint8Array): Promise<void> {
  try {
    await management.stop(id)
    const wasmHash = Buffer.from(built.wasmHash, 'hex')
    await management.install(id, { mode: 'upgrade', wasm: built.wasm, wasmHash, ...(arg !== undefined && { arg }) })
  } finally {
    await management.start(id)
  }
}

/** Tells a canister who its peers are. One that was told something else before takes the change with an upgrade only. */
async function configure(
  management: Management,
  name: CanisterName,
  built: BuiltCanister | undefined,
  options: Terms,
): Promise<void> {
  const id = developmentCanisterId(name)
  const { callArg, upgradeArg } = configurationOf(name, options)
  const result = decodeRet(auditService.configure, await management.call(id, 'configure', callArg))
  if (name === 'audit' && 'Ok' in result) {
    const key = encodeArg(auditService.configureCheckpoints, { keyName: KEY_NAME })
    await management.call(id, 'configureCheckpoints', key)
  }
  if ('Ok' in result) return
  const refusal = refusalOf(result.Err)
  if (refusal.kind === 'AlreadyDone') return
  if (refusal.kind === 'IdConflict' && built !== undefined) return upgrade(management, id, built, upgradeArg)
  throw new DeployFault(`${name} refused its configuration: ${JSON.stringify(refusal)}`)
}

function configurationOf(name: CanisterName, options: Terms) {
  const { derivationsPerHour = 600 } = options
  const council: [] | [Council] = options.council === undefined ? [] : [options.council]
  const shards = options.logShards?.map((id) => Principal.fromText(id)) ?? []
  const logShards: [] | [Principal[]] = shards.length === 0 ? [] : [shards]
  const [consent, records, audit] = CANISTERS.map(developmentCanisterId) as [Principal, Principal, Principal]
  switch (name) {
    case 'audit': {
      const value = { consent, records, logShards }
      const upgradeArg = encodeValue(opt(AuditConfiguration), [value])
      return { callArg: encodeArg(auditService.configure, value), upgradeArg }
    }
    case 'consent': {
      const value = { records, audit, keyName: KEY_NAME, derivationsPerHour, council, logShards }
      const upgradeArg = encodeValue(opt(ConsentConfiguration), [value])
      return { callArg: encodeArg(consentService.configure, value), upgradeArg }
    }
    case 'records': {
      const value = { consent, audit, council, logShards }
      const upgradeArg = encodeValue(opt(RecordsConfiguration), [value])
      return { callArg: encodeArg(recordsService.configure, value), upgradeArg }
    }
  }
}
