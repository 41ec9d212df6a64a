import { newKit } from '@medguard/client'
import { expect, test } from 'vitest'
import { tryKit } from './rehearsal.ts'

test('a kit is tried against what both canisters have, now and from the day that a change holds', () => {
  const [mine, next, others] = [newKit(), newKit(), newKit()]
  const settings = (kit: string | null) => ({ kit, guardians: [], threshold: 0 })
  const coming = (kit: string | null) => ({ ...settings(kit), fromNs: 1n })
  const only = { recovery: settings(mine.principal), comingRecovery: null }
  expect(tryKit(mine.text, only)).toBe('works')
  expect(tryKit(mine.text.toLowerCase().replaceAll('-', ' '), only)).toBe('works')
  expect(tryKit(others.text, only)).toBe('other')
  expect(tryKit(mine.text.slice(0, -1), only)).toBe('mistyped')
  expect(tryKit('', only)).toBe('mistyped')
  const changing = { recovery: settings(mine.principal), comingRecovery: coming(next.principal) }
  expect([mine, next, others].map(({ text }) => tryKit(text, changing))).toEqual(['ends', 'comes', 'other'])
  const without = { recovery: settings(mine.principal), comingRecovery: coming(mine.principal) }
  expect(tryKit(mine.text, without)).toBe('works')
  expect(tryKit(mine.text, { recovery: null, comingRecovery: null })).toBe('other')
})
