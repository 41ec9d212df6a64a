import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { merged } from '../duplicates.ts'
import { readingsOfObservation } from '../fhir/from-observation.ts'
import type { Reading } from '../reading.ts'
import { appleXml, appleZip } from './apple-export.fixture.ts'
import { importAppleXml } from './apple-health.ts'
import { importAppleZip } from './apple-zip.ts'
import { importFit } from './fit.ts'
import { type ImportBatch, ImportFault, type Pieces, piecesOf, type Skipped } from './import-run.ts'
import { importNightscout } from './nightscout.ts'
import { importOpenMhealth } from './open-mhealth.ts'

async function* inPieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
}
const piecesOfText = (text: string, size?: number) => inPieces(new TextEncoder().encode(text), size)
const json = (value: unknown) => piecesOfText(JSON.stringify(value))

interface Found {
  readonly readings: readonly Reading[]
  readonly skipped: readonly Skipped[]
  readonly documents: ImportBatch['documents']
  readonly batches: number
}
async function all(batches: AsyncIterable<ImportBatch>): Promise<Found> {
  const readings: Reading[] = []
  const documents: ImportBatch['documents'][number][] = []
  let [skipped, count]: [readonly Skipped[], number] = [[], 0]
  for await (const batch of batches) {
    readings.push(...batch.readings)
    documents.push(...batch.documents)
    skipped = batch.skipped
    count += 1
  }
  return { readings, documents, skipped, batches: count }
}
const counts = (readings: readonly Reading[]) => {
  const found: Record<string, number> = {}
  for (const { code, unit } of readings) found[`${code} ${unit}`] = (found[`${code} ${unit}`] ?? 0) + 1
  return found
}
const why = (skipped: readonly Skipped[]) =>
  Object.fromEntries(skipped.map(({ reason, what, count }) => [`${reason} ${what}`, count]))

const own = (name: string) => readFileSync(new URL(`../../../../test/vectors/imports/${name}`, import.meta.url))
const SHARED = new URL('../../../../../shared/data/', import.meta.url)
const sample = (name: string) => new URL(name, SHARED)

describe('an export of Apple Health', () => {
  test('gives each blood pressure once, and says what it leaves out', async () => {
    const { readings, skipped, batches } = await all(importAppleXml(appleXml({ days: 6 })))
    expect(counts(readings)).toEqual({
      '8867-4 /min': 2880,
      '85354-9 mm[Hg]': 5,
      '8480-6 mm[Hg]': 1,
      '2708-6 %': 6,
      '15074-8 mmol/L': 6,
    })
    expect(why(skipped)).toEqual({
      'twiceInFile HKCorrelationTypeIdentifierBloodPressure': 5,
      'unknownKind HKQuantityTypeIdentifierEnvironmentalAudioExposure': 6,
      'unknownUnit HKQuantityTypeIdentifierBodyMass stones': 6,
    })
    expect(batches).toBeGreaterThan(1)
    const glucose = readings.find(({ code }) => code === '15074-8')
    expect(glucose).toMatchObject({
      value: 5.6,
      meal: 'afterMeal',
      flags: ['typed'],
      offsetMinutes: 60,
      timeMs: Date.UTC(2020, 0, 1),
      source: { device: 'Zoë’s Watch' },
    })
    expect(readings.find(({ code }) => code === '2708-6')?.value).toBe(97)
    expect(merged(readings).duplicates).toEqual([])
  })

  test('as a zip gives the same, finds it under whatever name, and brings clinical records along', async () => {
    const [plain, zipped] = [
      await all(importAppleXml(appleXml({ days: 3 }))),
      await all(importAppleZip(appleZip({ days: 3 }))),
    ]
    expect(zipped.readings).toEqual(plain.readings)
    expect(zipped.skipped).toEqual(plain.skipped)
    expect(zipped.documents).toEqual([
      {
        name: 'apple_health_export/clinical-records/Observation-1.json',
        json: { resourceType: 'Observation', id: '1' },
      },
    ])
  })

  test('in pieces of any size is the same', async () => {
    const parts: Uint8Array[] = []
    for await (const part of appleXml({ days: 1 })) parts.push(part)
    const bytes = Buffer.concat(parts)
    const expected = (await all(importAppleXml(inPieces(bytes, bytes.length)))).readings
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5000 }), async (size) => {
        expect((await all(importAppleXml(inPieces(bytes, size)))).readings).toEqual(expected)
      }),
      { numRuns: 8 },
    )
  })

  const record = (type: string, value: string, more = '') =>
    `<Record type="HKQuantityTypeIdentifier${type}" sourceName="A" unit="mmHg" startDate="2024-05-01 08:00:00 +0200" endDate="2024-05-01 08:00:00 +0200" value="${value}"${more}/>`
  const correlation = (upper: string, lower: string) =>
    `<Correlation type="HKCorrelationTypeIdentifierBloodPressure" sourceName="A">${record('BloodPressureSystolic', upper)}${record('BloodPressureDiastolic', lower)}</Correlation>`
  test.each([
    [
      'the correlation first',
      `${correlation('120', '80')}${record('BloodPressureSystolic', '120')}${record('BloodPressureDiastolic', '80')}`,
      1,
    ],
    [
      'the correlation last',
      `${record('BloodPressureDiastolic', '80')}${record('BloodPressureSystolic', '120')}${correlation('120', '80')}`,
      1,
    ],
    ['two different ones in a minute', `${correlation('120', '80')}${correlation('121', '80')}`, 2],
    ['half of one', record('BloodPressureDiastolic', '80'), 1],
  ])('%s', async (_, inside, count) => {
    const { readings } = await all(importAppleXml(piecesOfText(`<HealthData>${inside}</HealthData>`)))
    expect(readings).toHaveLength(count)
  })

  test('a record without a time, a value or a known unit is counted, not guessed', async () => {
    const odd = `<HealthData>${record('HeartRate', '60')}<Record type="HKQuantityTypeIdentifierBodyMass" unit="kg" value="70" startDate="soon"/><Record type="HKQuantityTypeIdentifierBodyMass" unit="kg" value="NaN" startDate="2024-05-01 08:00:00 +0200"/><Record/></HealthData>`
    const { readings, skipped } = await all(importAppleXml(piecesOfText(odd)))
    expect(readings).toEqual([])
    expect(why(skipped)).toEqual({
      'unknownUnit HKQuantityTypeIdentifierHeartRate mmHg': 1,
      'noTime HKQuantityTypeIdentifierBodyMass': 1,
      'noValue HKQuantityTypeIdentifierBodyMass': 1,
      'unknownKind ?': 1,
    })
  })

  test.each([
    ['notThisKind', importAppleXml, '<svg></svg>'],
    ['notThisKind', importAppleXml, 'no XML'],
    ['notThisKind', importAppleXml, ' '.repeat(5_000_000)],
    ['damaged', importAppleXml, '<HealthData><Record type="a"'],
    ['damaged', importAppleXml, '<HealthData>&bomb;</HealthData>'],
    ['notThisKind', importAppleZip, 'no zip'],
    ['notThisKind', importAppleZip, 'PK\u0005\u0006'],
  ] as const)('that is none is %s', async (kind, importer: (pieces: Pieces) => AsyncIterable<ImportBatch>, text) => {
    await expect(all(importer(piecesOfText(text, 100_000)))).rejects.toMatchObject({ name: 'ImportFault', kind })
  })

  test('whose zip was cut off is damaged', async () => {
    const parts: Uint8Array[] = []
    for await (const part of appleZip({ days: 2 })) parts.push(part)
    const bytes = Buffer.concat(parts)
    for (const length of [200, Math.floor(bytes.length / 2)])
      await expect(all(importAppleZip(inPieces(bytes.subarray(0, length))))).rejects.toBeInstanceOf(ImportFault)
  })

  const SAMPLE = sample('apple-health/export.xml')
  test.skipIf(!existsSync(SAMPLE))('the sample: thirty days of one person', async () => {
    const { readings, skipped, documents } = await all(importAppleXml(inPieces(readFileSync(SAMPLE), 10_000)))
    expect(counts(readings)).toMatchObject({
      '85354-9 mm[Hg]': 15,
      '8867-4 /min': 2160,
      '2708-6 %': 120,
      '29463-7 kg': 10,
      '15074-8 mmol/L': 10,
      '93831-6 min': 30,
    })
    // Steps that the sample puts before 1970.
    expect(why(skipped)['noTime HKQuantityTypeIdentifierStepCount']).toBe(88)
    expect(documents.map(({ name }) => name)).toEqual(['/clinical-records/Observation-obs-synth-1.json'])
    expect(readings.every(({ flags }) => !flags.includes('implausible'))).toBe(true)
    const observation = JSON.parse(
      readFileSync(sample('apple-health/clinical-records/Observation-obs-synth-1.json'), 'utf8'),
    ) as unknown
    expect(readingsOfObservation(observation, 'Hospital')).toMatchObject({ readings: [{ code: '4548-4', value: 6.4 }] })
  })
})

describe('FIT files', () => {
  test('of a cuff and a scale: every reading, not only the last', async () => {
    const pressure = await all(importFit(inPieces(own('synthetic-blood-pressure.fit')), { device: 'Cuff' }))
    expect(counts(pressure.readings)).toEqual({ '85354-9 mm[Hg]': 30, '8867-4 /min': 30 })
    expect(pressure.readings[0]).toMatchObject({
      timeMs: Date.UTC(2024, 2, 10, 7),
      source: { device: 'Cuff' },
      components: [{ value: 136 }, { value: 84 }, { value: 96 }],
    })
    const weight = await all(importFit(inPieces(own('synthetic-weight-scale.fit')), { device: 'Scale' }))
    expect(counts(weight.readings)).toEqual({ '29463-7 kg': 30, '41982-0 %': 30, '39156-5 kg/m2': 30 })
    expect(weight.readings[0]).toMatchObject({ value: 74.2 })
  })

  test('that are cut off, spoilt or none are refused', async () => {
    const good = own('synthetic-weight-scale.fit')
    const spoilt = Buffer.from(good)
    spoilt[100] = (spoilt[100] ?? 0) ^ 1
    for (const [bytes, kind] of [
      [good.subarray(0, 200), 'damaged'],
      [spoilt, 'damaged'],
      [new Uint8Array(0), 'notThisKind'],
      [Buffer.from('a,b\n1,2\n'), 'notThisKind'],
    ] as const)
      await expect(all(importFit(inPieces(bytes), { device: 'S' }))).rejects.toMatchObject({
        name: 'ImportFault',
        kind,
      })
  })

  const RUN = sample('fit/synthetic-run-activity.fit')
  test.skipIf(!existsSync(RUN))('of a run: its pulse', async () => {
    const { readings, skipped } = await all(importFit(inPieces(readFileSync(RUN)), { device: 'Watch' }))
    expect([counts(readings), skipped]).toEqual([{ '8867-4 /min': 1800 }, []])
  })
})

describe('lists of JSON', () => {
  test('Nightscout: what a sensor told, what a meter told, and neither calibrations nor error codes as values', async () => {
    const entry = (more: object) => ({ type: 'sgv', device: 'cgm', date: 1_710_287_700_000, utcOffset: 60, ...more })
    const list = [
      entry({ sgv: 101 }),
      entry({ sgv: 39 }),
      entry({ sgv: 401 }),
      entry({ sgv: 9 }),
      entry({ type: 'mbg', mbg: 98 }),
      entry({ type: 'cal', slope: 1 }),
      entry({ sgv: 'high' }),
      entry({ date: null, sgv: 1 }),
      entry({ type: 'etc' }),
      null,
    ]
    const { readings, skipped } = await all(importNightscout(json(list)))
    expect(readings.map(({ code, value, flags }) => [code, value, flags])).toEqual([
      ['99504-3', 101, []],
      ['99504-3', 39, ['belowRange']],
      ['99504-3', 401, ['aboveRange']],
      ['99504-3', null, ['deviceError']],
      ['2339-0', 98, []],
    ])
    expect(readings[0]).toMatchObject({ offsetMinutes: 60, source: { device: 'cgm' } })
    expect(why(skipped)).toEqual({
      'notOfThePatient cal': 1,
      'noValue sgv': 1,
      'noTime sgv': 1,
      'unknownKind etc': 1,
      'unknownKind ?': 1,
    })
    await expect(all(importNightscout(json({})))).rejects.toMatchObject({ kind: 'notThisKind' })
    await expect(all(importNightscout(json([1, 2])))).rejects.toMatchObject({ kind: 'notThisKind' })
  })

  test('that were uploaded twice, with other ids, add nothing', async () => {
    const list = (id: string) => json([{ _id: id, type: 'sgv', date: 1_710_287_700_000, sgv: 101, device: 'cgm' }])
    const twice = [
      ...(await all(importNightscout(list('a')))).readings,
      ...(await all(importNightscout(list('b')))).readings,
    ]
    expect(merged(twice).kept).toHaveLength(1)
  })

  const NIGHTSCOUT = sample('devices/nightscout-entries-3days.json')
  test.skipIf(!existsSync(NIGHTSCOUT))('Nightscout, three days: 864 readings', async () => {
    const { readings } = await all(importNightscout(inPieces(readFileSync(NIGHTSCOUT))))
    expect(merged(readings).kept).toHaveLength(864)
  })

  test('Open mHealth: three data points, as a list, one by one or a line each', async () => {
    const points = JSON.parse(own('open-mhealth-datapoints.json').toString()) as unknown[]
    const { readings, skipped } = await all(importOpenMhealth(json(points)))
    expect(readings).toMatchObject([
      {
        code: '85354-9',
        unit: 'mm[Hg]',
        components: [{ value: 138 }, { value: 86 }],
        source: { device: 'Synthetic Cuff', id: '0b1f5c2e-5b7a-4d8d-9f2b-1c2d3e4f5a6b' },
      },
      { code: '8867-4', value: 71, timeMs: Date.UTC(2024, 2, 14, 7, 39) },
      { code: '2339-0', unit: 'mg/dL', value: 112, meal: 'fasting' },
    ])
    expect(skipped).toEqual([])
    expect(
      (await all(importOpenMhealth(piecesOfText(points.map((point) => JSON.stringify(point)).join('\n'))))).readings,
    ).toEqual(readings)
    expect((await all(importOpenMhealth(json(points[0])))).readings).toHaveLength(1)
  })

  test('Open mHealth: intervals, units, averages, and what is skipped with its place', async () => {
    const point = (name: string, body: object) => ({
      header: { schema_id: { name }, acquisition_provenance: { modality: 'self-reported' } },
      body,
    })
    const interval = {
      effective_time_frame: {
        time_interval: { start_date_time: '2024-03-14T07:00:00+01:00', duration: { value: 30, unit: 'min' } },
      },
    }
    const moment = { effective_time_frame: { date_time: '2024-03-14T07:00:00Z' } }
    const { readings, skipped } = await all(
      importOpenMhealth(
        json([
          point('step-count', { step_count: 4000, ...interval }),
          point('body-temperature', {
            body_temperature: { value: 98.6, unit: 'F' },
            ...moment,
            descriptive_statistic: 'average',
          }),
          point('sleep-duration', { sleep_duration: { value: 7.5, unit: 'h' }, ...interval }),
          point('body-weight', { body_weight: { value: 70, unit: 'pebbles' }, ...moment }),
          point('body-weight', { ...moment }),
          point('body-weight', { body_weight: { value: 70, unit: 'kg' } }),
          point('mood', {}),
        ]),
      ),
    )
    expect(readings).toMatchObject([
      { code: '55423-8', value: 4000, durationMs: 1_800_000, offsetMinutes: 60, flags: ['typed'] },
      { code: '8310-5', unit: '[degF]', value: 98.6, flags: ['typed', 'averaged'] },
      { code: '93832-4', unit: 'h', value: 7.5 },
    ])
    expect(skipped.map(({ reason, what, lines }) => [reason, what, lines])).toEqual([
      ['unknownUnit', 'body-weight', [4]],
      ['noValue', 'body-weight', [5]],
      ['noTime', 'body-weight', [6]],
      ['unknownKind', 'mood', [7]],
    ])
    await expect(all(importOpenMhealth(piecesOfText('not json')))).rejects.toMatchObject({ kind: 'notThisKind' })
  })
})

test('a stream is read in pieces and let go of when nobody reads on', async () => {
  let isCancelled = false
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array([1, 2])),
    cancel() {
      isCancelled = true
    },
  })
  for await (const piece of piecesOf(stream)) {
    expect([...piece]).toEqual([1, 2])
    break
  }
  expect(isCancelled).toBe(true)
})
