import { amount, DEFAULT_PRICE, long, type SystemFunction, words } from './define.ts'
import { contractViolation } from './execution-trap.ts'
import type { Host } from './host.ts'
import {
  ANSWERING,
  ANY_MODE,
  EARNING,
  MODE,
  REFUNDED,
  WITH_ARGUMENT,
  WITH_CALLER_INFO,
  WITH_DEADLINE,
  WITH_REJECT_CODE,
  WITH_REJECT_MESSAGE,
} from './modes.ts'
import type { Answer, Run } from './run.ts'

const encoder = new TextEncoder()
const EMPTY = new Uint8Array(0)
const U64_MAX = (1n << 64n) - 1n

/** The message at hand: who asks, what for, and the answer. */
export const MESSAGE_FUNCTIONS: readonly SystemFunction[] = [
  words('msg_arg_data_size', 0, 'i32', WITH_ARGUMENT, ({ run }) => run.data.length),
  copy('msg_arg_data_copy', WITH_ARGUMENT, (run) => run.data),
  words('msg_caller_size', 0, 'i32', ANY_MODE, ({ run }) => run.caller.length),
  copy('msg_caller_copy', ANY_MODE, (run) => run.caller),
  words('msg_caller_info_data_size', 0, 'i32', WITH_CALLER_INFO, ({ run }) => (run.callerInfo?.data ?? EMPTY).length),
  copy('msg_caller_info_data_copy', WITH_CALLER_INFO, (run) => run.callerInfo?.data ?? EMPTY),
  words(
    'msg_caller_info_signer_size',
    0,
    'i32',
    WITH_CALLER_INFO,
    ({ run }) => (run.callerInfo?.signer ?? EMPTY).length,
  ),
  copy('msg_caller_info_signer_copy', WITH_CALLER_INFO, (run) => run.callerInfo?.signer ?? EMPTY),
  words('msg_reject_code', 0, 'i32', WITH_REJECT_CODE, ({ run }) => run.rejectCode),
  words('msg_reject_msg_size', 0, 'i32', WITH_REJECT_MESSAGE, ({ run }) => rejectMessage(run).length),
  copy('msg_reject_msg_copy', WITH_REJECT_MESSAGE, rejectMessage),
  words('msg_deadline', 0, 'i64', WITH_DEADLINE, ({ run }) => run.deadlineNs),
  words('msg_method_name_size', 0, 'i32', MODE.inspect, ({ run }) => encoder.encode(run.methodName).length),
  copy('msg_method_name_copy', MODE.inspect, (run) => encoder.encode(run.methodName)),
  words('accept_message', 0, null, MODE.inspect, ({ run }) => {
    if (run.ingressAccepted) throw contractViolation('ic0.accept_message: the message was already accepted')
    run.ingressAccepted = true
  }),

  words('msg_reply_data_append', 2, null, ANSWERING, (host, source = 0, size = 0) => {
    const { run } = host
    refuseSecondAnswer('msg_reply_data_append', run)
    if (run.replyBytes + size > run.responseBytesMax) {
      throw contractViolation(
        `ic0.msg_reply_data_append: application payload size (${run.replyBytes + size}) cannot be larger than ${run.responseBytesMax}`,
      )
    }
    run.replyParts.push(host.readHeap('msg_reply_data_append', source, size))
    run.replyBytes += size
    run.transmissionBytes += size
  }),
  words('msg_reply', 0, null, ANSWERING, ({ run }) => {
    answer('msg_reply', run, { kind: 'reply', bytes: joined(run.replyParts, run.replyBytes) })
  }),
  words('msg_reject', 2, null, ANSWERING, (host, source = 0, size = 0) => {
    refuseSecondAnswer('msg_reject', host.run)
    if (size > host.run.responseBytesMax) {
      throw contractViolation(
        `ic0.msg_reject: message size (${size}) cannot be larger than ${host.run.responseBytesMax}`,
      )
    }
    host.run.transmissionBytes += size
    answer('msg_reject', host.run, { kind: 'reject', message: host.readText('msg_reject', source, size) })
  }),

  words('msg_cycles_available128', 1, null, EARNING, (host, target = 0) => {
    host.writeU128('msg_cycles_available128', target, host.run.available)
  }),
  words('msg_cycles_refunded128', 1, null, REFUNDED, (host, target = 0) => {
    host.writeU128('msg_cycles_refunded128', target, host.run.refunded)
  }),
  amount('msg_cycles_accept128', true, EARNING, (host, cycles, target) => {
    host.writeU128('msg_cycles_accept128', target, accept(host, cycles))
  }),
  words('msg_cycles_available', 0, 'i64', EARNING, ({ run }) => narrow('msg_cycles_available', run.available)),
  words('msg_cycles_refunded', 0, 'i64', REFUNDED, ({ run }) => narrow('msg_cycles_refunded', run.refunded)),
  long('msg_cycles_accept', 'i64', EARNING, accept),
]

/** A `*_copy` function: (address, offset, size). */
function copy(name: string, modes: number, source: (run: Run) => Uint8Array): SystemFunction {
  return words(
    name,
    3,
    null,
    modes,
    (host, address = 0, offset = 0, size = 0) => {
      host.copyOut(name, source(host.run), address, offset, size)
    },
    DEFAULT_PRICE,
  )
}

function rejectMessage(run: Run): Uint8Array {
  if (run.rejectCode === 0) throw contractViolation('ic0.msg_reject_msg: the call was not rejected')
  return encoder.encode(run.rejectMessage)
}

function refuseSecondAnswer(name: string, run: Run): void {
  if (run.responded) throw contractViolation(`ic0.${name}: the call is already replied`)
}

function answer(name: string, run: Run, given: Answer): void {
  refuseSecondAnswer(name, run)
  run.responded = true
  run.answer = given
  run.replyParts = []
}

/** Moves what was sent with the call to the canister. @returns the amount moved. */
export function accept({ run }: Host, cycles: bigint): bigint {
  const available = run.responded ? 0n : run.available
  const moved = cycles < available ? cycles : available
  run.available -= moved
  run.accepted += moved
  run.balance += moved
  return moved
}

/** The 64-bit cycles functions trap on amounts they cannot show. */
export function narrow(name: string, cycles: bigint): bigint {
  if (cycles > U64_MAX) throw contractViolation(`ic0.${name}: ${cycles} cycles do not fit in 64 bits`)
  return cycles
}

export function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0]
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
