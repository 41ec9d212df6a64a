// The management canister as a canister calls it: most of its methods are for canisters only.
import { IDL } from '@dfinity/candid'
import type { Outcome } from '../contracts.ts'
import { MANAGEMENT, type TestNetwork } from '../state-machine/network.fixture.ts'
import * as uc from '../state-machine/universal-canister.fixture.ts'

/** A universal canister calls a method and hands on what it is told. */
export function throughCanister(
  network: TestNetwork,
  canister: Uint8Array,
  method: string,
  arg: Uint8Array,
  cycles = 0n,
): Outcome {
  return network.update(canister, callingManagement(method, arg, cycles))
}

export const callingManagement = (method: string, arg: Uint8Array, cycles = 0n): uc.Program =>
  uc.call({
    callee: MANAGEMENT,
    method,
    payload: arg,
    cycles,
    onReply: uc.program(uc.sayArgument, uc.reply),
    onReject: uc.program(uc.sayReject, uc.rejectCall),
  })

export const encode = (type: IDL.Type, value: unknown): Uint8Array => IDL.encode([type], [value])
