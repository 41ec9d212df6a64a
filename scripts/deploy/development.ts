import { DEVELOPMENT_CANISTERS } from '@medguard/client'
import { Principal } from '@medguard/protocol'

import type { CanisterName } from '../project.ts'

export { DEVELOPMENT_CANISTERS }
export type DeployedName = CanisterName | 'frontend'
/** In the order in which a development network creates them: their ids follow from it, and clients pin those. */
export const DEPLOYED_NAMES = ['consent', 'records', 'audit', 'frontend'] as const satisfies readonly DeployedName[]

export const developmentCanisterId = (name: DeployedName): Principal => Principal.fromText(DEVELOPMENT_CANISTERS[name])
