import { bls12_381 } from '@noble/curves/bls12-381'
import { type Curve, G1_BYTES, G2_BYTES } from './curve.ts'

const { shortSignatures } = bls12_381
const G1 = bls12_381.G1.Point
const G2 = bls12_381.G2.Point

/** The generators are copies: the library's own make a table first, 0.2 s for the few multiplications that are made here. */
const base1 = () => G1.fromAffine(G1.BASE.toAffine())
const base2 = () => G2.fromAffine(G2.BASE.toAffine())

/** In constant time, except for the identity, which the constant-time routine refuses. */
const times = (point: InstanceType<typeof G1>, scalar: bigint) => (point.is0() ? point : point.multiply(scalar))

export const javascript: Curve = {
  multipleOfHash: (message, domain, scalar) => {
    const hashed = G1.fromAffine(shortSignatures.hash(message, domain).toAffine())
    return times(hashed, scalar).toBytes(true)
  },
  publicKey: (scalar) => base2().multiply(scalar).toBytes(true),
  addOffset: (publicKey, offset) => G2.fromBytes(publicKey).add(base2().multiply(offset)).toBytes(true),
  isG1(bytes) {
    try {
      return Buffer.compare(G1.fromBytes(bytes).toBytes(true), bytes) === 0
    } catch {
      return false
    }
  },
  encrypt(point, transportKey, blinding) {
    const encrypted = new Uint8Array(2 * G1_BYTES + G2_BYTES)
    encrypted.set(base1().multiply(blinding).toBytes(true))
    encrypted.set(base2().multiply(blinding).toBytes(true), G1_BYTES)
    encrypted.set(
      times(G1.fromBytes(transportKey), blinding).add(G1.fromBytes(point)).toBytes(true),
      G1_BYTES + G2_BYTES,
    )
    return encrypted
  },
}
