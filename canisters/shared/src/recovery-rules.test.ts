import { GUARDIANS_MAX, NS_PER_DAY, NS_PER_HOUR } from '@medguard/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  type Approval,
  approvalsFor,
  countingApprovals,
  isLive,
  NO_SETTINGS,
  type Settings,
  settingsAt,
  type SettingsState,
  type Waiting,
  withApproval,
  withSettings,
  withStart,
  wrongSettings,
} from './recovery-rules.ts'

const HOUR = NS_PER_HOUR
const principal = (n: number) => new Uint8Array([n, n, 2])
const KIT = principal(90)
const GUARDIANS = [1, 2, 3].map(principal)
const settings = (threshold: number, kit: Uint8Array | null = KIT): Settings => ({
  kit,
  guardians: GUARDIANS,
  threshold,
})

// The slow reference: everything that ever happened, looked through again for each question.

type Event =
  | { readonly kind: 'set'; readonly atNs: bigint; readonly threshold: number; readonly hasKit: boolean }
  | { readonly kind: 'kit' | 'guardians'; readonly atNs: bigint; readonly whom: number }
  | { readonly kind: 'veto'; readonly atNs: bigint }

interface Told {
  readonly whom: number
  readonly readyNs: bigint
  readonly byKit: boolean
  readonly byGuardians: boolean
}

/** Which settings count at a time, and since when: the newest that were laid down three days before, or the very first. */
function countingAt(
  events: readonly Event[],
  nowNs: bigint,
): { set: Extract<Event, { kind: 'set' }>; sinceNs: bigint } | null {
  const sets = events.filter((event) => event.kind === 'set').filter(({ atNs }) => atNs <= nowNs)
  const [first] = sets
  if (first === undefined) return null
  let counts = first
  for (const [i, set] of sets.entries()) {
    if (i === 0) continue
    const next = sets[i + 1]
    const untilNs = set.atNs + 72n * HOUR
    // Overtaken by another before its time came, it never counts; laid down again, it waits from the first time on.
    const isOvertaken = next !== undefined && next.atNs < untilNs
    if (!isOvertaken && nowNs >= untilNs) counts = set
  }
  return { set: counts, sinceNs: counts.atNs }
}

describe('settings', () => {
  test('count at once when they are the first, and after three days when they are not', () => {
    const first = withSettings(NO_SETTINGS, settings(1), 10n)
    expect(first).toMatchObject({ current: settings(1), sinceNs: 10n, coming: null })
    const second = withSettings(first, settings(2), HOUR)
    expect(settingsAt(second, 73n * HOUR - 1n).current).toEqual(settings(1))
    expect(settingsAt(second, 73n * HOUR)).toEqual({ current: settings(2), sinceNs: HOUR, coming: null, fromNs: 0n })
    // To say the present ones again takes back what was to come.
    expect(withSettings(second, settings(1), 2n * HOUR).coming).toBeNull()
    // To say again what comes does not make it come later, and so cannot be used to put it off.
    expect(withSettings(second, settings(2), 2n * HOUR)).toEqual(second)
  })

  test('are what a reference says that looks through all that was ever laid down', () => {
    const sets = fc.array(
      fc.record({ afterHours: fc.integer({ min: 1, max: 120 }), threshold: fc.integer({ min: 1, max: 3 }) }),
      {
        minLength: 1,
        maxLength: 8,
      },
    )
    fc.assert(
      fc.property(sets, fc.integer({ min: 0, max: 400 }), (changes, later) => {
        let state: SettingsState = NO_SETTINGS
        let nowNs = 0n
        const events: Event[] = []
        for (const [i, { afterHours, threshold }] of changes.entries()) {
          nowNs += BigInt(afterHours) * HOUR
          // Each differs from the ones before: what is said again is told above.
          const kit = principal(100 + i)
          state = withSettings(state, settings(threshold, kit), nowNs)
          events.push({ kind: 'set', atNs: nowNs, threshold, hasKit: true })
        }
        const askedNs = nowNs + BigInt(later) * HOUR
        const expected = countingAt(events, askedNs)
        const found = settingsAt(state, askedNs)
        expect([found.current?.threshold, found.sinceNs]).toEqual([expected?.set.threshold, expected?.sinceNs])
      }),
    )
  })

  test.each<[Partial<Settings>, string | null]>([
    [{}, null],
    [{ guardians: [], threshold: 0 }, null],
    [{ guardians: [], threshold: 1 }, 'threshold'],
    [{ threshold: 0 }, 'threshold'],
    [{ threshold: 4 }, 'threshold'],
    [{ guardians: [principal(1), principal(1)] }, 'guardians'],
    [{ guardians: Array.from({ length: GUARDIANS_MAX + 1 }, (_, i) => principal(i + 1)) }, 'guardians'],
    [{ kit: principal(1) }, 'kit'],
  ])('%j are wrong in %s', (change, field) => expect(wrongSettings({ ...settings(2), ...change })).toBe(field))
})

describe('a recovery', () => {
  const start = (before: Waiting | null, by: 'kit' | 'guardians', whom: number, nowNs: bigint, sinceNs = 0n) =>
    withStart(before, { by, newPrincipal: principal(whom), sinceNs }, nowNs)
  const waitingOf = (result: ReturnType<typeof start>): Waiting => {
    if (!('waiting' in result)) throw new Error('it may not start')
    return result.waiting
  }

  test('waits for three days, by kit or by guardians; for twelve hours by both', () => {
    const NOW = 1000n * HOUR
    const byKit = waitingOf(start(null, 'kit', 1, NOW))
    expect(byKit.readyNs).toBe(NOW + 72n * HOUR)
    expect(waitingOf(start(null, 'guardians', 1, NOW)).readyNs).toBe(NOW + 72n * HOUR)
    expect(waitingOf(start(byKit, 'guardians', 1, NOW + HOUR)).readyNs).toBe(NOW + 13n * HOUR)
    // Joined late it is not put off.
    expect(waitingOf(start(byKit, 'guardians', 1, NOW + 70n * HOUR)).readyNs).toBe(NOW + 72n * HOUR)
    // Said again it changes nothing.
    expect(start(byKit, 'kit', 1, NOW + HOUR)).toEqual({ waiting: byKit })
  })

  test('never begins faster than three days after its settings were laid down', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }), (first, second) => {
        const sinceNs = 500n * HOUR
        const startNs = sinceNs + BigInt(first) * HOUR
        const byKit = waitingOf(start(null, 'kit', 1, startNs, sinceNs))
        const joinedNs = startNs + BigInt(second) * HOUR
        const joined = waitingOf(start(byKit, 'guardians', 1, joinedNs, sinceNs))
        expect(joined.readyNs).toBeGreaterThanOrEqual(sinceNs + 72n * HOUR)
        expect(joined.readyNs).toBeLessThanOrEqual(byKit.readyNs)
        if (joined.readyNs < byKit.readyNs) expect(joined.readyNs).toBeGreaterThanOrEqual(joinedNs + 12n * HOUR)
      }),
    )
  })

  test('is what a reference says that looks through all that was ever done', () => {
    const event = fc.record({
      kind: fc.constantFrom('kit', 'guardians', 'veto'),
      afterHours: fc.integer({ min: 0, max: 60 }),
      whom: fc.integer({ min: 1, max: 3 }),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (steps) => {
        let nowNs = 0n
        let state: Waiting | null = null
        const events: Event[] = []
        for (const { kind, afterHours, whom } of steps) {
          nowNs += BigInt(afterHours) * HOUR
          if (kind === 'veto') {
            events.push({ kind, atNs: nowNs })
            state = null
          } else {
            const by = kind === 'kit' ? 'kit' : 'guardians'
            events.push({ kind: by, atNs: nowNs, whom })
            const next = start(state, by, whom, nowNs, -1000n * HOUR)
            if ('waiting' in next) state = next.waiting
          }
          const expected = reference(events, nowNs)
          const live = state !== null && isLive(state, nowNs) ? state : null
          const told: Told | null =
            live === null
              ? null
              : {
                  whom: live.newPrincipal[0] ?? 0,
                  readyNs: live.readyNs,
                  byKit: live.byKit,
                  byGuardians: live.byGuardians,
                }
          expect(told).toEqual(expected)
        }
      }),
    )
  })
})

interface Standing {
  readonly whom: number
  readonly sinceNs: bigint
  readonly kitNs: bigint | null
  readonly guardiansNs: bigint | null
}
const joinedBy = (one: Standing, { kitNs, guardiansNs }: Standing): Standing => ({
  whom: one.whom,
  sinceNs: one.sinceNs,
  kitNs: one.kitNs ?? kitNs,
  guardiansNs: one.guardiansNs ?? guardiansNs,
})
/** For each principal somebody asked for: since when without a break, by whom; then which of them stands. */
function reference(events: readonly Event[], nowNs: bigint): Told | null {
  const WEEK = 7n * NS_PER_DAY
  let stands: Standing | null = null
  const readyOf = (one: Standing): bigint => {
    const whole = one.sinceNs + 72n * HOUR
    if (one.kitNs === null || one.guardiansNs === null) return whole
    const bothNs = one.kitNs > one.guardiansNs ? one.kitNs : one.guardiansNs
    return bothNs + 12n * HOUR < whole ? bothNs + 12n * HOUR : whole
  }
  for (const event of events) {
    if (event.kind === 'set') continue
    if (event.kind === 'veto') {
      stands = null
      continue
    }
    if (stands !== null && event.atNs >= readyOf(stands) + WEEK) stands = null
    const fresh: Standing = {
      whom: event.whom,
      sinceNs: event.atNs,
      kitNs: event.kind === 'kit' ? event.atNs : null,
      guardiansNs: event.kind === 'guardians' ? event.atNs : null,
    }
    if (stands === null) stands = fresh
    else if (stands.whom === event.whom) stands = joinedBy(stands, fresh)
    else if (event.kind === 'guardians' && (stands.kitNs === null || stands.guardiansNs === null)) stands = fresh
  }
  if (stands === null || nowNs >= readyOf(stands) + WEEK) return null
  const { whom, kitNs, guardiansNs } = stands
  return { whom, readyNs: readyOf(stands), byKit: kitNs !== null, byGuardians: guardiansNs !== null }
}

describe('approvals', () => {
  const approval = (who: number, whom: number, atNs = 0n): Approval => ({
    guardianId: new Uint8Array(16).fill(who),
    guardian: principal(who),
    newPrincipal: principal(whom),
    atNs,
  })
  test('count once for each person, for whom they named last', () => {
    const all = [approval(1, 7), approval(2, 7), approval(1, 8)].reduce<Approval[]>(withApproval, [])
    expect([approvalsFor(all, principal(7)), approvalsFor(all, principal(8))]).toEqual([1, 1])
    const twice = [approval(1, 7), { ...approval(1, 7), guardian: principal(2) }].reduce<Approval[]>(withApproval, [])
    expect(approvalsFor(twice, principal(7))).toBe(1)
  })
  test('count for a week, of guardians who are named now', () => {
    const all = [approval(1, 7), approval(9, 7), approval(2, 7, NS_PER_DAY)]
    const whoCounts = (nowNs: bigint) => countingApprovals(all, settings(2), nowNs).map(({ guardian }) => guardian[0])
    expect(whoCounts(7n * NS_PER_DAY - 1n)).toEqual([1, 2])
    expect(whoCounts(7n * NS_PER_DAY)).toEqual([2])
  })
})
