import {
  Fault,
  type Organisation,
  organisationPrincipal,
  Principal,
  type Share,
  SHARE_RECORDS_MAX,
} from '@medguard/client'
import { describe, expect, test } from 'vitest'
import { knownPeople } from './known-people.ts'
import { foundByName } from './organisation-search.ts'
import { choiceOf } from './picked-lines.ts'
import { readShareCode } from './share-code.ts'
import { draftErrors, draftSentence, EMPTY_DRAFT, type ShareDraft, shareOf } from './share-draft.ts'
import { createShareFlow } from './share-flow-store.ts'
import { createStopStore } from './shares-store.ts'

const codeOf = (fill: number) => Principal.fromUint8Array(new Uint8Array(29).fill(fill)).toText()
const MINE = codeOf(1)
const THEIRS = codeOf(2)

describe('share codes', () => {
  test('are read however they were pasted', () => {
    expect(readShareCode(`  ${THEIRS.toUpperCase().replace('-', '-\n ')} `, MINE)).toEqual({
      kind: 'code',
      code: THEIRS,
    })
  })

  test('a typing mistake, a half code, the own code and a program are told apart', () => {
    const swapped = THEIRS.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))
    expect(readShareCode(swapped, MINE).kind).toBe('mistyped')
    expect(readShareCode(THEIRS.slice(0, 20), MINE).kind).toBe('mistyped')
    expect(readShareCode(MINE, MINE).kind).toBe('own')
    expect(readShareCode('aaaaa-aa', MINE).kind).toBe('malformed')
    expect(readShareCode('dr.novak@example.org', MINE).kind).toBe('malformed')
    expect(readShareCode(' ', MINE).kind).toBe('empty')
  })
})

describe('the draft of a share', () => {
  const now = new Date(2025, 4, 12, 14, 2).getTime()
  const full: ShareDraft = {
    ...EMPTY_DRAFT,
    code: THEIRS,
    categories: ['labs', 'medicines'],
    howLong: 'week',
    purpose: 'TREAT',
  }

  test('starts with nothing ticked, sensitive records least of all', () => {
    expect(EMPTY_DRAFT.categories).toEqual([])
    expect(Object.keys(draftErrors(EMPTY_DRAFT, MINE, now))).toEqual(['code', 'what', 'howLong', 'purpose'])
    for (const missing of [{ howLong: null }, { purpose: null }, { categories: [] }, { code: '' }])
      expect(shareOf({ ...full, ...missing }, MINE, now), Object.keys(missing)[0]).toBeNull()
  })

  test('becomes a share that gives reading and nothing more', () => {
    expect(shareOf(full, MINE, now)).toEqual({
      grantee: THEIRS,
      scope: { categories: ['labs', 'medicines'] },
      rights: ['list', 'open'],
      purpose: 'TREAT',
      startNs: BigInt(now) * 1_000_000n,
      endNs: BigInt(now + 7 * 86_400_000) * 1_000_000n,
    })
  })

  test('is told in one sentence before it is sent', () => {
    const sentence = draftSentence({ ...full, howLong: 'day' }, MINE, now, { labs: 9, medicines: 3, sensitive: 4 })
    expect(sentence).toMatch(
      /^The person with the code \w{5}…\w+ can open your 12 records in Lab results and Medicines, and anything new there, until tomorrow at .+, to treat you\.$/,
    )
    expect(draftSentence({ ...full, code: '' }, MINE, now, null)).toBeNull()
  })

  test('chosen records are named', () => {
    const records = [{ recordId: '0'.repeat(32), version: 1, title: 'Blood test' }]
    expect(draftSentence({ ...full, what: 'records', records }, MINE, now, null)).toContain(
      'can open “Blood test” until',
    )
  })

  test('may be for sending alone: it goes to the inbox, gives no reading, and keeps nothing ticked before', () => {
    const sending: ShareDraft = { ...full, what: 'inbox' }
    expect(draftErrors({ ...sending, categories: [] }, MINE, now)).toEqual({})
    expect(shareOf(sending, MINE, now)).toMatchObject({ scope: { categories: [], inbox: true }, rights: ['write'] })
    const sensitive = shareOf({ ...sending, categories: ['sensitive'] }, MINE, now)
    expect(sensitive?.terms).toBeUndefined()
    expect(draftSentence(sending, MINE, now, { labs: 9 })).toMatch(
      /^The person with the code \w{5}…\w+ can send records to your inbox until .+, to treat you\. They see nothing of yours\.$/,
    )
    const { form } = createShareFlow({ share: () => Promise.reject(new Error('not asked')) }, () => {})
    form.getState().edit({ categories: ['labs'], howLong: 'month', purpose: 'TREAT', code: MINE })
    form.getState().beginInbox()
    expect(form.getState().draft).toEqual({ ...EMPTY_DRAFT, what: 'inbox' })
  })

  test('with an organisation it reaches whom the patient ticked there, and nobody unless somebody is ticked', () => {
    const hospital = { ...full, code: organisationPrincipal('07'.repeat(16)) }
    expect(Object.keys(draftErrors(hospital, MINE, now))).toEqual(['roles'])
    expect(shareOf(hospital, MINE, now)).toBeNull()
    const nurses = { ...hospital, roles: ['physician', 'nurse'] } as const
    expect(shareOf(nurses, MINE, now)?.terms).toEqual({ roles: 3, namesSensitive: false })
    expect(draftSentence(nurses, MINE, now, null, 'Fjordvik Hospital')).toMatch(
      /^At Fjordvik Hospital, whoever works there as physician and nurse can open everything in Lab results and Medicines/,
    )
  })

  test('a last day must come, be to come and be within a year', () => {
    const until = (untilDay: string) => draftErrors({ ...full, howLong: 'date', untilDay }, MINE, now).untilDay
    expect(until('')).toContain('Choose the last day')
    expect(until('2025-05-11')).toContain('to come')
    expect(until('2025-05-12')).toBeUndefined()
    expect(until('2026-05-12')).toBeUndefined()
    expect(until('2026-06-01')).toContain('within a year')
  })
})

describe('organisations', () => {
  const named = (name: string, isInForce = true) => ({ name, isInForce }) as Organisation

  test('are found by a part of their name, whatever its accents, and only while they are verified', () => {
    const all = [named('Nemocnice Žižkov'), named('Zizkov Practice'), named('Žižkov Old', false), named('Elsewhere')]
    expect(foundByName(all, 'zizk').map(({ name }) => name)).toEqual(['Nemocnice Žižkov', 'Zizkov Practice'])
    expect(foundByName(all, 'ž')).toEqual([])
  })
})

describe('sharing again', () => {
  const shared = (grantee: string, startNs: bigint, more: Partial<Share> = {}) =>
    ({ grantee, startNs, state: 'ended', bar: null, ...more }) as Share

  test('offers whom the reader shared with, the latest first and each once, and nobody who is barred', () => {
    const people = [3, 4, 5, 6, 7, 8].map(codeOf)
    const [a = '', b = '', c = '', d = '', e = '', f = ''] = people
    const shares = [
      shared(a, 1n),
      shared(b, 5n),
      shared(a, 9n),
      shared(c, 2n),
      shared(d, 3n),
      shared(e, 4n),
      shared(f, 8n),
    ]
    expect(knownPeople(shares, MINE)).toEqual([a, f, b, e])
    expect(
      knownPeople([...shares, shared(f, 0n, { bar: 'blocked' }), shared(b, 0n, { bar: 'unverified' })], MINE),
    ).toEqual([a, e, d, c])
    expect(
      knownPeople([shared(MINE, 1n), shared('aaaaa-aa', 1n), shared(a, 1n, { state: 'notFinished' })], MINE),
    ).toEqual([])
  })

  test('begins with the person and nothing else, whatever was filled in before', () => {
    const { form } = createShareFlow({ share: () => Promise.reject(new Error('not asked')) }, () => {})
    form.getState().edit({ categories: ['labs'], howLong: 'month', purpose: 'TREAT', code: MINE })
    form.getState().begin(THEIRS)
    expect(form.getState().draft).toEqual({ ...EMPTY_DRAFT, code: THEIRS })
  })

  test('from a record begins with that record and nothing else, whatever was filled in before', () => {
    const { form } = createShareFlow({ share: () => Promise.reject(new Error('not asked')) }, () => {})
    form.getState().edit({ categories: ['labs'], howLong: 'month', purpose: 'TREAT', code: MINE })
    const record = { recordId: '0'.repeat(32), version: 1, title: 'Blood test' }
    form.getState().beginWith([record])
    expect(form.getState().draft).toEqual({ ...EMPTY_DRAFT, what: 'records', records: [record] })
  })
})

describe('stopping a share', () => {
  function stopping(
    answers: (() => Promise<
      | { kind: 'done'; value: { endNs: bigint; isInConsentOnly?: boolean } }
      | { kind: 'refused'; refusal: { kind: 'NotPermitted' } }
    >)[],
  ) {
    const waited: number[] = []
    const stopped: bigint[] = []
    const store = createStopStore({
      client: { revoke: () => (answers.shift() ?? (() => Promise.reject(new Error('asked too often'))))() },
      onStopped: (_, endNs) => stopped.push(endNs),
      wait: (ms) => {
        waited.push(ms)
        return Promise.resolve()
      },
    })
    return { store, waited, stopped }
  }
  const down = () => Promise.reject(new Fault('Unreachable', 'down'))
  const ok = () => Promise.resolve({ kind: 'done' as const, value: { endNs: 9n } })

  test('keeps trying until it is confirmed, and says so until then', async () => {
    const { store, waited, stopped } = stopping([down, down, ok])
    const seen: unknown[] = []
    store.subscribe(({ stopping }) => seen.push(stopping['g']))
    await store.getState().stop('g')
    expect(seen).toEqual([
      { status: 'stopping', tries: 1, isHalf: false, isWithdrawal: false },
      { status: 'stopping', tries: 2, isHalf: false, isWithdrawal: false },
      { status: 'stopping', tries: 3, isHalf: false, isWithdrawal: false },
      undefined,
    ])
    expect(waited).toEqual([2000, 4000])
    expect(stopped).toEqual([9n])
  })

  test('is not said to be done while only one of the two canisters has answered', async () => {
    const half = () => Promise.resolve({ kind: 'done' as const, value: { endNs: 9n, isInConsentOnly: true } })
    const { store, stopped } = stopping([half, down, ok])
    const seen: unknown[] = []
    store.subscribe(({ stopping }) => seen.push(stopping['g']))
    await store.getState().stop('g')
    expect(seen).toEqual([
      { status: 'stopping', tries: 1, isHalf: false, isWithdrawal: false },
      { status: 'stopping', tries: 1, isHalf: true, isWithdrawal: false },
      { status: 'stopping', tries: 2, isHalf: true, isWithdrawal: false },
      { status: 'stopping', tries: 3, isHalf: true, isWithdrawal: false },
      undefined,
    ])
    expect(stopped).toEqual([9n])
  })

  test('a refusal ends the trying and stays on the screen', async () => {
    const { store, stopped } = stopping([() => Promise.resolve({ kind: 'refused', refusal: { kind: 'NotPermitted' } })])
    await store.getState().stop('g')
    expect(store.getState().stopping['g']).toEqual({
      status: 'failed',
      problem: { kind: 'refused', refusal: { kind: 'NotPermitted' } },
      isWithdrawal: false,
    })
    expect(stopped).toEqual([])
  })

  test('giving up ends the trying', async () => {
    const { store, stopped } = stopping([
      () => {
        store.getState().giveUp('g')
        return down()
      },
    ])
    await store.getState().stop('g')
    expect(store.getState().stopping).toEqual({})
    expect(stopped).toEqual([])
  })
})

test('a line that is picked goes whole: a part of it is no choice, and what would not fit is told before it is pressed', () => {
  const day = (count: number) => Array.from({ length: count }, (_, i) => ({ recordId: `d${i}` }))
  const others = (count: number) => Array.from({ length: count }, (_, i) => `o${i}`)
  const told = (own: readonly { recordId: string }[], chosen: readonly string[]) => {
    const { left, isChosen, isPartly, isTooMany } = choiceOf(own, new Set(chosen))
    return [left.length, isChosen, isPartly, isTooMany]
  }
  expect(told(day(3), [])).toEqual([3, false, false, false])
  expect(told(day(3), ['d0', 'o0'])).toEqual([2, false, true, false])
  expect(told(day(3), ['d0', 'd1', 'd2'])).toEqual([0, true, false, false])
  expect(told(day(100), others(SHARE_RECORDS_MAX - 100))).toEqual([100, false, false, false])
  expect(told(day(101), others(SHARE_RECORDS_MAX - 100))).toEqual([101, false, false, true])
  expect(told(day(SHARE_RECORDS_MAX + 1), [])).toEqual([SHARE_RECORDS_MAX + 1, false, false, true])
  // What is in can always be taken out again.
  expect(told(day(1), [...others(SHARE_RECORDS_MAX - 1), 'd0'])).toEqual([0, true, false, false])
})
