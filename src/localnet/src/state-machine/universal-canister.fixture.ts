// A canister that does what its argument says: every method runs a small program of the operations below. Tests write such programs
// instead of one module for every rule.
//
// It knows nothing of localnet: the conformance suite installs it on any replica, through the door `@medguard/localnet/universal-canister`.
import binaryen from 'binaryen'
import { SYSTEM_FUNCTIONS, type SystemFunctionName } from './system-functions.fixture.ts'

export type { SystemFunctionName }

/** Bytes of a program: operations one after another. */
export type Program = Uint8Array

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const u32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}
const u64 = (value: bigint): Uint8Array => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, value, true)
  return bytes
}
const blob = (bytes: Uint8Array): Uint8Array => concat(u32(bytes.length), bytes)
const op =
  (code: number) =>
  (...operands: readonly Uint8Array[]): Program =>
    concat(Uint8Array.of(code), ...operands)
const plainOp = (code: number) => op(code)()

export const program = (...operations: readonly Program[]): Program => concat(...operations)

/** Operations work on one buffer: some fill it, some use it up. */
export const say = (text: string | Uint8Array): Program => op(1)(blob(typeof text === 'string' ? utf8(text) : text))
export const clear = plainOp(2)
/** Appends the buffer to the reply and sends it. */
export const reply = plainOp(3)
/** Appends the buffer to the reply without sending it. */
export const appendReply = plainOp(4)
export const sendReply = plainOp(5)
export const rejectCall = plainOp(6)
export const trap = plainOp(7)
export const addToHeap = (value: number): Program => op(8)(u32(value))
export const sayHeap = plainOp(9)
export const writeStable = (offset: number): Program => op(10)(u32(offset))
export const sayStable = (offset: number, size: number): Program => op(11)(u32(offset), u32(size))
export const certify = plainOp(12)
/** One byte, 1 and the certificate, or 0. */
export const sayCertificate = plainOp(13)
/** Sets the global timer to now plus `delayNs`, or clears it with null. */
export const setTimer = (delayNs: bigint | null): Program => op(14)(u64(delayNs === null ? 0n : delayNs + 1n))
export const log = plainOp(15)
export const sayArgument = plainOp(17)
/** 4 bytes of reject code, then the message if there is one. */
export const sayReject = plainOp(18)
export const unreachable = plainOp(19)
export const loopForever = plainOp(20)
export const recurseForever = plainOp(21)
export const sayTime = plainOp(22)
export const sayBalance = plainOp(23)
export const acceptCycles = (cycles: bigint): Program => op(24)(u64(cycles))
export const sayVersion = plainOp(25)
export const growMemory = (pages: number): Program => op(26)(u32(pages))
export const sayCaller = plainOp(27)
export const sayStatus = plainOp(28)
export const onTimer = (body: Program): Program => op(29)(blob(body))
export const onInspect = (body: Program): Program => op(30)(blob(body))
export const sayInstructions = (type: number): Program => op(31)(u32(type))
export const sayRefund = plainOp(32)
export const acceptMessage = plainOp(33)
export const readOutOfBounds = plainOp(34)
export const onPreUpgrade = (body: Program): Program => op(35)(blob(body))
export const onHeartbeat = (body: Program): Program => op(36)(blob(body))
export const divideByZero = plainOp(37)
export const stableOutOfBounds = plainOp(38)
export const sayReplicated = plainOp(39)
export const burn = (cycles: bigint): Program => op(40)(u64(cycles))
/** Calls `raw_rand` with callbacks at a table index of the test's choice. */
export const callAt = (tableIndex: number): Program => op(41)(u32(tableIndex))

/** Starts the program over, one call later, until `release` has run: keeps its call context open for as long as a test wants. */
export const hold = plainOp(42)
export const release = plainOp(43)

/**
 * Calls one function of the System API with these operands, in its own order. What it returns goes to the buffer: 4 or 8 bytes.
 * Addresses 512 to 4095 are free to use; the canister keeps notes from 4096 on and the buffer from 65536 on.
 */
export function invoke(name: SystemFunctionName, ...operands: readonly (number | bigint)[]): Program {
  const { params } = SYSTEM_FUNCTIONS[name]
  if (operands.length !== params.length) throw new Error(`${name} takes ${params.length} operands`)
  const encoded = operands.map((value, index) =>
    params[index] === 'i64' ? u64(BigInt.asUintN(64, BigInt(value))) : u32(Number(value) >>> 0),
  )
  return op(64)(Uint8Array.of(Object.keys(SYSTEM_FUNCTIONS).indexOf(name)), ...encoded)
}
/** Appends the buffer to the notes: bytes that stay until they are forgotten. */
export const note = plainOp(65)
export const sayNotes = plainOp(66)
export const forgetNotes = plainOp(67)
/** With `arrive`: how many arrivals to wait for. */
export const expectArrivals = (count: number): Program => op(68)(u32(count))
/** Counts down; the one that makes it zero runs the program. */
export const arrive = (last: Program): Program => op(69)(blob(last))
/** Appends `size` bytes of the heap to the buffer. */
export const sayBytes = (address: number, size: number): Program => op(70)(u32(address), u32(size))
/** Puts bytes into the heap. */
export const store = (address: number, bytes: Uint8Array | string): Program =>
  op(71)(u32(address), blob(typeof bytes === 'string' ? utf8(bytes) : bytes))
export const repeat = (times: number, body: Program): Program => op(72)(u32(times), blob(body))
export const onLowMemory = (body: Program): Program => op(73)(blob(body))
/** What the query method `transform` does. */
export const onTransform = (body: Program): Program => op(74)(blob(body))
/** Makes the buffer the program of the start function of a module with the hook `start`: it runs at the next installation. */
export const onStart = plainOp(75)
/** Appends the number of pages of the heap to the buffer, 4 bytes. */
export const sayPages = plainOp(76)
/** What `http_request` and `http_request_update` do, in a module with the hook `http`. */
export const onHttpRequest = (body: Program): Program => op(78)(blob(body))
export const onHttpUpdate = (body: Program): Program => op(79)(blob(body))
/** Runs the argument of the message, or the reply in a reply callback, as a program. */
export const runArgument = plainOp(77)

export interface CallOptions {
  readonly callee: Uint8Array
  readonly method?: string
  readonly payload?: Uint8Array
  readonly onReply?: Program
  readonly onReject?: Program
  readonly onCleanup?: Program
  readonly cycles?: bigint
  /** Seconds; none waits without bound. */
  readonly timeout?: number
}

/** Makes a call and appends the result of `call_perform`, one byte, to the buffer. */
export function call({
  callee,
  method = 'run',
  payload = new Uint8Array(0),
  onReply = program(),
  onReject = program(),
  onCleanup = program(),
  cycles = 0n,
  timeout = 0,
}: CallOptions): Program {
  return op(16)(
    blob(callee),
    blob(utf8(method)),
    blob(payload),
    blob(onReply),
    blob(onReject),
    blob(onCleanup),
    u64(cycles),
    u32(timeout),
  )
}

// 0: scratch; 65536: the buffer; 131072 onwards: programs, never freed.
const TEXT = `(module
  (import "ic0" "msg_arg_data_size" (func $arg_size (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $arg_copy (param i32 i32 i32)))
  (import "ic0" "msg_caller_size" (func $caller_size (result i32)))
  (import "ic0" "msg_caller_copy" (func $caller_copy (param i32 i32 i32)))
  (import "ic0" "msg_reject_code" (func $reject_code (result i32)))
  (import "ic0" "msg_reject_msg_size" (func $reject_size (result i32)))
  (import "ic0" "msg_reject_msg_copy" (func $reject_copy (param i32 i32 i32)))
  (import "ic0" "msg_reply_data_append" (func $reply_append (param i32 i32)))
  (import "ic0" "msg_reply" (func $msg_reply))
  (import "ic0" "msg_reject" (func $msg_reject (param i32 i32)))
  (import "ic0" "msg_cycles_accept128" (func $accept (param i64 i64 i32)))
  (import "ic0" "msg_cycles_refunded128" (func $refunded (param i32)))
  (import "ic0" "cycles_burn128" (func $burn (param i64 i64 i32)))
  (import "ic0" "canister_cycle_balance128" (func $balance (param i32)))
  (import "ic0" "canister_status" (func $status (result i32)))
  (import "ic0" "canister_version" (func $version (result i64)))
  (import "ic0" "accept_message" (func $accept_message))
  (import "ic0" "call_new" (func $call_new (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "ic0" "call_on_cleanup" (func $call_on_cleanup (param i32 i32)))
  (import "ic0" "call_data_append" (func $call_data_append (param i32 i32)))
  (import "ic0" "call_with_best_effort_response" (func $call_timeout (param i32)))
  (import "ic0" "call_cycles_add128" (func $call_cycles (param i64 i64)))
  (import "ic0" "call_perform" (func $call_perform (result i32)))
  (import "ic0" "stable64_size" (func $stable_size (result i64)))
  (import "ic0" "stable64_grow" (func $stable_grow (param i64) (result i64)))
  (import "ic0" "stable64_write" (func $stable_write (param i64 i64 i64)))
  (import "ic0" "stable64_read" (func $stable_read (param i64 i64 i64)))
  (import "ic0" "certified_data_set" (func $certify (param i32 i32)))
  (import "ic0" "data_certificate_present" (func $certificate_present (result i32)))
  (import "ic0" "data_certificate_size" (func $certificate_size (result i32)))
  (import "ic0" "data_certificate_copy" (func $certificate_copy (param i32 i32 i32)))
  (import "ic0" "time" (func $time (result i64)))
  (import "ic0" "global_timer_set" (func $timer_set (param i64) (result i64)))
  (import "ic0" "performance_counter" (func $counter (param i32) (result i64)))
  (import "ic0" "in_replicated_execution" (func $replicated (result i32)))
  (import "ic0" "debug_print" (func $print (param i32 i32)))
  (import "ic0" "trap" (func $trap (param i32 i32)))
  IMPORTS
  (memory (export "memory") 8)
  (table 4 funcref)
  (elem (i32.const 0) $callback $callback $callback $wrong_type)
  (global $fill (mut i32) (i32.const 0))
  (global $next (mut i32) (i32.const 131072))
  (global $total (mut i32) (i32.const 0))
  (global $current (mut i32) (i32.const 0))
  (global $released (mut i32) (i32.const 0))
  (global $on_timer (mut i32) (i32.const 0))
  (global $on_inspect (mut i32) (i32.const 0))
  (global $on_upgrade (mut i32) (i32.const 0))
  (global $on_heartbeat (mut i32) (i32.const 0))
  (global $on_low_memory (mut i32) (i32.const 0))
  (global $on_transform (mut i32) (i32.const 0))
  (global $on_http (mut i32) (i32.const 0))
  (global $on_http_update (mut i32) (i32.const 0))
  (global $noted (mut i32) (i32.const 0))
  (global $awaited (mut i32) (i32.const 0))
  (func $at (result i32) (i32.add (i32.const 65536) (global.get $fill)))
  (func $filled (param $size i32) (global.set $fill (i32.add (global.get $fill) (local.get $size))))
  (func $wrong_type (param i32 i32))
  ;; Makes sure that so many bytes more can be kept.
  (func $room (param $size i32)
    (if (i32.gt_u (i32.add (global.get $next) (local.get $size)) (i32.mul (memory.size) (i32.const 65536)))
      (then (drop (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $size) (i32.const 16))))))))
  ;; Keeps a copy of a length-prefixed blob and returns its address.
  (func $keep (param $from i32) (result i32) (local $to i32) (local $size i32)
    (local.set $to (global.get $next))
    (local.set $size (i32.add (i32.const 4) (i32.load (local.get $from))))
    (call $room (local.get $size))
    (memory.copy (local.get $to) (local.get $from) (local.get $size))
    (global.set $next (i32.add (local.get $to) (local.get $size)))
    (local.get $to))
  (func $skip (param $from i32) (result i32)
    (i32.add (local.get $from) (i32.add (i32.const 4) (i32.load (local.get $from)))))
  (func $body (param $from i32) (result i32) (i32.add (local.get $from) (i32.const 4)))
  (func $push32 (param $value i32)
    (i32.store (call $at) (local.get $value)) (call $filled (i32.const 4)))
  (func $push64 (param $value i64)
    (i64.store (call $at) (local.get $value)) (call $filled (i32.const 8)))
  (func $recurse (param $n i32) (result i32)
    (i32.add (i32.const 1) (call $recurse (i32.add (local.get $n) (i32.const 1)))))
  (func $run_blob (param $from i32)
    (global.set $current (local.get $from))
    (if (local.get $from) (then (call $exec (call $body (local.get $from)) (call $skip (local.get $from))))))
  (func $callback (param $env i32)
    (global.set $fill (i32.const 0))
    (call $run_blob (local.get $env)))
  (func $make_call (param $pc i32) (result i32)
    (local $callee i32) (local $method i32) (local $payload i32) (local $reply i32) (local $reject i32) (local $cleanup i32)
    (local.set $callee (local.get $pc))
    (local.set $method (call $skip (local.get $callee)))
    (local.set $payload (call $skip (local.get $method)))
    (local.set $reply (call $skip (local.get $payload)))
    (local.set $reject (call $skip (local.get $reply)))
    (local.set $cleanup (call $skip (local.get $reject)))
    (local.set $pc (call $skip (local.get $cleanup)))
    (call $call_new (call $body (local.get $callee)) (i32.load (local.get $callee))
      (call $body (local.get $method)) (i32.load (local.get $method))
      (i32.const 0) (call $keep (local.get $reply)) (i32.const 1) (call $keep (local.get $reject)))
    (call $call_data_append (call $body (local.get $payload)) (i32.load (local.get $payload)))
    (if (i32.load (local.get $cleanup))
      (then (call $call_on_cleanup (i32.const 2) (call $keep (local.get $cleanup)))))
    (if (i64.ne (i64.load (local.get $pc)) (i64.const 0))
      (then (call $call_cycles (i64.const 0) (i64.load (local.get $pc)))))
    (if (i32.load offset=8 (local.get $pc))
      (then (call $call_timeout (i32.load offset=8 (local.get $pc)))))
    (i32.store8 (call $at) (call $call_perform))
    (call $filled (i32.const 1))
    (i32.add (local.get $pc) (i32.const 12)))
  (func $invoke (param $pc i32) (result i32) (local $function i32)
    (local.set $function (i32.load8_u (local.get $pc)))
    (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
    INVOKE
    (unreachable))
  (func $exec (param $pc i32) (param $end i32) (local $op i32) (local $size i32)
    (block $done
      (loop $again
        (br_if $done (i32.ge_u (local.get $pc) (local.get $end)))
        (local.set $op (i32.load8_u (local.get $pc)))
        (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
        DISPATCH
        (unreachable))))
  (func $run_argument (local $from i32)
    (global.set $fill (i32.const 0))
    (call $room (i32.add (i32.const 4) (call $arg_size)))
    (local.set $from (global.get $next))
    (i32.store (local.get $from) (call $arg_size))
    (call $arg_copy (call $body (local.get $from)) (i32.const 0) (call $arg_size))
    (global.set $next (call $skip (local.get $from)))
    (call $run_blob (local.get $from)))
  (func $start_blob (param $from i32) (global.set $fill (i32.const 0)) (call $run_blob (local.get $from)))
  (func (export "canister_init") (call $run_argument))
  (func (export "canister_post_upgrade") (call $run_argument))
  (func (export "canister_pre_upgrade") (call $start_blob (global.get $on_upgrade)))
  (func (export "canister_update run") (call $run_argument))
  (func (export "canister_query ask") (call $run_argument))
  (func (export "canister_query transform") (call $start_blob (global.get $on_transform)))
  (func (export "canister_composite_query compose") (call $run_argument))
  (func (export "canister_global_timer") (call $start_blob (global.get $on_timer)))
  INSPECT
  LOW_MEMORY
  HEARTBEAT
  START
  HTTP)`

const OPERATIONS: readonly (readonly [code: number, body: string])[] = [
  [
    1,
    `(local.set $size (i32.load (local.get $pc)))
     (memory.copy (call $at) (call $body (local.get $pc)) (local.get $size))
     (call $filled (local.get $size)) (local.set $pc (call $skip (local.get $pc)))`,
  ],
  [2, '(global.set $fill (i32.const 0))'],
  [3, '(call $reply_append (i32.const 65536) (global.get $fill)) (call $msg_reply)'],
  [4, '(call $reply_append (i32.const 65536) (global.get $fill))'],
  [5, '(call $msg_reply)'],
  [6, '(call $msg_reject (i32.const 65536) (global.get $fill))'],
  [7, '(call $trap (i32.const 65536) (global.get $fill))'],
  [
    8,
    `(global.set $total (i32.add (global.get $total) (i32.load (local.get $pc))))
     (i32.store (i32.const 128) (global.get $total)) (local.set $pc (i32.add (local.get $pc) (i32.const 4)))`,
  ],
  // The total stands in a global and in memory; they may never disagree.
  [
    9,
    '(if (i32.ne (global.get $total) (i32.load (i32.const 128))) (then (unreachable))) (call $push32 (global.get $total))',
  ],
  [
    10,
    `(if (i64.eqz (call $stable_size)) (then (drop (call $stable_grow (i64.const 1)))))
     (call $stable_write (i64.extend_i32_u (i32.load (local.get $pc))) (i64.const 65536) (i64.extend_i32_u (global.get $fill)))
     (local.set $pc (i32.add (local.get $pc) (i32.const 4)))`,
  ],
  [
    11,
    `(local.set $size (i32.load offset=4 (local.get $pc)))
     (call $stable_read (i64.extend_i32_u (call $at)) (i64.extend_i32_u (i32.load (local.get $pc))) (i64.extend_i32_u (local.get $size)))
     (call $filled (local.get $size)) (local.set $pc (i32.add (local.get $pc) (i32.const 8)))`,
  ],
  [12, '(call $certify (i32.const 65536) (global.get $fill))'],
  [
    13,
    `(i32.store8 (call $at) (call $certificate_present)) (call $filled (i32.const 1))
     (if (call $certificate_present) (then
       (call $certificate_copy (call $at) (i32.const 0) (call $certificate_size))
       (call $filled (call $certificate_size))))`,
  ],
  [
    14,
    `(if (i64.eqz (i64.load (local.get $pc)))
       (then (drop (call $timer_set (i64.const 0))))
       (else (drop (call $timer_set (i64.add (call $time) (i64.sub (i64.load (local.get $pc)) (i64.const 1)))))))
     (local.set $pc (i32.add (local.get $pc) (i32.const 8)))`,
  ],
  [15, '(call $print (i32.const 65536) (global.get $fill))'],
  [16, '(local.set $pc (call $make_call (local.get $pc)))'],
  [17, '(call $arg_copy (call $at) (i32.const 0) (call $arg_size)) (call $filled (call $arg_size))'],
  [
    18,
    `(call $push32 (call $reject_code))
     (if (call $reject_code) (then
       (call $reject_copy (call $at) (i32.const 0) (call $reject_size)) (call $filled (call $reject_size))))`,
  ],
  [19, '(unreachable)'],
  // Copying in place spends the budget ten times as fast as an empty loop.
  [20, '(loop $forever (memory.copy (i32.const 0) (i32.const 0) (i32.const 65536)) (br $forever))'],
  [21, '(drop (call $recurse (i32.const 0)))'],
  [22, '(call $push64 (call $time))'],
  [23, '(call $balance (call $at)) (call $filled (i32.const 16))'],
  [
    24,
    `(call $accept (i64.const 0) (i64.load (local.get $pc)) (call $at)) (call $filled (i32.const 16))
     (local.set $pc (i32.add (local.get $pc) (i32.const 8)))`,
  ],
  [25, '(call $push64 (call $version))'],
  [
    26,
    '(call $push32 (memory.grow (i32.load (local.get $pc)))) (local.set $pc (i32.add (local.get $pc) (i32.const 4)))',
  ],
  [27, '(call $caller_copy (call $at) (i32.const 0) (call $caller_size)) (call $filled (call $caller_size))'],
  [28, '(call $push32 (call $status))'],
  [29, '(global.set $on_timer (call $keep (local.get $pc))) (local.set $pc (call $skip (local.get $pc)))'],
  [30, '(global.set $on_inspect (call $keep (local.get $pc))) (local.set $pc (call $skip (local.get $pc)))'],
  [
    31,
    '(call $push64 (call $counter (i32.load (local.get $pc)))) (local.set $pc (i32.add (local.get $pc) (i32.const 4)))',
  ],
  [32, '(call $refunded (call $at)) (call $filled (i32.const 16))'],
  [33, '(call $accept_message)'],
  [34, '(drop (i32.load (i32.const -8)))'],
  [35, '(global.set $on_upgrade (call $keep (local.get $pc))) (local.set $pc (call $skip (local.get $pc)))'],
  [36, '(global.set $on_heartbeat (call $keep (local.get $pc))) (local.set $pc (call $skip (local.get $pc)))'],
  [37, '(drop (i32.div_u (i32.const 1) (i32.load (i32.const 4))))'],
  [38, '(call $stable_write (i64.const 0x100000000000) (i64.const 0) (i64.const 1))'],
  [39, '(call $push32 (call $replicated))'],
  [
    40,
    `(call $burn (i64.const 0) (i64.load (local.get $pc)) (call $at)) (call $filled (i32.const 16))
     (local.set $pc (i32.add (local.get $pc) (i32.const 8)))`,
  ],
  [
    41,
    `(call $call_new (i32.const 0) (i32.const 0) (i32.const 200) (i32.const 8)
       (i32.load (local.get $pc)) (i32.const 0) (i32.load (local.get $pc)) (i32.const 0))
     (drop (call $call_perform)) (local.set $pc (i32.add (local.get $pc) (i32.const 4)))`,
  ],
  [
    42,
    `(if (i32.eqz (global.get $released)) (then
       (call $call_new (i32.const 0) (i32.const 0) (i32.const 200) (i32.const 8)
         (i32.const 0) (global.get $current) (i32.const 0) (global.get $current))
       (drop (call $call_perform))
       (return)))`,
  ],
  [43, '(global.set $released (i32.const 1))'],
  [64, '(local.set $pc (call $invoke (local.get $pc)))'],
  [
    65,
    `(memory.copy (i32.add (i32.const 4096) (global.get $noted)) (i32.const 65536) (global.get $fill))
     (global.set $noted (i32.add (global.get $noted) (global.get $fill)))`,
  ],
  [66, '(memory.copy (call $at) (i32.const 4096) (global.get $noted)) (call $filled (global.get $noted))'],
  [67, '(global.set $noted (i32.const 0))'],
  [68, '(global.set $awaited (i32.load (local.get $pc))) (local.set $pc (i32.add (local.get $pc) (i32.const 4)))'],
  [
    69,
    `(global.set $awaited (i32.sub (global.get $awaited) (i32.const 1)))
     (if (i32.eqz (global.get $awaited)) (then (call $exec (call $body (local.get $pc)) (call $skip (local.get $pc)))))
     (local.set $pc (call $skip (local.get $pc)))`,
  ],
  [
    70,
    `(local.set $size (i32.load offset=4 (local.get $pc)))
     (memory.copy (call $at) (i32.load (local.get $pc)) (local.get $size))
     (call $filled (local.get $size)) (local.set $pc (i32.add (local.get $pc) (i32.const 8)))`,
  ],
  [
    71,
    `(memory.copy (i32.load (local.get $pc)) (i32.add (local.get $pc) (i32.const 8)) (i32.load offset=4 (local.get $pc)))
     (local.set $pc (call $skip (i32.add (local.get $pc) (i32.const 4))))`,
  ],
  [
    72,
    `(local.set $size (i32.load (local.get $pc)))
     (local.set $pc (i32.add (local.get $pc) (i32.const 4)))
     (block $enough (loop $more
       (br_if $enough (i32.eqz (local.get $size)))
       (call $exec (call $body (local.get $pc)) (call $skip (local.get $pc)))
       (local.set $size (i32.sub (local.get $size) (i32.const 1)))
       (br $more)))
     (local.set $pc (call $skip (local.get $pc)))`,
  ],
  [73, '(global.set $on_low_memory (call $keep (local.get $pc))) (local.set $pc (call $skip (local.get $pc)))'],
  [74, '(global.set $on_transform (call $keep (local.get $pc))) (local.set $pc (call $skip (local.get $pc)))'],
  // What START looks at: the size of a program and the program, where stable memory begins.
  [
    75,
    `(if (i64.eqz (call $stable_size)) (then (drop (call $stable_grow (i64.const 1)))))
     (i32.store (i32.const 0) (global.get $fill))
     (call $stable_write (i64.const 0) (i64.const 0) (i64.const 4))
     (call $stable_write (i64.const 4) (i64.const 65536) (i64.extend_i32_u (global.get $fill)))`,
  ],
  [76, '(call $push32 (memory.size))'],
  [77, '(call $run_argument)'],
  [78, '(global.set $on_http (call $keep (local.get $pc))) (local.set $pc (call $skip (local.get $pc)))'],
  [79, '(global.set $on_http_update (call $keep (local.get $pc))) (local.set $pc (call $skip (local.get $pc)))'],
]

/** Loads the operands from the program, calls, and puts the result into the buffer. */
function invocation(name: string, { params, result }: { params: readonly string[]; result: string | null }): string {
  let offset = 0
  const operands = params.map((type) => {
    const operand = `(${type}.load offset=${offset} (local.get $pc))`
    offset += type === 'i64' ? 8 : 4
    return operand
  })
  const invoked = `(call $ic0_${name} ${operands.join(' ')})`
  const kept = result === null ? invoked : `(call ${result === 'i64' ? '$push64' : '$push32'} ${invoked})`
  return `${kept} (return (i32.add (local.get $pc) (i32.const ${offset})))`
}
const FUNCTIONS = Object.entries(SYSTEM_FUNCTIONS)
const IMPORTS = FUNCTIONS.map(([name, { params, result }]) => {
  const types = `(param ${params.join(' ')}) ${result === null ? '' : `(result ${result})`}`
  return `(import "ic0" "${name}" (func $ic0_${name} ${types}))`
}).join('\n')
const INVOKE = FUNCTIONS.map(
  ([name, type], index) => `(if (i32.eq (local.get $function) (i32.const ${index})) (then ${invocation(name, type)}))`,
).join('\n')

/** The start function runs the program that `onStart` left in stable memory. */
const START = `(func $start (local $from i32)
    (if (i64.eqz (call $stable_size)) (then (return)))
    (local.set $from (global.get $next))
    (call $stable_read (i64.extend_i32_u (local.get $from)) (i64.const 0) (i64.const 4))
    (call $stable_read (i64.extend_i32_u (call $body (local.get $from))) (i64.const 4)
      (i64.extend_i32_u (i32.load (local.get $from))))
    (global.set $next (call $skip (local.get $from)))
    (call $start_blob (local.get $from)))
  (start $start)`
const HTTP = `(func (export "canister_query http_request") (call $start_blob (global.get $on_http)))
  (func (export "canister_update http_request_update") (call $start_blob (global.get $on_http_update)))`
/** Runs the argument of the call it looks at. */
const INSPECT_ARGUMENT = '(func (export "canister_inspect_message") (call $run_argument))'
const INSPECT = '(func (export "canister_inspect_message") (call $start_blob (global.get $on_inspect)))'
const LOW_MEMORY =
  '(func (export "canister_on_low_wasm_memory") (global.set $total (i32.add (global.get $total) (i32.const 1))) (i32.store (i32.const 128) (global.get $total)) (call $start_blob (global.get $on_low_memory)))'
const HEARTBEAT = '(func (export "canister_heartbeat") (call $start_blob (global.get $on_heartbeat)))'

/** @param hooks entry points beside those every universal canister has. `variant` makes a module with another hash. */
export function universalWasm(
  hooks: {
    /** `argument`: the call's argument is also the program that decides whether it is let in. */
    inspect?: boolean | 'argument'
    heartbeat?: boolean
    lowMemory?: boolean
    start?: boolean
    http?: boolean
    variant?: number
  } = {},
): Uint8Array {
  const dispatch = OPERATIONS.map(
    ([code, body]) => `(if (i32.eq (local.get $op) (i32.const ${code})) (then ${body} (br $again)))`,
  ).join('\n')
  const inspect = hooks.inspect === 'argument' ? INSPECT_ARGUMENT : hooks.inspect === true ? INSPECT : ''
  const text = TEXT.replace('IMPORTS', IMPORTS)
    .replace('INVOKE', INVOKE)
    .replace('DISPATCH', () => dispatch)
    .replace('INSPECT', inspect)
    .replace('START', hooks.start === true ? START : '')
    .replace('HTTP', hooks.http === true ? HTTP : '')
    .replace('LOW_MEMORY', hooks.lowMemory === true ? LOW_MEMORY : '')
    .replace('HEARTBEAT', hooks.heartbeat === true ? HEARTBEAT : '')
    .replace('(memory (export', `(data (i32.const 300) "${String(hooks.variant ?? 0)}") (memory (export`)
    .replace('(memory (export', '(data (i32.const 200) "raw_rand") (memory (export')
  return assemble(text)
}

export function assemble(text: string): Uint8Array {
  const module = binaryen.parseText(text)
  try {
    module.setFeatures(binaryen.Features.All)
    if (module.validate() === 0) throw new Error('the test canister is not valid')
    return new Uint8Array(module.emitBinary())
  } finally {
    module.dispose()
  }
}
