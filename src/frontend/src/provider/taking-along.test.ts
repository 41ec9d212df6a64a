import type { RecordSummary, Share } from '@medguard/client'
import { expect, test } from 'vitest'
import { summaryOf } from '../summary/summary.ts'
import { bundleOf, textOf } from './taking-along.ts'

const record = { recordId: '1'.repeat(32), version: 1, clinicalDate: null } as RecordSummary
const allergy = { resourceType: 'AllergyIntolerance', code: { text: 'Penicillin' }, criticality: 'high' }
const readings = [
  { record, json: { resourceType: 'Bundle', entry: [{ resource: allergy }] } },
  { record, json: { resourceType: 'Condition', code: { text: 'Asthma' }, onsetDateTime: '1999' } },
  { record, json: null },
]
const share = { patient: 'aaaaa-aa', scope: ['summary'] } as unknown as Share

test('a bundle holds every resource as it was stored, and nothing else', () => {
  const bundle: unknown = JSON.parse(bundleOf(readings, 0))
  expect(bundle).toEqual({
    resourceType: 'Bundle',
    type: 'collection',
    timestamp: '1970-01-01T00:00:00.000Z',
    entry: [{ resource: allergy }, { resource: readings[1]?.json }],
  })
})

test('the text says whose it is, under which share, and that it is not complete', () => {
  const text = textOf(summaryOf(readings), { share, name: 'Ines', birthDate: '1971-04-09' }, 0)
  expect(text).toMatch(/^Ines, born 9 April 1971\naaaaa-aa\nFrom MedGuard, .*Shared: Health summary\.\nNot complete/)
  expect(text).toContain('Allergies\n- Penicillin; Risk: high')
  expect(text).toContain('Conditions\n- Asthma; 1999')
})
