// The keys of a whole network: one certifier and one node for each of its subnets, all from public development seeds.
import type { CertifyData, RangesForm, Subnet, Topology } from '../contracts.ts'
import { holds, type PlannedSubnet } from '../subnets/index.ts'
import { type Certifier, createCertifier, type Delegation, selfAuthenticating, subnetKeyDer } from './certifier.ts'
import { developmentNodeSeed, developmentSubnetSecret } from './development-keys.ts'
import { createNodeKey, type NodeKey } from './node-key.ts'
import { delegationLeaves } from './state-tree.ts'

/** A subnet that can sign. */
export interface SubnetKeys {
  readonly subnet: Subnet
  readonly certifier: Certifier
  readonly nodeKey: NodeKey
}

/** A delegation is signed once and used again this long; clients take one up to 30 days old. */
const DELEGATION_KEPT_NS = 300_000_000_000n

/** @param planned the root subnet first. */
export function createNetworkKeys(
  planned: readonly [PlannedSubnet, ...PlannedSubnet[]],
): readonly [root: SubnetKeys, ...others: SubnetKeys[]] {
  const [root, ...others] = planned
  const certifier = rootCertifier()
  const keysOf = (plan: PlannedSubnet, index: number, own: Certifier): SubnetKeys => {
    const nodeKey = createNodeKey(developmentNodeSeed(index))
    return { subnet: { ...plan, id: own.subnetId, nodeIds: [nodeKey.nodeId] }, certifier: own, nodeKey }
  }
  return [
    keysOf(root, 0, certifier),
    ...others.map((plan, at) => keysOf(plan, at + 1, delegatedCertifier(plan, at + 1, certifier))),
  ]
}

let knownRoot: Certifier | null = null
/** The same for all networks, and its key takes a while to compute. */
export const rootCertifier = (): Certifier => (knownRoot ??= createCertifier(developmentSubnetSecret(0)))

function delegatedCertifier(plan: PlannedSubnet, index: number, root: Certifier): Certifier {
  const secret = developmentSubnetSecret(index)
  const publicKeyDer = subnetKeyDer(secret)
  const subnet = { ...plan, id: selfAuthenticating(publicKeyDer), publicKeyDer }
  const made = new Map<RangesForm, { readonly timeNs: bigint; readonly delegation: Delegation }>()
  return createCertifier(secret, {
    rootKeyDer: root.rootKeyDer,
    delegation(rangesForm, timeNs) {
      const known = made.get(rangesForm)
      if (known !== undefined && timeNs >= known.timeNs && timeNs - known.timeNs < DELEGATION_KEPT_NS) {
        return known.delegation
      }
      const certificate = root.certificate(delegationLeaves(subnet, rangesForm), timeNs)
      const delegation = { subnet_id: subnet.id, certificate }
      made.set(rangesForm, { timeNs, delegation })
      return delegation
    },
  })
}

export function topologyOf([root, ...others]: readonly [SubnetKeys, ...SubnetKeys[]]): Topology {
  return [root.subnet, ...others.map(({ subnet }) => subnet)]
}

/** Certifies data with the key of the subnet that the canister is on. */
export function certifyDataOf(keys: readonly [SubnetKeys, ...SubnetKeys[]]): CertifyData {
  const [root] = keys
  return (args) => (keys.find(({ subnet }) => holds(subnet, args.canisterId)) ?? root).certifier.certifyData(args)
}
