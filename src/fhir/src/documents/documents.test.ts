import { SHCIssuer } from 'kill-the-clipboard'
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { sharedData } from '../shared-data.fixture.ts'
import { cardsIn } from './cards-in.ts'
import { readCcda } from './ccda.ts'
import { issuersIn, readHealthCards } from './health-card.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const ALLERGIES = `<section><templateId root="2.16.840.1.113883.10.20.22.2.6.1"/><code code="48765-2" codeSystem="2.16.840.1.113883.6.1"/><title>Allergies</title><text>none</text></section>`
const ODD = `<section><templateId root="1.2.3"/><title>Astrology</title><text>stars</text><entry><act classCode="ACT" moodCode="EVN"><templateId root="1.2.3"/><code code="x"/></act></entry></section>`
const ccda = (sections: string, before = '') =>
  bytes(`<?xml version="1.0"?>${before}<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Summary</title><effectiveTime value="20260314"/>
    <recordTarget><patientRole><id root="1.2.3" extension="7"/><patient><name><given>Ada</given><family>Byrne</family></name><birthTime value="19810402"/></patient></patientRole></recordTarget>
    <component><structuredBody>${sections}</structuredBody></component></ClinicalDocument>`)
const component = (section: string) => `<component>${section}</component>`

describe('a C-CDA document', () => {
  test('is kept as it is, with what of it is understood beside it; what is not is named', () => {
    const content = ccda(component(ALLERGIES) + component(ODD))
    const read = readCcda(content, 'summary.xml', 'seed')
    expect(read).toMatchObject({ sectionsLeft: ['Astrology'], entriesLeft: 0 })
    expect(read?.items[0]).toMatchObject({
      bytes: content,
      title: 'Summary',
      clinicalDate: '2026-03-14',
      category: 'documents',
    })
    expect(read?.items.map(({ title }) => title)).toContain('Ada Byrne')
    expect(readCcda(content, 'summary.xml', 'seed')?.items).toEqual(read?.items) // again the same, ids and all
  })

  test('that is none, or brings entities along, is not taken', () => {
    const bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    for (const content of [
      ccda('', bomb),
      bytes('<html></html>'),
      bytes('<a><b></a>'),
      bytes('no'),
      Uint8Array.of(0x3c, 0xff),
    ])
      expect(readCcda(content, 'x.xml', 'seed')).toBeNull()
  })

  for (const { name, path } of sharedData('ccda'))
    test(`${name}: resources that are valid, and which sections were left`, () => {
      const read = readCcda(readFileSync(path), name, name)
      const types = new Set(read?.items.map(({ resourceType }) => resourceType))
      expect(types.has('Patient') && types.has('AllergyIntolerance')).toBe(true)
      expect((read?.items.length ?? 0) > 8 || (read?.sectionsLeft.length ?? 0) > 0).toBe(true)
    })
})

describe('a SMART Health Card', () => {
  const NOW_MS = Date.now() + 60_000 // it is made a moment from now
  const ISS = 'https://clinic.example/issuer'
  const bundle = {
    resourceType: 'Bundle' as const,
    type: 'collection' as const,
    entry: [
      {
        fullUrl: 'https://x/Patient/1',
        resource: {
          resourceType: 'Patient' as const,
          name: [{ family: 'Byrne', given: ['Ada'] }],
          birthDate: '1981-04-02',
        },
      },
      {
        fullUrl: 'https://x/Immunization/2',
        resource: {
          resourceType: 'Immunization' as const,
          status: 'completed' as const,
          vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '207' }] },
          patient: { reference: 'Patient/1' },
          occurrenceDateTime: '2026-01-02',
        },
      },
    ],
  }
  let card = ''
  let content = ''
  let issuers: ReturnType<typeof issuersIn> = null
  let other: JsonWebKey = {}
  const pair = () => crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const listed = (iss: string, key: JsonWebKey) =>
    issuersIn({ issuerInfo: [{ issuer: { iss, name: 'Clinic' }, keys: [key] }] }) ?? []
  beforeAll(async () => {
    const { privateKey, publicKey } = await pair()
    const made = await new SHCIssuer({ issuer: ISS, privateKey, publicKey, strictReferences: false }).issue(bundle)
    card = made.asJWS()
    content = await made.asFileContent()
    issuers = listed(ISS, await crypto.subtle.exportKey('jwk', publicKey))
    other = await crypto.subtle.exportKey('jwk', (await pair()).publicKey)
  })
  const read = (cards: readonly string[], by = issuers ?? [], nowMs = NOW_MS) =>
    readHealthCards({ bytes: bytes(content), name: 'vaccine.smart-health-card' }, cards, by, nowMs)

  test('by an issuer of the list becomes records, beside the card itself, and says whose word it is', async () => {
    const cards = cardsIn(JSON.parse(content))
    expect(cards).toEqual([card])
    const found = await read(cards ?? [])
    if (found.kind !== 'items') throw new Error(found.why)
    expect(found.issuers).toEqual([{ iss: ISS, name: 'Clinic' }])
    expect(found.items.map(({ category, resourceType, mediaType }) => [category, resourceType, mediaType])).toEqual([
      ['medicines', null, 'application/smart-health-card'],
      ['other', 'Patient', 'application/fhir+json'],
      ['medicines', 'Immunization', 'application/fhir+json'],
    ])
    // It refers to the patient beside it.
    const [, patient, shot] = found.items.map(
      (item) =>
        JSON.parse(new TextDecoder().decode(item.bytes.subarray(0))) as {
          id?: string
          patient?: { reference: string }
        },
    )
    expect(shot?.patient?.reference).toBe(`urn:uuid:${patient?.id}`)
  })

  test('by anybody else, changed, or not in force, is not taken', async () => {
    const [head = '', , tail = ''] = card.split('.')
    const forged = `${head}.${Buffer.from('{}').toString('base64url')}.${tail}`
    const why = async (cards: readonly string[], by = issuers ?? [], nowMs = NOW_MS) => {
      const found = await read(cards, by, nowMs)
      return found.kind === 'refused' ? found.why : 'items'
    }
    expect(await why([card], listed(ISS, other))).toBe('issuer')
    expect(await why([card], listed('https://other.example', issuers?.[0]?.keys[0] ?? {}))).toBe('issuer')
    expect(await why([forged])).toBe('signature')
    expect(await why([card], issuers ?? [], 0)).toBe('expired')
    expect(await why(['x.y.z'])).toBe('content')
    expect(await why([card, forged])).toBe('signature')
    expect(issuersIn({ keys: [] })).toBeNull()
  })
})
