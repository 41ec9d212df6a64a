import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type InboxState, receive } from './inbox.ts'

/** A source whose item `n` is the text `n`, and what a receiver has of it. */
function receiver() {
  const log: string[] = []
  let state: InboxState = { next: 0n, isFrozen: false }
  return {
    log,
    state: () => state,
    offer: (firstSeq: number, items: readonly string[]) => {
      const received = receive(state, BigInt(firstSeq), items, (seq, item) => log[Number(seq)] === item)
      if (received.kind === 'fork') state = { ...state, isFrozen: true }
      if (received.kind === 'taken') {
        log.push(...received.fresh)
        state = { ...state, next: received.next }
      }
      return received
    },
  }
}
const items = (from: number, count: number) => Array.from({ length: count }, (_, i) => `${from + i}`)
const batches = fc.array(fc.record({ from: fc.nat(30), count: fc.integer({ min: 1, max: 8 }) }), { maxLength: 40 })

test('takes every item once and in order, whatever comes again, late or too early', () => {
  fc.assert(
    fc.property(batches, (sent) => {
      const { offer, log, state } = receiver()
      for (const { from, count } of sent) {
        const before = log.length
        const received = offer(from, items(from, count))
        expect(received.kind).toBe(from > before ? 'gap' : 'taken')
        expect(log).toEqual(items(0, from > before ? before : Math.max(before, from + count)))
        expect(state()).toEqual({ next: BigInt(log.length), isFrozen: false })
      }
    }),
  )
})

test('freezes a source that says something else under a number it used, and takes nothing more of it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(19), fc.nat(5), batches, (taken, at, more, later) => {
      const { offer, log, state } = receiver()
      offer(0, items(0, taken))
      const seq = at % taken
      expect(offer(seq, ['other', ...items(seq + 1, taken - seq - 1 + more)])).toEqual({
        kind: 'fork',
        seq: BigInt(seq),
      })
      for (const { from, count } of later) expect(offer(from, items(from, count))).toEqual({ kind: 'frozen' })
      expect(log).toEqual(items(0, taken))
      expect(state()).toEqual({ next: BigInt(taken), isFrozen: true })
    }),
  )
})

test('an empty batch changes nothing, and one far ahead is a gap whatever its number', () => {
  const { offer, state } = receiver()
  offer(0, items(0, 3))
  expect(offer(1, [])).toEqual({ kind: 'taken', fresh: [], next: 3n })
  expect(receive(state(), 2n ** 64n - 1n, ['x'], () => true)).toEqual({ kind: 'gap' })
})
