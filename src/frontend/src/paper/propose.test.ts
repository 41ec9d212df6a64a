import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formErrors } from '../forms/form-fields.ts'
import { specOf } from '../forms/form-specs.ts'
import { dayOfPaper, daysIn } from './find-dates.ts'
import { labIn } from './find-labs.ts'
import { listedIn, medicineIn, pressureIn, vaccineIn } from './find-others.ts'
import { boxOf, type ReadLine } from './paper-types.ts'
import { propose } from './propose.ts'
import { greyMap, linesOfTsv } from './tesseract.ts'

const NOW = Date.UTC(2026, 10, 22)
const line = (text: string, sure = 95): ReadLine => text.split(' ').map((word) => ({ text: word, sure }))
const lab = (text: string) => {
  const found = labIn(line(text))
  if (found === null) return null
  const { test: name, value, unit, low, high } = found.values
  return [name, value, unit, low, high, found.unsure.join(' ')]
}

describe('days', () => {
  test.each([
    ['Collected: 2024-03-14 08:30', '2024-03-14'],
    ['Datum odběru: 14. 3. 2024', '2024-03-14'],
    ['14.03.2024', '2024-03-14'],
    ['03/14/2024', '2024-03-14'],
    ['14 March 2024', '2024-03-14'],
    ['Mar 14, 2024', '2024-03-14'],
    ['14. března 2024', '2024-03-14'],
    ['١٤ مارس ٢٠٢٤', '2024-03-14'],
    ['٢٠٢٤-٠٣-١٤', '2024-03-14'],
  ])('%s', (text, day) => {
    expect(daysIn(text).map((found) => [found.day, found.isUnsure])).toEqual([[day, false]])
  })

  test('days that there are not are none, and some could be read either way', () => {
    expect(daysIn('31.02.2024, 2024-13-01, 45 March 2024, 1.2.3, 10/12')).toEqual([])
    expect(daysIn('04/05/2024')).toMatchObject([{ day: '2024-05-04', isUnsure: true }])
  })

  test('a paper is of the day of its sample, never of a birthday or of a day to come', () => {
    const day = (...lines: string[]) => dayOfPaper(lines, NOW)?.day ?? null
    expect(day('DOB: 1964-04-24 Sex: F', 'Collected: 2024-03-14 Reported: 2024-03-15')).toBe('2024-03-14')
    expect(day('Reported: 2024-03-15', 'Collected: 2024-03-14')).toBe('2024-03-14')
    expect(day('Datum narození: 24.4.1964')).toBeNull()
    expect(day('Next visit 2031-01-01')).toBeNull()
    expect(day('Narozen 24.4.1964', 'V Praze 5. 6. 2023')).toBe('2023-06-05')
  })
})

describe('laboratory', () => {
  test.each([
    ['Haemoglobin 718-7 11.2 g/dL 12.0 - 16.0 L', ['Haemoglobin', '11.2', 'g/dL', '12.0', '16.0', '']],
    ['HbAlc 4548-4 6.4 % 4.0 - 5.6 H', ['HbA1c', '6.4', '%', '4.0', '5.6', '']],
    ['Glucose (fasting) 1558-6 118 mg/dL 70 - 99 H', ['Glucose', '118', 'mg/dL', '70', '99', '']],
    ['eGFR (CKD-EPI) 62238-1 78 mL/min/1.73m2 > 60', ['eGFR', '78', 'mL/min/1.73 m²', '60', '', '']],
    ['Total cholesterol 2093-3 212 mg/dL < 200 H', ['Total cholesterol', '212', 'mg/dL', '', '200', '']],
    ['Kreatinin: 86 umol/l 62–106', ['Creatinine', '86', 'µmol/L', '62', '106', '']],
    ['Leukocyty 6,4 10^9/l 4,0-10,0', ['White blood cells', '6,4', '10⁹/L', '4,0', '10,0', '']],
    ['الهيموغلوبين ١٣٫٥ g/dL 12.0 - 16.0', ['Haemoglobin', '13.5', 'g/dL', '12.0', '16.0', '']],
    ['MCV 787-2 78 fL 80 - 100 L', ['MCV', '78', 'fL', '80', '100', '']],
    ['CRP <5 mg/L', ['CRP', '<5', 'mg/L', '', '', '']],
    ['TSH 3016-3 2.1 miu/L 0.4 - 4.0', ['TSH', '2.1', 'mIU/L', '0.4', '4.0', '']],
  ])('%s', (text, expected) => {
    const found = lab(text)
    expect(found?.slice(1)).toEqual(expected.slice(1))
  })

  test('a range whose points were lost is left out, and a value beside it is looked at twice', () => {
    expect(lab('Creatinine 2160-0 0.86 mg/dL 05-11')).toEqual([expect.any(String), '0.86', 'mg/dL', '', '', 'range'])
    expect(lab('HbA1c 4548-4 6.4 % 40-5.6 H')?.slice(3)).toEqual(['', '', 'range'])
    expect(lab('TSH 3016-3 41 mIU/L 0.4 - 4.0')?.[5]).toBe('value')
    expect(lab('TSH 3016-3 021 mIU/L 0.4 - 4.0')?.slice(1, 2)).toEqual([''])
  })

  test('what is no result is none', () => {
    for (const text of [
      'Patient: BERGSTROM, Tressa (synthetic)',
      'MRN: MG-SYN-0001 DOB: 1964-04-24 Sex: F',
      '1 Example Way, Testville | Accreditation 0000 (fictional) Page 1 of 2',
      'Comment: microcytic pattern with low ferritin suggests iron deficiency; HbA1c in the pre-diabetic range.',
      'Tel. 123 456 789',
      'Room 12 s 3 - 4',
      '',
    ])
      expect(lab(text), text).toBeNull()
  })

  test('a word that was hard to read is looked at twice', () => {
    const words = line('Ferritin 2276-4 9 ug/L 15 - 150')
    const found = labIn(words.map((word) => (word.text === '9' ? { ...word, sure: 41 } : word)))
    expect(found?.unsure).toEqual(['value'])
  })
})

describe('other lines', () => {
  test('vaccinations', () => {
    expect(vaccineIn(line('2021-05-12 Comirnaty 2. dávka šarže EW2245'), false)?.values).toMatchObject({
      day: '2021-05-12',
      dose: '2',
      lot: 'EW2245',
    })
    expect(vaccineIn(line('FSME-Immun 0,5 ml 3.6.2022 Lot: VNR1X04A'), true)?.values).toMatchObject({
      day: '2022-06-03',
      lot: 'VNR1X04A',
    })
    expect(vaccineIn(line('Vaccination centre'), false)).toBeNull()
    expect(vaccineIn(line('Influenza A was not found'), false)).toBeNull()
  })
  test('medicines', () => {
    expect(medicineIn(line('Metformin 500 mg 1-0-1 po jídle'))?.values).toMatchObject({
      what: 'metformin',
      dose: '500',
      doseUnit: 'mg',
      frequency: '2',
      period: 'd',
      how: '1-0-1',
    })
    expect(medicineIn(line('Levothyroxin 75 mcg once daily'))?.values).toMatchObject({ doseUnit: 'µg', frequency: '1' })
    expect(medicineIn(line('Metformin was discussed'))).toBeNull()
  })
  test('what is listed behind a heading, unless it says none', () => {
    expect(listedIn(line('Allergies: Penicillin, cat hair')).map(({ values }) => values['what'])).toEqual([
      'Penicillin',
      'cat hair',
    ])
    expect(listedIn(line('Dg.: J45.0 Asthma bronchiale')).map(({ values }) => values['what'])).toEqual([
      'Asthma bronchiale',
    ])
    expect(listedIn(line('Allergies: none known'))).toEqual([])
    expect(listedIn(line('Alergie: neguje'))).toEqual([])
  })
  test('blood pressure', () => {
    expect(pressureIn(line('TK: 135/85 mmHg'))?.values).toMatchObject({ systolic: '135', diastolic: '85' })
    expect(pressureIn(line('Page 1/2'))).toBeNull()
  })
})

const PAPER = `Synthetic General Hospital - Clinical Laboratory
Patient: BERGSTROM, Tressa (synthetic)
MRN: MG-SYN-0001 DOB: 1964-04-24 Sex: F
Ordered by: Dr. A. Example Collected: 2024-03-14 08:30 Reported: 2024-03-14 12:00 Specimen: S-240314-17
Test LOINC Result Unit Reference range Flag
Haemoglobin 718-7 11.2 g/dL 12.0 - 16.0 L
Ferritin 2276-4 9 ug/L 15 - 150 L
Comment: microcytic pattern with low ferritin suggests iron deficiency.`

test('a paper becomes a proposal that the forms take as it is', () => {
  const proposal = propose([PAPER.split('\n').map((text) => line(text))], NOW)
  expect(proposal).toMatchObject({
    title: { value: 'Laboratory results, Synthetic General Hospital - Clinical Laboratory' },
    day: { value: '2024-03-14', isUnsure: false },
    who: { value: 'Synthetic General Hospital - Clinical Laboratory' },
    category: 'labs',
  })
  expect(proposal.entries.map(({ values }) => [values['test'], values['value'], values['day']])).toEqual([
    [expect.any(String), '11.2', '2024-03-14'],
    [expect.any(String), '9', '2024-03-14'],
  ])
  for (const { kind, values } of proposal.entries) expect(formErrors(specOf(kind), values)).toEqual({})
})

test('whatever is read, nothing breaks, and no day is to come', () => {
  const words = fc.constantFrom(
    'Glucose',
    '5.1',
    'mmol/L',
    '-',
    '3.9',
    '<',
    '2024-03-14',
    '1/2',
    'Dr.',
    'LOT',
    '٣',
    '؟',
    '%',
    '10^9/L',
    'Allergies:',
  )
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.oneof(words, fc.string({ maxLength: 12 })), { maxLength: 12 }), { maxLength: 12 }),
      (texts) => {
        const { day, entries } = propose([texts.map((text) => line(text.join(' ')))], NOW)
        if (day !== null) expect(day.value <= '2026-11-23').toBe(true)
        expect(entries.length).toBeLessThanOrEqual(60)
      },
    ),
  )
})

test('the recogniser’s table becomes lines, and a picture a plain file', () => {
  const tsv = [
    '1\t1\t0\t0\t0\t0\t0\t0\t1240\t1755\t-1\t',
    '5\t1\t1\t1\t1\t1\t84\t33\t139\t29\t96.1\tClinical',
    '5\t1\t1\t1\t1\t2\t240\t30\t40\t30\t41.5\tLab',
    '5\t1\t1\t1\t2\t1\t84\t73\t139\t29\t90\tTSH',
    '5\t1\t1\t1\t2\t2\t84\t73\t139\t29\t90\t ',
  ].join('\n')
  expect(linesOfTsv(tsv)).toEqual([
    [
      { text: 'Clinical', sure: 96.1, box: { left: 84, top: 33, right: 223, bottom: 62 } },
      { text: 'Lab', sure: 41.5, box: { left: 240, top: 30, right: 280, bottom: 60 } },
    ],
    [{ text: 'TSH', sure: 90, box: { left: 84, top: 73, right: 223, bottom: 102 } }],
  ])
  expect(boxOf(linesOfTsv(tsv)[0] ?? [])).toEqual({ left: 84, top: 30, right: 280, bottom: 62 })
  expect(boxOf(line('of a file'))).toBeNull()
  const rgba = new Uint8ClampedArray([0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 0])
  const file = greyMap({ width: 3, height: 1, rgba })
  expect([...file.subarray(-3)]).toEqual([0, 255, 255])
  expect(new TextDecoder().decode(file.subarray(0, -3))).toBe('P5\n3 1\n255\n')
})
