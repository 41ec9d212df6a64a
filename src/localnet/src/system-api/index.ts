import type { ImportSignature } from '../contracts.ts'
import { CALL_FUNCTIONS } from './call-functions.ts'
import { CANISTER_FUNCTIONS } from './canister-functions.ts'
import type { SystemFunction } from './define.ts'
import type { Host } from './host.ts'
import { MESSAGE_FUNCTIONS } from './message-functions.ts'

/** The System API: name, type, allowed contexts (inside each function), function. interface specification, "System API" */
export const SYSTEM_API: readonly SystemFunction[] = [...MESSAGE_FUNCTIONS, ...CALL_FUNCTIONS, ...CANISTER_FUNCTIONS]

/** What a module may import, by name without `ic0.`. */
export const ALLOWED_IMPORTS: ReadonlyMap<string, ImportSignature> = new Map(
  SYSTEM_API.map(({ name, signature }) => [name, signature]),
)

/** The import object of one instance. */
export function bindImports(host: Host): WebAssembly.Imports {
  const ic0: Record<string, WebAssembly.ImportValue> = {}
  for (const { name, bind } of SYSTEM_API) ic0[name] = bind(host)
  return { ic0 }
}
