import { generatePatient } from '@medguard/synthetic'
import { expect, test } from 'vitest'
import type { NewRecord } from './api.ts'
import { wrongRecord } from './record-input.ts'

const record: NewRecord = {
  bytes: new Uint8Array(1),
  title: 'Blood count',
  fileName: 'count.txt',
  mediaType: 'text/plain',
  category: 'labs',
  clinicalDate: '2026-11-21',
}

test.each([
  ['as it is', {}],
  ['200 characters beyond the basic plane', { title: '🩸'.repeat(200) }],
  ['a right-to-left title', { title: 'فحص الدم \u200f(1)' }],
  ['parameters of a media type', { mediaType: 'application/fhir+json; fhirVersion=4.0' }],
  ['an instant', { clinicalDate: '2024-02-29T23:59:59.5+01:00' }],
  ['no file and no date', { fileName: null, clinicalDate: null }],
  ['a subject', { subject: 'Ana Díaz' }],
])('a record with %s may be stored', (_, change) => {
  expect(wrongRecord({ ...record, ...change })).toBeNull()
})

test.each([
  ['title', 'length', { title: '   ' }],
  ['title', 'length', { title: '🩸'.repeat(201) }],
  ['title', 'characters', { title: 'Blood\u0000count' }],
  ['title', 'characters', { title: 'Blood \u2067count' }],
  ['fileName', 'length', { fileName: 'x'.repeat(256) }],
  ['fileName', 'format', { fileName: 'a\\b' }],
  ['fileName', 'format', { fileName: '..' }],
  ['subject', 'characters', { subject: 'Ana\nDíaz' }],
  ['mediaType', 'format', { mediaType: 'text/plain\r\nx: y' }],
  ['mediaType', 'format', { mediaType: '' }],
  ['clinicalDate', 'format', { clinicalDate: '2026-02-29' }],
  ['clinicalDate', 'format', { clinicalDate: '2026-11-21T25:00:00Z' }],
  ['clinicalDate', 'format', { clinicalDate: 'yesterday' }],
])('a wrong %s is refused by its %s', (field, code, change) => {
  expect(wrongRecord({ ...record, ...change })).toEqual({ kind: 'BadInput', field, code })
})

test('every record of the sample patients may be stored', () => {
  for (let seed = 1; seed <= 20; seed++) {
    for (const { title, fileName, mediaType, category, date } of generatePatient({ seed }).documents)
      expect(wrongRecord({ ...record, title, fileName, mediaType, category, clinicalDate: date })).toBeNull()
  }
})
