import { type DeviceInfo, Fault, type MedGuardClient, type Outcome, type RecordSummary } from '@medguard/client'
import { readingOf } from '@medguard/readings'
import { afterEach, expect, test, vi } from 'vitest'
import { createLoadable } from '../app/loadable.ts'
import { asking, toldOf } from '../notices/told.ts'
import { listedLimit, listedReadings, listedRecord } from '../records/listed-record.fixture.ts'
import { createOwnNews } from '../records/own-news.ts'
import { createAlertStore } from './alert-store.ts'

const NOW = Date.UTC(2026, 4, 12, 12)
const MINUTE = 60_000
const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
  vi.useRealTimers()
})

const done = async <T>(value: T): Promise<Outcome<T>> => ({ kind: 'done', value })
const limit = listedLimit(NOW, { code: '8867-4', unit: '/min', above: 120 })
const pulse = (recordId: string, value: number, timeMs: number): RecordSummary =>
  listedReadings(recordId, [readingOf({ timeMs, value, code: '8867-4', unit: '/min', device: 'Band' })], {
    title: recordId,
    deviceId: '0d'.repeat(16),
    postedNs: BigInt(timeMs) * 1_000_000n,
  })
const labs = listedRecord('labs')

/** A page in which time passes when the test says so. */
async function page(first: readonly RecordSummary[]) {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
  let come: readonly RecordSummary[] | null = []
  let isAway = false
  const listed: unknown[] = []
  const due: { readonly work: () => void }[] = []
  const client: Pick<MedGuardClient, 'list' | 'news'> = {
    list: async (_, categories) => {
      listed.push(categories)
      return done(first.filter(({ category }) => categories?.some((wanted) => wanted === category) === true))
    },
    news: async () => {
      if (isAway) throw new Fault('Unreachable', 'no network')
      const now = come
      come = now === null ? null : []
      return done([now])
    },
  }
  const records = createLoadable<readonly RecordSummary[]>(() => done(first))
  await records.getState().load()
  const store = createAlertStore({
    client: client as MedGuardClient,
    records,
    devices: createLoadable<readonly DeviceInfo[]>(() => done([])),
    news: createOwnNews({
      client,
      records,
      isVisible: () => true,
      setTimer: (work) => {
        due.push({ work })
        return () => {}
      },
    }),
    onSaid: () => {},
  })
  ends.push(store.start())
  const alerts = () => (store.view.getState().kinds ?? []).flatMap((kind) => kind.alerts)
  return {
    store,
    listed,
    alerts,
    titles: () => {
      const { view } = records.getState()
      return view.status === 'ready' ? view.value.map(({ title }) => title) : []
    },
    /** Null: the canister has forgotten the list. */
    comes: (records: readonly RecordSummary[] | null) => void (come = records),
    goesAway: () => void (isAway = true),
    /** The next look, some time later. */
    async later(ms: number) {
      vi.setSystemTime(Date.now() + ms)
      const turns = due.splice(0)
      for (const { work } of turns) work()
      await vi.waitFor(() => expect(due.length).toBeGreaterThan(0))
    },
  }
}

test('what comes joins the list, which is not read anew for it, and a crossing is one notice until somebody has read it', async () => {
  const here = await page([limit, labs, pulse('calm', 90, NOW)])
  await here.later(2_000)
  expect(here.alerts()).toEqual([])
  here.comes([pulse('high', 150, NOW + MINUTE)])
  await here.later(MINUTE)
  expect([here.listed, here.titles()]).toEqual([[], ['limit', 'labs', 'calm', 'high']])
  expect(here.store.view.getState()).toMatchObject({ lookedMs: expect.any(Number), problem: null })
  await vi.waitFor(() => expect(here.alerts()).toHaveLength(1))
  const notices = { notices: [], read: [] as string[], choices: null, verification: 'verified' } as const
  const told = toldOf(notices, [], Date.now(), here.store.view.getState())
  expect(told).toMatchObject([{ kind: 'thresholdCrossed', isRead: false }])
  expect(asking(told, notices, Date.now())).toHaveLength(1)
  const profile = { quietHours: { from: '00:00', until: '23:59' } }
  const quiet = { ...notices, choices: { version: 1, profile, hasContacts: true } }
  expect(asking(told, quiet, Date.now())).toEqual([])
  const read = { ...notices, read: told.map(({ id }) => id) }
  here.comes([pulse('higher', 160, NOW + 2 * MINUTE)])
  await here.later(MINUTE)
  await vi.waitFor(() => expect(here.alerts()).toMatchObject([{ crossing: { worst: 160 } }])) // the same, which goes on
  expect(toldOf(read, [], Date.now(), here.store.view.getState())).toMatchObject([{ isRead: true }])
})

test('a list that is forgotten is read anew where somebody set a limit, once a minute at most, and a look that fails is said', async () => {
  const here = await page([limit, labs, pulse('calm', 90, NOW)])
  here.comes(null)
  for (let i = 0; i < 12; i++) await here.later(10_000)
  expect(here.listed.slice(0, 1)).toEqual([['vitals']])
  expect(here.listed.length).toBeLessThanOrEqual(2)
  const before = here.store.view.getState().lookedMs
  here.goesAway()
  await here.later(10_000)
  expect(here.store.view.getState()).toMatchObject({ problem: { code: 'Unreachable' }, lookedMs: before })
})

test('where nobody set a limit no list is read anew', async () => {
  const here = await page([pulse('high', 180, NOW)])
  here.comes(null)
  for (let i = 0; i < 3; i++) await here.later(20 * MINUTE)
  expect(here.listed).toEqual([])
})
