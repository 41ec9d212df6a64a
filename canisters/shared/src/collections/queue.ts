import { assert } from '../assert.ts'
import type { Rows } from '../maps.ts'
import { u64 } from './fields.ts'
import { asIs, createRows, keyOf, rowOf } from './rows.ts'

/** Where the ends of the queue are kept. */
const ENDS_AT = new Uint8Array(0)
const ENDS = rowOf(1, { head: u64, tail: u64 })
const PLACE = keyOf({ place: u64 })

/** First in, first out, in stable memory. Rows: nothing -> 1 || head u64 || tail u64; place u64 -> value, as it is. */
export function createQueue(rows: Rows) {
  const stored = createRows(rows, { key: asIs, row: ENDS })
  const ends = () => stored.get(ENDS_AT) ?? { head: 0n, tail: 0n }
  return {
    /** @returns its place in the queue, for `blank`. */
    push(value: Uint8Array): bigint {
      const { head, tail } = ends()
      rows.set(PLACE({ place: tail }), value)
      stored.set(ENDS_AT, { head, tail: tail + 1n })
      return tail
    },
    /** What stands at a place that has not been shifted yet becomes zeros: nothing of it stays, and its turn comes all the same. */
    blank(place: bigint): void {
      const at = PLACE({ place }).slice()
      rows.set(at, new Uint8Array(rows.get(at)?.length ?? 0))
    },
    length(): number {
      const { head, tail } = ends()
      return Number(tail - head)
    },
    /** Undefined when the queue is empty. */
    first(): Uint8Array | undefined {
      const { head, tail } = ends()
      return head === tail ? undefined : rows.get(PLACE({ place: head }))
    },
    /** Of a queue that is not empty. */
    replaceFirst(value: Uint8Array): void {
      const { head, tail } = ends()
      assert(head < tail, 'the queue is not empty')
      rows.set(PLACE({ place: head }), value)
    },
    /** Of a queue that is not empty. */
    shift(): void {
      const { head, tail } = ends()
      assert(head < tail, 'the queue is not empty')
      rows.delete(PLACE({ place: head }))
      stored.set(ENDS_AT, { head: head + 1n, tail })
    },
  }
}
export type Queue = ReturnType<typeof createQueue>
