import { generatePatient } from '@medguard/synthetic'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { importItems, type ImportItem } from '../import/import-items.ts'
import { readJson } from '../json.ts'
import { at, isResource, listAt, type Resource, textAt } from '../json-paths.ts'
import { resolver } from '../references.ts'
import { sharedData } from '../shared-data.fixture.ts'
import { validate } from '../validation/index.ts'
import { declaredChanges, differences } from './round-trip.fixture.ts'
import { vaultBundle } from './vault-bundle.ts'
import type { LogLine, VaultRecord } from './vault-record.ts'

const PATIENT = {
  patientId: '0f1e2d3c4b5a49788695a4b3c2d1e0f9',
  principal: 'aaaaa-aa',
  name: 'Amal Haddad',
  birthDate: '1981-04-02',
  gender: 'female',
} as const
const CONSENT = {
  resourceType: 'Consent',
  identifier: [{ system: 'urn:medguard:grant', value: 'g1' }],
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
} as const
let next = 0
const line = (event: string, more: Partial<LogLine> = {}): LogLine => ({
  leafIndex: String(++next),
  at: '2026-03-14T09:00:00.000Z',
  event,
  actor: '2vxsx-fae',
  objectId: '11'.repeat(16),
  grantId: null,
  organisationId: null,
  subject: null,
  purpose: null,
  failed: false,
  reason: null,
  ...more,
})

const stored = (item: Omit<ImportItem, 'resourceType' | 'isKnown'>, more: Partial<VaultRecord> = {}): VaultRecord => ({
  ...item,
  recordId: (++next).toString(16).padStart(32, '0'),
  version: 1,
  sizeBytes: item.bytes.length,
  sha256: 'ab'.repeat(32),
  storedBy: { principal: 'aaaaa-aa', name: null },
  storedAt: '2026-03-14T09:00:00.000Z',
  signature: 'unsigned',
  notesTo: [],
  ...more,
})
const file = (title: string, mediaType: string, text: string) => ({
  bytes: new TextEncoder().encode(text),
  title,
  fileName: `${title}.bin`,
  mediaType,
  category: 'documents' as const,
  clinicalDate: '2026-03-14',
})

async function bundled(records: readonly VaultRecord[], log: readonly LogLine[] = []): Promise<string> {
  const contents = { patient: PATIENT, records, consents: [CONSENT], log, madeAt: '2026-03-15T00:00:00.000Z' }
  let text = ''
  for await (const piece of vaultBundle(contents)) text += piece
  return text
}
const itemsIn = (text: string): readonly ImportItem[] => {
  const read = importItems(text)
  if (read.kind !== 'items') throw new Error(read.kind)
  return read.items
}
/** As another vault stores them: under other ids, with notes that name those. */
function moved(items: readonly ImportItem[]): VaultRecord[] {
  const became = new Map<string, string>()
  return items.map((item) => {
    const notesTo = (item.notesTo ?? []).map((note) => ({ ...note, recordId: became.get(note.recordId) ?? '' }))
    const record = stored(item, {
      notesTo,
      storedBy: { principal: '2vxsx-fae', name: null },
      storedAt: '2026-04-01T00:00:00.000Z',
    })
    if (item.wasRecord !== undefined) became.set(item.wasRecord, record.recordId)
    return record
  })
}
const textsOf = (text: string) => {
  const read = readJson(text)
  return read.kind === 'read' ? [...read.entries.values()] : []
}

const { bundle: SYNTHETIC } = generatePatient({ seed: 'whole vault', yearsOfVisits: 2 })
const ALIEN = '{"resourceType":"Ingredient","amount":1.50}'
const note = stored(
  { ...file('Note', 'text/plain', 'I had just run') },
  { notesTo: [{ recordId: 'f'.repeat(32), relation: 'annotates' }] },
)

describe('a vault as a bundle', () => {
  test('is valid, with a Provenance for each record, a Consent for each share, an AuditEvent for each line', async () => {
    const records = [
      ...itemsIn(JSON.stringify(SYNTHETIC)).map((item) => stored(item, { signature: 'signed' })),
      stored(file('Scan', 'application/pdf', '%PDF')),
      stored({ ...file('Large', 'application/dicom', '') }, { bytes: null, sizeBytes: 400_000_000 }),
    ]
    const [first] = records
    const log = [
      line('open', { objectId: first?.recordId ?? '', grantId: 'g1', purpose: 'TREAT' }),
      ...['grant', 'listSession', 'exported', 'rulesChanged'].map((event) =>
        line(event, { organisationId: 'o1', subject: 'aaaaa-aa' }),
      ),
      line('refused', { failed: true, reason: 'NotPermitted' }),
    ]
    const text = await bundled(records, log)
    const bundle: unknown = JSON.parse(text)
    expect(validate(bundle)).toEqual([])
    const types = listAt(bundle, 'entry').map((entry) => textAt(entry, 'resource', 'resourceType'))
    const count = (type: string) => types.filter((each) => each === type).length
    expect([count('Provenance'), count('Consent'), count('AuditEvent'), count('DocumentReference')]).toEqual([
      records.length,
      1,
      6,
      2,
    ])
    const opened = listAt(bundle, 'entry')
      .map((entry) => at(entry, 'resource'))
      .find((resource) => at(resource, 'subtype', 1, 'code') === 'open')
    expect(opened).toMatchObject({
      action: 'R',
      outcome: '0',
      agent: [{ who: { identifier: { value: '2vxsx-fae' } }, requestor: true }],
      entity: [{ role: { code: '1' } }, { what: { reference: expect.stringMatching(/^urn:uuid:/) as string } }, {}],
      purposeOfEvent: [{ coding: [{ code: 'TREAT' }] }],
    })
  })

  test('has what is FHIR as it came, and what is not R4 as a document, letter for letter', async () => {
    const own =
      '{ "resourceType": "Observation", "status":"final", "code": {"text":"x"}, "valueQuantity":{"value":1.50} }'
    const fhir = { ...file('x', 'application/fhir+json', own) }
    const text = await bundled([
      stored(fhir),
      stored({ ...fhir, bytes: new TextEncoder().encode(ALIEN) }),
      stored({ ...fhir, bytes: new TextEncoder().encode('{"id":1,"id":2}') }),
    ])
    expect(textsOf(text)).toContain(own)
    const documents = listAt(JSON.parse(text), 'entry')
      .map((entry) => at(entry, 'resource'))
      .filter((resource) => at(resource, 'resourceType') === 'DocumentReference')
    expect(documents.map((each) => atob(textAt(each, 'content', 0, 'attachment', 'data') ?? ''))).toEqual([
      ALIEN,
      '{"id":1,"id":2}',
    ])
  })

  test('has beside a form of our own the same as FHIR', async () => {
    const asFhir = new TextEncoder().encode('{"resourceType":"Bundle","type":"collection"}')
    const text = await bundled([stored(file('Pulse', 'application/vnd.medguard.readings', 'R'), { asFhir })])
    const content = listAt(JSON.parse(text), 'entry', 1, 'resource', 'content')
    expect(
      content.map((each) => [
        textAt(each, 'attachment', 'contentType'),
        atob(textAt(each, 'attachment', 'data') ?? ''),
      ]),
    ).toEqual([
      ['application/vnd.medguard.readings', 'R'],
      ['application/fhir+json', new TextDecoder().decode(asFhir)],
    ])
    expect(validate(JSON.parse(text))).toEqual([])
    expect(itemsIn(text)[0]).toMatchObject({
      mediaType: 'application/vnd.medguard.readings',
      bytes: new TextEncoder().encode('R'),
    })
  })

  test('comes back into another vault, and out of it, equal but for what is declared', async () => {
    const items = itemsIn(JSON.stringify(SYNTHETIC))
    const records = [
      ...items.map((item, i) =>
        stored(item, i === 0 ? { recordId: 'f'.repeat(32), category: 'sensitive', title: 'My own title' } : {}),
      ),
      stored(file('Scan', 'application/pdf', '%PDF')),
      stored({ ...file('Empty', 'text/plain', '') }),
      stored({ ...file('Alien', 'application/fhir+json', ALIEN) }),
      note,
    ]
    const first = await bundled(records, [line('open')])
    const back = moved(itemsIn(first))
    const second = await bundled(back, [line('listSession')])
    expect(back).toHaveLength(records.length + 1) // and the history
    const contents = (all: readonly VaultRecord[]) =>
      all.map(({ title, category, fileName, clinicalDate, mediaType, bytes }) => ({
        title,
        category,
        fileName,
        clinicalDate,
        mediaType,
        text: new TextDecoder().decode(bytes ?? undefined),
      }))
    expect(contents(back).slice(0, -1)).toEqual(contents(records))
    const history = contents(back).at(-1)?.text ?? ''
    expect(['"Consent"', '"AuditEvent"', '"Provenance"'].filter((type) => !history.includes(type))).toEqual([])
    expect(back.at(-2)?.notesTo).toEqual([{ recordId: back[0]?.recordId, relation: 'annotates' }])
    expect([...differences(JSON.parse(first), JSON.parse(second))].toSorted()).toEqual(declaredChanges())
  })
})

describe('a bundle of others', () => {
  const samples = [
    ['a made-up patient of ours', JSON.stringify(SYNTHETIC)] as const,
    ...['fhir', 'ips']
      .flatMap((folder) => sharedData(folder))
      .map(({ name, path }) => [name, readFileSync(path, 'utf8')] as const),
  ]
  test.each(samples)('%s: comes out as it went in, and what it refers to is still found', async (_, text) => {
    const original: unknown = JSON.parse(text)
    const out = await bundled(itemsIn(text).map((item) => stored(item)))
    const bundle: unknown = JSON.parse(out)
    const resources = listAt(original, 'entry').map((entry) => at(entry, 'resource'))
    const exported = listAt(bundle, 'entry')
      .slice(1)
      .flatMap((entry) =>
        textAt(entry, 'fullUrl')?.startsWith('urn:medguard:') === true ? [] : [at(entry, 'resource')],
      )
    const withoutId = (resource: unknown) => ({ ...(resource as Resource), id: undefined })
    expect(exported.map(withoutId)).toEqual(resources.map(withoutId))
    expect(resolved(bundle, exported)).toEqual(resolved(original, resources))
  })

  test('an address that an id does not tell is kept beside it', async () => {
    const bundle = {
      resourceType: 'Bundle',
      type: 'searchset',
      entry: [
        { fullUrl: 'https://hospital.example/fhir/Patient/7', resource: { resourceType: 'Patient', id: '7' } },
        {
          fullUrl: 'urn:uuid:0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9',
          resource: { resourceType: 'Condition', subject: { reference: 'https://hospital.example/fhir/Patient/7' } },
        },
        { response: { status: '200' } },
      ],
    }
    const read = importItems(JSON.stringify(bundle))
    expect(read).toMatchObject({ kind: 'items', bundleType: 'searchset', leftOut: 1 })
    const out: unknown = JSON.parse(await bundled(itemsIn(JSON.stringify(bundle)).map((item) => stored(item))))
    expect(resolver(out)('https://hospital.example/fhir/Patient/7', null)).toMatchObject({ id: '7' })
    expect(validate(out)).toEqual([])
  })

  test('two of the same id from two hospitals stand at two addresses', async () => {
    const own = (text: string) =>
      stored(file('x', 'application/fhir+json', `{"resourceType":"Patient","id":"7","name":[{"text":"${text}"}]}`))
    const out: unknown = JSON.parse(await bundled([own('Ada'), own('Bo')]))
    expect(validate(out)).toEqual([])
    expect(resolver(out)('http://medguard.invalid/fhir/Patient/7', null)).toMatchObject({ name: [{ text: 'Ada' }] })
  })

  test('a signed one stays whole beside its parts', () => {
    const text =
      '{"resourceType":"Bundle","type":"document","signature":{},"entry":[{"resource":{"resourceType":"Patient"}}]}'
    expect(itemsIn(text).map(({ resourceType, bytes }) => [resourceType, new TextDecoder().decode(bytes)])).toEqual([
      ['Patient', '{"resourceType":"Patient"}'],
      ['Bundle', text],
    ])
  })

  test('takes nothing from a forged vault but titles, kinds and files, each made fit', () => {
    const forged = {
      resourceType: 'Bundle',
      meta: { tag: [{ system: 'urn:medguard:bundle', code: 'vault' }] },
      type: 'collection',
      entry: [
        {
          fullUrl: 'urn:uuid:1',
          resource: {
            resourceType: 'DocumentReference',
            identifier: [{ system: 'urn:medguard:record', value: 'x' }],
            description: 'a\u202eb',
            content: [{ attachment: { contentType: 'text/plain', data: 'AAAA', title: '../../etc/passwd' } }],
          },
        },
        {
          fullUrl: 'urn:medguard:provenance:1',
          resource: {
            resourceType: 'Provenance',
            meta: { tag: [{ code: 'admin' }] },
            target: [{ reference: 'urn:uuid:1' }],
            occurredDateTime: '2026-02-31',
            extension: [
              { url: 'urn:medguard:file-name', valueString: '..' },
              { url: 'urn:medguard:media-type', valueString: 'application/vnd.medguard.profile+json' },
            ],
          },
        },
      ],
    }
    expect(itemsIn(JSON.stringify(forged))[0]).toMatchObject({
      title: 'a b',
      fileName: null,
      mediaType: 'application/json',
      category: 'documents',
      clinicalDate: null,
    })
  })
})

/** What each reference of a bundle means, as the text of what is found: by place of the resource, so that two bundles compare. */
function resolved(bundle: unknown, resources: readonly unknown[]): readonly (number | null)[] {
  const resolve = resolver(bundle)
  const entries = listAt(bundle, 'entry')
  return resources.flatMap((resource) => {
    const from = textAt(
      entries.find((entry) => at(entry, 'resource') === resource),
      'fullUrl',
    )
    return referencesIn(resource).map((reference) => {
      const found = resolve(reference, from)
      return found === null || !isResource(found) ? null : resources.indexOf(found)
    })
  })
}
function referencesIn(json: unknown): string[] {
  if (typeof json !== 'object' || json === null) return []
  return Object.entries(json).flatMap(([name, value]) =>
    name === 'reference' && typeof value === 'string' ? [value] : referencesIn(value),
  )
}
