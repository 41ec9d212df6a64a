import type { Share } from '@medguard/client'
import { expect, test } from 'vitest'
import { isNew, NEW_MS, worklist } from './worklist.ts'

const NS = 1_000_000n
const share = (grantId: string, startMs: number, endMs: number, over: Partial<Share> = {}) =>
  ({
    grantId,
    startNs: BigInt(startMs) * NS,
    endNs: BigInt(endMs) * NS,
    endedNs: null,
    state: 'live',
    ...over,
  }) as Share
const shares = [
  share('long', 10, 900),
  share('soon', 20, 200),
  share('late', 30, 500),
  share('ended', 1, 50),
  share('revoked', 1, 800, { state: 'revoked', endedNs: 70n * NS }),
  share('half', 1, 800, { state: 'notFinished' }),
]
const ids = (wanted: Parameters<typeof worklist>[1]) => worklist(shares, wanted).map(({ grantId }) => grantId)

test('what ends soon or what is new comes first, and what is over is elsewhere', () => {
  expect(ids({ tab: 'now', order: 'ending', nowMs: 100 })).toEqual(['soon', 'late', 'long'])
  expect(ids({ tab: 'now', order: 'newest', nowMs: 100 })).toEqual(['late', 'soon', 'long'])
  expect(ids({ tab: 'past', order: 'newest', nowMs: 100 })).toEqual(['revoked', 'ended'])
  expect(ids({ tab: 'now', order: 'ending', nowMs: 200 })).toEqual(['late', 'long'])
})

test('among the new ones those with more than was looked at come first, and no other order knows of it', () => {
  const grown = new Set(['long'])
  expect(ids({ tab: 'now', order: 'newest', nowMs: 100, grown })).toEqual(['long', 'late', 'soon'])
  expect(ids({ tab: 'now', order: 'ending', nowMs: 100, grown })).toEqual(['soon', 'late', 'long'])
})

test('a share is new for a day, and not before it starts', () => {
  const one = share('one', 1_000, 10 * NEW_MS)
  expect([999, 1_000, 999 + NEW_MS, 1_000 + NEW_MS].map((nowMs) => isNew(one, nowMs))).toEqual([
    false,
    true,
    true,
    false,
  ])
})
