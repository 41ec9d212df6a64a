import { bytes, flag, u32, u64 } from './collections/fields.ts'
import { asIs, createRows, type RowCodec, rowOf, type TypedRows } from './collections/rows.ts'
import type { Rows } from './maps.ts'

/** A vault that is being erased, or was: what is left of a patient. */
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

/** By patient id, which is never given out again. */
export const createErasures = (rows: Rows): TypedRows<Uint8Array, Erasure> =>
  createRows(rows, { key: asIs, row: ERASURE })

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
