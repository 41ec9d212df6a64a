import { expect, test } from 'vitest'
import { parseConfig } from './config.ts'
import type { Seen } from './following.ts'
import { type Kept, nothingKept } from './ledger.ts'
import { dueNow, noteDelivered, type Standing, takeNote } from './telling.ts'

const MINUTE_MS = 60_000
const mail = { host: 'mail.test', port: 465, security: 'tls', from: 'watch@clinic.test' }
const configOf = (people: readonly object[], more: object = {}) =>
  parseConfig(JSON.stringify({ of: 'shared', people, mail, ...more }), { folder: '/', resolveWho: (who) => who })
const NURSE = { who: 'nurse', mail: 'nurse@clinic.test' }
const NIGHT = { who: ['night', 'night-phone'], mail: 'night@clinic.test' }
const alertOf = (more: Partial<NonNullable<Seen['alerts']>[number]> = {}) => ({
  id: 'a',
  aliases: ['a'],
  isOpen: true,
  duty: null,
  device: null,
  ...more,
})
const seenOf = (patient: string, heardMs: number, alerts: Seen['alerts'] = []): Seen => ({
  patient,
  category: 'vitals',
  alerts,
  heardMs,
})

/** Somebody who is told what is due, minute by minute; what is noted goes through the disk. */
function told(config = configOf([NURSE])) {
  let kept: Kept = nothingKept(0)
  const at = (minute: number, seen: readonly Seen[], more: Partial<Standing> = {}) => {
    const standing = { config, kept, seen, over: [], signIns: [], nowMs: minute * MINUTE_MS, ...more }
    takeNote(standing)
    return { standing, dues: dueNow(standing).flat() }
  }
  const restart = () => void (kept = JSON.parse(JSON.stringify(kept)) as Kept)
  const take = (...[minute, seen, more]: Parameters<typeof at>) => {
    const { standing, dues } = at(minute, seen, more)
    for (const due of dues) noteDelivered(kept, due, standing.nowMs)
    return dues.map(({ message }) => message)
  }
  const kindsAt = (...asked: Parameters<typeof at>) =>
    take(...asked).map(({ kind, isPartly }) => (isPartly ? `${kind}, partly` : kind))
  return { at, take, kindsAt, restart }
}

test('an alert that was put off and is due again comes under another id, so that nobody takes it for the first', () => {
  const { take } = told()
  const [first] = take(0, [seenOf('jana', 0, [alertOf()])])
  take(2, [seenOf('jana', 2 * MINUTE_MS, [alertOf({ isOpen: false })])])
  const [again] = take(4, [seenOf('jana', 4 * MINUTE_MS, [alertOf()])])
  expect([first?.kind, again?.kind, again?.isAgain]).toEqual(['look', 'look', false])
  expect(again?.id).not.toBe(first?.id)
})

test('whatever was sent and not noted has the same id after a crash, a minute later and more', () => {
  const { at, take, restart } = told()
  const ids = (minute: number, seen: readonly Seen[]) =>
    at(minute, seen).dues.map(({ message: { kind, id } }) => `${kind} ${id}`)
  const before = ids(0, [seenOf('jana', 0, [alertOf()])])
  expect(before.map((each) => each.split(' ')[0])).toEqual(['look', 'heartbeat'])
  restart()
  expect(ids(3, [seenOf('jana', 3 * MINUTE_MS, [alertOf()])])).toEqual(before)
  take(4, [seenOf('jana', 4 * MINUTE_MS), seenOf('petr', 4 * MINUTE_MS)])
  const blind = [seenOf('jana', 0)] // and petr ended
  const notices = ids(20, blind)
  expect(notices.map((each) => each.split(' ')[0])).toEqual(['blind', 'ended'])
  restart()
  expect(ids(23, blind)).toEqual(notices)
  take(24, blind)
  const seeing = ids(25, [seenOf('jana', 25 * MINUTE_MS)])
  restart()
  expect(ids(27, [seenOf('jana', 27 * MINUTE_MS)])).toEqual(seeing)
  expect(new Set([...before, ...notices, ...seeing]).size).toBe(5)
})

test('two heartbeats, and what another state told, never share an id', () => {
  const heard = (minute: number) => [seenOf('jana', minute * MINUTE_MS)]
  const [one, other] = [told(), told()]
  const ids = [one.take(0, heard(0)), one.take(1440, heard(1440)), other.take(0, heard(0))].flat().map(({ id }) => id)
  expect(new Set(ids).size).toBe(3)
})

test('whoever is on duty by any of their sign-ins is told; an unknown one has everybody told, unless the file leaves it to them', () => {
  const whom = (duty: string, others: string, signIns: readonly string[] = []) =>
    told(configOf([NURSE, NIGHT], { others }))
      .at(0, [seenOf('jana', 0, [alertOf({ duty })])], { signIns })
      .dues.flatMap(({ channel, message: { kind } }) => (kind === 'look' ? channel.name : []))
  expect(whom('night-phone', 'leave')).toEqual(['mail night@clinic.test'])
  expect(whom('nurse-phone', 'leave', ['nurse', 'nurse-phone'])).toEqual(['mail nurse@clinic.test'])
  expect(whom('stranger', 'tell', ['nurse', 'nurse-phone'])).toHaveLength(2)
  expect(whom('stranger', 'leave', ['nurse', 'nurse-phone'])).toEqual([])
})

test('one patient who cannot be read is told of once, the rest goes on, and it is told again when it is all of them', () => {
  const { kindsAt } = told()
  const both = (jana: number, petr: number) => [seenOf('jana', jana * MINUTE_MS), seenOf('petr', petr * MINUTE_MS)]
  expect(kindsAt(0, both(0, 0))).toEqual(['heartbeat'])
  expect(kindsAt(9, both(0, 9))).toEqual([])
  expect(kindsAt(10, both(0, 10))).toEqual(['blind, partly'])
  expect(kindsAt(60, both(0, 60))).toEqual([])
  expect(kindsAt(1440, both(0, 1440))).toEqual(['heartbeat, partly'])
  expect(kindsAt(1450, both(0, 1440))).toEqual(['blind'])
  expect(kindsAt(1500, both(0, 1440))).toEqual([])
  expect(kindsAt(1501, both(0, 1501))).toEqual([])
  expect(kindsAt(1511, both(0, 1501))).toEqual(['blind'])
  expect(kindsAt(1512, both(1512, 1512))).toEqual(['seeing'])
})

test('an outage is one notice, though not all fell silent in the same minute', () => {
  const { kindsAt } = told()
  const seen = [seenOf('jana', 0), seenOf('petr', MINUTE_MS)]
  expect(kindsAt(1, seen)).toEqual(['heartbeat'])
  for (const [minute, kinds] of [
    [10, ['blind']],
    [11, []],
    [12, []],
  ] as const)
    expect(kindsAt(minute, seen)).toEqual(kinds)
})

test('whose list is refused from the beginning is told as ended, once for as long as it is', () => {
  const { kindsAt } = told()
  const seen = (minute: number) => [seenOf('petr', minute * MINUTE_MS)]
  const over = ['jana']
  expect(kindsAt(0, seen(0), { over })).toEqual(['ended', 'heartbeat'])
  for (const minute of [1, 1439, 1500]) expect(kindsAt(minute, seen(minute), { over })).not.toContain('ended')
  expect(kindsAt(1501, seen(1501))).toEqual([])
})
