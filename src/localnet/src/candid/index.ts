// Candid from strangers. The library builds a list entry by entry, so that 14 bytes which announce four billion entries of no size would
// hold up the network for minutes.
import { IDL } from '@dfinity/candid'
import { hasWeightlessVector } from './type-table.ts'

/** Bytes that no honest encoder makes. */
export class HostileCandid extends Error {
  override readonly name = 'HostileCandid'
}

/** Decodes as `IDL.decode` does. @throws Error for bytes that are no values of these types; HostileCandid for a vector of nothing. */
export function decodeCandid(types: IDL.Type[], bytes: Uint8Array): unknown[] {
  if (hasWeightlessVector(bytes)) throw new HostileCandid('a vector of entries without size is not accepted')
  // A copy, because the decoder forgets where in its buffer a view begins.
  return IDL.decode(types, new Uint8Array(bytes))
}
