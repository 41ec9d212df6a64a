import { Fault, type NewRecord, type RecordSummary } from '@medguard/client'
import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createLoadable } from '../app/loadable.ts'
import { fhirItems } from './fhir-items.ts'
import { createImportStore } from './import-store.ts'
import { resourceTexts } from './json-pieces.ts'
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
  test('are cut out as they stand, digits and spaces included', () => {
    expect(resourceTexts(BUNDLE)).toEqual([HAEMOGLOBIN, PATIENT, null])
  })

  test('whatever JSON stands around and in them', () => {
    const resource = fc.dictionary(fc.string(), fc.jsonValue())
    fc.assert(
      fc.property(
        fc.array(resource),
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.nat(3),
        (resources, more, indent) => {
          const bundle = { ...more, entry: resources.map((one) => ({ ...more, resource: one })), last: '"]}' }
          const pieces = resourceTexts(JSON.stringify(bundle, null, indent))
          expect(pieces.map((piece) => JSON.parse(piece ?? 'null') as unknown)).toEqual(
            JSON.parse(JSON.stringify(resources)),
          )
        },
      ),
    )
  })

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
      { type: 'Patient', title: 'Ada Byrne', isAdministrative: true, fileName: null },
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
    ]
    const first = await readFiles(files, [], () => {})
    expect(first.items.map(({ twin, isOn }) => [twin, isOn])).toEqual([
      [null, true],
      ['twice', false],
      [null, true],
    ])
    const known = [stored({ contentSha256: sha256('A') }), stored({ fileName: `Observation-${ID}.json` })]
    const second = await readFiles(files, known, () => {})
    expect(second.items.map(({ twin, older, isOn }) => [twin, older, isOn])).toEqual([
      ['stored', null, false],
      ['stored', null, false],
      [null, known[1], true],
    ])
  })
})

describe('adding', () => {
  const answerTo = (record: { title: string }) => ({ recordId: record.title, title: record.title }) as RecordSummary
  async function importOf(add: (record: NewRecord) => Promise<RecordSummary | Fault | 'refused'>) {
    const asked: string[] = []
    const records = createLoadable<readonly RecordSummary[]>(() => Promise.resolve({ kind: 'done', value: [] }))
    await records.getState().load()
    const store = createImportStore(
      {
        async add(record) {
          asked.push(record.title)
          const answer = await add(record)
          if (answer instanceof Fault) throw answer
          if (answer !== 'refused') return { kind: 'done', value: answer }
          return { kind: 'refused', refusal: { kind: 'BadInput', field: 'title', code: 'length' } }
        },
        amend: () => Promise.reject(new Error('not asked')),
      },
      records,
      () => 7,
    )
    await store.getState().pick(['a', 'b', 'c'].map((name) => picked(`${name}.txt`, name, 'text/plain')))
    const listed = () => {
      const { view } = records.getState()
      return view.status === 'ready' ? view.value.map(({ title }) => title) : null
    }
    return { store, asked, listed }
  }

  test('goes on where it broke off, and adds nothing twice', async () => {
    let isDown = true
    const { store, asked, listed } = await importOf((record) =>
      Promise.resolve(record.title === 'b' && isDown ? new Fault('Unreachable', 'down') : answerTo(record)),
    )
    await store.getState().run()
    expect(store.getState().view).toEqual({ status: 'stopped', problem: { kind: 'fault', code: 'Unreachable' } })
    expect(listed()).toEqual(['a'])
    isDown = false
    await store.getState().run()
    expect(store.getState().view).toEqual({ status: 'done', added: 3, atMs: 7 })
    expect(asked).toEqual(['a', 'b', 'b', 'c'])
    expect(listed()).toEqual(['a', 'b', 'c'])
  })

  test('one that is refused is said and keeps the others from nothing', async () => {
    const { store, listed } = await importOf((record) =>
      Promise.resolve(record.title === 'b' ? ('refused' as const) : answerTo(record)),
    )
    await store.getState().run()
    expect(store.getState().view).toEqual({ status: 'done', added: 2, atMs: 7 })
    expect(store.getState().troubles.map(({ path }) => path)).toEqual(['b'])
    expect(listed()).toEqual(['a', 'c'])
  })

  test('stops after the one that is on its way', async () => {
    const { store, listed } = await importOf((record) => {
      store.getState().stop()
      return Promise.resolve(answerTo(record))
    })
    await store.getState().run()
    expect(store.getState().view).toEqual({ status: 'stopped', problem: null })
    expect(listed()).toEqual(['a'])
  })
})
