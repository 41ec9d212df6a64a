import { NS_PER_HOUR, NS_PER_MINUTE, Principal, refuse } from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createBuckets } from './buckets.ts'
import { BUDGET_TAG } from './budgets.ts'
import { createSpender } from './budgets.ts'
import { recordsEndpoints } from './codecs/records.ts'
import { createConfiguration } from './configuration.ts'
import { memoryMap, openMap, section } from './maps.ts'

const id = (n: number) => {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setUint32(0, n)
  return bytes
}
const alice = new Uint8Array([1])
const bob = new Uint8Array([2])

describe('an hourly budget', () => {
  test('may be spent at once, refills evenly and is separate for each key', () => {
    const buckets = createBuckets(memoryMap())
    for (let i = 0; i < 12; i++) expect(buckets.take(alice, 12, 0n)).toBe(0)
    expect(buckets.take(alice, 12, 0n)).toBe(300_001)
    expect(buckets.take(bob, 12, 0n)).toBe(0)
    expect(buckets.take(alice, 12, 5n * NS_PER_MINUTE)).toBe(0)
    expect(buckets.take(alice, 12, 5n * NS_PER_MINUTE)).toBe(300_001)
  })

  test('is never exceeded in any hour by more than itself', () => {
    const steps = fc.array(fc.bigInt({ min: 0n, max: NS_PER_HOUR / 4n }), { maxLength: 80 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), steps, (perHour, waits) => {
        const buckets = createBuckets(memoryMap())
        const taken: bigint[] = []
        let nowNs = 0n
        for (const wait of waits) {
          nowNs += wait
          const retryMs = buckets.take(alice, perHour, nowNs)
          if (retryMs === 0) taken.push(nowNs)
          // Whoever waits as long as told gets it.
          else expect(createdAgain(taken, perHour, nowNs + BigInt(retryMs) * 1_000_000n)).toBe(0)
        }
        for (const start of taken) {
          const within = taken.filter((at) => at >= start && at < start + NS_PER_HOUR).length
          expect(within).toBeLessThanOrEqual(2 * perHour)
        }
      }),
    )
  })
  const createdAgain = (taken: readonly bigint[], perHour: number, atNs: bigint) => {
    const buckets = createBuckets(memoryMap())
    for (const at of taken) buckets.take(alice, perHour, at)
    return buckets.take(alice, perHour, atNs)
  }
})

describe('the budget of a method', () => {
  const budget = { tag: 5, ofCallerPerHour: 3, inAllPerHour: 5 }
  const anonymous = new Uint8Array([4])

  test('is each caller’s own, within that of all, and refills', () => {
    let nowNs = 0n
    const spend = createSpender(memoryMap(), budget, () => nowNs)
    for (let i = 0; i < 3; i++) expect(spend(alice)).toBe(0)
    expect(spend(alice)).toBe(1_200_001)
    // What alice was refused is left for bob.
    for (let i = 0; i < 2; i++) expect(spend(bob)).toBe(0)
    expect(spend(bob)).toBe(720_001)
    nowNs += NS_PER_HOUR / 5n
    expect(spend(bob)).toBe(0)
  })

  test('makes no row for who is nobody, and none beyond what all may call', () => {
    const rows = memoryMap()
    const spend = createSpender(rows, budget, () => 0n)
    for (let i = 0; i < 2; i++) expect(spend(anonymous)).toBe(0)
    expect(rows.size()).toBe(1)
    for (let i = 0; i < 100; i++) spend(id(i))
    expect(rows.size()).toBe(1 + 3)
    expect(spend(anonymous)).toBe(720_001)
  })
})

describe('configure once', () => {
  const principal = (n: number) => Principal.fromUint8Array(new Uint8Array([n, 9, 9]))
  const self = principal(1).toUint8Array()
  const open = (rows = memoryMap()) => {
    const changes: Uint8Array[] = []
    const configuration = createConfiguration({
      rows,
      codec: recordsEndpoints.configuration,
      peers: ({ consent, audit }) => ({ consent, audit }),
      onChange: (_configuration, bytes) => void changes.push(bytes),
    })
    return { configuration, changes, rows }
  }
  const given = { consent: principal(2), audit: principal(3), council: [] as [], logShards: [] as [] }
  const asController = { isController: true, self }

  test('is empty until a controller sets it, then the same again is fine and another is not', () => {
    const { configuration, changes } = open()
    expect(configuration.get()).toBeNull()
    expect(configuration.configure(given, { isController: false, self })).toEqual({ Err: refuse.notPermitted })
    expect(configuration.configure(given, asController)).toEqual({ Ok: null })
    expect(configuration.configure(given, asController)).toEqual({ Ok: null })
    expect(configuration.configure({ ...given, audit: principal(4) }, asController)).toEqual({ Err: refuse.idConflict })
    expect(configuration.get()).toEqual(given)
    expect(changes.length).toBe(1)
  })

  test.each([
    ['the own id', { ...given, consent: principal(1) }, 'consent', 'own'],
    [
      'an id twice',
      { consent: principal(3), audit: principal(3), council: [] as [], logShards: [] as [] },
      'audit',
      'duplicate',
    ],
    ['no id', { ...given, audit: Principal.managementCanister() }, 'audit', 'missing'],
    ['the anonymous id', { ...given, audit: Principal.anonymous() }, 'audit', 'missing'],
  ])('refuses %s', (_what, bad, field, code) => {
    const { configuration, changes } = open()
    expect(configuration.configure(bad, asController)).toEqual({ Err: refuse.badInput(field, code) })
    expect(() => configuration.replace(bad, self)).toThrow('refused')
    expect(changes.length).toBe(0)
  })

  test('outlives an upgrade, and an upgrade may replace it', () => {
    const { configuration, rows } = open()
    configuration.configure(given, asController)
    const after = open(rows)
    after.configuration.replace(null, self)
    expect(after.configuration.get()).toEqual(given)
    after.configuration.replace(given, self)
    expect(after.changes.length).toBe(0)
    after.configuration.replace({ ...given, audit: principal(4) }, self)
    expect(after.configuration.get()?.audit.toText()).toBe(principal(4).toText())
    expect(after.changes.length).toBe(1)
  })
})

describe('maps', () => {
  test('a memory is opened once', () => {
    expect(() => openMap(254)).toThrow('0 to 253')
    expect(() => openMap(-1)).toThrow('0 to 253')
  })

  test('sections of one map do not see each other', () => {
    const map = memoryMap()
    const [one, two] = [section(map, 1), section(map, 2)]
    one.set(new Uint8Array([5]), new Uint8Array([6]))
    expect(two.has(new Uint8Array([5]))).toBe(false)
    expect(one.get(new Uint8Array([5]))).toEqual(new Uint8Array([6]))
    expect(map.get(new Uint8Array([1, 5]))).toEqual(new Uint8Array([6]))
    one.delete(new Uint8Array([5]))
    expect(map.size()).toBe(0)
  })
})

test('no two kinds of budget have rows of one name', () => {
  const tags = Object.values(BUDGET_TAG)
  expect(new Set(tags).size).toBe(tags.length)
})

test('several units are taken at once, or none', () => {
  const buckets = createBuckets(memoryMap())
  const [key, now] = [Uint8Array.of(1), 1_000_000_000_000_000n]
  expect(buckets.take(key, 10, now, 8)).toBe(0)
  expect(buckets.take(key, 10, now, 3)).toBe(360_001)
  expect(buckets.take(key, 10, now, 2)).toBe(0)
  expect(buckets.take(key, 10, now)).toBe(360_001)
})
