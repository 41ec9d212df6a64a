import { ALERTS_MEDIA_TYPE, PROFILE_MEDIA_TYPE, type RecordSummary } from '@medguard/client'
import { describe, expect, test } from 'vitest'
import { addErrors } from './add-store.ts'
import { guessCategory, mediaTypeOf, shownAs, titleFromFileName } from './media.ts'
import { listedRecord } from './listed-record.fixture.ts'
import { byMonth, countByCategory, filterRecords, listed, newestFirst } from './record-list.ts'
import { guessCategoryOfMany, nameOfPicked, pathsWithin, pickedFromInput } from './picked-files.ts'
import { safeFileName } from './save-to-disk.ts'

const record = listedRecord

describe('lists of records', () => {
  const records = [
    record('old', { clinicalDate: '2021' }),
    record('undated'),
    record('may', { clinicalDate: '2025-05-12', category: 'imaging' }),
    record('undated, later'),
    record('added in april', { addedNs: BigInt(Date.UTC(2025, 3, 20, 12)) * 1_000_000n }),
  ]

  test('what somebody says of themselves, or about readings, is no record in them', () => {
    const said = [PROFILE_MEDIA_TYPE, ALERTS_MEDIA_TYPE].map((mediaType) => record('Said', { mediaType }))
    expect(listed([...records, ...said])).toEqual(records)
  })

  test('the newest comes first and what has no date comes last, the last added before the others', () => {
    expect(newestFirst(records).map(({ title }) => title)).toEqual([
      'may',
      'added in april',
      'old',
      'undated, later',
      'undated',
    ])
  })

  test('months are named, a bare year stays a year', () => {
    expect(byMonth(newestFirst(records)).map(({ label }) => label)).toEqual([
      'May 2025',
      'April 2025',
      '2021',
      'No date',
    ])
  })

  test('kinds and words filter together, accents and capitals aside', () => {
    const found = (show: RecordSummary['category'][], search: string) =>
      filterRecords([record('Šťastná: BLOOD test', { author: 'Dr. Ruiz' }), ...records], {
        show: show.filter((one) => one !== 'shared'),
        search,
      }).map(({ title }) => title)
    expect(found([], 'stastna blood')).toEqual(['Šťastná: BLOOD test'])
    expect(found(['imaging'], 'ruiz')).toEqual([])
    expect(found([], 'ruiz')).toEqual(['Šťastná: BLOOD test'])
    expect(found(['imaging'], '')).toEqual(['may'])
  })

  test('counts are per kind', () => {
    expect(countByCategory(records)).toEqual({ labs: 4, imaging: 1 })
  })
})

describe('files', () => {
  test('a FHIR file is known by its content, others by their ending or by what the browser says', () => {
    const bytes = (text: string) => new TextEncoder().encode(text)
    expect(mediaTypeOf('x.json', '', bytes('{ "resourceType" : "Bundle" }'))).toBe('application/fhir+json')
    expect(mediaTypeOf('x.json', '', bytes('[]'))).toBe('application/json')
    expect(mediaTypeOf('x.PDF', '', bytes(''))).toBe('application/pdf')
    expect(mediaTypeOf('photo', 'image/jpeg', bytes(''))).toBe('image/jpeg')
    expect(mediaTypeOf('thing', '', bytes(''))).toBe('application/octet-stream')
  })

  test('only formats without scripts in them are drawn', () => {
    expect(shownAs('image/png', new Uint8Array())).toBe('image')
    expect(shownAs('image/svg+xml', new Uint8Array())).toBe('file')
    expect(shownAs('application/pdf', new Uint8Array())).toBe('pdf')
    expect(shownAs('text/html', new Uint8Array())).toBe('text')
    expect(shownAs('application/fhir+json', new Uint8Array())).toBe('fhir')
  })

  test('a name makes a title and perhaps a kind', () => {
    expect(titleFromFileName('2025-05-12_blood_test.pdf')).toBe('2025-05-12 blood test')
    expect(guessCategory('blood test.pdf', 'application/pdf')).toBe('labs')
    expect(guessCategory('letter.pdf', 'application/pdf')).toBe('documents')
    expect(guessCategory('photo.jpg', 'image/jpeg')).toBeNull()
  })

  test.each([
    ['labs-2025.pdf', 'labs-2025.pdf'],
    ['../../etc/passwd', 'etc passwd'],
    ['report\u202Efdp.exe', 'report fdp.exe'],
    ['  ', 'record'],
    ['.htaccess', 'htaccess'],
    [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(116)}.pdf`],
  ])('%j is saved as %j', (name, safe) => {
    expect(safeFileName(name)).toBe(safe)
  })
})

describe('adding', () => {
  const draft = { as: 'note', files: [], note: 'x', title: 'A', category: 'other', day: '', subject: null } as const

  test('names everything that is missing at once', () => {
    expect(Object.keys(addErrors({ ...draft, note: ' ', title: '', category: null, day: '2025-02-30' }))).toEqual([
      'note',
      'title',
      'category',
      'day',
    ])
    expect(Object.keys(addErrors({ ...draft, as: 'file' }))).toEqual(['file'])
  })

  test('lets a complete note pass, and one title too long not', () => {
    expect(addErrors(draft)).toEqual({})
    expect(addErrors({ ...draft, title: '🩺'.repeat(200) })).toEqual({})
    expect(addErrors({ ...draft, title: 'x'.repeat(201) }).title).toContain('200')
  })
})

describe('several files', () => {
  const picked = (...paths: string[]) => paths.map((path) => ({ path, file: new File(['x'], path) }))

  test('are named after the folder they lie in, and known by paths within it', () => {
    const files = picked('CT chest/series 1/a.dcm', 'CT chest/DICOMDIR')
    expect(nameOfPicked(files)).toBe('CT chest')
    expect(pathsWithin(files)).toEqual(['series 1/a.dcm', 'DICOMDIR'])
    expect(nameOfPicked(picked('a.dcm', 'b.dcm'))).toBe('a.dcm')
    expect(pathsWithin(picked('a/1', 'b/1'))).toEqual(['a/1', 'b/1'])
    expect(guessCategoryOfMany(files)).toBe('imaging')
    expect(guessCategoryOfMany(picked('x/IM0001', 'x/IM0002'))).toBe('imaging')
    expect(guessCategoryOfMany(picked('x/letter.txt', 'x/other.txt'))).toBeNull()
  })

  test('leave out what systems put beside them, unless there is nothing else', () => {
    const names = (...files: string[]) =>
      pickedFromInput(files.map((name) => new File(['x'], name))).map(({ path }) => path)
    expect(names('.DS_Store', 'Thumbs.db', 'a.dcm')).toEqual(['a.dcm'])
    expect(names('.profile')).toEqual(['.profile'])
  })
})
