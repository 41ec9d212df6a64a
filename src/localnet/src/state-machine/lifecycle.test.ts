import { createHash } from 'node:crypto'
import { IDL } from '@dfinity/candid'
import { beforeEach, describe, expect, test } from 'vitest'
import { utf8 } from '../certificates/index.ts'
import { ARGUMENTS, RESULTS } from '../management/candid.ts'
import {
  decoded,
  errorOf,
  idArg,
  longOf,
  MANAGEMENT,
  messageOf,
  numberOf,
  openNetwork,
  replyOf,
  SECOND_NS,
  type TestNetwork,
  textOf,
} from './network.fixture.ts'
import * as uc from './universal-canister.fixture.ts'

const { program } = uc
const wasm = uc.universalWasm()
const nextWasm = uc.universalWasm({ variant: 2 })
const UPGRADE = { upgrade: [] }
let network: TestNetwork

beforeEach(() => {
  network = openNetwork()
})

const heapTotal = (id: Uint8Array) => numberOf(network.query(id, program(uc.sayHeap, uc.reply)))
const stableText = (id: Uint8Array) => textOf(network.query(id, program(uc.sayStable(0, 4), uc.reply)))
const certified = (id: Uint8Array) =>
  Buffer.from(replyOf(network.query(id, program(uc.sayCertificate, uc.reply)))).toString('latin1')
const manage = (method: string, id: Uint8Array) => network.manage(method, ARGUMENTS.CanisterId, idArg(id))
const sendManage = (method: string, id: Uint8Array) =>
  network.send(MANAGEMENT, IDL.encode([ARGUMENTS.CanisterId], [idArg(id)]), { method })

describe('installing code', () => {
  test('runs init with the argument and tells the hash of the module', () => {
    const id = network.install(wasm, uc.addToHeap(4))
    expect(heapTotal(id)).toBe(4)
    const hash = new Uint8Array(createHash('sha256').update(wasm).digest())
    expect(network.machine.canister(id)?.moduleHash).toEqual(hash)
  })

  test('over code needs reinstall or upgrade', () => {
    const id = network.install(wasm)
    expect(errorOf(network.installCode(id, wasm, { install: null }))).toBe('IC0514')
    expect(errorOf(network.installCode(network.create(), wasm, UPGRADE))).toBe('IC0537')
  })

  test('that traps leaves the canister as it was', () => {
    const empty = network.create()
    expect(errorOf(network.installCode(empty, wasm, { install: null }, uc.trap))).toBe('IC0503')
    expect(network.machine.canister(empty)?.moduleHash).toBeNull()
    const id = network.install(wasm, program(uc.addToHeap(3), uc.say('old!'), uc.writeStable(0)))
    for (const mode of [{ reinstall: null }, UPGRADE]) {
      const failing = program(uc.addToHeap(1), uc.say('new!'), uc.writeStable(0), uc.trap)
      expect(errorOf(network.installCode(id, nextWasm, mode, failing))).toBe('IC0503')
      expect(heapTotal(id)).toBe(3)
      expect(stableText(id)).toBe('old!')
      expect(network.machine.canister(id)?.moduleHash).toEqual(
        new Uint8Array(createHash('sha256').update(wasm).digest()),
      )
    }
  })

  test('of a module the network does not accept is refused, with the missing name', () => {
    const id = network.create()
    const unknown = uc.assemble('(module (import "ic0" "make_coffee" (func (param i64 i64 i32))) (memory 1))')
    const outcome = network.installCode(id, unknown, { install: null })
    expect(errorOf(outcome)).toBe('IC0505')
    expect(messageOf(outcome)).toContain("Canister's Wasm module is not valid")
    expect(messageOf(outcome)).toContain('make_coffee')
    expect(errorOf(network.installCode(id, new Uint8Array([1, 2, 3]), { install: null }))).toBe('IC0505')
  })

  test('with data outside the memory traps', () => {
    const outside = uc.assemble('(module (memory 1) (data (i32.const 65536) "x"))')
    const outcome = network.installCode(network.create(), outside, { install: null })
    expect(errorOf(outcome)).toBe('IC0502')
  })

  test('with a memory beyond the limit of the canister is refused', () => {
    const greedy = uc.assemble('(module (memory 65536 65536))')
    expect(errorOf(network.installCode(network.create(), greedy, { install: null }))).toBe('IC0539')
  })

  test('runs the start function first, which may not know its caller', () => {
    const starting = uc.assemble(
      `(module (import "ic0" "msg_caller_size" (func $size (result i32))) (memory 1)
         (func $start (drop (call $size))) (start $start))`,
    )
    const outcome = network.installCode(network.create(), starting, { install: null })
    expect(errorOf(outcome)).toBe('IC0504')
    expect(messageOf(outcome)).toContain('"ic0_msg_caller_size" cannot be executed in start mode')
  })

  test('reinstalling drops heap, stable memory, certified data and logs', () => {
    const id = network.install(wasm, program(uc.addToHeap(3), uc.say('old!'), uc.writeStable(0), uc.certify, uc.log))
    replyOf(network.installCode(id, wasm, { reinstall: null }, program()))
    expect(heapTotal(id)).toBe(0)
    expect(errorOf(network.query(id, uc.sayStable(0, 4)))).toBe('IC0502')
    expect(certified(id)).not.toContain('old!')
    expect(network.logsOf(id)).toEqual([])
  })
})

describe('an upgrade', () => {
  test('keeps stable memory, certified data and logs, and drops heap and timer', () => {
    const id = network.install(wasm, program(uc.addToHeap(3), uc.say('kept'), uc.writeStable(0), uc.certify, uc.log))
    network.update(id, program(uc.onTimer(uc.addToHeap(50)), uc.setTimer(10n * SECOND_NS), uc.reply))
    replyOf(network.installCode(id, nextWasm, UPGRADE, program()))
    expect(heapTotal(id)).toBe(0)
    expect(stableText(id)).toBe('kept')
    expect(certified(id)).toContain('kept')
    expect(network.logsOf(id)).toEqual(['kept'])
    expect(network.machine.nextDueNs()).toBeNull()
  })

  test('runs pre_upgrade in the old code and post_upgrade in the new, with one version between them', () => {
    const id = network.install(wasm)
    network.update(id, program(uc.onPreUpgrade(program(uc.sayVersion, uc.writeStable(0))), uc.reply))
    replyOf(network.installCode(id, nextWasm, UPGRADE, program(uc.sayVersion, uc.writeStable(8))))
    const versions = network.query(id, program(uc.sayStable(0, 16), uc.reply))
    expect(longOf(versions, 8)).toBe(longOf(versions) + 1n)
  })

  test('whose pre_upgrade traps fails whole, unless it is skipped', () => {
    const id = network.install(wasm)
    network.update(id, program(uc.addToHeap(2), uc.onPreUpgrade(program(uc.addToHeap(1), uc.trap)), uc.reply))
    expect(errorOf(network.installCode(id, nextWasm, UPGRADE))).toBe('IC0503')
    expect(heapTotal(id)).toBe(2)
    const skip = { upgrade: [{ skip_pre_upgrade: [true], wasm_memory_persistence: [] }] }
    replyOf(network.installCode(id, nextWasm, skip))
    expect(heapTotal(id)).toBe(0)
  })

  test('cannot keep the heap of a module that does not say it can', () => {
    const id = network.install(wasm)
    const keep = { upgrade: [{ skip_pre_upgrade: [], wasm_memory_persistence: [{ keep: null }] }] }
    expect(errorOf(network.installCode(id, nextWasm, keep))).toBe('IC0505')
  })

  test('leaves open call contexts open: their callbacks run in the new code', () => {
    const id = network.install(wasm)
    const open = network.send(id, program(uc.hold, uc.say('old'), uc.reply))
    runUntil(() => network.status(open)?.status === 'processing')
    sendInstall(id, UPGRADE)
    const hash = network.machine.canister(id)?.moduleHash
    runUntil(() => network.machine.canister(id)?.moduleHash !== hash)
    network.settle()
    // The new heap is empty, so the callback's environment points at nothing and the call goes unanswered.
    expect(rejection(open)).toBe('IC0506')
  })
})

describe('stopping', () => {
  let id: Uint8Array
  let open: Uint8Array
  beforeEach(() => {
    id = network.install(wasm)
    open = network.send(id, program(uc.hold, uc.say('done'), uc.reply))
    runUntil(() => network.status(open)?.status === 'processing')
  })

  test('waits for open call contexts, while new messages are refused', () => {
    const release = network.send(id, program(uc.release, uc.reply))
    const stop = sendManage('stop_canister', id)
    const tooLate = network.send(id, uc.reply)
    runUntil(() => statusOf(id) === 'stopping')
    expect(network.status(stop)?.status).toBe('received')
    expect(() => network.send(id, uc.reply)).toThrow('IC0509')
    expect(errorOf(network.query(id, uc.reply))).toBe('IC0509')
    network.settle()
    expect(network.status(open)).toEqual({ status: 'replied', reply: utf8('done') })
    expect(network.status(release)?.status).toBe('replied')
    expect(['replied', 'rejected']).toContain(network.status(tooLate)?.status)
    expect(network.status(stop)?.status).toBe('replied')
    expect(statusOf(id)).toBe('stopped')
  })

  test('is cancelled by a start', () => {
    const stop = sendManage('stop_canister', id)
    runUntil(() => statusOf(id) === 'stopping')
    const start = sendManage('start_canister', id)
    runUntil(() => network.status(start)?.status === 'replied')
    expect(rejection(stop)).toBe('IC0511')
    replyOf(network.update(id, program(uc.release, uc.reply)))
  })

  test('times out after five minutes, and the canister goes on stopping', () => {
    const stop = sendManage('stop_canister', id)
    runUntil(() => statusOf(id) === 'stopping')
    network.machine.setTime(network.machine.timeNs() + 301n * SECOND_NS)
    network.machine.run(1)
    expect(rejection(stop)).toBe('IC0206')
    expect(statusOf(id)).toBe('stopping')
  })
})

test('stopping twice succeeds, and a stopped canister can be started again', () => {
  const id = network.install(wasm)
  replyOf(manage('stop_canister', id))
  replyOf(manage('stop_canister', id))
  expect(() => network.send(id, uc.reply)).toThrow('IC0508')
  replyOf(manage('start_canister', id))
  replyOf(network.update(id, uc.reply))
})

describe('uninstalling', () => {
  test('rejects open calls, drops everything but settings, and lets late responses go', () => {
    const id = network.install(wasm, program(uc.say('old!'), uc.writeStable(0), uc.certify, uc.log))
    const open = network.send(id, program(uc.hold, uc.reply))
    runUntil(() => network.status(open)?.status === 'processing')
    const uninstall = network.send(MANAGEMENT, uninstallArgument(id), { method: 'uninstall_code' })
    runUntil(() => network.status(uninstall)?.status === 'replied')
    network.settle()
    const status = network.status(open)
    expect(status?.status === 'rejected' && status.reject).toMatchObject({
      code: 4,
      message: 'Canister has been uninstalled.',
    })
    expect(network.machine.canister(id)?.moduleHash).toBeNull()
    expect(network.machine.dump(id)).toBeNull()
    expect(network.logsOf(id)).toEqual([])
    expect(statusOf(id)).toBe('running')
    replyOf(network.installCode(id, wasm, { install: null }))
    expect(heapTotal(id)).toBe(0)
  })

  test('gives the cycles of open calls back', () => {
    const id = network.install(wasm)
    const before = network.statusOf(id).cycles
    network.update(id, program(uc.call({ callee: MANAGEMENT, method: 'raw_rand' }), uc.reply))
    expect(before - network.statusOf(id).cycles).toBeLessThan(1_000_000_000n)
  })
})

describe('deleting', () => {
  test('wants a stopped canister, and takes everything stored with it', () => {
    const id = network.install(wasm, program(uc.say('old!'), uc.writeStable(0)))
    network.save()
    expect(errorOf(manage('delete_canister', id))).toBe('IC0510')
    replyOf(manage('stop_canister', id))
    replyOf(manage('delete_canister', id))
    network.save()
    expect(network.machine.canister(id)).toBeUndefined()
    const left = [...network.saved.keys()].filter((key) => key.startsWith('c/') || key.startsWith('module/'))
    expect(left).toEqual([])
    expect(errorOf(network.query(id, uc.reply))).toBe('IC0301')
    expect(Buffer.compare(network.create(), id)).not.toBe(0)
  })
})

const runUntil = (isDone: () => boolean): void => {
  for (let count = 0; count < 1000; count++) {
    if (isDone()) return
    network.machine.run(1)
  }
  throw new Error('it does not happen')
}

function rejection(requestId: Uint8Array): string | undefined {
  const status = network.status(requestId)
  return status?.status === 'rejected' ? status.reject.errorCode : undefined
}

function statusOf(id: Uint8Array): string {
  const arg = IDL.encode([ARGUMENTS.CanisterId], [idArg(id)])
  const outcome = network.query(MANAGEMENT, arg, { method: 'canister_status' })
  return Object.keys((decoded(RESULTS.Status, outcome) as { status: object }).status).join()
}

const uninstallArgument = (id: Uint8Array): Uint8Array =>
  IDL.encode([ARGUMENTS.UninstallCode], [{ ...idArg(id), sender_canister_version: [] }])

function sendInstall(id: Uint8Array, mode: object): void {
  const value = { ...idArg(id), mode, wasm_module: nextWasm, arg: new Uint8Array(0), sender_canister_version: [] }
  network.send(MANAGEMENT, IDL.encode([ARGUMENTS.InstallCode], [value]), { method: 'install_code' })
}
