// Calls between canisters: interface specification, "Inter-canister method calls", "Responding", "Ordering guarantees", abstract behaviour
// "Call context starvation", "Message execution"; cases after the groups "simple calls" and "inter-canister calls" of the reference
// implementation's acceptance tests (dfinity/ic-hs, src/IC/Test/Spec.hs).
import {
  addToHeap,
  appendReply,
  arrive,
  burn,
  call,
  callAt,
  clear,
  expectArrivals,
  forgetNotes,
  hold,
  invoke,
  note,
  program,
  rejectCall,
  release,
  repeat,
  reply,
  say,
  sayArgument,
  sayCaller,
  sayHeap,
  sayNotes,
  sayReject,
  sendReply,
  store,
  trap,
  universalWasm,
  unreachable,
} from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  errorOf,
  longOf,
  numberOf,
  openReplica,
  type Outcome,
  type Replica,
  replyOf,
  textOf,
} from './replica.fixture.ts'
import { fromHex, hashOfMap, nowNs, SECOND_NS } from './request.fixture.ts'

let ic: Replica
let caller: Uint8Array
let callee: Uint8Array
beforeAll(async () => {
  ic = await openReplica()
  caller = await ic.deploy(universalWasm())
  callee = await ic.deploy(universalWasm())
})
afterAll(() => ic.close())

const NOWHERE = fromHex('00000000001fffff0101')
const heapOf = async (id: Uint8Array) => numberOf(await ic.query(id, program(clear, sayHeap, reply)))
const echo = program(sayArgument, reply)
const tell = program(sayReject, reply)
/** Reject code and message as `sayReject` wrote them. */
function rejectIn(outcome: Outcome): { code: number; message: string } {
  const bytes = Buffer.from(replyOf(outcome))
  return { code: bytes.readUInt32LE(0), message: bytes.subarray(4).toString() }
}

describe('a message', () => {
  test.each<[string, Uint8Array, string]>([
    ['that never answers', program(), '5 IC0506'],
    ['that only appends to its reply', program(say('x'), appendReply), '5 IC0506'],
    ['that rejects', program(say('no'), rejectCall), '4 IC0406'],
    ['that replies twice', program(reply, reply), '5 IC0504'],
    ['that replies and rejects', program(reply, rejectCall), '5 IC0504'],
    ['that rejects and replies', program(rejectCall, sendReply), '5 IC0504'],
    ['that appends after its reply', program(sendReply, appendReply), '5 IC0504'],
    ['that rejects with what is no text', program(say(Uint8Array.of(0xff)), rejectCall), '5 IC0504'],
    ['that traps after its reply', program(reply, trap), '5 IC0503'],
    ['that runs into unreachable code', program(unreachable), '5 IC0502'],
  ])('%s gets %s', async (_what, arg, error) => {
    expect(errorOf(await ic.update(caller, arg))).toBe(error)
    expect(errorOf(await ic.update(caller, arg, { method: 'ask' }))).toBe(error)
  })

  test('that does not answer keeps what it did; one that traps does not', async () => {
    const before = await heapOf(caller)
    expect(errorOf(await ic.update(caller, addToHeap(1)))).toBe('5 IC0506')
    expect(await heapOf(caller)).toBe(before + 1)
    expect(errorOf(await ic.update(caller, program(addToHeap(1), reply, trap)))).toBe('5 IC0503')
    expect(await heapOf(caller)).toBe(before + 1)
  })

  test('says in a trap what it was told, in other words than a reject', async () => {
    const outcome = await ic.update(caller, program(say('the reason'), trap))
    expect(outcome).toMatchObject({ code: 5, message: expect.stringContaining('the reason') })
  })
})

describe('a call', () => {
  test.each<[string, () => Uint8Array, string]>([
    ['another canister', () => callee, 'run'],
    ['a query of another canister', () => callee, 'ask'],
    ['itself', () => caller, 'run'],
    ['a query of its own', () => caller, 'ask'],
  ])('reaches %s, as a call of the canister', async (_what, of, method) => {
    const onReply = program(sayArgument, reply)
    const who = call({ callee: of(), method, payload: program(sayCaller, reply), onReply })
    expect(replyOf(await ic.update(caller, who))).toEqual(caller)
    const payload = program(say('heard'), reply)
    expect(textOf(await ic.update(caller, call({ callee: of(), method, payload, onReply })))).toBe('heard')
  })

  test('of an update keeps what it changed, of a query not', async () => {
    const before = await heapOf(callee)
    const change = (method: string) =>
      call({ callee, method, payload: program(addToHeap(1), sendReply), onReply: program(sendReply) })
    replyOf(await ic.update(caller, change('run')))
    expect(await heapOf(callee)).toBe(before + 1)
    replyOf(await ic.update(caller, change('ask')))
    expect(await heapOf(callee)).toBe(before + 1)
  })

  test.each<[string, () => Parameters<typeof call>[0], number, string]>([
    ['a canister that is not there', () => ({ callee: NOWHERE }), 3, 'not found'],
    ['a user', () => ({ callee: ic.owner.principal }), 3, ''],
    ['a method that is not there', () => ({ callee, method: 'missing' }), 5, "no update method 'missing'"],
    ['a composite query', () => ({ callee, method: 'compose', payload: program(reply) }), 5, ''],
    ['a method that rejects', () => ({ callee, payload: program(say('not today'), rejectCall) }), 4, 'not today'],
    ['a method that traps', () => ({ callee, payload: program(say('oh'), trap) }), 5, 'oh'],
    ['a method that never answers', () => ({ callee, payload: program() }), 5, 'did not reply'],
    ['a method that answers twice', () => ({ callee, payload: program(reply, reply) }), 5, 'already replied'],
    [
      'a query that calls',
      () => ({ callee, method: 'ask', payload: call({ callee: caller }) }),
      5,
      'cannot be executed',
    ],
    ['no method of the management canister', () => ({ callee: new Uint8Array(0), method: 'missing' }), 4, ''],
  ])('of %s is rejected', async (_what, options, code, words) => {
    const told = rejectIn(await ic.update(caller, call({ ...options(), onReject: tell })))
    expect(told).toEqual({ code, message: expect.stringContaining(words) })
  })

  test('is not made when the message that makes it traps', async () => {
    const before = await heapOf(callee)
    const make = call({ callee, payload: program(addToHeap(1), reply) })
    expect(errorOf(await ic.update(caller, program(make, trap)))).toBe('5 IC0503')
    expect(await heapOf(callee)).toBe(before)
  })

  test('finds the reject code 0 in a reply', async () => {
    const onReply = program(invoke('msg_reject_code'), reply)
    expect(numberOf(await ic.update(caller, call({ callee, payload: program(reply), onReply })))).toBe(0)
  })

  test('has no argument to read in a reject callback, and no message in a reply callback', async () => {
    const reject = program(rejectCall)
    expect(errorOf(await ic.update(caller, call({ callee, payload: reject, onReject: echo })))).toBe('5 IC0504')
    const message = program(invoke('msg_reject_msg_size'), reply)
    expect(errorOf(await ic.update(caller, call({ callee, payload: program(reply), onReply: message })))).toBe(
      '5 IC0504',
    )
  })

  test('comes back in the order that others left: requests of one canister to another keep theirs', async () => {
    const calls = Array.from({ length: 20 }, (_, index) =>
      call({ callee, payload: program(clear, say(`${index},`), note, sendReply), onReply: arrive(sendReply) }),
    )
    replyOf(await ic.update(callee, program(forgetNotes, sendReply)))
    replyOf(await ic.update(caller, program(expectArrivals(calls.length), ...calls)))
    const noted = textOf(await ic.query(callee, program(sayNotes, reply)))
    expect(noted).toBe(Array.from({ length: 20 }, (_, index) => `${index},`).join(''))
  })
})

describe('building a call', () => {
  test.each<[string, Uint8Array]>([
    ['call_data_append', invoke('call_data_append', 0, 0)],
    ['call_on_cleanup', invoke('call_on_cleanup', 0, 0)],
    ['call_cycles_add', invoke('call_cycles_add', 0n)],
    ['call_cycles_add128', invoke('call_cycles_add128', 0n, 0n)],
    ['call_with_best_effort_response', invoke('call_with_best_effort_response', 10)],
    ['call_perform', invoke('call_perform')],
  ])('%s traps before call_new, and after call_perform', async (_name, step) => {
    expect(errorOf(await ic.update(caller, program(step, reply)))).toBe('5 IC0504')
    const performed = call({ callee, payload: program(reply) })
    expect(errorOf(await ic.update(caller, program(performed, step, reply)))).toBe('5 IC0504')
  })

  const started = program(store(1024, 'A'), invoke('call_new', 0, 0, 1024, 1, 0, 0, 0, 0))
  test.each<[string, Uint8Array]>([
    ['a second cleanup', invoke('call_on_cleanup', 0, 0)],
    ['a second timeout', invoke('call_with_best_effort_response', 10)],
  ])('%s traps', async (_name, step) => {
    expect(textOf(await ic.update(caller, program(started, step, reply)))).toBe('')
    expect(errorOf(await ic.update(caller, program(started, step, step, reply)))).toBe('5 IC0504')
  })

  test.each<[string, Uint8Array]>([
    ['a callee of 30 bytes', invoke('call_new', 0, 30, 64, 1, 0, 0, 0, 0)],
    ['a callee outside of the heap', invoke('call_new', -8, 10, 64, 1, 0, 0, 0, 0)],
    ['a name outside of the heap', invoke('call_new', 0, 0, -8, 9, 0, 0, 0, 0)],
    ['data outside of the heap', program(started, invoke('call_data_append', -8, 9))],
  ])('%s traps', async (_what, step) => {
    expect(errorOf(await ic.update(caller, program(step, reply)))).toMatch(/^5 IC050[24]$/)
  })

  test('call_new forgets a call that was not performed', async () => {
    const before = await heapOf(callee)
    const kept = call({ callee, payload: program(addToHeap(1), reply), onReply: program(sendReply) })
    replyOf(await ic.update(caller, program(started, kept)))
    expect(await heapOf(callee)).toBe(before + 1)
  })

  test('data is appended piece by piece', async () => {
    const before = await heapOf(callee)
    const opened = program(
      store(1024, callee),
      store(1040, 'run'),
      invoke('call_new', 1024, callee.length, 1040, 3, 0, 0, 0, 0),
    )
    const pieces = [...program(addToHeap(1), sendReply)].map((byte) =>
      program(store(1050, Uint8Array.of(byte)), invoke('call_data_append', 1050, 1)),
    )
    replyOf(await ic.update(caller, program(opened, ...pieces, invoke('call_perform'), reply)))
    await expect.poll(() => heapOf(callee)).toBe(before + 1)
  })

  test('callbacks that are no functions, or of another type, are traps of the callback', async () => {
    const held = await heapOf(caller)
    for (const index of [3, 100]) {
      expect(errorOf(await ic.update(caller, program(addToHeap(0), callAt(index))))).toMatch(/^5 IC05/)
    }
    expect(await heapOf(caller)).toBe(held)
  })
})

describe('callbacks', () => {
  const answered = { method: 'ask', payload: program(sendReply) }
  const rejected = { method: 'ask', payload: program(rejectCall) }

  test('answer for the method: a reply may come from the method, from one callback, and from no second one', async () => {
    const late = program(clear, say('late'), reply)
    const to = (options: object) => call({ callee, ...answered, ...options })
    expect(textOf(await ic.update(caller, to({ onReply: late })))).toBe('late')
    expect(textOf(await ic.update(caller, program(say('now'), reply, to({}))))).toBe('now')
    const before = await heapOf(caller)
    const twice = program(to({ onReply: program(addToHeap(1), late) }), clear, say('now'), reply)
    expect(textOf(await ic.update(caller, twice))).toBe('now')
    // The second answer trapped, with all that its callback did.
    await expect.poll(() => heapOf(caller)).toBe(before)
  })

  test('start with an empty reply', async () => {
    const partial = program(
      say('lost'),
      appendReply,
      call({ callee, ...answered, onReply: program(clear, say('kept'), reply) }),
    )
    expect(textOf(await ic.update(caller, partial))).toBe('kept')
  })

  test('that end without an answer, the last one open, reject the call', async () => {
    expect(errorOf(await ic.update(caller, call({ callee, ...answered })))).toBe('5 IC0506')
    expect(errorOf(await ic.update(caller, call({ callee, ...rejected })))).toBe('5 IC0506')
    expect(errorOf(await ic.update(caller, call({ callee, ...answered, onReply: trap })))).toBe('5 IC0503')
    const chain = call({ callee, ...answered, onReply: call({ callee, ...answered }) })
    expect(errorOf(await ic.update(caller, chain))).toBe('5 IC0506')
  })

  test.each<[string, Uint8Array, Uint8Array, string]>([
    ['a trap, then a reply', trap, program(say('b'), reply), 'b'],
    ['a reply, then a trap', program(say('a'), reply), trap, 'a'],
    ['silence, then a reply', program(), program(say('b'), reply), 'b'],
  ])('of two calls: %s', async (_what, first, second, said) => {
    const two = program(call({ callee, ...answered, onReply: first }), call({ callee, ...answered, onReply: second }))
    expect(textOf(await ic.update(caller, two))).toBe(said)
  })

  test('of two calls that both trap reject the call', async () => {
    const both = call({ callee, ...answered, onReply: trap })
    expect(errorOf(await ic.update(caller, program(both, both)))).toBe('5 IC0503')
  })

  test('that trap undo their own changes, not those of the method', async () => {
    const before = await heapOf(caller)
    const onReply = program(addToHeap(10), trap)
    expect(errorOf(await ic.update(caller, program(addToHeap(1), call({ callee, ...answered, onReply }))))).toBe(
      '5 IC0503',
    )
    expect(await heapOf(caller)).toBe(before + 1)
  })

  test('see the caller of the method, whoever answered', async () => {
    const onReply = program(clear, sayCaller, reply)
    expect(replyOf(await ic.update(caller, call({ callee, ...answered, onReply })))).toEqual(ic.owner.principal)
  })

  test('count the instructions of all the method: counter 1 grows, counter 0 starts anew', async () => {
    const counters = program(clear, invoke('performance_counter', 0), invoke('performance_counter', 1), reply)
    const outcome = await ic.update(
      caller,
      program(repeat(100, clear), call({ callee, ...answered, onReply: counters })),
    )
    expect(longOf(outcome, 8)).toBeGreaterThan(longOf(outcome))
    const alone = await ic.update(caller, counters)
    expect(longOf(alone, 8) - longOf(alone)).toBeLessThan(2000n)
  })
})

describe('cleanup', () => {
  const answered = { method: 'ask', payload: program(sendReply) }
  const rejected = { method: 'ask', payload: program(rejectCall) }
  const onCleanup = addToHeap(1)

  test.each<[string, object, boolean]>([
    ['a reply callback that traps: runs', { ...answered, onReply: trap }, true],
    ['a reject callback that traps: runs', { ...rejected, onReject: trap }, true],
    ['a reply callback that ends well: does not run', { ...answered, onReply: program(sendReply) }, false],
    ['a reject callback that ends well: does not run', { ...rejected, onReject: program(sendReply) }, false],
    [
      'a reply, with a reject callback that would trap: does not run',
      { ...answered, onReply: program(sendReply), onReject: trap },
      false,
    ],
  ])('after %s', async (_what, options, runs) => {
    const before = await heapOf(caller)
    await ic.update(caller, call({ callee, ...options, onCleanup }))
    expect(await heapOf(caller)).toBe(before + (runs ? 1 : 0))
  })

  test('sees what the callback changed as never changed, and its own changes stay', async () => {
    const before = await heapOf(caller)
    const onReply = program(addToHeap(100), trap)
    expect(errorOf(await ic.update(caller, call({ callee, ...answered, onReply, onCleanup })))).toBe('5 IC0503')
    expect(await heapOf(caller)).toBe(before + 1)
  })

  test('that traps changes nothing, and the call is rejected for what the callback did', async () => {
    const before = await heapOf(caller)
    const failing = program(addToHeap(50), unreachable)
    expect(errorOf(await ic.update(caller, call({ callee, ...answered, onReply: trap, onCleanup: failing })))).toBe(
      '5 IC0503',
    )
    expect(await heapOf(caller)).toBe(before)
  })

  test('knows the reject code of its callback', async () => {
    const noting = program(clear, invoke('msg_reject_code'), note)
    replyOf(await ic.update(caller, program(forgetNotes, sendReply)))
    await ic.update(caller, call({ callee, ...answered, onReply: trap, onCleanup: noting }))
    await ic.update(caller, call({ callee, ...rejected, onReject: trap, onCleanup: noting }))
    const noted = await ic.query(caller, program(clear, sayNotes, reply))
    expect([numberOf(noted), numberOf(noted, 4)]).toEqual([0, 4])
  })

  test('may burn cycles and arm the timer, and not call or answer', async () => {
    const before = await heapOf(caller)
    const allowed = program(burn(1n), invoke('global_timer_set', 0n), addToHeap(1))
    await ic.update(caller, call({ callee, ...answered, onReply: trap, onCleanup: allowed }))
    expect(await heapOf(caller)).toBe(before + 1)
    for (const forbidden of [sendReply, call({ callee })]) {
      await ic.update(caller, call({ callee, ...answered, onReply: trap, onCleanup: program(addToHeap(1), forbidden) }))
      expect(await heapOf(caller)).toBe(before + 1)
    }
  })
})

describe('a bounded wait', () => {
  /** A canister whose messages answer only when told to, in a module of its own, so that others are not held. */
  let slow: Uint8Array
  beforeAll(async () => {
    slow = await ic.deploy(universalWasm())
  })
  const deadline = program(clear, invoke('msg_deadline'), reply)

  test('ends with code 6 when its time has passed, and the answer that comes later is dropped', async () => {
    const payload = program(hold, addToHeap(1), reply)
    const told = rejectIn(await ic.update(caller, call({ callee: slow, payload, onReject: tell, timeout: 1 })))
    expect(told.code).toBe(6)
    expect(await heapOf(slow)).toBe(0)
    replyOf(await ic.update(slow, program(release, sendReply)))
    // The callee was never told that nobody waits: its work is done.
    await expect.poll(() => heapOf(slow)).toBe(1)
  })

  test('that is answered in time is an ordinary call', async () => {
    const onReply = program(sayArgument, reply)
    const payload = program(say('in time'), reply)
    expect(textOf(await ic.update(caller, call({ callee, payload, onReply, timeout: 300 })))).toBe('in time')
  })

  test('shows the callee when it ends, in its callbacks too, and at most 300 s ahead', async () => {
    const onReply = program(sayArgument, reply)
    for (const [timeout, seconds] of [
      [100, 100n],
      [100_000, 300n],
    ] as const) {
      for (const payload of [
        deadline,
        call({ callee, method: 'ask', payload: program(sendReply), onReply: deadline }),
      ]) {
        const seen = longOf(await ic.update(caller, call({ callee, payload, onReply, timeout })))
        const ahead = seen - nowNs()
        expect(ahead > (seconds - 60n) * SECOND_NS && ahead <= (seconds + 5n) * SECOND_NS).toBe(true)
      }
    }
  })

  test('is no deadline for a user call, a call without bound, or a query', async () => {
    const onReply = program(sayArgument, reply)
    expect(longOf(await ic.update(callee, deadline))).toBe(0n)
    expect(longOf(await ic.update(caller, call({ callee, payload: deadline, onReply })))).toBe(0n)
    expect(longOf(await ic.query(callee, deadline))).toBe(0n)
    const asked = call({ callee, method: 'ask', payload: deadline, onReply, timeout: 100 })
    expect(longOf(await ic.update(caller, asked))).toBe(0n)
  })

  test('of a canister that is not there is told at once', async () => {
    const outcome = await ic.update(caller, call({ callee: NOWHERE, onReject: tell, timeout: 300 }))
    expect(rejectIn(outcome).code).toBe(3)
  })
})

test('a request that waits is processing, and its status says so until it ends', async () => {
  const id = await ic.deploy(universalWasm())
  const content = ic.callContent(id, program(hold, clear, say('done'), reply), {})
  const path = ['request_status', hashOfMap(content), 'status']
  const status = async () => {
    const certificate = await ic.readState([path], { at: id })
    const found = 'kind' in certificate ? certificate.text : certificate.lookup(path)
    return typeof found === 'object' ? Buffer.from(found.found).toString() : found
  }
  const ended = ic.submit(content, { version: 2 })
  await expect.poll(status).toBe('processing')
  replyOf(await ic.update(id, program(release, sendReply)))
  expect(textOf(await ended)).toBe('done')
  expect(await status()).toBe('replied')
})
