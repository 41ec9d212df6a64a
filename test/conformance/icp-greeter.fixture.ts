// A canister for the command line: it greets, counts in stable memory, writes a log and traps on demand.
import binaryen from 'binaryen'

import { appendCustomSection } from '../../scripts/canister/wasm.ts'

const CANDID = `service : {
  greet : () -> (text) query;
  count : () -> (nat);
  fail : () -> ();
}
`

/** @param greeting at most 100 characters of ASCII. @param fillerBytes makes the module larger by as much. */
export function greeterWasm(greeting: string, fillerBytes = 0): Uint8Array {
  const length = greeting.length.toString(16).padStart(2, '0')
  const module = binaryen.parseText(`(module
    (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
    (import "ic0" "msg_reply" (func $reply))
    (import "ic0" "debug_print" (func $print (param i32 i32)))
    (import "ic0" "trap" (func $trap (param i32 i32)))
    (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
    (import "ic0" "stable64_read" (func $read (param i64 i64 i64)))
    (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
    (memory (export "memory") 1)
    (data (i32.const 0) "DIDL\\00\\01\\71\\${length}${greeting}")
    (data (i32.const 200) "DIDL\\00\\01\\7d\\00")
    (data (i32.const 300) "counted")
    (data (i32.const 400) "failed as asked")
    (func (export "canister_init") (drop (call $grow (i64.const 1))))
    (func (export "canister_query greet")
      (call $append (i32.const 0) (i32.const ${8 + greeting.length}))
      (call $reply))
    (func (export "canister_update count")
      (call $read (i64.const 207) (i64.const 0) (i64.const 1))
      (i32.store8 (i32.const 207) (i32.add (i32.load8_u (i32.const 207)) (i32.const 1)))
      (call $write (i64.const 0) (i64.const 207) (i64.const 1))
      (call $print (i32.const 300) (i32.const 7))
      (call $append (i32.const 200) (i32.const 8))
      (call $reply))
    (func (export "canister_update fail") (call $trap (i32.const 400) (i32.const 15))))`)
  const wasm = module.emitBinary()
  module.dispose()
  const named = appendCustomSection(wasm, 'icp:public candid:service', new TextEncoder().encode(CANDID))
  return fillerBytes === 0 ? named : appendCustomSection(named, 'filler', new Uint8Array(fillerBytes).fill(7))
}
