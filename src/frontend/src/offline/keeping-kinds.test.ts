import { type Category, Fault, type KeptOnDevice, type Outcome, type RecordSummary } from '@medguard/client'
import { expect, test } from 'vitest'
import { createLoadable } from '../app/loadable.ts'
import { createKindKeeping } from './keeping-kinds.ts'

const done = <T>(value: T): Promise<Outcome<T>> => Promise.resolve({ kind: 'done', value })
const recordOf = (recordId: string, category: Category, more: Partial<RecordSummary> = {}) =>
  ({
    recordId,
    version: 1,
    category,
    sizeBytes: 10,
    clinicalDate: null,
    addedNs: null,
    vault: { of: 'me' },
    ...more,
  }) as RecordSummary

/** A device of which this is known: what it keeps, of which kinds, and what becomes of keeping one. */
function device(answer: (record: RecordSummary) => Promise<Outcome<KeptOnDevice>> | null = () => null) {
  const kept: KeptOnDevice[] = []
  const kinds = new Set<Category>()
  const asked: string[] = []
  const client = {
    kept: () => done([...kept]),
    keptKinds: () => done([...kinds]),
    keepKind(category: Category, isKept: boolean) {
      if (isKept) kinds.add(category)
      else kinds.delete(category)
      return done(null)
    },
    keep(record: RecordSummary) {
      asked.push(record.recordId)
      const other = answer(record)
      if (other !== null) return other
      const one = { recordId: record.recordId, version: record.version, keptMs: 1, sizeBytes: 10 }
      kept.push(one)
      return done(one)
    },
  }
  const list = createLoadable<readonly KeptOnDevice[]>(client.kept)
  return { kept, kinds, asked, keeping: createKindKeeping(client, list) }
}
const refused = (kind: 'Full' | 'NotPermitted'): Promise<Outcome<KeptOnDevice>> =>
  Promise.resolve({ kind: 'refused', refusal: { kind } })

test('all records of a kind are kept, then the new ones of each list, and no others', async () => {
  const { asked, keeping } = device()
  const [old, fresh] = [recordOf('a', 'labs'), recordOf('b', 'labs')]
  const others = [
    recordOf('v', 'vitals'),
    recordOf('large', 'labs', { sizeBytes: 30 * 2 ** 20 }),
    recordOf('theirs', 'labs', { vault: { of: 'grant', grantId: '00'.repeat(16) } }),
    recordOf('damaged', 'labs', { isDamaged: true }),
  ]
  await keeping.listed([old, ...others])
  expect(asked).toEqual([])
  await keeping.keepKind('labs', true)
  await keeping.listed([old, ...others])
  expect(asked).toEqual(['a'])
  await keeping.listed([old, fresh, ...others])
  expect(asked).toEqual(['a', 'b'])
  await keeping.listed([{ ...old, version: 2 }, fresh])
  expect(asked).toEqual(['a', 'b', 'a'])
  expect(keeping.filling.getState()).toEqual({ status: 'idle' })
})

test('without room, or without an answer, it stops and says how many are missing; what concerns one record stops nothing', async () => {
  const why: { of: 'room' | 'line' | 'one' } = { of: 'one' }
  const { asked, kinds, keeping } = device((record) => {
    if (record.recordId === 'a') return null
    if (why.of === 'line') return Promise.reject(new Fault('Unreachable', 'cut'))
    return refused(why.of === 'room' ? 'Full' : 'NotPermitted')
  })
  kinds.add('labs')
  const list = ['a', 'b', 'c'].map((id, i) => recordOf(id, 'labs', { clinicalDate: `2025-05-1${9 - i}` }))
  await keeping.listed(list)
  expect(asked).toEqual(['a', 'b', 'c'])
  expect(keeping.filling.getState()).toEqual({ status: 'idle' })
  why.of = 'room'
  await keeping.fill()
  expect(keeping.filling.getState()).toMatchObject({
    status: 'stopped',
    left: 2,
    problem: { refusal: { kind: 'Full' } },
  })
  why.of = 'line'
  await keeping.fill()
  expect(keeping.filling.getState()).toMatchObject({ status: 'stopped', left: 2, problem: { code: 'Unreachable' } })
})

test('a kind that is given up while it is being kept is not kept on', async () => {
  const gate = { open: () => {} }
  const { asked, kinds, keeping } = device((record) =>
    record.recordId === 'a'
      ? new Promise((resolve) => {
          gate.open = () => resolve({ kind: 'done', value: { recordId: 'a', version: 1, keptMs: 1, sizeBytes: 10 } })
        })
      : null,
  )
  kinds.add('labs')
  const filling = keeping.listed([recordOf('b', 'labs'), recordOf('a', 'labs')])
  await expect.poll(() => asked).toEqual(['a'])
  const ending = keeping.keepKind('labs', false)
  gate.open()
  await Promise.all([filling, ending])
  expect(asked).toEqual(['a'])
  expect(kinds.size).toBe(0)
})
