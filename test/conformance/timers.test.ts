// What runs by itself: interface specification, "Heartbeat", "Global timer", "On Low Wasm Memory"; cases after `Timer.hs` and the group
// "heartbeat" of the reference implementation's acceptance tests (dfinity/ic-hs, src/IC/Test/Spec).
import {
  addToHeap,
  call,
  clear,
  growMemory,
  invoke,
  log,
  note,
  onHeartbeat,
  onLowMemory,
  onPreUpgrade,
  onTimer,
  program,
  reply,
  say,
  sayCaller,
  sayHeap,
  sayNotes,
  sayTime,
  sendReply,
  setTimer,
  trap,
  universalWasm,
} from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { settingsOf } from './management.fixture.ts'
import { longOf, numberOf, openReplica, type Replica, replyOf } from './replica.fixture.ts'
import { nowNs, SECOND_NS } from './request.fixture.ts'

let ic: Replica
const wasm = universalWasm()
beforeAll(async () => {
  ic = await openReplica()
})
afterAll(() => ic.close())

const heapOf = async (id: Uint8Array) => numberOf(await ic.query(id, program(clear, sayHeap, reply)))
const notesOf = async (id: Uint8Array) => replyOf(await ic.query(id, program(clear, sayNotes, reply)))
const SECOND = 1_000_000_000n
const HOUR = 3600n * SECOND
/** The old value of the timer. */
const timerSet = (at: bigint) => program(clear, invoke('global_timer_set', at), reply)

describe('the global timer', () => {
  test('runs once when its time has come, and is then not set', async () => {
    const id = await ic.deploy(wasm)
    replyOf(await ic.update(id, program(onTimer(addToHeap(1)), setTimer(SECOND / 10n), reply)))
    await expect.poll(() => heapOf(id)).toBe(1)
    expect(longOf(await ic.update(id, timerSet(0n)))).toBe(0n)
    expect(await heapOf(id)).toBe(1)
  })

  test('does not run before its time', async () => {
    const id = await ic.deploy(wasm)
    const delay = 400_000_000n
    const set = await ic.update(id, program(onTimer(program(clear, sayTime, note)), setTimer(delay), sayTime, reply))
    await expect.poll(async () => (await notesOf(id)).length).toBe(8)
    const ran = Buffer.from(await notesOf(id)).readBigUInt64LE()
    expect(ran >= longOf(set) + delay).toBe(true)
  })

  test('in the past runs at once', async () => {
    const id = await ic.deploy(wasm)
    replyOf(await ic.update(id, program(onTimer(addToHeap(1)), timerSet(1n))))
    await expect.poll(() => heapOf(id)).toBe(1)
  })

  test('tells what it was set to before, and zero clears it', async () => {
    const id = await ic.deploy(wasm)
    const [first, second] = [nowNs() + HOUR, nowNs() + 2n * HOUR]
    expect(longOf(await ic.update(id, timerSet(first)))).toBe(0n)
    expect(longOf(await ic.update(id, timerSet(second)))).toBe(first)
    expect(longOf(await ic.update(id, timerSet(0n)))).toBe(second)
    expect(longOf(await ic.update(id, timerSet(0n)))).toBe(0n)
    expect(longOf(await ic.update(id, timerSet(2n ** 64n - 1n)))).toBe(0n)
  })

  test('can set itself again, call, and has the management canister for a caller', async () => {
    const id = await ic.deploy(wasm)
    const callback = program(clear, say('.'), note)
    const asked = call({ callee: id, method: 'ask', payload: program(sendReply), onReply: callback })
    replyOf(
      await ic.update(
        id,
        program(onTimer(program(clear, sayCaller, say('>'), note, asked, setTimer(0n))), setTimer(0n), reply),
      ),
    )
    await expect.poll(async () => Buffer.from(await notesOf(id)).toString()).toMatch(/>.*>/)
    replyOf(await ic.update(id, program(onTimer(program()), setTimer(null), sendReply)))
    expect(Buffer.from(await notesOf(id)).toString()).toMatch(/^[>.]+$/)
  })

  test('that traps is undone, is logged, and is not tried again', async () => {
    const id = await ic.deploy(wasm)
    replyOf(
      await ic.update(id, program(onTimer(program(addToHeap(1), clear, say('late'), log, trap)), setTimer(0n), reply)),
    )
    await expect.poll(() => ic.logsOf(id)).toEqual(['late', expect.stringMatching(/^\[TRAP\]: .*late/)])
    expect(await heapOf(id)).toBe(0)
    expect(longOf(await ic.update(id, timerSet(0n)))).toBe(0n)
  })

  test('is not set by a message that traps', async () => {
    const id = await ic.deploy(wasm)
    await ic.update(id, program(invoke('global_timer_set', nowNs() + HOUR), trap))
    expect(longOf(await ic.update(id, timerSet(0n)))).toBe(0n)
  })

  test.each<[string, (id: Uint8Array) => Promise<unknown>]>([
    ['an upgrade', (id) => ic.install(id, wasm, { mode: { upgrade: [] } })],
    ['a reinstallation', (id) => ic.install(id, wasm, { mode: { reinstall: null } })],
    [
      'taking the code away',
      async (id) => {
        replyOf(await ic.manage('uninstall_code', { canister_id: id }))
        return ic.install(id, wasm)
      },
    ],
  ])('is cleared by %s', async (_what, change) => {
    const id = await ic.deploy(wasm)
    replyOf(await ic.update(id, timerSet(nowNs() + HOUR)))
    await change(id)
    expect(longOf(await ic.update(id, timerSet(0n)))).toBe(0n)
  })

  test('can be set by init and after an upgrade; what is set before an upgrade is lost with it', async () => {
    const id = await ic.create()
    const at = nowNs() + HOUR
    replyOf(await ic.install(id, wasm, { arg: invoke('global_timer_set', at) }))
    expect(longOf(await ic.update(id, timerSet(at + 1n)))).toBe(at)
    replyOf(await ic.install(id, wasm, { mode: { upgrade: [] }, arg: invoke('global_timer_set', at + 2n) }))
    expect(longOf(await ic.update(id, timerSet(0n)))).toBe(at + 2n)
    replyOf(await ic.update(id, program(onPreUpgrade(invoke('global_timer_set', at)), sendReply)))
    replyOf(await ic.install(id, wasm, { mode: { upgrade: [] } }))
    expect(longOf(await ic.update(id, timerSet(0n)))).toBe(0n)
  })

  test('waits while the canister is stopped', async () => {
    const id = await ic.deploy(wasm)
    replyOf(await ic.update(id, program(onTimer(addToHeap(1)), setTimer(SECOND / 2n), reply)))
    replyOf(await ic.manage('stop_canister', { canister_id: id }))
    const due = nowNs() + SECOND
    await expect.poll(async () => (await networkTime(id)) > due, { timeout: 10_000 }).toBe(true)
    replyOf(await ic.manage('start_canister', { canister_id: id }))
    await expect.poll(() => heapOf(id)).toBe(1)
  })
})

/** The time that the network certifies. */
async function networkTime(id: Uint8Array): Promise<bigint> {
  const other = await ic.readState([['time']], { at: id })
  const found = 'kind' in other ? undefined : other.lookup(['time'])
  if (typeof found !== 'object') throw new Error('no time')
  return found.found.reduceRight((value, byte) => (value << 7n) | BigInt(byte & 0x7f), 0n)
}

describe('time', () => {
  test('is that of the network, the same all through a message, and never goes back', async () => {
    const id = await ic.deploy(wasm)
    const twice = program(clear, sayTime, sayTime, reply)
    let last = 0n
    for (const outcome of [
      await ic.update(id, twice),
      await ic.query(id, twice),
      await ic.update(id, twice),
      await ic.query(id, twice),
    ]) {
      expect(longOf(outcome, 8)).toBe(longOf(outcome))
      expect(longOf(outcome) >= last).toBe(true)
      last = longOf(outcome)
    }
    const ahead = last - nowNs()
    expect(ahead > -60n * SECOND_NS && ahead < 60n * SECOND_NS).toBe(true)
  })
})

describe('the heartbeat', () => {
  test('comes again and again, with the management canister for a caller, until the canister stops', async () => {
    const id = await ic.deploy(universalWasm({ heartbeat: true }))
    replyOf(await ic.update(id, program(onHeartbeat(program(clear, sayCaller, note, addToHeap(1))), sendReply)))
    await expect.poll(() => heapOf(id), { timeout: 10_000 }).toBeGreaterThan(1)
    expect(await notesOf(id)).toHaveLength(0)
    replyOf(await ic.manage('stop_canister', { canister_id: id }))
    const status = await ic.statusOf(id)
    expect(status.status).toEqual({ stopped: null })
    const later = nowNs() + 2n * SECOND_NS
    await expect.poll(async () => (await networkTime(id)) > later, { timeout: 10_000 }).toBe(true)
    expect((await ic.statusOf(id)).version).toBe(status.version)
  })

  test('that traps comes again', async () => {
    const id = await ic.deploy(universalWasm({ heartbeat: true }))
    replyOf(await ic.update(id, program(onHeartbeat(program(clear, say('beat'), trap)), sendReply)))
    await expect.poll(async () => (await ic.logsOf(id)).length, { timeout: 10_000 }).toBeGreaterThan(1)
  })
})

describe('low memory', () => {
  const PAGE = 65_536n
  const lowWasm = universalWasm({ lowMemory: true })
  /** A canister that has `free` pages before its limit and is told when fewer than three are left. */
  async function limited(free: number): Promise<Uint8Array> {
    const id = await ic.deploy(lowWasm)
    const settings = settingsOf({ wasm_memory_limit: (8n + BigInt(free)) * PAGE, wasm_memory_threshold: 3n * PAGE })
    replyOf(await ic.manage('update_settings', { canister_id: id, settings }))
    replyOf(await ic.update(id, program(onLowMemory(program(clear, say('low'), note)), sendReply)))
    return id
  }

  test('is told once, when what is left falls below the threshold', async () => {
    const id = await limited(10)
    const told = async () => Buffer.from(await notesOf(id)).toString()
    replyOf(await ic.update(id, program(growMemory(7), sendReply)))
    replyOf(await ic.update(id, program(sendReply)))
    expect(await told()).toBe('')
    replyOf(await ic.update(id, program(growMemory(1), sendReply)))
    await expect.poll(told).toBe('low')
    replyOf(await ic.update(id, program(growMemory(1), sendReply)))
    replyOf(await ic.update(id, program(sendReply)))
    expect(await told()).toBe('low')
  })

  test('is not told when the message that grew the memory was undone', async () => {
    const id = await limited(10)
    await ic.update(id, program(growMemory(9), trap))
    replyOf(await ic.update(id, program(sendReply)))
    expect(await notesOf(id)).toHaveLength(0)
  })
})
