import { concatBytes, equalBytes, ID_BYTES } from '@medguard/protocol'

// Ids behind one another, in the bytes of a row. To take eight of them apart costs 0.1 M instructions, to find one among them 0.03 M.

/** Position of the first that is `id`, or -1. */
export function positionOfId(ids: Uint8Array, id: Uint8Array): number {
  const { length } = ids
  const [first] = id
  for (let at = 0; at < length; at += ID_BYTES)
    if (ids[at] === first && equalBytes(ids.subarray(at, at + ID_BYTES), id)) return at / ID_BYTES
  return -1
}
/** Each by itself. */
export function idsIn(ids: Uint8Array): Uint8Array[] {
  const each: Uint8Array[] = []
  for (let at = 0; at < ids.length; at += ID_BYTES) each.push(ids.subarray(at, at + ID_BYTES))
  return each
}
/** All but one that is among them. */
export function withoutId(ids: Uint8Array, id: Uint8Array): Uint8Array {
  const at = ID_BYTES * positionOfId(ids, id)
  return at < 0 ? ids : concatBytes(ids.subarray(0, at), ids.subarray(at + ID_BYTES))
}
