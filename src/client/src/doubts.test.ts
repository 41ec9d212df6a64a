import { expect, test } from 'vitest'
import { DOUBT_BOOK, DOUBTS_MAX, withDoubt } from './doubts.ts'
import type { DoubtedEntry } from './doubts-api.ts'

const doubt = (entry: number, more: Partial<DoubtedEntry> = {}): DoubtedEntry => ({
  entry: String(entry),
  why: 'oddTime',
  isStopped: false,
  isBlocked: false,
  atMs: 1_000,
  ...more,
})

test('the latest is first; asking again about an entry takes nothing back of what was ended', () => {
  const once = withDoubt([doubt(7)], doubt(5, { isStopped: true }))
  expect(once.map(({ entry }) => entry)).toEqual(['5', '7'])
  const again = withDoubt(withDoubt(once, doubt(9)), doubt(5, { why: 'other', isBlocked: true, atMs: 2_000 }))
  expect(again[0]).toEqual({ entry: '5', why: 'other', isStopped: true, isBlocked: true, atMs: 2_000 })
  expect(again.map(({ entry }) => entry)).toEqual(['5', '9', '7'])
  let many: readonly DoubtedEntry[] = []
  for (let n = 0; n <= DOUBTS_MAX; n++) many = withDoubt(many, doubt(n))
  expect(many).toHaveLength(DOUBTS_MAX)
  expect(many[0]?.entry).toBe(String(DOUBTS_MAX))
})

test('what lies on the device is read back, and what is none is left out', () => {
  const doubts = [doubt(5)]
  expect(DOUBT_BOOK.decode(DOUBT_BOOK.encode({ doubts }))).toEqual({ doubts })
  const odd = [null, { ...doubt(1), entry: 'x' }, { ...doubt(1), why: '?' }, { ...doubt(1), atMs: 0.5 }]
  const bytes = new TextEncoder().encode(JSON.stringify({ format: 1, doubts: [...odd, ...doubts] }))
  expect(DOUBT_BOOK.decode(bytes)).toEqual({ doubts })
  expect(DOUBT_BOOK.decode(new Uint8Array([255, 1]))).toBeNull()
  expect(DOUBT_BOOK.decode(new TextEncoder().encode('[]'))).toBeNull()
})
