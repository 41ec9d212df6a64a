// Candid from strangers. The library builds a list entry by entry, so that 14 bytes which announce four billion entries of no size would
// hold up the network for minutes.
import { IDL, type PipeArrayBuffer } from '@dfinity/candid'
import { hasWeightlessVector, headerBytes } from './type-table.ts'

/** From here on it matters how often the library copies. */
const LONG_BYTES = 16_384

/** Bytes that no honest encoder makes. */
export class HostileCandid extends Error {
  override readonly name = 'HostileCandid'
}

/** Decodes as `IDL.decode` does. @throws Error for bytes that are no values of these types; HostileCandid for a vector of nothing. */
export function decodeCandid(types: IDL.Type[], bytes: Uint8Array): unknown[] {
  if (hasWeightlessVector(bytes)) throw new HostileCandid('a vector of entries without size is not accepted')
  const atValues = bytes.length < LONG_BYTES || types.length === 0 ? null : headerBytes(bytes)
  // A copy, because the decoder forgets where in its buffer a view begins.
  if (atValues === null) return IDL.decode(types, new Uint8Array(bytes))
  return decodeInTwo(types, bytes, atValues)
}

/** The library copies all that is left for each type that it reads: 20 MB for a module to install. So it gets the values when it asks for the first of them. */
function decodeInTwo(types: IDL.Type[], bytes: Uint8Array, atValues: number): unknown[] {
  let isWhole = false
  const ours = types.map((type) =>
    Object.assign(Object.create(type) as IDL.Type, {
      decodeValue(pipe: PipeArrayBuffer, wire: IDL.Type): unknown {
        if (!isWhole) pipe.write(bytes.slice(atValues))
        isWhole = true
        return type.decodeValue(pipe, wire)
      },
    }),
  )
  return IDL.decode(ours, bytes.slice(0, atValues))
}
