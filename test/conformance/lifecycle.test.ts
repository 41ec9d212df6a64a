// A canister's life: interface specification, "IC management canister" (`install_code`, `uninstall_code`, `start_canister`,
// `stop_canister`, `delete_canister`), "Canister upgrades", "Canister version"; cases after the groups "canister lifecycle", "canister
// stopping", "canister deletion", "upgrades", "reinstall" and "uninstall" of the reference implementation's acceptance tests
// (dfinity/ic-hs, src/IC/Test/Spec.hs).
import { gzipSync } from 'node:zlib'
import {
  addToHeap,
  call,
  clear,
  hold,
  invoke,
  log,
  note,
  onPreUpgrade,
  program,
  release,
  reply,
  say,
  sayArgument,
  sayCaller,
  sayHeap,
  sayNotes,
  sayReject,
  sayStable,
  sayStatus,
  sayVersion,
  sendReply,
  trap,
  universalWasm,
  writeStable,
} from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ed25519 } from './keys.fixture.ts'
import { errorOf, longOf, numberOf, openReplica, type Replica, replyOf, textOf } from './replica.fixture.ts'
import { identityOf, sha256 } from './request.fixture.ts'

let ic: Replica
const wasm = universalWasm()
const otherWasm = universalWasm({ variant: 2 })
const stranger = identityOf(ed25519())
beforeAll(async () => {
  ic = await openReplica()
})
afterAll(() => ic.close())

const hello = program(say('hello'), reply)
const heapOf = async (id: Uint8Array) => numberOf(await ic.query(id, program(clear, sayHeap, reply)))
const notesOf = async (id: Uint8Array) => textOf(await ic.query(id, program(clear, sayNotes, reply)))
const versionOf = async (id: Uint8Array) => (await ic.statusOf(id)).version
const about = (id: Uint8Array) => ({ canister_id: id })
const upgrade = { upgrade: [] }

describe('installing', () => {
  test('runs init with the argument and the sender as caller', async () => {
    const id = await ic.create()
    replyOf(await ic.install(id, wasm, { arg: program(clear, sayCaller, note, addToHeap(3)) }))
    expect(replyOf(await ic.query(id, program(clear, sayNotes, reply)))).toEqual(ic.owner.principal)
    expect(await heapOf(id)).toBe(3)
    expect((await ic.statusOf(id)).module_hash).toEqual([sha256(wasm)])
  })

  test('takes a compressed module, and its hash is that of what was sent', async () => {
    const id = await ic.create()
    const compressed = new Uint8Array(gzipSync(wasm))
    replyOf(await ic.install(id, compressed))
    expect(textOf(await ic.update(id, hello))).toBe('hello')
    expect((await ic.statusOf(id)).module_hash).toEqual([sha256(compressed)])
  })

  test.each<[string, Uint8Array, string]>([
    ['traps', program(say('no'), trap), '5 IC0503'],
    ['calls', call({ callee: new Uint8Array(0) }), '5 IC0504'],
    ['replies', program(reply), '5 IC0504'],
    ['rejects', invoke('msg_reject', 0, 0), '5 IC0504'],
  ])('leaves the canister empty when init %s', async (_what, arg, error) => {
    const id = await ic.create()
    expect(errorOf(await ic.install(id, wasm, { arg }))).toBe(error)
    expect((await ic.statusOf(id)).module_hash).toEqual([])
  })

  test('needs an empty canister, upgrading a full one, reinstalling either', async () => {
    const [full, empty] = [await ic.deploy(wasm), await ic.create()]
    expect(errorOf(await ic.install(full, otherWasm))).toMatch(/^5 IC05(14|38)$/)
    expect(errorOf(await ic.install(empty, wasm, { mode: upgrade }))).toBe('5 IC0537')
    replyOf(await ic.install(empty, wasm, { mode: { reinstall: null } }))
    replyOf(await ic.install(full, otherWasm, { mode: { reinstall: null } }))
    expect((await ic.statusOf(full)).module_hash).toEqual([sha256(otherWasm)])
  })

  test('is for controllers', async () => {
    const id = await ic.create()
    expect(errorOf(await ic.install(id, wasm, { as: stranger }))).toBe('5 IC0512')
  })
})

describe('upgrading', () => {
  test('keeps stable memory and nothing of the heap', async () => {
    const id = await ic.deploy(wasm)
    replyOf(await ic.update(id, program(addToHeap(9), say('kept'), writeStable(0), reply)))
    replyOf(await ic.install(id, otherWasm, { mode: upgrade, arg: program(clear, sayStable(0, 4), note) }))
    expect(await notesOf(id)).toBe('kept')
    expect(await heapOf(id)).toBe(0)
  })

  test('runs before in the old module and after in the new one, with the version between', async () => {
    const id = await ic.deploy(wasm)
    replyOf(await ic.update(id, program(onPreUpgrade(program(clear, sayVersion, writeStable(0))), sendReply)))
    const before = await versionOf(id)
    replyOf(
      await ic.install(id, wasm, { mode: upgrade, arg: program(clear, sayStable(0, 8), sayVersion, sayStatus, note) }),
    )
    const notes = Buffer.from(replyOf(await ic.query(id, program(clear, sayNotes, reply))))
    expect(notes.readBigUInt64LE(8)).toBe(notes.readBigUInt64LE(0) + 1n)
    expect(notes.readUInt32LE(16)).toBe(1)
    expect((await versionOf(id)) > before).toBe(true)
  })

  test.each<[string, Uint8Array, Uint8Array, string]>([
    ['before traps', program(trap), program(), '5 IC0503'],
    ['before asks for an argument', program(sayArgument), program(), '5 IC0504'],
    ['before calls', call({ callee: new Uint8Array(0) }), program(), '5 IC0504'],
    ['after traps', program(), program(trap), '5 IC0503'],
    ['after calls', program(), call({ callee: new Uint8Array(0) }), '5 IC0504'],
  ])('changes nothing when what runs %s', async (_what, before, after, error) => {
    const id = await ic.deploy(wasm)
    const changing = program(addToHeap(100), say('lost'), writeStable(0))
    replyOf(
      await ic.update(
        id,
        program(say('kept'), writeStable(0), addToHeap(1), onPreUpgrade(program(clear, changing, before)), sendReply),
      ),
    )
    expect(errorOf(await ic.install(id, otherWasm, { mode: upgrade, arg: program(clear, changing, after) }))).toBe(
      error,
    )
    expect((await ic.statusOf(id)).module_hash).toEqual([sha256(wasm)])
    expect(await heapOf(id)).toBe(1)
    expect(textOf(await ic.query(id, program(clear, sayStable(0, 4), reply)))).toBe('kept')
  })

  test('leaves out what runs before when it is told to', async () => {
    const id = await ic.deploy(wasm)
    replyOf(await ic.update(id, program(onPreUpgrade(trap), sendReply)))
    const mode = { upgrade: [{ skip_pre_upgrade: [true], wasm_memory_persistence: [] }] }
    replyOf(await ic.install(id, otherWasm, { mode }))
    expect((await ic.statusOf(id)).module_hash).toEqual([sha256(otherWasm)])
  })

  test('with the heap kept is for modules that say so', async () => {
    const id = await ic.deploy(wasm)
    const mode = { upgrade: [{ skip_pre_upgrade: [], wasm_memory_persistence: [{ keep: null }] }] }
    expect(errorOf(await ic.install(id, wasm, { mode }))).toMatch(/^5 /)
    const replace = { upgrade: [{ skip_pre_upgrade: [], wasm_memory_persistence: [{ replace: null }] }] }
    replyOf(await ic.install(id, wasm, { mode: replace }))
  })

  test('with a call open lets its callback run in the new module', async () => {
    const [id, slow] = [await ic.deploy(wasm), await ic.deploy(wasm)]
    const payload = program(hold, clear, say('late'), reply)
    const waiting = ic.update(id, call({ callee: slow, payload, onReply: program(sayArgument, reply) }), { version: 2 })
    await expect.poll(async () => textOf(await ic.update(slow, program(sendReply)))).toBe('')
    replyOf(await ic.install(id, otherWasm, { mode: upgrade }))
    replyOf(await ic.update(slow, program(release, sendReply)))
    // The callback's environment was an address in the old heap; the new module finds no program there, so nobody answers.
    expect(errorOf(await waiting)).toMatch(/^5 IC05/)
  })
})

describe('reinstalling', () => {
  test('forgets heap, stable memory and logs', async () => {
    const id = await ic.deploy(wasm)
    replyOf(await ic.update(id, program(addToHeap(5), say('x'), writeStable(0), log, reply)))
    replyOf(await ic.install(id, wasm, { mode: { reinstall: null } }))
    expect(await heapOf(id)).toBe(0)
    expect(longOf(await ic.query(id, program(clear, invoke('stable64_size'), reply)))).toBe(0n)
    expect(await ic.logsOf(id)).toEqual([])
  })

  test('that fails changes nothing', async () => {
    const id = await ic.deploy(wasm)
    replyOf(await ic.update(id, program(addToHeap(5), say('kept'), writeStable(0), reply)))
    expect(errorOf(await ic.install(id, otherWasm, { mode: { reinstall: null }, arg: trap }))).toBe('5 IC0503')
    expect(await heapOf(id)).toBe(5)
    expect(textOf(await ic.query(id, program(clear, sayStable(0, 4), reply)))).toBe('kept')
  })
})

describe('uninstalling', () => {
  test('empties the canister and leaves id, cycles and controllers', async () => {
    const id = await ic.deploy(wasm)
    replyOf(await ic.update(id, program(say('x'), writeStable(0), reply)))
    const before = await ic.statusOf(id)
    replyOf(await ic.manage('uninstall_code', about(id)))
    const after = await ic.statusOf(id)
    expect(after.module_hash).toEqual([])
    expect(after.settings.controllers).toEqual(before.settings.controllers)
    expect(after.cycles > before.cycles / 2n).toBe(true)
    expect(errorOf(await ic.update(id, hello))).toBe('5 IC0537')
    expect(errorOf(await ic.query(id, hello))).toBe('5 IC0537')
    replyOf(await ic.install(id, wasm))
    expect(longOf(await ic.query(id, program(clear, invoke('stable64_size'), reply)))).toBe(0n)
  })

  test('an empty canister is no error, by a stranger it is one', async () => {
    const id = await ic.create()
    replyOf(await ic.manage('uninstall_code', about(id)))
    expect(errorOf(await ic.manage('uninstall_code', about(id), { as: stranger }))).toBe('5 IC0512')
  })

  test("rejects the calls that are open, and their late answers are nobody's", async () => {
    const [id, slow] = [await ic.deploy(wasm), await ic.deploy(wasm)]
    const payload = program(hold, clear, say('late'), reply)
    const waiting = ic.update(id, call({ callee: slow, payload, onReply: program(addToHeap(1), sayArgument, reply) }), {
      version: 2,
    })
    await expect.poll(async () => (await ic.statusOf(id)).version > 1n).toBe(true)
    replyOf(await ic.manage('uninstall_code', about(id)))
    expect(errorOf(await waiting)).toBe('4 IC0406')
    replyOf(await ic.install(id, wasm))
    replyOf(await ic.update(slow, program(release, sendReply)))
    replyOf(await ic.update(id, program(sendReply)))
    expect(await heapOf(id)).toBe(0)
  })
})

describe('stopping', () => {
  test('a canister refuses calls and queries, and starting it takes them again', async () => {
    const [id, other] = [await ic.deploy(wasm), await ic.deploy(wasm)]
    replyOf(await ic.manage('stop_canister', about(id)))
    expect((await ic.statusOf(id)).status).toEqual({ stopped: null })
    expect(errorOf(await ic.update(id, hello))).toBe('5 IC0508')
    expect(errorOf(await ic.query(id, hello))).toBe('5 IC0508')
    const told = await ic.update(other, call({ callee: id, payload: hello, onReject: program(sayReject, reply) }))
    expect(numberOf(told)).toBe(5)
    replyOf(await ic.manage('stop_canister', about(id)))
    replyOf(await ic.manage('start_canister', about(id)))
    replyOf(await ic.manage('start_canister', about(id)))
    expect((await ic.statusOf(id)).status).toEqual({ running: null })
    expect(textOf(await ic.update(id, hello))).toBe('hello')
  })

  test('waits for the calls that are open, and takes no new ones meanwhile', async () => {
    const [id, slow] = [await ic.deploy(wasm), await ic.deploy(wasm)]
    const payload = program(hold, clear, say('done'), reply)
    const open = ic.update(id, call({ callee: slow, payload, onReply: program(clear, sayStatus, reply) }), {
      version: 2,
    })
    await expect.poll(async () => (await ic.statusOf(id)).version > 1n).toBe(true)
    const stopped = ic.manage('stop_canister', about(id), { version: 2 })
    await expect.poll(async () => (await ic.statusOf(id)).status).toEqual({ stopping: null })
    expect(errorOf(await ic.update(id, hello))).toBe('5 IC0509')
    expect(errorOf(await ic.query(id, hello))).toBe('5 IC0509')
    replyOf(await ic.update(slow, program(release, sendReply)))
    expect(numberOf(await open)).toBe(2)
    replyOf(await stopped)
    expect((await ic.statusOf(id)).status).toEqual({ stopped: null })
  })

  test('is called off by starting', async () => {
    const [id, slow] = [await ic.deploy(wasm), await ic.deploy(wasm)]
    const payload = program(hold, clear, say('done'), reply)
    const open = ic.update(id, call({ callee: slow, payload, onReply: program(sayArgument, reply) }), { version: 2 })
    await expect.poll(async () => (await ic.statusOf(id)).version > 1n).toBe(true)
    const stopped = ic.manage('stop_canister', about(id), { version: 2 })
    await expect.poll(async () => (await ic.statusOf(id)).status).toEqual({ stopping: null })
    replyOf(await ic.manage('start_canister', about(id)))
    expect(errorOf(await stopped)).toBe('5 IC0511')
    replyOf(await ic.update(slow, program(release, sendReply)))
    expect(textOf(await open)).toBe('done')
  })

  test('and upgrading a stopped canister shows it so', async () => {
    const id = await ic.deploy(wasm)
    replyOf(await ic.manage('stop_canister', about(id)))
    replyOf(await ic.install(id, wasm, { mode: upgrade, arg: program(clear, sayStatus, note) }))
    replyOf(await ic.manage('start_canister', about(id)))
    expect(Buffer.from(await notesOf(id)).readUInt32LE()).toBe(3)
  })
})

describe('deleting', () => {
  test('needs a stopped canister, and then nothing of it is left', async () => {
    const id = await ic.deploy(wasm)
    expect(errorOf(await ic.manage('delete_canister', about(id)))).toBe('5 IC0510')
    replyOf(await ic.manage('stop_canister', about(id)))
    expect(errorOf(await ic.manage('delete_canister', about(id), { as: stranger }))).toBe('5 IC0512')
    replyOf(await ic.manage('delete_canister', about(id)))
    expect(errorOf(await ic.update(id, hello))).toBe('3 IC0301')
    expect(errorOf(await ic.query(id, hello))).toBe('3 IC0301')
    for (const method of [
      'canister_status',
      'start_canister',
      'stop_canister',
      'delete_canister',
      'uninstall_code',
    ] as const) {
      expect(errorOf(await ic.manage(method, about(id)))).toBe('3 IC0301')
    }
    const certificate = await ic.readState([['canister', id, 'controllers']], { at: id })
    expect('kind' in certificate ? certificate.text : certificate.lookup(['canister', id, 'controllers'])).toBe(
      'absent',
    )
    const again = { specified_id: [], settings: [] }
    expect(replyOf(await ic.manage('provisional_create_canister_with_cycles', again))).not.toEqual(id)
  })
})

describe('the version of a canister', () => {
  test('starts at zero and grows with every change', async () => {
    const id = await ic.create()
    expect(await versionOf(id)).toBe(0n)
    let last = 0n
    const grows = async (what: string, change: () => Promise<unknown>) => {
      await change()
      const version = await versionOf(id)
      expect([what, version > last]).toEqual([what, true])
      last = version
    }
    await grows('install', () => ic.install(id, wasm))
    await grows('update', () => ic.update(id, hello))
    await grows('stop', () => ic.manage('stop_canister', about(id)))
    await grows('start', () => ic.manage('start_canister', about(id)))
    await grows('upgrade', () => ic.install(id, wasm, { mode: upgrade }))
    await grows('uninstall', () => ic.manage('uninstall_code', about(id)))
  })

  test('stays after a query, a trap and a change that failed', async () => {
    const id = await ic.deploy(wasm)
    const before = await versionOf(id)
    await ic.query(id, hello)
    await ic.update(id, trap)
    await ic.install(id, otherWasm)
    await ic.install(id, otherWasm, { mode: upgrade, arg: trap })
    await ic.manage('stop_canister', about(id), { as: stranger })
    expect(await versionOf(id)).toBe(before)
    expect(longOf(await ic.query(id, program(clear, sayVersion, reply)))).toBe(before)
  })
})
