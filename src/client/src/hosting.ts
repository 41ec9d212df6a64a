import { CanisterStatus, type HttpAgent } from '@dfinity/agent'
import { Principal } from '@medguard/protocol'
import { Fault, type FaultCode, type Hosting, type HostingReport } from './api.ts'
import { faultOf } from './fault-of.ts'
import type { Network } from './network.ts'

/**
 * Where each canister is kept and what runs there, as the network certifies it of itself.
 *
 * @throws Fault `BadCertificate`; `Unreachable`, `BadReply` for one without which nothing goes on.
 */
export async function readHosting(agent: HttpAgent, network: Network): Promise<HostingReport> {
  const { consent, records, audit, logShards = [] } = network.canisters
  const further = logShards.map((canisterId, i) => ({ name: `audit ${i + 1}`, canisterId }))
  const [parts, answers] = await Promise.all([
    Promise.all(
      Object.entries({ consent, records, audit }).map(([name, canisterId]) => hostingOf(agent, { name, canisterId })),
    ),
    Promise.all(further.map((each) => ifReached(hostingOf(agent, each)))),
  ])
  return {
    parts: [...parts, ...answers.filter((each) => each !== null)],
    unreached: further.filter((_, i) => answers[i] === null),
  }
}

async function ifReached(answer: Promise<Hosting>): Promise<Hosting | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Fault && UNREACHED.has(error.code)) return null
    throw error
  }
}
const UNREACHED: ReadonlySet<FaultCode> = new Set(['Unreachable', 'Uncertain', 'BadReply'])

async function hostingOf(
  agent: HttpAgent,
  { name, canisterId }: Pick<Hosting, 'name' | 'canisterId'>,
): Promise<Hosting> {
  const id = Principal.fromText(canisterId)
  let facts: CanisterStatus.StatusMap
  try {
    const paths: CanisterStatus.Path[] = ['subnet', 'controllers', 'module_hash']
    facts = await CanisterStatus.request({ agent, canisterId: id, paths })
    // It keeps to itself why something is missing. Where the network is away, asking for anything says so.
    if ([...facts.values()].includes(null)) await agent.readState(id, { paths: [[new TextEncoder().encode('time')]] })
  } catch (error) {
    throw faultOf(error, 'query')
  }
  const subnet = facts.get('subnet') as CanisterStatus.SubnetStatus | null
  const controllers = facts.get('controllers') as readonly Principal[] | null
  const moduleHash = facts.get('module_hash') as string | null
  if (subnet === null || controllers === null || moduleHash === null)
    throw new Fault('BadReply', 'the network does not say where a canister is')
  return {
    name,
    canisterId,
    subnetId: subnet.subnetId,
    nodes: [...subnet.nodeKeys.keys()].toSorted(),
    controllers: controllers.map((controller) => controller.toText()).toSorted(),
    moduleHash,
  }
}
