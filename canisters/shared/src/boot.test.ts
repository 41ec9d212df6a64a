import { createHash } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { decodeRet, encodeArg } from '@medguard/protocol'
import { beforeAll, describe, expect, test } from 'vitest'

import { buildCanister, type BuiltCanister } from '../../../scripts/build-canisters.ts'
import { CURVE, curvesService } from '../../../test/canisters/curves-service.ts'
import { livesService } from '../../../test/canisters/lives-service.ts'
import { openSmallNet, typedCalls } from '../../../test/canisters/small-net.fixture.ts'

const KINDS = ['plain', 'pre-initialised'] as const
const build = (name: string, kind: (typeof KINDS)[number]) =>
  buildCanister(name, { entry: `test/canisters/${name}.ts`, plain: kind === 'plain' })

describe('a heap that the build made', () => {
  let modules: Record<(typeof KINDS)[number], BuiltCanister>
  beforeAll(async () => {
    modules = { plain: await build('lives', 'plain'), 'pre-initialised': await build('lives', 'pre-initialised') }
  })

  function openLives(kind: (typeof KINDS)[number]) {
    const net = openSmallNet()
    const id = net.create()
    const installed = net.install(id, modules[kind].wasm)
    net.advance(0n) // what it does by itself at first
    const call = typedCalls(net, id, livesService)
    const upgrade = (to: (typeof KINDS)[number]) => {
      const spent = net.install(id, modules[to].wasm, 'upgrade')
      net.advance(0n)
      return spent
    }
    return { net, id, installed, call, upgrade, log: () => net.log(id) }
  }

  test('begins anew with each install and upgrade, of either kind after either, while stable memory stays', () => {
    for (const first of KINDS) {
      const lives = openLives(first)
      let stored = 0
      for (const kind of ['plain', 'pre-initialised', 'pre-initialised', 'plain', 'plain'] as const) {
        lives.call('raise', null)
        lives.call('raise', null)
        stored += 2
        expect(lives.call('state', null)).toEqual({ Ok: { stored, inHeap: 2, lives: 1 } })
        lives.upgrade(kind)
        expect(lives.call('state', null)).toEqual({ Ok: { stored, inHeap: 0, lives: 1 } })
      }
    }
  })

  test('costs a message of less than a million instructions to begin with', () => {
    const lives = openLives('pre-initialised')
    expect(lives.installed).toBeLessThan(200_000n)
    for (const kind of ['pre-initialised', 'plain'] as const) lives.upgrade(kind)
    expect(lives.upgrade('pre-initialised')).toBeLessThan(1_000_000n)
  })

  test.each(KINDS)('%s: timers run, the clock is the network’s, what is printed is in the log', (kind) => {
    const lives = openLives(kind)
    lives.call('raiseLater', { seconds: 5 })
    lives.net.advance(4n)
    expect(lives.call('state', null)).toMatchObject({ Ok: { stored: 0 } })
    lives.net.advance(2n)
    expect(lives.call('state', null)).toMatchObject({ Ok: { stored: 1, inHeap: 1 } })
    expect(lives.call('clock', null)).toEqual({ Ok: lives.net.machine.timeNs() / 1_000_000n })
    lives.call('print', { line: 'a line of its own' })
    expect(lives.log().join('\n')).toContain('a line of its own')
  })

  test.each(KINDS)('%s: a bug undoes its message back to the last call, and the next message is served', (kind) => {
    const lives = openLives(kind)
    expect(() => lives.call('fail', { afterCall: 0 })).toThrow(/Bug/)
    expect(lives.call('state', null)).toMatchObject({ Ok: { stored: 0, inHeap: 0 } })
    expect(() => lives.call('fail', { afterCall: 1 })).toThrow(/Bug/)
    expect(lives.call('state', null)).toMatchObject({ Ok: { stored: 1, inHeap: 1 } })
    expect(lives.log().join('\n')).toContain('as asked')
    expect(lives.call('raise', null)).toEqual({ Ok: 2 })
  })

  test.each(KINDS)('%s: the end of the engine’s stack is a trap that the next message survives', (kind) => {
    const lives = openLives(kind)
    expect(lives.call('dive', { depth: 300 })).toEqual({ Ok: 300 })
    expect(() => lives.call('dive', { depth: 1_000_000 })).toThrow(/trap|stack/i)
    expect(lives.call('raise', null)).toEqual({ Ok: 1 })
  })
})

describe('a module that checks signatures', () => {
  const message = Uint8Array.from({ length: 32 }, (_, i) => i)
  const secret = new Uint8Array(32).fill(7)
  const signed = {
    ed25519: { key: ed25519.getPublicKey(secret), signature: ed25519.sign(message, secret) },
    // Over the hash of the message, as RFC 9421 has it.
    p256: {
      key: p256.getPublicKey(secret, false),
      signature: p256.sign(createHash('sha256').update(message).digest(), secret).toCompactRawBytes(),
    },
  }

  test('checks the first for what the second costs', async () => {
    const { wasm } = await build('curves', 'pre-initialised')
    const net = openSmallNet()
    const id = net.create()
    expect(net.install(id, wasm)).toBeLessThan(1_000_000n)
    for (const curve of ['ed25519', 'p256'] as const) {
      const verify = (key: Uint8Array) => {
        const arg = { curve: CURVE[curve], message, ...signed[curve], key }
        const { reply, instructions } = net.call(id, 'verify', encodeArg(curvesService.verify, arg))
        return { answer: decodeRet(curvesService.verify, reply), instructions: Number(instructions) }
      }
      const [first, second] = [verify(signed[curve].key), verify(signed[curve].key)]
      expect([first.answer, second.answer]).toEqual([{ Ok: true }, { Ok: true }])
      expect(first.instructions / second.instructions).toBeLessThan(1.05)
      expect(first.instructions).toBeLessThan(25_000_000)
    }
  }, 120_000)
})
