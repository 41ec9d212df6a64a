import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Reading, readingOf } from '../reading.ts'
import { summaryOf } from '../summary.ts'
import { alertsOf, isOpen, seenOf } from './alerts.ts'
import { crossingsOf, type Piece } from './crossings.ts'
import { silenceOf, wronglyTimed } from './devices.ts'
import { alertEventOf, MATTERS, thresholdProblem } from './events.ts'
import { alertStateOf, type Said, THRESHOLDS_PER_PERSON_MAX } from './state.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOW = Date.UTC(2026, 4, 12, 12)
const idOf = (n: number) => n.toString(16).padStart(32, '0')
const [PATIENT, NURSE, DOCTOR]: [string, string, string] = ['aaaaa-pat', 'aaaaa-nurse', 'aaaaa-doc']
const LIMIT = { kind: 'threshold', code: '8867-4', unit: '/min', below: 45, above: 120, holdMinutes: 0, replaces: null }
const set = (id: number, more: object = {}) => ({ ...LIMIT, id: idOf(id), ...more })

/** In the order of the list, each a minute after the one before. */
type Line = readonly [by: string, event: object]
const saidBy = (...events: Line[]): Said[] =>
  events.map(([by, event], place) => ({
    event,
    by,
    isPatient: by === PATIENT,
    atMs: NOW - HOUR + place * MINUTE,
    place,
  }))
const pulse = (timeMs: number, value: number, more: object = {}): Reading =>
  readingOf({ timeMs, value, code: '8867-4', unit: '/min', device: 'Band', ...more })
const pieceOf = (n: number, readings: readonly Reading[], isOpened: boolean, heardMs = NOW): Piece => ({
  recordId: idOf(n),
  deviceId: idOf(99),
  heardMs,
  summary: summaryOf(readings),
  readings: isOpened ? readings : null,
})

describe('what was said', () => {
  const anyEvent = fc.oneof(
    fc.record({
      kind: fc.constant('threshold'),
      id: fc.integer({ min: 1, max: 6 }),
      replaces: fc.integer({ min: 0, max: 6 }),
    }),
    fc.record({
      kind: fc.constantFrom('end', 'snooze', 'acknowledge'),
      id: fc.integer({ min: 7, max: 20 }),
      of: fc.integer({ min: 1, max: 6 }),
    }),
    fc.record({
      kind: fc.constantFrom('offerDuty', 'takeDuty', 'leaveDuty'),
      id: fc.integer({ min: 21, max: 30 }),
      after: fc.integer({ min: 0, max: 30 }),
      to: fc.constantFrom(NURSE, DOCTOR),
    }),
  )
  const eventOf = (each: Readonly<Record<string, unknown>>): object => ({
    ...LIMIT,
    ...each,
    id: idOf(each['id'] as number),
    of: idOf((each['of'] as number | undefined) ?? 1),
    after: each['after'] === 0 ? null : idOf((each['after'] as number | undefined) ?? 1),
    replaces: (each['replaces'] ?? 0) === 0 ? null : idOf(each['replaces'] as number),
    matter: 'above',
    fromMs: NOW - HOUR,
    toMs: NOW - HOUR,
    untilMs: NOW,
  })
  const anySaid = fc
    .array(fc.record({ by: fc.constantFrom(PATIENT, NURSE, DOCTOR), event: anyEvent }), { maxLength: 30 })
    .map((all) => saidBy(...all.map(({ by, event }) => [by, eventOf(event)] as const)))

  test('comes to the same in whatever order it arrives, and said twice is said once', () => {
    fc.assert(
      fc.property(
        anySaid.chain((said) => fc.tuple(fc.constant(said), fc.shuffledSubarray(said, { minLength: said.length }))),
        ([said, shuffled]) => {
          const state = alertStateOf(said, NOW)
          expect(alertStateOf(shuffled, NOW)).toEqual(state)
          const again = said.map((each) => ({ ...each, place: each.place + said.length }))
          expect(alertStateOf([...again, ...said], NOW)).toEqual(state)
        },
      ),
    )
  })

  test('leaves a limit in force until its setter or the patient ends it, and nobody on duty who did not take it', () => {
    fc.assert(
      fc.property(anySaid, (said) => {
        const { thresholds, duty } = alertStateOf(said, NOW)
        const kept = new Set(thresholds.map(({ id }) => id))
        for (const { event, by } of said) {
          const read = alertEventOf(event)
          if (read?.kind !== 'threshold' || kept.has(read.id)) continue
          const first = said.find((each) => alertEventOf(each.event)?.id === read.id)
          const isEnded = said.some((each) => {
            const ends = alertEventOf(each.event)
            const of = ends?.kind === 'end' ? ends.of : ends?.kind === 'threshold' ? ends.replaces : null
            return of === read.id && (each.isPatient || each.by === first?.by)
          })
          expect(isEnded, by).toBe(true)
        }
        if (duty.who !== null)
          expect(said.some(({ event, by }) => by === duty.who && alertEventOf(event)?.kind === 'takeDuty')).toBe(true)
      }),
    )
  })

  test('is read with care', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(alertEventOf(json)).toBeNull()
      }),
    )
    expect(alertEventOf(set(1))).toEqual(set(1))
    expect(alertEventOf({ ...set(1), above: 'much' })).toBeNull()
    expect(thresholdProblem({ ...LIMIT, code: '8867-5' })).toBe('code')
    expect(thresholdProblem({ ...LIMIT, unit: 'kg' })).toBe('unit')
    expect(thresholdProblem({ ...LIMIT, below: null, above: null })).toBe('limits')
    expect(thresholdProblem({ ...LIMIT, below: 130 })).toBe('order')
    expect(thresholdProblem({ ...LIMIT, holdMinutes: 1.5 })).toBe('hold')
  })

  test('of the future does not count yet, nor what says to have seen it, nor what puts off for longer than a day', () => {
    const future = [{ event: set(1), by: NURSE, isPatient: false, atMs: NOW + HOUR, place: 0 }]
    expect(alertStateOf(future, NOW).thresholds).toEqual([])
    expect(alertStateOf(future, NOW + HOUR).thresholds).toHaveLength(1)
    const seen = {
      kind: 'acknowledge',
      id: idOf(2),
      of: idOf(1),
      matter: 'above',
      fromMs: NOW,
      toMs: NOW + 20 * MINUTE,
    }
    const off = { kind: 'snooze', id: idOf(3), of: idOf(1), untilMs: NOW + 25 * HOUR }
    const { acknowledged, snoozed } = alertStateOf(saidBy([PATIENT, set(1)], [NURSE, seen], [NURSE, off]), NOW)
    expect([acknowledged.length, snoozed.size]).toEqual([0, 0])
  })

  test('by one person is not so much that others have no room', () => {
    const many = Array.from({ length: THRESHOLDS_PER_PERSON_MAX + 5 }, (_, i) => [NURSE, set(i + 1)] as const)
    const { thresholds } = alertStateOf(saidBy(...many, [DOCTOR, set(500)]), NOW)
    expect(thresholds.map(({ by }) => by)).toHaveLength(THRESHOLDS_PER_PERSON_MAX + 1)
    expect(thresholds.at(-1)).toMatchObject({ by: DOCTOR })
  })

  test('about a silent device lets the patient alone say that its silence means nothing', () => {
    const expecting = (id: number, everyMinutes: number) => ({
      kind: 'expect',
      id: idOf(id),
      deviceId: idOf(99),
      everyMinutes,
    })
    const expected = (...said: Line[]) => alertStateOf(saidBy(...said), NOW).expected.get(idOf(99))
    expect(expected([NURSE, expecting(1, 0)])).toBeUndefined()
    expect(expected([NURSE, expecting(1, 60)])).toMatchObject({ everyMinutes: 60 })
    expect(expected([PATIENT, expecting(1, 0)], [NURSE, expecting(2, 60)])).toMatchObject({ everyMinutes: 0 })
  })
})

describe('on duty', () => {
  const duty = (...said: Line[]) => alertStateOf(saidBy([PATIENT, set(1)], ...said), NOW).duty
  const take = (id: number, after: number | null) => ({
    kind: 'takeDuty',
    id: idOf(id),
    after: after === null ? null : idOf(after),
  })
  const offer = (id: number, after: number | null, to: string) => ({ ...take(id, after), kind: 'offerDuty', to })
  const leave = (id: number, after: number) => ({ ...take(id, after), kind: 'leaveDuty' })

  test('is nobody until somebody takes it who knows a limit that another set', () => {
    expect(duty()).toMatchObject({ id: null, who: null, sinceMs: null, offer: null })
    expect(duty([NURSE, take(2, 1)])).toMatchObject({ who: NURSE, sinceMs: NOW - HOUR + MINUTE })
    expect(duty([NURSE, take(2, null)]).who).toBeNull()
    expect(duty([NURSE, take(2, 77)]).who).toBeNull()
    expect(duty([NURSE, set(3)], [NURSE, take(2, 3)]).who).toBeNull()
    expect(duty([PATIENT, take(2, null)]).who).toBe(PATIENT)
  })

  test('changes hands when the other takes it, and stays where it is until then', () => {
    const offered = [[NURSE, take(2, 1)] as const, [NURSE, offer(3, 2, DOCTOR)] as const]
    expect(duty(...offered)).toMatchObject({ who: NURSE, offer: { to: DOCTOR, by: NURSE } })
    expect(duty(...offered, [DOCTOR, take(4, 3)])).toMatchObject({ who: DOCTOR, offer: null })
    expect(duty([NURSE, take(2, 1)], [DOCTOR, take(4, 2)]).who).toBe(NURSE) // nobody offered it
    expect(duty([NURSE, take(2, 1)], [DOCTOR, leave(4, 2)]).who).toBe(NURSE)
    expect(duty([NURSE, take(2, 1)], [PATIENT, leave(4, 2)])).toMatchObject({ who: null })
  })

  test('goes to the first of two who take it at once, by their places in the list', () => {
    expect(duty([DOCTOR, take(3, 1)], [NURSE, take(2, 1)]).who).toBe(DOCTOR)
    expect(duty([NURSE, take(2, 1)], [DOCTOR, take(3, 1)]).who).toBe(NURSE)
  })
})

describe('a limit', () => {
  const threshold = { code: '8867-4', unit: '/min', below: 45, above: 120, holdMinutes: 0, atMs: NOW - 5 * HOUR }
  const at = (minutes: number, value: number) => pulse(NOW - 4 * HOUR + minutes * MINUTE, value)

  test('is crossed from the first to the last reading beyond it, with the farthest, and not by one that is on it', () => {
    const readings = [at(0, 120), at(5, 121), at(10, 150), at(15, 130), at(20, 119), at(25, 44), at(30, 45)]
    const { found } = crossingsOf(threshold, [pieceOf(1, readings, true)])
    const start = NOW - 4 * HOUR
    expect(found).toMatchObject([
      { matter: 'below', worst: 44, untilMs: start + 30 * MINUTE },
      {
        matter: 'above',
        fromMs: start + 5 * MINUTE,
        lastMs: start + 15 * MINUTE,
        untilMs: start + 20 * MINUTE,
        worst: 150,
      },
    ])
  })

  test('never passes over a reading, also of a record that nobody opened', () => {
    const anyReadings = fc.array(fc.tuple(fc.integer({ min: 0, max: 235 }), fc.integer({ min: 30, max: 160 })), {
      minLength: 1,
      maxLength: 20,
    })
    fc.assert(
      fc.property(fc.array(fc.tuple(anyReadings, fc.boolean()), { minLength: 1, maxLength: 5 }), (records) => {
        const pieces = records.map(([some, isOpened], n) =>
          pieceOf(
            n,
            some.map(([minutes, value]) => at(minutes, value)),
            isOpened,
          ),
        )
        const { found } = crossingsOf(threshold, pieces)
        for (const [minutes, value] of records.flatMap(([some]) => some)) {
          const timeMs = NOW - 4 * HOUR + minutes * MINUTE
          const tells = (matter: string) =>
            found.some((each) => each.matter === matter && each.fromMs <= timeMs && timeMs <= each.lastMs)
          if (value > 120) expect(tells('above')).toBe(true)
          if (value < 45) expect(tells('below')).toBe(true)
        }
        const values = records.flatMap(([some]) => some.map(([, value]) => value))
        if (Math.max(...values) <= 120) expect(found.filter(({ matter }) => matter === 'above')).toEqual([])
      }),
    )
  })

  test('that has to be crossed for some time is so only then, and says where a header does not tell', () => {
    const held = { ...threshold, holdMinutes: 10 }
    const crossed = (isOpened: boolean, ...values: number[]) =>
      crossingsOf(held, [
        pieceOf(
          1,
          values.map((value, i) => at(i * 5, value)),
          isOpened,
        ),
      ]).found
    expect(crossed(true, 130, 131)).toEqual([])
    expect(crossed(true, 130, 131, 132)).toMatchObject([{ isSure: true }])
    expect(crossed(true, 130, 100, 132, 131)).toEqual([])
    expect(crossed(false, 130, 100, 132, 131)).toMatchObject([{ isSure: false }])
    expect(crossed(false, 130, 131, 132)).toMatchObject([{ isSure: true }])
  })

  test('is in the unit of whoever set it', () => {
    const glucose = { ...threshold, code: '15074-8', unit: 'mmol/L', below: 3.9, above: 10 }
    const readings = [
      readingOf({ timeMs: NOW - HOUR, value: 68, code: '2339-0', unit: 'mg/dL', device: 'Meter' }),
      readingOf({ timeMs: NOW, value: 100, code: '2339-0', unit: 'mg/dL', device: 'Meter' }),
    ]
    expect(crossingsOf(glucose, [pieceOf(1, readings, false)]).found).toMatchObject([{ matter: 'below' }])
    expect(crossingsOf(glucose, [pieceOf(1, readings, true)]).found[0]?.worst).toBeCloseTo(3.774, 3)
  })

  test('is not crossed by what was measured before it was set, nor by calibration, and says what it cannot judge', () => {
    expect(crossingsOf({ ...threshold, atMs: NOW }, [pieceOf(1, [at(0, 150)], true)]).found).toEqual([])
    const control = pulse(NOW, 150, { flags: ['calibration'] })
    expect(crossingsOf(threshold, [pieceOf(1, [control], true)]).found).toEqual([])
    const closed = { ...pieceOf(1, [at(0, 150)], false), summary: null }
    expect(crossingsOf(threshold, [closed])).toEqual({ found: [], unread: [idOf(1)] })
  })

  test('is crossed anew by a reading that comes long after the last', () => {
    const days = [pieceOf(1, [pulse(NOW - 7 * HOUR, 150)], false), pieceOf(2, [pulse(NOW, 150)], false)]
    expect(crossingsOf({ ...threshold, atMs: NOW - 8 * HOUR }, days).found).toHaveLength(2)
  })
})

describe('an alert', () => {
  const limits = saidBy([PATIENT, set(1)])
  const high = pieceOf(
    7,
    [pulse(NOW - 30 * MINUTE, 100), pulse(NOW - 20 * MINUTE, 150), pulse(NOW - 10 * MINUTE, 140)],
    false,
  )
  const reportOf = (said: readonly Said[], pieces: readonly Piece[], nowMs = NOW) =>
    alertsOf(alertStateOf(said, nowMs), pieces, { sending: null, nowMs }).alerts
  const say = (said: readonly Said[], event: object, by = NURSE): Said[] => [
    ...said,
    { event: { id: idOf(50 + said.length), ...event }, by, isPatient: by === PATIENT, atMs: NOW, place: said.length },
  ]

  test('is seen once somebody says so, whatever is opened afterwards, and what comes later is another', () => {
    const [alert] = reportOf(limits, [high])
    expect(alert).toMatchObject({ matter: 'above', isNow: true, acknowledged: [] })
    const seen = say(limits, seenOf(alert!, NOW))
    const opened = { ...high, readings: [pulse(NOW - 20 * MINUTE, 150), pulse(NOW - 10 * MINUTE, 140)] }
    for (const pieces of [[high], [opened]]) {
      const [again] = reportOf(seen, pieces)
      expect(again).toMatchObject({ id: alert?.id, acknowledged: [{ by: NURSE }] })
      expect(isOpen(again!)).toBe(false)
    }
    const late = pieceOf(8, [pulse(NOW - 50 * MINUTE, 150), pulse(NOW - 45 * MINUTE, 100)], true)
    const [first, second] = reportOf(seen, [late, opened])
    expect([first, second].map((each) => isOpen(each!))).toEqual([true, false])
    expect(reportOf(seen, [pieceOf(6, [pulse(NOW - 35 * MINUTE, 150)], true), opened])[0]?.aliases).toContain(alert?.id)
  })

  test('is not silenced by who names nothing that is there', () => {
    for (const of of [idOf(2), idOf(99)])
      for (const matter of MATTERS) {
        const forged = say(limits, { kind: 'acknowledge', of, matter, fromMs: NOW - HOUR, toMs: NOW })
        expect(reportOf(say(forged, { kind: 'snooze', of, untilMs: NOW + HOUR }), [high]).some(isOpen)).toBe(true)
      }
    expect(reportOf(say(limits, { kind: 'end', of: idOf(1) }), [high]).some(isOpen)).toBe(true)
    expect(reportOf(say(limits, { kind: 'end', of: idOf(1) }, PATIENT), [high])).toEqual([])
  })

  test('is put off until its time, by the last who said so', () => {
    const off = say(limits, { kind: 'snooze', of: idOf(1), untilMs: NOW + HOUR })
    expect(reportOf(off, [high])[0]).toMatchObject({ snoozed: { by: NURSE } })
    expect(isOpen(reportOf(off, [high], NOW + HOUR)[0]!)).toBe(true)
    expect(isOpen(reportOf(say(off, { kind: 'snooze', of: idOf(1), untilMs: NOW }), [high])[0]!)).toBe(true)
  })

  test('comes of a device that is silent longer than it ever is, or than somebody wants it to be', () => {
    const posts = Array.from({ length: 8 }, (_, i) => pieceOf(i, [pulse(NOW - i * HOUR, 70)], false, NOW - i * HOUR))
    const silent = (nowMs: number, said: readonly Said[] = []) =>
      reportOf(said, posts, nowMs).filter(({ matter }) => matter === 'silent')
    expect(silent(NOW + 2 * HOUR)).toEqual([])
    expect(silent(NOW + 3 * HOUR)).toMatchObject([{ fromMs: NOW, afterMs: 2.5 * HOUR }])
    expect(silent(NOW + 30 * 24 * HOUR)).toEqual([]) // put away
    const later = { sending: null, nowMs: NOW + 9 * HOUR, listedMs: NOW + HOUR }
    expect(alertsOf(alertStateOf([], NOW), posts, later).alerts).toEqual([]) // nobody has looked since
    const expects = saidBy([PATIENT, { kind: 'expect', id: idOf(60), deviceId: idOf(99), everyMinutes: 60 }])
    expect(silent(NOW + 61 * MINUTE, expects)).toHaveLength(1)
    expect(silenceOf(posts, { everyMinutes: 0, nowMs: NOW + 9 * HOUR })).toBeNull()
    const paused = alertsOf(alertStateOf([], NOW), posts, { sending: new Set(), nowMs: NOW + 9 * HOUR })
    expect(paused.alerts).toEqual([])
  })

  test('comes of a clock that is ahead of when its readings came', () => {
    const ahead = pieceOf(1, [pulse(NOW + HOUR, 70)], false)
    expect(wronglyTimed([ahead, high])).toEqual([ahead])
    expect(reportOf([], [ahead, high])).toMatchObject([{ matter: 'clockWrong', isNow: false }])
    expect(reportOf(limits, [pieceOf(1, [pulse(NOW + HOUR, 150)], false)])[0]).toMatchObject({
      matter: 'above',
      lastMs: NOW,
    })
  })
})
