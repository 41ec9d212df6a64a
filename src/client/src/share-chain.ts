import { sha256 } from '@noble/hashes/sha2'
import { concatBytes, fromHex, toHex } from '@medguard/protocol'
import type { Share } from './api.ts'

// [Note: a share in place of another] A grant is never changed: it was signed as it stands. A changed share is a new grant, and its id says which one it stands
// in place of, so that every device knows it without asking anybody, also after the one that was at it died: eight random bytes, then the first eight
// of the id before, hidden under a hash of the random ones. So an id can be known by nobody before it is there, and two unrelated ones fit by chance in one of
// 2^64. It proves nothing: whoever may share for a patient may end shares too, which is all that follows from it.

const HALF = 8
const LABEL = new TextEncoder().encode('medguard/1/in-place-of')

const mask = (random: Uint8Array): Uint8Array => sha256(concatBytes(LABEL, random)).subarray(0, HALF)
const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ (b[i] ?? 0))

/** An id for a grant that stands in place of another. */
export function idInPlaceOf(grantId: Uint8Array): Uint8Array<ArrayBuffer> {
  const random = crypto.getRandomValues(new Uint8Array(HALF))
  return new Uint8Array(concatBytes(random, xor(mask(random), grantId.subarray(0, HALF))))
}

/** How the id begins in whose place one stands, if it stands in any's. */
const beforeOf = (grantId: string): string => {
  const id = fromHex(grantId) ?? new Uint8Array(2 * HALF)
  return toHex(xor(mask(id.subarray(0, HALF)), id.subarray(HALF)))
}

/**
 * The shares with what stands in place of what, as far as both are among them: of one patient, with one recipient, the later begun no sooner. `counts` tells which may stand
 * in another's place.
 */
export function linked(shares: readonly Share[], counts: (share: Share) => boolean): Share[] {
  const parties = ({ patient, grantee }: Share) => `${patient} ${grantee}`
  const byStart = new Map(shares.map((share) => [`${parties(share)} ${share.grantId.slice(0, 2 * HALF)}`, share]))
  const before = new Map<string, string>()
  const after = new Map<string, string>()
  for (const share of shares) {
    const replaced = byStart.get(`${parties(share)} ${beforeOf(share.grantId)}`)
    if (replaced === undefined || replaced.grantId === share.grantId || !counts(share)) continue
    before.set(share.grantId, replaced.grantId)
    after.set(replaced.grantId, share.grantId)
  }
  return shares.map((share) => {
    const [inPlaceOf, replacedBy] = [before.get(share.grantId), after.get(share.grantId)]
    return {
      ...share,
      ...(inPlaceOf === undefined ? {} : { inPlaceOf }),
      ...(replacedBy === undefined ? {} : { replacedBy }),
    }
  })
}

/** What one became in the end, of those that `linked` knows; itself where nothing stands in its place. */
export function latestOf(shares: readonly Share[], grantId: string): Share | undefined {
  let found = shares.find((share) => share.grantId === grantId)
  for (let steps = 0; found?.replacedBy !== undefined && steps < shares.length; steps++) {
    const next = found.replacedBy
    found = shares.find((share) => share.grantId === next)
  }
  return found
}
