import type { Principal } from '@medguard/protocol'
import { beforeAll, describe, expect, test } from 'vitest'

import { buildCanister } from '../../../../scripts/build-canisters.ts'
import { openSmallNet, type SmallNet } from '../../../../test/canisters/small-net.fixture.ts'

// What the collections cost in a real module, in thousands of instructions, and that it does not depend on how much there is nor on how far into it
// one reads. Instructions repeat exactly.

const FEW = 10
const MANY = 6000
/** The mean of as many calls is measured: now and then a node of the map is cut in two. */
const CALLS = 8
/** Added in one message. */
const BATCH = 1000

/** Each with what it may take among few and among many. What adds to sequences and pages adds to two of them. */
const CEILINGS: Readonly<Record<string, readonly [few: number, many: number]>> = {
  rows: [146, 208],
  'rows.get': [76, 84],
  sequences: [340, 330],
  'sequences.at': [86, 145],
  'sequences.entries': [84, 280],
  pages: [740, 1140],
  'pages.at': [296, 320],
  'pages.runs': [296, 300],
  'pages.replace': [640, 940],
  counters: [172, 240],
  'counters.of': [66, 74],
  sets: [97, 166],
  'sets.has': [40, 46],
  queues: [245, 330],
  'queues.shift': [235, 310],
  blobs: [450, 700],
  'blobs.read': [80, 93],
}
/** These read or change one list at a place in it. */
const AT_A_PLACE = ['sequences.at', 'sequences.entries', 'pages.at', 'pages.runs', 'pages.replace']

let net: SmallNet
let id: Principal
const ask = (method: string, text: string) =>
  Buffer.from(net.call(id, method, Buffer.from(text, 'ascii')).reply).toString('ascii')
const cost = (operation: string, number: number): number => Number(ask('cost', `${operation} ${number}`)) / 1000
const fill = (kind: string, from: number, until: number) => {
  for (let at = from; at < until; at += BATCH) ask('fill', `${kind} ${at} ${Math.min(BATCH, until - at)}`)
}
const kindOf = (operation: string) => operation.replace(/\..*/, '')
const KINDS = [...new Set(Object.keys(CEILINGS).map(kindOf))]

beforeAll(async () => {
  const { wasm } = await buildCanister('collections', { entry: 'test/canisters/collections.ts' })
  net = openSmallNet()
  id = net.create()
  net.install(id, wasm)
})

test('maps of Azle do what the collections take for granted', () => {
  expect(ask('assume', '')).toBe('')
})

describe('collections in a canister', () => {
  const measured: Record<string, number[]> = {}
  const measure = (count: number) => {
    for (const operation of Object.keys(CEILINGS)) {
      const isAdding = !operation.includes('.')
      const at = isAdding ? count : AT_A_PLACE.includes(operation) ? count / 2 - 3 : count - CALLS
      let sum = 0
      for (let i = 0; i < CALLS; i++) sum += cost(operation, at + (isAdding ? i : i % 3))
      ;(measured[operation] ??= []).push(sum / CALLS)
    }
  }
  beforeAll(() => {
    for (const kind of KINDS) fill(kind, 0, FEW)
    measure(FEW)
    for (const kind of KINDS) fill(kind, FEW, MANY)
    measure(MANY)
  }, 120_000)

  test.each(Object.entries(CEILINGS))('%s takes no more than %j thousand instructions', (operation, [few, many]) => {
    const [atFew = 0, atMany = 0] = measured[operation] ?? []
    expect(atFew).toBeGreaterThan(0)
    expect(atFew).toBeLessThanOrEqual(few)
    expect(atMany).toBeLessThanOrEqual(many)
  })

  test.each(AT_A_PLACE)('%s costs the same at the beginning, in the middle and near the end', (operation) => {
    // In pages and runs that are full, and at the same place in them.
    const [first = 0, ...others] = [64, 2048, 4992, 5600].map((position) => cost(operation, position))
    for (const other of others) expect(Math.abs(other - first) / first).toBeLessThan(0.25)
  })
})
