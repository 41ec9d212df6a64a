import type { Principal } from '@dfinity/principal'
import { type Canister, type HistoryEntry, keyOf, type Origin } from '../state-machine/canister.ts'
import { notFound, principalText, Refusal } from '../state-machine/rejects.ts'
import type { World } from '../state-machine/world.ts'

/** One call of the management canister as its methods see it. */
export interface ManagementCall {
  readonly caller: Uint8Array
  readonly fromCanister: boolean
  readonly origin: Origin
  /** The subnet that runs it; the root subnet unless told. */
  readonly subnetId?: Uint8Array
  /** Cycles that came with the call and are not taken yet; the rest goes back. */
  cycles: bigint
  /** `sender_canister_version` of the argument. */
  senderVersion: bigint | null
}

export const isController = (canister: Canister, principal: Uint8Array): boolean =>
  canister.settings.controllers.some((controller) => Buffer.compare(controller, principal) === 0)

export const isSelf = (canister: Canister, principal: Uint8Array): boolean =>
  Buffer.compare(canister.id, principal) === 0

/** @throws Refusal (IC0301) */
export function canisterAt(world: World, id: Principal | Uint8Array): Canister {
  const bytes = id instanceof Uint8Array ? id : id.toUint8Array()
  const canister = world.canisters.get(keyOf(bytes))
  if (canister !== undefined) return canister
  const { errorCode, message } = notFound(principalText(bytes))
  throw new Refusal(errorCode, message)
}

/** @throws Refusal (IC0512) */
export function requireController(canister: Canister, caller: Uint8Array): void {
  if (!isController(canister, caller)) throw notController(canister, caller)
}

export function notController(canister: Canister, caller: Uint8Array): Refusal {
  const controllers = canister.settings.controllers.map(principalText).join(' ')
  return new Refusal(
    'IC0512',
    `Only the controllers of the canister ${canister.text} can control it.\nCanister's controllers: ${controllers}\nSender's ID: ${principalText(caller)}`,
  )
}

/** Who is named in the history of a canister. */
export function historyOrigin(call: ManagementCall): HistoryEntry['origin'] {
  return call.origin.kind === 'call'
    ? { kind: 'canister', canister: call.caller, version: call.senderVersion }
    : { kind: 'user', user: call.caller }
}
