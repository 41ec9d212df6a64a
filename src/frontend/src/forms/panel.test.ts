import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fhirItems } from '../imports/fhir-items.ts'
import { panelBundle, panelRows } from './panel.ts'

const COMMON = { day: '2024-05-12', who: '' }
const read = (text: string) => panelRows(text, COMMON)
const valuesOf = (line: string) => {
  const { day: _, who: __, ...values } = read(line)[0]?.values ?? {}
  return values
}

test('a table is read as it comes out of spreadsheets, portals and letters', () => {
  const haemoglobin = { test: 'Haemoglobin', value: '14.1', unit: 'g/dL', low: '12', high: '16' }
  for (const line of [
    'Haemoglobin\t14.1\tg/dL\t12-16',
    'Haemoglobin\t14.1 g/dL\t12 – 16\tN',
    'Haemoglobin;14.1;g/dL;12;16',
    'Haemoglobin | 14.1 | H | g/dL | (12 - 16)',
    'Haemoglobin    14.1   g/dL   [12-16]',
    'Haemoglobin 14.1 g/dL 12 - 16',
    'Haemoglobin: 14.1 g/dL (12-16)',
  ])
    expect(valuesOf(line), line).toEqual(haemoglobin)
  expect(valuesOf('HbA1c 42 mmol/mol <48')).toEqual({ test: 'HbA1c', value: '42', unit: 'mmol/mol', high: '48' })
  expect(valuesOf('eGFR\t> 90\tmL/min/1.73m2\t> 60')).toEqual({
    test: 'eGFR',
    value: '> 90',
    unit: 'mL/min/1.73m2',
    low: '60',
  })
  expect(valuesOf('Vitamin B12\t310,5\tpmol/L')).toEqual({ test: 'Vitamin B12', value: '310,5', unit: 'pmol/L' })
  expect(valuesOf('Nitrite\tnegative')).toEqual({ test: 'Nitrite', value: 'negative' })
  expect(valuesOf('هيموغلوبين ١٤٫١ g/dL')).toEqual({ test: 'هيموغلوبين', value: '١٤٫١', unit: 'g/dL' })
})

test('names of columns are no result, and a day of its own counts for its line', () => {
  const rows = read(
    'Test\tResult\tUnit\n\nSodium\t140\tmmol/L\t2023-11-02\nPotassium\t4.1\tmmol/L\t2. 11. 2023\nIron\t18',
  )
  expect(rows.map(({ line, values }) => [line, values['test'], values['day']])).toEqual([
    [3, 'Sodium', '2023-11-02'],
    [4, 'Potassium', '2023-11-02'],
    [5, 'Iron', '2024-05-12'],
  ])
  expect(read('Sodium\t140\tmmol/L\t03/04/2023')[0]?.values['day']).toBe('2024-05-12') // which month nobody knows
})

test('a line that is no result says so, and none is dropped', () => {
  const rows = read('Sodium\t140\nremark without a number')
  expect(rows).toHaveLength(2)
  expect(Object.keys(rows[0]?.errors ?? {})).toEqual(['unit'])
  expect(Object.keys(rows[1]?.errors ?? {})).toEqual(['value'])
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[ -~]{0,40}$/), { maxLength: 8 }), (lines) => {
      const filled = lines.filter((line) => line.trim() !== '').length
      const count = read(lines.join('\n')).length
      expect([filled, filled - 1]).toContain(count) // at most the names of columns
    }),
  )
})

test('what it makes are the resources of the form, which the import finds again with title, day and kind', () => {
  const items = fhirItems(panelBundle(read('Haemoglobin\t14,1\tg/dL\t12-14\nNitrite\tnegative'), 'Ann'))
  expect(items?.map(({ title, category, day }) => [title, category, day])).toEqual([
    ['Haemoglobin: 14.1 g/dL', 'labs', '2024-05-12'],
    ['Nitrite: negative', 'labs', '2024-05-12'],
  ])
  expect(JSON.parse(items?.[0]?.text ?? '')).toMatchObject({
    subject: { display: 'Ann' },
    code: { coding: [{ code: '718-7' }] },
    valueQuantity: { value: 14.1, code: 'g/dL' },
    interpretation: [{ coding: [{ code: 'H' }] }],
  })
})
