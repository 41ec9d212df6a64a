import { NS_PER_MINUTE, refuse, type RefusalArm, REQUEST_MEMORY_NS } from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { beginMessage, cleanUp, currentFlow } from './flow.ts'
import { memoryMap } from './maps.ts'
import { createRequestMemory, REQUESTS_PER_CALLER_MAX } from './requests.ts'

const id = (n: number) => {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setUint32(0, n)
  return bytes
}
const alice = new Uint8Array([1])
const bob = new Uint8Array([2])

describe('the memory of requests', () => {
  test('is busy while a request is in flight and done for ten minutes after it', () => {
    const memory = createRequestMemory(memoryMap())
    expect(memory.begin(alice, id(1), 0n)).toBeNull()
    expect(memory.begin(alice, id(1), 1n)).toEqual(refuse.busy(1000))
    expect(memory.begin(bob, id(1), 1n)).toBeNull()
    memory.done(alice, id(1))
    expect(memory.begin(alice, id(1), REQUEST_MEMORY_NS - 1n)).toEqual(refuse.alreadyDone)
    expect(memory.begin(alice, id(1), REQUEST_MEMORY_NS)).toBeNull()
  })

  test('forgets a request that had no effect', () => {
    const memory = createRequestMemory(memoryMap())
    for (const n of [1, 2, 3]) memory.begin(alice, id(n), 0n)
    memory.forget(alice, id(2))
    expect(memory.begin(alice, id(2), 1n)).toBeNull()
    expect(memory.begin(alice, id(1), 1n)).toEqual(refuse.busy(1000))
    expect(memory.begin(alice, id(3), 1n)).toEqual(refuse.busy(1000))
  })

  test('takes a bounded number of requests from one caller and says when there is room again', () => {
    const rows = memoryMap()
    const memory = createRequestMemory(rows)
    for (let n = 0; n < REQUESTS_PER_CALLER_MAX; n++) expect(memory.begin(alice, id(n), BigInt(n))).toBeNull()
    const nowNs = 9n * NS_PER_MINUTE
    expect(memory.begin(alice, id(1000), nowNs)).toEqual(refuse.busy(60_001))
    expect(memory.begin(bob, id(1000), nowNs)).toBeNull()
    expect(memory.begin(alice, id(1000), nowNs + 60_001_000_000n)).toBeNull()
    expect(rows.get(alice)?.length).toBeLessThan(4_000)
    // After a quiet time the row is small again.
    expect(memory.begin(alice, id(1001), nowNs + 20n * NS_PER_MINUTE)).toBeNull()
    expect(rows.get(alice)?.length).toBeLessThan(40)
  })

  test('knows an id that is asked again later, wherever its old entry lies', () => {
    const memory = createRequestMemory(memoryMap())
    const begin = (n: number, minute: bigint) => memory.begin(alice, id(n), minute * NS_PER_MINUTE)
    for (const [n, minute] of [
      [1, 0n],
      [2, 1n],
      [3, 2n],
      [4, 10n], // takes the place of 1
      [5, 11n], // and of 2
      [4, 20n], // of 3, behind its own old entry
    ] as const)
      expect(begin(n, minute)).toBeNull()
    expect(begin(4, 20n)).toEqual(refuse.busy(1000))
    memory.done(alice, id(4))
    expect(begin(4, 20n)).toEqual(refuse.alreadyDone)
    expect(begin(5, 20n)).toEqual(refuse.busy(1000))
  })

  test('counts as done what was in flight before an upgrade', () => {
    const rows = memoryMap()
    createRequestMemory(rows).begin(alice, id(1), 0n)
    const upgraded = createRequestMemory(rows)
    expect(upgraded.begin(alice, id(1), 1n)).toEqual(refuse.alreadyDone)
    expect(upgraded.begin(alice, id(2), 1n)).toBeNull()
    expect(upgraded.begin(alice, id(2), 1n)).toEqual(refuse.busy(1000))
  })

  test('counts a request whose flow trapped as done', () => {
    const memory = createRequestMemory(memoryMap())
    beginMessage()
    memory.begin(alice, id(1), 0n)
    const flow = currentFlow()
    beginMessage()
    cleanUp(flow)
    expect(memory.begin(alice, id(1), 1n)).toEqual(refuse.alreadyDone)
  })

  test('reads what the first release wrote', () => {
    const rows = memoryMap()
    const row = new Uint8Array(3 * 25)
    for (let n = 0; n < 3; n++) {
      row.set(id(n + 7), 25 * n)
      new DataView(row.buffer).setBigUint64(25 * n + 16, BigInt(1000 + n))
      row[25 * n + 24] = n % 2
    }
    rows.set(alice, row)
    const memory = createRequestMemory(rows)
    const nowNs = REQUEST_MEMORY_NS + 1000n
    expect(memory.begin(alice, id(7), nowNs)).toBeNull()
    expect(memory.begin(alice, id(8), nowNs)).toEqual(refuse.alreadyDone)
    expect(memory.begin(alice, id(9), nowNs)).toEqual(refuse.busy(1000))
  })
})

/** The same, slow and obvious: every request with its time, dropped when it is old. */
function createModel() {
  let entries: { key: string; sinceNs: bigint; isDone: boolean }[] = []
  const find = (requestId: Uint8Array) => entries.find(({ key }) => key === requestId.join())
  return {
    begin(requestId: Uint8Array, nowNs: bigint): RefusalArm | null {
      entries = entries.filter(({ sinceNs }) => sinceNs + REQUEST_MEMORY_NS > nowNs)
      const known = find(requestId)
      if (known !== undefined) return known.isDone ? refuse.alreadyDone : refuse.busy(1000)
      const [oldest] = entries
      if (oldest !== undefined && entries.length >= REQUESTS_PER_CALLER_MAX)
        return refuse.busy(Number((oldest.sinceNs + REQUEST_MEMORY_NS - nowNs) / 1_000_000n) + 1)
      entries.push({ key: requestId.join(), sinceNs: nowNs, isDone: false })
      return null
    },
    done(requestId: Uint8Array) {
      const known = find(requestId)
      if (known !== undefined) known.isDone = true
    },
    forget(requestId: Uint8Array) {
      entries = entries.filter(({ key }) => key !== requestId.join())
    },
  }
}

test('agrees with a plain list over any sequence, also when full and with ids that look like anything', () => {
  // Few ids, so that they meet; zeros and small words, which look like the fields between them.
  const ids = fc.oneof(
    fc.nat(12).map(id),
    fc.constantFrom(
      new Uint8Array(16),
      new Uint8Array(16).fill(255),
      Uint8Array.from({ length: 16 }, (_, i) => i % 4),
    ),
  )
  const step = fc.record({
    act: fc.constantFrom('begin', 'begin', 'begin', 'done', 'forget'),
    requestId: ids,
    afterNs: fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: REQUEST_MEMORY_NS / 3n })),
  })
  const steps = fc.array(step, { maxLength: 60 })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: REQUESTS_PER_CALLER_MAX }), steps, (before, doings) => {
      const rows = memoryMap()
      const memory = createRequestMemory(rows)
      const model = createModel()
      let nowNs = 0n
      for (let n = 0; n < before; n++) {
        const requestId = id(1_000 + n)
        nowNs += NS_PER_MINUTE / 20n
        expect(memory.begin(alice, requestId, nowNs)).toEqual(model.begin(requestId, nowNs))
      }
      for (const { act, requestId, afterNs } of doings) {
        nowNs += afterNs
        if (act === 'begin') expect(memory.begin(alice, requestId, nowNs)).toEqual(model.begin(requestId, nowNs))
        else {
          memory[act === 'done' ? 'done' : 'forget'](alice, requestId)
          model[act === 'done' ? 'done' : 'forget'](requestId)
        }
      }
    }),
  )
})
