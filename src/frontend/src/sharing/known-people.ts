import type { Share } from '@medguard/client'
import { readShareCode } from './share-code.ts'

const PEOPLE_MAX = 4

/**
 * Share codes of people with whom the reader shared before, the latest first: for the short way of sharing again. Whoever was blocked or has lost the
 * organisation that vouched for them is none of them.
 */
export function knownPeople(shares: readonly Share[], own: string): string[] {
  const barred = new Set(
    shares.filter(({ bar }) => bar === 'blocked' || bar === 'unverified').map(({ grantee }) => grantee),
  )
  const latestFirst = shares
    .filter(({ state, grantee }) => state !== 'notFinished' && !barred.has(grantee))
    .filter(({ grantee }) => readShareCode(grantee, own).kind === 'code')
    .toSorted((a, b) => Number(b.startNs - a.startNs))
  return [...new Set(latestFirst.map(({ grantee }) => grantee))].slice(0, PEOPLE_MAX)
}
