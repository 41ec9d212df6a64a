// Composite queries: interface specification, "Request: Query call", abstract behaviour "Query call". Depth and instruction limits are
// those of the replica (MAX_CALL_DEPTH_COMPOSITE_QUERY, MAX_CYCLES_PER_QUERY).
import {
  addToHeap,
  arrive,
  call,
  clear,
  expectArrivals,
  invoke,
  loopForever,
  note,
  program,
  rejectCall,
  reply,
  say,
  sayArgument,
  sayCaller,
  sayHeap,
  sayNotes,
  sayReject,
  sendReply,
  trap,
  universalWasm,
} from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeArgument } from './management.fixture.ts'
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
import { fromHex, MANAGEMENT } from './request.fixture.ts'

let ic: Replica
let asker: Uint8Array
let asked: Uint8Array
beforeAll(async () => {
  ic = await openReplica()
  asker = await ic.deploy(universalWasm())
  asked = await ic.deploy(universalWasm())
})
afterAll(() => ic.close())

const compose = (arg: Uint8Array, id = asker): Promise<Outcome> => ic.query(id, arg, { method: 'compose' })
const pass = program(sayArgument, reply)
const tell = program(sayReject, reply)
const told = (outcome: Outcome) => ({ code: numberOf(outcome), text: textOf(outcome).slice(4) })

describe('a composite query', () => {
  test.each([
    ['a query of another canister', 'ask', false],
    ['a composite query of another canister', 'compose', false],
    ['a query of its own', 'ask', true],
    ['a composite query of its own', 'compose', true],
  ])('calls %s, which sees the canister as its caller', async (_what, method, own) => {
    const callee = own ? asker : asked
    expect(replyOf(await compose(call({ callee, method, payload: program(sayCaller, reply), onReply: pass })))).toEqual(
      asker,
    )
  })

  test('calls several, and answers when the last has answered', async () => {
    const done = arrive(program(clear, sayNotes, reply))
    const calls = ['a', 'b', 'c'].map((letter) =>
      call({
        callee: asked,
        method: 'ask',
        payload: program(say(letter), reply),
        onReply: program(sayArgument, note, done),
      }),
    )
    expect(textOf(await compose(program(expectArrivals(3), ...calls)))).toHaveLength(3)
  })

  test('keeps what it wrote for its own callbacks, shows it to nobody, and leaves nothing', async () => {
    const payload = program(sayHeap, reply)
    const before = numberOf(await ic.query(asker, payload))
    const own = program(
      addToHeap(7),
      call({ callee: asked, method: 'ask', payload, onReply: program(clear, sayHeap, reply) }),
    )
    expect(numberOf(await compose(own))).toBe(before + 7)
    const shown = program(addToHeap(7), call({ callee: asker, method: 'ask', payload, onReply: pass }))
    expect(numberOf(await compose(shown))).toBe(before)
    expect(numberOf(await ic.query(asker, payload))).toBe(before)
  })

  test('is answered in a callback, by reply or by reject', async () => {
    const rejecting = { callee: asked, method: 'ask', payload: program(say('no'), rejectCall) }
    expect(told(await compose(call({ ...rejecting, onReject: tell })))).toEqual({ code: 4, text: 'no' })
    const outcome = await compose(call({ ...rejecting, onReject: program(say('neither'), rejectCall) }))
    expect(outcome).toMatchObject({ kind: 'reject', code: 4, message: 'neither' })
  })

  test.each<[string, () => Parameters<typeof call>[0], number]>([
    ['an update', () => ({ callee: asked, method: 'run', payload: program(reply) }), 5],
    ['a method that is not there', () => ({ callee: asked, method: 'missing' }), 5],
    ['a canister that is not there', () => ({ callee: fromHex('00000000001fffff0101'), method: 'ask' }), 3],
    ['a query that traps', () => ({ callee: asked, method: 'ask', payload: trap }), 5],
    ['a query that says nothing', () => ({ callee: asked, method: 'ask', payload: program() }), 5],
  ])('that calls %s gets a reject', async (_what, options, code) => {
    expect(told(await compose(call({ ...options(), onReject: tell }))).code).toBe(code)
  })

  test('that never answers, or traps, is rejected', async () => {
    const answered = { callee: asked, method: 'ask', payload: program(sendReply) }
    expect(errorOf(await compose(program()))).toBe('5 IC0506')
    expect(errorOf(await compose(call(answered)))).toBe('5 IC0506')
    expect(errorOf(await compose(call({ ...answered, onReply: trap })))).toBe('5 IC0503')
    expect(errorOf(await compose(program(call(answered), trap)))).toBe('5 IC0503')
  })

  test('cannot be called as an update, by users or canisters', async () => {
    expect(errorOf(await ic.update(asker, program(reply), { method: 'compose' }))).toBe('5 IC0527')
    const through = call({ callee: asked, method: 'compose', payload: program(reply), onReject: tell })
    expect(told(await ic.update(asker, through)).code).toBe(5)
  })

  test('may ask the management canister what a query may', async () => {
    const controlled = await ic.create({ controllers: [ic.owner.principal, asker] })
    const payload = encodeArgument('canister_status', { canister_id: controlled })
    const status = call({ callee: MANAGEMENT, method: 'canister_status', payload, onReply: pass, onReject: tell })
    expect(replyOf(await compose(status)).length).toBeGreaterThan(100)
    const random = call({ callee: MANAGEMENT, method: 'raw_rand', onReply: pass, onReject: tell })
    expect(told(await compose(random)).code).toBeGreaterThan(0)
  })
})

describe('limits of a composite query', () => {
  /** Calls itself `depth` times over and answers what comes from below. */
  const nested = (depth: number): Uint8Array =>
    depth === 0
      ? program(say('bottom'), reply)
      : call({ callee: asked, method: 'compose', payload: nested(depth - 1), onReply: pass, onReject: tell })

  test('calls go six deep and no deeper', async () => {
    expect(textOf(await compose(nested(5)))).toBe('bottom')
    expect(textOf(await compose(nested(12)))).not.toContain('bottom')
  })

  test('a callee that runs for ever spends the instructions of all', async () => {
    const payload = loopForever
    const outcome = await compose(call({ callee: asked, method: 'ask', payload, onReject: tell }))
    expect(outcome).toMatchObject({ kind: outcome.kind })
    const text = outcome.kind === 'reject' ? outcome.errorCode : told(outcome).text
    expect(text).toMatch(/instruction|IC0522|IC0526/)
  })

  test('the instruction counter of its context goes on through its callbacks', async () => {
    const counters = program(clear, invoke('performance_counter', 0), invoke('performance_counter', 1), reply)
    const outcome = await compose(
      call({ callee: asked, method: 'ask', payload: program(sendReply), onReply: counters }),
    )
    expect(longOf(outcome, 8)).toBeGreaterThan(longOf(outcome))
  })
})
