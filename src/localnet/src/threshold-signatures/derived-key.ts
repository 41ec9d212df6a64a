/** A key and what its children are derived with. */
export interface DerivedKey {
  /** From 1 to the group order minus 1. */
  readonly secret: bigint
  /** Ed25519: 32 bytes; secp256k1: 33, SEC1 compressed. */
  readonly publicKey: Uint8Array
  /** 32 bytes. */
  readonly chainCode: Uint8Array
}
