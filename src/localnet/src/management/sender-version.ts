import { IDL } from '@dfinity/candid'
import { decodeCandid } from '../candid/index.ts'
import { senderVersion as field } from './candid-parts.ts'

const METHODS = new Set([
  'create_canister',
  'provisional_create_canister_with_cycles',
  'update_settings',
  'install_code',
  'install_chunked_code',
  'uninstall_code',
  'take_canister_snapshot',
  'load_canister_snapshot',
])
const SenderVersion = IDL.Record(field)

/** The `sender_canister_version` in a call of the management canister; null where there is none. A broken argument is refused later. */
export function senderVersion(method: string, arg: Uint8Array): bigint | null {
  if (!METHODS.has(method)) return null
  try {
    const [{ sender_canister_version: version }] = decodeCandid([SenderVersion], arg) as [
      { sender_canister_version: [] | [bigint] },
    ]
    return version[0] ?? null
  } catch {
    return null
  }
}
