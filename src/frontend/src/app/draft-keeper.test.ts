import { expect, test } from 'vitest'
import { EMPTY_ASK } from '../provider/asking.ts'
import { EMPTY_DRAFT } from '../sharing/share-draft.ts'
import { createDraftKeeper, type Drafts, KEPT_MS } from './draft-keeper.ts'

const DRAFTS: Drafts = {
  add: { as: 'note', files: [], note: 'half written', title: '', category: null, day: '', subject: null },
  share: EMPTY_DRAFT,
  guided: { lab: { test: 'Ferritin' } },
  asked: EMPTY_ASK,
  written: { ['0'.repeat(32)]: { forms: { visit: { text: 'Seen' } }, file: null } },
}

function keeper() {
  const timers: { work: () => void; ms: number; isOff: boolean }[] = []
  const drafts = createDraftKeeper((work, ms) => {
    const timer = { work, ms, isOff: false }
    timers.push(timer)
    return () => void (timer.isOff = true)
  })
  return { drafts, timers, isSaid: () => drafts.has.getState().isKept }
}

test('what somebody was writing when their session ended by itself is theirs again when they are back, once', () => {
  for (const why of ['ended', 'stopped'] as const) {
    const { drafts, isSaid, timers } = keeper()
    drafts.watch(() => DRAFTS)
    drafts.settle(why, 'ann')
    expect(isSaid()).toBe(true)
    expect(drafts.take('ann')).toBe(DRAFTS)
    expect([isSaid(), timers[0]?.isOff, drafts.take('ann')]).toEqual([false, true, null])
  }
})

test('nobody finds what somebody else wrote, and by looking for it it is gone', () => {
  const { drafts, isSaid } = keeper()
  drafts.watch(() => DRAFTS)
  drafts.settle('ended', 'ann')
  expect(drafts.take('ben')).toBeNull()
  expect([isSaid(), drafts.take('ann')]).toEqual([false, null])
})

test('nothing is kept of who locks, signs out or left the page alone, nor longer than ten minutes', () => {
  for (const why of ['idle', 'signedOut', 'replaced'] as const) {
    const { drafts, isSaid } = keeper()
    drafts.watch(() => DRAFTS)
    drafts.settle(why, 'ann')
    expect([isSaid(), drafts.take('ann')], why).toEqual([false, null])
  }
  const { drafts, isSaid, timers } = keeper()
  drafts.watch(() => DRAFTS)
  drafts.settle('ended', 'ann')
  expect(timers[0]?.ms).toBe(KEPT_MS)
  timers[0]?.work()
  expect([isSaid(), drafts.take('ann')]).toEqual([false, null])
})

test('where nothing was written nothing is kept', () => {
  const { drafts, isSaid } = keeper()
  drafts.watch(() => null)
  drafts.settle('ended', 'ann')
  expect(isSaid()).toBe(false)
})
