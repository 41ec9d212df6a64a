import type { Notices, Share } from '@medguard/client'
import { describe, expect, it } from 'vitest'
import { isQuiet } from './quiet-hours.ts'
import { asking, toldOf } from './told.ts'

const NOW_MS = new Date(2026, 10, 21, 23, 30).getTime()
const DAY_MS = 86_400_000
const ns = (ms: number) => BigInt(ms) * 1_000_000n

const share = (more: Partial<Share> = {}): Share => ({
  grantId: 'g',
  direction: 'given',
  patient: 'me',
  patientId: '00'.repeat(16),
  grantee: 'doctor',
  scope: ['labs'],
  rights: ['open'],
  purpose: 'TREAT',
  startNs: ns(NOW_MS - 30 * DAY_MS),
  endNs: ns(NOW_MS + 2 * DAY_MS),
  endedNs: null,
  state: 'live',
  bar: null,
  ...more,
})
const event = {
  id: 'asked 1',
  kind: 'requestMade',
  event: 'requestMade',
  seq: 1n,
  atNs: ns(NOW_MS - 1000),
  who: 'doctor',
  subject: null,
  objectId: '1',
  grantId: null,
  category: null,
  isRead: false,
} as const
const notices: Notices = {
  notices: [{ ...event, id: 'security 2', kind: 'security', event: 'exported' }, event],
  read: [],
  choices: null,
  verification: 'verified',
}
const idsOf = (told: readonly { id: string }[]) => told.map(({ id }) => id)

describe('what somebody is told', () => {
  it('tells of a share once it ends soon, and that it ran out, but not of one that was stopped or gives nothing', () => {
    const ending = (more: Partial<Share>) =>
      toldOf(notices, [share(more)], NOW_MS).some(({ kind }) => kind === 'shareEnding')
    expect(ending({})).toBe(true)
    expect(ending({ endNs: ns(NOW_MS + 4 * DAY_MS) })).toBe(false)
    const short = { startNs: ns(NOW_MS - DAY_MS / 2), endNs: ns(NOW_MS + DAY_MS / 2) }
    expect(ending(short)).toBe(false) // a share of a day is about to end in its last six hours
    expect(ending({ ...short, endNs: ns(NOW_MS + DAY_MS / 8) })).toBe(true)
    const over = { state: 'ended', endNs: ns(NOW_MS - DAY_MS) } as const
    expect(ending(over)).toBe(true)
    expect(ending({ ...over, endNs: ns(NOW_MS - 15 * DAY_MS) })).toBe(false)
    expect(ending({ state: 'revoked', endedNs: ns(NOW_MS) })).toBe(false)
    expect(ending({ bar: 'paused' })).toBe(false)
    expect(ending({ direction: 'received' })).toBe(false)
  })

  it('leaves out what was not chosen, but never security', () => {
    const choices = { version: 1, hasContacts: false, profile: { notifications: ['recordAdded' as const] } }
    expect(idsOf(toldOf({ ...notices, choices }, [share()], NOW_MS))).toEqual(['security 2'])
    expect(idsOf(toldOf(notices, null, NOW_MS))).toEqual(['security 2', 'asked 1'])
  })

  it('in quiet hours asks for attention for security alone, and never for what was read', () => {
    const choices = { version: 1, hasContacts: false, profile: { quietHours: { from: '22:00', until: '07:00' } } }
    const told = toldOf(notices, [share()], NOW_MS)
    expect(idsOf(asking(told, notices, NOW_MS))).toHaveLength(3)
    expect(idsOf(asking(told, { ...notices, choices }, NOW_MS))).toEqual(['security 2'])
    const read = toldOf({ ...notices, read: [told.at(-1)?.id ?? ''] }, [share()], NOW_MS)
    expect(asking(read, notices, NOW_MS)).toHaveLength(2)
  })

  it.each([
    ['22:00', '07:00', true],
    ['07:00', '22:00', false],
    ['23:30', '23:31', true],
    ['23:31', '23:30', false],
    ['23:00', '23:30', false],
  ])('half past eleven at night, quiet from %s until %s: %s', (from, until, quiet) => {
    expect(isQuiet({ from, until }, NOW_MS)).toBe(quiet)
    expect(isQuiet(undefined, NOW_MS)).toBe(false)
  })
})
