import { amount, long, offsets, type SystemFunction, words } from './define.ts'
import { contractViolation } from './execution-trap.ts'
import type { Host } from './host.ts'
import { ALL_MODES, CALLING, PAYING } from './modes.ts'
import { outcallCost } from './outcall-cost.ts'
import {
  BOUNDED_WAIT_SECONDS_MAX,
  callReserve,
  CREATE_CANISTER_CYCLES,
  httpRequestCycles,
  QUEUE_MESSAGES_MAX,
  REQUEST_BYTES_MAX,
  KEY_CYCLES,
} from './prices.ts'
import type { OutgoingCall, Run } from './run.ts'

const PERFORMED = 0
/** SYS_TRANSIENT: nothing was sent and no callback will run. */
const NOT_PERFORMED = 2
const PRINCIPAL_BYTES_MAX = 29
const KEY_NAME_BYTES_MAX = 1024

/** Calls to other canisters. They are recorded here and leave when the message has succeeded. */
export const CALL_FUNCTIONS: readonly SystemFunction[] = [
  words(
    'call_new',
    8,
    null,
    CALLING,
    (
      host,
      callee = 0,
      calleeBytes = 0,
      name = 0,
      nameBytes = 0,
      replyFn = 0,
      replyEnv = 0,
      rejectFn = 0,
      rejectEnv = 0,
    ) => {
      dropCall(host.run)
      if (calleeBytes > PRINCIPAL_BYTES_MAX) {
        throw contractViolation(`ic0.call_new: a principal of ${calleeBytes} bytes is too long`)
      }
      if (nameBytes > REQUEST_BYTES_MAX) {
        throw contractViolation(`ic0.call_new: a method name of ${nameBytes} bytes is too long`)
      }
      host.run.call = {
        callee: host.readHeap('call_new', callee, calleeBytes),
        method: host.readText('call_new', name, nameBytes),
        methodBytes: nameBytes,
        replyFunction: replyFn,
        replyEnv,
        rejectFunction: rejectFn,
        rejectEnv,
        cleanup: null,
        payload: [],
        payloadBytes: 0,
        cycles: 0n,
        timeoutSeconds: null,
        reserved: 0n,
      }
    },
    1500,
  ),
  words('call_on_cleanup', 2, null, CALLING, ({ run }, tableIndex = 0, env = 0) => {
    const call = callOf('call_on_cleanup', run)
    if (call.cleanup !== null) throw contractViolation('ic0.call_on_cleanup can be called at most once per call')
    call.cleanup = { tableIndex, env }
  }),
  words('call_data_append', 2, null, CALLING, (host, source = 0, size = 0) => {
    const call = callOf('call_data_append', host.run)
    const bytes = call.payloadBytes + size
    if (bytes + call.methodBytes > REQUEST_BYTES_MAX) {
      throw contractViolation(
        `ic0.call_data_append: request size (${bytes + call.methodBytes}) cannot be larger than ${REQUEST_BYTES_MAX}`,
      )
    }
    call.payload.push(host.readHeap('call_data_append', source, size))
    call.payloadBytes = bytes
    host.run.transmissionBytes += size
  }),
  words('call_with_best_effort_response', 1, null, CALLING, ({ run }, seconds = 0) => {
    const call = callOf('call_with_best_effort_response', run)
    if (call.timeoutSeconds !== null) {
      throw contractViolation('ic0.call_with_best_effort_response can be called at most once per call')
    }
    call.timeoutSeconds = Math.min(seconds, BOUNDED_WAIT_SECONDS_MAX)
  }),
  amount('call_cycles_add128', false, PAYING, ({ run }, cycles) => {
    attach('call_cycles_add128', run, cycles)
  }),
  long('call_cycles_add', null, PAYING, ({ run }, cycles) => {
    attach('call_cycles_add', run, cycles)
  }),
  words('call_perform', 0, 'i32', CALLING, perform, 5000),

  offsets('cost_call', ['i64', 'i64', 'i32'], null, ALL_MODES, (host, nameBytes = 0, payloadBytes = 0, target = 0) => {
    host.writeU128('cost_call', target, callReserve(nameBytes + payloadBytes))
  }),
  words('cost_create_canister', 1, null, ALL_MODES, (host, target = 0) => {
    host.writeU128('cost_create_canister', target, CREATE_CANISTER_CYCLES)
  }),
  offsets(
    'cost_http_request',
    ['i64', 'i64', 'i32'],
    null,
    ALL_MODES,
    (host, request = 0, response = 0, target = 0) => {
      host.writeU128('cost_http_request', target, httpRequestCycles(request, response))
    },
  ),
  words(
    'cost_http_request_v2',
    3,
    null,
    ALL_MODES,
    (host, source = 0, size = 0, target = 0) => {
      const parameters = host.readHeap('cost_http_request_v2', source, size)
      host.writeU128('cost_http_request_v2', target, outcallCost(parameters))
    },
    10_000,
  ),
  costOfKey('cost_vetkd_derive_key', (name, names) => (names.includes(name) ? (KEY_CYCLES.get(name) ?? null) : null)),
  costOfKey('cost_sign_with_ecdsa', (name) => KEY_CYCLES.get(name) ?? null),
  // bip340secp256k1 and ed25519
  costOfKey('cost_sign_with_schnorr', (name) => KEY_CYCLES.get(name) ?? null, 2),
]

/** Spendable: the balance down to the freezing limit. */
export const liquid = (run: Run): bigint =>
  run.balance > run.canister.freezingLimit ? run.balance - run.canister.freezingLimit : 0n

/** Gives up a call that was not performed; its cycles come back. */
export function dropCall(run: Run): void {
  if (run.call !== null) run.balance += run.call.cycles
  run.call = null
}

/** A whole call at once, for canisters that are no Wasm. Answers of both kinds go to the same table index. */
export interface CallParts {
  readonly callee: Uint8Array
  readonly method: string
  readonly payload: Uint8Array
  readonly cycles: bigint
  readonly tableIndex: number
  readonly env: number
}

/** @throws ExecutionTrap for cycles the canister does not have. @returns whether the call will leave. */
export function recordCall(host: Host, { callee, method, payload, cycles, tableIndex, env }: CallParts): boolean {
  const { run } = host
  dropCall(run)
  run.call = {
    callee,
    method,
    methodBytes: Buffer.byteLength(method),
    replyFunction: tableIndex,
    replyEnv: env,
    rejectFunction: tableIndex,
    rejectEnv: env,
    cleanup: null,
    payload: [payload],
    payloadBytes: payload.length,
    cycles: 0n,
    timeoutSeconds: null,
    reserved: 0n,
  }
  run.transmissionBytes += payload.length
  attach('call_cycles_add128', run, cycles)
  return perform(host) === PERFORMED
}

function callOf(name: string, run: Run): OutgoingCall {
  if (run.call === null) throw contractViolation(`ic0.${name} called when no call is under construction`)
  return run.call
}

function attach(name: string, run: Run, cycles: bigint): void {
  const call = callOf(name, run)
  if (cycles > liquid(run)) {
    throw contractViolation(`ic0.${name}: ${cycles} cycles asked for, ${liquid(run)} can be spent`)
  }
  run.balance -= cycles
  call.cycles += cycles
}

function perform({ run }: Host): number {
  const call = callOf('call_perform', run)
  const paid = (run.mode & PAYING) !== 0
  const reserved = paid ? callReserve(call.methodBytes + call.payloadBytes) : 0n
  const inFlight =
    run.canister.inFlightTo(call.callee) +
    run.calls.filter(({ callee }) => Buffer.compare(callee, call.callee) === 0).length
  const fails = run.canister.failsToEnqueue?.(call.callee, call.method) ?? false
  if (inFlight >= QUEUE_MESSAGES_MAX || reserved > liquid(run) || fails) {
    dropCall(run)
    return NOT_PERFORMED
  }
  call.reserved = reserved
  run.balance -= reserved
  run.calls.push(call)
  run.call = null
  return PERFORMED
}

/** (name address, name size, algorithm or curve, target) → 0 known, 1 bad algorithm, 2 unknown key. */
function costOfKey(
  name: string,
  price: (key: string, names: readonly string[]) => bigint | null,
  algorithms = 1,
): SystemFunction {
  return words(name, 4, 'i32', ALL_MODES, (host, source = 0, size = 0, algorithm = 0, target = 0) => {
    if (size > KEY_NAME_BYTES_MAX) throw contractViolation(`ic0.${name}: a key name of ${size} bytes is too long`)
    const key = host.readText(name, source, size)
    if (algorithm >= algorithms) return 1
    const cycles = price(key, host.run.canister.vetKdKeyNames)
    if (cycles === null) return 2
    host.writeU128(name, target, cycles)
    return 0
  })
}
