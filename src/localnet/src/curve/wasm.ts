import { bls12_381 } from '@noble/curves/bls12-381'
import { expand_message_xmd } from '@noble/curves/abstract/hash-to-curve'
import { sha256 } from '@noble/hashes/sha2'
import type * as Mcl from 'mcl-wasm'
import { type Curve, G1_BYTES, G2_BYTES } from './curve.ts'

const FIELD_BYTES = 64
const SCALAR_BYTES = 32

export async function loadWasmCurve(): Promise<Curve> {
  const mcl = await import('mcl-wasm')
  if (memoryOf(mcl) === null) await mcl.init(mcl.BLS12_381)
  return wasmCurve(mcl)
}

/** @param mcl initialised. */
export function wasmCurve(mcl: typeof Mcl): Curve {
  let memory: unknown = null
  /** The library is one for the whole process: whoever else initialises it starts it anew, without our settings. */
  const settle = () => {
    if (mcl.getMemory() === memory) return
    memory = mcl.getMemory()
    mcl.setETHserialization(true) // compressed, big endian: as the network writes points
    mcl.setMapToMode(mcl.IRTF)
  }
  const g1 = (bytes: Uint8Array) => {
    const point = new mcl.G1()
    point.deserialize(bytes) // of the curve and of the subgroup, or it throws
    return point
  }
  const g2 = (bytes: Uint8Array) => {
    const point = new mcl.G2()
    point.deserialize(bytes)
    return point
  }
  const scalarOf = (value: bigint) => {
    const scalar = new mcl.Fr()
    scalar.setBigEndianMod(Buffer.from(value.toString(16).padStart(2 * SCALAR_BYTES, '0'), 'hex'))
    return scalar
  }
  const mapped = (uniform: Uint8Array) => {
    const element = new mcl.Fp()
    element.setBigEndianMod(uniform)
    return element.mapToG1()
  }
  const BASE_1 = bls12_381.G1.Point.BASE.toBytes(true)
  const BASE_2 = bls12_381.G2.Point.BASE.toBytes(true)

  return {
    multipleOfHash(message, domain, scalar) {
      settle()
      const uniform = expand_message_xmd(message, Buffer.from(domain), 2 * FIELD_BYTES, sha256)
      const hashed = mcl.add(mapped(uniform.subarray(0, FIELD_BYTES)), mapped(uniform.subarray(FIELD_BYTES)))
      return mcl.mul(hashed, scalarOf(scalar)).serialize()
    },
    publicKey(scalar) {
      settle()
      return mcl.mul(g2(BASE_2), scalarOf(scalar)).serialize()
    },
    addOffset(publicKey, offset) {
      settle()
      return mcl.add(g2(publicKey), mcl.mul(g2(BASE_2), scalarOf(offset))).serialize()
    },
    isG1(bytes) {
      settle()
      try {
        return Buffer.compare(g1(bytes).serialize(), bytes) === 0
      } catch {
        return false
      }
    },
    encrypt(point, transportKey, blinding) {
      settle()
      const scalar = scalarOf(blinding)
      const encrypted = new Uint8Array(2 * G1_BYTES + G2_BYTES)
      encrypted.set(mcl.mul(g1(BASE_1), scalar).serialize())
      encrypted.set(mcl.mul(g2(BASE_2), scalar).serialize(), G1_BYTES)
      encrypted.set(mcl.add(mcl.mul(g1(transportKey), scalar), g1(point)).serialize(), G1_BYTES + G2_BYTES)
      return encrypted
    },
  }
}

/** @returns null before anybody initialised the library, which then throws. */
function memoryOf(mcl: typeof Mcl): unknown {
  try {
    return mcl.getMemory()
  } catch {
    return null
  }
}
