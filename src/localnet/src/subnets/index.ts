export {
  canisterIdOf,
  canisterNumberOf,
  FIRST_CANISTER_NUMBER,
  holds,
  type PlannedSubnet,
  planSubnets,
  subnetNamed,
  subnetOf,
  type SubnetOptions,
  SubnetsProblem,
} from './topology.ts'
