import { Fault, type NewRecord, type RecordSummary, type Refusal } from '@medguard/client'
import { OPEN_UPLOADS_MAX } from '@medguard/protocol'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createLoadable } from '../app/loadable.ts'
import { fhirItems } from './fhir-items.ts'
import { createImportStore, IN_FLIGHT } from './import-store.ts'
import { readFiles } from './read-files.ts'

const ID = '0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9'
const HAEMOGLOBIN = `{ "resourceType": "Observation", "id": "${ID}", "code": { "text": "Haemoglobin" },
  "category": [{ "coding": [{ "code": "laboratory" }] }], "effectiveDateTime": "2024-05-12T09:00:00Z",
  "valueQuantity": { "value": 14.10, "unit": "g/dL" } }`
const PATIENT = '{"resourceType":"Patient","name":[{"text":"Ada Byrne"}]}'
const BUNDLE = `{"resourceType":"Bundle","entry":[{"fullUrl":"a\\"}","resource":${HAEMOGLOBIN}},{"resource":${PATIENT}},{"fullUrl":"b"}]}`
const picked = (path: string, content: string, type = 'application/json') => ({
  path,
  file: new File([content], path.split('/').at(-1) ?? '', { type }),
})
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

describe('the resources of a bundle', () => {
  test('become records with what their lists need', () => {
    expect(fhirItems(BUNDLE)).toMatchObject([
      {
        type: 'Observation',
        title: 'Haemoglobin: 14.1 g/dL',
        category: 'labs',
        day: '2024-05-12',
        subject: 'Ada Byrne',
        text: HAEMOGLOBIN,
        fileName: `Observation-${ID}.json`,
        isAdministrative: false,
      },
      { type: 'Patient', title: 'Ada Byrne', isAdministrative: true, fileName: 'Patient.json' },
    ])
    expect(fhirItems('{"a":1}')).toBeNull()
    expect(fhirItems('no JSON')).toBeNull()
  })

  const SAMPLE = new URL('../../../../../shared/data/fhir/synthea-tressa-bergstrom-1964.json', import.meta.url)
  test.skipIf(!existsSync(SAMPLE))('of a whole patient are all there, each with a title and a kind', () => {
    const items = fhirItems(readFileSync(SAMPLE, 'utf8')) ?? []
    expect(items).toHaveLength(451)
    expect(items.filter(({ title, text }) => title === '?' || text === '')).toEqual([])
    expect(new Set(items.map(({ category }) => category)).size).toBeGreaterThan(4)
  })
})

describe('what was chosen', () => {
  const stored = (over: Partial<RecordSummary>) =>
    ({ recordId: 'r', version: 1, fileName: null, ...over }) as RecordSummary

  test('is a record for each file, and for each resource; what gives none is said, file by file', async () => {
    const files = [
      picked('scan/letter.txt', 'Dear colleague', 'text/plain'),
      picked('scan/empty.txt', ''),
      picked('scan/bundle.json', BUNDLE),
      picked('scan/nothing.json', '{"resourceType":"Bundle","entry":[]}'),
      picked('scan/broken.json', '{"resourceType":"Bundle",'),
    ]
    const { items, troubles } = await readFiles(files, [], () => {})
    expect(items.map(({ from, title, isOn }) => [from, title, isOn])).toEqual([
      ['scan/letter.txt', 'letter', true],
      ['scan/bundle.json', 'Haemoglobin: 14.1 g/dL', true],
      ['scan/bundle.json', 'Ada Byrne', false],
    ])
    expect(troubles.map(({ path }) => path)).toEqual(['scan/empty.txt', 'scan/nothing.json', 'scan/broken.json'])
  })

  test('is known again by its content, and by its number where it says something else now', async () => {
    const files = [
      picked('a.txt', 'A', 'text/plain'),
      picked('b.txt', 'A', 'text/plain'),
      picked('c.json', HAEMOGLOBIN),
      picked('d.json', '{"resourceType":"Patient","id":"1"}'),
    ]
    const first = await readFiles(files, [], () => {})
    expect(first.items.map(({ twin, isOn }) => [twin, isOn])).toEqual([
      [null, true],
      ['twice', false],
      [null, true],
      [null, false],
    ])
    const named = { fileName: 'Patient.json' }
    const known = [
      stored({ contentSha256: sha256('A') }),
      stored({ fileName: `Observation-${ID}.json` }),
      stored(named),
    ]
    const second = await readFiles(files, known, () => {})
    expect(second.items.map(({ twin, older, isOn }) => [twin, older, isOn])).toEqual([
      ['stored', null, false],
      ['stored', null, false],
      [null, known[1], true],
      [null, null, false], // another's by the same name
    ])
  })
})

describe('adding', () => {
  const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
  const answerTo = (record: { title: string }) =>
    ({ recordId: record.title, title: record.title, contentSha256: sha256(record.title) }) as RecordSummary
  /** A vault that stores what it is told to, and says what was asked. */
  async function importOf(add: (record: NewRecord, id: string) => Promise<RecordSummary | Fault | Refusal>) {
    const asked: string[] = []
    const underWay = { now: 0, most: 0 }
    const abandoned: string[] = []
    const waited: number[] = []
    const vault: RecordSummary[] = []
    const records = createLoadable<readonly RecordSummary[]>(() => Promise.resolve({ kind: 'done', value: [...vault] }))
    await records.getState().load()
    const store = createImportStore(
      {
        async addOnce(id, record) {
          asked.push(record.title)
          underWay.most = Math.max(underWay.most, ++underWay.now)
          await Promise.resolve()
          const answer = await add(record, id)
          underWay.now--
          if (answer instanceof Fault) throw answer
          if ('kind' in answer) return { kind: 'refused', refusal: answer }
          vault.push(answer)
          return { kind: 'done', value: answer }
        },
        abandon({ recordId }) {
          abandoned.push(recordId)
          return Promise.resolve({ kind: 'done', value: null })
        },
        add: () => Promise.reject(new Error('not asked')),
        amend: () => Promise.reject(new Error('not asked')),
      },
      records,
      () => 7,
      (ms) => {
        waited.push(ms)
        return Promise.resolve()
      },
    )
    await store.getState().pick(NAMES.map((name) => picked(`${name}.txt`, name, 'text/plain')))
    const listed = () => {
      const { view } = records.getState()
      return view.status === 'ready' ? view.value.map(({ title }) => title).toSorted() : null
    }
    return { store, asked, underWay, vault, abandoned, waited, listed }
  }

  test('has several on their way at a time, and never more', async () => {
    const { store, asked, underWay, listed } = await importOf((record) => Promise.resolve(answerTo(record)))
    await store.getState().run()
    expect(underWay.most).toBe(IN_FLIGHT)
    expect(IN_FLIGHT).toBeLessThan(OPEN_UPLOADS_MAX / 2) // two that broke off leave room for a third
    expect(asked).toEqual(NAMES)
    expect(store.getState().view).toEqual({ status: 'done', added: NAMES.length, atMs: 7 })
    expect(listed()).toEqual(NAMES)
  })

  test('goes on where it broke off under the same numbers, and adds nothing twice', async () => {
    let isDown = true
    const numbers = new Map<string, Set<string>>()
    const { store, asked, vault, listed } = await importOf((record, id) => {
      numbers.set(record.title, (numbers.get(record.title) ?? new Set()).add(id))
      if (!isDown || !['b', 'c'].includes(record.title)) return Promise.resolve(answerTo(record))
      if (record.title === 'c') vault.push(answerTo(record)) // it arrived, and nobody heard
      return Promise.resolve(new Fault('Unreachable', 'down'))
    })
    await store.getState().run()
    expect(store.getState().view).toEqual({ status: 'stopped', problem: { kind: 'fault', code: 'Unreachable' } })
    const first = [...asked]
    isDown = false
    await store.getState().run()
    expect(store.getState().view).toEqual({ status: 'done', added: NAMES.length, atMs: 7 })
    expect(asked.slice(first.length)).toEqual(['b', ...NAMES.slice(first.length)].toSorted())
    expect([...numbers.values()].map(({ size }) => size)).toEqual(NAMES.map(() => 1))
    expect(listed()).toEqual(NAMES)
  })

  test('what broke off and is not gone on with is taken back, and nothing of it is taken for the next choice', async () => {
    let isDown = true
    const sent = new Map<string, string>()
    const { store, abandoned } = await importOf((record, id) => {
      sent.set(record.title, id)
      return Promise.resolve(isDown && record.title === 'b' ? new Fault('Unreachable', 'down') : answerTo(record))
    })
    await store.getState().run()
    const before = [...sent.values()]
    store.getState().clear()
    isDown = false
    await store.getState().pick([picked('x.txt', 'x', 'text/plain')])
    expect(abandoned).toEqual([sent.get('b')])
    await store.getState().run()
    expect(store.getState().view).toEqual({ status: 'done', added: 1, atMs: 7 })
    expect(before).not.toContain(sent.get('x'))
  })

  test('gives a busy network the time it asks for, and stops where that is long', async () => {
    const left = { tries: 2 }
    const busy = (retryAfterMs: number): Refusal => ({ kind: 'Busy', retryAfterMs })
    const { store, waited } = await importOf((record) =>
      Promise.resolve(record.title === 'b' && left.tries-- > 0 ? busy(3000) : answerTo(record)),
    )
    await store.getState().run()
    expect(waited).toEqual([3000, 3000])
    expect(store.getState().view).toEqual({ status: 'done', added: NAMES.length, atMs: 7 })
    const long = await importOf((record) => Promise.resolve(record.title === 'b' ? busy(3_600_000) : answerTo(record)))
    await long.store.getState().run()
    expect(long.waited).toEqual([])
    expect(long.store.getState().view).toMatchObject({ status: 'stopped', problem: { refusal: { kind: 'Busy' } } })
  })

  test('one that is refused is said and keeps the others from nothing', async () => {
    const { store, listed } = await importOf((record) =>
      Promise.resolve(record.title === 'b' ? { kind: 'BadInput', field: 'title', code: 'length' } : answerTo(record)),
    )
    await store.getState().run()
    expect(store.getState().view).toEqual({ status: 'done', added: NAMES.length - 1, atMs: 7 })
    expect(store.getState().troubles.map(({ path }) => path)).toEqual(['b'])
    expect(listed()).toEqual(NAMES.filter((name) => name !== 'b'))
  })

  test('stops after those that are on their way', async () => {
    const { store, asked, listed } = await importOf((record) => {
      store.getState().stop()
      return Promise.resolve(answerTo(record))
    })
    await store.getState().run()
    expect(store.getState().view).toEqual({ status: 'stopped', problem: null })
    expect(asked).toEqual(NAMES.slice(0, IN_FLIGHT))
    expect(listed()).toEqual(asked)
  })
})
