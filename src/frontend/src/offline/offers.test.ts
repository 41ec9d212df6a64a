import { expect, test } from 'vitest'
import { createInstallOffer } from './install-offer.ts'
import { createSharedFiles } from './shared-files.ts'
import { questionOf } from './shell-messages.ts'

function browser() {
  const kept = new Map<string, string>()
  const page = new EventTarget()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
  const ask = () => page.dispatchEvent(new Event('beforeinstallprompt', { cancelable: true }))
  return { kept, ask, offer: createInstallOffer(page, storage) }
}

test('installing is offered after the second thing that was done, and not again after a no', () => {
  const { offer, ask, kept } = browser()
  expect(ask()).toBe(false) // the browser does not ask by itself
  offer.did('list', false)
  offer.did('add', false)
  expect(offer.store.getState()).toEqual({ isPossible: true, isOffered: false })
  offer.did('share', true) // a computer that others use too
  expect(offer.store.getState().isOffered).toBe(false)
  offer.did('share', false)
  expect(offer.store.getState().isOffered).toBe(true)
  offer.decline()
  offer.did('add', false)
  expect(offer.store.getState()).toEqual({ isPossible: true, isOffered: false })
  expect([...kept]).toEqual([['medguard.install', 'no']])
})

test('a shared file is given once, forgotten at sign-out, and its loss is said', async () => {
  const letter = new File(['Dear colleague'], 'letter.txt')
  const at = (search: string, files: readonly File[] | null) => {
    const urls: string[] = []
    const timers: (() => void)[] = []
    const shared = createSharedFiles({
      browser: {
        location: { search, pathname: '/', hash: '#/add' },
        history: { state: null, replaceState: (_: unknown, __: string, url: string) => void urls.push(url) },
      } as unknown as Window,
      ask: async () => files,
      setTimer: (work) => {
        timers.push(work)
        return () => {}
      },
    })
    return { shared, urls, timers }
  }
  const found = at('?shared', [letter])
  await found.shared.start()
  expect(found.urls).toEqual(['/#/add'])
  expect(found.shared.take()).toEqual([letter])
  expect(found.shared.take()).toBeNull()

  const waiting = at('?shared', [letter])
  await waiting.shared.start()
  for (const work of waiting.timers) work()
  expect(waiting.shared.take()).toBeNull()

  const lost = at('?shared', null)
  await lost.shared.start()
  expect(lost.shared.store.getState()).toMatchObject({ files: null, isLost: true })

  const nothing = at('', [letter])
  await nothing.shared.start()
  expect(nothing.shared.store.getState()).toMatchObject({ files: null, isLost: false })
})

test('the service worker answers its own four questions and no other', () => {
  expect(questionOf({ ask: 'isNewer', entry: '/assets/index-1.js' })).toEqual({
    ask: 'isNewer',
    entry: '/assets/index-1.js',
  })
  expect(questionOf({ ask: 'shared', and: 'more' })).toEqual({ ask: 'shared' })
  for (const other of [null, 'shared', {}, { ask: 'isNewer' }, { ask: 'fetch', url: 'https://x' }])
    expect(questionOf(other)).toBeNull()
})
