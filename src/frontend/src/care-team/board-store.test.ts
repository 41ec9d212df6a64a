import { Fault, type MedGuardClient, type Outcome, type RecordSummary, type Share } from '@medguard/client'
import { expect, test } from 'vitest'
import { listedRecord } from '../records/listed-record.fixture.ts'
import { LIST_AGAIN_MS, NEWS_EVERY_MS } from '../records/own-news.ts'
import { createBoard, onBoard } from './board-store.ts'

const NS = 1_000_000n
const share = (grantId: string, over: Partial<Share> = {}): Share => ({
  grantId,
  direction: 'received',
  patientId: '01'.repeat(16),
  patient: `patient of ${grantId}`,
  grantee: 'q',
  scope: ['vitals'],
  rights: ['list', 'open'],
  purpose: 'TREAT',
  startNs: 0n,
  endNs: 10_000_000n * NS,
  endedNs: null,
  state: 'live',
  bar: null,
  ...over,
})
const done = <T>(value: T): Outcome<T> => ({ kind: 'done', value })

/** A board whose clock only the test moves. */
function watching() {
  let nowMs = 1_000
  let isVisible = true
  let timer: (() => void) | null = null
  const listed: string[] = []
  const asked: number[] = []
  let list = async (grantId: string): Promise<Outcome<readonly RecordSummary[]>> =>
    done([listedRecord(`first of ${grantId}`)])
  let news: MedGuardClient['news'] = async (vaults) => done(vaults.map(() => []))
  const board = createBoard({
    client: {
      list: async (vault) => {
        const grantId = vault.of === 'grant' ? vault.grantId : ''
        listed.push(grantId)
        return list(grantId)
      },
      news: async (vaults, categories) => {
        asked.push(vaults.length)
        return news(vaults, categories)
      },
    },
    now: () => nowMs,
    isVisible: () => isVisible,
    setTimer: (work, ms) => {
      expect(ms).toBe(NEWS_EVERY_MS)
      timer = work
      return () => (timer = null)
    },
  })
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    board,
    listed,
    asked,
    titles: () =>
      board.store
        .getState()
        .rows.map(({ look }) => (look.status === 'ready' ? look.records.map(({ title }) => title) : look.status)),
    on: (answers: { list?: typeof list; news?: typeof news }) => {
      list = answers.list ?? list
      news = answers.news ?? news
    },
    see: (visible: boolean) => (isVisible = visible),
    settled,
    pass: async (ms = NEWS_EVERY_MS) => {
      nowMs += ms
      timer?.()
      await settled()
    },
  }
}

test('only what is shared as a whole, now and to be read, and each patient once', () => {
  const shares = [
    share('a'),
    share('labs', { scope: ['labs'] }),
    share('writes', { rights: ['write'] }),
    share('over', { endNs: 900n * NS }),
    share('paused', { bar: 'paused' }),
    share('b', { patient: 'patient of a', endNs: 20_000_000n * NS }),
  ]
  expect(onBoard(shares, 1_000).map(({ grantId }) => grantId)).toEqual(['b'])
})

test('a patient is listed once, and what is new joins the card', async () => {
  const there = watching()
  const { board, listed, titles, on, pass, settled } = there
  board.follow([share('a'), share('b')])
  board.start()
  await settled()
  expect(titles()).toEqual([['first of a'], ['first of b']])
  on({
    news: async (vaults) =>
      done(vaults.map((vault) => (vault.of === 'grant' && vault.grantId === 'b' ? [listedRecord('new')] : []))),
  })
  await pass()
  await pass()
  expect(titles()).toEqual([['first of a'], ['first of b', 'new']])
  expect(listed).toEqual(['a', 'b'])
})

test('what is revoked or over goes at once, also when its answer comes late', async () => {
  const { board, titles, on, pass, settled } = watching()
  const late = resolvers<Outcome<readonly RecordSummary[]>>()
  on({ list: (grantId) => (grantId === 'late' ? late.promise : Promise.resolve(done([listedRecord(grantId)]))) })
  board.follow([share('a', { endNs: 5_000n * NS }), share('late')])
  board.start()
  await settled()
  expect(titles()).toEqual(['looking', ['a']])
  board.follow([share('a', { endNs: 5_000n * NS })])
  late.resolve(done([listedRecord('secret')]))
  await settled()
  expect(titles()).toEqual([['a']])
  await pass(4_500)
  expect(titles()).toEqual([])
})

test('a list that is not open any more is listed anew, and not more often than once a minute', async () => {
  const { board, listed, on, pass, settled } = watching()
  on({ news: async (vaults) => done(vaults.map(() => null)) })
  board.follow([share('a')])
  board.start()
  await settled()
  for (let n = 0; n < 20; n++) await pass()
  expect(listed).toEqual(['a'])
  await pass(LIST_AGAIN_MS)
  expect(listed).toEqual(['a', 'a'])
})

test('of many patients twenty are asked at a time, nobody while the page is out of sight, and failures are counted', async () => {
  const { board, asked, on, see, pass, settled } = watching()
  board.follow(Array.from({ length: 45 }, (_, i) => share(`share ${i}`)))
  board.start()
  await settled()
  for (let n = 0; n < 16; n++) await pass()
  asked.length = 0
  for (let n = 0; n < 6; n++) await pass()
  expect(asked.toSorted((a, b) => a - b)).toEqual([5, 5, 20, 20, 20, 20])
  see(false)
  await pass()
  expect(asked).toHaveLength(6)
  see(true)
  on({ news: async () => Promise.reject(new Fault('Unreachable', 'no network')) })
  await pass()
  await pass()
  expect(board.store.getState().failures).toBe(2)
  on({ news: async (vaults) => done(vaults.map(() => [])) })
  await pass()
  expect(board.store.getState()).toMatchObject({ failures: 0 })
})

function resolvers<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}
