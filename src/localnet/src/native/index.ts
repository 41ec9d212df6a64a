// Canisters written in TypeScript, which the network runs in place of a Wasm module that is marked with their name.
import { ASSET_CANISTER } from './asset-canister/index.ts'
import { LEDGERS } from './ledgers/index.ts'
import type { NativeCanister } from './native-canister.ts'

export { NativeReject, NativeTrap } from './native-canister.ts'
export type {
  NativeCall,
  NativeCanister,
  NativeMethod,
  NativeResponse,
  NativeStore,
  ReceivedResponse,
} from './native-canister.ts'
export { assetCanisterCandid } from './asset-canister/index.ts'
export { builtInModule, builtInName } from './built-in-module.ts'
export { GENESIS, type GenesisCanister } from './ledgers/index.ts'
export { nativeCallback, nativeEntry, nativeMethods } from './run-native.ts'

/** By the name that stands in the module's marker. */
export const NATIVE_CANISTERS: ReadonlyMap<string, NativeCanister> = new Map([
  ...LEDGERS,
  ['asset-canister', ASSET_CANISTER],
])
