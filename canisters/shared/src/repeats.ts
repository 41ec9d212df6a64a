import {
  concatBytes,
  equalBytes,
  ID_BYTES,
  NS_PER_MS,
  refuse,
  REPEAT_MEMORY_NS,
  type RefusalArm,
} from '@medguard/protocol'
import { assert } from './assert.ts'
import { createQueue } from './collections/queue.ts'
import { onTrap } from './flow.ts'
import { type Rows, section, u64Key } from './maps.ts'
import { sha256 } from './sha256.ts'

/**
 * A row for each caller and last four bits of request ids, so that a change reads and writes some hundred bytes and not all that a caller did in a day:
 * `layout u8 = 1`, then `requestId(16) || digest(16) || sinceNs u64 || answer length u16 || answer` each, oldest first. The answer is empty where the
 * change is repeatable by an id of its own.
 */
const LAYOUT = 1
/** No principal is so long: `since u64 || key` of rows in the order in which they came, so that those of callers who stay away are found again. */
const ORDER = 0xff
/** Row key -> its place(8) in that order, so that an erased person's goes from there. */
const PLACES = 0xfe
/** Rows that are looked at for each new one: more than one, so that what is left behind is caught up with. */
const LOOKED_AT = 2
const ROWS_PER_CALLER = 16
const ENTRIES_PER_ROW_MAX = 64
const DIGEST_BYTES = 16
const SINCE_AT = ID_BYTES + DIGEST_BYTES
const LENGTH_AT = SINCE_AT + 8
const ANSWER_AT = LENGTH_AT + 2
/** What a method that is remembered may answer. */
export const REPEATED_ANSWER_BYTES_MAX = 1_024
/** Changes of one caller that are remembered at a time, of either kind, if their ids are random. */
export const REPEATS_PER_CALLER_MAX = ROWS_PER_CALLER * ENTRIES_PER_ROW_MAX

export interface Change {
  readonly method: string
  readonly caller: Uint8Array
  /** 16 bytes. */
  readonly requestId: Uint8Array
  /** The argument as it came. */
  readonly bytes: Uint8Array
  /**
   * The change is repeatable by an id of its own, so its handler answers a repeat. Remembered is only that the request id is taken, and for who does more in a
   * day than there is room for, their latest: nobody is told to wait, which ending access must not.
   */
  readonly isRepeatable: boolean
}
export type Recalled =
  | { readonly kind: 'new'; readonly begun: Begun }
  /** It took effect before; the handler knows how. */
  | { readonly kind: 'again' }
  | { readonly kind: 'answered'; readonly answer: Uint8Array }
  | { readonly kind: 'refused'; readonly refusal: RefusalArm }
export interface Begun {
  /** The handler waits for others: until it has answered, the same request is `Busy`. A trap ends that too. */
  wait(): void
  /** It took effect: from now on the same request gets this answer. @throws Error for more than `REPEATED_ANSWER_BYTES_MAX`. */
  keep(answer: Uint8Array): void
  /** It was refused, which has no effect: it may be asked again. */
  drop(): void
}

/**
 * Remembers changes for a day, so that a message that arrives twice has one effect and one answer (I22, decision 25): the same id and bytes get the first answer
 * again, other bytes under one id `IdConflict`. Only what was answered with `Ok` is kept, and nobody without an account gets that: nothing grows from
 * strangers. Where a change is not repeatable by what it does, a caller with too many is told to wait, since forgetting one early would let it happen
 * twice.
 */
export function createRepeats(rows: Rows, nowNs: () => bigint) {
  const order = orderOf(rows)
  /** By caller and request id: the digest of what waits for others. */
  const underWay = new Map<string, Uint8Array>()
  return {
    begin({ method, caller, requestId, bytes, isRepeatable }: Change): Recalled {
      const key = keyOf(caller, requestId)
      const now = nowNs()
      const stored = rows.get(key)
      const row = liveOf(stored, now)
      const at = find(row, requestId)
      if (at >= 0) {
        if (!equalBytes(row.subarray(at + ID_BYTES, at + SINCE_AT), digestOf(method, bytes)))
          return { kind: 'refused', refusal: refuse.idConflict }
        return isRepeatable
          ? { kind: 'again' }
          : { kind: 'answered', answer: row.slice(at + ANSWER_AT, endOf(row, at)) }
      }
      const name = nameOf(key, requestId)
      const other = underWay.size === 0 ? undefined : underWay.get(name)
      if (other !== undefined && !isRepeatable) return { kind: 'refused', refusal: refuse.busy(1000) }
      if (other !== undefined && !equalBytes(other, digestOf(method, bytes)))
        return { kind: 'refused', refusal: refuse.idConflict }
      const waitMs = isRepeatable ? 0 : waitOf(row, now)
      if (waitMs > 0) return { kind: 'refused', refusal: refuse.busy(waitMs) }
      let forget: (() => void) | null = null
      const end = () => {
        if (forget === null) return
        forget()
        underWay.delete(name)
      }
      return {
        kind: 'new',
        begun: {
          wait() {
            underWay.set(name, digestOf(method, bytes))
            forget = onTrap(() => underWay.delete(name))
          },
          keep(given) {
            const hasWaited = forget !== null
            end()
            const answer = isRepeatable ? NO_ANSWER : given
            assert(answer.length <= REPEATED_ANSWER_BYTES_MAX, 'an answer that is remembered is short')
            // Others may have been remembered while this one waited.
            const present = hasWaited ? liveOf(rows.get(key), now) : row
            if (hasWaited && find(present, requestId) >= 0) return
            if (present.length === 1) order.add(key, nowNs())
            const entry = { requestId, digest: digestOf(method, bytes), sinceNs: nowNs(), answer }
            rows.set(key, added(isRepeatable ? withRoom(present) : present, entry))
          },
          drop: end,
        },
      }
    },
  }
}
export type Repeats = ReturnType<typeof createRepeats>

/** Which rows there are. */
function orderOf(rows: Rows) {
  const order = createQueue(section(rows, ORDER))
  const places = section(rows, PLACES)
  const push = (key: Uint8Array, now: bigint) => places.set(key, u64Key(order.push(concatBytes(u64Key(now), key))))
  return {
    /** Notes a row that had nothing live in it, and takes out rows in which everything is old by now. */
    add(key: Uint8Array, now: bigint): void {
      for (let i = 0; i < LOOKED_AT; i++) {
        const first = order.first()
        // Most often that is all: what came less than a day ago cannot be old yet.
        if (first === undefined || sinceOf(first) + REPEAT_MEMORY_NS > now) break
        order.shift()
        const old = first.slice(TIME_BYTES)
        if (old[0] === 0) continue
        if (liveOf(rows.get(old), now).length > 1) push(old, now)
        else dropRow(rows, old)
      }
      if (!places.has(key)) push(key, now)
    },
    /** A row goes before its time. */
    forget(key: Uint8Array): void {
      const place = places.get(key)
      if (place !== undefined) order.blank(new DataView(place.buffer, place.byteOffset).getBigUint64(0))
      dropRow(rows, key)
    },
  }
}
const TIME_BYTES = 8
const sinceOf = (entry: Uint8Array): bigint => new DataView(entry.buffer, entry.byteOffset).getBigUint64(0)
function dropRow(rows: Rows, key: Uint8Array): void {
  rows.delete(key)
  section(rows, PLACES).delete(key)
}

/** What a caller did, of somebody whose account is gone. */
export function forgetRepeats(rows: Rows, caller: Uint8Array): void {
  const order = orderOf(rows)
  for (let bucket = 0; bucket < ROWS_PER_CALLER; bucket++) order.forget(keyIn(caller, bucket))
}
/** Of what a caller did, that whose answer names an id: of a vault that is erased. A repeat is answered by what there is then. */
export function forgetAnswersWith(rows: Rows, caller: Uint8Array, id: Uint8Array): void {
  const wanted = textOf(id)
  for (let bucket = 0; bucket < ROWS_PER_CALLER; bucket++) {
    const key = keyIn(caller, bucket)
    const row = rows.get(key)
    if (row === undefined || !textOf(row).includes(wanted)) continue
    const kept: Uint8Array[] = [NO_ENTRIES]
    for (let at = 1; at < row.length; at = endOf(row, at)) {
      const entry = row.subarray(at, endOf(row, at))
      if (!textOf(entry.subarray(ANSWER_AT)).includes(wanted)) kept.push(entry)
    }
    if (kept.length === 1) orderOf(rows).forget(key)
    else rows.set(key, concatBytes(...kept))
  }
}

const NO_ENTRIES = Uint8Array.of(LAYOUT)
const NO_ANSWER = new Uint8Array(0)
const nameOf = (key: Uint8Array, requestId: Uint8Array): string => textOf(key) + textOf(requestId)

/** `caller length || caller || bucket`. */
const keyOf = (caller: Uint8Array, requestId: Uint8Array): Uint8Array =>
  keyIn(caller, (requestId[ID_BYTES - 1] ?? 0) % ROWS_PER_CALLER)
function keyIn(caller: Uint8Array, bucket: number): Uint8Array {
  const key = new Uint8Array(caller.length + 2)
  key[0] = caller.length
  key.set(caller, 1)
  key[caller.length + 1] = bucket
  return key
}

/** Native work, which an interpreter is glad of; in pieces, since a row may be longer than a call takes arguments. */
function textOf(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 4_096)
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + 4_096) as unknown as number[])
  return text
}

function digestOf(method: string, bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(1 + method.length + bytes.length)
  whole[0] = method.length
  for (let i = 0; i < method.length; i++) whole[i + 1] = method.charCodeAt(i)
  whole.set(bytes, 1 + method.length)
  return sha256(whole).subarray(0, DIGEST_BYTES)
}

/** The row without what is older than a day: its entries are in order of time. */
function liveOf(row: Uint8Array | undefined, now: bigint): Uint8Array {
  if (row === undefined) return NO_ENTRIES
  assert(row[0] === LAYOUT, 'remembered changes decode')
  let at = 1
  while (at < row.length && sinceNs(row, at) + REPEAT_MEMORY_NS <= now) at = endOf(row, at)
  if (at === 1) return row
  const live = new Uint8Array(1 + row.length - at)
  live[0] = LAYOUT
  live.set(row.subarray(at), 1)
  return live
}

/** Where the entry of an id begins, or -1. Most ids are new: that they are nowhere in the row is seen at once. */
function find(row: Uint8Array, requestId: Uint8Array): number {
  if (row.length === 1 || !textOf(row).includes(textOf(requestId))) return -1
  for (let at = 1; at < row.length; at = endOf(row, at))
    if (row[at] === requestId[0] && equalBytes(row.subarray(at, at + ID_BYTES), requestId)) return at
  return -1
}

/** 0, or milliseconds until there is room for one more with its answer. */
function waitOf(row: Uint8Array, now: bigint): number {
  const kept = entriesOf(row, (answerBytes) => answerBytes > 0)
  const [oldest] = kept
  if (oldest === undefined || kept.length < ENTRIES_PER_ROW_MAX) return 0
  return Number((sinceNs(row, oldest) + REPEAT_MEMORY_NS - now) / NS_PER_MS) + 1
}

/** A row that takes one more without an answer: the oldest such gives way. Those with answers never do. */
function withRoom(row: Uint8Array): Uint8Array {
  const noted = entriesOf(row, (answerBytes) => answerBytes === 0)
  const [oldest] = noted
  if (oldest === undefined || noted.length < ENTRIES_PER_ROW_MAX) return row
  const less = new Uint8Array(row.length - ANSWER_AT)
  less.set(row.subarray(0, oldest))
  less.set(row.subarray(oldest + ANSWER_AT), oldest)
  return less
}

/** Where those entries begin whose answers are of a wanted length; none in a row that cannot have as many as there is room for. */
function entriesOf(row: Uint8Array, isWanted: (answerBytes: number) => boolean): number[] {
  const found: number[] = []
  if (row.length < 1 + ENTRIES_PER_ROW_MAX * ANSWER_AT) return found
  for (let at = 1; at < row.length; at = endOf(row, at)) if (isWanted(endOf(row, at) - at - ANSWER_AT)) found.push(at)
  return found
}

const sinceNs = (row: Uint8Array, at: number): bigint =>
  new DataView(row.buffer, row.byteOffset).getBigUint64(at + SINCE_AT)
function endOf(row: Uint8Array, at: number): number {
  const end = at + ANSWER_AT + (row[at + LENGTH_AT] ?? 0) * 256 + (row[at + LENGTH_AT + 1] ?? 0)
  assert(end <= row.length, 'remembered changes decode')
  return end
}

function added(
  row: Uint8Array,
  entry: { requestId: Uint8Array; digest: Uint8Array; sinceNs: bigint; answer: Uint8Array },
): Uint8Array {
  const { requestId, digest, answer } = entry
  const at = row.length
  const next = new Uint8Array(at + ANSWER_AT + answer.length)
  const view = new DataView(next.buffer)
  next.set(row)
  next.set(requestId, at)
  next.set(digest, at + ID_BYTES)
  view.setBigUint64(at + SINCE_AT, entry.sinceNs)
  view.setUint16(at + LENGTH_AT, answer.length)
  next.set(answer, at + ANSWER_AT)
  return next
}
