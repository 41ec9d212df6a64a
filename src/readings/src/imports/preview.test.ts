import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { appleXml, appleZip } from './apple-export.fixture.ts'
import { BEGINNING_BYTES, type FileFormat, formatOf, importFile } from './formats.ts'
import type { Pieces } from './import-run.ts'
import { createPreviewer } from './preview.ts'

const own = (name: string) => readFileSync(new URL(`../../../../test/vectors/imports/${name}`, import.meta.url))
const bytesOf = (text: string) => new TextEncoder().encode(text)
async function wholeOf(pieces: Pieces): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const piece of pieces) parts.push(piece)
  return Buffer.concat(parts)
}
async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}

describe('what a file is', () => {
  test.each([
    ['fit', own('synthetic-weight-scale.fit')],
    ['openMhealth', own('open-mhealth-datapoints.json')],
    ['nightscout', bytesOf('[{"type":"sgv","sgv": 101,"date":1}]')],
    ['csv', bytesOf('date;weight kg\n14.05.2024 07:00;70\n')],
    [null, bytesOf('{"resourceType":"Bundle"}')],
    [null, bytesOf('<svg/>')],
    [null, bytesOf('{}')],
    [null, bytesOf('just a letter')],
    [null, new Uint8Array([1, 0, 2])],
    [null, new Uint8Array(0)],
  ] as const)('%s is seen in its beginning', (kind, bytes) => {
    expect(formatOf(bytes)?.kind ?? null).toBe(kind)
  })
  test('of a phone too, packed or not', async () => {
    const xml = await wholeOf(appleXml({ days: 1 }))
    expect([
      formatOf(xml.subarray(0, BEGINNING_BYTES))?.kind,
      formatOf(await wholeOf(appleZip({ days: 1 })))?.kind,
    ]).toEqual(['appleXml', 'appleZip'])
  })
})

const options = { device: 'File', offsetOf: () => 60 }
async function previewOf(bytes: Uint8Array, before: Uint8Array | null = null) {
  const previewer = createPreviewer()
  const read = async (file: Uint8Array, take: (batch: Parameters<typeof previewer.take>[0]) => void) => {
    const format = formatOf(file)
    if (format === null) throw new Error('a file of readings')
    for await (const batch of importFile(format, one(file), options)) take(batch)
  }
  if (before !== null) await read(before, ({ readings }) => previewer.know(readings))
  await read(bytes, (batch) => previewer.take(batch))
  return previewer.preview()
}

describe('a preview', () => {
  test('says what would be stored, from when to when, of which device, and what would not', async () => {
    const bytes = await wholeOf(appleXml({ days: 3 }))
    const preview = await previewOf(bytes)
    expect(preview).toMatchObject({
      count: 3 * 483,
      flagged: 3,
      repeats: 0,
      otherSources: 0,
      documents: 0,
      doneBytes: bytes.length,
    })
    expect(preview.kinds[0]).toEqual({
      code: '8867-4',
      unit: '/min',
      count: 1440,
      fromMs: Date.UTC(2020, 0, 1),
      toMs: Date.UTC(2020, 0, 3, 23, 57),
      devices: ['Zoë’s Watch'],
    })
    expect(preview.kinds.map(({ code, count }) => [code, count])).toEqual([
      ['8867-4', 1440],
      ['15074-8', 3],
      ['2708-6', 3],
      ['85354-9', 2],
      ['8480-6', 1],
    ])
    expect(preview.skipped.map(({ reason }) => reason).toSorted()).toEqual([
      'twiceInFile',
      'unknownKind',
      'unknownUnit',
    ])
  })

  test('of what is stored already has nothing new', async () => {
    const bytes = await wholeOf(appleXml({ days: 2 }))
    expect(await previewOf(bytes, bytes)).toMatchObject({ count: 0, repeats: 966, kinds: [] })
    const longer = await previewOf(await wholeOf(appleXml({ days: 3 })), bytes)
    // The day more, and the pressure of which the shorter file had only one half.
    expect([longer.count, longer.repeats]).toEqual([484, 965])
  })

  test('of the same from another app says so', async () => {
    const table = (device: string) =>
      bytesOf(`date;weight kg;device\n14.05.2024 07:00;70,5;${device}\n15.05.2024 07:00;70,1;${device}\n`)
    expect(await previewOf(table('Phone'), table('Scale'))).toMatchObject({ count: 0, otherSources: 2 })
  })

  test.each<[string, FileFormat['kind']]>([
    ['synthetic-blood-pressure.fit', 'fit'],
    ['open-mhealth-datapoints.json', 'openMhealth'],
  ])('%s', async (name) => {
    expect((await previewOf(own(name))).count).toBeGreaterThan(2)
  })
})
