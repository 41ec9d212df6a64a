import { createFaults } from '@medguard/localnet'
import { decodeRet, encodeArg, toHex } from '@medguard/protocol'
import { beforeAll, describe, expect, test } from 'vitest'

import { buildCanister } from '../../../scripts/build-canisters.ts'
import { livesService } from '../../../test/canisters/lives-service.ts'
import { openSmallNet, type SmallNet, typedCalls } from '../../../test/canisters/small-net.fixture.ts'

const NOT_READY = { Err: { NotReady: null } }

describe.each([
  ['pre-initialised', false],
  ['plain', true],
] as const)('randomness in a %s module', (_kind, plain) => {
  let wasm: Uint8Array
  beforeAll(async () => {
    wasm = (await buildCanister('lives', { entry: 'test/canisters/lives.ts', plain })).wasm
  })

  function open(net: SmallNet = openSmallNet()) {
    const id = net.create()
    net.install(id, wasm)
    return { net, id, call: typedCalls(net, id, livesService) }
  }
  const bytesOf = (answer: { Ok: Uint8Array } | { Err: unknown }): string => {
    if (!('Ok' in answer)) throw new Error('it is not ready')
    return toHex(answer.Ok)
  }
  const both = ({ call }: ReturnType<typeof open>) => [
    bytesOf(call('random', { length: 32 })),
    bytesOf(call('randomForLibraries', null)),
  ]

  test('never gives two canisters the same bytes, nor one canister twice', () => {
    const net = openSmallNet()
    const [a, b] = [open(net), open(net)]
    const drawn = [...both(a), ...both(b), ...both(a)]
    expect(new Set(drawn).size).toBe(drawn.length)
    for (const [first = '', forLibraries = ''] of [both(a), both(b)]) {
      expect([first.length, forLibraries.length]).toEqual([64, 80])
      const number = new DataView(Uint8Array.from(Buffer.from(forLibraries, 'hex')).buffer).getFloat64(32)
      expect(number > 0 && number < 1).toBe(true)
    }
  })

  test('is not ready in the round of an upgrade, and anew afterwards', () => {
    const lives = open()
    const before = both(lives)
    const upgraded = lives.net.sendUpgrade(lives.id, wasm)
    const answers = (['random', 'randomForLibraries'] as const).map((name) => {
      const arg =
        name === 'random' ? encodeArg(livesService.random, { length: 32 }) : encodeArg(livesService[name], null)
      return lives.net.send(lives.id, name, arg)
    })
    lives.net.settle()
    upgraded()
    expect(answers.map((answer) => decodeRet(livesService.random, answer()))).toEqual([NOT_READY, NOT_READY])
    const drawn = [...before, ...both(lives)]
    expect(new Set(drawn).size).toBe(drawn.length)
  })

  test('waits while the network gives none, tries ever more seldom, and everything else works meanwhile', () => {
    const faults = createFaults('no randomness')
    faults.add({ kind: 'rawRand', times: plain ? 6 : 5 }) // a plain module also asks once by itself, and traps
    const lives = open(openSmallNet({ faults: faults.hooks }))
    for (const seconds of [0n, 1n, 2n, 4n]) {
      lives.net.advance(seconds)
      expect(lives.call('random', { length: 32 })).toEqual(NOT_READY)
      expect(lives.call('randomInQuery', { length: 32 })).toEqual(NOT_READY)
      expect(lives.call('randomForLibraries', null)).toEqual(NOT_READY)
      expect(lives.call('raise', null)).toMatchObject({ Ok: expect.any(Number) })
    }
    lives.net.advance(8n)
    lives.net.advance(16n)
    expect(both(lives)[0]).toHaveLength(64)
  })

  test('asks again when the message that brought the seed is lost', () => {
    const faults = createFaults('a lost seed')
    faults.add({ kind: 'trapAtSyscall', at: 1, method: '<ic-cdk internal> timer_executor#reply of raw_rand', times: 2 })
    const lives = open(openSmallNet({ faults: faults.hooks }))
    expect(lives.call('random', { length: 32 })).toEqual(NOT_READY)
    lives.net.advance(1n)
    lives.net.advance(2n)
    expect(both(lives)[0]).toHaveLength(64)
  })
})
