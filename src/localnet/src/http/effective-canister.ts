// Which canister id the address of a request must carry. Interface specification, "Effective canister id".
import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { decodeCandid } from '../candid/index.ts'
import { equalBytes } from '../certificates/index.ts'
import type { CallContent } from './envelope.ts'
import { HttpProblem } from './problem.ts'

const ANY: ReadonlySet<string> = new Set([
  'create_canister',
  'provisional_create_canister_with_cycles',
  'list_canisters',
  'raw_rand', // refused by the state machine, whatever the address
])
const BY_CANISTER = [IDL.Record({ canister_id: IDL.Principal })]
const BY_TARGET = [IDL.Record({ target_canister: IDL.Principal })]

/** @throws HttpProblem 400 when the address names another canister than the request concerns. */
export function checkEffectiveCanister(addressed: Uint8Array, content: CallContent): void {
  const expected = effectiveCanister(content)
  if (expected === null || equalBytes(expected, addressed)) return
  throw new HttpProblem(
    400,
    `Specified CanisterId ${text(addressed)} does not match the effective canister id ${text(expected)} of the request.`,
  )
}

/** @returns null when any address will do. */
function effectiveCanister({ canisterId, method, arg }: CallContent): Uint8Array | null {
  if (canisterId.length > 0) return canisterId
  if (ANY.has(method)) return null
  const [types, field] =
    method === 'install_chunked_code' ? [BY_TARGET, 'target_canister'] : [BY_CANISTER, 'canister_id']
  try {
    const [record] = decodeCandid(types, arg) as [Readonly<Record<string, unknown>>]
    const id = record[field]
    if (id instanceof Principal) return id.toUint8Array()
  } catch {
    // An argument that does not decode has no effective canister: the text below says so.
  }
  throw new HttpProblem(400, `The argument of ${JSON.stringify(method)} names no ${field}.`)
}

const text = (principal: Uint8Array): string => Principal.fromUint8Array(principal).toText()
