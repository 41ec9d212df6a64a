import { NS_PER_HOUR, NS_PER_MINUTE, refuse, REPEAT_MEMORY_NS, toHex } from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { beginMessage, cleanUp, currentFlow } from './flow.ts'
import { memoryMap } from './maps.ts'
import { createRepeats, forgetRepeats, REPEATED_ANSWER_BYTES_MAX, REPEATS_PER_CALLER_MAX } from './repeats.ts'

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
    begin: (n: number, bytes = said(n), caller = alice, method = 'invite', isRepeatable = false) =>
      memory.begin({ method, caller, requestId: id(n), bytes, isRepeatable }),
    /** As the endpoint does for a handler that answers `Ok` at once. */
    run(n: number, answer: Uint8Array, caller = alice) {
      const change = { method: 'invite', caller, requestId: id(n), bytes: said(n), isRepeatable: false }
      const recalled = memory.begin(change)
      if (recalled.kind === 'new') recalled.begun.keep(answer)
      return recalled.kind
    },
    /** As `run`, for a change that is repeatable by itself. */
    note(n: number, bytes = said(n), caller = alice) {
      const recalled = memory.begin({ method: 'grant', caller, requestId: id(n), bytes, isRepeatable: true })
      if (recalled.kind === 'new') recalled.begun.keep(said(9))
      return recalled.kind === 'refused' ? recalled.refusal : recalled.kind
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

  test('of what is repeatable by itself only knows that an id is taken, and lets a repeat through', () => {
    const memory = openMemory()
    expect(memory.note(1)).toBe('new')
    memory.upgrade()
    expect(memory.note(1)).toBe('again')
    expect(memory.note(1, said(2))).toEqual(refuse.idConflict)
    expect(memory.begin(1)).toEqual({ kind: 'refused', refusal: refuse.idConflict })
    expect(memory.note(1, said(2), new Uint8Array([2]))).toBe('new')
    memory.at(REPEAT_MEMORY_NS)
    expect(memory.note(1, said(2))).toBe('new')
    const refused = memory.begin(3, said(3), alice, 'grant', true)
    if (refused.kind === 'new') refused.begun.drop()
    expect(memory.note(3, said(4))).toBe('new')
  })

  test('other content under the id of what still waits is refused, the same goes its way', () => {
    const memory = openMemory()
    beginMessage()
    const first = memory.begin(1, said(1), alice, 'grant', true)
    if (first.kind !== 'new') throw new Error('nothing is remembered yet')
    first.begun.wait()
    const flow = currentFlow()
    beginMessage()
    expect(memory.begin(1, said(2), alice, 'grant', true)).toEqual({ kind: 'refused', refusal: refuse.idConflict })
    const again = memory.begin(1, said(1), alice, 'grant', true)
    if (again.kind !== 'new') throw new Error('it is not done yet')
    again.begun.keep(said(9))
    first.begun.keep(said(9))
    cleanUp(flow)
    expect([memory.note(1), memory.note(1, said(2))]).toEqual(['again', refuse.idConflict])
  })

  test('for who does more than there is room for keeps the latest, makes nobody wait, and forgets no answer', () => {
    const memory = openMemory()
    expect(memory.run(0, said(7))).toBe('new')
    const most = REPEATS_PER_CALLER_MAX
    for (let n = 1; n <= 2 * most; n++) expect(memory.note(n)).toBe('new')
    const isKnown = (n: number) => memory.begin(n, said(n), alice, 'grant', true).kind === 'again'
    const known = Array.from({ length: 2 * most }, (_, i) => i + 1).filter(isKnown)
    expect(known).toEqual(Array.from({ length: most }, (_, i) => most + 1 + i))
    expect(memory.begin(0)).toEqual({ kind: 'answered', answer: said(7) })
    for (let n = 3 * most; n < 4 * most - 16; n++) expect(memory.run(n, said(1))).toBe('new')
  })

  test('is swept of callers who stay away, while others come', () => {
    const memory = openMemory()
    const callerOf = (n: number) => new Uint8Array([n & 0xff, n >> 8])
    for (let n = 0; n < 300; n++) memory.note(n, said(n), callerOf(n))
    const full = memory.rows.size()
    memory.at(REPEAT_MEMORY_NS - 1n)
    memory.note(1000, said(1), callerOf(0))
    memory.at(REPEAT_MEMORY_NS + NS_PER_HOUR)
    for (let n = 300; n < 600; n++) memory.note(n, said(n), callerOf(n))
    // For each of the second three hundred, and of one that was used again: a row, its turn, and its place among those.
    expect(memory.rows.size()).toBeLessThanOrEqual(full + 3)
    expect(memory.note(1000, said(2), callerOf(0))).toEqual(refuse.idConflict)
  })

  test('of somebody who is forgotten nothing is left, in rows, in their order, or under ids', () => {
    const memory = openMemory()
    const [gone, other] = [new Uint8Array([0xaa, 0xbb, 0xcc]), new Uint8Array([7])]
    for (let n = 0; n < 40; n++) {
      memory.note(n, said(n), gone)
      memory.run(n + 100, said(9), gone)
      memory.note(n, said(n), other)
    }
    forgetRepeats(memory.rows, gone)
    for (const [key, value] of memory.rows.entries())
      for (const bytes of [key, value]) expect(toHex(bytes)).not.toContain('aabbcc')
    expect(memory.note(1, said(5), gone)).toBe('new')
    expect(memory.note(1, said(5), other)).toEqual(refuse.idConflict)
    memory.at(2n * REPEAT_MEMORY_NS)
    for (let n = 0; n < 40; n++) memory.note(n, said(n), alice)
    expect(memory.note(1, said(5), other)).toBe('new')
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
