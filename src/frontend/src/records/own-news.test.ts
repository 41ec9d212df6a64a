import { type Category, Fault, type MedGuardClient, type Outcome, type RecordSummary } from '@medguard/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLoadable } from '../app/loadable.ts'
import { setTimer } from '../app/services.ts'
import { listedRecord } from './listed-record.fixture.ts'
import { createOwnNews, LIST_AGAIN_MS } from './own-news.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

type Records = readonly RecordSummary[]
const done = <T>(value: T): Outcome<T> => ({ kind: 'done', value })

/** One's own records, of which a node tells each once, as the client does. */
async function vault(first: Records) {
  const world = {
    asked: [] as string[],
    listed: [] as string[],
    come: [] as Records | null,
    isVisible: true,
    isAway: false,
  }
  let whole = async () => done(first)
  const client: Pick<MedGuardClient, 'list' | 'news'> = {
    list: async (_, categories = []) => {
      world.listed.push(categories.join(' '))
      return done([])
    },
    news: async (_, categories) => {
      if (world.isAway) throw new Fault('Unreachable', 'no network')
      world.asked.push(categories.join(' '))
      const some = world.come
      world.come = some === null ? null : []
      return done([some])
    },
  }
  const records = createLoadable<Records>(() => whole())
  const news = createOwnNews({
    client,
    records,
    isVisible: () => world.isVisible,
    setTimer,
  })
  await records.getState().load()
  return {
    world,
    records,
    news,
    listsSlowly: (answer: Promise<Outcome<Records>>) => void (whole = () => answer),
    watch: (everyMs: number, categories: readonly Category[], mayList = true) =>
      news.watch({ firstMs: 0, everyMs, wanted: async () => ({ categories, mayList }) }),
    titles: () => {
      const { view } = records.getState()
      return view.status === 'ready' ? view.value.map(({ title, version }) => `${title} ${version}`) : []
    },
  }
}

test('two who want to know ask once, as often as the quicker of them, and both see what came', async () => {
  const { world, watch, titles, news } = await vault([listedRecord('old')])
  const heard: (number | null)[] = []
  news.view.subscribe(({ heardMs }) => heard.push(heardMs))
  const endSlow = watch(5_000, ['vitals'])
  const endQuick = watch(1_500, ['vitals', 'labs'])
  await vi.advanceTimersByTimeAsync(0)
  expect(world.asked).toEqual(['vitals labs'])
  world.come = [listedRecord('new'), listedRecord('old', { version: 2 })]
  await vi.advanceTimersByTimeAsync(3_000)
  expect(world.asked).toHaveLength(3)
  expect(titles()).toEqual(['old 2', 'new 1'])
  expect(heard.at(-1)).toBe(Date.now())
  endQuick()
  await vi.advanceTimersByTimeAsync(1_500) // the turn that was due
  world.asked.length = 0
  await vi.advanceTimersByTimeAsync(10_000)
  expect(world.asked).toEqual(['vitals', 'vitals'])
  endSlow()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(world.asked).toHaveLength(2)
})

test('what may be listed anew is listed anew by itself, once a minute at most, and the rest only when a person asks', async () => {
  const { world, watch, news } = await vault([])
  watch(1_500, ['vitals'])
  watch(1_500, ['labs'], false)
  world.come = null
  await vi.advanceTimersByTimeAsync(LIST_AGAIN_MS - 1)
  expect(world.listed).toEqual([])
  await vi.advanceTimersByTimeAsync(LIST_AGAIN_MS)
  expect(world.listed).toEqual(['vitals'])
  expect(news.view.getState().heardMs).toBeNull() // of labs nobody knows
  await news.look()
  expect(world.listed).toEqual(['vitals', 'vitals', 'labs'])
  expect(news.view.getState().heardMs).toBe(Date.now())
})

test('nothing is asked out of sight or before the list is there, and what comes while all is listed anew joins that list', async () => {
  const { world, watch, records, titles, listsSlowly } = await vault([listedRecord('old')])
  world.isVisible = false
  watch(1_500, ['vitals'])
  await vi.advanceTimersByTimeAsync(10_000)
  expect(world.asked).toEqual([])
  world.isVisible = true
  const late = resolvers<Outcome<Records>>()
  listsSlowly(late.promise)
  void records.getState().load()
  world.come = [listedRecord('came'), listedRecord('changed')]
  await vi.advanceTimersByTimeAsync(3_000)
  expect(titles()).toEqual(['old 1'])
  late.resolve(done([listedRecord('old'), listedRecord('changed', { version: 2 })]))
  await vi.advanceTimersByTimeAsync(0)
  expect(titles()).toEqual(['old 1', 'changed 2', 'came 1'])
  world.asked.length = 0
  records.getState().forget()
  await vi.advanceTimersByTimeAsync(3_000)
  expect(world.asked).toEqual([])
})

test('a question that fails is told, and the next that does not takes it back', async () => {
  const { world, watch, news } = await vault([])
  world.isAway = true
  watch(1_500, ['vitals'])
  await vi.advanceTimersByTimeAsync(0)
  expect(news.view.getState()).toMatchObject({ problem: { code: 'Unreachable' }, heardMs: null })
  world.isAway = false
  await vi.advanceTimersByTimeAsync(1_500)
  expect(news.view.getState()).toMatchObject({ problem: null, heardMs: Date.now() })
})

function resolvers<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}
