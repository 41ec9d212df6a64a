// Interface specification, "Representation-independent hashing of structured data".
import { compareBytes, concat, sha256, sleb128, uleb128, utf8 } from './bytes.ts'
import type { Cbor, CborMap } from './cbor.ts'

/**
 * Hash of a map; of the content of a request this is the request id. A null field counts as absent.
 * @returns 32 bytes.
 * @throws TypeError for a value that has no defined hash, such as a boolean.
 */
export function representationHash(map: CborMap): Uint8Array {
  const fields: Uint8Array[] = []
  for (const [key, value] of map) if (value !== null) fields.push(concat(sha256(utf8(key)), hashValue(value)))
  return sha256(...fields.toSorted(compareBytes))
}

function hashValue(value: Cbor): Uint8Array {
  if (value instanceof Uint8Array) return sha256(value)
  if (typeof value === 'string') return sha256(utf8(value))
  if (typeof value === 'number' || typeof value === 'bigint') {
    return sha256(value < 0 ? sleb128(BigInt(value)) : uleb128(BigInt(value)))
  }
  if (isMap(value)) return representationHash(value)
  if (isArray(value)) return sha256(...value.map(hashValue))
  throw new TypeError('no hash is defined for this type')
}

export const isMap = (value: Cbor | undefined): value is CborMap => value instanceof Map
export const isArray = (value: Cbor | undefined): value is readonly Cbor[] => Array.isArray(value)
