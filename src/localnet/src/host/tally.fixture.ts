// Small canisters for tests, in Wasm text. Their arguments and answers are one Candid nat32: `DIDL 00 01 79`, then four bytes.
import binaryen from 'binaryen'

const COMMON = `
  (import "ic0" "msg_arg_data_size" (func $arg_size (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $arg_copy (param i32 i32 i32)))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reply" (func $send))
  (import "ic0" "trap" (func $trap (param i32 i32)))`

/** `mark(n)` counts how often it was called with each n below 10,000 and answers the count; `count(n)` only answers it. */
const TALLY = `(module ${COMMON}
  (import "ic0" "canister_self_copy" (func $self_copy (param i32 i32 i32)))
  (import "ic0" "canister_self_size" (func $self_size (result i32)))
  (import "ic0" "call_new" (func $call_new (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "ic0" "call_perform" (func $call_perform (result i32)))
  (import "ic0" "time" (func $time (result i64)))
  (import "ic0" "global_timer_set" (func $timer_set (param i64) (result i64)))
  (memory (export "memory") 1)
  (table 2 funcref)
  (elem (i32.const 0) $again $again)
  (data (i32.const 0) "DIDL\\00\\01\\79")
  (data (i32.const 200) "echo")
  (global $released (mut i32) (i32.const 0))
  (global $fired (mut i32) (i32.const 0))
  (func $arg (result i32)
    (call $arg_copy (i32.const 64) (i32.const 0) (call $arg_size))
    (i32.load (i32.const 71)))
  (func $slot (param $n i32) (result i32)
    (if (i32.ge_u (local.get $n) (i32.const 10000)) (then (unreachable)))
    (i32.add (i32.const 1024) (i32.mul (local.get $n) (i32.const 4))))
  (func $reply (param $value i32)
    (i32.store (i32.const 7) (local.get $value))
    (call $append (i32.const 0) (i32.const 11))
    (call $send))
  (func $mark (export "canister_update mark") (local $at i32)
    (local.set $at (call $slot (call $arg)))
    (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1)))
    (call $reply (i32.load (local.get $at))))
  (func (export "canister_query count") (call $reply (i32.load (call $slot (call $arg)))))
  (func (export "canister_update fail") (call $trap (i32.const 200) (i32.const 4)))
  (func (export "canister_update echo") (call $reply (call $arg)))
  ;; Calls itself until released, so its own answer stays open as long as a test wants.
  (func $call_self
    (call $self_copy (i32.const 128) (i32.const 0) (call $self_size))
    (call $call_new (i32.const 128) (call $self_size) (i32.const 200) (i32.const 4)
      (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (drop (call $call_perform)))
  (func $again (param i32)
    (if (global.get $released) (then (call $reply (i32.const 7))) (else (call $call_self))))
  (func (export "canister_update hold") (call $call_self))
  (func (export "canister_update release") (global.set $released (i32.const 1)) (call $reply (i32.const 1)))
  (func (export "canister_update wake_in_an_hour")
    (drop (call $timer_set (i64.add (call $time) (i64.const 3600000000000))))
    (call $reply (i32.const 0)))
  (func (export "canister_global_timer") (global.set $fired (i32.add (global.get $fired) (i32.const 1))))
  (func (export "canister_query fired") (call $reply (global.get $fired)))
)`

export const tallyWasm = (): Uint8Array<ArrayBuffer> => assembleText(TALLY)

/** Methods that answer fixed bytes; one that is given `argument` traps when called with any other. */
export function fixedAnswersWasm(
  methods: Readonly<Record<string, { readonly reply: Uint8Array; readonly argument?: Uint8Array }>>,
): Uint8Array<ArrayBuffer> {
  let at = 65_536 // the first page holds the argument
  const place = (bytes: Uint8Array): number => {
    const start = at
    at += bytes.length
    return start
  }
  const parts = Object.entries(methods).map(([name, { reply, argument }]) => {
    const replyAt = place(reply)
    const argumentAt = argument === undefined ? 0 : place(argument)
    const check =
      argument === undefined
        ? ''
        : `(if (i32.eqz (call $same (i32.const ${argumentAt}) (i32.const ${argument.length}))) (then (unreachable)))`
    return `
  (data (i32.const ${replyAt}) "${escaped(reply)}")
  ${argument === undefined ? '' : `(data (i32.const ${argumentAt}) "${escaped(argument)}")`}
  (func (export "canister_${name}") ${check}
    (call $append (i32.const ${replyAt}) (i32.const ${reply.length}))
    (call $send))`
  })
  return assembleText(`(module ${COMMON}
  (memory (export "memory") 16)
  (func $same (param $at i32) (param $size i32) (result i32) (local $i i32)
    (if (i32.ne (call $arg_size) (local.get $size)) (then (return (i32.const 0))))
    (call $arg_copy (i32.const 0) (i32.const 0) (local.get $size))
    (loop $next
      (if (i32.ne (i32.load8_u (local.get $i)) (i32.load8_u (i32.add (local.get $at) (local.get $i))))
        (then (return (i32.const 0))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $size))))
    (i32.const 1))
  ${parts.join('\n')}
)`)
}

const escaped = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')

function assembleText(text: string): Uint8Array<ArrayBuffer> {
  const module = binaryen.parseText(text)
  try {
    if (!module.validate()) throw new Error('the test canister is not valid')
    return new Uint8Array(module.emitBinary())
  } finally {
    module.dispose()
  }
}
