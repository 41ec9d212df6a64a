import type { DoubtedEntry, LogItem, MedGuardClient, RecordSummary } from '@medguard/client'
import { shortCode } from '../app/words.ts'
import { expect, test } from 'vitest'
import { EVERYTHING, filterOf, fitsChoice, peopleIn, recordsIn } from './log-choice.ts'
import { logDocument } from './log-document.ts'
import { logRow } from './log-words.ts'
import { createReportStores } from './report-stores.ts'

const item = (actor: string, objectId: string, subject: string | null = null) =>
  ({ actor, objectId, subject, event: 'open', timeNs: 1n, leafIndex: 7n, grantId: null }) as unknown as LogItem
const record = (recordId: string) => ({ recordId, title: recordId }) as RecordSummary

test('entries are chosen by who did it, whom it is about and which record it is', () => {
  const items = [item('me', 'a'), item('dr', 'b'), item('me', 'g', 'dr')]
  const chosen = (choice: Partial<typeof EVERYTHING>) =>
    items.filter((each) => fitsChoice(each, { ...EVERYTHING, ...choice })).length
  expect([chosen({}), chosen({ person: 'dr' }), chosen({ recordId: 'b' })]).toEqual([3, 2, 1])
  expect(chosen({ person: 'me', recordId: 'b' })).toBe(0)
  expect(peopleIn([...items, item('', 'c'), item('aaaaa-aa', 'c', 'x')], 'me')).toEqual(['dr'])
  expect(recordsIn(items, ['a', 'b', 'z'].map(record)).map(({ recordId }) => recordId)).toEqual(['b', 'a'])
})

test('entries are chosen by days of this device, both of them included, and evidence with the same bounds', () => {
  const at = (time: string) => ({ ...item('dr', 'a'), timeNs: BigInt(new Date(time).getTime()) * 1_000_000n })
  const items = ['2025-05-11T23:59:59.999', '2025-05-12T00:00', '2025-05-13T23:59:59.999', '2025-05-14T00:00'].map(at)
  const chosen = (days: Partial<typeof EVERYTHING>) => items.map((each) => fitsChoice(each, { ...EVERYTHING, ...days }))
  expect(chosen({ fromDay: '2025-05-12', untilDay: '2025-05-13' })).toEqual([false, true, true, false])
  expect(chosen({ fromDay: '2025-05-14' })).toEqual([false, false, false, true])
  expect(chosen({ untilDay: '2025-05-11' })).toEqual([true, false, false, false])
  expect(chosen({ fromDay: '0002-1', untilDay: 'x' })).toEqual([true, true, true, true]) // half typed
  expect(filterOf({ ...EVERYTHING, fromDay: '2025-05-12', untilDay: '2025-05-13' })).toEqual({
    fromNs: items[1]?.timeNs,
    untilNs: items[3]?.timeNs,
  })
})

test('a request is told as the act of whoever asked', () => {
  const context = { about: 'mine' as const, me: 'me', records: null, shares: null, nameOf: shortCode }
  const asked = { ...item('aaaaa-aa', 'c', 'ccccc-ddddd-them'), event: 'requestMade' }
  expect(logRow(asked, context).actorCode).toBe('ccccc-ddddd-them')
  expect(logRow({ ...asked, event: 'expiryNoticed' }, context).actor).toBe('MedGuard')
})

test('evidence is asked for with the same choice, and whole where nothing is chosen', () => {
  expect(filterOf(EVERYTHING)).toBeNull()
  expect(filterOf({ ...EVERYTHING, person: 'dr' })).toEqual({ person: 'dr' })
  expect(filterOf({ ...EVERYTHING, person: 'dr', recordId: 'b' })).toEqual({ person: 'dr', object: 'b' })
})

test('the text for others names people by their whole code, and each entry by its number', () => {
  const context = { about: 'mine' as const, me: 'me', records: [record('b')], shares: null, nameOf: shortCode }
  const text = logDocument([logRow(item('ccccc-ddddd-them', 'b'), context)], 0)
  expect(text).toContain('ccccc-ddddd-them')
  expect(text).toContain('opened b')
  expect(text).toContain('entry 7')
})

test('what is to end is ended, and nothing is said to be done that was refused', async () => {
  const calls: string[] = []
  let refused = false
  const client = {
    revoke: (grantId: string) => {
      calls.push(`revoke ${grantId}`)
      return Promise.resolve({ kind: 'done', value: { endNs: 1n } })
    },
    changeRules: ({ kind, whom }: { kind: string; whom: string }) => {
      calls.push(`${kind} ${whom}`)
      return Promise.resolve(
        refused ? { kind: 'refused', refusal: { kind: 'LogUnavailable' } } : { kind: 'done', value: {} },
      )
    },
    noteDoubt: (doubt: DoubtedEntry) => Promise.resolve({ kind: 'done', value: [doubt] }),
  } as unknown as MedGuardClient
  let changes = 0
  const noted: unknown[] = []
  const { acting } = createReportStores(
    client,
    () => changes++,
    ([doubt]) => noted.push([doubt?.entry, doubt?.why, doubt?.isStopped, doubt?.isBlocked]),
  )
  const about = { entry: '7', why: 'oddTime' } as const
  await acting.getState().run({ ...about, block: null, grantId: null })
  expect([acting.getState().task.status, calls, changes]).toEqual(['done', [], 0])
  refused = true
  await acting.getState().run({ ...about, block: 'dr', grantId: 'g' })
  expect([acting.getState().task.status, calls, changes]).toEqual(['failed', ['revoke g', 'block dr'], 1])
  refused = false
  await acting.getState().run({ ...about, block: 'dr', grantId: 'g' })
  expect([acting.getState().task.status, changes]).toEqual(['done', 2])
  expect(noted, 'what was ended is noted also where the rest was not').toEqual([
    ['7', 'oddTime', false, false],
    ['7', 'oddTime', true, false],
    ['7', 'oddTime', true, true],
  ])
})
