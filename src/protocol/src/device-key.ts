import { concatBytes, fromHex } from './bytes.ts'
import { Principal } from './principal.ts'

/** As a device's row has it. Here, beside no type of Candid, since canisters link none. */
export const DEVICE_STATE = { active: 1, paused: 2, removed: 3 } as const

/** How keys of devices are written where others have to know the algorithm: SubjectPublicKeyInfo (RFC 5280), by algorithm. */
const SPKI_HEAD: Readonly<Record<number, Uint8Array>> = {
  // Ed25519 (RFC 8410)
  1: Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00),
  // P-256, uncompressed (RFC 5480)
  2: Uint8Array.of(...(fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200') ?? [])),
}

/** @throws RangeError for an algorithm that devices do not have. */
export function devicePublicKeyDer(algorithm: number, publicKey: Uint8Array): Uint8Array {
  const head = SPKI_HEAD[algorithm]
  if (head === undefined) throw new RangeError('devices sign with Ed25519 or P-256')
  return concatBytes(head, publicKey)
}

/** Who calls with a key: its self-authenticating principal. @throws RangeError for an algorithm that devices do not have. */
export const devicePrincipal = (algorithm: number, publicKey: Uint8Array): Principal =>
  Principal.selfAuthenticating(devicePublicKeyDer(algorithm, publicKey))
