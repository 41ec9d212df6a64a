import {
  type Notices,
  type Outcome,
  type Profile,
  PROFILE_MEDIA_TYPE,
  type RecordSummary,
  type Share,
} from '@medguard/client'
import { afterEach, expect, test } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { type AlertsView, NO_ALERTS } from '../alerts/alert-store.ts'
import type { Live } from '../app/changes-poller.ts'
import { createLoadable } from '../app/loadable.ts'
import { listedRecord } from '../records/listed-record.fixture.ts'
import { createNoticeStore } from './notice-store.ts'

const ends: (() => void)[] = []
afterEach(() => ends.splice(0).forEach((end) => end()))

const done = async <T>(value: T): Promise<Outcome<T>> => ({ kind: 'done', value })
const asked = (id: string) => ({
  id,
  kind: 'requestMade' as const,
  event: 'requestMade',
  seq: 0n,
  atNs: 1n,
  who: 'doctor',
  subject: null,
  objectId: id,
  grantId: null,
  category: null,
})
const profileRecord = (version: number) =>
  listedRecord('00'.repeat(16), { version, category: 'summary', title: 'Profile', mediaType: PROFILE_MEDIA_TYPE })

/** A device: what it keeps, and a log that grows; its timers go off when told. */
function device() {
  const world = { log: [] as string[], looks: 0, questions: 0, profile: {} as Profile, opened: 0 }
  let seen = 0
  let kept: Notices = { notices: [], read: [], choices: null, verification: 'verified' }
  const told = (): Notices => ({
    ...kept,
    notices: world.log.slice(0, seen).map((id) => ({ ...asked(id), isRead: kept.read.includes(id) })),
  })
  const client = {
    notices: (look: boolean) => {
      if (look) [world.looks, seen] = [world.looks + 1, world.log.length]
      return done(told())
    },
    hasNotices: () => {
      world.questions++
      return done(world.log.length > seen)
    },
    keepNotices: ({ read = [], choices }: { read?: readonly string[]; choices?: Notices['choices'] & object }) => {
      kept = { ...kept, read: [...kept.read, ...read], choices: choices ?? kept.choices }
      return done(told())
    },
  }
  const open = () => {
    const due: { work: () => void; ms: number }[] = []
    const spoken: string[] = []
    const live = createStore<Live>()(() => ({ failures: 0, changes: 0, answeredMs: null }))
    const records = createLoadable<readonly RecordSummary[]>(() => done([]))
    const profile = createLoadable<Profile>(() => {
      world.opened++
      return done(world.profile)
    })
    const store = createNoticeStore({
      client,
      home: 'me',
      alerts: createStore<AlertsView>()(() => NO_ALERTS),
      live,
      records,
      profile,
      shares: createLoadable<readonly Share[]>(() => done([])),
      isVisible: () => true,
      setTimer: (work, ms) => {
        const timer = { work, ms }
        due.push(timer)
        return () => void (due.includes(timer) && due.splice(due.indexOf(timer), 1))
      },
      say: (text) => spoken.push(text),
    })
    ends.push(store.start())
    const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
    return {
      store,
      live,
      records,
      profile,
      spoken,
      waits: () => due.map(({ ms }) => ms),
      settled,
      async tick() {
        due.shift()?.work()
        await settled()
      },
      unread: () => {
        const { view } = store.report.getState()
        return view.status === 'ready' ? view.value.notices.filter(({ isRead }) => !isRead).map(({ id }) => id) : null
      },
    }
  }
  return { world, open }
}

test('nothing is read while the log has not grown; what came is told once', async () => {
  const { world, open } = device()
  world.log.push('before')
  const tab = open()
  expect(tab.unread()).toBeNull()
  await tab.tick()
  expect(tab.unread()).toEqual(['before'])
  expect(tab.spoken).toEqual([]) // what was there when the page began is on the bell, and not called out
  await tab.tick()
  await tab.tick()
  expect([world.looks, world.questions]).toEqual([1, 2])
  world.log.push('now')
  await tab.tick()
  await tab.tick()
  expect(tab.unread()).toEqual(['before', 'now'])
  expect(tab.spoken).toHaveLength(1)
  expect(world.looks).toBe(2)
})

test('after a change elsewhere it looks soon, and again for what the log hears late', async () => {
  const { open } = device()
  const tab = open()
  await tab.tick()
  const [usual = 0] = tab.waits()
  tab.live.setState({ changes: 1 })
  const waits: number[] = []
  for (let turn = 0; turn < 4; turn++) {
    waits.push(...tab.waits())
    await tab.tick()
  }
  expect(waits.slice(0, 3).every((ms) => ms < usual)).toBe(true)
  expect(waits[3]).toBe(usual)
})

test('what one tab read is read in the other, without a look at the log', async () => {
  const { world, open } = device()
  world.log.push('one')
  const [here, there] = [open(), open()]
  await here.tick()
  await there.tick()
  await here.store.read(['one'])
  expect(here.unread()).toEqual([])
  await expect.poll(there.unread).toEqual([])
  expect(world.looks).toBe(2)
})

test('a profile is opened once for each version that this device does not know, and not at all where there is none', async () => {
  const { world, open } = device()
  const tab = open()
  await tab.tick()
  tab.records.getState().put([])
  await tab.settled()
  expect(world.opened).toBe(0)
  world.profile = { units: 'imperial', emergencyContacts: [{ name: 'Jan', phone: '112' }] }
  tab.records.getState().put([profileRecord(3)])
  tab.records.getState().put([profileRecord(3)])
  await tab.settled()
  expect(world.opened).toBe(1)
  const choices = () => {
    const { view } = tab.store.report.getState()
    return view.status === 'ready' ? view.value.choices : null
  }
  expect(choices()).toEqual({ version: 3, profile: { units: 'imperial' }, hasContacts: true })
  // Saved here: known without opening it, and not opened when the list has it.
  tab.profile.getState().put({ units: 'metric' })
  await tab.settled()
  expect(choices()).toEqual({ version: 4, profile: { units: 'metric' }, hasContacts: false })
  tab.records.getState().put([profileRecord(4)])
  await tab.settled()
  expect(world.opened).toBe(1)
})
