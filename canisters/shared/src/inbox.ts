/** Where one source's numbered stream stands. */
export interface InboxState {
  /** The number that its next item has. */
  readonly next: bigint
  /** A source that sent two different items under one number is not believed any more. */
  readonly isFrozen: boolean
}
export type Received<T> =
  /** All but the `fresh` items had been taken before; these are to be taken now, and bring the stream to `next`. */
  | { readonly kind: 'taken'; readonly fresh: readonly T[]; readonly next: bigint }
  /** Numbers are missing before the batch: nothing changes, the source sends them first. */
  | { readonly kind: 'gap' }
  /** A number that was taken now stands for something else: the source has to be frozen. */
  | { readonly kind: 'fork'; readonly seq: bigint }
  | { readonly kind: 'frozen' }

/**
 * The receiving half of a numbered stream, of which the outbox is the sending one (decision 17). A source sends all that it has no word about, so what
 * was taken before comes again and is answered again; what is new is taken once and in order.
 *
 * @param firstSeq The number of the batch's first item.
 * @param isSame Whether this item is the one that was taken under that number. Asked once for each that comes again, in order.
 */
export function receive<T>(
  { next, isFrozen }: InboxState,
  firstSeq: bigint,
  batch: readonly T[],
  isSame: (seq: bigint, item: T) => boolean,
): Received<T> {
  if (isFrozen) return { kind: 'frozen' }
  if (firstSeq > next) return { kind: 'gap' }
  let seq = firstSeq
  for (const item of batch) {
    if (seq === next) break
    if (!isSame(seq, item)) return { kind: 'fork', seq }
    seq++
  }
  const fresh = batch.slice(Number(seq - firstSeq))
  return { kind: 'taken', fresh, next: next + BigInt(fresh.length) }
}
