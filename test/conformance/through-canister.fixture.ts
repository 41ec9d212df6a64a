// Calls of the management canister that a scriptable canister makes: half of its methods are for canisters alone.
import { call, clear, program, reply, say, sayArgument, sayReject } from '@medguard/localnet/universal-canister'
import { encodeArgument, type Method } from './management.fixture.ts'
import { type Outcome, type Replica, replyOf } from './replica.fixture.ts'
import { MANAGEMENT } from './request.fixture.ts'

/**
 * @param arg fields of the argument, or its bytes.
 * @returns the reply, or a reject with the code and text that the canister saw. @throws Error if the canister itself failed.
 */
export async function manageThrough(
  ic: Replica,
  canister: Uint8Array,
  method: Method,
  arg: object | Uint8Array = {},
  cycles = 0n,
): Promise<Outcome> {
  const payload = arg instanceof Uint8Array ? arg : encodeArgument(method, arg)
  const onReply = program(say('replied '), sayArgument, reply)
  const onReject = program(say('rejected'), sayReject, reply)
  const outcome = await ic.update(
    canister,
    program(clear, call({ callee: MANAGEMENT, method, payload, cycles, onReply, onReject })),
  )
  const bytes = Buffer.from(replyOf(outcome))
  const rest = Uint8Array.from(bytes.subarray(8))
  if (bytes.subarray(0, 8).toString() === 'replied ') return { kind: 'reply', reply: rest, certified: false }
  const message = Buffer.from(rest.subarray(4)).toString()
  return { kind: 'reject', code: Buffer.from(rest).readUInt32LE(0), message, errorCode: '', certified: false }
}
