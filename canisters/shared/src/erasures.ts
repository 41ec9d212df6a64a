import { ascii, concatBytes, ERASURE_RECEIPT_NS } from '@medguard/protocol'
import { bytes, flag, u32, u64 } from './collections/fields.ts'
import { createQueue } from './collections/queue.ts'
import { asIs, createRows, type RowCodec, rowOf } from './collections/rows.ts'
import { type Rows, section, u64Key } from './maps.ts'
import { sha256 } from './sha256.ts'

/** A vault that is being erased. Of one that was, its row says nothing but that. */
export interface Erasure {
  readonly begunNs: bigint
  readonly isDone: boolean
  /** How far it has come; each canister knows what by. */
  readonly phase: number
  readonly next: number
  /** What was erased, for the receipt. */
  readonly versions: number
  readonly sizeBytes: bigint
  readonly grants: number
  /** Of the receipt that the person keeps; zeros until the end. */
  readonly receiptHash: Uint8Array
}
const ERASURE: RowCodec<Erasure> = rowOf(1, {
  begunNs: u64,
  isDone: flag,
  phase: u32,
  next: u32,
  versions: u32,
  sizeBytes: u64,
  grants: u32,
  receiptHash: bytes(32),
})
const RECEIPT = rowOf(1, {
  endNs: u64,
  begunNs: u64,
  versions: u32,
  sizeBytes: u64,
  grants: u32,
  receiptHash: bytes(32),
})
export type Receipt = Pick<Erasure, 'begunNs' | 'versions' | 'sizeBytes' | 'grants' | 'receiptHash'>

/** In `marks`. */
const RECEIPTS = 0
const ORDER = 1
/** Marks that go for each vault that is erased, and in one run of the timer: more than an account has sign-ins. */
const COLLECTED_AT_ONCE = 100
const LABEL = ascii('medguard/1/erased')

/**
 * Vaults that are being erased or were, by patient id, which is never given out again. Who had a sign-in there may ask for the receipt for a while: a mark
 * that nobody finds who does not know both the vault and the sign-in, SHA-256(label || patient id || principal). To everybody else it is as if the id
 * had never been.
 */
export function createErasures(rows: Rows, marks: Rows) {
  const erasures = createRows(rows, { key: asIs, row: ERASURE })
  const receipts = createRows(section(marks, RECEIPTS), { key: asIs, row: RECEIPT })
  /** `endNs u64 || mark`, oldest first. */
  const order = createQueue(section(marks, ORDER))
  const endOf = (entry: Uint8Array): bigint => new DataView(entry.buffer, entry.byteOffset).getBigUint64(0)
  const book = {
    get: (patientId: Uint8Array): Erasure | undefined => erasures.get(patientId),
    set: (patientId: Uint8Array, erasure: Erasure): void => erasures.set(patientId, erasure),
    has: (patientId: Uint8Array): boolean => erasures.has(patientId),
    /** @param principals who may ask for the receipt. */
    finish(patientId: Uint8Array, receipt: Receipt, principals: readonly Uint8Array[], nowNs: bigint): void {
      erasures.set(patientId, { ...newErasure(0n), isDone: true })
      book.collect(nowNs)
      const endNs = nowNs + ERASURE_RECEIPT_NS
      for (const principal of principals) {
        const mark = markOf(patientId, principal)
        if (!receipts.has(mark)) order.push(concatBytes(u64Key(endNs), mark))
        receipts.set(mark, { ...receipt, endNs })
      }
    },
    /** Costs the same whether the vault was ever there. */
    receiptOf(patientId: Uint8Array, principal: Uint8Array, nowNs: bigint): Receipt | undefined {
      const receipt = receipts.get(markOf(patientId, principal))
      return receipt !== undefined && nowNs < receipt.endNs ? receipt : undefined
    },
    /** Removes marks whose time is over. @returns when the next one's is, or null. */
    collect(nowNs: bigint): bigint | null {
      for (let left = COLLECTED_AT_ONCE; left > 0; left--) {
        const first = order.first()
        if (first === undefined) return null
        if (nowNs < endOf(first)) break
        receipts.delete(first.subarray(8))
        order.shift()
      }
      const first = order.first()
      return first === undefined ? null : endOf(first)
    },
  }
  return book
}
export type Erasures = ReturnType<typeof createErasures>

/**
 * Lets marks go when their time is over, by a timer that is asked for when there are some: after an erasure, and after an upgrade, which no timer outlives.
 * Each erasure collects as well, should a timer be lost.
 */
export function createMarkCollector(options: {
  readonly erasures: Pick<Erasures, 'collect'>
  readonly nowNs: () => bigint
  readonly schedule: (delaySeconds: number, job: () => void) => void
}): () => void {
  const { erasures, nowNs, schedule } = options
  let isArmed = false
  return function arm() {
    if (isArmed) return
    const now = nowNs()
    const nextNs = erasures.collect(now)
    if (nextNs === null) return
    isArmed = true
    const waitSeconds = nextNs <= now ? 0 : Number((nextNs - now) / 1_000_000_000n) + 1
    schedule(waitSeconds, () => {
      isArmed = false
      arm()
    })
  }
}

const markOf = (patientId: Uint8Array, principal: Uint8Array): Uint8Array =>
  sha256(concatBytes(LABEL, patientId, principal))

export const newErasure = (begunNs: bigint): Erasure => ({
  begunNs,
  isDone: false,
  phase: 0,
  next: 0,
  versions: 0,
  sizeBytes: 0n,
  grants: 0,
  receiptHash: new Uint8Array(32),
})
