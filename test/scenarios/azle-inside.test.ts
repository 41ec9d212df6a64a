import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'

import { buildCanister } from '../../scripts/build-canisters.ts'
import { ROOT } from '../../scripts/project.ts'
import { openSmallNet, type SmallNet } from '../canisters/small-net.fixture.ts'
import type { Principal } from '@medguard/protocol'

// What canisters/shared takes for granted of Azle's inside, which is no contract: each test is one assumption. docs/toolkit.md says what stands on it.

let net: SmallNet
let canister: Principal
let wasm: Uint8Array
const ask = (question: string, arg: Uint8Array = new Uint8Array(1)) => net.call(canister, question, arg)
const answer = (question: string, arg?: Uint8Array) => Buffer.from(ask(question, arg).reply).toString()

beforeAll(async () => {
  ;({ wasm } = await buildCanister('azle-inside', { entry: 'test/canisters/azle-inside.ts' }))
  net = openSmallNet()
  canister = net.create()
  net.install(canister, wasm)
  net.advance(0n)
})

describe('Azle', () => {
  test('is 0.33.0, and its template is the one whose source was read', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules/azle/package.json'), 'utf8')) as {
      version: string
    }
    expect(version).toBe('0.33.0')
    const template = readFileSync(join(ROOT, 'node_modules/azle/dist/canister_templates/stable.wasm'))
    expect(createHash('sha256').update(template).digest('hex')).toMatchInlineSnapshot(
      `"fa87d4ae38c8ce4ebc49f3cb05d0d3b1276eab19c5d26705d65fbf6e1c162806"`,
    )
  })

  test('calls what its table holds: a plain function, for the price of a plain function', () => {
    expect(ask('constant').instructions).toBeLessThan(15_000n)
  })
  test('gives a copy of the argument each time', () => expect(answer('argument', Uint8Array.of(9))).toBe('9'))
  test('copies keys and values on their way into a map and out of it', () => {
    expect(answer('copies')).toBe('true 5 5 true')
  })
  test('takes replies, and arguments of calls, before it returns: they are lent', () => {
    expect(answer('lentReply')).toBe('taken')
    expect(answer('lentArgument')).toBe('9')
  })
  test('runs what is ready before the message ends', () => expect(answer('microtask')).toBe('later'))

  test('finds the callbacks of a call under our id, and forgets them by dispatching two actions', () => {
    expect(answer('call')).toBe('called')
    const noted = answer('notes')
    expect(noted).toBe('replied true; DELETE_AZLE_RESOLVE_CALLBACK mine; DELETE_AZLE_REJECT_CALLBACK mine')
  })
  test('tells a reject by its code', () => expect(answer('reject')).toMatch(/^CallRejected [1-6]$/))
  test('calls the reject callback with a word of its own when the run after a call traps', () => {
    answer('notes')
    expect(() => ask('trapLater')).toThrow('on purpose')
    expect(answer('notes')).toBe('CleanupCallback; DELETE_AZLE_RESOLVE_CALLBACK mine; DELETE_AZLE_REJECT_CALLBACK mine')
  })
  test('traps on a thrown value, whatever it is', () => expect(() => ask('throwNull')).toThrow(/No exception found/))

  test('finds the callback of a timer under the id it gave', () => {
    expect(answer('timer')).toBe('bigint')
    answer('notes')
    net.advance(2n)
    expect(answer('notes')).toMatch(/^timer ran; DELETE_AZLE_TIMER_CALLBACK /)
  })
  test('starts Math.random anew with each life, so that what must be unforeseen is never drawn from it', () => {
    const drawn = [answer('random')]
    for (let i = 0; i < 2; i++) {
      net.install(canister, wasm, 'reinstall')
      drawn.push(answer('random'))
    }
    expect(drawn[1]).toBe(drawn[2])
  })
  test('makes a text of 8,192 bytes in one call', () => expect(answer('apply')).toBe('8192'))
})
