import { randomBytes } from 'node:crypto'
import { HttpAgent } from '@dfinity/agent'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { type Localnet, startLocalnet } from '@medguard/localnet'
import {
  type ArgOf,
  decodeRet,
  encodeArg,
  encodeValue,
  IDL,
  type Method,
  Principal,
  refuse,
  type RetOf,
  text,
} from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { buildCanister } from '../../scripts/build-canisters.ts'
import { INTENDED, STUMBLE, stumblerService } from '../canisters/stumbler-service.ts'
import { type Operator, operatorOf } from './management.ts'

// What leaves a canister of ours when a handler goes wrong: one word, no state, no lock, no callback.

type Stumbler = typeof stumblerService
let localnet: Localnet
let operator: Operator
let stumbler: Principal
const someone = Ed25519KeyIdentity.generate(new Uint8Array(32).fill(3))

beforeAll(async () => {
  localnet = await startLocalnet({ port: 0 })
  const agent = HttpAgent.createSync({ host: localnet.url, rootKey: localnet.rootKey, identity: someone })
  operator = operatorOf(agent)
  stumbler = await operator.create()
  await operator.install(stumbler, (await buildStumbler()).wasm)
})
afterAll(() => localnet.close())
const buildStumbler = () => buildCanister('stumbler', { entry: 'test/canisters/stumbler.ts' })

async function send(method: string, arg: Uint8Array, sender = someone.getPrincipal(), canister = stumbler) {
  const { host } = localnet
  const answer = await host.call(
    {
      requestId: new Uint8Array(randomBytes(32)),
      sender: sender.toUint8Array(),
      canisterId: canister.toUint8Array(),
      method,
      arg,
      ingressExpiryNs: (await host.timeNs()) + 60_000_000_000n,
    },
    30_000,
  )
  if (answer.kind === 'refused') return { refused: answer.reject.errorCode }
  const { state } = answer.request
  if (state.status === 'rejected') return { rejected: state.reject.message, code: state.reject.code }
  if (state.status === 'replied') return { reply: state.reply }
  throw new Error(`no answer: ${state.status}`)
}
async function run<K extends keyof Stumbler>(name: K, arg: ArgOf<Stumbler[K]>) {
  const method: Method<unknown, unknown> = stumblerService[name]
  const answer = await send(name, encodeArg(method, arg))
  return answer.reply === undefined ? answer : (decodeRet(method, answer.reply) as RetOf<Stumbler[K]>)
}
async function query(method: string, arg = new Uint8Array(IDL.encode([], []))): Promise<Uint8Array> {
  const outcome = await localnet.host.query({
    sender: Principal.anonymous().toUint8Array(),
    canisterId: stumbler.toUint8Array(),
    method,
    arg,
  })
  if (outcome.kind === 'reject') throw new Error(outcome.reject.message)
  return outcome.reply
}
async function state() {
  const answer = decodeRet(stumblerService.state, await query('state'))
  if (!('Ok' in answer)) throw new Error('refused')
  return answer.Ok
}
/** What the canister wrote to its log, oldest first. */
async function logs(): Promise<string[]> {
  const Id = IDL.Record({ canister_id: IDL.Principal })
  const outcome = await localnet.host.query({
    sender: someone.getPrincipal().toUint8Array(),
    canisterId: new Uint8Array(0),
    method: 'fetch_canister_logs',
    arg: new Uint8Array(IDL.encode([Id], [{ canister_id: stumbler }])),
  })
  if (outcome.kind === 'reject') throw new Error(outcome.reject.message)
  const Lines = IDL.Record({ canister_log_records: IDL.Vec(IDL.Record({ content: IDL.Vec(IDL.Nat8) })) })
  const [{ canister_log_records: lines }] = IDL.decode([Lines], outcome.reply) as unknown as [
    { canister_log_records: { content: Uint8Array }[] },
  ]
  return lines.map(({ content }) => Buffer.from(content).toString())
}

describe('a handler that goes wrong', () => {
  const BUG = /^[^']*'(Bug [0-9a-z]+-[0-9a-z]+-[0-9a-z]+)'/
  test.each([
    ['throws an error', STUMBLE.error, 0],
    ['throws null', STUMBLE.null, 0],
    ['throws a text', STUMBLE.text, 0],
    ['answers too much', STUMBLE.hugeReply, 0],
    ['throws after it replied by itself', STUMBLE.throwsAfterReply, 0],
    ['throws an error after an await', STUMBLE.errorAfterAwait, 1],
    ['throws null after an await', STUMBLE.nullAfterAwait, 1],
    ['throws a text after an await', STUMBLE.textAfterAwait, 1],
    ['answers too much after an await', STUMBLE.hugeReplyAfterAwait, 1],
    ['fails while another call of it is under way', STUMBLE.failsBesideCall, 1],
  ])('and %s traps with a code and an id, and undoes the run', async (_what, how, kept) => {
    const { counter } = await state()
    const answer = await run('stumble', { how })
    expect(answer).toMatchObject({ code: 5 })
    const { rejected } = answer as { rejected: string }
    expect(rejected).toMatch(BUG)
    expect(rejected).not.toMatch(/secret|claim|main\.js|\bat\b/)
    // What ran before the await stands, as everywhere on this network; what ran after it does not.
    expect(await state()).toMatchObject({ counter: counter + kept, lockTaken: 0 })
    // The operator finds the rest under the same id.
    const [, code = ''] = BUG.exec(rejected) ?? []
    const found = (await logs()).filter((line) => line.startsWith(`${code} in stumble: `))
    expect(found).toHaveLength(1)
  })

  test('and traps inside a try answers nothing from its catch', async () => {
    const { counter } = await state()
    const answer = await run('stumble', { how: STUMBLE.trapsInsideTry })
    expect(answer).toMatchObject({ code: 5, rejected: expect.stringContaining('own code') })
    expect(await state()).toMatchObject({ counter: counter + 1, lockTaken: 0 })
  })

  test('and replies twice changes nothing', async () => {
    const { counter } = await state()
    expect(await run('stumble', { how: STUMBLE.repliesTwice })).toMatchObject({ code: 5 })
    expect(await state()).toMatchObject({ counter, lockTaken: 0 })
  })

  test.each([
    ['at once', STUMBLE.neverSettles, 1],
    ['after an await', STUMBLE.neverSettlesAfterAwait, 2],
  ])('and never settles %s is ended by the network, and the canister goes on', async (_when, how, kept) => {
    const { counter } = await state()
    expect(await run('stumble', { how })).toMatchObject({ code: 5 })
    expect(await state()).toMatchObject({ counter: counter + kept })
    expect(await run('stumble', { how: STUMBLE.fine })).toEqual({ Ok: new Uint8Array(3) })
  })

  test('and drops promises answers all the same, and what fails in them answers nobody', async () => {
    const { counter } = await state()
    expect(await run('stumble', { how: STUMBLE.unawaited })).toEqual({ Ok: new Uint8Array(3) })
    await run('stumble', { how: STUMBLE.fine }) // by then the call of the dropped promise has returned
    expect(await state()).toMatchObject({ counter: counter + 4 })
  })

  test('leaves the canister working, and no callback behind', async () => {
    const { callbacks } = await state()
    for (const how of [STUMBLE.fine, STUMBLE.errorAfterAwait, STUMBLE.trapsInsideTry, STUMBLE.fine])
      await run('stumble', { how })
    expect(await run('stumble', { how: STUMBLE.fine })).toEqual({ Ok: new Uint8Array(3) })
    // A pair for each of the two calls that one handler made at once; they are used again.
    expect(await state()).toMatchObject({ lockTaken: 0, callbacks })
    expect(callbacks).toBe(4)
  })
})

describe('a call to another canister', () => {
  test.each(['ask', 'askThen'] as const)(
    'tells a reply, a reject and a reply of another type apart (%s)',
    async (ask) => {
      const other = await operator.create()
      await operator.install(other, (await buildStumbler()).wasm)
      const nobody = Principal.fromUint8Array(Uint8Array.of(9, 1))
      expect(await run(ask, { canister: other, method: 'state' })).toEqual({ Ok: 1 })
      expect(await run(ask, { canister: other, method: 'state2' })).toEqual({ Ok: 2 })
      expect(await run(ask, { canister: other, method: 'absent' })).toEqual({ Ok: 50 })
      expect(await run(ask, { canister: nobody, method: 'state' })).toEqual({ Ok: 30 })
      expect(await state()).toMatchObject({ callbacks: 4 })
    },
  )

  test('is put off where four hundred are under way, and all others are answered', async () => {
    const other = await operator.create()
    await operator.install(other, (await buildStumbler()).wasm)
    const arg = encodeArg(stumblerService.stumble, { how: STUMBLE.flood })
    for (let i = 0; i < 2; i++) {
      const { reply = new Uint8Array() } = await send('stumble', arg, someone.getPrincipal(), other)
      expect(decodeRet(stumblerService.stumble, reply)).toEqual({ Ok: new Uint8Array(5) })
    }
  })

  test('that ends in a bug traps with a code, and the next one is fine', async () => {
    const answer = await run('askThen', { canister: stumbler, method: 'throw' })
    expect(answer).toMatchObject({ code: 5, rejected: expect.stringMatching(/'Bug [0-9a-z-]+'/) })
    expect(answer).toMatchObject({ rejected: expect.not.stringContaining('secret') })
    expect(await run('askThen', { canister: stumbler, method: 'state' })).toEqual({ Ok: 1 })
    expect(await state()).toMatchObject({ callbacks: 4 })
  })

  test('to itself is a reply as well', async () => {
    expect(await run('ask', { canister: stumbler, method: 'state' })).toEqual({ Ok: 1 })
  })
})

describe('an intent', () => {
  const [id, digest] = [new Uint8Array(16).fill(1), new Uint8Array(32).fill(2)]
  const intend = (how: number, given = digest) => run('intend', { id, digest: given, how })

  test('goes on where a trap left it, and is done once', async () => {
    const { counter } = await state()
    expect(await intend(STUMBLE.errorAfterAwait)).toMatchObject({ code: 5 })
    expect(await state()).toMatchObject({ counter: counter + 1 })
    expect(await intend(STUMBLE.fine, new Uint8Array(32))).toEqual({ Ok: INTENDED.conflict })
    const both = await Promise.all([intend(STUMBLE.fine), intend(STUMBLE.fine)])
    expect(both).toContainEqual({ Ok: INTENDED.resumed })
    expect([INTENDED.busy, INTENDED.done].map((Ok) => ({ Ok }))).toContainEqual(
      both.find((answer) => (answer as { Ok: number }).Ok !== INTENDED.resumed),
    )
    expect(await intend(STUMBLE.fine)).toEqual({ Ok: INTENDED.done })
    expect(await state()).toMatchObject({ counter: counter + 2 })
  })

  test('outlives an upgrade', async () => {
    const { counter } = await state()
    const other = new Uint8Array(32).fill(9)
    const args = { id: new Uint8Array(16).fill(7), digest: other }
    expect(await run('intend', { ...args, how: STUMBLE.errorAfterAwait })).toMatchObject({ code: 5 })
    await operator.stop(stumbler)
    await operator.install(stumbler, (await buildStumbler()).wasm, 'upgrade')
    await operator.start(stumbler)
    expect(await run('intend', { ...args, how: STUMBLE.fine })).toEqual({ Ok: INTENDED.resumed })
    expect(await state()).toMatchObject({ counter: counter + 2 })
  })
})

describe('a message', () => {
  const good = encodeArg(stumblerService.stumble, { how: STUMBLE.fine })

  test('of nobody, for no method, or too large does not get in', async () => {
    expect(await send('stumble', good, Principal.anonymous())).toMatchObject({ refused: expect.stringMatching(/^IC/) })
    for (const method of ['constructor', 'toString', '_azle_chunk', 'absent'])
      expect(await send(method, good)).toMatchObject({ refused: expect.stringMatching(/^IC/) })
    expect(await send('stumble', new Uint8Array(65))).toMatchObject({ refused: expect.stringMatching(/^IC/) })
  })

  test('that gets in all the same is refused by the method', async () => {
    expect(decodeRet(stumblerService.state2, await query('state2'))).toEqual({ Err: refuse.notSignedIn })
    expect(decodeRet(stumblerService.state, await query('state', new Uint8Array(65)))).toEqual({
      Err: refuse.tooLarge(64),
    })
    expect(await send('stumble', encodeValue(text, 'x'))).toEqual({
      rejected: expect.stringMatching(/^BadArgs type [0-9a-z-]+$/),
      code: 4,
    })
  })
})

test('an install argument that is none refuses the installation', async () => {
  const id = await operator.create()
  const { wasm } = await buildStumbler()
  await expect(operator.install(id, wasm, 'install', encodeValue(text, 'x'))).rejects.toThrow('Bug')
  await operator.install(id, wasm)
})
