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
import { onTrap } from './flow.ts'
import type { Rows } from './maps.ts'
import { sha256 } from './sha256.ts'

/**
 * A row for each caller and last four bits of request ids, so that a change reads and writes some hundred bytes and not all that a caller did in a day:
 * `layout u8 = 1`, then `requestId(16) || digest(16) || sinceNs u64 || answer length u16 || answer` each, oldest first.
 */
const LAYOUT = 1
const ROWS_PER_CALLER = 16
const ENTRIES_PER_ROW_MAX = 64
const DIGEST_BYTES = 16
const SINCE_AT = ID_BYTES + DIGEST_BYTES
const LENGTH_AT = SINCE_AT + 8
const ANSWER_AT = LENGTH_AT + 2
/** What a method that is remembered may answer. */
export const REPEATED_ANSWER_BYTES_MAX = 1_024
/** Changes of one caller that are remembered at a time, if their ids are random. */
export const REPEATS_PER_CALLER_MAX = ROWS_PER_CALLER * ENTRIES_PER_ROW_MAX

export interface Change {
  readonly method: string
  readonly caller: Uint8Array
  /** 16 bytes. */
  readonly requestId: Uint8Array
  /** The argument as it came. */
  readonly bytes: Uint8Array
}
export type Recalled =
  | { readonly kind: 'new'; readonly begun: Begun }
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
 * again, other bytes under one id `IdConflict`. For methods that are not repeatable by what they do. Only what was answered with `Ok` is kept, and
 * nobody without an account gets that: nothing grows from strangers. A caller with too many is told to wait, since forgetting one early would let it
 * happen twice.
 */
export function createRepeats(rows: Rows, nowNs: () => bigint) {
  const underWay = new Set<string>()
  return {
    begin({ method, caller, requestId, bytes }: Change): Recalled {
      const key = keyOf(caller, requestId)
      const now = nowNs()
      const row = liveOf(rows.get(key), now)
      const digest = digestOf(method, bytes)
      const at = find(row, requestId)
      if (at >= 0) {
        if (!equalBytes(row.subarray(at + ID_BYTES, at + SINCE_AT), digest))
          return { kind: 'refused', refusal: refuse.idConflict }
        return { kind: 'answered', answer: row.slice(at + ANSWER_AT, endOf(row, at)) }
      }
      const name = String.fromCharCode(...key, ...requestId)
      if (underWay.has(name)) return { kind: 'refused', refusal: refuse.busy(1000) }
      const waitMs = waitOf(row, now)
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
            underWay.add(name)
            forget = onTrap(() => underWay.delete(name))
          },
          keep(answer) {
            end()
            assert(answer.length <= REPEATED_ANSWER_BYTES_MAX, 'an answer that is remembered is short')
            const at = nowNs()
            rows.set(key, added(liveOf(rows.get(key), at), { requestId, digest, sinceNs: at, answer }))
          },
          drop: end,
        },
      }
    },
  }
}
export type Repeats = ReturnType<typeof createRepeats>

/** What a caller did, of somebody whose account is gone. */
export function forgetRepeats(rows: Rows, caller: Uint8Array): void {
  for (let bucket = 0; bucket < ROWS_PER_CALLER; bucket++) rows.delete(keyIn(caller, bucket))
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
    if (kept.length === 1) rows.delete(key)
    else rows.set(key, concatBytes(...kept))
  }
}

const NO_ENTRIES = Uint8Array.of(LAYOUT)

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

/** In pieces, since a row may be longer than a call takes arguments. */
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

/** Where the entry of an id begins, or -1. */
function find(row: Uint8Array, requestId: Uint8Array): number {
  for (let at = 1; at < row.length; at = endOf(row, at))
    if (row[at] === requestId[0] && equalBytes(row.subarray(at, at + ID_BYTES), requestId)) return at
  return -1
}

/** 0, or milliseconds until there is room for one more. */
function waitOf(row: Uint8Array, now: bigint): number {
  let count = 0
  for (let at = 1; at < row.length; at = endOf(row, at)) count++
  return count < ENTRIES_PER_ROW_MAX ? 0 : Number((sinceNs(row, 1) + REPEAT_MEMORY_NS - now) / NS_PER_MS) + 1
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
