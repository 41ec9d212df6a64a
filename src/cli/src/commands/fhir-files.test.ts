import { importItems } from '@medguard/fhir'
import { validate } from '@medguard/fhir/in-node'
import { encodeSegment, readingOf, readingsAsFhir, readingsSummary, SEGMENT_MEDIA_TYPE } from '@medguard/readings'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../exit-code.ts'
import { fhirFileAt } from './fhir-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'medguard-fhir-'))
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

describe('a file for the vault', () => {
  test('is taken for what it is: FHIR, C-CDA with a byte order mark, or a health card that wants issuers', async () => {
    expect(await fhirFileAt(file('a.json', '{"resourceType":"Patient"}'), undefined)).toMatchObject({
      leftOut: 0,
      said: [],
    })
    const odd =
      '<component><section><title>Stars</title><templateId root="1"/><entry><act><templateId root="1"/></act></entry></section></component>'
    const ccda = `\ufeff<ClinicalDocument><title>Visit</title><component><structuredBody>${odd}</structuredBody></component></ClinicalDocument>`
    expect(await fhirFileAt(file('a.xml', ccda), undefined)).toMatchObject({
      items: [{ title: 'Visit', mediaType: 'application/xml' }],
      said: ['partly imported: Stars stay in the document alone'],
    })
    const card = file('a.smart-health-card', '{"verifiableCredential":["x.y.z"]}')
    await expect(fhirFileAt(card, undefined)).rejects.toThrow('with --key ISSUERS')
    await expect(fhirFileAt(card, file('none.json', '{}'))).rejects.toThrow('is no list of issuers')
    const issuers = file('issuers.json', '{"issuerInfo":[{"issuer":{"iss":"https://a.example"},"keys":[]}]}')
    await expect(fhirFileAt(card, issuers)).rejects.toThrow('it is no SMART Health Card')
    for (const content of ['<html/>', '[1]', '{'])
      await expect(fhirFileAt(file('b', content), undefined)).rejects.toThrow(UsageError)
  })
})

describe('readings of a device', () => {
  const reading = readingOf({
    timeMs: Date.parse('2026-03-14T08:00:00Z'),
    offsetMinutes: 60,
    code: '8867-4',
    unit: '/min',
    value: 62,
    device: 'Watch',
  })
  const content = { mediaType: SEGMENT_MEDIA_TYPE, bytes: encodeSegment([reading]) }

  test('are Observations for others, and tell of themselves in a list when they come back', () => {
    const fhir = readingsAsFhir(content)
    const read = importItems(fhir ?? '')
    expect(read).toMatchObject({
      kind: 'items',
      items: [{ resourceType: 'Observation', category: 'vitals', clinicalDate: '2026-03-14' }],
    })
    expect(validate(JSON.parse(new TextDecoder().decode(fhir ?? new Uint8Array())))).toEqual([])
    expect(readingsSummary(content)).toMatchObject({ readings: { count: 1 } })
  })

  test('that are none go as they are', () => {
    for (const other of [
      { ...content, mediaType: 'text/plain' },
      { ...content, bytes: Uint8Array.of(1, 2) },
    ])
      expect([readingsAsFhir(other), readingsSummary(other)]).toEqual([null, {}])
  })
})
