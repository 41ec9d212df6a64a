// Public keys that only the Internet Computer has: SubjectPublicKeyInfo around a COSE key or a canister's seed.
import { concat, equalBytes, fromHex } from '../certificates/index.ts'

/** Object identifiers with their DER heads. Interface specification, "Signatures". */
export const OID_WEBAUTHN = fromHex('060a2b0601040183b8430101')
export const OID_CANISTER = fromHex('060a2b0601040183b8430102')

/** DER around the key's own bytes. */
export function wrapKey(oid: Uint8Array, key: Uint8Array): Uint8Array {
  return element(0x30, element(0x30, oid), element(0x03, Uint8Array.of(0), key))
}

/** @returns the key's own bytes, or null for another kind of key or any other than the one DER encoding. */
export function unwrapKey(oid: Uint8Array, der: Uint8Array): Uint8Array | null {
  // Three heads and their lengths take 19 to 25 bytes; encoding anew and comparing leaves no second way to write a key.
  for (let head = 19; head <= 25; head++) {
    const key = der.subarray(head)
    if (equalBytes(wrapKey(oid, key), der)) return key
  }
  return null
}

function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concat(...contents)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, (length >> 8) & 0xff, length & 0xff]
  return concat(Uint8Array.of(tag, ...size), content)
}
