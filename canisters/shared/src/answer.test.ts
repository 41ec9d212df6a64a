import {
  blob,
  decodeRet,
  encodeArg,
  type Method,
  nat32,
  none,
  query,
  record,
  refuse,
  result,
  update,
} from '@medguard/protocol'
import { describe, expect, test } from 'vitest'

import { type AnswerPort, constant, createEndpoint, type EndpointOptions } from './answer.ts'
import { memoryMap } from './maps.ts'
import { createRepeats } from './repeats.ts'
import { methodCodecs } from '../../../scripts/codec-printer/codecs.fixture.ts'

const double = update(record({ n: nat32 }), result(nat32), 64)
const stranger = new Uint8Array(29).fill(1)
const anonymous = new Uint8Array([4])
const handler: EndpointOptions['handler'] = (arg) => ({ Ok: 2 * (arg as { n: number }).n })
const options = { name: 'double', method: double, handler, allowsAnonymous: false }
const arg = encodeArg(double, { n: 21 })

type Given = Omit<EndpointOptions, 'method'> & { readonly method: Method<unknown, unknown> }

/** One message, and what the host was asked for, in order. */
async function run(given: Given, bytes: Uint8Array, caller = stranger) {
  const asked: string[] = []
  const said: { reply?: Uint8Array; reject?: string; trap?: string; log?: string } = {}
  const port: AnswerPort = {
    msgCaller: () => (asked.push('caller'), caller),
    msgArgData: () => (asked.push('arg'), bytes),
    msgReply: (reply) => (asked.push('reply'), (said.reply = reply.slice()), undefined),
    msgReject: (reject) => void (said.reject = reject),
    time: () => 35n,
    canisterVersion: () => 36n,
    debugPrint: (log) => void (said.log = log),
    trap(text) {
      said.trap = text
      return undefined as never
    },
  }
  createEndpoint({ ...given, method: methodCodecs(given.method) }, port)()
  await Promise.resolve()
  return { asked, ...said, value: said.reply === undefined ? undefined : decodeRet(given.method, said.reply) }
}

const invite = update(record({ n: nat32, requestId: blob }), result(nat32), 64)
const asking = (n: number, requestId = new Uint8Array(16)) => encodeArg(invite, { n, requestId })

describe.each(['at once', 'later'])('a change that is remembered, answered %s', (when) => {
  /** Refuses zero. */
  function openCounter() {
    let count = 0
    const repeats = createRepeats(memoryMap(), () => 0n)
    const handler: EndpointOptions['handler'] = (given) => {
      const answer = (given as { n: number }).n === 0 ? { Err: refuse.notPermitted } : { Ok: ++count }
      return when === 'later' ? Promise.resolve(answer) : answer
    }
    return { name: 'invite', method: invite, handler, allowsAnonymous: false, memory: { repeats, isRepeatable: false } }
  }

  test('happens once, and a repeat gets the first answer byte by byte', async () => {
    const counter = openCounter()
    const first = await run(counter, asking(7))
    expect(first.value).toEqual({ Ok: 1 })
    expect((await run(counter, asking(7))).reply).toEqual(first.reply)
    expect((await run(counter, asking(8))).value).toEqual({ Err: refuse.idConflict })
    expect((await run(counter, asking(7), new Uint8Array([9]))).value, 'somebody else').toEqual({ Ok: 2 })
    expect((await run(counter, asking(7, new Uint8Array(16).fill(1)))).value).toEqual({ Ok: 3 })
  })

  test('may be asked again when it was refused', async () => {
    const counter = openCounter()
    expect((await run(counter, asking(0))).value).toEqual({ Err: refuse.notPermitted })
    expect((await run(counter, asking(1))).value).toEqual({ Ok: 1 })
  })

  test('is left to its handler where the id is none', async () => {
    const counter = openCounter()
    for (const expected of [1, 2])
      expect((await run(counter, asking(7, new Uint8Array(3)))).value).toEqual({ Ok: expected })
  })
})

describe('an endpoint', () => {
  test('decodes, asks its handler and encodes', async () => {
    expect((await run(options, arg)).value).toEqual({ Ok: 42 })
  })

  test('answers when the promise of its handler settles', async () => {
    const later = { ...options, handler: (given: unknown) => Promise.resolve({ Ok: (given as { n: number }).n }) }
    expect((await run(later, arg)).value).toEqual({ Ok: 21 })
  })

  test('answers when a call without promise has its outcome', async () => {
    let outcome: (value: unknown) => void = () => {}
    // oxlint-disable-next-line unicorn/no-thenable -- as `callThen` makes it
    const handler = () => ({ then: (reply: typeof outcome) => void (outcome = reply) })
    const { asked } = await run({ ...options, handler }, arg)
    expect(asked).toEqual(['caller', 'arg'])
    outcome({ Ok: 7 })
    expect(asked).toEqual(['caller', 'arg', 'reply'])
  })

  test('refuses the anonymous caller before it looks at the argument, unless the method is for all', async () => {
    expect(await run(options, new Uint8Array(1000), anonymous)).toMatchObject({
      value: { Err: refuse.notSignedIn },
      asked: ['caller', 'reply'],
    })
    expect((await run({ ...options, allowsAnonymous: true }, arg, anonymous)).value).toEqual({ Ok: 42 })
  })

  test('refuses who is over budget before it looks at the argument', async () => {
    const callers: Uint8Array[] = []
    const spend = (caller: Uint8Array) => (callers.push(caller), 250)
    expect(await run({ ...options, spend }, new Uint8Array(1000))).toMatchObject({
      value: { Err: refuse.busy(250) },
      asked: ['caller', 'reply'],
    })
    expect(callers).toEqual([stranger])
    expect((await run({ ...options, spend: () => 0 }, arg)).value).toEqual({ Ok: 42 })
  })

  test('refuses a large argument by its size', async () => {
    expect((await run(options, new Uint8Array(65))).value).toEqual({ Err: refuse.tooLarge(64) })
  })

  test('rejects bytes that are no argument with two words and the id of the message', async () => {
    expect((await run(options, new Uint8Array(0))).reject).toBe('BadArgs magic z-10-1erl')
    expect((await run(options, arg.slice(0, -1))).reject).toMatch(/^BadArgs value /)
    const other = encodeArg(update(record({ m: nat32 }), result(nat32), 64), { m: 1 })
    expect((await run(options, other)).reject).toMatch(/^BadArgs type /)
  })

  test('takes no argument where there is none, and still rejects bytes that are none', async () => {
    const bare = { ...options, method: query(none, result(nat32), 64), handler: () => ({ Ok: 7 }) }
    const nothing = encodeArg(bare.method, null)
    expect((await run(bare, nothing)).value).toEqual({ Ok: 7 })
    expect((await run(bare, nothing.slice(0, -1))).reject).toMatch(/^BadArgs /)
    expect((await run(bare, new Uint8Array(65))).value).toEqual({ Err: refuse.tooLarge(64) })
  })

  test('fetches the caller only where somebody asks for it', async () => {
    const open = { ...options, allowsAnonymous: true }
    expect((await run(open, arg)).asked).toEqual(['arg', 'reply'])
    const named = { ...open, handler: (_: unknown, caller: Uint8Array) => ({ Ok: caller.length }) }
    expect(await run(named, arg)).toMatchObject({ asked: ['caller', 'arg', 'reply'], value: { Ok: 29 } })
  })

  test('gives a constant answer without looking at anything, but for who may have it', async () => {
    const fixed = { ...options, method: query(none, result(nat32), 64), handler: constant({ Ok: 7 }) }
    expect(await run({ ...fixed, allowsAnonymous: true }, arg)).toMatchObject({ asked: ['reply'], value: { Ok: 7 } })
    expect(await run(fixed, arg)).toMatchObject({ asked: ['caller', 'reply'], value: { Ok: 7 } })
    expect((await run(fixed, arg, anonymous)).value).toEqual({ Err: refuse.notSignedIn })
  })
})

describe('a bug of the handler', () => {
  const id = 'z-10-1erl'
  const generous = { ...options, method: query(record({ n: nat32 }), result(blob), 64) }
  const fail = (error: unknown) => () => {
    throw error
  }
  test.each([
    ['throws', { ...options, handler: fail(new Error('claim')) }],
    ['rejects', { ...options, handler: () => Promise.reject(new Error('claim')) }],
    ['throws null', { ...options, handler: fail(null) }],
    ['rejects with null', { ...options, handler: () => Promise.reject(null) }],
    ['answers too much', { ...generous, handler: () => ({ Ok: new Uint8Array(2_000_001) }) }],
    ['answers too much later', { ...generous, handler: () => Promise.resolve({ Ok: new Uint8Array(2_000_001) }) }],
    ['answers what is no answer', { ...options, handler: () => null }],
    ['answers what is no answer, later', { ...options, handler: () => Promise.resolve(null) }],
  ])('that %s traps with an id, under which the log has the rest', async (_what, broken) => {
    const { reply, reject, trap, log } = await run(broken, arg)
    expect({ reply, reject, trap }).toEqual({ reply: undefined, reject: undefined, trap: `Bug ${id}` })
    expect(log).toMatch(new RegExp(`^Bug ${id} in double: `))
  })
})
