import { msgArgData, msgReply, performanceCounter, update } from 'azle'

import { foldHashes, hmac, sameBytes, setCertifiedData, sha256 } from '@medguard/shared'

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

  @update([], undefined, { manual: true })
  certify(): void {
    setCertifiedData(msgArgData())
    msgReply(new Uint8Array(0))
  }
}

const encodeText = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))
