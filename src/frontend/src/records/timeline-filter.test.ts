import type { RecordSummary, Share, Tag } from '@medguard/client'
import { describe, expect, test } from 'vitest'
import { printRoute, parseRoute } from '../app/routes.ts'
import { listedRecord } from './listed-record.fixture.ts'
import { byMonth, newestFirst } from './record-list.ts'
import {
  authorsOf,
  filterTimeline,
  heldIn,
  isShared,
  parseFilter,
  sourceOf,
  timelineItems,
  yearsIn,
} from './timeline-filter.ts'

const id = (n: number) => n.toString(16).padStart(32, '0')
const record = (n: number, more: Partial<RecordSummary> = {}) =>
  listedRecord(id(n), { title: `Record ${n}`, clinicalDate: '2025-05-12', ...more })
const share = (more: Partial<Share>): Share =>
  ({ grantId: 'g', state: 'live', bar: null, rights: ['list', 'open'], scope: ['labs'], ...more }) as unknown as Share

describe('the address of a timeline', () => {
  test('has every filter and reads back, and names nobody', () => {
    const filter = { by: id(7), from: '2024-01-01', until: '2024-12-31', source: 'received', shared: 'no' } as const
    const address = printRoute({ name: 'records', show: ['labs'], filter })
    expect(address).toBe(`#/records?show=labs&by=${id(7)}&from=2024-01-01&until=2024-12-31&source=received&shared=no`)
    expect(parseRoute(address)).toEqual({ name: 'records', show: ['labs'], filter })
    expect(parseRoute('#/records')).toEqual({ name: 'records', show: [] })
  })

  test('leaves out what is none', () => {
    const params = new URLSearchParams('by=Novák&from=yesterday&until=2024-99-99&source=x&shared=maybe')
    expect(parseFilter(params)).toEqual({})
  })
})

describe('filters', () => {
  const mine = record(1, { author: 'Dr Nováková', clinicalDate: '2024-03-01' })
  const deposited = record(2, {
    depositedBy: 'aaaaa-aa',
    category: 'imaging',
    clinicalDate: null,
    addedNs: 1_700_000_000_000_000_000n,
  })
  const imported = record(3, {
    author: 'Dr Nováková',
    clinicalDate: '2024-02',
    origin: { recordId: id(9), version: 1, manifestHash: '' },
  })
  const all = [mine, deposited, imported]
  const ids = (records: readonly RecordSummary[]) => records.map(({ recordId }) => Number.parseInt(recordId, 16))
  const fits = (
    filter: Parameters<typeof filterTimeline>[2],
    shares: readonly Share[] | null = [],
    tags: readonly Tag[] | null = null,
  ) => ids(filterTimeline(all, [], filter, { shares, held: null, tags }))

  test('by author, source and day', () => {
    expect(authorsOf(all)).toEqual([
      { name: 'Dr Nováková', by: id(1), count: 2 },
      { name: 'aaaaa-aa', by: id(2), count: 1 },
    ])
    expect(fits({ by: id(3) })).toEqual([1, 3])
    expect(fits({ by: id(99) })).toEqual([1, 2, 3]) // deleted meanwhile: nobody to look for
    expect(all.map(sourceOf)).toEqual(['mine', 'received', 'imported'])
    expect(fits({ source: 'imported' })).toEqual([3])
    expect(fits({ from: '2024-02-15' })).toEqual([1])
    expect(fits({ from: '2023-11-14', until: '2024-02-15' })).toEqual([2, 3])
    expect(ids(filterTimeline(all, ['imaging'], {}, { shares: [], held: null, tags: null }))).toEqual([2])
  })

  test('by a tag, which the address has by a number of this device alone; one that is not here hides nothing', () => {
    const tags = [{ id: '0a0b0c0d', name: 'before the operation', records: [id(2), id(9)] }]
    expect(fits({ tag: '0a0b0c0d' }, [], tags)).toEqual([2])
    expect(fits({ tag: '0a0b0c0d' }, [], null)).toEqual([1, 2, 3])
    expect(fits({ tag: 'ffffffff' }, [], tags)).toEqual([1, 2, 3])
    const address = printRoute({ name: 'records', show: [], filter: { tag: '0a0b0c0d' } })
    expect(parseRoute(address)).toEqual({ name: 'records', show: [], filter: { tag: '0a0b0c0d' } })
    expect(parseFilter(new URLSearchParams('tag=operation'))).toEqual({})
  })

  test('by what is shared: by kind, by kind and day, not by what is paused or over, and not before it is known', () => {
    expect(fits({ shared: 'yes' }, [share({})])).toEqual([1, 3])
    expect(fits({ shared: 'no' }, [share({})])).toEqual([2])
    expect(fits({ shared: 'yes' }, [share({ state: 'ended' }), share({ bar: 'paused' })])).toEqual([])
    expect(fits({ shared: 'yes' }, null)).toEqual([1, 2, 3])
    const range = { categories: ['labs', 'imaging'], from: '2024-02-20', until: null } as const
    expect(all.map((each) => isShared(each, [share({ scope: ['shared'], terms: { range } })], null))).toEqual([
      true,
      false,
      false,
    ])
    const picked = [share({ scope: ['shared'] })]
    expect(all.map((each) => isShared(each, picked, heldIn({ g: [id(2)], over: [id(1)] })))).toEqual([
      false,
      true,
      false,
    ])
    expect(isShared(record(1), [share({ rights: ['write'] })], null), 'who may only add sees nothing').toBe(false)
  })
})

test('a timeline has its months and its years, newest first, and what has no date last', () => {
  const records = [
    record(1, { clinicalDate: '2024-03-01' }),
    record(2, { clinicalDate: '2025-05-01' }),
    record(3, { clinicalDate: null }),
    record(4),
  ]
  const items = timelineItems(byMonth(newestFirst(records)))
  expect(items.map((item) => (item.kind === 'month' ? item.label : item.place))).toEqual([
    'May 2025',
    1,
    2,
    'March 2024',
    3,
    'No date',
    4,
  ])
  expect(yearsIn(items)).toEqual([
    { year: 2025, index: 0 },
    { year: 2024, index: 3 },
  ])
})

test('no two lines of a timeline have one key, also where a year and its first month take turns', () => {
  const dates = ['2025-01-01', '2025', '2025-01-01', '2025']
  const items = timelineItems(byMonth(newestFirst(dates.map((clinicalDate, i) => record(i, { clinicalDate })))))
  expect(items.map((item) => (item.kind === 'month' ? item.label : item.place))).toEqual([
    '2025',
    1,
    'January 2025',
    2,
    '2025',
    3,
    'January 2025',
    4,
  ])
  expect(new Set(items.map(({ key }) => key)).size).toBe(items.length)
})
