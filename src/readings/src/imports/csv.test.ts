import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { merged } from '../duplicates.ts'
import { partsOf, type Reading } from '../reading.ts'
import { importCsv } from './csv.ts'
import { ordersOf, readClock, readDay, readNumber, readTime } from './csv-cells.ts'
import { type CsvMapping, guessCsv, questionsOf } from './csv-mapping.ts'
import type { Skipped } from './import-run.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
}
async function read(bytes: Uint8Array, mapping: CsvMapping, size = 50) {
  const readings: Reading[] = []
  let skipped: readonly Skipped[] = []
  for await (const batch of importCsv(inPieces(bytes, size), { mapping, device: 'File', offsetOf: () => 120 })) {
    readings.push(...batch.readings)
    skipped = batch.skipped
  }
  return { readings, skipped }
}
const short = (readings: readonly Reading[]) =>
  readings.map(
    (reading) =>
      `${new Date(reading.clockMs).toISOString().slice(0, 19)} ${partsOf(reading)
        .map(({ code, value }) => `${code}=${String(value)}`)
        .join(' ')} ${reading.unit}`,
  )

// Tables as cuffs, meters, scales and people make them.
const CUFF = `Date,Time,Systolic (mmHg),Diastolic (mmHg),Pulse (bpm),Note
05/14/2024,7:05 AM,138,86,71,"after coffee,
two cups"
05/15/2024,9:30 PM,141,88,,
05/16/2024,7:00 AM,,,70,
`
const CZECH =
  'Datum;Čas;Hmotnost [kg];Tělesný tuk;Poznámka\r\n14.5.2024;7:05;74,2;25,9;\r\n15.5.2024;7:06;74,0;25,8;"""ráno"""\r\n31.12.2024;23:59;1 074,5;;\r\n'
const LIBRE = `Glucose Data,Generated on,05-20-2024 09:00 AM UTC
Device,Serial Number,Device Timestamp,Record Type,Historic Glucose mmol/L,Scan Glucose mmol/L
FreeStyle,ABC,14-05-2024 07:05,0,5.6,
FreeStyle,ABC,14-05-2024 07:20,1,,LO
FreeStyle,ABC,14-05-2024 07:35,0,HI,
`
const ISO = 'timestamp\tbg\n2024-05-14T07:05:00+02:00\t112\n1715663700\t98\n2024-05-14T08:00:00Z\tn/a\n'

describe('a table', () => {
  test('of a cuff: halves become one pressure, quoted line ends are no lines', async () => {
    const { mapping, questions, names } = guessCsv(bytesOf(CUFF))
    expect(questions).toEqual([])
    expect(names[2]).toBe('Systolic (mmHg)')
    expect(mapping).toMatchObject({ delimiter: ',', headLines: 1, dateOrder: 'mdy', hasDecimalComma: false })
    const { readings, skipped } = await read(bytesOf(CUFF), mapping)
    expect(short(readings)).toEqual([
      '2024-05-14T07:05:00 8480-6=138 8462-4=86 mm[Hg]',
      '2024-05-14T07:05:00 8867-4=71 /min',
      '2024-05-15T21:30:00 8480-6=141 8462-4=88 mm[Hg]',
      '2024-05-16T07:00:00 8867-4=70 /min',
    ])
    expect(readings[0]).toMatchObject({
      timeMs: Date.UTC(2024, 4, 14, 5, 5),
      offsetMinutes: 120,
      flags: ['zoneAssumed'],
      source: { device: 'File' },
    })
    expect(skipped).toEqual([])
  })

  test('with decimal commas, semicolons and another language', async () => {
    const { mapping, questions } = guessCsv(bytesOf(CZECH))
    expect(mapping).toMatchObject({ delimiter: ';', newline: '\r\n', hasDecimalComma: true, dateOrder: 'dmy' })
    expect(questions).toEqual([])
    const { readings } = await read(bytesOf(CZECH), mapping)
    expect(short(readings)).toEqual([
      '2024-05-14T07:05:00 29463-7=74.2 kg',
      '2024-05-14T07:05:00 41982-0=25.9 %',
      '2024-05-15T07:06:00 29463-7=74 kg',
      '2024-05-15T07:06:00 41982-0=25.8 %',
      '2024-12-31T23:59:00 29463-7=1074.5 kg',
    ])
    expect(readings.at(-1)?.flags).toEqual(['implausible', 'zoneAssumed'])
  })

  test('of a sensor: lines before the names, units in the names, and more or less than it can tell', async () => {
    const { mapping, questions } = guessCsv(bytesOf(LIBRE))
    expect([mapping.headLines, questions]).toEqual([2, []])
    expect(mapping.columns).toEqual([
      { as: 'device' },
      { as: 'ignore' },
      { as: 'time' },
      { as: 'ignore' },
      { as: 'measure', measure: 'sensorGlucose', unit: 'mmol/L' },
      { as: 'ignore' },
    ])
    const both = {
      ...mapping,
      columns: mapping.columns.with(5, { as: 'measure', measure: 'sensorGlucose', unit: 'mmol/L' }),
    }
    const { readings } = await read(bytesOf(LIBRE), both)
    expect(readings.map(({ code, value, flags, source }) => [code, value, flags.at(-1), source.device])).toEqual([
      ['105272-9', 5.6, 'zoneAssumed', 'FreeStyle'],
      ['105272-9', null, 'belowRange', 'FreeStyle'],
      ['105272-9', null, 'aboveRange', 'FreeStyle'],
    ])
  })

  test('with moments that need no zone, and a unit that the numbers tell', async () => {
    const { mapping, questions } = guessCsv(bytesOf(ISO))
    expect([mapping.delimiter, mapping.columns[1], questions]).toEqual([
      '\t',
      { as: 'measure', measure: 'bloodGlucose', unit: 'mg/dL' },
      [],
    ])
    const { readings, skipped } = await read(bytesOf(ISO), mapping)
    expect(readings).toMatchObject([
      { timeMs: Date.UTC(2024, 4, 14, 5, 5), offsetMinutes: 120, flags: [] },
      { timeMs: 1_715_663_700_000, offsetMinutes: null, value: 98 },
    ])
    expect(skipped).toEqual([{ reason: 'notPlain', what: 'bloodGlucose', count: 1, lines: [4] }])
  })

  test('in pieces of any size is the same, and read twice adds nothing', async () => {
    const { mapping } = guessCsv(bytesOf(CZECH))
    const expected = (await read(bytesOf(CZECH), mapping, 10_000)).readings
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), async (size) => {
        expect((await read(bytesOf(CZECH), mapping, size)).readings).toEqual(expected)
      }),
      { numRuns: 40 },
    )
    expect(merged([...expected, ...expected]).kept).toHaveLength(expected.length)
  })

  test('in the letters of an older Windows, or of 16 bits, is read too', async () => {
    const latin = Uint8Array.from('Datum;Gewicht kg;Gerät\n14.05.2024 07:05;74,2;Wäage\n', (letter) =>
      letter.charCodeAt(0),
    )
    const guess = guessCsv(latin)
    expect(guess.mapping.encoding).toBe('windows-1252')
    expect((await read(latin, guess.mapping)).readings).toMatchObject([{ value: 74.2, source: { device: 'Wäage' } }])
    const wide = Buffer.from('\ufeffdate;weight kg\n2024-05-14 07:05;74,2\n', 'utf16le')
    expect((await read(wide, guessCsv(wide).mapping, 7)).readings).toMatchObject([{ value: 74.2 }])
  })

  test.each([
    ['the order of day and month', 'date;weight kg\n04/05/2024 07:00;70\n', [{ ask: 'dateOrder' }]],
    ['a unit', 'date;weight\n14.05.2024 07:00;70\n', [{ ask: 'unit', column: 1 }]],
    ['what is measured', 'date;mood\n14.05.2024 07:00;7\n', [{ ask: 'measure' }]],
    ['when', 'weight kg;pulse\n70;60\n', [{ ask: 'time' }]],
    ['all of it', '', [{ ask: 'time' }, { ask: 'measure' }]],
  ])('asks for %s where it does not say it', async (_, text, questions) => {
    const guess = guessCsv(bytesOf(text))
    expect(guess.questions).toEqual(questions)
    if (questions.some(({ ask }) => ask !== 'dateOrder'))
      await expect(read(bytesOf(text), guess.mapping)).rejects.toThrow(RangeError)
  })

  test('with lines that say nothing, or something else, counts them with their places', async () => {
    const text =
      'date;weight kg\n14.05.2024 07:00;70\n\n31.02.2024 07:00;70\n15.05.2024 07:00;\n16.05.2024 07:00;5 pebbles\n17.05.2024 07:00;154,3 lb\n'
    const { readings, skipped } = await read(bytesOf(text), guessCsv(bytesOf(text)).mapping)
    expect(short(readings)).toEqual(['2024-05-14T07:00:00 29463-7=70 kg', '2024-05-17T07:00:00 29463-7=154.3 [lb_av]'])
    expect(skipped.map(({ reason, lines }) => [reason, lines])).toEqual([
      ['noTime', [4]],
      ['noValue', [5]],
      ['unknownUnit', [6]],
    ])
  })

  test('whose quote never ends is none', async () => {
    const { mapping } = guessCsv(bytesOf(CZECH))
    const text = `${CZECH}1.1.2024;7:00;"${'x'.repeat(1_200_000)}`
    await expect(read(bytesOf(text), mapping, 65_536)).rejects.toMatchObject({ kind: 'notThisKind' })
  })

  test('of anything is guessed without an error, and never read with questions open', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ maxLength: 300 }).map(bytesOf)), (sample) => {
        const { mapping } = guessCsv(sample)
        expect(questionsOf(mapping).length >= 0).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

describe('cells', () => {
  const day = Date.UTC(2024, 4, 14)
  test('days in three orders, and no days that do not exist', () => {
    expect(['14.5.2024', '14/05/24', '14. 5. 2024.'].map((text) => readDay(text, 'dmy'))).toEqual([day, day, day])
    expect([readDay('05/14/2024', 'mdy'), readDay('2024-05-14', 'dmy'), readDay('2024/5/14', 'ymd')]).toEqual([
      day,
      day,
      day,
    ])
    expect(['31.2.2024', '14.13.2024', '1.1.024', 'x'].map((text) => readDay(text, 'dmy'))).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect([
      ordersOf(['14.5.2024']),
      ordersOf(['5/14/2024']),
      ordersOf(['2024-05-04']),
      ordersOf(['4/4/2024']),
    ]).toEqual([['dmy'], ['mdy'], ['dmy'], ['dmy']])
    expect(ordersOf(['4/5/2024', '5/4/2024'])).toEqual(['dmy', 'mdy'])
  })
  test('times of half days and of whole ones', () => {
    expect(['7:05', '07:05:09', '7:05 PM', '12:00 am', '12:30 p.m.', '0:00'].map(readClock)).toEqual([
      25_500_000, 25_509_000, 68_700_000, 0, 45_000_000, 0,
    ])
    expect(['24:00', '7:60', '13:00 PM', '7', ''].map(readClock)).toEqual([null, null, null, null, null])
    expect(readTime('14.05.2024, 7:05', 'dmy')).toMatchObject({ ms: day + 25_500_000, isWall: true })
  })
  test('numbers', () => {
    const value = (text: string, comma: boolean) => readNumber(text, comma)?.value
    expect([
      value('1.074,5', true),
      value('1,074.5', false),
      value('−3', false),
      value(' 7 ', true),
      value('1’000', false),
    ]).toEqual([1074.5, 1074.5, -3, 7, 1000])
    expect(readNumber('5.6 mmol/L', false)).toMatchObject({ value: 5.6, unit: 'mmol/L' })
    expect([
      value('<5', false),
      value('five', false),
      value('', false),
      value('1.2.3', false),
      value('154,3', false),
      value('1.5', true),
    ]).toEqual([undefined, undefined, undefined, undefined, undefined, undefined])
  })
})
