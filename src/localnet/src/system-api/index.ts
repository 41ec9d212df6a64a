import type { ImportSignature } from '../contracts.ts'
import { CALL_FUNCTIONS } from './call-functions.ts'
import { CANISTER_FUNCTIONS } from './canister-functions.ts'
import type { SystemFunction } from './define.ts'
import type { Host } from './host.ts'
import { MESSAGE_FUNCTIONS } from './message-functions.ts'

/** Names of the network that are not offered here; a module that imports one is refused at install, by name. */
const NOT_OFFERED: readonly SystemFunction[] = [
  { name: 'mint_cycles128', signature: { params: ['i64', 'i64', 'i32'], results: [] }, bind: null },
  { name: 'cost_http_request_v2', signature: { params: ['i32', 'i32', 'i32'], results: [] }, bind: null },
]

/** The System API: name, type, allowed contexts (inside each function), function. interface specification, "System API" */
export const SYSTEM_API: readonly SystemFunction[] = [
  ...MESSAGE_FUNCTIONS,
  ...CALL_FUNCTIONS,
  ...CANISTER_FUNCTIONS,
  ...NOT_OFFERED,
]

/** What a module may import here: the functions that work, by name without `ic0.`. */
export const ALLOWED_IMPORTS: ReadonlyMap<string, ImportSignature> = new Map(
  SYSTEM_API.filter(({ bind }) => bind !== null).map(({ name, signature }) => [name, signature]),
)

/** The import object of one instance. */
export function bindImports(host: Host): WebAssembly.Imports {
  const ic0: Record<string, WebAssembly.ImportValue> = {}
  for (const { name, bind } of SYSTEM_API) if (bind !== null) ic0[name] = bind(host)
  return { ic0 }
}
