import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LogItem } from './api.ts'
import { decodeBook, EMPTY_BOOK, encodeBook, noticesIn, takeIn, together, withRead } from './notice-book.ts'

const DAY_NS = 86_400_000_000_000n
const NOW_NS = 1_000n * DAY_NS
const WHO = { reader: 'me', nowNs: NOW_NS }
const GRANT = 'a1'.repeat(16)

const item = (seq: number, event: string, more: Partial<LogItem> = {}): LogItem => ({
  shard: 0,
  leafIndex: BigInt(seq * 7),
  seq: BigInt(seq),
  timeNs: NOW_NS - DAY_NS + BigInt(seq),
  event,
  actor: 'doctor',
  objectId: `${seq}`,
  versionOrEpoch: 1,
  category: null,
  purpose: null,
  grantId: null,
  failedOrWithheld: false,
  orgId: null,
  subject: null,
  reason: null,
  details: {},
  ...more,
})
const grant = (seq: number) => item(seq, 'grant', { actor: 'me', grantId: GRANT, details: { endNs: NOW_NS + DAY_NS } })
const STORY: readonly LogItem[] = [
  item(0, 'enrol', { actor: 'first' }),
  item(1, 'principalLinked', { actor: 'first', subject: 'me' }),
  item(2, 'requestMade', { actor: 'aaaaa-aa', subject: 'doctor', objectId: 'ask' }),
  grant(3),
  item(4, 'keyDerive', { grantId: GRANT }),
  item(5, 'open', { grantId: GRANT, failedOrWithheld: true }),
  item(6, 'open', { grantId: GRANT }),
  item(7, 'open', { grantId: GRANT }),
  item(8, 'deposit', { grantId: GRANT, objectId: 'record' }),
  item(9, 'recordAdd', { actor: 'first' }),
  item(10, 'recordAdd', { actor: 'me' }),
  item(11, 'exported', { actor: 'me' }),
  item(12, 'open', { actor: 'me' }),
  item(13, 'deposit', { actor: 'device', details: { deviceId: '0f'.repeat(16) } }),
  item(14, 'deviceAdded', { actor: 'me' }),
]
const END = { count: 15n, last: 'ff' }
const whole = takeIn(EMPTY_BOOK, STORY, END, WHO)
const idsOf = (book: typeof whole) => noticesIn(book).map(({ id }) => id)

describe('what becomes a notice', () => {
  test('one for each request, first use of a share, record of somebody else and matter of security; none for one’s own and one’s devices', () => {
    expect(noticesIn(whole).map(({ kind, who, isRead }) => ({ kind, who, isRead }))).toEqual([
      { kind: 'security', who: 'me', isRead: false },
      { kind: 'security', who: 'me', isRead: false },
      { kind: 'recordAdded', who: 'doctor', isRead: false },
      { kind: 'recordOpened', who: 'doctor', isRead: false },
      { kind: 'requestMade', who: 'doctor', isRead: false },
      { kind: 'security', who: 'first', isRead: false },
    ])
  })

  test('the same however the log is cut into looks, looked at twice or by two tabs', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(15), { maxLength: 6 }), fc.array(fc.nat(15), { maxLength: 6 }), (one, other) => {
        const read = (cuts: readonly number[]) =>
          [...cuts, 15].reduce((book, cut) => {
            const last = { count: BigInt(cut), last: cut === 15 ? 'ff' : `${cut}` }
            return takeIn(book, STORY.slice(0, cut), last, WHO)
          }, EMPTY_BOOK)
        const [here, there] = [read(one), read(other)]
        expect(idsOf(here)).toEqual(idsOf(whole))
        expect(idsOf(together(here, there))).toEqual(idsOf(whole))
        expect(idsOf(takeIn(together(there, here), STORY, END, WHO))).toEqual(idsOf(whole))
      }),
    )
  })

  test('what one tab has read is read in the other, and stays so when either goes on', () => {
    const [first] = idsOf(whole)
    const here = withRead(whole, [first ?? ''])
    const there = takeIn(whole, [item(15, 'exported')], { count: 16n, last: 'fe' }, WHO)
    for (const book of [together(here, there), together(there, here)]) {
      const told = noticesIn(book)
      expect(told).toHaveLength(7)
      expect(told.filter(({ isRead }) => isRead).map(({ id }) => id)).toEqual([first])
    }
  })

  test('a first look tells what is old as read, and what is very old no more', () => {
    const at = (days: bigint) => ({ timeNs: NOW_NS - days * DAY_NS })
    const items = [item(0, 'exported', at(100n)), item(1, 'exported', at(20n)), item(2, 'exported', at(3n))]
    const book = takeIn(EMPTY_BOOK, items, { count: 3n, last: '0' }, WHO)
    expect(noticesIn(book).map(({ seq, isRead }) => [seq, isRead])).toEqual([
      [2n, false],
      [1n, true],
    ])
    // Away for three weeks, somebody who looked before is told of what happened meanwhile.
    const before = takeIn(EMPTY_BOOK, [item(0, 'enrol')], { count: 1n, last: '0' }, WHO)
    const later = takeIn(before, [item(1, 'exported', at(20n))], { count: 2n, last: '1' }, WHO)
    expect(noticesIn(later).map(({ isRead }) => isRead)).toEqual([false])
  })

  test('a share that ended unused is forgotten, and one used again is told once', () => {
    const revoked = takeIn(EMPTY_BOOK, [grant(0), item(1, 'revoke', { grantId: GRANT })], { count: 2n, last: '0' }, WHO)
    expect(revoked.unused).toEqual([])
    const again = takeIn(whole, [item(15, 'open', { grantId: GRANT })], { count: 16n, last: '1' }, WHO)
    expect(idsOf(again)).toEqual(idsOf(whole))
  })
})

describe('as it is kept', () => {
  test('it comes back as it was; anything else is nothing', () => {
    const choices = {
      version: 2,
      hasContacts: true,
      profile: { notifications: ['recordAdded'], quietHours: { from: '22:00', until: '07:00' } },
    } as const
    const book = withRead({ ...whole, choices }, ['ending x'])
    expect(decodeBook(encodeBook(book))).toEqual(book)
    for (const text of ['', '[]', 'null', '{}', '{"format":2}'])
      expect(decodeBook(new TextEncoder().encode(text))).toBeNull()
    const wrong = {
      ...book,
      choices: { version: 1, hasContacts: false, profile: { quietHours: { from: '25:00', until: '07:00' } } },
    }
    expect(decodeBook(encodeBook(wrong))?.choices).toBeNull()
  })
})
