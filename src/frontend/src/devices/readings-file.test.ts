import type { NewRecord, Outcome, RecordSummary } from '@medguard/client'
import { decodeSegment, readingOf } from '@medguard/readings'
import { expect, test } from 'vitest'
import { createLoadable } from '../app/loadable.ts'
import { createReadingsFileReader, offsetHere } from './looking-through.ts'
import { createReadingsFileStore } from './readings-file-store.ts'

const fileOf = (name: string, content: string) => new File([content], name)
const SENSOR = JSON.stringify(
  [0, 1, 2].map((i) => ({ type: 'sgv', date: 1_710_287_700_000 + i * 300_000, sgv: 100 + i, device: 'Sensor' })),
)

/** A vault that may have no answer: what is sent to it, and the list of it. */
function vault(isAway: () => boolean = () => false) {
  const sent: NewRecord[] = []
  const records = createLoadable<readonly RecordSummary[]>(async () => ({ kind: 'done', value: [] }))
  records.getState().put([])
  return {
    sent,
    records,
    async addOnce(recordId: string, record: NewRecord): Promise<Outcome<RecordSummary>> {
      if (isAway()) throw new Error('no answer')
      sent.push(record)
      const bytes = record.bytes as Uint8Array<ArrayBuffer>
      const contentSha256 = Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex')
      const { title, fileName, mediaType, category, clinicalDate } = record
      const about = { title, fileName, mediaType, category, clinicalDate, contentSha256 }
      const rest = { author: null, subject: null, addedNs: null, sizeBytes: bytes.length } as const
      return { kind: 'done', value: { vault: { of: 'me' }, recordId, version: 1, ...about, ...rest } }
    },
  }
}
const storeWith = (own = vault(), offsetOf = offsetHere) =>
  createReadingsFileStore(() => createReadingsFileReader(offsetOf), own, own.records)

test('a file of a sensor: what is new, and what is there already', async () => {
  const store = storeWith()
  const stored = readingOf({ timeMs: 1_710_287_700_000, code: '99504-3', unit: 'mg/dL', value: 100, device: 'Sensor' })
  await store.getState().pick(fileOf('entries.json', SENSOR), [stored])
  expect(store.getState().view).toMatchObject({
    status: 'preview',
    records: 1,
    present: 0,
    preview: { count: 2, repeats: 1, kinds: [{ code: '99504-3', count: 2, devices: ['Sensor'] }] },
  })
})

test('what was found is saved once, and the same file chosen again adds nothing', async () => {
  const own = vault()
  const store = storeWith(own)
  for (const present of [0, 1]) {
    await store.getState().pick(fileOf('entries.json', SENSOR), [])
    expect(store.getState().view).toMatchObject({ status: 'preview', records: 1, present })
    await store.getState().save('vitals')
    expect(store.getState().view).toMatchObject({ status: 'done', count: 3 })
  }
  const [record, ...others] = own.sent
  expect(others).toEqual([])
  expect(record).toMatchObject({
    category: 'vitals',
    mediaType: 'application/vnd.medguard.readings',
    readings: { count: 3, codes: [{ code: '99504-3', min: 100, max: 102 }] },
  })
  expect(decodeSegment(record?.bytes as Uint8Array).map(({ value }) => value)).toEqual([100, 101, 102])
})

test('where no answer comes it stops and says so, and goes on from there', async () => {
  let isAway = true
  const own = vault(() => isAway)
  const store = storeWith(own)
  await store.getState().pick(fileOf('entries.json', SENSOR), [])
  await store.getState().save('labs')
  expect(store.getState().view).toMatchObject({ status: 'stopped', left: 1, problem: { kind: 'bug' } })
  isAway = false
  await store.getState().save('labs')
  expect([store.getState().view.status, own.sent.length]).toEqual(['done', 1])
})

test('a table waits for its columns, and takes the name of its file for the source', async () => {
  const store = storeWith(vault(), () => 60)
  await store
    .getState()
    .pick(fileOf('Scale of mine.csv', 'date;weight\n04/05/2024 07:00;70\n05/05/2024 07:00;71\n'), [])
  expect(store.getState().view).toMatchObject({
    status: 'columns',
    isOrderAsked: true,
    guess: { questions: [{ ask: 'dateOrder' }, { ask: 'unit', column: 1 }] },
  })
  await store.getState().confirm()
  expect(store.getState().view.status).toBe('columns')
  store.getState().setOrder('dmy')
  store.getState().setColumn(1, { as: 'measure', measure: 'weight', unit: 'kg' })
  await store.getState().confirm()
  expect(store.getState().view).toMatchObject({
    status: 'preview',
    preview: {
      kinds: [
        {
          code: '29463-7',
          unit: 'kg',
          count: 2,
          fromMs: Date.UTC(2024, 4, 4, 6),
          toMs: Date.UTC(2024, 4, 5, 6),
          devices: ['Scale of mine'],
        },
      ],
    },
  })
})

test('what holds no readings, is spoilt or can not be read says so', async () => {
  const store = storeWith()
  const said = async (file: File) => {
    await store.getState().pick(file, [])
    const { view } = store.getState()
    return view.status === 'failed' ? view.why : view.status
  }
  expect(await said(fileOf('letter.txt', 'Dear doctor'))).toBe('unknown')
  expect(await said(fileOf('export.xml', '<HealthData><Record'))).toBe('damaged')
  const locked = fileOf('entries.json', SENSOR)
  locked.slice = () => {
    throw new DOMException('locked', 'NotReadableError')
  }
  expect(await said(locked)).toBe('unreadable')
})

test('who chooses another file, or none, hears no more of the first', async () => {
  const store = storeWith()
  const first = store.getState().pick(fileOf('entries.json', SENSOR), [])
  store.getState().clear()
  await first
  expect(store.getState().view).toEqual({ status: 'empty' })
})

test('a clock on the wall is read in this zone, with its summer time', () => {
  for (const month of [0, 6]) {
    const local = new Date(2024, month, 15, 8, 30)
    expect(offsetHere(Date.UTC(2024, month, 15, 8, 30))).toBe(-local.getTimezoneOffset())
  }
})
