import { bls12_381 } from '@noble/curves/bls12-381'
import { expand_message_xmd } from '@noble/curves/abstract/hash-to-curve'
import { sha256 } from '@noble/hashes/sha2'
import type { SignatureCheck } from '../network.ts'

/** RFC 9380 name of how the network hashes to the curve. */
const DST = new TextEncoder().encode('BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_')
const FIELD_BYTES = 64
const SIGNATURE_BYTES = 48
const KEY_BYTES = 96
/** Keys of subnets that answer, whose part of the work is done once. */
const KEYS_KEPT = 16

/**
 * The network's BLS signatures, checked by Wasm: a fifth of what the agent's own check costs, which is most of a call. For Node; the page's policy runs no Wasm where
 * its keys are.
 */
export const checkSignature: SignatureCheck = async (key, signature, message) => {
  prepared ??= prepare()
  return (await prepared)(key, signature, message)
}

let prepared: Promise<(key: Uint8Array, signature: Uint8Array, message: Uint8Array) => boolean> | null = null

async function prepare() {
  const mcl = await import('mcl-wasm')
  await mcl.init(mcl.BLS12_381)
  type G2 = InstanceType<typeof mcl.G2>
  const read = <P extends InstanceType<typeof mcl.G1> | G2>(point: P, bytes: Uint8Array): P | null => {
    try {
      point.deserialize(bytes) // of the curve and of the subgroup, or it throws
    } catch {
      return null
    }
    return point.isZero() ? null : point
  }
  const start = () => {
    mcl.setETHserialization(true) // compressed, big endian: as the network writes points
    mcl.setMapToMode(mcl.IRTF)
    const basePoint = read(new mcl.G2(), bls12_381.G2.ProjectivePoint.BASE.toRawBytes(true))
    if (basePoint === null) throw new Error('the base point is no point')
    const keys = new Map<string, InstanceType<typeof mcl.PrecomputedG2>>()
    return { memory: mcl.getMemory(), base: new mcl.PrecomputedG2(mcl.neg(basePoint)), keys }
  }
  let started = start()
  /** The library is one for the whole process: whoever else initialises it starts it anew, with a memory in which nothing of ours is. */
  const current = () => (mcl.getMemory() === started.memory ? started : (started = start()))

  const keyOf = ({ keys }: typeof started, bytes: Uint8Array) => {
    const name = Buffer.from(bytes).toString('base64')
    const known = keys.get(name)
    if (known !== undefined) return known
    const point = read(new mcl.G2(), bytes)
    if (point === null) return null
    const made = new mcl.PrecomputedG2(point)
    keys.set(name, made)
    for (const [oldest, old] of keys) {
      if (keys.size <= KEYS_KEPT) break
      keys.delete(oldest)
      old.destroy()
    }
    return made
  }
  const mapped = (bytes: Uint8Array) => {
    const element = new mcl.Fp()
    element.setBigEndianMod(bytes)
    return element.mapToG1()
  }
  const hashed = (message: Uint8Array) => {
    const uniform = expand_message_xmd(message, DST, 2 * FIELD_BYTES, sha256)
    return mcl.add(mapped(uniform.subarray(0, FIELD_BYTES)), mapped(uniform.subarray(FIELD_BYTES)))
  }
  return (key: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean => {
    if (key.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false
    const now = current()
    const [point, of] = [read(new mcl.G1(), signature), keyOf(now, key)]
    if (point === null || of === null) return false
    return mcl.finalExp(mcl.precomputedMillerLoop2(point, now.base, hashed(message), of)).isOne()
  }
}
