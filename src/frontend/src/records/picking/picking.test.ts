import { Fault, type RecordSummary } from '@medguard/client'
import { expect, test } from 'vitest'
import { createExporting } from './export-task.ts'
import { createSelection } from './selection.ts'

test('picking one record tells the rows of that record alone, however many there are', () => {
  const selection = createSelection()
  selection.getState().start()
  const rows = Array.from({ length: 10_000 }, (_, i) => String(i))
  selection.getState().pick(rows.slice(0, 9_000))
  const isPicked = (row: string) => selection.getState().ids.has(row)
  const before = rows.map(isPicked)
  selection.getState().toggle(['9500'])
  selection.getState().toggle(['7'])
  const changed = rows.filter((row, i) => isPicked(row) !== before[i])
  expect(changed).toEqual(['7', '9500'])
  // A line that stands for several: picked as a whole, also where some of it was, and let go as a whole.
  selection.getState().toggle(['8999', '9000', '9001'])
  expect(['8999', '9000', '9001'].map(isPicked)).toEqual([true, true, true])
  selection.getState().toggle(['8999', '9000', '9001'])
  expect(['8999', '9000', '9001'].map(isPicked)).toEqual([false, false, false])
  selection.getState().stop()
  expect(selection.getState()).toMatchObject({ isOn: false, ids: new Set() })
})

test('a file of chosen records is finished once it is logged, and is no file where that is refused or breaks off', async () => {
  const done: string[] = []
  const file = {
    write: async () => void done.push('write'),
    finish: async () => void done.push('finish'),
    discard: async () => void done.push('discard'),
  }
  const run = async (answer: () => Promise<never>) => {
    done.length = 0
    const task = createExporting({
      exportRecords: async (_, sink) => {
        await sink(new Uint8Array(1))
        return answer()
      },
    })
    await task.getState().run({ records: [] as RecordSummary[], file, signal: new AbortController().signal })
    return done
  }
  const whole = { kind: 'done', value: { records: 1, damaged: 0 } }
  expect(await run(async () => whole as never)).toEqual(['write', 'finish'])
  expect(await run(async () => ({ kind: 'refused', refusal: { kind: 'Busy' } }) as never)).toEqual(['write', 'discard'])
  expect(await run(() => Promise.reject(new Fault('Unreachable', 'gone')))).toEqual(['write', 'discard'])
})
