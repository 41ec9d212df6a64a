import type { RecordSummary, Share } from '@medguard/client'
import { observationOf, readingOf } from '@medguard/readings'
import { expect, test } from 'vitest'
import { summaryOf } from '../summary/summary.ts'
import { readBody } from '../records/read-body.ts'
import { bundleOf, recordText, rowsText, textOf, wordsOf } from './taking-along.ts'

const record = { recordId: '1'.repeat(32), version: 1, clinicalDate: null } as RecordSummary
const allergy = { resourceType: 'AllergyIntolerance', code: { text: 'Penicillin' }, criticality: 'high' }
const readings = [
  { record, json: { resourceType: 'Bundle', entry: [{ resource: allergy }] } },
  { record, json: { resourceType: 'Condition', code: { text: 'Asthma' }, onsetDateTime: '1999' } },
  { record, json: null },
]
const share = { patient: 'aaaaa-aa', scope: ['summary'] } as unknown as Share

test('a bundle holds every resource as it was stored, each reading of a device, and nothing else', () => {
  const pulse = readingOf({ timeMs: 0, code: '8867-4', unit: '/min', value: 62, device: 'Watch' })
  const measured = [pulse, { ...pulse, flags: ['calibration' as const] }]
  const bundle: unknown = JSON.parse(bundleOf([...readings, { record, json: null, measured }], 0))
  expect(bundle).toEqual({
    resourceType: 'Bundle',
    type: 'collection',
    timestamp: '1970-01-01T00:00:00.000Z',
    entry: [{ resource: allergy }, { resource: readings[1]?.json }, { resource: observationOf(pulse) }],
  })
})

test('the text says whose it is, under which share, and that it is not complete', () => {
  const text = textOf(summaryOf(readings), { share, name: 'Ines', birthDate: '1971-04-09' }, 0)
  expect(text).toMatch(/^Ines, born 9 April 1971\naaaaa-aa\nFrom MedGuard, .*Shared: Health summary\.\nNot complete/)
  expect(text).toContain('Allergies\n- Penicillin; Risk: high')
  expect(text).toContain('Conditions\n- Asthma; 1999')
})

test('one record in words says whose it is, what it is called and all that it holds; a picture has no words', () => {
  const about = { share, name: 'Ines', birthDate: null }
  const words = (mediaType: string, text: string) => wordsOf(readBody(mediaType, new TextEncoder().encode(text)))
  const fhir = words('application/fhir+json', JSON.stringify(readings[0]?.json))
  const text = recordText({ ...record, title: 'From the clinic', clinicalDate: '2024-05-12' }, fhir ?? '', about, 0)
  expect(text).toMatch(/^Ines\naaaaa-aa\n/)
  expect(text).toMatch(/\n\nFrom the clinic, 12 May 2024\n\n.*\n- Penicillin; Risk: high$/)
  expect(words('text/plain', 'as it was written')).toBe('as it was written')
  expect(words('application/zip', 'PK')).toBeNull()
})

test('results of one test name each with its day', () => {
  const rows = summaryOf(
    ['2024-05-12', '2023-01-02'].map((day) => ({
      record,
      json: { resourceType: 'Observation', code: { text: 'TSH' }, effectiveDateTime: day, valueString: 'normal' },
    })),
  ).tests[0]?.rows
  expect(rowsText('TSH', rows ?? [], { share, name: null, birthDate: null }, 0)).toMatch(
    /^aaaaa-aa\n[^]*\n\nTSH\n- TSH; normal; 12 May 2024\n- TSH; normal; 2 January 2023$/,
  )
})
