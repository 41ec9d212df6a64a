import { createClient, developmentNetwork, type MedGuardClient, type Network } from '@medguard/client'
import {
  type ArgOf,
  AuditConfiguration,
  auditService,
  ConsentConfiguration,
  decodeRet,
  encodeArg,
  encodeValue,
  type Method,
  opt,
  Principal,
  RecordsConfiguration,
  type RetOf,
} from '@medguard/protocol'
import { checkSignature } from '@medguard/client/node'
import { buildCanister } from '../../scripts/build-canisters.ts'
import type { Clinic, OkOf, Person } from './clinic.ts'

// The log in several canisters: how another one is opened beside the first, as docs/deployment.md says, and clients that were told of it.

type Audit = typeof auditService

/** Installs another canister of the log. */
export async function installShard(clinic: Clinic, shard: Principal): Promise<void> {
  const { consent, records } = clinic.ids
  await clinic.operator.create(shard)
  await clinic.operator.install(shard, (await buildCanister('audit')).wasm)
  const arg = encodeArg(auditService.configure, { consent, records, logShards: [] })
  const answer = await clinic.send(clinic.controller, shard, 'configure', arg)
  if (answer.kind === 'reject') throw new Error(answer.reject.message)
}

/** Tells the log, records, then consent of all shards there are now. @throws Error where one of them does not take the list. */
export async function tellShards(
  clinic: Clinic,
  shards: readonly Principal[],
  order: readonly ('audit' | 'records' | 'consent')[] = ['audit', 'records', 'consent'],
): Promise<void> {
  const { consent, records, audit } = clinic.ids
  const logShards: [Principal[]] = [[...shards]]
  const told = {
    audit: () => encodeValue(opt(AuditConfiguration), [{ consent, records, logShards }]),
    records: () => encodeValue(opt(RecordsConfiguration), [{ consent, audit, council: [], logShards }]),
    consent: () => {
      const keys = { keyName: 'dfx_test_key', derivationsPerHour: 10_000 }
      return encodeValue(opt(ConsentConfiguration), [{ records, audit, ...keys, council: [], logShards }])
    },
  }
  for (const name of order) {
    try {
      await clinic.upgrade(name, undefined, told[name]())
    } finally {
      await clinic.start(name) // it runs on as it was where it did not take the list
    }
  }
}

export function networkWith(clinic: Clinic, shards: readonly Principal[]): Network {
  const network = developmentNetwork(clinic.localnet.url)
  const canisters = { ...network.canisters, logShards: shards.map((each) => each.toText()) }
  return { ...network, canisters, checkSignature }
}

export const clientOf = ({ identity }: Person, network: Network): MedGuardClient => createClient({ identity, network })

/** The `Ok` of a method of any canister of the log. */
export async function askLog<M extends 'chainHead' | 'organisationHead' | 'noteReaders'>(
  clinic: Clinic,
  log: Principal,
  who: Principal,
  name: M,
  arg: ArgOf<Audit[M]>,
): Promise<OkOf<RetOf<Audit[M]>> | 'refused'> {
  const method: Method<unknown, unknown> = auditService[name]
  const answer = await clinic.send(who, log, name, encodeArg(method, arg))
  if (answer.kind === 'reject') throw new Error(answer.reject.message)
  const result = decodeRet(method, answer.bytes) as { Ok: OkOf<RetOf<Audit[M]>> } | { Err: object }
  return 'Ok' in result ? result.Ok : 'refused'
}
