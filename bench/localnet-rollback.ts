import { HttpAgent } from '@dfinity/agent'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { startLocalnet } from '@medguard/localnet'
import binaryen from 'binaryen'
import { randomBytes } from 'node:crypto'
import { operatorOf } from '../test/scenarios/management.ts'
import { startMeter } from './localnet-rates.ts'
import { check, type Rows } from './rows.ts'

const MiB = 1024 * 1024
const SMALL_MIB = 1
const LARGE_MIB = 256
const TIMES = 400

// `fill` writes a byte into each 4 KiB of as many MiB of stable memory as its argument's first byte says, 64 at a time; `fail` writes
// to heap and stable memory and traps. The heap has 12 MiB, as that of an Azle canister.
const CANISTER = `(module
  (import "ic0" "msg_arg_data_copy" (func $arg (param i32 i32 i32)))
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
  (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
  (memory (export "memory") 192)
  (func (export "canister_update fill") (local $at i64) (local $end i64)
    (call $arg (i32.const 0) (i32.const 0) (i32.const 1))
    (i32.store8 (i32.const 8) (i32.const 1))
    (local.set $at (i64.mul (call $grow (i64.mul (i64.load8_u (i32.const 0)) (i64.const 16))) (i64.const 65536)))
    (local.set $end (i64.add (local.get $at) (i64.mul (i64.load8_u (i32.const 0)) (i64.const ${MiB}))))
    (loop $next
      (call $write (local.get $at) (i64.const 8) (i64.const 1))
      (local.set $at (i64.add (local.get $at) (i64.const 4096)))
      (br_if $next (i64.lt_u (local.get $at) (local.get $end))))
    (call $reply))
  (func (export "canister_update fail")
    (i32.store (i32.const 65536) (i32.const 7))
    (call $write (i64.const 0) (i64.const 65536) (i64.const 4))
    (unreachable)))`

/** What a message that traps costs beside much stable memory, against the same beside little: the messages change equally little. */
export async function measureRollback(rows: Rows): Promise<void> {
  const localnet = await startLocalnet({ port: 0, clock: 'manual' })
  try {
    const { host, url, rootKey } = localnet
    const controller = Ed25519KeyIdentity.generate()
    const operator = operatorOf(HttpAgent.createSync({ host: url, rootKey, identity: controller }))
    const wasm = assemble(CANISTER)
    const install = async (mebibytes: number) => {
      const id = await operator.create()
      await operator.install(id, wasm)
      for (let left = mebibytes; left > 0; left -= 64) {
        check((await send(id.toUint8Array(), 'fill', Uint8Array.of(Math.min(64, left)))) === 'replied', 'it is filled')
      }
      return id.toUint8Array()
    }
    const send = async (canisterId: Uint8Array, method: string, arg: Uint8Array) => {
      const ingressExpiryNs = (await host.timeNs()) + 240_000_000_000n
      const requestId = new Uint8Array(randomBytes(32))
      const sender = controller.getPrincipal().toUint8Array()
      const answer = await host.call({ requestId, sender, canisterId, method, arg, ingressExpiryNs }, 60_000)
      return answer.kind === 'refused' ? answer.reject.errorCode : answer.request.state.status
    }
    const failures = async (canisterId: Uint8Array) => {
      const meter = startMeter()
      for (let i = 0; i < TIMES; i++) {
        check((await send(canisterId, 'fail', new Uint8Array())) === 'rejected', 'the message trapped')
      }
      return meter.costOf(TIMES).coreMs
    }
    const [small, large] = [await install(SMALL_MIB), await install(LARGE_MIB)]
    const costs: { small: number; large: number }[] = []
    // In turns, so that both meet the same machine; the first turn warms up.
    for (let turn = 0; turn < 4; turn++) costs.push({ small: await failures(small), large: await failures(large) })
    const least = (size: 'small' | 'large') => Math.min(...costs.slice(1).map((cost) => cost[size]))
    rows.add(`trap beside ${LARGE_MIB} MiB of stable memory`, least('large'), 'ms of a core')
    rows.add(`… against ${SMALL_MIB} MiB`, least('large') / least('small'), 'times', 1.2)
  } finally {
    await localnet.close()
  }
}

function assemble(text: string): Uint8Array {
  const module = binaryen.parseText(text)
  try {
    return new Uint8Array(module.emitBinary())
  } finally {
    module.dispose()
  }
}
