import type { RecordSummary } from '@medguard/client'
import { expect, test } from 'vitest'
import { staysAsItCame } from './came-from.ts'

const ME = 'aaaaa-aa'
const stays = (over: Partial<RecordSummary>) => staysAsItCame({ fileName: null, ...over } as RecordSummary, ME)
const origin = { recordId: '', version: 1, manifestHash: '' }

test('what somebody typed is theirs to correct, also after it was put back from a copy of their own', () => {
  expect(stays({})).toBe(false)
  expect(stays({ depositedBy: ME })).toBe(false)
  expect(stays({ origin })).toBe(false)
  expect(stays({ origin: { ...origin, storedBy: ME } })).toBe(false)
  expect(stays({ origin: { ...origin, storedBy: 'bbbbb-bb', isOwn: true } })).toBe(false)
})

test('what came from a file, from somebody else or through the inbox stays as it came', () => {
  expect(stays({ fileName: 'Observation.json' })).toBe(true)
  expect(stays({ depositedBy: 'bbbbb-bb' })).toBe(true)
  expect(stays({ origin: { ...origin, storedBy: 'bbbbb-bb' } })).toBe(true)
})
