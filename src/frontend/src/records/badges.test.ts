import type { Notices, RecordSummary, Share } from '@medguard/client'
import { expect, test } from 'vitest'
import { addedBy, badgesOf, correctedIn, freshIn, type Marks, noticesOf } from './badges.ts'
import { heldIn } from './timeline-filter.ts'

const record = (recordId: string, more: Partial<RecordSummary> = {}) =>
  ({ recordId, category: 'labs', clinicalDate: null, ...more }) as RecordSummary
const marks = (more: Partial<Marks> = {}): Marks => ({
  fresh: new Set(),
  corrected: new Set(),
  kept: new Set(),
  shares: [],
  held: null,
  names: null,
  tags: null,
  tagsOf: new Map(),
  ...more,
})
const share = {
  grantId: 'g',
  state: 'live',
  bar: null,
  rights: ['list', 'open'],
  scope: ['shared'],
} as unknown as Share

test('a record wears what is so, and nothing while that is not known', () => {
  expect(badgesOf(record('a'), marks({ shares: null, held: null }))).toEqual([])
  const all = marks({
    fresh: new Set(['a']),
    corrected: new Set(['a']),
    kept: new Set(['a']),
    shares: [share],
    held: heldIn({ g: ['a'] }),
  })
  expect(badgesOf(record('a', { deviceId: '07' }), all)).toEqual(['fresh', 'shared', 'corrected', 'fromDevice', 'kept'])
  expect(badgesOf(record('b'), all)).toEqual([])
})

test('a record says who added it: the reader, somebody by the name the reader gave, a device, or an archive', () => {
  const names = [{ code: 'aaaaa-bbbbb', name: 'Dr Hana' }]
  expect(addedBy(record('a'), names)).toBe('Added by me')
  expect(addedBy(record('a', { depositedBy: 'aaaaa-bbbbb' }), names)).toBe('From Dr Hana')
  expect(addedBy(record('a', { depositedBy: 'aaaaa-bbbbb-ccccc' }), null)).toBe('From aaaaa…ccccc')
  expect(addedBy(record('a', { depositedBy: 'aaaaa-bbbbb', deviceId: '07' }), names)).toBe('Added by a device')
  const origin = { recordId: 'x', version: 1, manifestHash: 'y' }
  expect(addedBy(record('a', { origin, depositedBy: 'aaaaa-bbbbb' }), names)).toBe('Imported')
})

test('new is what others added and the reader has not read of; corrected is what a note corrects', () => {
  const notice = (objectId: string, kind: string, isRead: boolean) => ({
    id: `notice ${objectId}`,
    objectId,
    kind,
    isRead,
  })
  const notices = [
    notice('a', 'recordAdded', false),
    notice('b', 'recordAdded', true),
    notice('c', 'recordOpened', false),
  ]
  expect([...freshIn({ notices } as unknown as Notices)]).toEqual(['a'])
  expect([...freshIn(null)]).toEqual([])
  expect(noticesOf({ notices } as unknown as Notices, 'a')).toEqual(['notice a'])
  expect(noticesOf({ notices } as unknown as Notices, 'b'), 'read already').toEqual([])
  const links = (relation: string) => [{ recordId: relation, version: 1, relation }]
  const notes = [record('n', { links: links('corrects') }), record('m', { links: links('annotates') })]
  expect([...correctedIn(notes)]).toEqual(['corrects'])
})
