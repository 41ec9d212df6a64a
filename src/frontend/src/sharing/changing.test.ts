import { type LogReport, Principal, type Share } from '@medguard/client'
import { describe, expect, test } from 'vitest'
import { changeDraftOf, changeErrors, changeOf, changeSentences } from './change-draft.ts'
import { lastOpenedMs } from './last-opened.ts'

const codeOf = (fill: number) => Principal.fromUint8Array(new Uint8Array(29).fill(fill)).toText()
const now = new Date(2025, 4, 12, 14, 2).getTime()
const given: Share = {
  grantId: 'ab'.repeat(16),
  direction: 'given',
  patient: codeOf(1),
  patientId: '01'.repeat(16),
  grantee: codeOf(2),
  scope: ['labs', 'medicines'],
  rights: ['list', 'open'],
  purpose: 'TREAT',
  startNs: 0n,
  endNs: BigInt(now + 3_600_000) * 1_000_000n,
  endedNs: null,
  state: 'live',
  bar: null,
}

describe('changing a share', () => {
  const begun = changeDraftOf(given, [])

  test('asks for what is different and for nothing else, and says it in words', () => {
    expect(changeOf(given, [], begun, now, ['sensitive'])).toEqual({})
    expect(changeErrors(given, [], begun, now)).toHaveProperty('nothing')
    expect(changeErrors(given, [], { ...begun, categories: [] }, now)).toHaveProperty('what')
    const draft = { ...begun, categories: ['labs', 'sensitive'], howLong: 'day', mayAdd: true } as const
    expect(changeErrors(given, [], draft, now)).toEqual({})
    expect(changeOf(given, [], draft, now, ['sensitive'])).toEqual({
      scope: { categories: ['labs', 'sensitive'] },
      namesSensitive: true,
      endNs: BigInt(now + 86_400_000) * 1_000_000n,
      rights: ['list', 'open', 'write'],
    })
    expect(changeSentences(given, [], draft, now, 'Dr Novak')).toEqual([
      'Dr Novak can no longer open: Medicines.',
      'Dr Novak can also open: Sensitive, and anything new there.',
      'Ends tomorrow at 14:02 instead of at 15:02.',
      'Dr Novak can also add records.',
    ])
  })
  test('of single records names those that leave and those that come', () => {
    const share: Share = { ...given, scope: ['shared'] }
    const [may, june] = ['May', 'June'].map((title, at) => ({ recordId: `${at}`.repeat(32), version: 1, title }))
    const held = may === undefined ? [] : [may]
    const draft = { ...changeDraftOf(share, held), records: june === undefined ? [] : [june] }
    expect(changeSentences(share, held, draft, now, 'Dr Novak')).toEqual([
      'Dr Novak can no longer open: “May”.',
      'Dr Novak can also open: “June”.',
    ])
    expect(changeOf(share, held, draft, now, [])).toEqual({
      scope: { records: [{ recordId: '1'.repeat(32), version: 1 }] },
    })
    expect(changeErrors(share, held, { ...draft, records: [] }, now)).toHaveProperty('what')
  })
  test('of days stays one of days, whichever of them are taken away', () => {
    const range = { categories: ['labs'], from: '2025-01-01', until: null } as const
    const share: Share = { ...given, scope: ['shared'], terms: { range } }
    const draft = changeDraftOf(share, [])
    expect(changeOf(share, [], { ...draft, from: '' }, now, [])).toMatchObject({
      scope: { range: { categories: ['labs'], from: null, until: null } },
    })
    expect(changeErrors(share, [], { ...draft, until: '2024-01-01' }, now)).toHaveProperty('days')
  })
})

describe('when something was opened last', () => {
  const opened = (grantId: string, ms: number, more = {}) => ({
    event: 'open',
    grantId,
    timeNs: BigInt(ms) * 1_000_000n,
    failedOrWithheld: false,
    ...more,
  })
  const report = (items: unknown[], kind = 'verified', checked = ['complete']) =>
    ({ items, verification: { kind, checked } }) as unknown as LogReport
  const last = (of: LogReport) =>
    lastOpenedMs(of, { ...given, grantId: 'h', inPlaceOf: 'g' }, [{ ...given, grantId: 'g', replacedBy: 'h' }])

  test('is what the proven log says, of the share and of what it was changed from', () => {
    const items = [opened('g', 5), opened('h', 3), opened('x', 9), opened('h', 8, { failedOrWithheld: true })]
    expect(last(report(items))).toBe(5)
    expect(last(report([]))).toBeNull()
  })
  test('is not claimed where the log was not proven, or not to its end', () => {
    expect(last(report([opened('h', 3)], 'failed'))).toBeUndefined()
    expect(last(report([], 'cannotTell'))).toBeUndefined()
    expect(last(report([opened('h', 3)], 'verified', ['certificate']))).toBeUndefined()
  })
})
