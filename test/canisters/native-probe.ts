import type { HostFunctions } from 'azle'
import { msgArgData, msgReply, performanceCounter, update } from 'azle'

import { SIGNATURE_ALGORITHM } from '@medguard/protocol'
import { MODULI } from './moduli.ts'
import { createLadder, verifySignature } from '@medguard/shared/signatures'
import { foldHashes, hmac, openMap, sameBytes, setCertifiedData, sha256 } from '@medguard/shared'

const ladders = MODULI.map((modulus) =>
  createLadder({
    modulus,
    numbers: {},
    before: `
      product = a * b
      sum = a + b
      difference = a - b`,
    each: '',
    first: '',
    after: '',
  }),
)

const MEMORIES = [3, 7, 9]
const maps = MEMORIES.map(openMap)
const host = globalThis as unknown as { readonly _azleIc: HostFunctions }

/** The functions that have a native form, on the bytes of the argument as they are. */
export default class NativeProbe {
  @update([], undefined, { manual: true })
  hash(): void {
    msgReply(sha256(msgArgData()))
  }

  /** Instructions that hashing the argument takes, as text. */
  @update([], undefined, { manual: true })
  cost(): void {
    const bytes = msgArgData()
    const before = performanceCounter(0)
    const between = performanceCounter(0)
    sha256(bytes)
    const after = performanceCounter(0)
    msgReply(encodeText(String(after - between - (between - before))))
  }

  /** Digests of all prefixes, the empty one and the whole included. */
  @update([], undefined, { manual: true })
  hashPrefixes(): void {
    const bytes = msgArgData()
    const digests = new Uint8Array(32 * (bytes.length + 1))
    for (let i = 0; i <= bytes.length; i++)
      digests.set(sha256(bytes.subarray(i === 0 ? bytes.length : 0, i || undefined)), 32 * i)
    msgReply(digests)
  }

  @update([], undefined, { manual: true })
  fold(): void {
    msgReply(foldHashes(msgArgData()))
  }

  /** Whether the halves of the argument are the same: 1 or 0. */
  @update([], undefined, { manual: true })
  same(): void {
    const bytes = msgArgData()
    const half = bytes.length >>> 1
    msgReply(Uint8Array.of(sameBytes(bytes.slice(0, half), bytes.slice(half)) ? 1 : 0))
  }

  /** Keyed with the first half. */
  @update([], undefined, { manual: true })
  authenticate(): void {
    const bytes = msgArgData()
    const half = bytes.length >>> 1
    msgReply(hmac(bytes.slice(0, half), bytes.slice(half)))
  }

  /** `algorithm || key length || key || signature(64) || message`: 1 where it was made with the key, then the instructions as text. */
  @update([], undefined, { manual: true })
  verify(): void {
    const bytes = msgArgData()
    const messageAt = 2 + (bytes[1] ?? 0) + 64
    const key = bytes.slice(2, messageAt - 64)
    const before = performanceCounter(0)
    const isRight = verifySignature(
      bytes[0] === 1 ? SIGNATURE_ALGORITHM.ed25519 : SIGNATURE_ALGORITHM.p256,
      key,
      bytes.slice(messageAt),
      bytes.slice(messageAt - 64, messageAt),
    )
    const took = performanceCounter(0) - before
    msgReply(encodeText(`${isRight ? 1 : 0}${took}`))
  }

  /** `number of the modulus || a || b`, little-endian: product by Montgomery, sum, difference. */
  @update([], undefined, { manual: true })
  field(): void {
    const bytes = msgArgData()
    const ladder = ladders[bytes[0] ?? 0]
    if (ladder === undefined) throw new Error('there is no such modulus')
    const given = { a: bytes.slice(1, 33), b: bytes.slice(33, 65) }
    const [product, sum, difference] = ladder({ given, scalars: [given.a], bits: 0 }, 'product', 'sum', 'difference')
    const answer = new Uint8Array(96)
    for (const [i, part] of [product, sum, difference].entries()) if (part !== undefined) answer.set(part, 32 * i)
    msgReply(answer)
  }

  /** `which map || key length u16 || key || value`, big-endian: writes the row; without a value, removes it. */
  @update([], undefined, { manual: true })
  putRow(): void {
    const bytes = msgArgData()
    const map = maps[bytes[0] ?? 0]
    const valueAt = 3 + ((bytes[1] ?? 0) << 8) + (bytes[2] ?? 0)
    const key = bytes.slice(3, valueAt)
    if (valueAt < bytes.length) map?.overwrite(key, bytes.slice(valueAt))
    else map?.delete(key)
    msgReply(new Uint8Array(0))
  }

  /** `which map || key`: 1 and the value or 0, as the map says it, behind that as the host does, and the instructions of both as text. */
  @update([], undefined, { manual: true })
  rowBothWays(): void {
    const bytes = msgArgData()
    const [which = 0] = bytes
    const map = maps[which]
    const key = bytes.slice(1)
    const from = performanceCounter(0)
    const own = map?.get(key)
    const between = performanceCounter(0)
    const theirs = host._azleIc.stableBTreeMapGet(MEMORIES[which] ?? 0, key)
    const until = performanceCounter(0)
    if (map?.has(key) !== (own !== undefined)) throw new Error('what is read is there')
    const parts = [own, theirs].map((value) => (value === undefined ? '-' : sha256(value).join()))
    msgReply(encodeText([...parts, own?.length ?? 0, between - from, until - between].join(' ')))
  }

  @update([], undefined, { manual: true })
  certify(): void {
    setCertifiedData(msgArgData())
    msgReply(new Uint8Array(0))
  }
}

const encodeText = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))
