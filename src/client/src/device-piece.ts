import { concatBytes } from '@medguard/protocol'
import type { OpenedRecord, RecordSummary } from './api.ts'

// What is sealed of one record on a device: what it is, as JSON, and its bytes. Begins with what it is for, so that one is never taken for the other, nor for
// words to search in, which are sealed under the same key.

export type PieceKind = 'MGK1' | 'MGW1'

/** `kind || length(4) || JSON || bytes`. */
export function pieceOf(kind: PieceKind, about: unknown, bytes: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(
    JSON.stringify(about, (_, value: unknown) => (typeof value === 'bigint' ? { n: String(value) } : value)),
  )
  const head = new Uint8Array(8)
  head.set(new TextEncoder().encode(kind))
  new DataView(head.buffer).setUint32(4, text.length)
  return concatBytes(head, text, bytes)
}

/** Null for what is no such piece. */
export function readPiece(
  kind: PieceKind,
  piece: Uint8Array,
): { readonly about: unknown; readonly bytes: Uint8Array } | null {
  if (piece.length < 8 || new TextDecoder().decode(piece.subarray(0, 4)) !== kind) return null
  const length = new DataView(piece.buffer, piece.byteOffset).getUint32(4)
  if (8 + length > piece.length) return null
  try {
    const about: unknown = JSON.parse(
      new TextDecoder().decode(piece.subarray(8, 8 + length)),
      (_, value: unknown) => bigOf(value) ?? value,
    )
    return { about, bytes: piece.slice(8 + length) }
  } catch {
    return null
  }
}

function bigOf(value: unknown): bigint | null {
  const isBig = typeof value === 'object' && value !== null && Object.keys(value).join() === 'n' && 'n' in value
  return isBig && typeof value.n === 'string' && /^\d{1,20}$/.test(value.n) ? BigInt(value.n) : null
}

export interface KeptPiece {
  readonly summary: RecordSummary
  readonly leafIndex: OpenedRecord['leafIndex']
}

/** Sealed by this person's own client, so of this shape; a newer one's may be another. */
export function isKeptPiece(about: unknown): about is KeptPiece {
  return (
    typeof about === 'object' &&
    about !== null &&
    'summary' in about &&
    'leafIndex' in about &&
    typeof about.leafIndex === 'bigint'
  )
}
