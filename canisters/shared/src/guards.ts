import { CYCLES_RESERVE, refuse, type RefusalArm } from '@medguard/protocol'
import { cycleBalance } from './host.ts'
import { refuseBeginning } from './room.ts'

const NOT_READY = { Err: refuse.notReady }
const LOW_CYCLES = { Err: refuse.lowCycles }

/** When a method answers at all, alike in both canisters. Each makes a handler of one that takes what the canister's methods work with. */
export function createGuards<C extends { readonly configuration: { readonly get: () => unknown } }>(context: C) {
  /** Nothing is answered before a controller has named the peers (decision 31). By itself for what also works when cycles are low: queries, and what ends access. */
  const always =
    <A, R>(handle: (context: C, arg: A, caller: Uint8Array) => R) =>
    (arg: A, caller: Uint8Array): R | typeof NOT_READY =>
      context.configuration.get() === null ? NOT_READY : handle(context, arg, caller)
  /** Below the reserve the rest waits for somebody to top up (I36, F10). */
  const whenReady = <A, R>(handle: (context: C, arg: A, caller: Uint8Array) => R) =>
    always((own, arg: A, caller) => (cycleBalance() < CYCLES_RESERVE ? LOW_CYCLES : handle(own, arg, caller)))
  /** So does what lays down something new where room runs out (F18). */
  const whenRoom = <A, R>(handle: (context: C, arg: A, caller: Uint8Array) => R) =>
    always((own, arg: A, caller): R | { Err: RefusalArm } => {
      const refused = refuseBeginning()
      return refused === null ? handle(own, arg, caller) : { Err: refused }
    })
  /** An owner takes their records with them also then; readers under a grant wait. */
  const whenReadyOrOwner = <A extends { readonly grantId: [] | [Uint8Array] }, R>(
    handle: (context: C, arg: A, caller: Uint8Array) => R,
  ) =>
    always((own, arg: A, caller) =>
      arg.grantId.length > 0 && cycleBalance() < CYCLES_RESERVE ? LOW_CYCLES : handle(own, arg, caller),
    )
  return { always, whenReady, whenRoom, whenReadyOrOwner }
}
