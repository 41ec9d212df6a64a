// Canisters written in TypeScript, which the network runs in place of a Wasm module that is marked with their name.
import { ASSET_CANISTER } from './asset-canister/index.ts'
import type { NativeCanister } from './native-canister.ts'

export { NativeTrap } from './native-canister.ts'
export type { NativeCall, NativeCanister, NativeMethod, NativeStore } from './native-canister.ts'
export { builtInModule, builtInName } from './built-in-module.ts'
export { nativeEntry, nativeMethods } from './run-native.ts'

/** By the name that stands in the module's marker. */
export const NATIVE_CANISTERS: ReadonlyMap<string, NativeCanister> = new Map([['asset-canister', ASSET_CANISTER]])
