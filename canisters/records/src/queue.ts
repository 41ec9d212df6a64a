import { ByteReader, ByteWriter } from '@medguard/protocol'
import { type Rows, u64Key } from '@medguard/shared'

const ENDS = new Uint8Array(0)

/** First in, first out, in stable memory. Rows: nothing -> head(8) || tail(8); number(8) -> value. */
export function createQueue(rows: Rows) {
  const ends = () => {
    const reader = new ByteReader(rows.get(ENDS) ?? new Uint8Array(16))
    return { head: reader.u64(), tail: reader.u64() }
  }
  const setEnds = (head: bigint, tail: bigint) => rows.set(ENDS, new ByteWriter(16).u64(head).u64(tail).done())
  return {
    push(value: Uint8Array): void {
      const { head, tail } = ends()
      rows.set(u64Key(tail), value)
      setEnds(head, tail + 1n)
    },
    first(): Uint8Array | undefined {
      const { head, tail } = ends()
      return head === tail ? undefined : rows.get(u64Key(head))
    },
    /** Of a queue that is not empty. */
    replaceFirst: (value: Uint8Array): void => rows.set(u64Key(ends().head), value),
    shift(): void {
      const { head, tail } = ends()
      rows.delete(u64Key(head))
      setEnds(head + 1n, tail)
    },
  }
}
