// Stand-ins for the three canisters through which command lines pay: the ICP ledger, the cycles ledger and the cycles minting canister.
import { builtInModule } from '../built-in-module.ts'
import type { NativeCanister } from '../native-canister.ts'
import { CYCLES_LEDGER, GENESIS_CYCLES } from './cycles-ledger.ts'
import { CYCLES_MINTING } from './cycles-minting.ts'
import { ICP_LEDGER } from './icp-ledger.ts'
import { CYCLES_LEDGER_ID, CYCLES_MINTING_ID, ICP_LEDGER_ID } from './ids.ts'

/** A canister that a network has from its first moment. Nobody controls it. */
export interface GenesisCanister {
  readonly canisterId: Uint8Array
  readonly module: Uint8Array
  readonly cycles: bigint
}

/** Room for a canister's own messages, whatever its account holders do. */
const OWN_CYCLES = 10n ** 18n

export const LEDGERS: ReadonlyMap<string, NativeCanister> = new Map([
  ['icp-ledger', ICP_LEDGER],
  ['cycles-ledger', CYCLES_LEDGER],
  ['cycles-minting', CYCLES_MINTING],
])

export const GENESIS: readonly GenesisCanister[] = [
  { canisterId: ICP_LEDGER_ID, module: builtInModule('icp-ledger', ICP_LEDGER.candid), cycles: OWN_CYCLES },
  { canisterId: CYCLES_MINTING_ID, module: builtInModule('cycles-minting', CYCLES_MINTING.candid), cycles: 2n ** 100n },
  {
    canisterId: CYCLES_LEDGER_ID,
    module: builtInModule('cycles-ledger', CYCLES_LEDGER.candid),
    cycles: GENESIS_CYCLES + OWN_CYCLES,
  },
]
