/** The check a canister makes before it passes a transport key on to key derivation. */
import { TRANSPORT_KEY_BYTES } from './constants.ts'

/** X coordinate of the generator of G1, as compressed points carry it with the three flag bits masked. */
const GENERATOR_X = Uint8Array.of(
  0x17,
  0xf1,
  0xd3,
  0xa7,
  0x31,
  0x97,
  0xd7,
  0x94,
  0x26,
  0x95,
  0x63,
  0x8c,
  0x4f,
  0xa9,
  0xac,
  0x0f,
  0xc3,
  0x68,
  0x8c,
  0x4f,
  0x97,
  0x74,
  0xb9,
  0x05,
  0xa1,
  0x4e,
  0x3a,
  0x3f,
  0x17,
  0x1b,
  0xac,
  0x58,
  0x6c,
  0x55,
  0xe8,
  0x3f,
  0xf9,
  0x7a,
  0x1a,
  0xef,
  0xfb,
  0x3a,
  0xf0,
  0x0a,
  0xdb,
  0x22,
  0xc6,
  0xbb,
)

/**
 * Whether the bytes may be used as a transport key: 48 bytes, compressed, not infinity, neither the generator nor its
 * negative. With any of those three points the "encrypted" key is readable by whoever sees it: infinity adds nothing to
 * the key, and the secret behind the generator is one. Whether the point is on the curve is left to the network.
 */
export function isAcceptableTransportKey(bytes: Uint8Array): boolean {
  const first = bytes[0]
  if (bytes.length !== TRANSPORT_KEY_BYTES || first === undefined) return false
  if ((first & 0x80) === 0 || (first & 0x40) !== 0) return false
  if ((first & 0x1f) !== GENERATOR_X[0]) return true
  for (let i = 1; i < TRANSPORT_KEY_BYTES; i++) if (bytes[i] !== GENERATOR_X[i]) return true
  return false
}
