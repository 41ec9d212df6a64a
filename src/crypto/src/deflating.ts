/** DEFLATE (RFC 1951) with a preset dictionary. */
import { deflateSync, Inflate } from 'fflate'
import { ascii } from './bytes.ts'
import { DICTIONARY_1 } from './dictionary-1.ts'
import type { OwnedBytes } from './webcrypto.ts'

const DICTIONARY = ascii(DICTIONARY_1)
const LEVEL = 9
/** No more than a thousand times as much comes out of this much. */
const INFLATED_AT_ONCE = 1_024

export const deflated = (content: Uint8Array): Uint8Array =>
  deflateSync(content, { level: LEVEL, dictionary: DICTIONARY })

/** What comes out, if it is of exactly this length; null otherwise, as soon as that shows. */
export function inflated(short: Uint8Array, sizeBytes: number): OwnedBytes | null {
  const content = new Uint8Array(sizeBytes)
  let filled = 0
  const stream = new Inflate({ dictionary: DICTIONARY }, (piece) => {
    if (filled + piece.length <= sizeBytes) content.set(piece, filled)
    filled += piece.length
  })
  try {
    for (let at = 0; at < short.length; at += INFLATED_AT_ONCE) {
      stream.push(short.subarray(at, at + INFLATED_AT_ONCE), at + INFLATED_AT_ONCE >= short.length)
      if (filled > sizeBytes) return null
    }
  } catch {
    return null // no DEFLATE
  }
  return filled === sizeBytes ? content : null
}
