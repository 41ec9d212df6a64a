import { ByteReader, ByteWriter } from '@medguard/protocol'
import { bytes, keyOf, u32 } from '@medguard/shared'
import { type Place, placeKey, type VersionId } from './lists.ts'

/** Keys of rows that are about somebody and something. */

const VERSION_ID = { recordId: bytes(16), version: u32 }
/** Good until the next call. */
export const idKey: (id: VersionId) => Uint8Array = keyOf(VERSION_ID)

export const uploadKey = (principal: Uint8Array, id: VersionId) =>
  new ByteWriter(21 + principal.length).u8(principal.length).raw(principal).raw(idKey(id)).done()
export function readUploadKey(key: Uint8Array): { principal: Uint8Array; id: VersionId } {
  const reader = new ByteReader(key)
  const principal = reader.raw(reader.u8())
  return { principal, id: { recordId: reader.raw(16), version: reader.u32() } }
}
export function windowKey(principal: Uint8Array, place: Place, grantId: Uint8Array | null): Uint8Array {
  const placeAt = 1 + principal.length
  const key = new Uint8Array(placeAt + 33 + 16)
  key[0] = principal.length
  key.set(principal, 1)
  key.set(placeKey(place), placeAt)
  if (grantId !== null) key.set(grantId, placeAt + 33)
  return key
}
