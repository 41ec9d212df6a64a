import { NS_PER_HOUR, NS_PER_MINUTE, refuse, REPEAT_MEMORY_NS } from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { beginMessage, cleanUp, currentFlow } from './flow.ts'
import { memoryMap } from './maps.ts'
import { createRepeats, REPEATED_ANSWER_BYTES_MAX, REPEATS_PER_CALLER_MAX } from './repeats.ts'

const alice = new Uint8Array([1])
const id = (n: number) => {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setUint32(12, n)
  return bytes
}
const said = (n: number) => new Uint8Array([n, 1, 2])

function openMemory() {
  const rows = memoryMap()
  let nowNs = 0n
  const open = () => createRepeats(rows, () => nowNs)
  let memory = open()
  return {
    rows,
    at: (ns: bigint) => void (nowNs = ns),
    upgrade: () => void (memory = open()),
    begin: (n: number, bytes = said(n), caller = alice, method = 'invite') =>
      memory.begin({ method, caller, requestId: id(n), bytes }),
    /** As the endpoint does for a handler that answers `Ok` at once. */
    run(n: number, answer: Uint8Array) {
      const recalled = memory.begin({ method: 'invite', caller: alice, requestId: id(n), bytes: said(n) })
      if (recalled.kind === 'new') recalled.begun.keep(answer)
      return recalled.kind
    },
  }
}

describe('the memory of changes', () => {
  test('gives the first answer again for a day, and takes no other content under one id', () => {
    const memory = openMemory()
    expect(memory.run(1, said(9))).toBe('new')
    memory.at(REPEAT_MEMORY_NS - 1n)
    memory.upgrade()
    expect(memory.begin(1)).toEqual({ kind: 'answered', answer: said(9) })
    const conflict = { kind: 'refused', refusal: refuse.idConflict }
    expect(memory.begin(1, said(2))).toEqual(conflict)
    expect(memory.begin(1, said(1), alice, 'remove')).toEqual(conflict)
    expect(memory.begin(1, said(1), new Uint8Array([2])).kind).toBe('new')
    memory.at(REPEAT_MEMORY_NS)
    expect(memory.begin(1).kind).toBe('new')
  })

  test('keeps nothing of what was refused', () => {
    const memory = openMemory()
    const first = memory.begin(1)
    if (first.kind === 'new') first.begun.drop()
    expect(memory.begin(1, said(2)).kind).toBe('new')
    expect(memory.rows.size()).toBe(0)
  })

  test('is busy while a change waits for others, and free again after a trap', () => {
    const memory = openMemory()
    beginMessage()
    const first = memory.begin(1)
    if (first.kind !== 'new') throw new Error('nothing is remembered yet')
    first.begun.wait()
    const flow = currentFlow()
    beginMessage()
    expect(memory.begin(1)).toEqual({ kind: 'refused', refusal: refuse.busy(1000) })
    cleanUp(flow)
    expect(memory.begin(1).kind).toBe('new')
  })

  test('after a wait it keeps beside the answer what others did meanwhile', () => {
    const memory = openMemory()
    beginMessage()
    const slow = memory.begin(16)
    if (slow.kind !== 'new') throw new Error('nothing is remembered yet')
    slow.begun.wait()
    beginMessage()
    memory.run(32, said(8)) // in the same row
    slow.begun.keep(said(7))
    expect(memory.begin(16)).toEqual({ kind: 'answered', answer: said(7) })
    expect(memory.begin(32)).toEqual({ kind: 'answered', answer: said(8) })
  })

  test('tells whoever did too much in a day to wait, and forgets nothing early', () => {
    const memory = openMemory()
    for (let n = 0; n < REPEATS_PER_CALLER_MAX; n++) {
      memory.at(BigInt(n))
      expect(memory.run(n, said(1))).toBe('new')
    }
    memory.at(NS_PER_HOUR)
    const refused = memory.begin(REPEATS_PER_CALLER_MAX)
    expect(refused).toMatchObject({ kind: 'refused', refusal: { Busy: { retryAfterMs: 23 * 3_600_000 + 1 } } })
    for (let n = 0; n < REPEATS_PER_CALLER_MAX; n++) expect(memory.begin(n).kind).toBe('answered')
    memory.at(REPEAT_MEMORY_NS)
    expect(memory.begin(REPEATS_PER_CALLER_MAX).kind).toBe('new')
  })

  test('takes no answer that is long', () => {
    const first = openMemory().begin(1)
    if (first.kind !== 'new') throw new Error('nothing is remembered yet')
    expect(() => first.begun.keep(new Uint8Array(REPEATED_ANSWER_BYTES_MAX + 1))).toThrow('short')
  })

  test('whatever the order, each change happens once', () => {
    const step = fc.record({ n: fc.nat(5), minutes: fc.nat(20) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const memory = openMemory()
        const doneAt = new Map<number, bigint>()
        let nowNs = 0n
        for (const { n, minutes } of steps) {
          nowNs += BigInt(minutes) * 5n * NS_PER_MINUTE
          memory.at(nowNs)
          const earlier = doneAt.get(n)
          const isKnown = earlier !== undefined && earlier + REPEAT_MEMORY_NS > nowNs
          expect(memory.run(n, said(n))).toBe(isKnown ? 'answered' : 'new')
          if (!isKnown) doneAt.set(n, nowNs)
        }
      }),
    )
  })
})
