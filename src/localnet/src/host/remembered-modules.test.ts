import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { InvalidModule } from '../contracts.ts'
import { startLocalnet } from '../index.ts'
import { ALLOWED_IMPORTS } from '../system-api/index.ts'
import { prepareModule } from '../wasm/index.ts'
import { agentFor, deploy, tallyActor } from './deploy.fixture.ts'
import { rememberedHere } from './open-machine.ts'
import { type RememberedModule, rememberModules } from './remembered-modules.ts'
import { tallyWasm } from './tally.fixture.ts'

const WASM = tallyWasm()

function open(bytesMax?: number) {
  const made: Uint8Array[] = []
  const told: RememberedModule[] = []
  const kept = rememberModules(
    (uploaded, allowed) => {
      made.push(uploaded)
      return prepareModule(uploaded, allowed)
    },
    (module) => told.push(module),
    bytesMax,
  )
  return { ...kept, made, told }
}
/** The same program under another name: a custom section of its own is behind it. */
const variant = (): Uint8Array => Uint8Array.of(...WASM, 0, 9, 1, 120, ...randomBytes(7))
const bytesOf = (wasm: Uint8Array): Uint8Array => new Uint8Array(wasm)

describe('modules that are remembered', () => {
  test('are prepared and compiled once, also for whoever was handed them', () => {
    const first = open()
    const { compiled, wasm, ...facts } = first.prepare(WASM, ALLOWED_IMPORTS)
    const expected = prepareModule(WASM, ALLOWED_IMPORTS)
    expect({ ...facts, wasm: bytesOf(wasm) }).toEqual(expected)
    expect(compiled).toBeInstanceOf(WebAssembly.Module)
    expect(first.prepare(WASM, ALLOWED_IMPORTS).compiled).toBe(compiled)
    const later = open()
    for (const module of first.told) later.remember(module)
    expect(later.prepare(WASM, ALLOWED_IMPORTS).compiled).toBe(compiled)
    expect([first.made.length, first.told.length, later.made.length]).toEqual([1, 1, 0])
  })

  test('are others for other System API functions', () => {
    const kept = open()
    kept.prepare(WASM, ALLOWED_IMPORTS)
    expect(() => kept.prepare(WASM, new Map())).toThrow('it imports ic0')
  })

  test('are refused each time when they are invalid', () => {
    const kept = open()
    for (let time = 1; time <= 2; time++) {
      expect(() => kept.prepare(WASM.subarray(0, 20), ALLOWED_IMPORTS)).toThrow(InvalidModule)
      expect([kept.made.length, kept.told.length]).toEqual([time, 0])
    }
  })

  test('are the newest, as many as there is room for', () => {
    const { length } = prepareModule(WASM, ALLOWED_IMPORTS).wasm
    const kept = open(Math.round(2.5 * length))
    const [one, two, three] = [WASM, variant(), variant()]
    for (const wasm of [one, two, one, three, one]) kept.prepare(wasm, ALLOWED_IMPORTS)
    expect(kept.made).toEqual([one, two, three])
    expect(kept.all()).toHaveLength(2)
    kept.prepare(two, ALLOWED_IMPORTS)
    expect(kept.made).toEqual([one, two, three, two])
  })
})

test('networks of one process that keep nothing hand them on, and each has a state of its own', async () => {
  const wasm = variant()
  const codes = new Set<WebAssembly.Module | undefined>()
  for (let network = 1; network <= 2; network++) {
    const localnet = await startLocalnet({ port: 0 })
    const agent = await agentFor(localnet)
    const tally = tallyActor(agent, await deploy(agent, wasm))
    expect(await tally.mark(7)).toBe(1)
    expect(await tally.count(7)).toBe(1)
    await localnet.close()
    const [, newest] = rememberedHere.all().at(-1) ?? []
    expect(newest?.customSections).toEqual(prepareModule(wasm, ALLOWED_IMPORTS).customSections)
    codes.add(newest?.compiled)
  }
  expect(codes.size).toBe(1)
})
