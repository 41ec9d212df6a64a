/**
 * What a subnet computes with its secrets on BLS12-381. Points are bytes in their compressed form, 48 of G1 and 96 of G2; scalars lie between 0 and the
 * group order minus 1. All of it is deterministic.
 */
export interface Curve {
  /** `scalar` times the point of G1 that RFC 9380 hashes the message to under a domain of its own: a signature, or a vetKey. */
  multipleOfHash(message: Uint8Array, domain: string, scalar: bigint): Uint8Array
  /** `scalar` times the generator of G2. @param scalar not 0. */
  publicKey(scalar: bigint): Uint8Array
  /** The public key whose secret is larger by `offset`. @param offset not 0. */
  addOffset(publicKey: Uint8Array, offset: bigint): Uint8Array
  /** Whether a stranger's bytes are the one encoding of a point of the prime-order subgroup of G1. */
  isG1(bytes: Uint8Array): boolean
  /** ElGamal in G1, with the blinding in both groups. @param blinding not 0. @returns 192 bytes: that in G1, in G2, and the point under it. */
  encrypt(point: Uint8Array, transportKey: Uint8Array, blinding: bigint): Uint8Array
}

export const G1_BYTES = 48
export const G2_BYTES = 96
